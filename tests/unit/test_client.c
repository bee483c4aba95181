/*
 * The state machine of a client: what it wants, and in which order; calls out
 * of turn; how an operation ends; and the start of the next one.
 */
#include "exchange.h"
#include "misuse.h"

#define ARN \
    "arn:aws:personalize:us-east-1:123456789012:batch-segment-job/nightly"
#define CREATED                                         \
    "HTTP/1.1 200 OK\r\nx-amzn-RequestId: 6f2c\r\n\r\n" \
    "{\"batchSegmentJobArn\":\"" ARN "\"}"

/* A whole exchange that succeeds. */
static void succeed(struct exchange *x)
{
    exchange_until(x, SEGJOB_WANT_RECEIVE);
    (void)exchange_receive(x, CREATED, strlen(CREATED), SIZE_MAX);
    exchange_close(x);
    assert_int_equal(segjob_get_status(&x->client), SEGJOB_OK);
    assert_int_equal(segjob_get_outcome(&x->client), SEGJOB_CREATED);
    assert_true(is_string(segjob_batch_segment_job_arn(&x->client), ARN));
}

static const enum segjob_want wants[] = {
    SEGJOB_WANT_CREDENTIALS, SEGJOB_WANT_CONNECTION, SEGJOB_WANT_SEND,
    SEGJOB_WANT_RECEIVE,     SEGJOB_WANT_CLOSE,
};

static enum segjob_outcome outcome_at(enum segjob_want want)
{
    return want < SEGJOB_WANT_SEND ? SEGJOB_NOT_SENT : SEGJOB_UNKNOWN;
}

/* ------------------------------------------------------------- the turns */

static void test_spans(void **state)
{
    (void)state;
    assert_null(segjob_cstr(NULL).ptr);
    assert_int_equal(segjob_cstr(NULL).len, 0);
    assert_non_null(segjob_cstr("").ptr);
    assert_int_equal(segjob_cstr("").len, 0);
    assert_int_equal(segjob_cstr("ab").len, 2);
}

static void test_turns(void **state)
{
    struct exchange x;
    struct segjob_client *c = &x.client;

    (void)state;
    exchange_begin(&x, EXCHANGE_ROOMY);
    assert_int_equal(segjob_get_want(c), SEGJOB_WANT_NOTHING);
    assert_int_equal(segjob_get_status(c), SEGJOB_MISUSE);
    assert_int_equal(segjob_create(c, &exchange_request), SEGJOB_PENDING);
    assert_int_equal(segjob_get_want(c), SEGJOB_WANT_CREDENTIALS);
    assert_int_equal(segjob_get_status(c), SEGJOB_PENDING);
    assert_int_equal(segjob_set_credentials(c, &exchange_credentials),
                     SEGJOB_PENDING);
    assert_int_equal(segjob_get_want(c), SEGJOB_WANT_CONNECTION);
    assert_string_equal(segjob_host(c), "personalize.us-east-1.amazonaws.com");
    assert_int_equal(segjob_tcp_port(c), 443);
    assert_int_equal(segjob_get_outcome(c), SEGJOB_NOT_SENT);
    assert_int_equal(segjob_connected(c, EXCHANGE_TIME), SEGJOB_PENDING);
    assert_int_equal(segjob_get_want(c), SEGJOB_WANT_SEND);
    assert_int_equal(segjob_get_outcome(c), SEGJOB_UNKNOWN);
    assert_int_equal(segjob_sent(c, segjob_tx(c).len), SEGJOB_PENDING);
    assert_int_equal(segjob_get_want(c), SEGJOB_WANT_RECEIVE);
    assert_int_equal(segjob_rx(c).len, EXCHANGE_ROOMY);
    assert_true(exchange_receive(&x, CREATED, strlen(CREATED), SIZE_MAX) ==
                strlen(CREATED));
    assert_int_equal(segjob_received(c, 0), SEGJOB_PENDING);
    assert_int_equal(segjob_get_want(c), SEGJOB_WANT_CLOSE);
    assert_int_equal(segjob_get_status(c), SEGJOB_PENDING);
    assert_int_equal(segjob_get_outcome(c), SEGJOB_CREATED);
    segjob_closed(c);
    assert_int_equal(segjob_get_want(c), SEGJOB_WANT_NOTHING);
    assert_int_equal(segjob_get_status(c), SEGJOB_OK);
    assert_true(is_string(segjob_batch_segment_job_arn(c), ARN));
    exchange_end(&x);
}

