/*
 * The rules of tests/simulation/observer.c, and what the truth, which is known
 * exactly here, allows the operation to report.
 */
#include "world.h"

#include "segjob_list.h"
#include "sj_debug.h"

static struct world *const w = &state.world;
static struct observer *const o = &state.world.seen;

void rules_begin(void)
{
    observer_attempt(o, uptime(), segjob_refresh_needed(&state.client));
    w->x = (struct exchange){0};
}

void rules_request(const struct request *r)
{
    const char *token = o->refreshes > 0 ? TOKEN_1 : TOKEN_0;
    const int64_t skew = o->session.skew;

    RULE(same_text(r->token, segjob_cstr(token)), "other credentials");
    observer_request(o, r, ARN);
    if (o->session.skew != skew && o->left > o->creating) {
        w->clocks_err = true;
    }
}

/* -------------------------------------------------------------------- ends */

static void check_outcome(void)
{
    const enum segjob_outcome outcome = segjob_get_outcome(&state.client);

    RULE(outcome != SEGJOB_UNKNOWN || !is_cause(&o->last, GOOD) ||
             w->clocks_err || (reactions[w->x.reaction].how & NO_TIME) != 0,
         "whose job it is should be known");
    RULE(outcome != SEGJOB_REFUSED || w->owner != NOBODY || w->flying != OURS,
         "refused, but the job may yet be created");
    RULE(outcome != SEGJOB_CREATED || w->owner == OURS || o->kind == ENSURING,
         "another job is reported");
    RULE(segjob_get_status(&state.client) != SEGJOB_CONFLICT ||
             segjob_get_error(&state.client)->field == SEGJOB_FIELD_ROLE_ARN,
         "a conflict in a member that agrees");
}

/* A job that was described, waited for or listed. */
static void check_job(void)
{
    struct segjob_job job = {.job_name = {NULL, 0}};

    RULE(!lists(o) || !segjob_get_job(&state.client, &job),
         "a list describes a job");
    RULE(lists(o) ? segjob_next_job(&state.client, &job)
                  : segjob_get_job(&state.client, &job),
         "there is no job");
    RULE(same_text(job.batch_segment_job_arn, SEGJOB_STR(ARN)) &&
             same_text(job.job_name, SEGJOB_STR(NAME)),
         "another job is reported");
    RULE(o->kind != WAITING || w->is_done, "a wait ends before the job does");
    RULE(!lists(o) || (!segjob_next_job(&state.client, &job) &&
                       !segjob_has_more(&state.client)),
         "more is listed than is there");
}

static void operation_ends(const struct step *s)
{
    w->ended = true;
    RULE(!w->is_open || segjob_keep_alive(&state.client),
         "a connection is left open");
    observer_end(o, s, (enum owner)w->owner, job_arn());
    if (creates(o)) {
        check_outcome();
    } else if (segjob_get_status(&state.client) == SEGJOB_OK) {
        check_job();
    }
}

/* ------------------------------------------------------------------- steps */

static void check_secrets(enum segjob_want want)
{
    const bool in_use = want == SEGJOB_WANT_CONNECTION ||
                        want == SEGJOB_WANT_SEND || want == SEGJOB_WANT_RECEIVE;

    RULE(in_use || memchr(state.buf, MARK, CAP) == NULL,
         "a secret is not wiped");
}

void rules_step(enum segjob_want before)
{
    const enum segjob_want want = segjob_get_want(&state.client);
    const struct step step = {.client = &state.client,
                              .before = before,
                              .now = uptime(),
                              .wake = segjob_wake_ms(&state.client),
                              .random = RANDOM};

    check_secrets(want);
    observer_step(o, &step);
    if (want == SEGJOB_WANT_CREDENTIALS && !o->trying) {
        rules_begin();
    }
    if (want == SEGJOB_WANT_NOTHING && !w->ended) {
        operation_ends(&step);
    }
    RULE(sj_is_sound(&state.client), "the client is not sound");
}
