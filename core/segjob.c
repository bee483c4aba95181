#include "segjob.h"

#include <string.h>

#include "sj_call.h"
#include "sj_fetch.h"
#include "sj_http.h"
#include "sj_next.h"
#include "sj_request.h"
#include "sj_retry.h"
#include "sj_sha256.h"
#include "sj_time.h"
#include "sj_verdict.h"

/* AWS SDKs' limits on connecting, and on an answer. */
#define CONNECT_MS 5000u
#define ANSWER_MS 15000u

/* Bytes of a listed job with its tokens, as a rule; and most of a page. */
#define LISTED_JOB 1024u
#define PAGE_MAX 100u

/* Bytes of a job's description with its tokens, beyond the request's body. */
#define DESCRIBED_JOB 1536u

/* ---------------------------------------------------------- begin and end */

enum segjob_status segjob_init(struct segjob_client *c,
                               const struct segjob_config *config, void *buf,
                               size_t cap)
{
    memset(c, 0, sizeof(*c));
    c->buf = buf;
    c->cap = cap;
    c->config = *config;
    c->poll_ms = SEGJOB_POLL_MS;
    c->result = SEGJOB_MISUSE; /* nothing was asked for yet */
    if (!sj_request_check_config(config, config->region.ptr != NULL,
                                 &c->error)) {
        c->result = SEGJOB_CONFIG;
        return SEGJOB_CONFIG;
    }
    return SEGJOB_OK;
}

/* Forget the last operation. */
static void reset(struct segjob_client *c, enum sj_operation operation,
                  const struct sj_call *call)
{
    static const struct segjob_error no_error = {0};

    c->error = no_error;
    c->arn = segjob_str(NULL);
    c->asked = segjob_str(NULL);
    c->request = NULL;
    c->tokens = NULL;
    c->kept = 0;
    c->outcome = SEGJOB_NOT_SENT;
    c->operation = (uint8_t)operation;
    c->call = call;
    c->maybe = c->exists = c->renewed = c->absent = c->reused = false;
    c->expired = false;
    c->creations = 0;
    c->now_ms = 0; /* told anew: a clock that ran wild spoils one operation */
    c->deadline_ms = SJ_NEVER;
    c->retry.attempts = 0;
    c->retry.pauses = 0;
    c->retry.cost = 0;
}

/* SEGJOB_OK if an operation may be taken on. */
static enum segjob_status begin(struct segjob_client *c,
                                enum sj_operation operation,
                                const struct sj_call *call)
{
    if (c->want != SEGJOB_WANT_NOTHING) {
        return SEGJOB_MISUSE;
    }
    reset(c, operation, call);
    return sj_request_check_config(&c->config, operation != SJ_FETCH, &c->error)
               ? SEGJOB_OK
               : sj_next_end(c, SEGJOB_CONFIG);
}

static enum segjob_status take_on(struct segjob_client *c)
{
    sj_next_start(c);
    return SEGJOB_PENDING;
}

static enum segjob_status create(struct segjob_client *c,
                                 const struct segjob_create_request *request,
                                 enum sj_operation operation)
{
    const enum segjob_status status = begin(c, operation, &sj_call_create);

    if (status != SEGJOB_OK) {
        return status;
    }
    if (!sj_request_check(request, &c->error) ||
        (operation == SJ_ENSURE &&
         !sj_request_check_derivable(request, &c->error))) {
        return sj_next_end(c, SEGJOB_INVALID);
    }
    c->request = request;
    return take_on(c);
}

enum segjob_status segjob_create(struct segjob_client *c,
                                 const struct segjob_create_request *request)
{
    return create(c, request, SJ_CREATE);
}

enum segjob_status segjob_ensure(struct segjob_client *c,
                                 const struct segjob_create_request *request)
{
    return create(c, request, SJ_ENSURE);
}

static enum segjob_status describe(struct segjob_client *c,
                                   struct segjob_str arn,
                                   enum sj_operation operation)
{
    const enum segjob_status status = begin(c, operation, &sj_call_describe);

    if (status != SEGJOB_OK) {
        return status;
    }
    if (!sj_request_check_arn(arn, SEGJOB_FIELD_JOB_ARN, &c->error)) {
        return sj_next_end(c, SEGJOB_INVALID);
    }
    c->asked = arn;
    return take_on(c);
}

