/*
 * The client's buffer, by induction: from any state that keeps the invariant
 * below, a call leaves one that does, and what it gives to send from or to
 * receive into lies in the buffer. What writes, reads and decides is replaced
 * by its contract: it may ask for any length, and decide anything.
 */
#include "proof.h"

/* Scaled down, for a buffer that is small enough. */
#undef SEGJOB_ANSWER_MIN
#define SEGJOB_ANSWER_MIN 4u

#include "../../core/segjob.c"

#define LAST_SECOND INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

/* ------------------------------------------------------------- contracts */

size_t sj_next_room(const struct segjob_client *c)
{
    return c->cap - c->tail_len;
}

bool sj_next_has_deadline(const struct segjob_client *c)
{
    return c->deadline_ms != SJ_NEVER;
}

uint64_t sj_next_after(const struct segjob_client *c, uint64_t n,
                       uint64_t limit)
{
    (void)c, (void)n;
    return limit;
}

/* Whatever follows, neither is anything sent nor received at once. */
static void turn(struct segjob_client *c)
{
    c->want = (enum segjob_want)(nondet_byte() % (SEGJOB_WANT_CLOSE + 1));
    ASSUME(c->want != SEGJOB_WANT_CONNECTION && c->want != SEGJOB_WANT_SEND &&
           c->want != SEGJOB_WANT_RECEIVE);
}

enum segjob_status sj_next_end(struct segjob_client *c,
                               enum segjob_status status)
{
    turn(c);
    return status;
}

void sj_next_failed(struct segjob_client *c, enum segjob_status status,
                    enum sj_cause cause, bool certain)
{
    (void)status, (void)cause, (void)certain;
    turn(c);
}

void sj_verdict(struct segjob_client *c)
{
    assert(c->body_len < sj_next_room(c));
    turn(c);
}

bool sj_request_check_credentials(const struct segjob_credentials *credentials,
                                  struct segjob_error *e)
{
    (void)credentials, (void)e;
    return nondet_byte() % 2 == 0;
}

void sj_request_write_host(struct sj_writer *w,
                           const struct segjob_config *config)
{
    (void)config;
    w->len = any_up_to(BOUND);
}

/* It asks for the same length each time, or not. */
bool sj_request_write_head(struct sj_writer *w,
                           const struct segjob_config *config,
                           struct sj_sigv4 *s, struct sj_signing_key *key)
{
    (void)config, (void)key;
    assert(key == NULL || __CPROVER_r_ok(s->body.ptr, s->body.len));
    assert(w->cap == 0 || __CPROVER_w_ok(w->buf, w->cap));
    w->len = nondet_size();
    ASSUME(w->len > 0 && w->len <= SIZE_MAX / 4); /* no object is larger */
    return nondet_byte() % 2 == 0 || key == NULL;
}

static void write_any_body(struct sj_writer *w, const struct segjob_client *c)
{
    (void)c;
    assert(__CPROVER_w_ok(w->buf, w->cap));
    w->len = nondet_size();
    ASSUME(w->len <= SIZE_MAX / 4);
}

static void read_nothing(struct segjob_client *c)
{
    (void)c;
}

/* Not a creation: that asks for more room. */
static const struct sj_call any_call = {SEGJOB_STR("target"), write_any_body,
                                        read_nothing};
const struct sj_call sj_call_create = {SEGJOB_STR("target"), write_any_body,
                                       read_nothing};

bool sj_time_format(int64_t unix_time, char out[SJ_TIME_LEN])
{
    __CPROVER_havoc_slice(out, SJ_TIME_LEN);
    return unix_time >= 0 && unix_time <= LAST_SECOND;
}

void sj_wipe(void *at, size_t n)
{
    assert(__CPROVER_w_ok(at, n));
}

enum sj_http_result sj_http_read(struct sj_http *h, const char *bytes, size_t n,
                                 size_t *used, struct segjob_str *body)
{
    const size_t begin = any_up_to(n);

    (void)h;
    assert(n == 0 || __CPROVER_r_ok(bytes, n));
    *used = begin + any_up_to(n - begin);
    body->ptr = bytes + begin;
    body->len = *used - begin;
    if (body->len > 0 && nondet_byte() % 2 == 0) {
        return SJ_HTTP_BODY;
    }
    return nondet_byte() % 2 == 0 ? SJ_HTTP_MORE : SJ_HTTP_DONE;
}

bool sj_http_keeps_alive(const struct sj_http *h)
{
    (void)h;
    return nondet_byte() % 2 == 0;
}

bool sj_http_end(struct sj_http *h)
{
    (void)h;
    return nondet_byte() % 2 == 0;
}

int sj_http_status(const struct sj_http *h)
{
    (void)h;
    return (int)nondet_byte();
}

struct segjob_str sj_http_request_id(const struct sj_http *h)
{
    (void)h;
    return segjob_str(NULL);
}

/* ---------------------------------------------------------------- proofs */

static bool is_sound(const struct segjob_client *c)
{
    if (c->tail_len > c->cap || c->ahead > LAST_SECOND ||
        c->ahead < -2 * LAST_SECOND) {
        return false; /* a date of HTTP, less one that could be written */
    }
    switch (c->want) {
    case SEGJOB_WANT_CONNECTION:
        return c->head_len > 0 && c->head_len <= sj_next_room(c) &&
               c->body_len <= sj_next_room(c) - c->head_len;
    case SEGJOB_WANT_SEND:
        return c->head_len <= sj_next_room(c) &&
               c->body_len <= sj_next_room(c) - c->head_len &&
               c->sent < c->head_len + c->body_len;
    case SEGJOB_WANT_RECEIVE:
        return c->body_len < sj_next_room(c);
    default:
        return true;
    }
}

static struct segjob_credentials credentials;

/* With a buffer of just `cap` bytes. */
static struct segjob_client any_client(enum segjob_want want)
{
    struct segjob_client c;

    c.cap = any_up_to(BOUND);
    c.buf = any_bytes(BOUND) + (BOUND - c.cap);
    c.call = &any_call;
    c.credentials = &credentials;
    c.want = want;
    ASSUME(is_sound(&c));
    return c;
}

static void check(const struct segjob_client *c)
{
    const struct segjob_str tx = segjob_tx(c);
    const struct segjob_room rx = segjob_rx(c);

    assert(is_sound(c));
    assert(tx.len == 0 || __CPROVER_r_ok(tx.ptr, tx.len));
    assert(rx.len == 0 || __CPROVER_w_ok(rx.ptr, rx.len));
    assert(tx.ptr == NULL || tx.len > 0); /* there is something to send */
    assert(rx.ptr == NULL || rx.len > 0); /* there is always room */
}

void credentials_prepare_within(void)
{
    struct segjob_client c = any_client(SEGJOB_WANT_CREDENTIALS);

    segjob_set_credentials(&c, &credentials);
    check(&c);
}

void connected_writes_within(void)
{
    struct segjob_client c = any_client(SEGJOB_WANT_CONNECTION);

    segjob_connected(&c, nondet_int64());
    check(&c);
}

void sent_stays_within(void)
{
    struct segjob_client c = any_client(SEGJOB_WANT_SEND);

    segjob_sent(&c, nondet_size());
    check(&c);
}

void received_stays_within(void)
{
    struct segjob_client c = any_client(SEGJOB_WANT_RECEIVE);

    segjob_received(&c, nondet_size());
    check(&c);
}
