#include "segjob.h"

#include <string.h>

#include "segjob_text.h"
#include "sj_attempt.h"
#include "sj_check.h"
#include "sj_debug.h"
#include "sj_head.h"
#include "sj_operation.h"
#include "sj_response.h"
#include "sj_retry.h"
#include "sj_transition.h"

/* ------------------------------------------------------------------- start */

enum segjob_status segjob_init(struct segjob_client *c,
                               const struct segjob_config *config, void *buf,
                               size_t cap)
{
    memset(c, 0, sizeof(*c));
    c->setup.buf = buf;
    c->setup.cap = cap;
    c->setup.config = *config;
    if (config->max_attempts == 0) {
        c->setup.config.max_attempts = SJ_RETRY_ATTEMPTS;
    }
    c->setup.poll_interval_ms = SEGJOB_POLL_MS;
    c->op.status = SEGJOB_MISUSE; /* no operation was started yet */
    if (!sj_check_config(config, config->region.ptr != NULL,
                         &c->attempt.error)) {
        c->op.status = SEGJOB_CONFIG;
        return SEGJOB_CONFIG;
    }
    return SEGJOB_OK;
}

static enum segjob_status create(struct segjob_client *c,
                                 const struct segjob_create_request *request,
                                 bool is_ensure)
{
    const enum segjob_status status =
        sj_transition_begin(c, SJ_CREATING, &sj_operation_create);

    if (status != SEGJOB_OK) {
        return status;
    }
    c->op.is_ensure = is_ensure;
    if (!sj_check_request(request, &c->attempt.error) ||
        (is_ensure && !sj_check_derivable(request, &c->attempt.error))) {
        return sj_transition_end(c, SEGJOB_INVALID);
    }
    c->op.request = request;
    return sj_transition_start(c);
}

enum segjob_status segjob_create(struct segjob_client *c,
                                 const struct segjob_create_request *request)
{
    return create(c, request, false);
}

enum segjob_status segjob_ensure(struct segjob_client *c,
                                 const struct segjob_create_request *request)
{
    return create(c, request, true);
}

static enum segjob_status describe(struct segjob_client *c,
                                   struct segjob_str arn, enum sj_phase phase)
{
    const enum segjob_status status =
        sj_transition_begin(c, phase, &sj_operation_describe);

    if (status != SEGJOB_OK) {
        return status;
    }
    if (!sj_check_arn(arn, SEGJOB_FIELD_JOB_ARN, &c->attempt.error)) {
        return sj_transition_end(c, SEGJOB_INVALID);
    }
    c->op.target_arn = arn;
    return sj_transition_start(c);
}

enum segjob_status segjob_describe(struct segjob_client *c,
                                   struct segjob_str batch_segment_job_arn)
{
    return describe(c, batch_segment_job_arn, SJ_READING);
}

enum segjob_status segjob_wait(struct segjob_client *c,
                               struct segjob_str batch_segment_job_arn)
{
    return describe(c, batch_segment_job_arn, SJ_WAITING);
}

enum segjob_status segjob_set_deadline(struct segjob_client *c,
                                       uint64_t deadline_ms)
{
    if (c->want != SEGJOB_WANT_CREDENTIALS || !sj_transition_is_first(c)) {
        return sj_transition_misuse(c);
    }
    c->times.deadline_ms = deadline_ms;
    return SEGJOB_OK;
}

void segjob_set_poll_interval(struct segjob_client *c, uint32_t ms)
{
    c->setup.poll_interval_ms =
        ms > SEGJOB_POLL_MIN_MS ? ms : SEGJOB_POLL_MIN_MS;
}

/* ------------------------------------------------------------------- drive */

void segjob_tick(struct segjob_client *c, uint64_t now_ms)
{
    sj_transition_tick(c, now_ms);
}

uint64_t segjob_wake_ms(const struct segjob_client *c)
{
    if (c->want == SEGJOB_WANT_NOTHING || c->want == SEGJOB_WANT_CLOSE) {
        return SJ_NEVER;
    }
    return c->times.wake_ms < c->times.deadline_ms ? c->times.wake_ms
                                                   : c->times.deadline_ms;
}

