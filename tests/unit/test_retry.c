/*
 * Whether and when to retry, and by how much a clock is off: the figures of the
 * standard mode of AWS's SDKs (AWS SDKs and Tools Reference Guide, "Retry
 * behavior"), at each of their limits.
 */
#include "rows.h"

#include <string.h>

#include <limits.h>

#include "sj_retry.h"
#include "sj_scan.h"

/* ---------------------------------------------------------------- classify */

static const struct {
    int line;
    const char *name; /* the code */
    enum sj_event event;
} codes[] = {
    {__LINE__, "InternalError", SJ_TRANSIENT},
    {__LINE__, "InternalFailure", SJ_TRANSIENT},
    {__LINE__, "InternalServerError", SJ_TRANSIENT},
    {__LINE__, "RequestAbortedException", SJ_TRANSIENT},
    {__LINE__, "RequestTimeout", SJ_TRANSIENT},
    {__LINE__, "RequestTimeoutException", SJ_TRANSIENT},
    {__LINE__, "ServiceUnavailable", SJ_TRANSIENT},
    {__LINE__, "ServiceUnavailableException", SJ_TRANSIENT},
    {__LINE__, "Throttling", SJ_THROTTLED},
    {__LINE__, "ThrottlingException", SJ_THROTTLED},
    {__LINE__, "ThrottledException", SJ_THROTTLED},
    {__LINE__, "RequestThrottled", SJ_THROTTLED},
    {__LINE__, "RequestThrottledException", SJ_THROTTLED},
    {__LINE__, "TooManyRequestsException", SJ_THROTTLED},
    {__LINE__, "RequestLimitExceeded", SJ_THROTTLED},
    {__LINE__, "BandwidthLimitExceeded", SJ_THROTTLED},
    {__LINE__, "LimitExceededException", SJ_THROTTLED},
    {__LINE__, "SlowDown", SJ_THROTTLED},
    {__LINE__, "PriorRequestNotComplete", SJ_THROTTLED},
    {__LINE__, "ProvisionedThroughputExceededException", SJ_THROTTLED},
    {__LINE__, "TransactionInProgressException", SJ_THROTTLED},
    {__LINE__, "EC2ThrottledException", SJ_THROTTLED},
    {__LINE__, "ExpiredTokenException", SJ_EXPIRED},
    {__LINE__, "AccessDeniedException", SJ_SKEWED},
    {__LINE__, "AuthFailure", SJ_SKEWED},
    {__LINE__, "InvalidSignatureException", SJ_SKEWED},
    {__LINE__, "RequestExpired", SJ_SKEWED},
    {__LINE__, "RequestInTheFuture", SJ_SKEWED},
    {__LINE__, "RequestTimeTooSkewed", SJ_SKEWED},
    {__LINE__, "SignatureDoesNotMatch", SJ_SKEWED},
};

/* A listed code decides, whatever the status is. */
static void test_codes(void **state)
{
    static const int statuses[] = {0, 200, 400, 403, 429, 500, 503, 599};

    (void)state;
    for (size_t i = 0; i < LENGTH(codes); i++) {
        for (size_t k = 0; k < LENGTH(statuses); k++) {
            ROW(&codes[i],
                sj_retry_classify(statuses[k], segjob_cstr(codes[i].name)) ==
                    codes[i].event);
        }
    }
}

static const struct {
    int line;
    const char *name; /* the code */
} other_codes[] = {
    {__LINE__, NULL},
    {__LINE__, ""},
    {__LINE__, "InvalidInputException"},
    {__LINE__, "ResourceAlreadyExistsException"},
    {__LINE__, "ResourceInUseException"},
    {__LINE__, "ResourceNotFoundException"},
    {__LINE__, "TooManyTagsException"},
    {__LINE__, "InvalidNextTokenException"},
    {__LINE__, "UnrecognizedClientException"},
    {__LINE__, "ValidationException"},
    {__LINE__, "ResourceUnavailableException"},
    {__LINE__, "throttlingException"},
    {__LINE__, "THROTTLINGEXCEPTION"},
    {__LINE__, "slowDown"},
    {__LINE__, "com.amazonaws.personalize#ThrottlingException"},
};

static enum sj_event event_of_status(int status)
{
    if (status == 429) {
        return SJ_THROTTLED;
    }
    if (status == 500 || (status >= 502 && status <= 504)) {
        return SJ_TRANSIENT;
    }
    return SJ_FINAL;
}

