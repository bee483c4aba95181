/*
 * Dates, classification of errors, backoffs and clock skew: retry.py compares
 * them with Python and botocore. A number of 64 bits is two, the upper half
 * first.
 *
 * A record, and the output for it, is one of
 *   0, a text: whether it is an HTTP-date, and its 64 bits of Unix seconds
 *   1, an HTTP status, an error's code: the event
 *   2, a response's bytes, the device's time and the round trip of 64 bits
 *      each, an event, the number of backoffs so far, a random number: whether
 *      the response has the skew, and the skew and the backoff of 64 bits each
 */
#include "records.h"

#include "sj_http.h"
#include "sj_retry.h"
#include "sj_time.h"

static uint64_t get_long(struct records *r)
{
    uint64_t upper = get_number(r);

    return upper << 32 | get_number(r);
}

static void put_long(uint64_t number)
{
    put_number(stdout, (uint32_t)(number >> 32));
    put_number(stdout, (uint32_t)number);
}

static void parse_date(struct records *r)
{
    struct segjob_str text = get_text(r);
    int64_t at = 0;

    put_number(stdout, sj_time_parse_http(text, &at));
    put_long((uint64_t)at);
}

static void classify(struct records *r)
{
    int status = (int)get_number(r);

    put_number(stdout, sj_retry_classify(status, get_text(r)));
}

static void read_head(struct sj_http *h, struct segjob_str bytes)
{
    struct segjob_str body;
    size_t used;

    sj_http_begin(h);
    require(sj_http_read(h, bytes.ptr, bytes.len, &used, &body) ==
            SJ_HTTP_DONE);
}

static void read_response(struct records *r)
{
    unsigned backoffs;
    struct sj_http h;
    int64_t unix_time;
    uint64_t round_trip;
    enum sj_event event;
    int64_t clock_skew_s = 0;

    read_head(&h, get_text(r));
    unix_time = (int64_t)get_long(r);
    round_trip = get_long(r);
    event = (enum sj_event)get_number(r);
    backoffs = get_number(r);
    put_number(stdout,
               sj_retry_clock_skew(&h, unix_time, round_trip, &clock_skew_s));
    put_long((uint64_t)clock_skew_s);
    put_long(sj_retry_backoff_ms(backoffs, event == SJ_THROTTLED, get_number(r),
                                 &h));
}

int main(void)
{
    struct records r = records_read();
    char *all = r.at;

    while (r.left > 0) {
        switch (get_number(&r)) {
        case 0:
            parse_date(&r);
            break;
        case 1:
            classify(&r);
            break;
        default:
            read_response(&r);
            break;
        }
    }
    free(all);
    return 0;
}
