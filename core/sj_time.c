#include "sj_time.h"

#define SECONDS_PER_DAY 86400
#define LAST_SECOND INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

static void put_digits(char *out, uint32_t number, size_t n)
{
    while (n > 0) {
        out[--n] = (char)('0' + number % 10);
        number /= 10;
    }
}

/*
 * Days since 1970-01-01 to a date of the proleptic Gregorian calendar.
 *
 * Years are counted from 1 March, so that the leap day ends a year: then an
 * era of 400 years has 146097 days, and month lengths from March on repeat
 * 31 30 31 30 31 in groups of 153 days.
 */
static void put_date(char *out, uint32_t days)
{
    uint32_t day = days + 719468; /* since 0000-03-01 */
    uint32_t era = day / 146097;
    uint32_t of_era = day % 146097;
    uint32_t year_of_era =
        (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    uint32_t of_year =
        of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint32_t month = (5 * of_year + 2) / 153; /* 0 is March */
    uint32_t of_month = of_year - (153 * month + 2) / 5 + 1;
    bool next_year = month >= 10;

    put_digits(out, era * 400 + year_of_era + next_year, 4);
    put_digits(out + 4, next_year ? month - 9 : month + 3, 2);
    put_digits(out + 6, of_month, 2);
}

bool sj_time_format(int64_t unix_time, char out[SJ_TIME_LEN])
{
    uint32_t second;

    if (unix_time < 0 || unix_time > LAST_SECOND) {
        return false;
    }
    second = (uint32_t)(unix_time % SECONDS_PER_DAY);
    put_date(out, (uint32_t)(unix_time / SECONDS_PER_DAY));
    out[8] = 'T';
    put_digits(out + 9, second / 3600, 2);
    put_digits(out + 11, second / 60 % 60, 2);
    put_digits(out + 13, second % 60, 2);
    out[15] = 'Z';
    return true;
}
