#include "sj_next.h"

#include "sj_call.h"
#include "sj_http.h"
#include "sj_job.h"
#include "sj_scan.h"
#include "sj_sha256.h"

bool sj_next_is_error(const struct segjob_client *c, const char *code)
{
    return c->error.request_id.ptr != NULL && sj_is_text(c->error.code, code);
}

size_t sj_next_room(const struct segjob_client *c)
{
    return c->cap - c->tail_len;
}

uint64_t sj_next_after(const struct segjob_client *c, uint32_t n,
                       uint64_t limit)
{
    return n < limit && c->now_ms < limit - n ? c->now_ms + n : limit;
}

bool sj_next_has_deadline(const struct segjob_client *c)
{
    return c->deadline_ms != SJ_NEVER;
}

/* ------------------------------------------------------------ what next */

/* A look that told of no job has failed, for all its attempts. */
static uint32_t poll_ms(const struct segjob_client *c)
{
    return c->tokens == NULL && c->poll_ms < SEGJOB_POLL_MS ? SEGJOB_POLL_MS
                                                            : c->poll_ms;
}

void sj_next_start(struct segjob_client *c)
{
    static const struct segjob_error no_error = {0};

    c->error = no_error;
    c->tokens = NULL;
    c->kept = 0;
    c->reused = false; /* of the connection that is to come */
    c->until_ms = SJ_NEVER;
    sj_http_begin(&c->http);
    if (c->call != &sj_call_describe || c->request == NULL) {
        c->retry.attempts++; /* a look that settles is not counted */
    }
    c->want = SEGJOB_WANT_CREDENTIALS;
}

void sj_next_turn(struct segjob_client *c)
{
    switch ((enum sj_next)c->next) {
    case SJ_END:
        c->want = SEGJOB_WANT_NOTHING;
        break;
    case SJ_PAUSE:
        c->want = SEGJOB_WANT_RANDOM;
        break;
    case SJ_POLL:
        c->until_ms = sj_next_after(c, poll_ms(c), SJ_NEVER);
        c->want = SEGJOB_WANT_PAUSE;
        break;
    case SJ_START:
        sj_next_start(c);
        break;
    }
}

void sj_next_leave(struct segjob_client *c, enum sj_next next)
{
    const bool is_open =
        c->want == SEGJOB_WANT_CONNECTION || c->want == SEGJOB_WANT_SEND ||
        c->want == SEGJOB_WANT_RECEIVE || c->want == SEGJOB_WANT_CLOSE;

    if (c->want == SEGJOB_WANT_CONNECTION) {
        c->keeps = false; /* it may be a new one that is given up */
    }
    if (sj_next_room(c) > c->kept) {
        sj_wipe(c->buf + c->kept, sj_next_room(c) - c->kept);
    }
    c->next = (uint8_t)next;
    c->until_ms = SJ_NEVER;
    c->credentials = NULL;
    if (is_open && !c->keeps) {
        c->want = SEGJOB_WANT_CLOSE;
    } else {
        sj_next_turn(c);
    }
}

enum segjob_status sj_next_end(struct segjob_client *c,
                               enum segjob_status status)
{
    c->result = status;
    c->request = NULL;
    c->tail_len = 0;
    sj_next_leave(c, SJ_END);
    return status;
}

/* ----------------------------------------------------------- trying again */

void sj_next_poll(struct segjob_client *c)
{
    c->absent = sj_next_is_error(c, SJ_NOT_FOUND);
    c->retry.attempts = 0;
    c->retry.pauses = 0;
    sj_next_leave(c, SJ_POLL);
}

/* New credentials and a corrected clock are tried at once. */
static enum sj_next pause_for(struct segjob_client *c, enum sj_cause cause)
{
    c->cause = (uint8_t)cause;
    return cause >= SJ_CAUSE_EXPIRED ? SJ_START : SJ_PAUSE;
}

/* The bucket spares the service, which a source's failure does not reach. */
static bool may_retry(struct segjob_client *c, enum sj_cause cause)
{
    return c->result == SEGJOB_SOURCE || sj_retry_take(&c->retry, cause);
}