/* With any other code the status decides. */
static void test_other_codes(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(other_codes); i++) {
        for (int status = 0; status < 1000; status++) {
            ROW(&other_codes[i],
                sj_retry_classify(status, segjob_cstr(other_codes[i].name)) ==
                    event_of_status(status));
        }
    }
}

/* A listed code that is cut or extended is not listed. */
static void test_parts_of_codes(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(codes); i++) {
        struct segjob_str code = segjob_cstr(codes[i].name);

        code.len++;
        ROW(&codes[i], sj_retry_classify(400, code) == SJ_FINAL);
        code.len -= 2;
        ROW(&codes[i], sj_retry_classify(400, code) == SJ_FINAL);
    }
}

/* ------------------------------------------------------------------- quota */

struct quota {
    uint16_t tokens_used;
    uint8_t cost;
};

static bool acquire(struct quota *q, enum sj_event event)
{
    const bool has = sj_retry_has_tokens(q->tokens_used, event);

    if (has) {
        sj_retry_acquire(&q->tokens_used, &q->cost, event);
    }
    return has;
}

static void release(struct quota *q)
{
    sj_retry_release(&q->tokens_used, &q->cost);
}

#define UNCHANGED 255 /* no event has this cost */

static const struct {
    int line;
    const char *name;
    enum sj_event event;
    uint16_t tokens_used;
    uint16_t after; /* unchanged: refused */
    uint8_t cost;
} costs[] = {
    {__LINE__, "transient, full", SJ_TRANSIENT, 0, 14, 14},
    {__LINE__, "transient, again", SJ_TRANSIENT, 14, 28, 14},
    {__LINE__, "transient, the last", SJ_TRANSIENT, 486, 500, 14},
    {__LINE__, "transient, one too few", SJ_TRANSIENT, 487, 487, UNCHANGED},
    {__LINE__, "transient, empty", SJ_TRANSIENT, 500, 500, UNCHANGED},
    {__LINE__, "throttled, full", SJ_THROTTLED, 0, 5, 5},
    {__LINE__, "throttled, the last", SJ_THROTTLED, 495, 500, 5},
    {__LINE__, "throttled, one too few", SJ_THROTTLED, 496, 496, UNCHANGED},
    {__LINE__, "throttled, empty", SJ_THROTTLED, 500, 500, UNCHANGED},
    {__LINE__, "expired", SJ_EXPIRED, 100, 114, 14},
    {__LINE__, "skew", SJ_SKEWED, 486, 500, 14},
    {__LINE__, "skew, one too few", SJ_SKEWED, 487, 487, UNCHANGED},
};

static void test_acquire(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(costs); i++) {
        struct quota r = {.tokens_used = costs[i].tokens_used,
                          .cost = UNCHANGED};
        bool is_acquired = acquire(&r, costs[i].event);

        ROW(&costs[i], is_acquired == (costs[i].after != costs[i].tokens_used));
        ROW(&costs[i], r.tokens_used == costs[i].after);
        ROW(&costs[i], r.cost == costs[i].cost);
    }
}

/* A quota of 500 tokens is enough for 35 times 14, and then 2 times 5. */
static void test_whole_quota(void **state)
{
    struct quota r = {.tokens_used = 0};

    (void)state;
    for (int i = 0; i < 35; i++) {
        assert_true(acquire(&r, SJ_TRANSIENT));
    }
    assert_false(acquire(&r, SJ_TRANSIENT));
    assert_true(acquire(&r, SJ_THROTTLED));
    assert_true(acquire(&r, SJ_THROTTLED));
    assert_false(acquire(&r, SJ_THROTTLED));
    assert_int_equal(r.tokens_used, SJ_RETRY_QUOTA);
}

/* A success releases what the last retry acquired, and then 1 each time. */
static void test_release(void **state)
{
    struct quota r = {.tokens_used = 480};

    (void)state;
    assert_true(acquire(&r, SJ_TRANSIENT));
    release(&r);
    assert_int_equal(r.tokens_used, 480);
    release(&r);
    assert_int_equal(r.tokens_used, 479);
    assert_true(acquire(&r, SJ_TRANSIENT));
    assert_true(acquire(&r, SJ_THROTTLED));
    release(&r);
    assert_int_equal(r.tokens_used, 479 + 14);
    release(&r);
    assert_int_equal(r.tokens_used, 479 + 13);
}

