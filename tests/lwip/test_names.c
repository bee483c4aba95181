/*
 * The port's platform: names through lwIP's DNS client, with answers that come
 * late or never; the clock; and what an application must supply.
 */
#include "stack.h"

#include <stdlib.h>

#include <lwip/dns.h>

#define HOST "service.example"

static struct segjob_lwip *lwip;

static int before(void **state)
{
    const int ret = stack_before(state);
    const ip_addr_t loopback = IPADDR4_INIT_BYTES(127, 0, 0, 1);

    dns_setserver(0, &loopback);
    lwip = stack_port();
    return ret;
}

static void drop_port(void)
{
    if (lwip != NULL) {
        stack_port_free(lwip);
    }
    lwip = NULL;
}

static int after(void **state)
{
    drop_port();
    return stack_after(state);
}

static struct segjob_address addresses[SEGJOB_ADDRESSES_CAP];
static size_t len;

static enum segjob_io resolve_with(struct segjob_lwip *port, const char *host)
{
    struct segjob_platform *p = port->port.platform;

    len = 0;
    return p->resolve(p, host, addresses, SEGJOB_ADDRESSES_CAP, &len);
}

static enum segjob_io ask(const char *host)
{
    return resolve_with(lwip, host);
}

/* As the runner does: again every 10 ms, but not for ever. */
static enum segjob_io resolve(const char *host)
{
    enum segjob_io io = ask(host);
    unsigned i;

    for (i = 0; io == SEGJOB_IO_WOULD_BLOCK; i++) {
        assert_true(i < 6000);
        stack_pass(10);
        io = ask(host);
    }
    return io;
}

static void cancel(void)
{
    lwip->port.platform->resolve_cancel(lwip->port.platform);
}

static void assert_ipv4(size_t i, uint8_t last)
{
    const uint8_t bytes[16] = {10, 0, 0, last};

    assert_true(i < len);
    assert_false(addresses[i].is_ipv6);
    assert_memory_equal(addresses[i].bytes, bytes, 16);
    assert_int_equal(addresses[i].scope, 0);
}

static void assert_loopback6(size_t i)
{
    const uint8_t bytes[16] = {[15] = 1};

    assert_true(i < len);
    assert_true(addresses[i].is_ipv6);
    assert_memory_equal(addresses[i].bytes, bytes, 16);
    assert_int_equal(addresses[i].scope, 0);
}

static void assert_error(const char *text, int code)
{
    const struct segjob_port_error *error = &lwip->port.platform->error;

    assert_int_equal(error->status, SEGJOB_RESOLVE);
    assert_string_equal(error->message, text);
    assert_int_equal(error->code, code);
}

/* lwIP caches an answer for its TTL, which is short here. */
static void forget_answers(void)
{
    stack_pass(20000);
}

/* ------------------------------------------------------------------ names */

static void test_both_families(void **state)
{
    (void)state;
    assert_int_equal(resolve(HOST), SEGJOB_IO_OK);
    assert_int_equal(len, 2);
    assert_ipv4(0, 1);
    assert_loopback6(1);
    assert_int_equal(name_server.queries, 2);
}

static void test_known_names_are_not_asked_again(void **state)
{
    (void)state;
    assert_int_equal(resolve(HOST), SEGJOB_IO_OK);
    assert_int_equal(ask(HOST), SEGJOB_IO_OK);
    assert_int_equal(len, 2);
    assert_ipv4(0, 1);
    assert_loopback6(1);
    assert_int_equal(name_server.queries, 2);
    forget_answers();
    assert_int_equal(ask(HOST), SEGJOB_IO_WOULD_BLOCK);
}

static void test_one_family_is_enough(void **state)
{
    (void)state;
    name_server.has_aaaa = false;
    assert_int_equal(resolve("four.example"), SEGJOB_IO_OK);
    assert_int_equal(len, 1);
    assert_ipv4(0, 1);
    name_server.has_aaaa = true;
    name_server.has_a = false;
    assert_int_equal(resolve("six.example"), SEGJOB_IO_OK);
    assert_int_equal(len, 1);
    assert_loopback6(0);
}