enum segjob_status segjob_describe(struct segjob_client *c,
                                   struct segjob_str batch_segment_job_arn)
{
    return describe(c, batch_segment_job_arn, SJ_DESCRIBE);
}

enum segjob_status segjob_wait(struct segjob_client *c,
                               struct segjob_str batch_segment_job_arn)
{
    return describe(c, batch_segment_job_arn, SJ_WAIT);
}

enum segjob_status segjob_list(struct segjob_client *c,
                               struct segjob_str solution_version_arn)
{
    const enum segjob_status status = begin(c, SJ_LIST, &sj_call_list);
    const size_t page = c->cap / LISTED_JOB;

    if (status != SEGJOB_OK) {
        return status;
    }
    if (solution_version_arn.ptr != NULL &&
        !sj_request_check_arn(solution_version_arn,
                              SEGJOB_FIELD_SOLUTION_VERSION_ARN, &c->error)) {
        return sj_next_end(c, SEGJOB_INVALID);
    }
    c->asked = solution_version_arn;
    c->page = page == 0 ? 1 : page < PAGE_MAX ? (uint32_t)page : PAGE_MAX;
    return take_on(c);
}

/* The token stands at the buffer's end until the next page has come. */
enum segjob_status segjob_list_more(struct segjob_client *c)
{
    const struct segjob_str token = sj_call_next_token(c);
    const struct segjob_str asked = c->asked;

    if (c->want != SEGJOB_WANT_NOTHING || token.len == 0) {
        return SEGJOB_MISUSE;
    }
    memmove(c->buf + c->cap - token.len, token.ptr, token.len);
    reset(c, SJ_LIST, &sj_call_list);
    c->asked = asked;
    c->tail_len = token.len;
    return take_on(c);
}

void segjob_set_deadline(struct segjob_client *c, uint64_t deadline_ms)
{
    c->deadline_ms = deadline_ms;
}

void segjob_set_poll_interval(struct segjob_client *c, uint32_t ms)
{
    c->poll_ms = ms > SEGJOB_POLL_MIN_MS ? ms : SEGJOB_POLL_MIN_MS;
}

/* ------------------------------------------------------------------- time */

void segjob_tick(struct segjob_client *c, uint64_t now_ms)
{
    if (now_ms > c->now_ms) {
        c->now_ms = now_ms;
    }
    if (c->want == SEGJOB_WANT_NOTHING || c->want == SEGJOB_WANT_CLOSE) {
        return;
    }
    if (c->now_ms >= c->deadline_ms) {
        sj_next_end(c, SEGJOB_TIMEOUT);
    } else if (c->now_ms >= c->until_ms && c->want == SEGJOB_WANT_PAUSE) {
        sj_next_start(c);
    } else if (c->now_ms >= c->until_ms) {
        segjob_failed(c, SEGJOB_TIMEOUT);
    }
}

uint64_t segjob_wake_ms(const struct segjob_client *c)
{
    if (c->want == SEGJOB_WANT_NOTHING || c->want == SEGJOB_WANT_CLOSE) {
        return SJ_NEVER;
    }
    return c->until_ms < c->deadline_ms ? c->until_ms : c->deadline_ms;
}

void segjob_set_random(struct segjob_client *c, uint32_t random)
{
    uint32_t pause;

    if (c->want != SEGJOB_WANT_RANDOM) {
        return;
    }
    pause =
        sj_retry_pause(&c->retry, (enum sj_cause)c->cause, random, &c->http);
    c->until_ms = sj_next_after(c, pause, SJ_NEVER);
    if (c->until_ms >= c->deadline_ms) {
        /* No time is left for more. */
        sj_next_end(c, c->result);
    } else {
        c->want = SEGJOB_WANT_PAUSE;
    }
}

/* -------------------------------------------------------------- preparing */

/* Whether it may have to be found out what became of the request. */
static bool may_settle(const struct segjob_client *c)
{
    return c->call == &sj_call_create && sj_next_has_deadline(c);
}

/*
 * Want `want` for `ms` at most, within the request's share of the time. Without
 * a deadline nothing has a limit.
 */