void segjob_set_random(struct segjob_client *c, uint32_t random)
{
    if (c->want == SEGJOB_WANT_RANDOM) {
        sj_transition_backoff(c, random);
    }
}

enum segjob_status segjob_set_credentials(
    struct segjob_client *c, const struct segjob_credentials *credentials)
{
    if (c->want != SEGJOB_WANT_CREDENTIALS) {
        return sj_transition_misuse(c);
    }
    if (!sj_check_credentials(credentials, &c->attempt.error)) {
        return sj_transition_end(c, SEGJOB_CONFIG);
    }
    c->attempt.credentials = credentials;
    c->op.refresh_needed = false;
    return sj_attempt_prepare(c);
}

bool segjob_refresh_needed(const struct segjob_client *c)
{
    return c->op.refresh_needed;
}

/* The clock may show any time: unsigned arithmetic has no overflow. */
int64_t segjob_service_time(const struct segjob_client *c, int64_t unix_time)
{
    return (int64_t)((uint64_t)unix_time + (uint64_t)c->session.clock_skew_s);
}

const char *segjob_host(const struct segjob_client *c)
{
    return c->want == SEGJOB_WANT_CONNECTION ? c->setup.buf : "";
}

uint16_t segjob_tcp_port(const struct segjob_client *c)
{
    return c->setup.config.port != 0 ? c->setup.config.port
                                     : sj_head_default_port(&c->setup.config);
}

bool segjob_is_plain(const struct segjob_client *c)
{
    return c->setup.config.plain;
}

static bool has_result(const struct segjob_client *c)
{
    return c->want == SEGJOB_WANT_NOTHING ||
           (c->want == SEGJOB_WANT_CLOSE && c->op.step == SJ_STEP_END);
}

void segjob_failed(struct segjob_client *c, enum segjob_status why)
{
    if (!has_result(c)) {
        sj_response_failed(c, why);
        sj_transition(c);
    }
}

void segjob_cancel(struct segjob_client *c)
{
    segjob_failed(c, SEGJOB_CANCELLED);
}

void segjob_closed(struct segjob_client *c)
{
    if (c->want == SEGJOB_WANT_CONNECTION || c->want == SEGJOB_WANT_SEND ||
        c->want == SEGJOB_WANT_RECEIVE) {
        segjob_failed(c, SEGJOB_CONNECTION_CLOSED);
    }
    c->session.keep_alive = false;
    if (c->want == SEGJOB_WANT_CLOSE) {
        sj_transition_step(c);
    }
}

void segjob_wipe(struct segjob_client *c)
{
    segjob_wipe_bytes(c->setup.buf, c->setup.cap);
    segjob_wipe_bytes(c, sizeof(*c));
}

/* ----------------------------------------------------------------- results */

enum segjob_want segjob_get_want(const struct segjob_client *c)
{
    assert(sj_is_sound(c));
    return c->want;
}

bool segjob_keep_alive(const struct segjob_client *c)
{
    return c->session.keep_alive;
}

enum segjob_status segjob_get_status(const struct segjob_client *c)
{
    return c->want == SEGJOB_WANT_NOTHING ? (enum segjob_status)c->op.status
                                          : SEGJOB_PENDING;
}

enum segjob_outcome segjob_get_outcome(const struct segjob_client *c)
{
    return (enum segjob_outcome)c->op.outcome;
}

const struct segjob_error *segjob_get_error(const struct segjob_client *c)
{
    return &c->attempt.error;
}

struct segjob_str segjob_batch_segment_job_arn(const struct segjob_client *c)
{
    return c->op.arn;
}

bool segjob_get_job(const struct segjob_client *c, struct segjob_job *job)
{
    const bool is_job = sj_operation_job(c, job) && !sj_is_list(c);

    if (!is_job) {
        memset(job, 0, sizeof(*job));
    }
    return is_job;
}
