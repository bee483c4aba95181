/* What segjob_pico.c calls of the Pico SDK's AON timer: see test_pico.c. */
#ifndef SJ_TEST_AON_TIMER_H
#define SJ_TEST_AON_TIMER_H

#include <stdbool.h>
#include <time.h>

bool aon_timer_is_running(void);
bool aon_timer_get_time(struct timespec *time);
bool aon_timer_start(const struct timespec *time);

#endif
