/*
 * The runner with the real core, over a port that can block, fail at any call,
 * lie, and let time pass on demand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "misuse.h"
#include "segjob_run.h"

#define ARN "arn:aws:personalize:us-east-1:123456789012:batch-segment-job/x"

static const char response[] = "HTTP/1.1 200 OK\r\n"
                               "Content-Type: application/x-amz-json-1.1\r\n"
                               "Content-Length: 87\r\n"
                               "\r\n"
                               "{\"batchSegmentJobArn\":\"" ARN "\"}";

static char buf[4096];
static struct segjob_client client, other;

#define JOB(path)                                                              \
    "{\"batchSegmentJob\":{\"batchSegmentJobArn\":\"" ARN                      \
    "\",\"jobName\":\"x\",\"status\":\"ACTIVE\","                              \
    "\"creationDateTime\":1767225600.5,\"solutionVersionArn\":"                \
    "\"arn:aws:personalize:us-east-1:123456789012:solution/s/1\",\"roleArn\":" \
    "\"arn:aws:iam::123456789012:role/r\",\"jobInput\":{\"s3DataSource\":{"    \
    "\"path\":\"" path "\"}}}}"

/* The body has 349 bytes, as the path has 14. */
static const char described[] =
    "HTTP/1.1 200 OK\r\nContent-Length: 349\r\n\r\n" JOB("s3://b/in.json");

/* ------------------------------------------------------------------- port */

enum call {
    NO_CALL,
    RESOLVE,
    OPEN,
    SEND,
    RECV
};

/* What the peer does on a kept connection. */
enum idle {
    STAYS,
    CLOSES,
    BREAKS,
    TALKS
};

static struct world {
    struct segjob_stream stream;
    struct segjob_platform platform;
    struct segjob_port port;
    /* What the port is to do. */
    bool stutters;        /* every other call would block */
    enum call stuck;      /* this call blocks for ever */
    unsigned fail_at;     /* number of the call that fails, 0: none */
    bool is_mute;         /* a failure sets no port error */
    size_t most;          /* bytes that a call moves at most */
    enum call liar;       /* this call reports a wrong length: */
    size_t lie;           /* `lie` bytes, or addresses */
    const char *response; /* what the peer sends before it closes */
    size_t response_len;
    bool breaks; /* the response ends with a failure */
    enum idle idle;
    bool has_random;
    void (*looks)(void); /* called with `sent` before the response */
    int64_t wall;
    uint64_t now;
    int clock_calls_left; /* then the clock fails; below 0: never */
    uint64_t failed_clock;
    /* What happened. */
    unsigned calls;
    bool is_resolving;
    bool is_open;
    bool was_connected;
    unsigned opened; /* how often */
    size_t response_sent;
    char sent[2048];
    size_t sent_len;
    unsigned waits;
    struct segjob_wants waited;
} w;

static void set_error(struct segjob_port_error *f, enum segjob_status status)
{
    if (!w.is_mute) {
        *f = (struct segjob_port_error){status, "injected", 5};
    }
}

/* Count a call. Returns OK if it is to be carried out. */
static enum segjob_io enter(enum call call)
{
    w.calls++;
    if (w.calls == w.fail_at) {
        return SEGJOB_IO_FAILED;
    }
    if (call == w.stuck || (w.stutters && w.calls % 2 == 1)) {
        return SEGJOB_IO_WOULD_BLOCK;
    }
    return SEGJOB_IO_OK;
}

static enum segjob_io w_resolve(struct segjob_platform *p, const char *host,
                                struct segjob_address *addresses, size_t cap,
                                size_t *len)
{
    const enum segjob_io io = enter(RESOLVE);

    assert_string_equal(host, "personalize.us-east-1.amazonaws.com");
    assert_false(w.is_open);
    w.is_resolving = io == SEGJOB_IO_WOULD_BLOCK;
    if (io == SEGJOB_IO_FAILED) {
        set_error(&p->error, SEGJOB_RESOLVE);
    } else if (io == SEGJOB_IO_OK) {
        memset(addresses, 0, cap * sizeof(*addresses));
        addresses[0].bytes[0] = 127;
        *len = w.liar == RESOLVE ? w.lie : 1;
    }
    return io;
}

