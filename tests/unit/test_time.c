/*
 * Dates: against Python's datetime, and the C library's calendar for each day
 * of a cycle.
 */
#include "rows.h"

#include <stdio.h>
#include <stdlib.h>
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

/* ------------------------------------------------------------- HTTP-dates */

/* Read text from memory of exactly its size. */
static bool parse(struct segjob_str text, int64_t *unix_time)
{
    char *copy = malloc(text.len + (text.len == 0));
    struct segjob_str s = {copy, text.len};
    bool good;

    if (text.len > 0) {
        memcpy(copy, text.ptr, text.len);
    }
    good = sj_time_parse_http(s, unix_time);
    free(copy);
    return good;
}

static void test_http_dates(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(http_date_rows); i++) {
        int64_t at = -1;

        ROW(&http_date_rows[i],
            parse(segjob_cstr(http_date_rows[i].name), &at));
        ROW(&http_date_rows[i], at == http_date_rows[i].unix_time);
    }
}

/* RFC 9110 section 5.6.7 */
static const struct {
    int line;
    const char *name;
    int64_t unix_time;
} unusual_dates[] = {
    {__LINE__, "Sat, 31 Dec 2016 23:59:60 GMT", 1483228800}, /* leap second */
    {__LINE__, "Thu, 01 Jan 1970 00:00:60 GMT", 60},
    {__LINE__, "Mon, 06 Nov 1994 08:49:37 GMT", 784111777}, /* was a Sunday */
    {__LINE__, "Sun Nov 06 08:49:37 1994", 784111777},      /* 2DIGIT */
    {__LINE__, "Mon Feb 29 12:00:00 2072", INT64_C(3223972800)},
};

static void test_unusual_http_dates(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(unusual_dates); i++) {
        int64_t at = -1;

        ROW(&unusual_dates[i], parse(segjob_cstr(unusual_dates[i].name), &at));
        ROW(&unusual_dates[i], at == unusual_dates[i].unix_time);
    }
}