static void test_releases_no_more_than_was_used(void **state)
{
    struct quota r = {.tokens_used = 1};

    (void)state;
    release(&r);
    assert_int_equal(r.tokens_used, 0);
    release(&r);
    assert_int_equal(r.tokens_used, 0);
    r.tokens_used = 13;
    r.cost = 14;
    release(&r);
    assert_int_equal(r.tokens_used, 0);
}

/* ----------------------------------------------------------------- backoff */

#define HALF UINT32_C(0x80000000)

/* The upper limit of the random share: min(base * 2^i, 20 s). */
static const uint64_t limits[] = {50,   100,  200,   400,   800,   1600,
                                  3200, 6400, 12800, 20000, 20000, 20000};
static const uint64_t throttled_limits[] = {1000,  2000,  4000, 8000,
                                            16000, 20000, 20000};

static void check_backoff(bool throttled, const uint64_t *most, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct sj_http h;

        sj_http_begin(&h);
        for (size_t k = 0; k < 4; k++) {
            static const uint32_t randoms[] = {0, 1, HALF, UINT32_MAX};
            const uint64_t shares[] = {0, 0, most[i] / 2, most[i] - 1};

            assert_int_equal(
                sj_retry_backoff_ms((unsigned)i, throttled, randoms[k], &h),
                shares[k]);
        }
    }
}

static void test_growth(void **state)
{
    (void)state;
    check_backoff(false, limits, LENGTH(limits));
    check_backoff(true, throttled_limits, LENGTH(throttled_limits));
}

/* More backoffs than any shift has bits: the limit stays the same. */
static void test_many_backoffs(void **state)
{
    struct sj_http h;
    uint64_t last = 0;

    (void)state;
    sj_http_begin(&h);
    for (unsigned i = 0; i < 1000; i++) {
        uint64_t ms = sj_retry_backoff_ms(i, false, UINT32_MAX, &h);

        assert_true(ms >= last && ms <= 19999);
        last = ms;
    }
    assert_int_equal(last, 19999);
    assert_int_equal(sj_retry_backoff_ms(UINT_MAX, true, HALF, &h), 10000);
}

#define NEVER 0
#define NONE SEGJOB_NO_DECIMAL
#define DATE 1767225600u
#define LONGEST SEGJOB_DECIMAL_MAX /* that the reader of heads returns */

/* After three backoffs and with half of 2^32 as the random number: 200 ms. */
static const struct {
    int line;
    const char *name;
    uint32_t date;
    uint32_t retry_after;
    uint32_t retry_at;
    uint32_t retry_after_ms;
    uint32_t backoff;
} extras[] = {
    {__LINE__, "none", NEVER, NONE, NEVER, NONE, 200},
    {__LINE__, "a date alone", DATE, NONE, NEVER, NONE, 200},

    {__LINE__, "0 ms", NEVER, NONE, NEVER, 0, 200},
    {__LINE__, "1 less", NEVER, NONE, NEVER, 199, 200},
    {__LINE__, "the same", NEVER, NONE, NEVER, 200, 200},
    {__LINE__, "1 more", NEVER, NONE, NEVER, 201, 201},
    {__LINE__, "5 s more", NEVER, NONE, NEVER, 5200, 5200},
    {__LINE__, "over 5 s more", NEVER, NONE, NEVER, 5201, 5200},
    {__LINE__, "longest ms", NEVER, NONE, NEVER, LONGEST, 5200},

    {__LINE__, "0 s", NEVER, 0, NEVER, NONE, 200},
    {__LINE__, "1 s", NEVER, 1, NEVER, NONE, 1200},
    {__LINE__, "longest", NEVER, LONGEST, NEVER, NONE, UINT32_MAX},
    {__LINE__, "just under the longest backoff", NEVER, 4294967, NEVER, NONE,
     4294967200},
    {__LINE__, "just over it", NEVER, 4294968, NEVER, NONE, UINT32_MAX},
    {__LINE__, "1 s, the date does not matter", DATE, 1, NEVER, NONE, 1200},

    {__LINE__, "until now", DATE, NONE, DATE, NONE, 200},
    {__LINE__, "until the next second", DATE, NONE, DATE + 1, NONE, 1200},
    {__LINE__, "until an hour later", DATE, NONE, DATE + 3600, NONE, 3600200},
    {__LINE__, "until a second ago", DATE, NONE, DATE - 1, NONE, 200},
    {__LINE__, "until a date, without the response's own", NEVER, NONE, DATE,
     NONE, 200},
    {__LINE__, "until 1970", DATE, NONE, 1, NONE, 200},
    {__LINE__, "from 1970", 1, NONE, 2, NONE, 1200},
    {__LINE__, "until 2106", 1, NONE, UINT32_MAX, NONE, UINT32_MAX},

    {__LINE__, "both, seconds are more", NEVER, 3, NEVER, 3100, 3200},
    {__LINE__, "both, ms are more", NEVER, 3, NEVER, 3300, 3300},
    {__LINE__, "both, ms are cut", NEVER, 5, NEVER, 9000, 5200},
    {__LINE__, "both, ms are cut, seconds are not", NEVER, 6, NEVER, 9000,
     6200},
};

