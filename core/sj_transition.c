#include "sj_transition.h"

#include "segjob_text.h"
#include "sj_check.h"
#include "sj_debug.h"
#include "sj_http.h"
#include "sj_response.h"
#include "sj_retry.h"

/* ------------------------------------------------------------------- start */

enum segjob_status sj_transition_misuse(struct segjob_client *c)
{
    c->op.out_of_turn = true;
    assert(false && "a function of segjob.h was called out of turn");
    return SEGJOB_MISUSE;
}

enum segjob_status sj_transition_begin(struct segjob_client *c,
                                       enum sj_phase phase,
                                       const struct sj_operation *operation)
{
    if (c->want != SEGJOB_WANT_NOTHING) {
        return sj_transition_misuse(c);
    }
    c->op = (struct sj_progress){0};
    c->attempt = (struct sj_attempt){0};
    c->times = (struct sj_times){0};
    c->op.operation = operation;
    c->op.phase = (uint8_t)phase;
    c->op.outcome =
        phase == SJ_CREATING ? SEGJOB_NOT_SENT : SEGJOB_NOT_APPLICABLE;
    c->times.deadline_ms = SJ_NEVER;
    return sj_check_config(&c->setup.config, phase != SJ_FETCHING,
                           &c->attempt.error)
               ? SEGJOB_OK
               : sj_transition_end(c, SEGJOB_CONFIG);
}

/* Settling is not limited to a number of attempts. */
enum segjob_status sj_transition_start(struct segjob_client *c)
{
    c->attempt = (struct sj_attempt){0};
    sj_http_begin(&c->attempt.http);
    c->times.wake_ms = SJ_NEVER;
    if (c->op.phase != SJ_SETTLING) {
        c->op.attempts++;
    }
#ifndef NDEBUG
    if (sj_transition_is_first(c)) {
        c->op.fingerprint = sj_fingerprint(c);
    }
#endif
    c->want = SEGJOB_WANT_CREDENTIALS;
    return SEGJOB_PENDING;
}

/* -------------------------------------------------------------------- step */

uint64_t sj_transition_after(const struct segjob_client *c, uint32_t ms,
                             uint64_t limit)
{
    return ms < limit && c->times.now_ms < limit - ms ? c->times.now_ms + ms
                                                      : limit;
}

/* A service that failed in all attempts of a look is not asked sooner. */
static uint32_t poll_interval_ms(const struct segjob_client *c)
{
    const uint32_t ms = c->setup.poll_interval_ms;

    return c->attempt.tokens == NULL && ms < SEGJOB_POLL_MS ? SEGJOB_POLL_MS
                                                            : ms;
}

void sj_transition_step(struct segjob_client *c)
{
    switch ((enum sj_step)c->op.step) {
    case SJ_STEP_END:
        c->want = SEGJOB_WANT_NOTHING;
        break;
    case SJ_STEP_BACKOFF:
        c->want = SEGJOB_WANT_RANDOM;
        break;
    case SJ_STEP_POLL:
        c->times.wake_ms =
            sj_transition_after(c, poll_interval_ms(c), SJ_NEVER);
        c->want = SEGJOB_WANT_PAUSE;
        break;
    case SJ_STEP_START:
        sj_transition_start(c);
        break;
    }
}

/*
 * The attempt is over: close its connection unless it is kept, and then take
 * `step`. All of the buffer is wiped but what results point into.
 */
static void leave(struct segjob_client *c, enum sj_step step)
{
    const bool is_open =
        c->want == SEGJOB_WANT_CONNECTION || c->want == SEGJOB_WANT_SEND ||
        c->want == SEGJOB_WANT_RECEIVE || c->want == SEGJOB_WANT_CLOSE;

    if (c->want == SEGJOB_WANT_CONNECTION) {
        c->session.keep_alive = false; /* it may be a new one */
    }
    if (sj_room(c) > c->attempt.result_len) {
        segjob_wipe_bytes(c->setup.buf + c->attempt.result_len,
                          sj_room(c) - c->attempt.result_len);
    }
    c->op.step = (uint8_t)step;
    c->times.wake_ms = SJ_NEVER;
    c->attempt.credentials = NULL;
    if (is_open && !c->session.keep_alive) {
        c->want = SEGJOB_WANT_CLOSE;
    } else {
        sj_transition_step(c);
    }
}