static const struct {
    int line;
    const char *name;
} bad_dates[] = {
    {__LINE__, ""},
    {__LINE__, " "},
    {__LINE__, "0"},
    {__LINE__, "784111777"},
    {__LINE__, "1994-11-06T08:49:37Z"},
    {__LINE__, "19941106T084937Z"},
    {__LINE__, "06 Nov 1994 08:49:37 GMT"},
    {__LINE__, ", 06 Nov 1994 08:49:37 GMT"},
    {__LINE__, "Sun 06 Nov 1994 08:49:37 GMT"},
    {__LINE__, "Sun,06 Nov 1994 08:49:37 GMT"},
    {__LINE__, "Sun,  06 Nov 1994 08:49:37 GMT"},
    {__LINE__, "S{n, 06 Nov 1994 08:49:37 GMT"},
    {__LINE__, "S_n, 06 Nov 1994 08:49:37 GMT"},
    {__LINE__, "S1n, 06 Nov 1994 08:49:37 GMT"},
    {__LINE__, "Sun, 6 Nov 1994 08:49:37 GMT"},
    {__LINE__, "Sun,  6 Nov 1994 08:49:37 GMT"},
    {__LINE__, "Sun, 006 Nov 1994 08:49:37 GMT"},
    {__LINE__, "Sun, +6 Nov 1994 08:49:37 GMT"},
    {__LINE__, "Sun, 06-Nov-1994 08:49:37 GMT"},
    {__LINE__, "Sun, 06 November 1994 08:49:37 GMT"},
    {__LINE__, "Sun, 06 nov 1994 08:49:37 GMT"},
    {__LINE__, "Sun, 06 NOV 1994 08:49:37 GMT"},
    {__LINE__, "Sun, 06 anF 1994 08:49:37 GMT"}, /* JanFeb */
    {__LINE__, "Sun, 06 Nov 94 08:49:37 GMT"},
    {__LINE__, "Sun, 06 Nov 194 08:49:37 GMT"},
    {__LINE__, "Sun, 06 Nov 11994 08:49:37 GMT"},
    {__LINE__, "Sun, 06 Nov 1994 8:49:37 GMT"},
    {__LINE__, "Sun, 06 Nov 1994 08:49 GMT"},
    {__LINE__, "Sun, 06 Nov 1994 08.49.37 GMT"},
    {__LINE__, "Sun, 06 Nov 1994 08:49:37.0 GMT"},
    {__LINE__, "Sun, 06 Nov 1994 08:49:37 gmt"},
    {__LINE__, "Sun, 06 Nov 1994 08:49:37 UTC"},
    {__LINE__, "Sun, 06 Nov 1994 08:49:37 +0000"},
    {__LINE__, "Sun, 06 Nov 1994 08:49:37"},
    {__LINE__, "Sun, 06 Nov 1994 08:49:37 GMT "},
    {__LINE__, "Sun, 06 Nov 1994 08:49:37 GMT, 06"},
    {__LINE__, " Sun, 06 Nov 1994 08:49:37 GMT"},
    {__LINE__, "Sunday, 06-Nov-1994 08:49:37 GMT"},
    {__LINE__, "Sunday, 06-Nov-9 08:49:37 GMT"},
    {__LINE__, "Sunday, 06-Nov-70 08:49:37 UTC"},
    {__LINE__, "Sunday 06-Nov-94 08:49:37 GMT"},
    {__LINE__, "Sun Nov 6 08:49:37 1994"},
    {__LINE__, "Sun Nov  16 08:49:37 1994"},
    {__LINE__, "Sun Nov  6 08:49:37 94"},
    {__LINE__, "Sun Nov  6 08:49:37 1994 GMT"},
    {__LINE__, "Sun, Nov  6 08:49:37 1994"},
    {__LINE__, "Sun Nov  6 08:49:37 1994\n"},
    /* no such day or time */
    {__LINE__, "Sun, 00 Nov 1994 08:49:37 GMT"},
    {__LINE__, "Sun Nov  0 08:49:37 1994"},
    {__LINE__, "Sun, 32 Jan 2024 08:49:37 GMT"},
    {__LINE__, "Sun, 30 Feb 2024 08:49:37 GMT"},
    {__LINE__, "Sun, 29 Feb 2023 08:49:37 GMT"},
    {__LINE__, "Sun, 29 Feb 2100 08:49:37 GMT"},
    {__LINE__, "Sunday, 29-Feb-25 08:49:37 GMT"},
    {__LINE__, "Sun, 32 Mar 2024 08:49:37 GMT"},
    {__LINE__, "Sun, 31 Apr 2024 08:49:37 GMT"},
    {__LINE__, "Sun, 32 May 2024 08:49:37 GMT"},
    {__LINE__, "Sun, 31 Jun 2024 08:49:37 GMT"},
    {__LINE__, "Sun, 32 Jul 2024 08:49:37 GMT"},
    {__LINE__, "Sun, 32 Aug 2024 08:49:37 GMT"},
    {__LINE__, "Sun, 31 Sep 2024 08:49:37 GMT"},
    {__LINE__, "Sun, 32 Oct 2024 08:49:37 GMT"},
    {__LINE__, "Sun, 31 Nov 2024 08:49:37 GMT"},
    {__LINE__, "Sun, 32 Dec 2024 08:49:37 GMT"},
    {__LINE__, "Sun, 06 Nov 1994 24:00:00 GMT"},
    {__LINE__, "Sun, 06 Nov 1994 08:60:37 GMT"},
    {__LINE__, "Sun, 06 Nov 1994 08:49:61 GMT"},
    /* before 1970 */
    {__LINE__, "Wed, 31 Dec 1969 23:59:59 GMT"},
    {__LINE__, "Wed Dec 31 23:59:59 1969"},
    {__LINE__, "Sat, 01 Jan 0000 00:00:00 GMT"},
};

static void test_bad_http_dates(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(bad_dates); i++) {
        int64_t at = 42;

        ROW(&bad_dates[i], !parse(segjob_cstr(bad_dates[i].name), &at));
        ROW(&bad_dates[i], at == 42);
    }
}

/* The beginning of a date is no date, and a NUL does not end one. */
static void test_cut_http_dates(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(http_date_rows); i++) {
        struct segjob_str whole = segjob_cstr(http_date_rows[i].name);
        struct segjob_str front = {whole.ptr, 0};
        int64_t at;

        for (; front.len < whole.len; front.len++) {
            ROW(&http_date_rows[i], !parse(front, &at));
        }
        whole.len++;
        ROW(&http_date_rows[i], !parse(whole, &at));
    }
}

/* --------------------------------------------------------------- each day */

