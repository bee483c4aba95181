#include "sj_policy.h"

#include <assert.h>

#include "sj_job.h"
#include "sj_retry.h"

/*
 * What follows each event in each phase. UNKNOWN is the phase SJ_CREATING once
 * a request to create may have worked: the job is then looked at before
 * anything else is tried. SJ_FETCHING ends by every event. NONE: in that phase
 * the event cannot happen.
 *
 * core/README.md has this table as a picture; README.md says what it promises.
 */
#define UNKNOWN SJ_PHASES
#define ROW(event, creating, unknown, settling, reading, waiting) \
    [SJ_##event] = {[SJ_CREATING] = SJ_##creating,                \
                    [UNKNOWN] = SJ_##unknown,                     \
                    [SJ_SETTLING] = SJ_##settling,                \
                    [SJ_READING] = SJ_##reading,                  \
                    [SJ_WAITING] = SJ_##waiting}

/* clang-format off */
static const uint8_t actions[SJ_EVENTS][SJ_PHASES + 1] = {
    /*  event           create  unknown     settle      read    wait */
    ROW(FINAL,          END,    SETTLE,     END,        END,    END),
    ROW(TRANSIENT,      RETRY,  SETTLE,     SETTLE,     RETRY,  RETRY_OR_POLL),
    ROW(THROTTLED,      RETRY,  SETTLE,     SETTLE,     RETRY,  RETRY_OR_POLL),
    ROW(EXPIRED,        RETRY,  SETTLE,     SETTLE,     RETRY,  RETRY),
    ROW(SKEWED,         RETRY,  SETTLE,     SETTLE,     RETRY,  RETRY),
    ROW(NO_CREDENTIALS, RETRY,  SETTLE,     SETTLE,     RETRY,  RETRY_OR_POLL),
    ROW(UNCONFIRMED,    NONE,   SETTLE,     SETTLE,     END,    RETRY_OR_POLL),
    ROW(STALE,          NONE,   SETTLE_NOW, SETTLE_NOW, RESEND, RESEND),
    ROW(NAME_TAKEN,     NONE,   SETTLE_NOW, NONE,       NONE,   NONE),
    ROW(NOT_FOUND,      NONE,   NONE,       CREATE,     NONE,   RETRY_OR_POLL),
    ROW(RUNNING,        NONE,   NONE,       NONE,       NONE,   POLL),
    ROW(TOO_LARGE,      NONE,   NONE,       END,        SHRINK, END),
    ROW(DONE,           END,    END,        END,        END,    END),
    ROW(ABORTED,        END,    END,        END,        END,    END),
};
/* clang-format on */

/* What is done instead of an action that is not possible. */
static const uint8_t instead[SJ_ACTIONS] = {
    [SJ_RETRY] = SJ_END,      [SJ_RETRY_OR_POLL] = SJ_POLL,
    [SJ_RESEND] = SJ_END,     [SJ_POLL] = SJ_END,
    [SJ_SHRINK] = SJ_END,     [SJ_SETTLE] = SJ_END,
    [SJ_SETTLE_NOW] = SJ_END, [SJ_CREATE] = SJ_SETTLE,
};

bool sj_policy_has_deadline(const struct segjob_client *c)
{
    return c->times.deadline_ms != SJ_NEVER;
}

static bool has_attempts(const struct segjob_client *c)
{
    return c->op.attempts < c->setup.config.max_attempts;
}

/* Whether the ARN of the job is known that may have been created. */
static bool can_settle(const struct segjob_client *c)
{
    struct sj_writer w = {NULL, 0, 0, NULL};

    return c->op.target_arn.ptr != NULL ||
           sj_job_write_arn(&w, c->op.request->solution_version_arn,
                            c->op.request->job_name);
}

static bool is_possible(const struct segjob_client *c, enum sj_action action,
                        enum sj_event event)
{
    if (!sj_policy_has_deadline(c)) { /* one request, and those of a wait */
        return action == SJ_END || event == SJ_RUNNING;
    }
    switch ((int)action) {
    case SJ_RETRY:
    case SJ_RETRY_OR_POLL:
        return has_attempts(c) &&
               sj_retry_has_tokens(c->session.tokens_used, event);
    case SJ_POLL: /* a job missing in two looks running does not exist */
        return event != SJ_NOT_FOUND || !c->op.not_found_before;
    case SJ_SHRINK:
        return c->op.page_size > 1;
    case SJ_SETTLE:
        return can_settle(c) &&
               sj_retry_has_tokens(c->session.tokens_used, event);
    case SJ_SETTLE_NOW:
        return can_settle(c);
    case SJ_CREATE:
        return has_attempts(c) && !c->op.name_taken;
    default:
        return true;
    }
}

enum sj_action sj_policy(const struct segjob_client *c)
{
    const bool is_unknown =
        c->op.phase == SJ_CREATING && c->op.unknown_outcomes > 0;
    const enum sj_event event = (enum sj_event)c->attempt.result.event;
    uint8_t action = actions[event][is_unknown ? UNKNOWN : c->op.phase];

    assert(action != SJ_NONE);
    while (!is_possible(c, (enum sj_action)action, event)) {
        action = instead[action];
    }
    return (enum sj_action)action;
}
