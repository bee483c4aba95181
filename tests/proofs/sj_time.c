/*
 * Any time is written as a date or refused; any text is read as a date or
 * refused.
 */
#include "../../core/sj_time.c"

#include "proof.h"

/* The leading digits of the date and the time are possible ones. */
void format_writes_a_date(void)
{
    const int64_t unix_time = nondet_int64();
    char out[SJ_TIME_LEN];
    const bool good = sj_time_format(unix_time, out);

    assert(good == (unix_time >= 0 && unix_time <= 253402300799));
    if (good) {
        assert(out[8] == 'T' && out[15] == 'Z');
        assert(out[4] == '0' || (out[4] == '1' && out[5] <= '2'));
        assert(out[6] <= '3' && out[9] <= '2' && out[11] <= '5');
    }
}

/* Each format in turn: a date has a time from 1970 to 9999. */
static void read_format(const char *format)
{
    const struct segjob_str text = any_text(BOUND);
    struct segjob_str left = text;
    uint32_t parts[PARTS];

    if (take_format(&left, format, parts) && is_date(parts)) {
        const int64_t unix_time = segjob_unix_time(parts);

        assert(left.len < text.len);
        assert(unix_time >= 0 && unix_time <= INT64_C(253402300800));
    }
}

void imf_fixdate_reads_within(void)
{
    read_format("a, 2 b 0 3:4:5 GMT");
}

void rfc850_date_reads_within(void)
{
    read_format("a, 2-b-y 3:4:5 GMT");
}

void asctime_date_reads_within(void)
{
    read_format("a b e 3:4:5 0");
}

void rfc3339_reads_within(void)
{
    int64_t unix_time;

    if (sj_time_parse_rfc3339(any_text(BOUND), &unix_time)) {
        assert(unix_time > -86400 && unix_time < INT64_C(253402300800) + 86400);
    }
}