/* The C library writes the three formats, and they read back. */
static void check_http_formats(int64_t at, const struct tm *tm)
{
    static const char *const forms[] = {
        "%a, %d %b %Y %H:%M:%S GMT",
        "%a %b %e %H:%M:%S %Y",
        "%A, %d-%b-%y %H:%M:%S GMT",
    };
    bool is_near = tm->tm_year >= 77 && tm->tm_year <= 176;

    for (size_t i = 0; i < LENGTH(forms) - !is_near; i++) {
        char text[64];
        int64_t found = -1;

        assert_true(strftime(text, sizeof(text), forms[i], tm) > 0);
        assert_true(sj_time_parse_http(segjob_cstr(text), &found));
        assert_int_equal(found, at);
    }
}

#define CYCLE 146097 /* days after which the calendar repeats */
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
            break; /* time_t has 32 bits */
        }
        (void)snprintf(expected, sizeof(expected), "%04d%02d%02dT%02d%02d%02dZ",
                       tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday,
                       tm->tm_hour, tm->tm_min, tm->tm_sec);
        assert_true(sj_time_format(at, out));
        assert_memory_equal(out, expected, SJ_TIME_LEN);
        check_http_formats(at, tm);
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

/* --------------------------------------------------------------- RFC 3339 */

/* By `date -u -d TEXT +%s`. */
static const struct {
    int line;
    const char *name;
    int64_t unix_time; /* -1: refused */
} rfc3339_dates[] = {
    {__LINE__, "2026-01-01T00:00:00Z", 1767225600},
    {__LINE__, "1970-01-01T00:00:00Z", 0},
    {__LINE__, "2024-02-29T23:59:59.999Z", 1709251199},
    {__LINE__, "2026-12-31T12:34:56+00:00", 1798720496},
    {__LINE__, "2026-12-31T12:34:56.5+0000", 1798720496},
    {__LINE__, "9999-12-31T23:59:59Z", 253402300799},
    {__LINE__, "2026-01-01T01:30:00+01:30", 1767225600},
    {__LINE__, "2026-01-01T00:00:00-0800", 1767254400},
    {__LINE__, "2026-01-01T00:00:00+23:59", 1767139260},
    {__LINE__, "", -1},
    {__LINE__, "2026-01-01T00:00:00", -1},
    {__LINE__, "2026-01-01T00:00:00z", -1},
    {__LINE__, "2026-01-01 00:00:00Z", -1},
    {__LINE__, "2026-01-01T00:00:00.Z", -1},
    {__LINE__, "2026-01-01T00:00:00+24:00", -1},
    {__LINE__, "2026-01-01T00:00:00+01:60", -1},
    {__LINE__, "2026-01-01T00:00:00 01:00", -1},
    {__LINE__, "2026-01-01T00:00:00+1:00", -1},
    {__LINE__, "2026-01-01T00:00:00+01::00", -1},
    {__LINE__, "2026-01-01T00:00:00Z ", -1},
    {__LINE__, " 2026-01-01T00:00:00Z", -1},
    {__LINE__, "2026-00-01T00:00:00Z", -1},
    {__LINE__, "2026-13-01T00:00:00Z", -1},
    {__LINE__, "2025-02-29T00:00:00Z", -1},
    {__LINE__, "2026-01-01T24:00:00Z", -1},
    {__LINE__, "1969-12-31T23:59:59Z", -1},
    {__LINE__, "26-01-01T00:00:00Z", -1},
    {__LINE__, "Thu, 01 Jan 2026 00:00:00 GMT", -1},
};

/* From memory of exactly their size, whole and cut at each byte. */
static void test_rfc3339_dates(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(rfc3339_dates); i++) {
        const size_t len = strlen(rfc3339_dates[i].name);
        const bool is_good = rfc3339_dates[i].unix_time >= 0;

        for (size_t n = is_good ? 0 : len; n <= len; n++) {
            char *copy = malloc(n + (n == 0));
            const struct segjob_str s = {copy, n};
            int64_t at = -1;

            memcpy(copy, rfc3339_dates[i].name, n);
            ROW(&rfc3339_dates[i],
                sj_time_parse_rfc3339(s, &at) == (is_good && n == len));
            ROW(&rfc3339_dates[i],
                at == (n == len ? rfc3339_dates[i].unix_time : -1));
            free(copy);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_each_day),
        cmocka_unit_test(test_out_of_range),
        cmocka_unit_test(test_http_dates),
        cmocka_unit_test(test_unusual_http_dates),
        cmocka_unit_test(test_bad_http_dates),
        cmocka_unit_test(test_cut_http_dates),
        cmocka_unit_test(test_rfc3339_dates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