static void want_within(struct segjob_client *c, enum segjob_want want,
                        uint32_t ms)
{
    c->until_ms =
        sj_next_has_deadline(c) ? sj_next_after(c, ms, c->share_ms) : SJ_NEVER;
    c->want = want;
}

/* Write the head: signed for `date`, and without one as long as it will be. */
static bool write_head(struct segjob_client *c, struct sj_writer *w,
                       const char *date)
{
    struct sj_sigv4 s;

    if (sj_call_is_fetch(c)) {
        c->call->write(w, c);
        return true;
    }
    s.credentials = *c->credentials;
    s.target = c->call->target;
    s.date.ptr = date;
    s.date.len = SJ_TIME_LEN;
    s.body.ptr = c->buf + c->head_len;
    s.body.len = c->body_len;
    return sj_request_write_head(w, &c->config, &s,
                                 date != NULL ? &c->key : NULL);
}

/*
 * Write the body, and measure the head. Returns the buffer that the request,
 * and then its answer, need: if there is as much, the body stands behind the
 * place of the head, where it stays until the request is sent.
 */
static size_t write_unsigned(struct segjob_client *c)
{
    struct sj_writer body = {c->buf, sj_next_room(c), 0, NULL};
    struct sj_writer head = {NULL, 0, 0, NULL};
    size_t answer = SEGJOB_ANSWER_MIN;
    size_t all;
    bool good;

    if (!sj_call_is_fetch(c)) {
        c->call->write(&body, c);
    }
    c->head_len = 0;
    c->body_len = body.len;
    good = write_head(c, &head, NULL); /* always: nothing is hashed */
    c->head_len = head.len;
    if (may_settle(c)) {
        answer = c->body_len + DESCRIBED_JOB;
    }
    all = c->head_len + c->body_len;
    if (all <= sj_next_room(c)) {
        memmove(c->buf + c->head_len, c->buf, c->body_len);
    }
    return good && all < answer ? answer : all;
}

/* Have a connection made, if the buffer will do. */
static enum segjob_status prepare(struct segjob_client *c)
{
    struct sj_writer w = {c->buf, c->cap, 0, NULL};
    const size_t needed = write_unsigned(c);

    if (needed > sj_next_room(c)) {
        c->error.size_needed = needed + c->tail_len;
        return sj_next_end(c, SEGJOB_NO_SPACE);
    }
    sj_request_write_host(&w, &c->config); /* until it is connected */
    sj_write_char(&w, '\0');
    c->share_ms = c->deadline_ms;
    if (may_settle(c)) { /* then the other half is for that */
        c->share_ms -= (c->deadline_ms - c->now_ms) / 2;
    }
    want_within(c, SEGJOB_WANT_CONNECTION, CONNECT_MS);
    return SEGJOB_PENDING;
}

enum segjob_status segjob_set_credentials(
    struct segjob_client *c, const struct segjob_credentials *credentials)
{
    if (c->want != SEGJOB_WANT_CREDENTIALS) {
        return SEGJOB_MISUSE;
    }
    if (!sj_request_check_credentials(credentials, &c->error)) {
        return sj_next_end(c, SEGJOB_CONFIG);
    }
    c->credentials = credentials;
    c->expired = false;
    return prepare(c);
}

bool segjob_wants_new_credentials(const struct segjob_client *c)
{
    return c->expired;
}

/* A clock may show anything: the sum wraps, and is no time then either. */
int64_t segjob_service_time(const struct segjob_client *c, int64_t unix_time)
{
    return (int64_t)((uint64_t)unix_time + (uint64_t)c->ahead);
}

enum segjob_status segjob_fetch(struct segjob_client *c,
                                const struct segjob_fetch_request *request,
                                uint64_t now_ms, uint32_t timeout_ms)
{
    const enum segjob_status status = begin(c, SJ_FETCH, &sj_call_fetch);

    if (status != SEGJOB_OK) {
        return status;
    }
    c->fetch = request;
    if (!sj_fetch_check(request, &c->error)) {
        return sj_next_end(c, SEGJOB_INVALID);
    }
    c->now_ms = now_ms;
    c->deadline_ms = sj_next_after(c, timeout_ms, SJ_NEVER - 1);
    sj_next_start(c);
    return prepare(c);
}

const char *segjob_host(const struct segjob_client *c)
{
    return c->want == SEGJOB_WANT_CONNECTION ? c->buf : "";
}

