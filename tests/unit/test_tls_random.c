/*
 * Random bytes of a platform for PSA, as a configuration of mbedTLS asks for
 * them that has MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG.
 */
#define MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG

#include "../../port/sj_tls_random.c"

#include "rows.h"

static bool counts(struct segjob_platform *p, void *bytes, size_t n)
{
    unsigned char *at = bytes;
    size_t i;

    (void)p;
    for (i = 0; i < n; i++) {
        at[i] = (unsigned char)(i + 1);
    }
    return true;
}

static bool fails(struct segjob_platform *p, void *bytes, size_t n)
{
    (void)p;
    memset(bytes, 0xff, n);
    return false;
}

static struct segjob_platform platform;
static unsigned char bytes[8];
static size_t length;

/* What PSA gets. */
static psa_status_t ask(void)
{
    memset(bytes, 0, sizeof(bytes));
    length = 99;
    return mbedtls_psa_external_get_random(NULL, bytes, sizeof(bytes), &length);
}

static void test_no_platform_is_an_error(void **state)
{
    (void)state;
    assert_int_equal(ask(), PSA_ERROR_INSUFFICIENT_ENTROPY);
    assert_int_equal(length, 0);
    platform.random = counts;
    segjob_tls_set_random(&platform);
    assert_int_equal(ask(), PSA_SUCCESS);
    segjob_tls_set_random(NULL);
    assert_int_equal(ask(), PSA_ERROR_INSUFFICIENT_ENTROPY);
    assert_int_equal(length, 0);
}

static void test_bytes_are_the_platforms(void **state)
{
    static const unsigned char counted[] = {1, 2, 3, 4, 5, 6, 7, 8};

    (void)state;
    platform.random = counts;
    segjob_tls_set_random(&platform);
    assert_int_equal(ask(), PSA_SUCCESS);
    assert_int_equal(length, sizeof(bytes));
    assert_memory_equal(bytes, counted, sizeof(bytes));
}

static void test_a_platform_that_fails_is_an_error(void **state)
{
    (void)state;
    platform.random = fails;
    segjob_tls_set_random(&platform);
    assert_int_equal(ask(), PSA_ERROR_INSUFFICIENT_ENTROPY);
    assert_int_equal(length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_platform_is_an_error),
        cmocka_unit_test(test_bytes_are_the_platforms),
        cmocka_unit_test(test_a_platform_that_fails_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
