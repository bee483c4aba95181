/*
 * The port within the Pico SDK, over a context of the test's: what it does with
 * the lock, how long it sleeps, its clock and its random bytes. Each operation
 * is tried with a context that is polled, and with one that works by itself.
 */
#include "stack.h"

#include <lwip/timeouts.h>
#include <pico/aon_timer.h>
#include <pico/async_context.h>
#include <pico/rand.h>

#include "segjob_pico.h"

#define ARN \
    "arn:aws:personalize:us-east-1:123456789012:batch-segment-job/nightly"
#define BODY "{\"batchSegmentJobArn\":\"" ARN "\"}"

struct async_context {
    bool is_polled;
    unsigned locked;
    unsigned sleeps;
};

static struct async_context context;

void async_context_acquire_lock_blocking(async_context_t *c)
{
    assert_ptr_equal(c, &context);
    c->locked++;
}

void async_context_release_lock(async_context_t *c)
{
    assert_int_equal(c->locked, 1);
    c->locked--;
}

void async_context_poll(async_context_t *c)
{
    assert_int_equal(c->locked, 0);
    if (c->is_polled) {
        sys_check_timeouts();
        stack_turn();
    }
}

absolute_time_t make_timeout_time_ms(uint32_t ms)
{
    return (absolute_time_t)stack_ms + ms;
}

/* Polled, lwIP's next timer must not be slept through. */
void async_context_wait_for_work_until(async_context_t *c,
                                       absolute_time_t until)
{
    assert_int_equal(c->locked, 0);
    assert_true(until - stack_ms <= sys_timeouts_sleeptime());
    c->sleeps++;
    if (c->is_polled) {
        stack_ms = (uint32_t)until;
    } else {
        stack_pass(10);
    }
}

/* --------------------------------------------------------------- clock */

static struct timespec aon;
static bool is_running, is_broken;

bool aon_timer_is_running(void)
{
    return is_running;
}

bool aon_timer_get_time(struct timespec *time)
{
    *time = aon;
    return !is_broken;
}

bool aon_timer_start(const struct timespec *time)
{
    aon = *time;
    is_running = true;
    return true;
}

/* -------------------------------------------------------------- random */

static uint64_t words;

uint64_t get_rand_64(void)
{
    return words++;
}

static bool random_bytes(struct segjob_platform *p, void *bytes, size_t n)
{
    assert_int_equal(context.locked, 1);
    return segjob_pico_trng(p, bytes, n);
}

/* --------------------------------------------------------------- tests */

static struct segjob_pico pico;
static struct segjob_client client;
static char buf[4096];

static const struct segjob_create_request job = {
    .job_name = SEGJOB_STR_INIT("nightly"),
    .solution_version_arn = SEGJOB_STR_INIT(
        "arn:aws:personalize:us-east-1:123456789012:solution/s/1"),
    .role_arn = SEGJOB_STR_INIT("arn:aws:iam::123456789012:role/r"),
    .input = {.path = SEGJOB_STR_INIT("s3://b/in.json")},
    .output = {.path = SEGJOB_STR_INIT("s3://b/out/")},
};

static int before(void **state)
{
    static const struct segjob_credentials credentials = {
        .access_key_id = SEGJOB_STR_INIT("AKIDEXAMPLE"),
        .secret_access_key = SEGJOB_STR_INIT("secret"),
    };
    const struct segjob_config config = {.region = SEGJOB_STR("us-east-1"),
                                         .host = SEGJOB_STR("service.example"),
                                         .port = 80};
    const int ret = stack_before(state);

    context = (struct async_context){.is_polled = *state != NULL};
    is_running = is_broken = false;
    words = 0;
    assert_int_equal(segjob_pico_init(&pico, &context, random_bytes,
                                      &stack_roots, &credentials),
                     SEGJOB_OK);
    pico.lwip.port.stream = &pico.lwip.tcp.stream; /* without TLS */
    assert_int_equal(segjob_init(&client, &config, buf, sizeof(buf)),
                     SEGJOB_OK);
    assert_int_equal(segjob_create(&client, &job), SEGJOB_PENDING);
    server.accepts_any = true;
    server.waits_for = 500; /* more than half of the request */
    return ret;
}

