/* What segjob_pico.c calls of the Pico SDK's contexts: see test_pico.c. */
#ifndef SJ_TEST_ASYNC_CONTEXT_H
#define SJ_TEST_ASYNC_CONTEXT_H

#include <stdint.h>

typedef struct async_context async_context_t;
typedef uint64_t absolute_time_t;

absolute_time_t make_timeout_time_ms(uint32_t ms);
void async_context_acquire_lock_blocking(async_context_t *context);
void async_context_release_lock(async_context_t *context);
void async_context_poll(async_context_t *context);
void async_context_wait_for_work_until(async_context_t *context,
                                       absolute_time_t until);

#endif