static void w_resolve_cancel(struct segjob_platform *p)
{
    (void)p;
    assert_true(w.is_resolving);
    w.is_resolving = false;
}

static enum segjob_io w_open(struct segjob_stream *s,
                             const struct segjob_peer *peer)
{
    const enum segjob_io io = enter(OPEN);

    assert_false(w.is_resolving);
    assert_string_equal(peer->host, "personalize.us-east-1.amazonaws.com");
    assert_int_equal(peer->port, 443);
    assert_int_equal(peer->addresses_len, 1);
    assert_int_equal(peer->addresses[0].bytes[0], 127);
    w.is_open = true; /* at least half */
    w.was_connected = io == SEGJOB_IO_OK;
    w.opened += io == SEGJOB_IO_OK;
    if (io == SEGJOB_IO_FAILED) {
        set_error(&s->error, SEGJOB_CERTIFICATE);
    }
    return io;
}

static enum segjob_io w_send(struct segjob_stream *s, const void *bytes,
                             size_t n, size_t *sent)
{
    const enum segjob_io io = enter(SEND);

    assert_true(w.is_open);
    assert_true(n > 0);
    w.response_sent = 0;
    if (n > 5 && memcmp(bytes, "POST ", 5) == 0) {
        w.sent_len = 0;
    }
    if (io == SEGJOB_IO_FAILED) {
        set_error(&s->error, SEGJOB_CONNECTION_CLOSED);
    } else if (io == SEGJOB_IO_OK) {
        *sent = n < w.most ? n : w.most;
        assert_true(*sent <= sizeof(w.sent) - w.sent_len);
        memcpy(w.sent + w.sent_len, bytes, *sent);
        w.sent_len += *sent;
        *sent = w.liar == SEND ? (w.lie == 0 ? 0 : n + w.lie) : *sent;
    }
    return io;
}

static enum segjob_io idle_recv(void *room, size_t *received)
{
    static const enum segjob_io results[] = {SEGJOB_IO_WOULD_BLOCK,
                                             SEGJOB_IO_CLOSED, SEGJOB_IO_FAILED,
                                             SEGJOB_IO_OK};

    *received = 1;
    memcpy(room, "H", 1);
    return results[w.idle];
}

static enum segjob_io w_recv(struct segjob_stream *s, void *room, size_t n,
                             size_t *received)
{
    size_t left;
    enum segjob_io io;

    assert_true(w.is_open);
    assert_true(n > 0);
    if (client.want != SEGJOB_WANT_RECEIVE &&
        other.want != SEGJOB_WANT_RECEIVE) { /* either may be wiped */
        return idle_recv(room, received);
    }
    if (w.looks != NULL) {
        w.looks();
    }
    left = w.response_len - w.response_sent;
    io = enter(RECV);
    if (io == SEGJOB_IO_FAILED || (left == 0 && w.breaks)) {
        set_error(&s->error, SEGJOB_CONNECTION_CLOSED);
        return SEGJOB_IO_FAILED;
    }
    if (io == SEGJOB_IO_OK) {
        n = n < w.most ? n : w.most;
        *received = n < left ? n : left;
        memcpy(room, w.response + w.response_sent, *received);
        w.response_sent += *received;
        *received = w.liar == RECV ? (w.lie == 0 ? 0 : n + w.lie) : *received;
        return left == 0 && w.liar != RECV ? SEGJOB_IO_CLOSED : io;
    }
    return io;
}

static void w_close(struct segjob_stream *s)
{
    (void)s;
    assert_true(w.is_open);
    w.is_open = false;
    w.response_sent = 0;
}

static void w_wants(const struct segjob_stream *s, struct segjob_wants *wants)
{
    (void)s;
    wants->readable = true;
    wants->wake_ms = w.now + 5000;
}

static int64_t w_wall_clock(struct segjob_platform *p)
{
    (void)p;
    return w.wall;
}

static uint64_t w_monotonic_ms(struct segjob_platform *p)
{
    (void)p;
    if (w.clock_calls_left == 0) {
        return w.failed_clock;
    }
    w.clock_calls_left -= w.clock_calls_left > 0;
    return w.now;
}

