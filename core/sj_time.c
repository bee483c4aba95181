#include "sj_time.h"

#include "sj_scan.h"

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
 * Write the date that is `days` after 1970-01-01 (Gregorian calendar).
 *
 * Years begin on 1 March here, so that a leap day is the last day of a year.
 * Then each era of 400 years has 146097 days, and month lengths repeat 31 30 31
 * 30 31, which are 153 days.
 */
static void put_date(char *out, uint32_t days)
{
    uint32_t day = days + DAYS_TO_1970;
    uint32_t era = day / DAYS_PER_ERA;
    uint32_t day_of_era = day % DAYS_PER_ERA;
    uint32_t year_of_era = (day_of_era - day_of_era / 1460 +
                            day_of_era / 36524 - day_of_era / 146096) /
                           365;
    uint32_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint32_t month = (5 * day_of_year + 2) / 153; /* 0 is March */
    uint32_t day_of_month = day_of_year - (153 * month + 2) / 5 + 1;
    bool next_year = month >= 10;

    put_digits(out, era * 400 + year_of_era + next_year, 4);
    put_digits(out + 4, next_year ? month - 9 : month + 3, 2);
    put_digits(out + 6, day_of_month, 2);
}

bool sj_time_format(int64_t unix_time, char out[SJ_TIME_LEN])
{
    uint32_t units, second; /* units of 128 seconds: 675 are a day */

    if (unix_time < 0 || unix_time > LAST_SECOND) {
        return false;
    }
    units = (uint32_t)(unix_time >> 7);
    second = units % 675 << 7 | (uint32_t)(unix_time & 127);
    put_date(out, units / 675);
    out[8] = 'T';
    put_digits(out + 9, second / 3600, 2);
    put_digits(out + 11, second / 60 % 60, 2);
    put_digits(out + 13, second % 60, 2);
    out[15] = 'Z';
    return true;
}

/* ----------------------------------------------------------------- reading */

/* The parts of a date. Their numbers are their letters in formats. */
enum {
    YEAR,
    MONTH, /* counts from 1 */
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    PARTS
};

static bool take_number(struct segjob_str *s, size_t n, uint32_t *number)
{
    const struct segjob_str digits = {s->ptr, n};

    *number = n <= s->len ? segjob_decimal(digits) : SEGJOB_NO_DECIMAL;
    if (*number == SEGJOB_NO_DECIMAL) {
        return false;
    }
    sj_skip(s, n);
    return true;
}

