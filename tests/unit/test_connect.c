/*
 * Trying addresses in turn: which is next, for how long, and which failure is
 * reported.
 */
#include "rows.h"

#include "segjob_connect.h"

static const struct segjob_address addresses[] = {
    {.bytes = {1}}, {.bytes = {2}}, {.bytes = {3}}};

static struct segjob_peer peer_of(size_t n)
{
    return (struct segjob_peer){.addresses = addresses, .addresses_len = n};
}

static uint64_t wake_ms(const struct segjob_connect *c)
{
    struct segjob_wants wants = {false, false, 5000};

    segjob_connect_wants(c, &wants);
    assert_false(wants.readable || wants.writable);
    return wants.wake_ms;
}

static void test_all_but_the_last_have_a_limit(void **state)
{
    const struct segjob_peer peer = peer_of(3);
    struct segjob_connect c = {0};

    (void)state;
    assert_int_equal(wake_ms(&c), 5000);
    assert_ptr_equal(segjob_connect_next(&c, &peer, 1000), &addresses[0]);
    assert_int_equal(wake_ms(&c), 3000);
    assert_false(segjob_connect_expired(&c, 2999));
    assert_true(segjob_connect_expired(&c, 3000));
    assert_ptr_equal(segjob_connect_next(&c, &peer, 4900), &addresses[1]);
    assert_int_equal(wake_ms(&c), 5000); /* which is earlier */
    assert_true(segjob_connect_expired(&c, 6900));
    assert_ptr_equal(segjob_connect_next(&c, &peer, 6900), &addresses[2]);
    assert_int_equal(wake_ms(&c), 5000);
    assert_false(segjob_connect_expired(&c, UINT64_MAX));
    assert_null(segjob_connect_next(&c, &peer, 6900));
}

static void test_no_address(void **state)
{
    const struct segjob_peer peer = peer_of(0);
    struct segjob_connect c = {0};

    (void)state;
    assert_null(segjob_connect_next(&c, &peer, 1000));
}

static void test_the_most_specific_failure_is_reported(void **state)
{
    struct segjob_connect c = {0};

    (void)state;
    assert_true(segjob_connect_failed(&c, SEGJOB_CONNECT_NO_ADDRESS));
    assert_true(segjob_connect_failed(&c, SEGJOB_CONNECT_NO_ROUTE));
    assert_false(segjob_connect_failed(&c, SEGJOB_CONNECT_NO_ADDRESS));
    assert_true(segjob_connect_failed(&c, SEGJOB_CONNECT_NO_ANSWER));
    assert_false(segjob_connect_failed(&c, SEGJOB_CONNECT_NO_ROUTE));
    assert_false(segjob_connect_failed(&c, SEGJOB_CONNECT_NO_ADDRESS));
    assert_true(segjob_connect_failed(&c, SEGJOB_CONNECT_NO_ANSWER));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_but_the_last_have_a_limit),
        cmocka_unit_test(test_no_address),
        cmocka_unit_test(test_the_most_specific_failure_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
