/*
 * An exchange with the client, over its public functions alone.
 *
 * The buffer is an allocation of exactly its capacity, so that the address
 * sanitizer sees every byte beyond it. Bytes arrive through segjob_rx().
 */
#ifndef SJ_TEST_EXCHANGE_H
#define SJ_TEST_EXCHANGE_H

#include "rows.h"

#include <stdlib.h>
#include <string.h>

#define EXCHANGE_TIME INT64_C(1767225600) /* 2026-01-01T00:00:00Z */
#define EXCHANGE_SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define EXCHANGE_TOKEN "IQoJb3JpZ2luX2VjEXAMPLETOKEN"
#define EXCHANGE_ROOMY 2048 /* bytes: holds the request or any response */

static const struct segjob_config exchange_config = {
    .region = SEGJOB_STR("us-east-1"),
};

static const struct segjob_credentials exchange_credentials = {
    .access_key_id = SEGJOB_STR("AKIDEXAMPLE"),
    .secret_access_key = SEGJOB_STR(EXCHANGE_SECRET),
    .session_token = SEGJOB_STR(EXCHANGE_TOKEN),
};

static const struct segjob_tag exchange_tags[] = {
    {SEGJOB_STR("cost-centre"), SEGJOB_STR("hush-hush")},
};

static const struct segjob_create_request exchange_request = {
    .job_name = SEGJOB_STR("nightly"),
    .solution_version_arn =
        SEGJOB_STR("arn:aws:personalize:us-east-1:123456789012:solution/s/v"),
    .filter_arn = SEGJOB_STR("arn:aws:personalize:us-east-1:123456789012:"
                             "filter/everything-that-was-not-seen"),
    .role_arn = SEGJOB_STR("arn:aws:iam::123456789012:role/r"),
    .input = {.path = SEGJOB_STR("s3://bucket/users.json")},
    .output = {.path = SEGJOB_STR("s3://bucket/segments/"),
               .kms_key_arn = SEGJOB_STR(
                   "arn:aws:kms:us-east-1:123456789012:key/mrk-1234abcd")},
    .has_num_results = true,
    .num_results = 25,
    .tags = exchange_tags,
    .tags_len = 1,
};

struct exchange {
    struct segjob_client client;
    char *buf;
    size_t cap;
};

static inline void exchange_begin(struct exchange *x, size_t cap)
{
    x->cap = cap;
    x->buf = malloc(cap + (cap == 0));
    assert_non_null(x->buf);
    memset(x->buf, '@', cap);
    assert_int_equal(segjob_init(&x->client, &exchange_config, x->buf, cap),
                     SEGJOB_OK);
}

static inline void exchange_end(struct exchange *x)
{
    segjob_wipe(&x->client);
    free(x->buf);
}

/* Start an operation, and go on until the client wants this. */
static inline void exchange_until(struct exchange *x, enum segjob_want want)
{
    struct segjob_client *c = &x->client;

    assert_int_equal(segjob_create(c, &exchange_request), SEGJOB_PENDING);
    if (want > SEGJOB_WANT_CREDENTIALS) {
        assert_int_equal(segjob_set_credentials(c, &exchange_credentials),
                         SEGJOB_PENDING);
    }
    if (want > SEGJOB_WANT_CONNECTION) {
        assert_int_equal(segjob_connected(c, EXCHANGE_TIME), SEGJOB_PENDING);
    }
    if (want > SEGJOB_WANT_SEND) {
        assert_int_equal(segjob_sent(c, segjob_tx(c).len), SEGJOB_PENDING);
    }
    if (want > SEGJOB_WANT_RECEIVE) {
        segjob_failed(c, SEGJOB_TIMEOUT);
    }
    assert_int_equal(segjob_get_want(c), want);
}

/* Let up to `n` bytes arrive, at most `piece` at a time, while the client wants
 * to receive. Returns how many arrived. */
static inline size_t exchange_receive(struct exchange *x, const char *bytes,
                                      size_t n, size_t piece)
{
    struct segjob_client *c = &x->client;
    size_t at = 0;

    while (at < n && segjob_get_want(c) == SEGJOB_WANT_RECEIVE) {
        struct segjob_buffer room = segjob_rx(c);
        size_t some = n - at < piece ? n - at : piece;

        assert_true(room.len > 0);
        assert_true(room.ptr >= x->buf &&
                    room.ptr + room.len <= x->buf + x->cap);
        some = some < room.len ? some : room.len;
        memcpy(room.ptr, bytes + at, some);
        assert_int_equal(segjob_received(c, some), SEGJOB_PENDING);
        at += some;
    }
    return at;
}

/* If the client wants to receive, the peer closes in good order; if it wants
 * to close, the connection is closed. */
static inline void exchange_close(struct exchange *x)
{
    struct segjob_client *c = &x->client;

    if (segjob_get_want(c) == SEGJOB_WANT_RECEIVE) {
        assert_int_equal(segjob_received(c, 0), SEGJOB_PENDING);
    }
    if (segjob_get_want(c) == SEGJOB_WANT_CLOSE) {
        assert_int_equal(segjob_get_status(c), SEGJOB_PENDING);
        segjob_closed(c);
    }
    assert_int_equal(segjob_get_want(c), SEGJOB_WANT_NOTHING);
}

#endif
