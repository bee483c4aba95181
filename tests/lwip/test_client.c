/*
 * The whole client over lwIP, from name to response. Without TLS, which has
 * tests of its own: the runner uses the port's TCP stream.
 */
#include "stack.h"

#include <stdio.h>

#include "segjob_proxy.h"

#define ARN \
    "arn:aws:personalize:us-east-1:123456789012:batch-segment-job/nightly"
#define BODY "{\"batchSegmentJobArn\":\"" ARN "\"}"
#define GENEROUS_MS 60000u

static const struct segjob_create_request job = {
    .job_name = SEGJOB_STR_INIT("nightly"),
    .solution_version_arn = SEGJOB_STR_INIT(
        "arn:aws:personalize:us-east-1:123456789012:solution/s/1"),
    .role_arn = SEGJOB_STR_INIT("arn:aws:iam::123456789012:role/r"),
    .input = {.path = SEGJOB_STR_INIT("s3://b/in.json")},
    .output = {.path = SEGJOB_STR_INIT("s3://b/out/")},
};

static const struct segjob_credentials credentials = {
    .access_key_id = SEGJOB_STR_INIT("AKIDEXAMPLE"),
    .secret_access_key = SEGJOB_STR_INIT("secret"),
};

static struct segjob_lwip *lwip;
static struct segjob_client client;
static char buf[32768];
static char response[32768];

static int before(void **state)
{
    const struct segjob_config config = {.region = SEGJOB_STR("us-east-1"),
                                         .host = SEGJOB_STR("service.example"),
                                         .port = 80};
    const int ret = stack_before(state);

    lwip = stack_port();
    lwip->port.stream = &lwip->tcp.stream;
    lwip->port.credentials = &credentials;
    assert_int_equal(segjob_init(&client, &config, buf, sizeof(buf)),
                     SEGJOB_OK);
    assert_int_equal(segjob_create(&client, &job), SEGJOB_PENDING);
    server.accepts_any = true;
    server.waits_for = 500; /* more than half of the request */
    return ret;
}

static int after(void **state)
{
    segjob_disconnect(&lwip->port);
    segjob_wipe(&client);
    stack_port_free(lwip);
    return stack_after(state);
}

static void serve(const char *text)
{
    server.text = text;
    server.to_send = strlen(text);
    server_listen();
}

static void assert_created(void)
{
    const struct segjob_str arn = segjob_batch_segment_job_arn(&client);

    assert_int_equal(segjob_get_outcome(&client), SEGJOB_CREATED);
    assert_int_equal(arn.len, strlen(ARN));
    assert_memory_equal(arn.ptr, ARN, arn.len);
}

static const char *response_of_length(size_t padding)
{
    (void)snprintf(response, sizeof(response),
                   "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n{%*s%s",
                   strlen(BODY) + padding, (int)padding, "", &BODY[1]);
    return response;
}

static void test_create(void **state)
{
    (void)state;
    serve(response_of_length(0));
    assert_int_equal(segjob_run(&client, &lwip->port, GENEROUS_MS), SEGJOB_OK);
    assert_created();
}

/* This device's own names and addresses, with TLS and without. */
static void test_no_name_server_is_asked(void **state)
{
    static const char *const hosts[] = {"localhost", "a.LOCALHOST", "127.0.0.1",
                                        "::1"};
    size_t i;

    (void)state;
    serve(response_of_length(0));
    for (i = 0; i < 2 * LENGTH(hosts); i++) {
        const struct segjob_config config = {.region = SEGJOB_STR("us-east-1"),
                                             .host = segjob_cstr(hosts[i / 2]),
                                             .port = 80,
                                             .plain = i % 2 == 1};

        server.got = server.sent = 0;
        assert_int_equal(segjob_init(&client, &config, buf, sizeof(buf)),
                         SEGJOB_OK);
        assert_int_equal(segjob_create(&client, &job), SEGJOB_PENDING);
        assert_int_equal(segjob_run(&client, &lwip->port, GENEROUS_MS),
                         SEGJOB_OK);
        assert_created();
        segjob_disconnect(&lwip->port);
        server_stop();
        server_listen();
    }
    assert_int_equal(name_server.queries, 0);
}