uint16_t segjob_tcp_port(const struct segjob_client *c)
{
    return c->config.port != 0 ? c->config.port
                               : sj_request_default_port(&c->config);
}

bool segjob_is_plain(const struct segjob_client *c)
{
    return c->config.plain;
}

/* ---------------------------------------------------------------- sending */

/* The date to sign: the clock's, corrected if there is such a date at all. */
static bool write_date(struct segjob_client *c, int64_t unix_time, char *date)
{
    bool good = sj_time_format(unix_time, date);

    if (good && c->ahead != 0 && !sj_time_format(unix_time + c->ahead, date)) {
        c->ahead = 0; /* it was learnt when the clock was another */
        good = sj_time_format(unix_time, date);
    }
    return good;
}

/* Note when the request leaves, and that it does. */
static void note_leaving(struct segjob_client *c, int64_t unix_time)
{
    c->sent_ms = c->now_ms;
    c->sent_at = unix_time;
    c->sent = 0;
    if (c->call == &sj_call_create) {
        if (c->creations++ == 0) {
            c->first_ms = c->now_ms;
            c->first_at = unix_time;
        }
        c->outcome = SEGJOB_MAYBE;
    }
    want_within(c, SEGJOB_WANT_SEND, ANSWER_MS);
}

/* Write the head before the body: SEGJOB_OK, or why it cannot be. */
static enum segjob_status write_signed(struct segjob_client *c,
                                       int64_t unix_time)
{
    char date[SJ_TIME_LEN] = "";
    struct sj_writer w = {c->buf, c->head_len, 0, NULL};

    if (!sj_call_is_fetch(c) && !write_date(c, unix_time, date)) {
        return SEGJOB_CLOCK;
    }
    if (!write_head(c, &w, date)) {
        return SEGJOB_CRYPTO;
    }
    /* What was borrowed may have changed. */
    return w.len == c->head_len ? SEGJOB_OK : SEGJOB_MISUSE;
}

enum segjob_status segjob_connected(struct segjob_client *c, int64_t unix_time)
{
    enum segjob_status status;

    if (c->want != SEGJOB_WANT_CONNECTION) {
        return SEGJOB_MISUSE;
    }
    c->reused = c->keeps;
    c->keeps = false;
    status = write_signed(c, unix_time);
    if (status != SEGJOB_OK) {
        return sj_next_end(c, status);
    }
    note_leaving(c, unix_time);
    return SEGJOB_PENDING;
}

struct segjob_str segjob_tx(const struct segjob_client *c)
{
    struct segjob_str left = {NULL, 0};

    if (c->want == SEGJOB_WANT_SEND) {
        left.ptr = c->buf + c->sent;
        left.len = c->head_len + c->body_len - c->sent;
    }
    return left;
}

enum segjob_status segjob_sent(struct segjob_client *c, size_t n)
{
    if (c->want != SEGJOB_WANT_SEND || n > segjob_tx(c).len) {
        return SEGJOB_MISUSE;
    }
    c->sent += n;
    if (segjob_tx(c).len == 0) {
        sj_wipe(c->buf, c->sent);
        c->body_len = 0;
        c->dropping = false;
        c->want = SEGJOB_WANT_RECEIVE;
    }
    return SEGJOB_PENDING;
}

/* -------------------------------------------------------------- receiving */

struct segjob_room segjob_rx(const struct segjob_client *c)
{
    struct segjob_room rx = {NULL, 0};

    if (c->want == SEGJOB_WANT_RECEIVE) {
        rx.ptr = c->buf + c->body_len;
        rx.len = sj_next_room(c) - c->body_len;
    }
    return rx;
}

/*
 * Keep a piece of the body, which stands in the room behind what was kept. A
 * body that does not fit is dropped, and read to its end all the same.
 */
static void keep_body(struct segjob_client *c, struct segjob_str piece)
{
    if (c->dropping) {
        return;
    }
    memmove(c->buf + c->body_len, piece.ptr, piece.len);
    c->body_len += piece.len;
    if (c->body_len == sj_next_room(c)) {
        c->dropping = true;
        c->body_len = 0;
    }
}

