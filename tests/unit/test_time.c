/*
 * Dates: against Python's datetime, and the C library's calendar for each day
 * of a cycle.
 */
#include "rows.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "rows_time.h"
#include "sj_time.h"

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(time_rows); i++) {
        char out[SJ_TIME_LEN];

        ROW(&time_rows[i], sj_time_format(time_rows[i].unix_time, out));
        ROW(&time_rows[i], memcmp(out, time_rows[i].name, SJ_TIME_LEN) == 0);
    }
}

#define CYCLE 146097 /* days that the calendar takes to repeat */
#define DAYS 2932897 /* from 1970 to 9999 */

/* A later second on each day, so that hours and minutes move as well. */
static void test_each_day(void **state)
{
    (void)state;
    for (int64_t day = 0; day < DAYS; day += day < CYCLE ? 1 : 29) {
        int64_t at = day * 86400 + day % 86400;
        time_t seconds = (time_t)at;
        struct tm *tm = gmtime(&seconds);
        char expected[80];
        char out[SJ_TIME_LEN];

        if (seconds != at) {
            break; /* the C library's time has 32 bits */
        }
        (void)snprintf(expected, sizeof(expected), "%04d%02d%02dT%02d%02d%02dZ",
                       tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday,
                       tm->tm_hour, tm->tm_min, tm->tm_sec);
        assert_true(sj_time_format(at, out));
        assert_memory_equal(out, expected, SJ_TIME_LEN);
    }
}

static void test_out_of_range(void **state)
{
    static const int64_t times[] = {-1, INT64_MIN, INT64_C(253402300800),
                                    INT64_MAX};

    (void)state;
    for (size_t i = 0; i < LENGTH(times); i++) {
        char out[SJ_TIME_LEN] = "unchanged";

        assert_false(sj_time_format(times[i], out));
        assert_memory_equal(out, "unchanged", 9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_each_day),
        cmocka_unit_test(test_out_of_range),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