static void test_room_for_one(void **state)
{
    struct segjob_platform *p = lwip->port.platform;

    (void)state;
    assert_int_equal(resolve(HOST), SEGJOB_IO_OK);
    memset(addresses, 0, sizeof(addresses));
    assert_int_equal(p->resolve(p, HOST, addresses, 1, &len), SEGJOB_IO_OK);
    assert_int_equal(len, 1);
    assert_ipv4(0, 1);
    assert_false(addresses[1].is_ipv6);
}

static void test_no_such_name(void **state)
{
    (void)state;
    name_server.has_a = name_server.has_aaaa = false;
    assert_int_equal(resolve(HOST), SEGJOB_IO_FAILED);
    assert_error("no such name, or no answer from a DNS server", ERR_OK);
    assert_int_equal(name_server.queries, 2);
    name_server.has_a = true;
    assert_int_equal(resolve(HOST), SEGJOB_IO_OK);
}

static void test_no_answer(void **state)
{
    (void)state;
    name_server.is_silent = true;
    assert_int_equal(resolve(HOST), SEGJOB_IO_FAILED);
    assert_error("no such name, or no answer from a DNS server", ERR_OK);
    assert_true(name_server.queries > 2); /* lwIP repeated its query */
}

static void test_what_lwip_cannot_ask(void **state)
{
    char name[DNS_MAX_NAME_LENGTH + 1];

    (void)state;
    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    assert_int_equal(ask(name), SEGJOB_IO_FAILED);
    assert_error("the name is too long for lwIP", ERR_ARG);
    dns_setserver(0, NULL);
    assert_int_equal(ask(HOST), SEGJOB_IO_FAILED);
    assert_error("lwIP knows no DNS server", ERR_VAL);
    assert_int_equal(name_server.queries, 0);
}

static void nothing_found(const char *name, const ip_addr_t *address, void *arg)
{
    (void)name;
    assert_null(address);
    (*(unsigned *)arg)++;
}

static void test_full_table(void **state)
{
    char name[] = "0.example";
    unsigned calls = 0;
    ip_addr_t address;
    unsigned i;

    (void)state;
    name_server.is_silent = true;
    for (i = 0; i < DNS_TABLE_SIZE; i++, name[0]++) {
        assert_int_equal(
            dns_gethostbyname(name, &address, nothing_found, &calls),
            ERR_INPROGRESS);
    }
    assert_int_equal(ask(HOST), SEGJOB_IO_FAILED);
    assert_error("lwIP has no room for a DNS query", ERR_MEM);
    stack_pass(20000);
    assert_int_equal(calls, DNS_TABLE_SIZE);
    name_server.is_silent = false;
    assert_int_equal(resolve(HOST), SEGJOB_IO_OK);
}

/* ----------------------------------------------------------- late answers */

static void test_close_during_query(void **state)
{
    (void)state;
    name_server.is_silent = true;
    assert_int_equal(ask(HOST), SEGJOB_IO_WOULD_BLOCK);
    stack_turn();
    assert_int_equal(name_server.queries, 1);
    cancel();
    drop_port();
    name_server_answer(0);
    stack_turn();
}

static void test_free_during_query(void **state)
{
    (void)state;
    name_server.is_silent = true;
    assert_int_equal(ask(HOST), SEGJOB_IO_WOULD_BLOCK);
    stack_turn();
    drop_port();
    stack_pass(20000); /* lwIP gives up, and reports it */
}

static void test_old_answer_is_not_the_new_ones(void **state)
{
    (void)state;
    name_server.is_silent = true;
    name_server.has_aaaa = false;
    assert_int_equal(ask("old.example"), SEGJOB_IO_WOULD_BLOCK);
    stack_turn();
    cancel();
    assert_int_equal(ask("new.example"), SEGJOB_IO_WOULD_BLOCK);
    stack_turn();
    assert_int_equal(name_server.queries, 2);
    name_server.a[3] = 66;
    name_server_answer(0);
    stack_turn();
    assert_int_equal(ask("new.example"), SEGJOB_IO_WOULD_BLOCK);
    name_server.a[3] = 77;
    name_server_answer(1);
    name_server.is_silent = false;
    assert_int_equal(resolve("new.example"), SEGJOB_IO_OK);
    assert_int_equal(len, 1);
    assert_ipv4(0, 77);
}

