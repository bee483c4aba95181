#include "sj_verdict.h"

#include <string.h>

#include "sj_answer.h"
#include "sj_call.h"
#include "sj_http.h"
#include "sj_next.h"
#include "sj_retry.h"

/* What is off by less is no reason for a service to refuse. */
#define SKEW_MIN 240

/* Twice what came is a guess: a value has about as many bytes as its token. */
void sj_verdict_too_long(struct segjob_client *c)
{
    const size_t len = c->http.content_length;

    c->error.size_needed = 2 * c->cap;
    if (len > c->cap && len < SIZE_MAX / 2) {
        c->error.size_needed = len * 2;
    }
    c->kept = 0;
    sj_next_end(c, SEGJOB_NO_SPACE);
}

/* Keep the code where the header's stood: the buffer will be rewritten. */
static void keep_code(struct segjob_client *c)
{
    struct segjob_str *code = &c->error.code;

    if (code->ptr == NULL) {
        return;
    }
    if (code->len > SJ_HTTP_ID_CAP) {
        code->len = SJ_HTTP_ID_CAP;
    }
    memmove(c->http.error, code->ptr, code->len);
    code->ptr = c->http.error;
}

void sj_verdict_read_error(struct segjob_client *c, struct segjob_str secret)
{
    struct segjob_error *e = &c->error;

    e->code = sj_answer_bare_code(sj_http_error_type(&c->http));
    sj_answer_error(c->buf, c->body_len, sj_next_room(c), e);
    keep_code(c);
    if (e->message.ptr != NULL) {
        e->message = sj_answer_clean(c->buf, e->message, c->request, secret);
        c->kept = e->message.len;
    }
}

/* Whether the clock was to blame: then it is corrected from now on. */
static bool learn_skew(struct segjob_client *c)
{
    int64_t ahead;

    if (!sj_retry_skew(&c->http, c->sent_at, c->now_ms - c->sent_ms, &ahead) ||
        (ahead - c->ahead < SKEW_MIN && c->ahead - ahead < SKEW_MIN)) {
        return false;
    }
    c->ahead = ahead;
    return true;
}

static enum sj_cause cause_of_error(struct segjob_client *c)
{
    const enum sj_cause cause =
        sj_retry_cause(c->error.http_status, c->error.code);

    if (cause == SJ_CAUSE_SKEW && !learn_skew(c)) {
        return SJ_CAUSE_FINAL;
    }
    if (cause == SJ_CAUSE_EXPIRED) {
        const bool again = !c->renewed;

        c->renewed = true;
        c->expired = again;
        return again ? cause : SJ_CAUSE_FINAL;
    }
    return cause;
}

/*
 * Whether the service itself said no. A gateway's error has no request id, and
 * a transient code says that the service gave no answer.
 */
static bool is_certain(const struct segjob_error *e, enum sj_cause cause)
{
    return e->code.ptr != NULL && e->request_id.ptr != NULL &&
           e->http_status < 500 && cause != SJ_CAUSE_TRANSIENT;
}

static void read_error(struct segjob_client *c)
{
    enum sj_cause cause;
    bool certain;

    sj_verdict_read_error(c, c->credentials->session_token);
    cause = cause_of_error(c);
    certain = is_certain(&c->error, cause);
    if (c->call == &sj_call_create && sj_next_is_error(c, SJ_ALREADY_EXISTS) &&
        (c->creations > 1 || c->operation == SJ_ENSURE)) {
        c->exists = true;
        certain = false; /* before it is known whose job it is */
    }
    if (c->operation == SJ_WAIT && sj_next_is_error(c, SJ_NOT_FOUND)) {
        cause = SJ_CAUSE_TRANSIENT; /* it may have been made just now */
    }
    sj_next_failed(c, SEGJOB_SERVICE, cause, certain);
}

void sj_verdict(struct segjob_client *c)
{
    const int status = c->error.http_status;

    if (sj_call_is_fetch(c)) {
        c->call->read(c);
    } else if (status == 200) {
        sj_retry_give(&c->retry);
        c->call->read(c);
    } else if (status >= 300 && status <= 399) {
        sj_next_failed(c, SEGJOB_REDIRECT, SJ_CAUSE_FINAL, false);
    } else if (status >= 400 && status <= 599) {
        read_error(c);
    } else {
        sj_next_failed(c, SEGJOB_PROTOCOL, SJ_CAUSE_TRANSIENT, false);
    }
}
