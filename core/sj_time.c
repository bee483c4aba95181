#include "sj_time.h"

#include <string.h>

#define SECONDS_PER_DAY 86400
#define LAST_SECOND INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
#define DAYS_TO_1970 719468               /* since 0000-03-01 */
#define DAYS_PER_ERA 146097               /* of 400 years */

/* ----------------------------------------------------------------- writing */

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
    uint32_t day = days + DAYS_TO_1970;
    uint32_t era = day / DAYS_PER_ERA;
    uint32_t of_era = day % DAYS_PER_ERA;
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

/* ----------------------------------------------------------------- reading */

/* An HTTP-date taken apart; the month counts from 1. */
struct date {
    uint32_t year, month, day, hour, minute, second;
};

static void skip(struct segjob_str *s, size_t n)
{
    s->ptr += n;
    s->len -= n;
}

static bool take(struct segjob_str *s, char c)
{
    if (s->len == 0 || s->ptr[0] != c) {
        return false;
    }
    skip(s, 1);
    return true;
}

static bool take_digits(struct segjob_str *s, size_t n, uint32_t *number)
{
    *number = 0;
    for (; n > 0; n--) {
        if (s->len == 0 || s->ptr[0] < '0' || s->ptr[0] > '9') {
            return false;
        }
        *number = *number * 10 + (uint32_t)(s->ptr[0] - '0');
        skip(s, 1);
    }
    return true;
}

static bool take_month(struct segjob_str *s, uint32_t *month)
{
    static const char names[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

    for (uint32_t i = 0; i < 12 && s->len >= 3; i++) {
        if (memcmp(names[i], s->ptr, 3) == 0) {
            *month = i + 1;
            skip(s, 3);
            return true;
        }
    }
    return false;
}

/* Take the letters of a day's name, whose length says nothing. */
static bool take_weekday(struct segjob_str *s)
{
    size_t n = 0;

    while (n < s->len && ((s->ptr[n] >= 'A' && s->ptr[n] <= 'Z') ||
                          (s->ptr[n] >= 'a' && s->ptr[n] <= 'z'))) {
        n++;
    }
    skip(s, n);
    return n > 0;
}

/* Two digits: RFC 9110 sees them at most 50 years ahead, from 2026 here. */
static bool take_short_year(struct segjob_str *s, uint32_t *year)
{
    if (!take_digits(s, 2, year)) {
        return false;
    }
    *year += *year <= 76 ? 2000 : 1900;
    return true;
}

/* Take what a letter of strptime(), as they stand below, is for. */
static bool take_item(struct segjob_str *s, char letter, struct date *d)
{
    switch (letter) {
    case 'a':
        return take_weekday(s);
    case 'b':
        return take_month(s, &d->month);
    case 'd':
        return take_digits(s, 2, &d->day);
    case 'm':
        return take_digits(s, 2, &d->month) && d->month >= 1 && d->month <= 12;
    case 'e':
        return take_digits(s, take(s, ' ') ? 1 : 2, &d->day);
    case 'y':
        return take_short_year(s, &d->year);
    case 'Y':
        return take_digits(s, 4, &d->year);
    case 'H':
        return take_digits(s, 2, &d->hour);
    case 'M':
        return take_digits(s, 2, &d->minute);
    default:
        return take_digits(s, 2, &d->second);
    }
}

static bool take_form(struct segjob_str *s, const char *form, struct date *d)
{
    for (; *form != '\0'; form++) {
        if (*form == '%' ? !take_item(s, *++form, d) : !take(s, *form)) {
            return false;
        }
    }
    return true;
}

static bool is_leap(uint32_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static bool is_date(const struct date *d)
{
    static const uint8_t lengths[] = {31, 29, 31, 30, 31, 30,
                                      31, 31, 30, 31, 30, 31};

    return d->year >= 1970 && d->day >= 1 && d->day <= lengths[d->month - 1] &&
           (d->month != 2 || d->day <= 28 || is_leap(d->year)) &&
           d->hour <= 23 && d->minute <= 59 && d->second <= 60;
}

/* As put_date(), the other way. */
static int64_t days_of(const struct date *d)
{
    uint32_t next_year = d->month <= 2;
    uint32_t month = next_year ? d->month + 9 : d->month - 3; /* 0 is March */
    uint32_t year = d->year - next_year;
    uint32_t of_year = (153 * month + 2) / 5 + d->day - 1;

    return (int64_t)(year * 365 + year / 4 - year / 100 + year / 400 +
                     of_year) -
           DAYS_TO_1970;
}

static int64_t unix_time_of(const struct date *d)
{
    return days_of(d) * SECONDS_PER_DAY +
           (int64_t)(d->hour * 3600 + d->minute * 60 + d->second);
}

bool sj_time_parse_http(struct segjob_str text, int64_t *unix_time)
{
    static const char *const forms[] = {
        "%a, %d %b %Y %H:%M:%S GMT", /* IMF-fixdate */
        "%a, %d-%b-%y %H:%M:%S GMT", /* rfc850-date */
        "%a %b %e %H:%M:%S %Y",      /* asctime-date */
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct segjob_str s = text;
        struct date d = {0};

        if (take_form(&s, forms[i], &d) && s.len == 0 && is_date(&d)) {
            *unix_time = unix_time_of(&d);
            return true;
        }
    }
    return false;
}

static bool take_fraction(struct segjob_str *s)
{
    uint32_t digit;
    size_t n = 0;

    if (!take(s, '.')) {
        return true;
    }
    while (take_digits(s, 1, &digit)) {
        n++;
    }
    return n > 0;
}

static bool take_utc(struct segjob_str *s)
{
    static const char *const zones[] = {"Z", "+00:00", "+0000"};

    for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
        const size_t n = strlen(zones[i]);

        if (s->len == n && memcmp(s->ptr, zones[i], n) == 0) {
            return true;
        }
    }
    return false;
}

bool sj_time_parse_rfc3339(struct segjob_str text, int64_t *unix_time)
{
    struct date d = {0};

    if (!take_form(&text, "%Y-%m-%dT%H:%M:%S", &d) || !take_fraction(&text) ||
        !take_utc(&text) || !is_date(&d)) {
        return false;
    }
    *unix_time = unix_time_of(&d);
    return true;
}
