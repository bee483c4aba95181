/*
 * The client's buffer, by induction: each call keeps the invariant below, and
 * the spans that it returns to send from or receive into are in the buffer.
 * Functions that write, read and decide are replaced by their contracts: they
 * may need any length, and decide anything.
 *
 * The code is that of a release build: a misuse that fails an assertion in a
 * debug build is harmless.
 */
#include "proof.h"

/* Scaled down, for a buffer that is small enough. */
#undef SEGJOB_RESPONSE_MIN
#define SEGJOB_RESPONSE_MIN 4u

#define NDEBUG
#include "../../core/sj_attempt.c"
#undef NDEBUG
#include <assert.h>

#define LAST_SECOND INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

/* ------------------------------------------------------------- contracts */

bool sj_policy_has_deadline(const struct segjob_client *c)
{
    return c->times.deadline_ms != SJ_NEVER;
}

uint64_t sj_transition_after(const struct segjob_client *c, uint32_t ms,
                             uint64_t limit)
{
    (void)c, (void)ms;
    return limit;
}

/* Any want may follow, but not to send or receive at once. */
void sj_transition(struct segjob_client *c)
{
    c->want = (enum segjob_want)(nondet_byte() % (SEGJOB_WANT_CLOSE + 1));
    ASSUME(c->want != SEGJOB_WANT_CONNECTION && c->want != SEGJOB_WANT_SEND &&
           c->want != SEGJOB_WANT_RECEIVE);
}

enum segjob_status sj_transition_end(struct segjob_client *c,
                                     enum segjob_status status)
{
    sj_transition(c);
    return status;
}

enum segjob_status sj_transition_misuse(struct segjob_client *c)
{
    c->op.out_of_turn = true;
    return SEGJOB_MISUSE;
}

void sj_response_read(struct segjob_client *c)
{
    assert(c->attempt.body_len < sj_room(c));
}

void sj_response_invalid(struct segjob_client *c)
{
    (void)c;
}

void sj_response_failed(struct segjob_client *c, enum segjob_status why)
{
    (void)c, (void)why;
}

void sj_head_write_host(struct sj_writer *w, const struct segjob_config *config)
{
    (void)config;
    w->len = any_up_to(BOUND);
}

/* It may need another length each time. */
bool sj_head_write(struct sj_writer *w, const struct segjob_config *config,
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

static const struct sj_operation any_operation = {SEGJOB_STR_INIT("target"),
                                                  write_any_body, read_nothing};

bool sj_time_format(int64_t unix_time, char out[SJ_TIME_LEN])
{
    __CPROVER_havoc_slice(out, SJ_TIME_LEN);
    return unix_time >= 0 && unix_time <= LAST_SECOND;
}

void segjob_wipe_bytes(void *at, size_t n)
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
    return segjob_cstr(NULL);
}

/* ---------------------------------------------------------------- proofs */

static bool is_sound(const struct segjob_client *c)
{
    /* The skew is an HTTP-date minus a date that can be written. */
    return sj_buffer_is_sound(c) && c->session.clock_skew_s <= LAST_SECOND &&
           c->session.clock_skew_s >= -2 * LAST_SECOND;
}

static struct segjob_credentials credentials;

/* With a buffer of exactly `cap` bytes. */
static struct segjob_client any_client(enum segjob_want want)
{
    struct segjob_client c;

    c.setup.cap = any_up_to(BOUND);
    c.setup.buf = any_bytes(BOUND) + (BOUND - c.setup.cap);
    c.op.operation = &any_operation;
    c.op.phase = SJ_READING; /* creating needs a larger buffer */
    c.attempt.credentials = &credentials;
    c.want = want;
    ASSUME(is_sound(&c));
    return c;
}

static void check(const struct segjob_client *c)
{
    const struct segjob_str tx = segjob_tx(c);
    const struct segjob_buffer rx = segjob_rx(c);

    assert(is_sound(c));
    assert(tx.len == 0 || __CPROVER_r_ok(tx.ptr, tx.len));
    assert(rx.len == 0 || __CPROVER_w_ok(rx.ptr, rx.len));
    assert(tx.ptr == NULL || tx.len > 0); /* never an empty span */
    assert(rx.ptr == NULL || rx.len > 0); /* never an empty span */
}

void prepare_stays_within(void)
{
    struct segjob_client c = any_client(SEGJOB_WANT_CREDENTIALS);

    sj_attempt_prepare(&c);
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