static int after(void **state)
{
    segjob_wipe(&client);
    segjob_pico_free(&pico);
    assert_int_equal(context.locked, 0);
    return stack_after(state);
}

static void test_create(void **state)
{
    (void)state;
    segjob_pico_set_time(1780000000);
    server.text = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" BODY;
    server.to_send = strlen(server.text);
    server.then = SERVER_CLOSES;
    server_listen();
    assert_int_equal(segjob_pico_run(&pico, &client, 60000), SEGJOB_OK);
    assert_int_equal(segjob_get_outcome(&client), SEGJOB_CREATED);
    assert_in_range(context.sleeps, 1, 1000);
}

static void test_timeout(void **state)
{
    const uint32_t begun = stack_ms;

    (void)state;
    name_server.is_silent = true;
    assert_int_equal(segjob_pico_run(&pico, &client, 5000), SEGJOB_TIMEOUT);
    assert_in_range(stack_ms - begun, 2500, 5000);
}

static void test_wait(void **state)
{
    struct segjob_platform *p = pico.lwip.port.platform;
    struct segjob_wants wants = {.wake_ms = 0};
    uint32_t begun = stack_ms;
    unsigned i;

    (void)state;
    context.locked = 1;
    p->wait(p, &wants);
    assert_int_equal(stack_ms, begun);
    for (i = 0; i < 10; i++) { /* lwIP's next timer is often later */
        begun = stack_ms;
        wants.wake_ms = p->monotonic_ms(p) + 3;
        p->wait(p, &wants);
        assert_in_range(stack_ms - begun, 0, 3);
    }
    assert_int_equal(context.locked, 1);
    context.locked = 0;
}

static void test_clock(void **state)
{
    struct segjob_platform *p = pico.lwip.port.platform;

    (void)state;
    assert_true(p->wall_clock(p) < 0);
    segjob_pico_set_time(4294967295u);
    assert_true(p->wall_clock(p) == 4294967295);
    is_broken = true;
    assert_true(p->wall_clock(p) < 0);
}

/* By Python's hashlib; see segjob_pico.c for what is hashed. */
static void test_random(void **state)
{
    static const uint8_t expected[40] = {
        0x2f, 0xa5, 0x2c, 0xa0, 0x40, 0xbe, 0xa6, 0xe3, 0x76, 0x68,
        0x4a, 0xb4, 0x1f, 0x47, 0xd7, 0x35, 0xc8, 0xc7, 0x93, 0x97,
        0x84, 0x34, 0x13, 0x1a, 0x41, 0xee, 0x82, 0x0c, 0x90, 0x7a,
        0x07, 0x49, 0x8d, 0x6f, 0xd7, 0xc2, 0x02, 0x6b, 0x43, 0x05};
    uint8_t bytes[40];

    (void)state;
    assert_true(segjob_pico_trng(NULL, bytes, sizeof(bytes)));
    assert_memory_equal(bytes, expected, sizeof(expected));
    assert_int_equal(words, 512);
}

static void test_no_random(void **state)
{
    static struct segjob_pico other;

    (void)state;
    assert_int_equal(
        segjob_pico_init(&other, &context, NULL, &stack_roots, NULL),
        SEGJOB_CONFIG);
    assert_string_equal(other.lwip.port.error.message,
                        "the application gives no random bytes");
}

int main(void)
{
    static char polled;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_create, before, after),
        cmocka_unit_test_prestate_setup_teardown(test_create, before, after,
                                                 &polled),
        cmocka_unit_test_setup_teardown(test_timeout, before, after),
        cmocka_unit_test_prestate_setup_teardown(test_timeout, before, after,
                                                 &polled),
        cmocka_unit_test_prestate_setup_teardown(test_wait, before, after,
                                                 &polled),
        cmocka_unit_test_setup_teardown(test_clock, before, after),
        cmocka_unit_test_setup_teardown(test_random, before, after),
        cmocka_unit_test_setup_teardown(test_no_random, before, after),
    };

    return cmocka_run_group_tests(tests, stack_start, NULL);
}