static bool w_random(struct segjob_platform *p, void *bytes, size_t n)
{
    (void)p;
    memset(bytes, 0x80, n); /* about a half */
    return w.has_random;
}

static void w_wait(struct segjob_platform *p, const struct segjob_wants *wants)
{
    (void)p;
    assert_true(wants->wake_ms > w.now);
    w.waits++;
    w.waited = *wants;
    w.now = w.stutters ? w.now + 1 : wants->wake_ms;
}

/* --------------------------------------------------------------- fixture */

static const struct segjob_create_request job = {
    .job_name = SEGJOB_STR("x"),
    .solution_version_arn =
        SEGJOB_STR("arn:aws:personalize:us-east-1:123456789012:solution/s/1"),
    .role_arn = SEGJOB_STR("arn:aws:iam::123456789012:role/r"),
    .input = {.path = SEGJOB_STR("s3://b/in.json")},
    .output = {.path = SEGJOB_STR("s3://b/out/")},
};

static const struct segjob_credentials credentials = {
    .access_key_id = SEGJOB_STR("AKIDEXAMPLE"),
    .secret_access_key = SEGJOB_STR("secret"),
};

static void begin(void)
{
    const struct segjob_config config = {.region = SEGJOB_STR("us-east-1")};

    memset(&w, 0, sizeof(w));
    w.stream = (struct segjob_stream){.open = w_open,
                                      .send = w_send,
                                      .recv = w_recv,
                                      .close = w_close,
                                      .wants = w_wants};
    w.platform = (struct segjob_platform){.wall_clock = w_wall_clock,
                                          .monotonic_ms = w_monotonic_ms,
                                          .random = w_random,
                                          .resolve = w_resolve,
                                          .resolve_cancel = w_resolve_cancel,
                                          .wait = w_wait};
    w.port.stream = &w.stream;
    w.port.platform = &w.platform;
    w.port.credentials = &credentials;
    w.has_random = true;
    w.most = SIZE_MAX;
    w.response = response;
    w.response_len = sizeof(response) - 1;
    w.wall = 1767225600;
    w.now = 1000;
    w.clock_calls_left = -1;
    assert_int_equal(segjob_init(&client, &config, buf, sizeof(buf)),
                     SEGJOB_OK);
    assert_int_equal(segjob_create(&client, &job), SEGJOB_PENDING);
}

static enum segjob_status run(uint32_t timeout_ms)
{
    return segjob_run(&client, &w.port, timeout_ms);
}

/* Without a deadline: one request, no retry. */
static enum segjob_status once(void)
{
    while (segjob_step(&client, &w.port) == SEGJOB_PENDING) {
        const struct segjob_wants wants = segjob_get_wants(&client, &w.port);

        if (wants.wake_ms != 0) {
            w.platform.wait(&w.platform, &wants);
        }
    }
    return segjob_get_status(&client);
}

static void assert_ended(int line)
{
    if (w.is_open != segjob_keep_alive(&client) || w.is_resolving ||
        segjob_get_want(&client) != SEGJOB_WANT_NOTHING) {
        fail_msg("line %d: open %d, resolving %d", line, w.is_open,
                 w.is_resolving);
    }
}

/* After any failure the same client and port can do the next operation. */
static void assert_works_again(void)
{
    assert_ended(__LINE__);
    w.stutters = w.is_mute = w.breaks = false;
    w.stuck = w.liar = NO_CALL;
    w.fail_at = 0;
    w.most = SIZE_MAX;
    w.response_len = sizeof(response) - 1;
    w.clock_calls_left = -1;
    w.wall = 1767225600;
    w.sent_len = 0;
    w.port.credentials = &credentials;
    assert_int_equal(segjob_create(&client, &job), SEGJOB_PENDING);
    assert_int_equal(run(1000), SEGJOB_OK);
    assert_int_equal(w.port.error.status, SEGJOB_OK);
    assert_null(w.port.error.message);
    assert_ended(__LINE__);
}

static void assert_created(void)
{
    const struct segjob_str arn = segjob_batch_segment_job_arn(&client);

    assert_int_equal(segjob_get_outcome(&client), SEGJOB_CREATED);
    assert_int_equal(arn.len, strlen(ARN));
    assert_memory_equal(arn.ptr, ARN, arn.len);
}

