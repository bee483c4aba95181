#include "sj_response.h"

#include <string.h>

#include "sj_http.h"
#include "sj_operation.h"
#include "sj_policy.h"
#include "sj_retry.h"
#include "sj_scan.h"

/* A clock that is off by less is no reason for the service to refuse. */
#define SKEW_MIN_S 240

#define NOT_FOUND "ResourceNotFoundException"
#define ALREADY_EXISTS "ResourceAlreadyExistsException"

void sj_result(struct segjob_client *c, enum segjob_status status,
               enum sj_event event, enum segjob_outcome outcome)
{
    c->attempt.result.status = (int8_t)status;
    c->attempt.result.event = (uint8_t)event;
    c->attempt.result.outcome = (uint8_t)outcome;
}

/* ---------------------------------------------------------------- failures */

/* The outcome of an attempt that got no usable response. */
static enum segjob_outcome outcome_of_failure(const struct segjob_client *c)
{
    const bool is_sent =
        c->want == SEGJOB_WANT_SEND || c->want == SEGJOB_WANT_RECEIVE;

    return c->op.phase != SJ_CREATING ? SEGJOB_NOT_APPLICABLE
           : is_sent                  ? SEGJOB_UNKNOWN
                                      : SEGJOB_NOT_SENT;
}

/* Whether a kept connection was dead before the request reached the service. */
static bool is_stale(const struct segjob_client *c, enum segjob_status why)
{
    return c->attempt.connection_reused && why == SEGJOB_CONNECTION_CLOSED &&
           c->attempt.http.head_len == 0 && c->attempt.http.status == 0;
}

/* A connection, a request on it, and credentials can be tried again. */
static enum sj_event event_of_failure(const struct segjob_client *c,
                                      enum segjob_status why)
{
    const bool may_retry = c->want == SEGJOB_WANT_CREDENTIALS ||
                           c->want == SEGJOB_WANT_CONNECTION ||
                           c->want == SEGJOB_WANT_SEND ||
                           c->want == SEGJOB_WANT_RECEIVE;

    if (!may_retry) {
        return SJ_ABORTED;
    }
    switch ((int)why) {
    case SEGJOB_RESOLVE:
    case SEGJOB_CONNECT:
    case SEGJOB_TLS:
    case SEGJOB_TIMEOUT:
        return SJ_TRANSIENT;
    case SEGJOB_CONNECTION_CLOSED:
        return is_stale(c, why) ? SJ_STALE : SJ_TRANSIENT;
    case SEGJOB_CREDENTIALS_UNAVAILABLE:
        return SJ_NO_CREDENTIALS;
    default:
        return SJ_ABORTED;
    }
}

void sj_response_failed(struct segjob_client *c, enum segjob_status why)
{
    sj_result(c, why < 0 ? why : SEGJOB_MISUSE, event_of_failure(c, why),
              outcome_of_failure(c));
}

void sj_response_invalid(struct segjob_client *c)
{
    c->attempt.tokens = NULL;
    c->attempt.result_len = 0;
    sj_result(c, SEGJOB_PROTOCOL, SJ_TRANSIENT, outcome_of_failure(c));
}

/* An estimate: a value has about as many bytes as its token. */
void sj_response_too_large(struct segjob_client *c)
{
    size_t len = c->attempt.http.content_length;

    if (len < c->setup.cap || len > SIZE_MAX / 2) {
        len = c->setup.cap;
    }
    c->attempt.error.size_needed = 2 * len;
    c->attempt.result_len = 0;
    sj_result(c, SEGJOB_NO_SPACE, SJ_TOO_LARGE, outcome_of_failure(c));
}

/* ------------------------------------------------------------------ errors */

void sj_response_read_error(struct segjob_client *c, struct segjob_str secret)
{
    struct segjob_error *e = &c->attempt.error;
    char *buf = c->setup.buf;

    e->code = sj_error_bare_code(sj_http_error_type(&c->attempt.http));
    sj_error_read(buf, c->attempt.body_len, sj_room(c), e);
    sj_response_keep_error(c, secret);
}