enum segjob_status sj_transition_end(struct segjob_client *c,
                                     enum segjob_status status)
{
    c->op.status = (int8_t)status;
    c->op.request = NULL;
    c->op.fetch = NULL;
    c->op.tail_len = 0;
    leave(c, SJ_STEP_END);
    return status;
}

void sj_transition_backoff(struct segjob_client *c, uint32_t random)
{
    const uint32_t backoff_ms = sj_retry_backoff_ms(
        c->op.backoffs, c->op.throttled, random, &c->attempt.http);

    c->op.backoffs = (uint8_t)(c->op.backoffs + (c->op.backoffs < UINT8_MAX));
    c->times.wake_ms = sj_transition_after(c, backoff_ms, SJ_NEVER);
    if (c->times.wake_ms >= c->times.deadline_ms) {
        sj_transition_end(
            c, (enum segjob_status)c->op.status); /* no time is left for more */
    } else {
        c->want = SEGJOB_WANT_PAUSE;
    }
}

void sj_transition_tick(struct segjob_client *c, uint64_t now_ms)
{
    c->op.out_of_turn = false;
    if (now_ms > c->times.now_ms) {
        c->times.now_ms = now_ms;
    }
    if (c->want == SEGJOB_WANT_NOTHING || c->want == SEGJOB_WANT_CLOSE) {
        return;
    }
    if (c->times.now_ms >= c->times.deadline_ms) {
        sj_transition_end(c, SEGJOB_TIMEOUT);
    } else if (c->times.now_ms >= c->times.wake_ms &&
               c->want == SEGJOB_WANT_PAUSE) {
        sj_transition_start(c);
    } else if (c->times.now_ms >= c->times.wake_ms) {
        sj_response_failed(c, SEGJOB_TIMEOUT);
        sj_transition(c);
    }
}

/* -------------------------------------------------------------- transition */

/*
 * The outcome is unknown from when a request to create leaves. A refusal of a
 * later one says nothing about an earlier one.
 */
static void note_outcome(struct segjob_client *c, enum segjob_outcome outcome)
{
    if (outcome == SEGJOB_UNKNOWN) {
        c->op.unknown_outcomes++;
    } else if (outcome == SEGJOB_CREATED ||
               (outcome == SEGJOB_REFUSED &&
                !(c->op.phase == SJ_CREATING && c->op.unknown_outcomes > 0))) {
        c->op.outcome = (uint8_t)outcome;
    }
}

/* New credentials and a corrected clock need no backoff. */
static void retry(struct segjob_client *c, enum sj_event event)
{
    sj_retry_acquire(&c->session.tokens_used, &c->op.last_cost, event);
    c->op.throttled = event == SJ_THROTTLED;
    leave(c, event == SJ_EXPIRED || event == SJ_SKEWED ? SJ_STEP_START
                                                       : SJ_STEP_BACKOFF);
}

static void poll(struct segjob_client *c, enum sj_event event)
{
    c->op.not_found_before = event == SJ_NOT_FOUND;
    c->op.attempts = 0;
    c->op.backoffs = 0;
    leave(c, SJ_STEP_POLL);
}

static void enter(struct segjob_client *c, enum sj_phase phase,
                  const struct sj_operation *operation)
{
    c->op.phase = (uint8_t)phase;
    c->op.operation = operation;
}

void sj_transition(struct segjob_client *c)
{
    const enum sj_event event = (enum sj_event)c->attempt.result.event;

    note_outcome(c, (enum segjob_outcome)c->attempt.result.outcome);
    c->op.status = c->attempt.result.status;
    switch ((int)sj_policy(c)) {
    case SJ_RETRY:
    case SJ_RETRY_OR_POLL:
        retry(c, event);
        break;
    case SJ_RESEND:
        c->op.attempts--;
        leave(c, SJ_STEP_START);
        break;
    case SJ_POLL:
        poll(c, event);
        break;
    case SJ_SHRINK:
        c->op.page_size /= 2;
        c->op.attempts = 0;
        leave(c, SJ_STEP_START);
        break;
    case SJ_SETTLE:
        enter(c, SJ_SETTLING, &sj_operation_describe);
        retry(c, event);
        break;
    case SJ_SETTLE_NOW:
        enter(c, SJ_SETTLING, &sj_operation_describe);
        leave(c, SJ_STEP_START);
        break;
    case SJ_CREATE:
        enter(c, SJ_CREATING, &sj_operation_create);
        leave(c, SJ_STEP_START);
        break;
    default:
        sj_transition_end(c, (enum segjob_status)c->op.status);
        break;
    }
}