static void test_host_and_port_given(void **state)
{
    struct segjob_config config = {.region = SEGJOB_STR("us-east-1"),
                                   .host = SEGJOB_STR("localhost"),
                                   .port = 8443};
    struct segjob_client c;
    char buf[EXCHANGE_ROOMY];
    struct segjob_str tx;

    (void)state;
    assert_int_equal(segjob_init(&c, &config, buf, sizeof(buf)), SEGJOB_OK);
    assert_int_equal(segjob_create(&c, &exchange_request), SEGJOB_PENDING);
    assert_int_equal(segjob_set_credentials(&c, &exchange_credentials),
                     SEGJOB_PENDING);
    assert_string_equal(segjob_host(&c), "localhost");
    assert_int_equal(segjob_tcp_port(&c), 8443);
    assert_int_equal(segjob_connected(&c, EXCHANGE_TIME), SEGJOB_PENDING);
    tx = segjob_tx(&c);
    assert_memory_equal(tx.ptr, "POST / HTTP/1.1\r\nHost: localhost:8443\r\n",
                        39);
}

/* --------------------------------------------------------- out of turn */

/* Every call that the client does not want now. */
static void call_out_of_turn(struct segjob_client *c)
{
    enum segjob_want want = segjob_get_want(c);
    size_t over = want == SEGJOB_WANT_SEND ? segjob_tx(c).len + 1 : 0;
    size_t beyond = want == SEGJOB_WANT_RECEIVE ? segjob_rx(c).len + 1 : 0;

    if (want != SEGJOB_WANT_NOTHING) {
        assert_misuse(segjob_create(c, &exchange_request));
    }
    if (want != SEGJOB_WANT_CREDENTIALS) {
        assert_misuse(segjob_set_credentials(c, &exchange_credentials));
    }
    if (want != SEGJOB_WANT_CONNECTION) {
        assert_misuse(segjob_connected(c, EXCHANGE_TIME));
        assert_string_equal(segjob_host(c), "");
    }
    if (want != SEGJOB_WANT_SEND) {
        assert_misuse(segjob_sent(c, 1));
        assert_null(segjob_tx(c).ptr);
        assert_int_equal(segjob_tx(c).len, 0);
    }
    if (want != SEGJOB_WANT_RECEIVE) {
        assert_misuse(segjob_received(c, 1));
        assert_null(segjob_rx(c).ptr);
        assert_int_equal(segjob_rx(c).len, 0);
    }
    assert_misuse(segjob_sent(c, over));
    assert_misuse(segjob_sent(c, SIZE_MAX));
    assert_misuse(segjob_received(c, beyond));
    assert_misuse(segjob_received(c, SIZE_MAX));
    if (want == SEGJOB_WANT_NOTHING || want == SEGJOB_WANT_CLOSE) {
        segjob_failed(c, SEGJOB_TIMEOUT);
        segjob_cancel(c);
    }
}

/* None of them changes the client or its buffer. */
static void expect_unchanged(struct exchange *x)
{
    struct segjob_client before = x->client;
    char *buf = malloc(x->cap);

    memcpy(buf, x->buf, x->cap);
    call_out_of_turn(&x->client);
    before.op.out_of_turn = x->client.op.out_of_turn; /* except this */
    assert_memory_equal(&before, &x->client, sizeof(before));
    assert_memory_equal(buf, x->buf, x->cap);
    free(buf);
}

static void test_out_of_turn(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(wants); i++) {
        struct exchange x;

        exchange_begin(&x, EXCHANGE_ROOMY);
        expect_unchanged(&x);
        exchange_until(&x, wants[i]);
        expect_unchanged(&x);
        segjob_cancel(&x.client);
        exchange_close(&x);
        expect_unchanged(&x);
        exchange_end(&x);
    }
}