/*
 * Whether the last response was this error of the service itself: without a
 * request id it is a proxy's.
 */
static bool is_error(const struct segjob_error *e, const char *code)
{
    return e->request_id.ptr != NULL && sj_is_text(e->code, code);
}

/* Whether the clock was wrong: then it is corrected from now on. */
static bool learn_clock_skew(struct segjob_client *c)
{
    int64_t *skew = &c->session.clock_skew_s;
    int64_t now;

    if (!sj_retry_clock_skew(&c->attempt.http, c->attempt.sent_s,
                             c->times.now_ms - c->attempt.sent_ms, &now) ||
        (now - *skew < SKEW_MIN_S && *skew - now < SKEW_MIN_S)) {
        return false;
    }
    *skew = now;
    return true;
}

/* Whether new credentials may help: they are wanted once. */
static bool learn_expiry(struct segjob_client *c)
{
    c->op.refresh_needed = !c->op.refresh_attempted;
    c->op.refresh_attempted = true;
    return c->op.refresh_needed;
}

static enum sj_event classify(struct segjob_client *c)
{
    const enum sj_event event =
        sj_retry_classify(c->attempt.error.http_status, c->attempt.error.code);

    if ((event == SJ_SKEWED && !learn_clock_skew(c)) ||
        (event == SJ_EXPIRED && !learn_expiry(c))) {
        return SJ_FINAL;
    }
    return event;
}

/*
 * Whether the service itself refused. A proxy's error has no request id, and a
 * transient code says that the service gave no response.
 */
static bool is_definitive(const struct segjob_error *e, enum sj_event event)
{
    return e->code.ptr != NULL && e->request_id.ptr != NULL &&
           e->http_status < 500 && event != SJ_TRANSIENT;
}

/* An error of a request to create. */
static void result_of_create(struct segjob_client *c, enum sj_event event,
                             bool definitive)
{
    if (is_error(&c->attempt.error, ALREADY_EXISTS) &&
        (c->op.creations > 1 || c->op.is_ensure)) {
        c->op.name_taken = true; /* and whose job it is, is to be seen */
        sj_result(c, SEGJOB_SERVICE, SJ_NAME_TAKEN, SEGJOB_UNKNOWN);
        return;
    }
    sj_result(c, SEGJOB_SERVICE, event,
              definitive ? SEGJOB_REFUSED : SEGJOB_UNKNOWN);
}

/* An error of any other request. A job that is not found may yet be created. */
static void result_of_read(struct segjob_client *c, enum sj_event event)
{
    enum segjob_status status = SEGJOB_SERVICE;

    if (c->op.phase != SJ_READING && is_error(&c->attempt.error, NOT_FOUND)) {
        event = SJ_NOT_FOUND;
        if (c->op.phase == SJ_SETTLING) {
            status = SEGJOB_TIMEOUT;
        }
    }
    sj_result(c, status, event, SEGJOB_NOT_APPLICABLE);
}

static void read_error(struct segjob_client *c)
{
    enum sj_event event;
    bool definitive;

    sj_response_read_error(c, c->attempt.credentials->session_token);
    event = classify(c);
    definitive = is_definitive(&c->attempt.error, event);
    if (event == SJ_FINAL && !definitive) {
        event = SJ_UNCONFIRMED;
    }
    if (c->op.phase == SJ_CREATING) {
        result_of_create(c, event, definitive);
    } else {
        result_of_read(c, event);
    }
}

/* ---------------------------------------------------------------- response */

void sj_response_read(struct segjob_client *c)
{
    const int status = c->attempt.error.http_status;

    if (c->op.phase == SJ_FETCHING) {
        c->op.operation->read(c);
        return;
    }
    if (status == 200) {
        sj_retry_release(&c->session.tokens_used, &c->op.last_cost);
        c->op.operation->read(c);
        return;
    }
    if (status >= 300 && status <= 399) {
        sj_result(c, SEGJOB_REDIRECT, SJ_UNCONFIRMED, outcome_of_failure(c));
        return;
    }
    if (status >= 400 && status <= 599) {
        read_error(c);
        return;
    }
    sj_response_invalid(c);
}