static void test_same_name_after_cancel(void **state)
{
    (void)state;
    name_server.is_silent = true;
    assert_int_equal(ask(HOST), SEGJOB_IO_WOULD_BLOCK);
    stack_turn();
    cancel();
    cancel();
    assert_int_equal(ask(HOST), SEGJOB_IO_WOULD_BLOCK);
    name_server.is_silent = false;
    assert_int_equal(resolve(HOST), SEGJOB_IO_OK);
    assert_int_equal(len, 2);
    assert_ipv4(0, 1);
    assert_loopback6(1);
}

/* Cancelled queries stay in lwIP's table until lwIP gives them up. */
static void test_many_cancelled(void **state)
{
    char name[] = "0.example";
    unsigned i;

    (void)state;
    name_server.is_silent = true;
    for (i = 0; i < DNS_TABLE_SIZE; i++, name[0]++) {
        assert_int_equal(ask(name), SEGJOB_IO_WOULD_BLOCK);
        cancel();
    }
    assert_int_equal(ask(HOST), SEGJOB_IO_FAILED);
    assert_error("lwIP has no room for a DNS query", ERR_MEM);
    stack_pass(20000);
    name_server.is_silent = false;
    assert_int_equal(resolve(HOST), SEGJOB_IO_OK);
    assert_int_equal(len, 2);
}

static void test_second_family_cancelled(void **state)
{
    (void)state;
    name_server.is_silent = true;
    assert_int_equal(ask(HOST), SEGJOB_IO_WOULD_BLOCK);
    stack_turn();
    name_server_answer(0);
    stack_turn();
    assert_int_equal(ask(HOST), SEGJOB_IO_WOULD_BLOCK); /* for IPv6, now */
    stack_turn();
    assert_int_equal(name_server.queries, 2);
    cancel();
    name_server_answer(1);
    stack_turn();
    name_server.is_silent = false;
    assert_int_equal(resolve(HOST), SEGJOB_IO_OK);
    assert_int_equal(len, 2);
}

static void test_two_ports(void **state)
{
    struct segjob_lwip *other = stack_port();

    (void)state;
    name_server.is_silent = true;
    name_server.has_aaaa = false;
    assert_int_equal(ask("one.example"), SEGJOB_IO_WOULD_BLOCK);
    assert_int_equal(resolve_with(other, "two.example"), SEGJOB_IO_WOULD_BLOCK);
    stack_turn();
    name_server.a[3] = 2;
    name_server_answer(1);
    stack_turn();
    name_server.a[3] = 1;
    name_server_answer(0);
    stack_turn();
    name_server.is_silent = false;
    assert_int_equal(resolve("one.example"), SEGJOB_IO_OK);
    assert_ipv4(0, 1);
    stack_port_free(other);
    other = stack_port();
    assert_int_equal(resolve_with(other, "two.example"),
                     SEGJOB_IO_WOULD_BLOCK); /* for IPv6 */
    stack_turn();
    assert_int_equal(resolve_with(other, "two.example"), SEGJOB_IO_OK);
    assert_ipv4(0, 2);
    stack_port_free(other);
}

/* ------------------------------------------------------------ a deadline */

static void test_deadline_during_query(void **state)
{
    static const struct segjob_credentials credentials = {
        .access_key_id = SEGJOB_STR_INIT("AKIDEXAMPLE"),
        .secret_access_key = SEGJOB_STR_INIT("secret")};
    const struct segjob_create_request job = {
        .job_name = SEGJOB_STR_INIT("nightly"),
        .solution_version_arn = SEGJOB_STR_INIT(
            "arn:aws:personalize:us-east-1:123456789012:solution/s/1"),
        .role_arn = SEGJOB_STR("arn:aws:iam::123456789012:role/r"),
        .input = {.path = SEGJOB_STR("s3://b/in.json")},
        .output = {.path = SEGJOB_STR("s3://b/out/")}};
    const struct segjob_config config = {.region = SEGJOB_STR("us-east-1")};
    struct segjob_client client;
    char buf[4096];
    const uint32_t begun = stack_ms;

    (void)state;
    name_server.is_silent = true;
    lwip->port.credentials = &credentials;
    assert_int_equal(segjob_init(&client, &config, buf, sizeof(buf)),
                     SEGJOB_OK);
    assert_int_equal(segjob_create(&client, &job), SEGJOB_PENDING);
    assert_int_equal(segjob_run(&client, &lwip->port, 3000), SEGJOB_TIMEOUT);
    assert_int_equal(segjob_get_outcome(&client), SEGJOB_NOT_SENT);
    assert_string_equal(lwip->port.error.message,
                        "while resolving the host name");
    /* Three attempts, each for half of the time that is left. */
    assert_in_range(stack_ms - begun, 2625, 3000);
    name_server_answer(0);
    stack_turn();
    segjob_wipe(&client);
    drop_port();
    name_server_answer(0);
    stack_turn();
}