static void test_out_of_turn_in_a_response(void **state)
{
    struct exchange x;

    (void)state;
    exchange_begin(&x, EXCHANGE_ROOMY);
    exchange_until(&x, SEGJOB_WANT_RECEIVE);
    for (size_t n = 0; n < strlen(CREATED); n++) {
        expect_unchanged(&x);
        assert_int_equal(exchange_receive(&x, &CREATED[n], 1, 1), 1);
    }
    exchange_close(&x);
    assert_int_equal(segjob_get_status(&x.client), SEGJOB_OK);
    expect_unchanged(&x);
    exchange_end(&x);
}

/* Sending 0 bytes changes nothing. */
static void test_nothing_sent(void **state)
{
    struct exchange x;

    (void)state;
    exchange_begin(&x, EXCHANGE_ROOMY);
    exchange_until(&x, SEGJOB_WANT_SEND);
    assert_int_equal(segjob_sent(&x.client, 0), SEGJOB_PENDING);
    assert_int_equal(segjob_get_want(&x.client), SEGJOB_WANT_SEND);
    exchange_end(&x);
}

/* --------------------------------------------------------------- failures */

static const enum segjob_status failures[] = {
    SEGJOB_CONFIG,  SEGJOB_RESOLVE,     SEGJOB_CONNECT,
    SEGJOB_TLS,     SEGJOB_CERTIFICATE, SEGJOB_CONNECTION_CLOSED,
    SEGJOB_TIMEOUT, SEGJOB_CANCELLED,
};

/* Every failure at every turn is reported, kept, and allows a new start. */
static void test_failures(void **state)
{
    struct exchange x;
    struct segjob_client *c = &x.client;

    (void)state;
    exchange_begin(&x, EXCHANGE_ROOMY);
    for (size_t i = 0; i < LENGTH(wants) - 1; i++) {
        for (size_t k = 0; k < LENGTH(failures); k++) {
            exchange_until(&x, wants[i]);
            segjob_failed(c, failures[k]);
            segjob_failed(c, SEGJOB_MISUSE); /* too late */
            assert_int_equal(segjob_get_want(c),
                             wants[i] <= SEGJOB_WANT_CREDENTIALS
                                 ? SEGJOB_WANT_NOTHING
                                 : SEGJOB_WANT_CLOSE);
            exchange_close(&x);
            segjob_closed(c);
            assert_int_equal(segjob_get_status(c), failures[k]);
            assert_int_equal(segjob_get_outcome(c), outcome_at(wants[i]));
            assert_null(segjob_batch_segment_job_arn(c).ptr);
            succeed(&x);
        }
    }
    exchange_end(&x);
}

/* segjob_failed() with a status that is no failure cannot create a job. */
static void test_failed_with_no_failure(void **state)
{
    struct exchange x;

    (void)state;
    exchange_begin(&x, EXCHANGE_ROOMY);
    exchange_until(&x, SEGJOB_WANT_RECEIVE);
    segjob_failed(&x.client, SEGJOB_OK);
    exchange_close(&x);
    assert_int_equal(segjob_get_status(&x.client), SEGJOB_MISUSE);
    assert_int_equal(segjob_get_outcome(&x.client), SEGJOB_UNKNOWN);
    exchange_end(&x);
}

/* A connection that closes while it is needed is a failure. */
static void test_closed_at_every_turn(void **state)
{
    struct exchange x;
    struct segjob_client *c = &x.client;

    (void)state;
    exchange_begin(&x, EXCHANGE_ROOMY);
    exchange_until(&x, SEGJOB_WANT_CREDENTIALS);
    segjob_closed(c); /* a kept connection */
    assert_int_equal(segjob_get_want(c), SEGJOB_WANT_CREDENTIALS);
    segjob_cancel(c);
    for (size_t i = 0; i < LENGTH(wants) - 1; i++) {
        if (wants[i] == SEGJOB_WANT_CREDENTIALS) {
            continue;
        }
        exchange_until(&x, wants[i]);
        segjob_closed(c);
        assert_int_equal(segjob_get_want(c), SEGJOB_WANT_NOTHING);
        assert_int_equal(segjob_get_status(c), SEGJOB_CONNECTION_CLOSED);
        assert_int_equal(segjob_get_outcome(c), outcome_at(wants[i]));
        succeed(&x);
    }
    exchange_end(&x);
}