/* ------------------------------------------------------------------ tests */

static void test_runs_to_the_arn(void **state)
{
    size_t most;

    (void)state;
    for (most = 1; most < 2000; most *= 3) {
        begin();
        w.stutters = most % 2 == 0 || most > 100;
        w.most = most;
        assert_int_equal(run(100000), SEGJOB_OK);
        assert_created();
        assert_int_equal(w.waits, w.stutters ? w.calls / 2 : 0);
        assert_memory_equal(w.sent, "POST / HTTP/1.1\r\n", 17);
        assert_int_equal(w.port.error.status, SEGJOB_OK);
        assert_works_again();
    }
}

static void test_runs_without_wait(void **state)
{
    (void)state;
    begin();
    w.stutters = true;
    w.platform.wait = NULL;
    assert_int_equal(run(1000), SEGJOB_OK);
    assert_created();
}

static void test_a_step_does_one_thing_and_sets_the_next_time(void **state)
{
    struct segjob_wants wants;
    unsigned steps = 0;

    (void)state;
    begin();
    w.stutters = true;
    wants = segjob_get_wants(&client, &w.port);
    assert_true(wants.wake_ms == 0);
    while (segjob_step(&client, &w.port) == SEGJOB_PENDING) {
        const unsigned calls = w.calls;

        wants = segjob_get_wants(&client, &w.port);
        assert_int_equal(w.calls, calls); /* no call of the port */
        if (calls % 2 == 0 || segjob_get_want(&client) == SEGJOB_WANT_CLOSE) {
            assert_true(wants.wake_ms == 0); /* it moved */
        } else if (w.is_resolving) {
            assert_true(wants.wake_ms == w.now + SEGJOB_RESOLVE_POLL_MS);
        } else {
            assert_true(wants.readable && wants.wake_ms == w.now + 5000);
        }
        assert_true(calls <= ++steps);
    }
    assert_int_equal(steps, 1 + 2 + 2 + 2 + 2 - 1);
    assert_created();
    wants = segjob_get_wants(&client, &w.port);
    assert_true(wants.wake_ms == 0); /* looks at the kept connection */
    assert_int_equal(segjob_step(&client, &w.port), SEGJOB_OK);
    wants = segjob_get_wants(&client, &w.port);
    assert_true(wants.readable && wants.wake_ms == w.now + 5000);
    segjob_disconnect(&w.port);
    wants = segjob_get_wants(&client, &w.port);
    assert_true(!wants.readable && !wants.writable);
    assert_true(wants.wake_ms == UINT64_MAX);
    assert_int_equal(segjob_step(&client, &w.port), SEGJOB_OK);
}

static void test_every_call_of_the_port_fails(void **state)
{
    unsigned k, stutter;

    (void)state;
    for (stutter = 0; stutter < 2; stutter++) {
        enum segjob_status status = SEGJOB_PENDING;

        for (k = 1; status != SEGJOB_OK; k++) {
            begin();
            w.stutters = stutter == 1;
            w.most = 100;
            w.fail_at = k;
            status = once();
            if (status == SEGJOB_OK) {
                break;
            }
            assert_int_equal(w.calls, k); /* and nothing after it */
            assert_int_equal(status, w.port.error.status);
            assert_string_equal(w.port.error.message, "injected");
            assert_int_equal(w.port.error.code, 5);
            assert_int_equal(segjob_get_outcome(&client),
                             w.was_connected ? SEGJOB_UNKNOWN
                                             : SEGJOB_NOT_SENT);
            assert_works_again();
        }
        assert_true(k > 8);
        assert_created();
    }
}

/* The response to a DescribeBatchSegmentJob is the job. */
static void describe_the_job(void)
{
    if (strstr(w.sent, "AmazonPersonalize.Describe") != NULL) {
        w.response = described;
        w.response_len = sizeof(described) - 1;
    }
}