/* ------------------------------------------------------------------ clock */

static uint64_t now_ms(void)
{
    return lwip->port.platform->monotonic_ms(lwip->port.platform);
}

static void test_clock_wraps(void **state)
{
    const uint32_t before_it = stack_ms;
    uint64_t first, last;
    uint32_t step;

    (void)state;
    first = last = now_ms();
    for (step = 1; step < 0x80000000u; step *= 3) {
        stack_ms += step;
        assert_int_equal(now_ms(), last + step);
        last += step;
        assert_int_equal(now_ms(), last);
    }
    stack_ms = UINT32_MAX;
    last = now_ms();
    stack_ms = 0;
    assert_int_equal(now_ms(), last + 1);
    stack_ms = UINT32_MAX;
    assert_int_equal(now_ms(), last + 1 + UINT32_MAX);
    stack_ms = before_it; /* lwIP's timers do not see this */
    assert_true(now_ms() > first + UINT32_MAX);
}

static void test_clock_begins_at_zero(void **state)
{
    const uint32_t before_it = stack_ms;

    (void)state;
    stack_ms = 0;
    drop_port();
    lwip = stack_port();
    assert_int_equal(now_ms(), 1);
    stack_ms = before_it;
}

/* ------------------------------------------------- required functions */

static void assert_refused(const struct segjob_platform *own, const char *text)
{
    struct segjob_lwip port;

    memset(&port, 0xA5, sizeof(port));
    assert_int_equal(segjob_lwip_init(&port, own, &stack_roots, NULL),
                     SEGJOB_CONFIG);
    assert_int_equal(port.port.error.status, SEGJOB_CONFIG);
    assert_string_equal(port.port.error.message, text);
}

static void test_needs_clock_and_random(void **state)
{
    struct segjob_platform own = stack_platform;

    (void)state;
    own.wall_clock = NULL;
    assert_refused(&own, "the application gives no wall clock");
    own.wall_clock = stack_platform.wall_clock;
    own.random = NULL;
    assert_refused(&own, "the application gives no random bytes");
}

static void test_uses_the_applications_functions(void **state)
{
    const struct segjob_platform *p = lwip->port.platform;

    (void)state;
    assert_ptr_equal(p, &lwip->platform.platform);
    assert_ptr_equal(lwip->port.stream, &lwip->tls.stream);
    assert_ptr_equal(p->wall_clock, stack_platform.wall_clock);
    assert_ptr_equal(p->random, stack_platform.random);
    assert_ptr_equal(p->wait, stack_platform.wait);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_both_families, before, after),
        cmocka_unit_test_setup_teardown(test_known_names_are_not_asked_again,
                                        before, after),
        cmocka_unit_test_setup_teardown(test_one_family_is_enough, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_room_for_one, before, after),
        cmocka_unit_test_setup_teardown(test_no_such_name, before, after),
        cmocka_unit_test_setup_teardown(test_no_answer, before, after),
        cmocka_unit_test_setup_teardown(test_what_lwip_cannot_ask, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_full_table, before, after),
        cmocka_unit_test_setup_teardown(test_close_during_query, before, after),
        cmocka_unit_test_setup_teardown(test_free_during_query, before, after),
        cmocka_unit_test_setup_teardown(test_old_answer_is_not_the_new_ones,
                                        before, after),
        cmocka_unit_test_setup_teardown(test_same_name_after_cancel, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_many_cancelled, before, after),
        cmocka_unit_test_setup_teardown(test_second_family_cancelled, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_two_ports, before, after),
        cmocka_unit_test_setup_teardown(test_deadline_during_query, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_clock_wraps, before, after),
        cmocka_unit_test_setup_teardown(test_clock_begins_at_zero, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_needs_clock_and_random, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_uses_the_applications_functions,
                                        before, after),
    };

    return cmocka_run_group_tests(tests, stack_start, NULL);
}