static void test_two_jobs_over_one_connection(void **state)
{
    (void)state;
    serve(response_of_length(0));
    assert_int_equal(segjob_run(&client, &lwip->port, GENEROUS_MS), SEGJOB_OK);
    assert_true(segjob_keep_alive(&client));
    server.got = server.sent = 0;
    stack_pass(10000);
    assert_int_equal(segjob_create(&client, &job), SEGJOB_PENDING);
    assert_int_equal(segjob_run(&client, &lwip->port, GENEROUS_MS), SEGJOB_OK);
    assert_created();
    assert_int_equal(server.accepted, 1);
    assert_false(server.ended);
    segjob_disconnect(&lwip->port);
    stack_turn();
    assert_true(server.ended);
    assert_int_equal(server.error, ERR_OK);
}

static void test_kept_connection_that_the_peer_closes(void **state)
{
    struct segjob_wants wants;

    (void)state;
    serve(response_of_length(0));
    assert_int_equal(segjob_run(&client, &lwip->port, GENEROUS_MS), SEGJOB_OK);
    assert_int_equal(segjob_step(&client, &lwip->port), SEGJOB_OK);
    wants = segjob_get_wants(&client, &lwip->port);
    assert_true(wants.readable);
    assert_true(wants.wake_ms != 0 && wants.wake_ms != UINT64_MAX);
    server.then = SERVER_CLOSES;
    stack_turn();
    wants = segjob_get_wants(&client, &lwip->port);
    assert_int_equal(wants.wake_ms, 0);
    assert_int_equal(segjob_step(&client, &lwip->port), SEGJOB_OK);
    assert_null(lwip->tcp.pcb);
    wants = segjob_get_wants(&client, &lwip->port);
    assert_true(wants.wake_ms == UINT64_MAX);
}

static void test_response_of_many_pbufs(void **state)
{
    (void)state;
    server.piece = 50;
    serve(response_of_length(3 * TCP_WND));
    assert_int_equal(segjob_run(&client, &lwip->port, GENEROUS_MS), SEGJOB_OK);
    assert_created();
}

static void test_response_that_ends_with_the_connection(void **state)
{
    (void)state;
    server.then = SERVER_CLOSES;
    serve("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" BODY);
    assert_int_equal(segjob_run(&client, &lwip->port, GENEROUS_MS), SEGJOB_OK);
    assert_created();
}

/* A complete response counts, even if a reset follows. */
static void test_response_before_a_reset(void **state)
{
    (void)state;
    server.then = SERVER_RESETS;
    serve(response_of_length(100));
    assert_int_equal(segjob_run(&client, &lwip->port, GENEROUS_MS), SEGJOB_OK);
    assert_created();
}

static void test_reset_in_the_response(void **state)
{
    (void)state;
    (void)response_of_length(100);
    response[strlen(response) - 5] = '\0';
    server.then = SERVER_RESETS;
    serve(response);
    assert_int_equal(segjob_run(&client, &lwip->port, GENEROUS_MS),
                     SEGJOB_CONNECTION_CLOSED);
    assert_int_equal(segjob_get_outcome(&client), SEGJOB_UNKNOWN);
    assert_string_equal(lwip->port.error.message,
                        "the peer reset the connection");
    assert_int_equal(lwip->port.error.code, ERR_RST);
}

static void test_nobody_listens(void **state)
{
    (void)state;
    assert_int_equal(segjob_run(&client, &lwip->port, GENEROUS_MS),
                     SEGJOB_CONNECT);
    assert_int_equal(segjob_get_outcome(&client), SEGJOB_NOT_SENT);
    assert_string_equal(lwip->port.error.message,
                        "the host refused the connection");
}

static void test_deadline_while_connecting(void **state)
{
    (void)state;
    name_server.a[3] = 9; /* the far host, which sends nothing */
    name_server.has_aaaa = false;
    assert_int_equal(segjob_run(&client, &lwip->port, 5000), SEGJOB_TIMEOUT);
    assert_string_equal(lwip->port.error.message, "while connecting");
    far_host.port = 0;
}

/* Run an operation in progress to its end, `ms` from now at the latest. */
static enum segjob_status finish_within(uint32_t ms)
{
    struct segjob_platform *p = lwip->port.platform;
    enum segjob_status status;