static void test_extras(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(extras); i++) {
        struct sj_http h;

        sj_http_begin(&h);
        h.date = extras[i].date;
        h.retry_after = extras[i].retry_after;
        h.retry_at = extras[i].retry_at;
        h.retry_after_ms = extras[i].retry_after_ms;
        ROW(&extras[i],
            sj_retry_backoff_ms(3, false, HALF, &h) == extras[i].backoff);
    }
}

/* ------------------------------------------------------------------- clock */

#define MINUTE 60000          /* ms */
#define LAST_DATE 4102444799u /* 2099-12-31T23:59:59Z */

static const struct {
    int line;
    const char *name;
    uint32_t date;
    bool has_age;
    int64_t unix_time;
    uint64_t round_trip_ms;
    bool is_known;
    int64_t clock_skew_s;
} skews[] = {
    {__LINE__, "right", DATE, false, DATE, 0, true, 0},
    {__LINE__, "behind", DATE + 240, false, DATE, 0, true, 240},
    {__LINE__, "ahead", DATE, false, DATE + 300, 0, true, -300},
    {__LINE__, "in 1970", DATE, false, 0, 0, true, DATE},
    {__LINE__, "in 9999", DATE, false, INT64_C(253402300799), 0, true,
     (int64_t)DATE - INT64_C(253402300799)},
    {__LINE__, "half of 2 s", DATE + 10, false, DATE, 2000, true, 9},
    {__LINE__, "half of almost 2 s", DATE + 10, false, DATE, 1999, true, 10},
    {__LINE__, "half of 15 min", DATE, false, DATE, 15 * MINUTE, true, -450},
    {__LINE__, "a cache's", DATE, true, DATE, 0, false, 0},
    {__LINE__, "no date", NEVER, false, DATE, 0, false, 0},
    {__LINE__, "date in 1970", 1, false, DATE, 0, false, 0},
    {__LINE__, "date in 2025", DATE - 1, false, DATE, 0, false, 0},
    {__LINE__, "date in 2099", LAST_DATE, false, DATE, 0, true,
     LAST_DATE - DATE},
    {__LINE__, "date in 2100", LAST_DATE + 1, false, DATE, 0, false, 0},
    {__LINE__, "date in 2106", UINT32_MAX, false, DATE, 0, false, 0},
};

static void test_skews(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(skews); i++) {
        struct sj_http h;
        int64_t clock_skew_s = 42;

        sj_http_begin(&h);
        h.date = skews[i].date;
        h.has_age = skews[i].has_age;
        ROW(&skews[i],
            sj_retry_clock_skew(&h, skews[i].unix_time, skews[i].round_trip_ms,
                                &clock_skew_s) == skews[i].is_known);
        ROW(&skews[i],
            clock_skew_s == (skews[i].is_known ? skews[i].clock_skew_s : 42));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_other_codes),
        cmocka_unit_test(test_parts_of_codes),
        cmocka_unit_test(test_acquire),
        cmocka_unit_test(test_whole_quota),
        cmocka_unit_test(test_release),
        cmocka_unit_test(test_releases_no_more_than_was_used),
        cmocka_unit_test(test_growth),
        cmocka_unit_test(test_many_backoffs),
        cmocka_unit_test(test_extras),
        cmocka_unit_test(test_skews),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
