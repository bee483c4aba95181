#include "sj_attempt.h"

#include <string.h>

#include "segjob_text.h"
#include "sj_debug.h"
#include "sj_head.h"
#include "sj_http.h"
#include "sj_operation.h"
#include "sj_response.h"
#include "sj_time.h"
#include "sj_transition.h"

/* AWS SDKs' limits on connecting, and on a response. */
#define CONNECT_MS 5000u
#define RESPONSE_MS 15000u

/* Bytes of a job's description with its tokens, beyond the request's body. */
#define DESCRIBED_JOB 1536u

/* ---------------------------------------------------------------- prepare */

/* Whether this request may have to be settled. */
static bool may_settle(const struct segjob_client *c)
{
    return c->op.phase == SJ_CREATING && sj_policy_has_deadline(c);
}

/* Want `want` for at most `ms`, within the attempt's share of the time. */
static void want_within(struct segjob_client *c, enum segjob_want want,
                        uint32_t ms)
{
    c->times.wake_ms =
        sj_transition_after(c, ms, c->attempt.attempt_deadline_ms);
    c->want = want;
}

/* Write the head, signed for `date`; with `date` NULL only measure it. */
static bool write_head(struct segjob_client *c, struct sj_writer *w,
                       const char *date)
{
    struct sj_sigv4 s;

    if (c->op.phase == SJ_FETCHING) {
        c->op.operation->write(w, c);
        return true;
    }
    s.credentials = *c->attempt.credentials;
    s.target = c->op.operation->target;
    s.date.ptr = date;
    s.date.len = SJ_TIME_LEN;
    s.body.ptr = c->setup.buf + c->attempt.head_len;
    s.body.len = c->attempt.body_len;
    return sj_head_write(w, &c->setup.config, &s,
                         date != NULL ? &c->session.key : NULL);
}

/*
 * Write the body, and measure the head. Returns the bytes of buffer that the
 * request and then its response need. If the buffer has them, the body is where
 * it will be sent from: after space for the head.
 */
static size_t write_unsigned(struct segjob_client *c)
{
    struct sj_attempt *a = &c->attempt;
    struct sj_writer body = {c->setup.buf, sj_room(c), 0, NULL};
    struct sj_writer head = {NULL, 0, 0, NULL};
    size_t response = SEGJOB_RESPONSE_MIN;
    size_t all;

    if (c->op.phase != SJ_FETCHING) {
        c->op.operation->write(&body, c);
    }
    a->head_len = 0;
    a->body_len = body.len;
    (void)write_head(c, &head, NULL); /* nothing is hashed that could fail */
    a->head_len = head.len;
    if (may_settle(c)) {
        response = a->body_len + DESCRIBED_JOB;
    }
    all = a->head_len + a->body_len;
    if (all <= sj_room(c)) {
        memmove(c->setup.buf + a->head_len, c->setup.buf, a->body_len);
    }
    return all < response ? response : all;
}

enum segjob_status sj_attempt_prepare(struct segjob_client *c)
{
    struct sj_writer w = {c->setup.buf, c->setup.cap, 0, NULL};
    const size_t needed = write_unsigned(c);

    assert(sj_fingerprint(c) == c->op.fingerprint); /* see segjob_create() */
    if (needed > sj_room(c)) {
        c->attempt.error.size_needed = needed + c->op.tail_len;
        return sj_transition_end(c, SEGJOB_NO_SPACE);
    }
    sj_head_write_host(&w, &c->setup.config); /* until it is connected */
    sj_write_char(&w, '\0');
    c->attempt.attempt_deadline_ms = c->times.deadline_ms;
    if (may_settle(c)) { /* the other half is for settling */
        c->attempt.attempt_deadline_ms -=
            (c->times.deadline_ms - c->times.now_ms) / 2;
    }
    want_within(c, SEGJOB_WANT_CONNECTION, CONNECT_MS);
    return SEGJOB_PENDING;
}

/* -------------------------------------------------------------------- send */

/* The date to sign: the device's time plus skew, if that is a date at all. */
static bool write_date(struct segjob_client *c, int64_t unix_time, char *date)
{
    int64_t *skew = &c->session.clock_skew_s;
    bool good = sj_time_format(unix_time, date);

    if (good && *skew != 0 && !sj_time_format(unix_time + *skew, date)) {
        *skew = 0; /* the clock was set since */
        good = sj_time_format(unix_time, date);
    }
    return good;
}

/* Note that the request leaves now. */
static void note_leaving(struct segjob_client *c, int64_t unix_time)
{
    c->attempt.sent_ms = c->times.now_ms;
    c->attempt.sent_s = unix_time;
    c->attempt.sent = 0;
    if (c->op.phase == SJ_CREATING) {
        if (c->op.unknown_outcomes < SJ_DATES) {
            c->times.dates[c->op.unknown_outcomes] = (struct sj_date){
                unix_time + c->session.clock_skew_s, c->times.now_ms};
        }
        c->op.creations++;
        c->op.outcome = SEGJOB_UNKNOWN;
    }
    want_within(c, SEGJOB_WANT_SEND, RESPONSE_MS);
}