static void test_cancel_at_every_turn(void **state)
{
    struct exchange x;

    (void)state;
    exchange_begin(&x, EXCHANGE_ROOMY);
    for (size_t i = 0; i < LENGTH(wants); i++) {
        exchange_until(&x, wants[i]);
        segjob_cancel(&x.client);
        exchange_close(&x);
        assert_int_equal(segjob_get_status(&x.client),
                         wants[i] == SEGJOB_WANT_CLOSE ? SEGJOB_TIMEOUT
                                                       : SEGJOB_CANCELLED);
        succeed(&x);
    }
    exchange_end(&x);
}

/* After the end nothing changes a success. */
static void test_too_late(void **state)
{
    struct exchange x;

    (void)state;
    exchange_begin(&x, EXCHANGE_ROOMY);
    succeed(&x);
    segjob_failed(&x.client, SEGJOB_TIMEOUT);
    segjob_cancel(&x.client);
    segjob_closed(&x.client);
    assert_int_equal(segjob_get_status(&x.client), SEGJOB_OK);
    assert_int_equal(segjob_get_outcome(&x.client), SEGJOB_CREATED);
    exchange_end(&x);
}

static void test_what_was_read_stands_beside_a_failure(void **state)
{
    static const char head[] = "HTTP/1.1 500 x\r\nX-Amzn-RequestId: 6f2c\r\n"
                               "Content-Length: 9\r\n\r\nhalf";
    struct exchange x;

    (void)state;
    exchange_begin(&x, EXCHANGE_ROOMY);
    exchange_until(&x, SEGJOB_WANT_RECEIVE);
    (void)exchange_receive(&x, head, strlen(head), SIZE_MAX);
    segjob_failed(&x.client, SEGJOB_TIMEOUT);
    exchange_close(&x);
    assert_int_equal(segjob_get_error(&x.client)->http_status, 500);
    assert_true(is_string(segjob_get_error(&x.client)->request_id, "6f2c"));
    succeed(&x);
    assert_int_equal(segjob_get_error(&x.client)->http_status, 200);
    exchange_end(&x);
}

/* ----------------------------------------------------------- wrong input */

static void expect_refused(struct exchange *x, enum segjob_status status,
                           enum segjob_field field)
{
    struct segjob_client *c = &x->client;

    assert_int_equal(segjob_get_want(c), SEGJOB_WANT_NOTHING);
    assert_int_equal(segjob_get_status(c), status);
    assert_int_equal(segjob_get_outcome(c), SEGJOB_NOT_SENT);
    assert_int_equal(segjob_get_error(c)->field, field);
    succeed(x);
    assert_int_equal(segjob_get_error(c)->field, SEGJOB_FIELD_NONE);
    assert_int_equal(segjob_get_error(c)->rule, SEGJOB_RULE_NONE);
}

static void test_invalid_request(void **state)
{
    struct segjob_create_request request = exchange_request;
    struct exchange x;

    (void)state;
    exchange_begin(&x, EXCHANGE_ROOMY);
    request.role_arn = segjob_cstr("arn");
    assert_int_equal(segjob_create(&x.client, &request), SEGJOB_INVALID);
    assert_int_equal(segjob_get_error(&x.client)->rule, SEGJOB_RULE_PATTERN);
    expect_refused(&x, SEGJOB_INVALID, SEGJOB_FIELD_ROLE_ARN);
    exchange_end(&x);
}

static void test_bad_credentials(void **state)
{
    struct segjob_credentials credentials = exchange_credentials;
    struct exchange x;

    (void)state;
    exchange_begin(&x, EXCHANGE_ROOMY);
    exchange_until(&x, SEGJOB_WANT_CREDENTIALS);
    credentials.session_token = segjob_cstr("a\r\nb");
    assert_int_equal(segjob_set_credentials(&x.client, &credentials),
                     SEGJOB_CONFIG);
    expect_refused(&x, SEGJOB_CONFIG, SEGJOB_FIELD_SESSION_TOKEN);
    exchange_end(&x);
}