static enum sj_http_result read_http(struct segjob_client *c, const char *at,
                                     size_t n)
{
    enum sj_http_result result;
    struct segjob_str piece;
    size_t used;

    do {
        result = sj_http_read(&c->http, at, n, &used, &piece);
        if (result == SJ_HTTP_BODY) {
            keep_body(c, piece);
        }
        at += used;
        n -= used;
    } while (result == SJ_HTTP_BODY);
    c->keeps =
        result == SJ_HTTP_DONE && n == 0 && sj_http_keeps_alive(&c->http);
    return result;
}

enum segjob_status segjob_received(struct segjob_client *c, size_t n)
{
    const struct segjob_room rx = segjob_rx(c);
    enum sj_http_result result;

    if (c->want != SEGJOB_WANT_RECEIVE || n > rx.len) {
        return SEGJOB_MISUSE;
    }
    if (n > 0) {
        result = read_http(c, rx.ptr, n);
    } else {
        result = sj_http_end(&c->http) ? SJ_HTTP_DONE : SJ_HTTP_MORE;
    }
    c->error.http_status = sj_http_status(&c->http);
    c->error.request_id = sj_http_request_id(&c->http);
    if (result == SJ_HTTP_DONE) {
        sj_verdict(c);
    } else if (result == SJ_HTTP_BAD) {
        sj_next_failed(c, SEGJOB_PROTOCOL, SJ_CAUSE_TRANSIENT, false);
    } else if (n == 0) {
        segjob_failed(c, SEGJOB_CUT_OFF);
    }
    return SEGJOB_PENDING;
}

/* ----------------------------------------------------------------- ending */

static enum sj_cause cause_of(enum segjob_status why)
{
    const bool may_pass = why == SEGJOB_RESOLVE || why == SEGJOB_CONNECT ||
                          why == SEGJOB_TLS || why == SEGJOB_CUT_OFF ||
                          why == SEGJOB_TIMEOUT || why == SEGJOB_SOURCE;

    return may_pass ? SJ_CAUSE_TRANSIENT : SJ_CAUSE_FINAL;
}

/* What can be tried again: a connection, and a request on it. */
static bool is_trying(const struct segjob_client *c)
{
    return c->want == SEGJOB_WANT_CONNECTION || c->want == SEGJOB_WANT_SEND ||
           c->want == SEGJOB_WANT_RECEIVE;
}

static bool has_result(const struct segjob_client *c)
{
    return c->want == SEGJOB_WANT_NOTHING ||
           (c->want == SEGJOB_WANT_CLOSE && c->next == SJ_END);
}

void segjob_failed(struct segjob_client *c, enum segjob_status why)
{
    const enum sj_cause cause = cause_of(why);

    if (has_result(c)) {
        return;
    }
    if (cause == SJ_CAUSE_FINAL ||
        (!is_trying(c) && c->want != SEGJOB_WANT_CREDENTIALS)) {
        sj_next_end(c, why < 0 ? why : SEGJOB_MISUSE);
    } else {
        sj_next_failed(c, why, cause, false);
    }
}

void segjob_cancel(struct segjob_client *c)
{
    segjob_failed(c, SEGJOB_CANCELLED);
}

void segjob_closed(struct segjob_client *c)
{
    if (is_trying(c)) {
        segjob_failed(c, SEGJOB_CUT_OFF);
    }
    c->keeps = false;
    if (c->want == SEGJOB_WANT_CLOSE) {
        sj_next_turn(c);
    }
}

void segjob_wipe(struct segjob_client *c)
{
    sj_wipe(c->buf, c->cap);
    sj_wipe(c, sizeof(*c));
}

/* ----------------------------------------------------------------- asking */

enum segjob_want segjob_want(const struct segjob_client *c)
{
    return c->want;
}

bool segjob_keeps_connection(const struct segjob_client *c)
{
    return c->keeps;
}

enum segjob_status segjob_status(const struct segjob_client *c)
{
    return c->want == SEGJOB_WANT_NOTHING ? c->result : SEGJOB_PENDING;
}

enum segjob_outcome segjob_outcome(const struct segjob_client *c)
{
    return c->outcome;
}

const struct segjob_error *segjob_error(const struct segjob_client *c)
{
    return &c->error;
}

struct segjob_str segjob_batch_segment_job_arn(const struct segjob_client *c)
{
    return c->arn;
}
