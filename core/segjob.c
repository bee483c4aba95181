#include "segjob.h"

#include <string.h>

#include "sj_answer.h"
#include "sj_http.h"
#include "sj_request.h"
#include "sj_sha256.h"
#include "sj_time.h"

/* ------------------------------------------------------ begin and end */

enum segjob_status segjob_init(struct segjob_client *c,
                               const struct segjob_config *config, void *buf,
                               size_t cap)
{
    memset(c, 0, sizeof(*c));
    c->buf = buf;
    c->cap = cap;
    c->config = *config;
    c->result = SEGJOB_MISUSE; /* nothing was asked for yet */
    if (!sj_request_check_config(config, &c->error)) {
        c->result = SEGJOB_CONFIG;
        return SEGJOB_CONFIG;
    }
    return SEGJOB_OK;
}

/*
 * End the operation with a status. `kept` bytes at the start of the buffer
 * belong to the result; all else in it may be secret.
 */
static enum segjob_status end(struct segjob_client *c,
                              enum segjob_status status, size_t kept)
{
    bool connected = c->want != SEGJOB_WANT_NOTHING &&
                     c->want != SEGJOB_WANT_CREDENTIALS && !c->keeps;

    if (c->cap > kept) {
        sj_wipe(c->buf + kept, c->cap - kept);
    }
    c->result = status;
    c->want = connected ? SEGJOB_WANT_CLOSE : SEGJOB_WANT_NOTHING;
    c->request = NULL;
    c->credentials = NULL;
    return status;
}

enum segjob_status segjob_create(struct segjob_client *c,
                                 const struct segjob_create_request *request)
{
    static const struct segjob_error no_error = {0};

    if (c->want != SEGJOB_WANT_NOTHING) {
        return SEGJOB_MISUSE;
    }
    c->error = no_error;
    c->arn = segjob_str(NULL);
    c->outcome = SEGJOB_NOT_SENT;
    if (!sj_request_check_config(&c->config, &c->error)) {
        return end(c, SEGJOB_CONFIG, 0);
    }
    if (!sj_request_check(request, &c->error)) {
        return end(c, SEGJOB_INVALID, 0);
    }
    c->request = request;
    c->want = SEGJOB_WANT_CREDENTIALS;
    return SEGJOB_PENDING;
}

/* ---------------------------------------------------------- preparing */

/* The buffer that the request, and then its answer, need. */
static size_t measure(struct segjob_client *c)
{
    struct sj_writer w = {NULL, 0, 0};
    struct sj_head h = {&c->config, c->credentials, NULL, {NULL, 0}};
    bool good; /* always: nothing is hashed */

    sj_request_write_body(&w, c->request);
    c->body_len = w.len;
    h.body.len = w.len;
    good = sj_request_write_head(&w, &h, NULL);
    c->head_len = w.len - c->body_len;
    return good && w.len < SEGJOB_ANSWER_MIN ? SEGJOB_ANSWER_MIN : w.len;
}

enum segjob_status segjob_set_credentials(
    struct segjob_client *c, const struct segjob_credentials *credentials)
{
    struct sj_writer w = {c->buf, c->cap, 0};
    size_t needed;

    if (c->want != SEGJOB_WANT_CREDENTIALS) {
        return SEGJOB_MISUSE;
    }
    if (!sj_request_check_credentials(credentials, &c->error)) {
        return end(c, SEGJOB_CONFIG, 0);
    }
    c->credentials = credentials;
    needed = measure(c);
    if (needed > c->cap) {
        c->error.size_needed = needed;
        return end(c, SEGJOB_NO_SPACE, 0);
    }
    sj_request_write_host(&w, &c->config); /* until it is connected */
    sj_write_char(&w, '\0');
    c->want = SEGJOB_WANT_CONNECTION;
    return SEGJOB_PENDING;
}

const char *segjob_host(const struct segjob_client *c)
{
    return c->want == SEGJOB_WANT_CONNECTION ? c->buf : "";
}

uint16_t segjob_tcp_port(const struct segjob_client *c)
{
    return c->config.port != 0 ? c->config.port : 443;
}

/* ------------------------------------------------------------ sending */

enum segjob_status segjob_connected(struct segjob_client *c, int64_t unix_time)
{
    char date[SJ_TIME_LEN];
    struct sj_writer body = {NULL, c->body_len, 0};
    struct sj_writer head = {c->buf, c->head_len, 0};
    struct sj_head h = {&c->config, c->credentials, date, {NULL, 0}};

