/*
 * Carries out what sj_policy.h decides: the only file that starts operations
 * and attempts, changes phases and ends operations.
 */
#ifndef SJ_TRANSITION_H
#define SJ_TRANSITION_H

#include "segjob.h"
#include "sj_operation.h"
#include "sj_policy.h"
#include "sj_result.h"

/* What follows an attempt once its connection is closed or kept. */
enum sj_step {
    SJ_STEP_END,
    SJ_STEP_BACKOFF,
    SJ_STEP_POLL,
    SJ_STEP_START
};

/*
 * Prepare to start an operation: forget the last one, and check the
 * configuration. Returns SEGJOB_OK; or SEGJOB_MISUSE, with an operation in
 * progress; or SEGJOB_CONFIG, which ends the new one.
 */
SEGJOB_MUST_CHECK
enum segjob_status sj_transition_begin(struct segjob_client *c,
                                       enum sj_phase phase,
                                       const struct sj_operation *operation);

/* Start an attempt. Returns SEGJOB_PENDING. */
enum segjob_status sj_transition_start(struct segjob_client *c);

/* Whether no attempt of the operation has ended: each leaves a status. */
static inline bool sj_transition_is_first(const struct segjob_client *c)
{
    return c->op.status == SEGJOB_OK;
}

/* Do what follows the attempt, whose result is set. */
void sj_transition(struct segjob_client *c);

/* End the operation with `status`, which is returned. */
enum segjob_status sj_transition_end(struct segjob_client *c,
                                     enum segjob_status status);

/* The connection is closed or kept: take the next step. */
void sj_transition_step(struct segjob_client *c);

/* Time has passed: see segjob_tick(). */
void sj_transition_tick(struct segjob_client *c, uint64_t now_ms);

/* Back off, by this random number. */
void sj_transition_backoff(struct segjob_client *c, uint32_t random);

/* The client was called out of turn. Returns SEGJOB_MISUSE. */
enum segjob_status sj_transition_misuse(struct segjob_client *c);

/* `ms` after now, or `limit` if that is sooner. */
uint64_t sj_transition_after(const struct segjob_client *c, uint32_t ms,
                             uint64_t limit);

#endif
