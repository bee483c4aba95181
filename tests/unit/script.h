/*
 * A script of what happens to each of a client's requests in turn.
 *
 * Each request that was sent is recorded as a letter: C create, D describe,
 * L list. Time is the test's own, and passes only where the script or the
 * client lets it pass.
 */
#ifndef SJ_TEST_SCRIPT_H
#define SJ_TEST_SCRIPT_H

#include "exchange.h"

#define ARN \
    "arn:aws:personalize:us-east-1:123456789012:batch-segment-job/nightly"

/* -------------------------------------------------------------- responses */

#define ID "x-amzn-RequestId: 6f2c\r\n"
#define HEAD(status, more) "HTTP/1.1 " status " x\r\n" ID more "\r\n"
#define REFUSAL(status, code) \
    HEAD(status, "X-Amzn-Errortype: " code "\r\nContent-Length: 0\r\n")
/* An error of a gateway, which has no request id. */
#define GATEWAY(status, code)                                 \
    "HTTP/1.1 " status " x\r\nX-Amzn-Errortype: " code "\r\n" \
    "Content-Length: 0\r\n\r\n"
#define CREATED_AS(arn) HEAD("200", "") "{\"batchSegmentJobArn\":\"" arn "\"}"
#define CREATED CREATED_AS(ARN)
#define NAME_TAKEN REFUSAL("400", "ResourceAlreadyExistsException")
#define NOT_FOUND REFUSAL("400", "ResourceNotFoundException")
#define THROTTLED REFUSAL("400", "ThrottlingException")
#define INVALID REFUSAL("400", "InvalidInputException")
#define EXPIRED REFUSAL("400", "ExpiredTokenException")
#define BROKEN HEAD("500", "Content-Length: 0\r\n")
#define SKEWED                                                \
    HEAD("403", "X-Amzn-Errortype: SignatureDoesNotMatch\r\n" \
                "Date: Thu, 01 Jan 2026 12:00:00 GMT\r\n"     \
                "Content-Length: 0\r\n")
#define TOO_LONG HEAD("200", "Content-Length: 9000\r\n")

/* The job that exchange.h requests, with another role name; and with another
 * ARN and name. */
#define DESCRIBED(created, status, role) \
    JOB(ARN, "nightly", created, status, role)
#define JOB(arn, name, created, status, role)                                \
    HEAD("200", "")                                                          \
    "{\"batchSegmentJob\":{\"batchSegmentJobArn\":\"" arn                    \
    "\",\"jobName\":\"" name "\",\"status\":\"" status                       \
    "\",\"creationDateTime\":" created ",\"solutionVersionArn\":"            \
    "\"arn:aws:personalize:us-east-1:123456789012:solution/s/v\","           \
    "\"filterArn\":\"arn:aws:personalize:us-east-1:123456789012:"            \
    "filter/everything-that-was-not-seen\","                                 \
    "\"roleArn\":\"arn:aws:iam::123456789012:role/" role "\","               \
    "\"numResults\":25,"                                                     \
    "\"jobInput\":{\"s3DataSource\":{\"path\":\"s3://bucket/users.json\"}}," \
    "\"jobOutput\":{\"s3DataDestination\":{\"path\":\"s3://bucket/segments/" \
    "\","                                                                    \
    "\"kmsKeyArn\":\"arn:aws:kms:us-east-1:123456789012:key/"                \
    "mrk-1234abcd\"}}}}"
#define OWN DESCRIBED("1767225600.25", "PENDING", "r")
#define OLD DESCRIBED("1766620800", "ACTIVE", "r") /* a week before */
#define OTHER DESCRIBED("1767225600.25", "PENDING", "another")
#define OTHER_ARN ARN "-7"
#define FOREIGN_ARN "arn:aws:personalize:eu-west-9:999999999999:solution/evil"

/* Failures, in place of a response. */
#define NO_CONNECTION "-connect"
#define CUT "-cut"
#define SILENCE "-silence"
#define REFUSED_CERTIFICATE "-certificate"

/* --------------------------------------------------------------- the world */