/* Whether a wait looks again later: not twice for what is not there. */
static bool can_poll(const struct segjob_client *c, enum sj_cause cause)
{
    return c->operation == SJ_WAIT && cause < SJ_CAUSE_EXPIRED &&
           !(c->absent && sj_next_is_error(c, SJ_NOT_FOUND));
}

/* Send the request at hand once more, or end with how it failed. */
static void repeat(struct segjob_client *c, enum sj_cause cause)
{
    const bool may_pass = sj_next_has_deadline(c) && cause != SJ_CAUSE_FINAL;

    if (may_pass && c->retry.attempts < SJ_RETRY_ATTEMPTS &&
        may_retry(c, cause)) {
        sj_next_leave(c, pause_for(c, cause));
    } else if (may_pass && can_poll(c, cause)) {
        sj_next_poll(c);
    } else {
        sj_next_end(c, c->result);
    }
}

static bool can_settle(const struct segjob_client *c)
{
    struct sj_writer w = {NULL, 0, 0, NULL};

    return sj_next_has_deadline(c) &&
           (c->asked.ptr != NULL ||
            sj_job_write_arn(&w, c->request->solution_version_arn,
                             c->request->job_name));
}

/*
 * Look whether there is a job now; `at_once`, or after a pause that the bucket
 * pays for. This goes on until the deadline, whatever the count of attempts.
 */
static void settle(struct segjob_client *c, enum sj_cause cause, bool at_once)
{
    c->call = &sj_call_describe;
    if (cause == SJ_CAUSE_FINAL) {
        cause = SJ_CAUSE_TRANSIENT; /* for the creation, not for the look */
    }
    if (can_settle(c) && (at_once || may_retry(c, cause))) {
        sj_next_leave(c, at_once ? SJ_START : pause_for(c, cause));
    } else {
        sj_next_end(c, c->result);
    }
}

/* Whether a kept connection had died before the request reached the service. */
static bool was_dead(const struct segjob_client *c)
{
    return c->reused && c->result == SEGJOB_CUT_OFF && c->http.head_len == 0 &&
           c->http.status == 0;
}

/* `certain`: the service said no to this request. */
static void create_failed(struct segjob_client *c, enum sj_cause cause,
                          bool certain)
{
    if (c->want == SEGJOB_WANT_SEND || c->want == SEGJOB_WANT_RECEIVE) {
        c->maybe = c->maybe || !certain;
        c->outcome = c->maybe ? SEGJOB_MAYBE : SEGJOB_REFUSED;
    }
    if (c->maybe) {
        settle(c, cause, was_dead(c) || c->exists);
    } else {
        repeat(c, cause);
    }
}

/*
 * The look at the job failed. Only a no that the service is certain of will be
 * the same next time: a redirect or a page comes from somebody in between.
 */
static void settle_failed(struct segjob_client *c, enum sj_cause cause,
                          bool certain)
{
    const bool is_absent = sj_next_is_error(c, SJ_NOT_FOUND);

    if (is_absent && !c->exists && c->retry.attempts < SJ_RETRY_ATTEMPTS) {
        c->call = &sj_call_create;
        sj_next_leave(c, SJ_START);
    } else if (cause == SJ_CAUSE_FINAL && certain && !is_absent) {
        sj_next_end(c, c->result);
    } else {
        if (is_absent) {
            c->result = SEGJOB_TIMEOUT; /* it may yet come: only time can end */
        }
        settle(c, cause, was_dead(c));
    }
}

void sj_next_failed(struct segjob_client *c, enum segjob_status status,
                    enum sj_cause cause, bool certain)
{
    c->result = status;
    if (sj_call_is_fetch(c)) {
        sj_next_end(c, status); /* who asks decides what comes next */
    } else if (c->call == &sj_call_create) {
        create_failed(c, cause, certain);
    } else if (c->request != NULL) {
        settle_failed(c, cause, certain);
    } else if (was_dead(c) && sj_next_has_deadline(c)) {
        c->retry.attempts--;
        sj_next_leave(c, SJ_START);
    } else if (c->operation == SJ_WAIT && cause == SJ_CAUSE_FINAL && !certain) {
        /* A wait outlives what somebody in between says. */
        repeat(c, SJ_CAUSE_TRANSIENT);
    } else {
        repeat(c, cause);
    }
}
