/*
 * The text functions that core and ports share. The C library in the locale
 * "C" is the reference, and for dates the calendar, day by day.
 */
#define _POSIX_C_SOURCE 200809L

#include "rows.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "segjob_text.h"

/* -------------------------------------------------------------- characters */

static unsigned hex_value(int c)
{
    const char text[2] = {(char)c, '\0'};

    return isxdigit(c) != 0 ? (unsigned)strtoul(text, NULL, 16) : 16;
}

static void test_characters(void **state)
{
    int c;

    (void)state;
    for (c = 0; c < 256; c++) {
        assert_int_equal((unsigned char)segjob_lower((char)c), tolower(c));
        assert_int_equal(segjob_is_digit((char)c), isdigit(c) != 0);
        assert_int_equal(segjob_is_alnum((char)c), isalnum(c) != 0);
        assert_int_equal(segjob_hex_value((char)c), hex_value(c));
    }
}

static void test_case_is_ignored(void **state)
{
    char a[3] = "x?", b[3] = "X?";
    int i, j;

    (void)state;
    for (i = 1; i < 256; i++) {
        for (j = 1; j < 256; j++) {
            a[1] = (char)i;
            b[1] = (char)j;
            assert_int_equal(segjob_is_same_caseless(a, b, 2),
                             strncasecmp(a, b, 2) == 0);
        }
    }
    assert_true(segjob_is_same_caseless("ab", "aB!", 2));
    assert_true(segjob_is_same_caseless("a", "b", 0));
}

/* ----------------------------------------------------------------- numbers */

static const uint64_t numbers[] = {
    0,          1,          9,          10,          99,
    100,        255,        65535,      429496729,   429496730,
    4294967289, 4294967290, 4294967293, 4294967294,  4294967295,
    4294967296, 4294967305, 9999999999, 42949672960, UINT64_MAX,
};

static void test_decimal_is_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(numbers); i++) {
        char expected[SEGJOB_DECIMAL_DIGITS + 1];
        char text[SEGJOB_DECIMAL_DIGITS + 1] = "";

        (void)snprintf(expected, sizeof(expected), "%" PRIu64, numbers[i]);
        assert_string_equal(
            segjob_write_decimal(text + SEGJOB_DECIMAL_DIGITS, numbers[i]),
            expected);
    }
}

static void test_decimal_is_read(void **state)
{
    static const char *const bad[] = {"",   "-1", "+1",          " 1",
                                      "1 ", "1.", "0x1",         "a",
                                      "1:", "1/", "99999999999x"};
    size_t i;

    (void)state;
    for (i = 0; i < LENGTH(numbers); i++) {
        const uint64_t n = numbers[i];
        char text[32];

        (void)snprintf(text, sizeof(text), "00%" PRIu64, n);
        assert_int_equal(segjob_decimal(segjob_cstr(text)),
                         n < SEGJOB_DECIMAL_MAX ? n : SEGJOB_DECIMAL_MAX);
    }
    for (i = 0; i < LENGTH(bad); i++) {
        assert_int_equal(segjob_decimal(segjob_cstr(bad[i])),
                         SEGJOB_NO_DECIMAL);
    }
    assert_int_equal(segjob_decimal(segjob_cstr(NULL)), SEGJOB_NO_DECIMAL);
}

/* ------------------------------------------------------------------- dates */

static uint32_t month_length(uint32_t year, uint32_t month)
{
    static const uint32_t lengths[] = {31, 28, 31, 30, 31, 30,
                                       31, 31, 30, 31, 30, 31};
    const bool is_leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);

    return lengths[month - 1] + (is_leap && month == 2);
}

/* 719528 days from 0000-01-01 to 1970-01-01 */
static void test_unix_time(void **state)
{
    int64_t expected = INT64_C(-719528) * 86400;
    uint32_t date[6] = {0, 1, 1, 0, 0, 0};

    (void)state;
    for (; date[0] <= 9999; date[0]++) {
        for (date[1] = 1; date[1] <= 12; date[1]++) {
            const uint32_t days = month_length(date[0], date[1]);

            for (date[2] = 1; date[2] <= days; date[2]++) {
                if (segjob_unix_time(date) != expected) {
                    fail_msg("%" PRIu32 "-%" PRIu32 "-%" PRIu32, date[0],
                             date[1], date[2]);
                }
                expected += 86400;
            }
        }
    }
    assert_int_equal(expected, INT64_C(253402300800)); /* of the year 10000 */
}

static void test_time_of_day(void **state)
{
    static const uint32_t epoch[6] = {1970, 1, 1, 0, 0, 0};
    static const uint32_t before[6] = {1969, 12, 31, 23, 59, 59};
    static const uint32_t second[6] = {2001, 9, 9, 1, 46, 40};

    (void)state;
    assert_int_equal(segjob_unix_time(epoch), 0);
    assert_int_equal(segjob_unix_time(before), -1);
    assert_int_equal(segjob_unix_time(second), 1000000000);
}

static void test_wipe(void **state)
{
    char text[] = "secret";

    (void)state;
    segjob_wipe_bytes(text + 1, 4);
    assert_memory_equal(text, "s\0\0\0\0t", 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_characters),
        cmocka_unit_test(test_case_is_ignored),
        cmocka_unit_test(test_decimal_is_written),
        cmocka_unit_test(test_decimal_is_read),
        cmocka_unit_test(test_unix_time),
        cmocka_unit_test(test_time_of_day),
        cmocka_unit_test(test_wipe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