    if (c->want != SEGJOB_WANT_CONNECTION) {
        return SEGJOB_MISUSE;
    }
    c->keeps = false;
    if (!sj_time_format(unix_time, date)) {
        return end(c, SEGJOB_CLOCK, 0);
    }
    body.buf = c->buf + c->head_len;
    sj_request_write_body(&body, c->request);
    h.body.ptr = body.buf;
    h.body.len = c->body_len;
    if (!sj_request_write_head(&head, &h, &c->key)) {
        return end(c, SEGJOB_CRYPTO, 0);
    }
    if (head.len != c->head_len || body.len != c->body_len) {
        return end(c, SEGJOB_MISUSE, 0); /* what was borrowed has changed */
    }
    c->sent = 0;
    c->outcome = SEGJOB_MAYBE;
    c->want = SEGJOB_WANT_SEND;
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
        sj_http_begin(&c->http);
        c->body_len = 0;
        c->dropping = false;
        c->want = SEGJOB_WANT_RECEIVE;
    }
    return SEGJOB_PENDING;
}

/* ---------------------------------------------------------- receiving */

struct segjob_room segjob_rx(const struct segjob_client *c)
{
    struct segjob_room room = {NULL, 0};

    if (c->want == SEGJOB_WANT_RECEIVE) {
        room.ptr = c->buf + c->body_len;
        room.len = c->cap - c->body_len;
    }
    return room;
}

static void read_created(struct segjob_client *c)
{
    c->arn = sj_answer_arn(c->buf, c->body_len, c->cap);
    if (c->arn.ptr == NULL) {
        end(c, SEGJOB_PROTOCOL, 0);
        return;
    }
    c->outcome = SEGJOB_MADE;
    end(c, SEGJOB_OK, c->arn.len);
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

static void read_error(struct segjob_client *c)
{
    struct segjob_error *e = &c->error;

    e->code = sj_answer_bare_code(sj_http_error_type(&c->http));
    sj_answer_error(c->buf, c->body_len, c->cap, e);
    keep_code(c);
    if (e->message.ptr != NULL) {
        e->message = sj_answer_clean(c->buf, c->cap, e->message, c->request,
                                     c->credentials->session_token);
    }
    if (e->code.ptr != NULL && e->http_status < 500) {
        c->outcome = SEGJOB_REFUSED;
    }
    end(c, SEGJOB_SERVICE, e->message.len);
}

static void read_answer(struct segjob_client *c)
{
    int status = c->error.http_status;

    if (status == 200) {
        read_created(c);
    } else if (status >= 300 && status <= 399) {
        end(c, SEGJOB_REDIRECT, 0);
    } else if (status >= 400 && status <= 599) {
        read_error(c);
    } else {
        end(c, SEGJOB_PROTOCOL, 0);
    }
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
    if (c->body_len == c->cap) {
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
    struct segjob_room room = segjob_rx(c);
    enum sj_http_result result;

    if (c->want != SEGJOB_WANT_RECEIVE || n > room.len) {
        return SEGJOB_MISUSE;
    }
    if (n > 0) {
        result = read_http(c, room.ptr, n);
    } else {
        result = sj_http_end(&c->http) ? SJ_HTTP_DONE : SJ_HTTP_MORE;
    }
    c->error.http_status = sj_http_status(&c->http);
    c->error.request_id = sj_http_request_id(&c->http);
    if (result == SJ_HTTP_DONE) {
        read_answer(c);
    } else if (result == SJ_HTTP_BAD) {
        end(c, SEGJOB_PROTOCOL, 0);
    } else if (n == 0) {
        end(c, SEGJOB_CUT_OFF, 0);
    }
    return SEGJOB_PENDING;
}

/* ------------------------------------------------------------- ending */

void segjob_failed(struct segjob_client *c, enum segjob_status why)
{
    if (c->want == SEGJOB_WANT_CONNECTION) {
        c->keeps = false; /* it may be the new one that failed */
    }
    if (c->want != SEGJOB_WANT_NOTHING && c->want != SEGJOB_WANT_CLOSE) {
        end(c, why < 0 ? why : SEGJOB_MISUSE, 0);
    }
}

void segjob_cancel(struct segjob_client *c)
{
    segjob_failed(c, SEGJOB_CANCELLED);
}

void segjob_closed(struct segjob_client *c)
{
    segjob_failed(c, SEGJOB_CUT_OFF);
    c->want = SEGJOB_WANT_NOTHING;
}

void segjob_wipe(struct segjob_client *c)
{
    sj_wipe(c->buf, c->cap);
    sj_wipe(c, sizeof(*c));
}

/* ------------------------------------------------------------- asking */

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