static void test_bad_configuration(void **state)
{
    struct segjob_config config = {.region = SEGJOB_STR("not a region")};
    struct segjob_client c;
    char buf[EXCHANGE_ROOMY];

    (void)state;
    assert_int_equal(segjob_init(&c, &config, buf, sizeof(buf)), SEGJOB_CONFIG);
    assert_int_equal(segjob_get_error(&c)->field, SEGJOB_FIELD_REGION);
    assert_int_equal(segjob_create(&c, &exchange_request), SEGJOB_CONFIG);
    assert_int_equal(segjob_get_want(&c), SEGJOB_WANT_NOTHING);
    assert_int_equal(segjob_get_status(&c), SEGJOB_CONFIG);
    assert_int_equal(segjob_get_outcome(&c), SEGJOB_NOT_SENT);
    assert_int_equal(segjob_get_error(&c)->field, SEGJOB_FIELD_REGION);
    assert_int_equal(segjob_get_error(&c)->rule, SEGJOB_RULE_PATTERN);
}

static void test_clock(void **state)
{
    static const int64_t times[] = {-1, INT64_MIN, INT64_C(253402300800),
                                    INT64_MAX};
    struct exchange x;

    (void)state;
    exchange_begin(&x, EXCHANGE_ROOMY);
    for (size_t i = 0; i < LENGTH(times); i++) {
        exchange_until(&x, SEGJOB_WANT_CONNECTION);
        assert_int_equal(segjob_connected(&x.client, times[i]), SEGJOB_CLOCK);
        assert_int_equal(segjob_get_want(&x.client), SEGJOB_WANT_CLOSE);
        segjob_closed(&x.client);
        expect_refused(&x, SEGJOB_CLOCK, SEGJOB_FIELD_NONE);
    }
    exchange_end(&x);
}

/*
 * A request or credentials that change while they are borrowed: the body is
 * sent as it was written, and a head is sent only if it has the length that was
 * measured. Debug builds assert.
 */
static void test_borrowed_text_changes(void **state)
{
    static const size_t name_lens[] = {3, 4, 4, EXCHANGE_ROOMY};
    static const size_t token_lens[] = {4, 3, EXCHANGE_ROOMY, 4};
    static char letters[EXCHANGE_ROOMY];
    struct segjob_create_request request = exchange_request;
    struct segjob_credentials credentials = exchange_credentials;

    (void)state;
    fill_letters(letters, sizeof(letters));
    request.job_name.ptr = letters;
    credentials.session_token.ptr = letters;
    for (size_t i = 0; i < LENGTH(name_lens); i++) {
        struct exchange x;
        struct segjob_str tx;

        exchange_begin(&x, EXCHANGE_ROOMY);
        request.job_name.len = 4;
        credentials.session_token.len = 4;
        assert_int_equal(segjob_create(&x.client, &request), SEGJOB_PENDING);
        assert_int_equal(segjob_set_credentials(&x.client, &credentials),
                         SEGJOB_PENDING);
        request.job_name.len = name_lens[i];
        credentials.session_token.len = token_lens[i];
        if (MISUSE_ASSERTS) {
            assert_misuse(segjob_connected(&x.client, EXCHANGE_TIME));
        } else if (token_lens[i] != 4) {
            assert_misuse(segjob_connected(&x.client, EXCHANGE_TIME));
            segjob_closed(&x.client);
            expect_refused(&x, SEGJOB_MISUSE, SEGJOB_FIELD_NONE);
        } else {
            assert_int_equal(segjob_connected(&x.client, EXCHANGE_TIME),
                             SEGJOB_PENDING);
            tx = segjob_tx(&x.client);
            assert_memory_equal(tx.ptr + x.client.attempt.head_len,
                                "{\"jobName\":\"ABCD\",", 18);
        }
        exchange_end(&x);
    }
}

/* ------------------------------------------------------ signing key cache */

/* Copy what the client sends to `to`. Returns its length. */
static size_t request_of(struct segjob_client *c,
                         const struct segjob_credentials *credentials,
                         int64_t unix_time, char *to)
{
    struct segjob_str tx;

    assert_int_equal(segjob_create(c, &exchange_request), SEGJOB_PENDING);
    assert_int_equal(segjob_set_credentials(c, credentials), SEGJOB_PENDING);
    assert_int_equal(segjob_connected(c, unix_time), SEGJOB_PENDING);
    tx = segjob_tx(c);
    memcpy(to, tx.ptr, tx.len);
    segjob_cancel(c);
    segjob_closed(c);
    return tx.len;
}