static bool take_month(struct segjob_str *s, uint32_t *month)
{
    static const char names[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

    *month = 0;
    while (*month < 12 && !sj_take_text(s, names[*month])) {
        ++*month;
    }
    return ++*month <= 12;
}

/* Take the name of a day: any letters, as it is not checked. */
static bool take_weekday(struct segjob_str *s)
{
    const size_t before = s->len;

    while (s->len > 0 && ((unsigned char)s->ptr[0] | 0x20u) - 'a' < 26) {
        sj_skip(s, 1);
    }
    return s->len < before;
}

/* RFC 9110: at most 50 years in the future, which is counted from 2026. */
static bool take_short_year(struct segjob_str *s, uint32_t *year)
{
    if (!take_number(s, 2, year)) {
        return false;
    }
    *year += *year <= 76 ? 2000 : 1900;
    return true;
}

/*
 * Take what a letter of a format means:
 *
 *   0 to 5  that part, with four digits for the year and two for others
 *   y       a year of two digits
 *   e       a day of two digits, or of a blank and a digit
 *   a, b    the names of a day and of a month
 *   other   the letter itself
 */
static bool take_item(struct segjob_str *s, char letter, uint32_t *parts)
{
    switch (letter) {
    case 'a':
        return take_weekday(s);
    case 'b':
        return take_month(s, &parts[MONTH]);
    case 'e':
        return take_number(s, sj_take(s, ' ') ? 1 : 2, &parts[DAY]);
    case 'y':
        return take_short_year(s, &parts[YEAR]);
    default:
        return segjob_is_digit(letter)
                   ? take_number(s, letter == '0' ? 4 : 2, &parts[letter - '0'])
                   : sj_take(s, letter);
    }
}

static bool take_format(struct segjob_str *s, const char *format,
                        uint32_t *parts)
{
    while (*format != '\0' && take_item(s, *format, parts)) {
        format++;
    }
    return *format == '\0';
}

static uint32_t month_length(uint32_t year, uint32_t month)
{
    const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    if (month == 2) {
        return is_leap ? 29 : 28;
    }
    return 30 + ((month ^ month >> 3) & 1); /* 31 for 1 3 5 7 8 10 12 */
}

static bool is_date(const uint32_t *parts)
{
    return parts[YEAR] >= 1970 && parts[MONTH] >= 1 && parts[MONTH] <= 12 &&
           parts[DAY] >= 1 &&
           parts[DAY] <= month_length(parts[YEAR], parts[MONTH]) &&
           parts[HOUR] <= 23 && parts[MINUTE] <= 59 && parts[SECOND] <= 60;
}

/* The inverse of put_date(). January of year 0 is in year -1: adds an era. */
int64_t segjob_unix_time(const uint32_t date[PARTS])
{
    const uint32_t next_year = date[MONTH] <= 2;
    const uint32_t month = date[MONTH] + 12 * next_year - 3; /* 0 is March */
    const uint32_t year = date[YEAR] + 400 - next_year;
    const uint32_t days = year * 365 + year / 4 - year / 100 + year / 400 +
                          (153 * month + 2) / 5 + date[DAY] - 1 - DAYS_PER_ERA -
                          DAYS_TO_1970;
    const uint32_t seconds =
        date[HOUR] * 3600 + date[MINUTE] * 60 + date[SECOND];

    return (int64_t)(int32_t)days * SECONDS_PER_DAY + seconds;
}

bool sj_time_parse_http(struct segjob_str text, int64_t *unix_time)
{
    static const char formats[][20] = {
        "a, 2 b 0 3:4:5 GMT", /* IMF-fixdate */
        "a, 2-b-y 3:4:5 GMT", /* rfc850-date */
        "a b e 3:4:5 0",      /* asctime-date */
    };

    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        struct segjob_str s = text;
        uint32_t parts[PARTS];

        if (take_format(&s, formats[i], parts) && s.len == 0 &&
            is_date(parts)) {
            *unix_time = segjob_unix_time(parts);
            return true;
        }
    }
    return false;
}

static bool take_fraction(struct segjob_str *s)
{
    return !sj_take(s, '.') || sj_take_digits(s) > 0;
}

/* Seconds that local time is ahead of UTC: Z, +hh:mm, or +hhmm of ISO 8601. */
static bool take_zone(struct segjob_str *s, int64_t *ahead_s)
{
    uint32_t parts[PARTS] = {0};
    bool is_behind;

    *ahead_s = 0;
    if (sj_take(s, 'Z')) {
        return true;
    }
    is_behind = sj_take(s, '-');
    if ((!is_behind && !sj_take(s, '+')) || !take_format(s, "3", parts)) {
        return false;
    }
    (void)sj_take(s, ':');
    if (!take_format(s, "4", parts) || parts[HOUR] > 23 || parts[MINUTE] > 59) {
        return false;
    }
    *ahead_s = (int64_t)parts[HOUR] * 3600 + (int64_t)parts[MINUTE] * 60;
    *ahead_s = is_behind ? -*ahead_s : *ahead_s;
    return true;
}

bool sj_time_parse_rfc3339(struct segjob_str text, int64_t *unix_time)
{
    uint32_t parts[PARTS];
    int64_t ahead_s;

    if (!take_format(&text, "0-1-2T3:4:5", parts) || !take_fraction(&text) ||
        !take_zone(&text, &ahead_s) || text.len > 0 || !is_date(parts)) {
        return false;
    }
    *unix_time = segjob_unix_time(parts) - ahead_s;
    return true;
}