/* Write the head before the body. Returns SEGJOB_OK or the error. */
static enum segjob_status write_signed(struct segjob_client *c,
                                       int64_t unix_time)
{
    char date[SJ_TIME_LEN] = "";
    struct sj_writer w = {c->setup.buf, c->attempt.head_len, 0, NULL};

    assert(sj_fingerprint(c) == c->op.fingerprint);
    if (c->op.phase != SJ_FETCHING && !write_date(c, unix_time, date)) {
        return SEGJOB_CLOCK;
    }
    if (!write_head(c, &w, date)) {
        return SEGJOB_CRYPTO;
    }
    assert(w.len == c->attempt.head_len); /* else credentials have changed */
    return w.len == c->attempt.head_len ? SEGJOB_OK : SEGJOB_MISUSE;
}

enum segjob_status segjob_connected(struct segjob_client *c, int64_t unix_time)
{
    enum segjob_status status;

    if (c->want != SEGJOB_WANT_CONNECTION) {
        return sj_transition_misuse(c);
    }
    c->attempt.connection_reused = c->session.keep_alive;
    c->session.keep_alive = false;
    status = write_signed(c, unix_time);
    if (status != SEGJOB_OK) {
        return sj_transition_end(c, status);
    }
    note_leaving(c, unix_time);
    return SEGJOB_PENDING;
}

struct segjob_str segjob_tx(const struct segjob_client *c)
{
    const struct sj_attempt *a = &c->attempt;
    struct segjob_str left = {NULL, 0};

    if (c->want == SEGJOB_WANT_SEND) {
        left.ptr = c->setup.buf + a->sent;
        left.len = a->head_len + a->body_len - a->sent;
    }
    return left;
}

enum segjob_status segjob_sent(struct segjob_client *c, size_t n)
{
    if (c->want != SEGJOB_WANT_SEND || n > segjob_tx(c).len) {
        return sj_transition_misuse(c);
    }
    c->attempt.sent += n;
    if (segjob_tx(c).len == 0) {
        segjob_wipe_bytes(c->setup.buf, c->attempt.sent);
        c->attempt.body_len = 0;
        c->want = SEGJOB_WANT_RECEIVE;
    }
    return SEGJOB_PENDING;
}

/* ----------------------------------------------------------------- receive */

struct segjob_buffer segjob_rx(const struct segjob_client *c)
{
    struct segjob_buffer rx = {NULL, 0};

    if (c->want == SEGJOB_WANT_RECEIVE) {
        rx.ptr = c->setup.buf + c->attempt.body_len;
        rx.len = sj_room(c) - c->attempt.body_len;
    }
    return rx;
}

/*
 * Keep a piece of the body, which is in the room after what was kept. A body
 * that does not fit is discarded, and read to its end all the same.
 */
static void keep_body(struct segjob_client *c, struct segjob_str piece)
{
    struct sj_attempt *a = &c->attempt;

    if (a->body_overflow) {
        return;
    }
    memmove(c->setup.buf + a->body_len, piece.ptr, piece.len);
    a->body_len += piece.len;
    if (a->body_len == sj_room(c)) {
        a->body_overflow = true;
        a->body_len = 0;
    }
}

static enum sj_http_result read_http(struct segjob_client *c, const char *at,
                                     size_t n)
{
    enum sj_http_result result;
    struct segjob_str piece;
    size_t used;

    do {
        result = sj_http_read(&c->attempt.http, at, n, &used, &piece);
        if (result == SJ_HTTP_BODY) {
            keep_body(c, piece);
        }
        at += used;
        n -= used;
    } while (result == SJ_HTTP_BODY);
    c->session.keep_alive = result == SJ_HTTP_DONE && n == 0 &&
                            sj_http_keeps_alive(&c->attempt.http);
    return result;
}

enum segjob_status segjob_received(struct segjob_client *c, size_t n)
{
    const struct segjob_buffer rx = segjob_rx(c);
    enum sj_http_result result;

    if (c->want != SEGJOB_WANT_RECEIVE || n > rx.len) {
        return sj_transition_misuse(c);
    }
    if (n > 0) {
        result = read_http(c, rx.ptr, n);
    } else {
        result = sj_http_end(&c->attempt.http) ? SJ_HTTP_DONE : SJ_HTTP_MORE;
    }
    c->attempt.error.http_status = sj_http_status(&c->attempt.http);
    c->attempt.error.request_id = sj_http_request_id(&c->attempt.http);
    if (result == SJ_HTTP_DONE) {
        sj_response_read(c);
    } else if (result == SJ_HTTP_BAD) {
        sj_response_invalid(c);
    } else if (n == 0) {
        sj_response_failed(c, SEGJOB_CONNECTION_CLOSED);
    } else {
        return SEGJOB_PENDING;
    }
    sj_transition(c);
    return SEGJOB_PENDING;
}