/* A client signs as a fresh one does, whatever it signed before. */
static void test_cached_key_signs_as_a_fresh_one(void **state)
{
    static char secrets[][8] = {"secretA", "secretB", "secretA"};
    static const int64_t times[] = {EXCHANGE_TIME, EXCHANGE_TIME + 86399,
                                    EXCHANGE_TIME + 86400, EXCHANGE_TIME};
    char secret[8];
    struct segjob_credentials credentials = exchange_credentials;
    struct exchange old;

    (void)state;
    credentials.secret_access_key.ptr = secret; /* the same place for all */
    credentials.secret_access_key.len = 7;
    exchange_begin(&old, EXCHANGE_ROOMY);
    for (size_t i = 0; i < LENGTH(secrets) * LENGTH(times); i++) {
        char sent[EXCHANGE_ROOMY];
        char expected[EXCHANGE_ROOMY];
        struct exchange fresh;
        size_t n;

        memcpy(secret, secrets[i % LENGTH(secrets)], sizeof(secret));
        exchange_begin(&fresh, EXCHANGE_ROOMY);
        n = request_of(&fresh.client, &credentials, times[i / LENGTH(secrets)],
                       expected);
        assert_int_equal(request_of(&old.client, &credentials,
                                    times[i / LENGTH(secrets)], sent),
                         n);
        assert_memory_equal(sent, expected, n);
        exchange_end(&fresh);
    }
    exchange_end(&old);
}

/* ----------------------------------------------------------------- wiping */

static bool holds(const void *memory, size_t n, const char *text)
{
    const char *at = memory;

    for (size_t i = 0; i + strlen(text) <= n; i++) {
        if (memcmp(at + i, text, strlen(text)) == 0) {
            return true;
        }
    }
    return false;
}

static void expect_no_secret(const void *memory, size_t n)
{
    assert_false(holds(memory, n, EXCHANGE_TOKEN));
    assert_false(holds(memory, n, EXCHANGE_SECRET));
    assert_false(holds(memory, n, "cost-centre"));
    assert_false(holds(memory, n, "hush-hush"));
}

/* However an operation ends, the buffer holds no secret afterwards; after
 * segjob_wipe() the client holds none either. */
static void test_no_secret_is_left(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(wants); i++) {
        struct exchange x;

        exchange_begin(&x, EXCHANGE_ROOMY);
        exchange_until(&x, wants[i]);
        segjob_cancel(&x.client);
        expect_no_secret(x.buf, x.cap);
        exchange_close(&x);
        succeed(&x);
        expect_no_secret(x.buf, x.cap);
        segjob_wipe(&x.client);
        expect_no_secret(x.buf, x.cap);
        expect_no_secret(&x.client, sizeof(x.client));
        free(x.buf);
    }
}

static void test_wiped_in_the_middle(void **state)
{
    static const struct segjob_client zero;

    (void)state;
    for (size_t i = 0; i < LENGTH(wants); i++) {
        struct exchange x;

        exchange_begin(&x, EXCHANGE_ROOMY);
        exchange_until(&x, wants[i]);
        segjob_wipe(&x.client);
        assert_memory_equal(&x.client, &zero, sizeof(zero));
        expect_no_secret(x.buf, x.cap);
        free(x.buf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spans),
        cmocka_unit_test(test_turns),
        cmocka_unit_test(test_host_and_port_given),
        cmocka_unit_test(test_out_of_turn),
        cmocka_unit_test(test_out_of_turn_in_a_response),
        cmocka_unit_test(test_nothing_sent),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_failed_with_no_failure),
        cmocka_unit_test(test_closed_at_every_turn),
        cmocka_unit_test(test_cancel_at_every_turn),
        cmocka_unit_test(test_too_late),
        cmocka_unit_test(test_what_was_read_stands_beside_a_failure),
        cmocka_unit_test(test_invalid_request),
        cmocka_unit_test(test_bad_credentials),
        cmocka_unit_test(test_bad_configuration),
        cmocka_unit_test(test_clock),
        cmocka_unit_test(test_borrowed_text_changes),
        cmocka_unit_test(test_cached_key_signs_as_a_fresh_one),
        cmocka_unit_test(test_no_secret_is_left),
        cmocka_unit_test(test_wiped_in_the_middle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