static void test_every_call_of_the_port_fails_once(void **state)
{
    unsigned k;

    (void)state;
    w.calls = 1;
    for (k = 1; w.calls + 1 >= k; k++) { /* until no call fails any more */
        begin();
        w.looks = describe_the_job;
        w.is_mute = true; /* else open reports a certificate, which is final */
        w.most = 100;
        w.fail_at = k;
        assert_int_equal(run(10000), SEGJOB_OK);
        assert_created();
        assert_int_equal(w.port.error.status, SEGJOB_OK);
        assert_ended(__LINE__);
    }
    assert_true(k > 10);
}

static void test_no_random_bytes(void **state)
{
    (void)state;
    begin();
    w.fail_at = 1;
    w.has_random = false;
    assert_int_equal(run(1000), SEGJOB_CONFIG);
    assert_non_null(strstr(w.port.error.message, "random"));
    assert_int_equal(w.calls, 1);
    assert_works_again();
}

static void test_without_a_port_error_the_call_decides(void **state)
{
    static const enum segjob_status expected[] = {
        SEGJOB_RESOLVE, SEGJOB_CONNECT, SEGJOB_CONNECTION_CLOSED,
        SEGJOB_CONNECTION_CLOSED};
    unsigned k;

    (void)state;
    for (k = 1; k <= 4; k++) {
        begin();
        w.fail_at = k;
        w.is_mute = true;
        assert_int_equal(once(), expected[k - 1]);
        assert_int_equal(w.port.error.status, expected[k - 1]);
        assert_works_again();
    }
}

static void test_a_port_that_lies_is_not_believed(void **state)
{
    static const struct {
        enum call call;
        size_t lie;
        enum segjob_status status;
    } rows[] = {
        {RESOLVE, 0, SEGJOB_RESOLVE},
        {RESOLVE, SEGJOB_ADDRESSES_CAP + 1, SEGJOB_RESOLVE},
        {SEND, 0, SEGJOB_CONNECTION_CLOSED},
        {SEND, 1, SEGJOB_CONNECTION_CLOSED},
        {RECV, 0, SEGJOB_CONNECTION_CLOSED},
        {RECV, 1, SEGJOB_CONNECTION_CLOSED},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin();
        w.liar = rows[i].call;
        w.lie = rows[i].lie;
        if (MISUSE_ASSERTS) {
            assert_misuse(once());
            continue;
        }
        assert_int_equal(once(), rows[i].status);
        assert_non_null(w.port.error.message);
        assert_works_again();
    }
}

static void test_a_response_cut_anywhere_is_no_success(void **state)
{
    size_t len;
    int breaks;

    (void)state;
    for (breaks = 0; breaks < 2; breaks++) {
        for (len = 0; len < sizeof(response) - 1; len++) {
            begin();
            w.response_len = len;
            w.breaks = breaks == 1;
            assert_int_equal(once(), SEGJOB_CONNECTION_CLOSED);
            assert_int_equal(segjob_get_outcome(&client), SEGJOB_UNKNOWN);
            assert_works_again();
        }
    }
}

static void test_a_response_until_close(void **state)
{
    static const char until_close[] = "HTTP/1.0 200 OK\r\n\r\n"
                                      "{\"batchSegmentJobArn\":\"" ARN "\"}";

    (void)state;
    begin();
    w.response = until_close;
    w.response_len = sizeof(until_close) - 1;
    assert_int_equal(once(), SEGJOB_OK);
    assert_created();
    begin();
    w.response = until_close;
    w.response_len = sizeof(until_close) - 1;
    w.breaks = true;
    assert_int_equal(once(), SEGJOB_CONNECTION_CLOSED);
    assert_int_equal(segjob_get_outcome(&client), SEGJOB_UNKNOWN);
}

/* -------------------------------------------------------------- keeping */

static void again(void)
{
    w.sent_len = 0;
    assert_int_equal(segjob_create(&client, &job), SEGJOB_PENDING);
    assert_int_equal(run(1000), SEGJOB_OK);
    assert_created();
}

static void test_a_connection_is_kept_for_the_next_job(void **state)
{
    (void)state;
    begin();
    assert_int_equal(run(1000), SEGJOB_OK);
    again();
    w.now += SEGJOB_IDLE_MS - 1;
    again();
    assert_int_equal(w.opened, 1);
    w.now += SEGJOB_IDLE_MS;
    again();
    assert_int_equal(w.opened, 2);
    segjob_disconnect(&w.port);
    segjob_disconnect(&w.port);
    assert_false(w.is_open);
    again();
    assert_int_equal(w.opened, 3);
}