static struct world {
    struct exchange x;
    const char *const *script;
    char requests[64]; /* one letter each */
    size_t requests_len;
    char request[2048]; /* the last one sent, NUL-terminated */
    uint64_t now;
    int64_t wall; /* the device's clock when `now` is 0 */
    unsigned pauses;
    uint64_t longest_pause;
} w;

static inline struct segjob_client *client(void)
{
    return &w.x.client;
}

static inline void set_up_with(const char *const *script, size_t cap)
{
    memset(&w, 0, sizeof(w));
    w.script = script;
    w.wall = EXCHANGE_TIME;
    exchange_begin(&w.x, cap);
}

static inline void set_up(const char *const *script)
{
    set_up_with(script, 4096);
}

static inline void record_request(void)
{
    static const char target[] = "X-Amz-Target: AmazonPersonalize.";
    const struct segjob_str tx = segjob_tx(client());
    const char *at;

    assert_true(tx.len < sizeof(w.request));
    memcpy(w.request, tx.ptr, tx.len);
    w.request[tx.len] = '\0';
    at = strstr(w.request, target);
    assert_non_null(at);
    assert_true(w.requests_len < sizeof(w.requests) - 1);
    w.requests[w.requests_len++] = at[strlen(target)];
}

/* Let time pass until the client's time limit. */
static inline void let_time_pass(void)
{
    assert_true(segjob_wake_ms(client()) != UINT64_MAX);
    w.now = segjob_wake_ms(client());
    segjob_tick(client(), w.now);
}

static inline void respond(const char *bytes)
{
    record_request();
    assert_int_equal(segjob_sent(client(), segjob_tx(client()).len),
                     SEGJOB_PENDING);
    if (strcmp(bytes, CUT) == 0) {
        segjob_failed(client(), SEGJOB_CONNECTION_CLOSED);
    } else if (strcmp(bytes, SILENCE) == 0) {
        let_time_pass();
    } else {
        (void)exchange_receive(&w.x, bytes, strlen(bytes), SIZE_MAX);
        if (segjob_get_want(client()) == SEGJOB_WANT_RECEIVE) {
            assert_int_equal(segjob_received(client(), 0), SEGJOB_PENDING);
        }
    }
}

static inline void next_attempt(void)
{
    const char *what = *w.script != NULL ? *w.script++ : CUT;

    if (strcmp(what, NO_CONNECTION) == 0) {
        segjob_failed(client(), SEGJOB_CONNECT);
    } else if (strcmp(what, REFUSED_CERTIFICATE) == 0) {
        segjob_failed(client(), SEGJOB_CERTIFICATE);
    } else {
        assert_int_equal(
            segjob_connected(client(), w.wall + (int64_t)(w.now / 1000)),
            SEGJOB_PENDING);
        respond(what);
    }
}

static inline void pass_pause(void)
{
    const uint64_t before = w.now;

    let_time_pass();
    w.pauses++;
    if (w.now - before > w.longest_pause) {
        w.longest_pause = w.now - before;
    }
}

static inline void turn(void)
{
    struct segjob_client *c = client();

    segjob_tick(c, w.now);
    switch (segjob_get_want(c)) {
    case SEGJOB_WANT_CREDENTIALS:
        (void)!segjob_set_credentials(c, &exchange_credentials);
        break;
    case SEGJOB_WANT_CONNECTION:
        next_attempt();
        break;
    case SEGJOB_WANT_CLOSE:
        segjob_closed(c);
        break;
    case SEGJOB_WANT_RANDOM:
        segjob_set_random(c, UINT32_C(0x80000000));
        break;
    case SEGJOB_WANT_PAUSE:
        pass_pause();
        break;
    case SEGJOB_WANT_NOTHING:
    case SEGJOB_WANT_SEND:
    case SEGJOB_WANT_RECEIVE:
    default:
        fail_msg("not wanted: %d", (int)segjob_get_want(c));
    }
}

static inline void run_for(uint64_t ms)
{
    const uint64_t deadline = w.now + ms;
    unsigned turns = 0;

    assert_int_equal(segjob_set_deadline(client(), deadline), SEGJOB_OK);
    while (segjob_get_want(client()) != SEGJOB_WANT_NOTHING) {
        turn();
        assert_true(++turns < 1000);
    }
    assert_true(w.now <= deadline);
}

#endif