    client.times.deadline_ms = p->monotonic_ms(p) + ms;
    while ((status = segjob_step(&client, &lwip->port)) == SEGJOB_PENDING) {
        const struct segjob_wants wants =
            segjob_get_wants(&client, &lwip->port);

        if (wants.wake_ms > p->monotonic_ms(p)) {
            p->wait(p, &wants);
        }
    }
    return status;
}

/* The deadline of a request that began without one. */
static void test_deadline_in_the_response(void **state)
{
    (void)state;
    (void)response_of_length(100);
    response[strlen(response) - 5] = '\0';
    serve(response);
    while (segjob_get_want(&client) != SEGJOB_WANT_RECEIVE) {
        assert_int_equal(segjob_step(&client, &lwip->port), SEGJOB_PENDING);
        stack_pass(10);
    }
    assert_int_equal(finish_within(5000), SEGJOB_TIMEOUT);
    assert_int_equal(segjob_get_outcome(&client), SEGJOB_UNKNOWN);
    stack_turn();
    assert_true(server.ended);
}

/* As a main loop: a step, and then a sleep until `wake_ms`. */
static void test_steps(void **state)
{
    unsigned sleeps = 0;

    (void)state;
    serve(response_of_length(1000));
    while (segjob_step(&client, &lwip->port) == SEGJOB_PENDING) {
        const struct segjob_wants wants =
            segjob_get_wants(&client, &lwip->port);
        struct segjob_platform *p = lwip->port.platform;

        if (wants.wake_ms > p->monotonic_ms(p)) {
            sleeps++;
            assert_true(sleeps < 1000);
            stack_pass(10);
        }
    }
    assert_created();
    assert_true(sleeps > 0);
}

/*
 * Across the wrap of lwIP's clock: three attempts, each for half of the time
 * that is left, with short backoff in between.
 */
static void test_deadline_over_the_wrap(void **state)
{
    uint32_t begun;

    (void)state;
    name_server.is_silent = true;
    stack_jump(UINT32_MAX - 1000);
    begun = stack_ms;
    assert_int_equal(segjob_run(&client, &lwip->port, 3000), SEGJOB_TIMEOUT);
    assert_in_range((uint32_t)(stack_ms - begun), 2625, 3000);
    assert_true(stack_ms < 3000);
}

/* First the request for a tunnel, then the job's through it. */
static void test_through_a_proxy(void **state)
{
    static const struct segjob_proxy_config config = {.host = "proxy.example",
                                                      .port = 80};
    static struct segjob_proxy proxy;

    (void)state;
    segjob_proxy_init(&proxy, &lwip->tcp.stream, &config);
    lwip->port.stream = &proxy.stream;
    server.waits_for = 40;
    serve("HTTP/1.0 200 Connection established\r\n\r\n");
    assert_int_equal(segjob_set_deadline(&client, UINT64_MAX - 1), SEGJOB_OK);
    while (segjob_get_want(&client) != SEGJOB_WANT_SEND) {
        assert_int_equal(segjob_step(&client, &lwip->port), SEGJOB_PENDING);
        stack_turn();
    }
    server.got = server.sent = 0;
    server.waits_for = 500;
    server.text = response_of_length(0);
    server.to_send = strlen(server.text);
    assert_int_equal(finish_within(GENEROUS_MS), SEGJOB_OK);
    assert_created();
    assert_int_equal(server.accepted, 1);
    lwip->port.stream = &lwip->tcp.stream;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_create, before, after),
        cmocka_unit_test_setup_teardown(test_no_name_server_is_asked, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_two_jobs_over_one_connection,
                                        before, after),
        cmocka_unit_test_setup_teardown(
            test_kept_connection_that_the_peer_closes, before, after),
        cmocka_unit_test_setup_teardown(test_response_of_many_pbufs, before,
                                        after),
        cmocka_unit_test_setup_teardown(
            test_response_that_ends_with_the_connection, before, after),
        cmocka_unit_test_setup_teardown(test_response_before_a_reset, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_reset_in_the_response, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_nobody_listens, before, after),
        cmocka_unit_test_setup_teardown(test_deadline_while_connecting, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_deadline_in_the_response, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_steps, before, after),
        cmocka_unit_test_setup_teardown(test_deadline_over_the_wrap, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_through_a_proxy, before, after),
    };

    return cmocka_run_group_tests(tests, stack_start, NULL);
}