static void test_a_kept_connection_that_died_is_not_used(void **state)
{
    enum idle idle;

    (void)state;
    for (idle = CLOSES; idle <= TALKS; idle++) {
        begin();
        assert_int_equal(run(1000), SEGJOB_OK);
        w.idle = idle;
        again();
        assert_int_equal(w.opened, 2);
    }
}

static void test_steps_look_after_a_kept_connection(void **state)
{
    enum idle idle;

    (void)state;
    for (idle = STAYS; idle <= TALKS; idle++) {
        begin();
        assert_int_equal(run(1000), SEGJOB_OK);
        assert_int_equal(segjob_step(&client, &w.port), SEGJOB_OK);
        assert_true(w.is_open);
        w.idle = idle;
        w.now += idle == STAYS ? SEGJOB_IDLE_MS : 0;
        assert_int_equal(segjob_step(&client, &w.port), SEGJOB_OK);
        assert_false(w.is_open);
        assert_true(segjob_get_wants(&client, &w.port).wake_ms == UINT64_MAX);
        again();
    }
}

/* Not for another client, nor for the same one after segjob_init(). */
static void test_a_connection_is_kept_for_the_same_client(void **state)
{
    const struct segjob_config config = {.region = SEGJOB_STR("us-east-1")};
    static char other_buf[4096];

    (void)state;
    begin();
    assert_int_equal(run(1000), SEGJOB_OK);
    assert_int_equal(segjob_init(&client, &config, buf, sizeof(buf)),
                     SEGJOB_OK);
    again();
    assert_int_equal(w.opened, 2);
    w.sent_len = 0;
    assert_int_equal(segjob_init(&other, &config, other_buf, sizeof(other_buf)),
                     SEGJOB_OK);
    assert_int_equal(segjob_create(&other, &job), SEGJOB_PENDING);
    assert_int_equal(segjob_run(&other, &w.port, 1000), SEGJOB_OK);
    assert_int_equal(w.opened, 3);
    again();
    assert_int_equal(w.opened, 4);
    segjob_wipe(&other);
}

static void test_giving_up_on_a_kept_connection(void **state)
{
    (void)state;
    begin();
    assert_int_equal(run(1000), SEGJOB_OK);
    assert_int_equal(segjob_create(&client, &job), SEGJOB_PENDING);
    segjob_cancel(&client); /* before the connection was used */
    assert_int_equal(run(1000), SEGJOB_CANCELLED);
    assert_ended(__LINE__);
    again();
    assert_int_equal(w.opened, 1);
    assert_int_equal(segjob_create(&client, &job), SEGJOB_PENDING);
    assert_int_equal(segjob_step(&client, &w.port), SEGJOB_PENDING);
    segjob_cancel(&client);
    assert_int_equal(run(1000), SEGJOB_CANCELLED);
    assert_false(w.is_open);
}

/* --------------------------------------------------------------- deadlines */

static const struct {
    enum call stuck;
    const char *stage;
    enum segjob_outcome outcome;
} stages[] = {
    {RESOLVE, "resolving", SEGJOB_NOT_SENT},
    {OPEN, "connecting", SEGJOB_NOT_SENT},
    {SEND, "sending", SEGJOB_UNKNOWN},
    {RECV, "response", SEGJOB_UNKNOWN},
};

static void test_time_runs_out(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
        begin();
        w.stuck = stages[i].stuck;
        assert_int_equal(run(7000), SEGJOB_TIMEOUT);
        assert_int_equal(w.port.error.status, SEGJOB_TIMEOUT);
        assert_non_null(strstr(w.port.error.message, stages[i].stage));
        assert_int_equal(segjob_get_outcome(&client), stages[i].outcome);
        /* Nothing was sent: three attempts may end before the deadline. */
        assert_true(stages[i].outcome == SEGJOB_NOT_SENT ? w.now < 8000
                                                         : w.now == 8000);
        assert_works_again();
    }
}

static void test_no_time_at_all(void **state)
{
    (void)state;
    begin();
    assert_int_equal(run(0), SEGJOB_TIMEOUT);
    assert_int_equal(w.calls, 0);
    assert_int_equal(segjob_get_outcome(&client), SEGJOB_NOT_SENT);
    assert_works_again();
}

static void test_a_deadline_beyond_the_clocks_end(void **state)
{
    (void)state;
    begin();
    w.now = UINT64_MAX - 10;
    assert_int_equal(run(UINT32_MAX), SEGJOB_OK);
    assert_created();
}

/* A clock that fails, or runs backwards, at its k-th reading. */
static void test_a_clock_that_fails_is_no_hang(void **state)
{
    int k;
    uint64_t value;

    (void)state;
    for (value = 0; value <= 999; value += 999) {
        for (k = 0; k < 5; k++) {
            begin();
            w.stuck = RECV;
            w.clock_calls_left = k;
            w.failed_clock = value;
            if (k == 0 && value != 0) {
                continue; /* it does not run backwards then */
            }
            assert_int_equal(run(7000), SEGJOB_CLOCK);
            assert_string_equal(w.port.error.message,
                                "the monotonic clock failed");
            assert_works_again();
        }
    }
}

static void test_a_wall_clock_that_is_wrong(void **state)
{
    (void)state;
    begin();
    w.wall = -1;
    assert_int_equal(run(1000), SEGJOB_CLOCK);
    assert_int_equal(segjob_get_outcome(&client), SEGJOB_NOT_SENT);
    assert_int_equal(w.sent_len, 0);
    assert_works_again();
}

/* ---------------------------------------------------------------- giving up */

static void test_cancel_after_every_step(void **state)
{
    unsigned k, i;

    (void)state;
    for (k = 0; k < 30; k++) {
        enum segjob_status status = SEGJOB_PENDING;

        begin();
        w.stutters = true;
        for (i = 0; i < k && status == SEGJOB_PENDING; i++) {
            status = segjob_step(&client, &w.port);
        }
        if (status != SEGJOB_PENDING) {
            break;
        }
        segjob_cancel(&client);
        for (i = 0; i < 3 && status == SEGJOB_PENDING; i++) {
            status = segjob_step(&client, &w.port);
        }
        assert_true(status == SEGJOB_CANCELLED ||
                    (status == SEGJOB_OK && k >= 8));
        assert_works_again();
    }
    assert_true(k >= 9 && k < 30);
}

/* Another client may use a port whose operation was abandoned. */
static void test_an_operation_left_half_way(void **state)
{
    unsigned k, i;

    (void)state;
    for (k = 0; k < 8; k++) {
        const struct segjob_config config = {.region = SEGJOB_STR("us-east-1")};

        begin();
        w.stutters = true;
        for (i = 0; i < k; i++) {
            assert_int_equal(segjob_step(&client, &w.port), SEGJOB_PENDING);
        }
        segjob_wipe(&client);
        assert_int_equal(segjob_init(&client, &config, buf, sizeof(buf)),
                         SEGJOB_OK);
        assert_int_equal(segjob_create(&client, &job), SEGJOB_PENDING);
        assert_int_equal(run(1000), SEGJOB_OK);
        assert_works_again();
    }
}

/* segjob_run() would ignore its deadline: it leaves the operation as it is. */
static void test_an_operation_that_was_stepped_is_not_run(void **state)
{
    char line[80];

    (void)state;
    begin();
    assert_int_equal(segjob_step(&client, &w.port), SEGJOB_PENDING);
    w.calls = 0;
    assert_misuse(run(1000));
    assert_int_equal(w.calls, 0);
    assert_int_equal(w.waits, 0);
    assert_int_equal(segjob_get_status(&client), SEGJOB_PENDING);
    (void)segjob_run_explain(&client, &w.port, line, sizeof(line));
    assert_string_equal(line, MISUSE_ASSERTS
                                  ? "in progress"
                                  : "a function was called out of turn: "
                                    "the client wants a connection");
    assert_int_equal(once(), SEGJOB_OK);
    assert_created();
}

/* A retry keeps the deadline of the first attempt. */
static void test_a_retry_is_not_run(void **state)
{
    (void)state;
    begin();
    assert_int_equal(segjob_set_deadline(&client, w.now + 60000), SEGJOB_OK);
    w.fail_at = 1;
    while (segjob_get_want(&client) != SEGJOB_WANT_PAUSE) {
        assert_int_equal(segjob_step(&client, &w.port), SEGJOB_PENDING);
    }
    assert_misuse(run(1000));
    w.now = segjob_wake_ms(&client);
    segjob_tick(&client, w.now);
    assert_int_equal(segjob_get_want(&client), SEGJOB_WANT_CREDENTIALS);
    assert_misuse(run(1000));
    assert_int_equal(once(), SEGJOB_OK);
    assert_created();
}

static void test_nothing_to_run(void **state)
{
    const struct segjob_config config = {.region = SEGJOB_STR("us-east-1")};

    (void)state;
    begin();
    assert_int_equal(run(1000), SEGJOB_OK);
    w.calls = 0;
    assert_int_equal(run(1000), SEGJOB_OK);
    assert_int_equal(segjob_init(&client, &config, buf, sizeof(buf)),
                     SEGJOB_OK);
    assert_int_equal(run(1000), SEGJOB_MISUSE); /* no operation was started */
    assert_int_equal(w.calls, 0);
}

static void test_no_credentials(void **state)
{
    const struct segjob_credentials none = {.access_key_id = {NULL, 0}};

    (void)state;
    begin();
    w.port.credentials = NULL;
    assert_int_equal(run(1000), SEGJOB_CONFIG);
    assert_non_null(strstr(w.port.error.message, "credentials"));
    assert_int_equal(w.calls, 0);
    assert_works_again();
    begin();
    w.port.credentials = &none;
    assert_int_equal(run(1000), SEGJOB_CONFIG);
    assert_int_equal(w.port.error.status, SEGJOB_OK); /* core explains it */
    assert_works_again();
}

static void test_a_refused_request_is_reported_and_nothing_done(void **state)
{
    struct segjob_create_request bad = job;

    (void)state;
    begin();
    assert_int_equal(run(1000), SEGJOB_OK);
    bad.job_name.len = 0;
    assert_int_equal(segjob_create(&client, &bad), SEGJOB_INVALID);
    w.calls = 0;
    assert_int_equal(run(1000), SEGJOB_INVALID);
    assert_int_equal(w.calls, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs_to_the_arn),
        cmocka_unit_test(test_runs_without_wait),
        cmocka_unit_test(test_a_step_does_one_thing_and_sets_the_next_time),
        cmocka_unit_test(test_every_call_of_the_port_fails),
        cmocka_unit_test(test_every_call_of_the_port_fails_once),
        cmocka_unit_test(test_no_random_bytes),
        cmocka_unit_test(test_without_a_port_error_the_call_decides),
        cmocka_unit_test(test_a_port_that_lies_is_not_believed),
        cmocka_unit_test(test_a_response_cut_anywhere_is_no_success),
        cmocka_unit_test(test_a_response_until_close),
        cmocka_unit_test(test_a_connection_is_kept_for_the_next_job),
        cmocka_unit_test(test_a_kept_connection_that_died_is_not_used),
        cmocka_unit_test(test_steps_look_after_a_kept_connection),
        cmocka_unit_test(test_a_connection_is_kept_for_the_same_client),
        cmocka_unit_test(test_giving_up_on_a_kept_connection),
        cmocka_unit_test(test_time_runs_out),
        cmocka_unit_test(test_no_time_at_all),
        cmocka_unit_test(test_a_deadline_beyond_the_clocks_end),
        cmocka_unit_test(test_a_clock_that_fails_is_no_hang),
        cmocka_unit_test(test_a_wall_clock_that_is_wrong),
        cmocka_unit_test(test_cancel_after_every_step),
        cmocka_unit_test(test_an_operation_left_half_way),
        cmocka_unit_test(test_an_operation_that_was_stepped_is_not_run),
        cmocka_unit_test(test_a_retry_is_not_run),
        cmocka_unit_test(test_nothing_to_run),
        cmocka_unit_test(test_no_credentials),
        cmocka_unit_test(test_a_refused_request_is_reported_and_nothing_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
