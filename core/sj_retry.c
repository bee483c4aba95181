#include "sj_retry.h"

#include <string.h>

#define PAUSE_MS 50u
#define THROTTLED_PAUSE_MS 1000u
#define PAUSE_MAX_MS 20000u
#define DOUBLINGS_MAX 9u /* 50 ms are then more than PAUSE_MAX_MS */
#define EXTRA_MS 5000u   /* at most, for X-Amz-Retry-After */

#define COST 14u
#define THROTTLED_COST 5u

#define ROUND_TRIP_MAX_MS 900000u /* 15 minutes */

/* 2026 to 2099: any other Date is wrong, and would be kept for later. */
#define DATE_MIN INT64_C(1767225600)
#define DATE_MAX INT64_C(4102444799)

/* ------------------------------------------------------------------ causes */

/* Codes that decide whatever the HTTP status is. */
static const struct {
    const char *code;
    enum sj_cause cause;
} causes[] = {
    {"InternalFailure", SJ_CAUSE_TRANSIENT},
    {"RequestTimeout", SJ_CAUSE_TRANSIENT},
    {"RequestTimeoutException", SJ_CAUSE_TRANSIENT},
    {"ServiceUnavailable", SJ_CAUSE_TRANSIENT},
    {"BandwidthLimitExceeded", SJ_CAUSE_THROTTLED},
    {"EC2ThrottledException", SJ_CAUSE_THROTTLED},
    {"LimitExceededException", SJ_CAUSE_THROTTLED},
    {"PriorRequestNotComplete", SJ_CAUSE_THROTTLED},
    {"ProvisionedThroughputExceededException", SJ_CAUSE_THROTTLED},
    {"RequestLimitExceeded", SJ_CAUSE_THROTTLED},
    {"RequestThrottled", SJ_CAUSE_THROTTLED},
    {"RequestThrottledException", SJ_CAUSE_THROTTLED},
    {"SlowDown", SJ_CAUSE_THROTTLED},
    {"ThrottledException", SJ_CAUSE_THROTTLED},
    {"Throttling", SJ_CAUSE_THROTTLED},
    {"ThrottlingException", SJ_CAUSE_THROTTLED},
    {"TooManyRequestsException", SJ_CAUSE_THROTTLED},
    {"TransactionInProgressException", SJ_CAUSE_THROTTLED},
    {"ExpiredTokenException", SJ_CAUSE_EXPIRED},
    {"AccessDeniedException", SJ_CAUSE_SKEW},
    {"AuthFailure", SJ_CAUSE_SKEW},
    {"InvalidSignatureException", SJ_CAUSE_SKEW},
    {"RequestExpired", SJ_CAUSE_SKEW},
    {"RequestInTheFuture", SJ_CAUSE_SKEW},
    {"RequestTimeTooSkewed", SJ_CAUSE_SKEW},
    {"SignatureDoesNotMatch", SJ_CAUSE_SKEW},
};

static enum sj_cause cause_of_status(int http_status)
{
    switch (http_status) {
    case 429:
        return SJ_CAUSE_THROTTLED;
    case 500:
    case 502:
    case 503:
    case 504:
        return SJ_CAUSE_TRANSIENT;
    default:
        return SJ_CAUSE_FINAL;
    }
}

enum sj_cause sj_retry_cause(int http_status, struct segjob_str code)
{
    for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
        if (code.len == strlen(causes[i].code) &&
            memcmp(code.ptr, causes[i].code, code.len) == 0) {
            return causes[i].cause;
        }
    }
    return cause_of_status(http_status);
}

/* ------------------------------------------------------------------ bucket */

bool sj_retry_take(struct sj_retry *r, enum sj_cause cause)
{
    const unsigned cost = cause == SJ_CAUSE_THROTTLED ? THROTTLED_COST : COST;

    if (r->spent + cost > SJ_RETRY_BUCKET) {
        return false;
    }
    r->spent = (uint16_t)(r->spent + cost);
    r->cost = (uint8_t)cost;
    return true;
}

void sj_retry_give(struct sj_retry *r)
{
    const unsigned back = r->cost > 0 ? r->cost : 1;

    r->spent = (uint16_t)(r->spent > back ? r->spent - back : 0);
    r->cost = 0;
}

/* ------------------------------------------------------------------ pauses */

static uint64_t between(uint64_t n, uint64_t min, uint64_t max)
{
    return n < min ? min : n > max ? max : n;
}

static uint64_t share_of_pause(const struct sj_retry *r, enum sj_cause cause,
                               uint32_t random)
{
    const uint64_t first =
        cause == SJ_CAUSE_THROTTLED ? THROTTLED_PAUSE_MS : PAUSE_MS;

    return between(first << r->pauses, 0, PAUSE_MAX_MS) * random >> 32;
}

/* Milliseconds that Retry-After asks for, and those of X-Amz-Retry-After. */
static uint64_t retry_after(const struct sj_http *h)
{
    if (h->retry_after >= 0) {
        return (uint64_t)h->retry_after * 1000;
    }
    if (h->date >= 0 && h->retry_at > h->date) {
        return (uint64_t)(h->retry_at - h->date) * 1000;
    }
    return 0;
}

static uint64_t x_amz_retry_after(const struct sj_http *h)
{
    return h->retry_after_ms < 0 ? 0 : (uint64_t)h->retry_after_ms;
}

uint64_t sj_retry_pause(struct sj_retry *r, enum sj_cause cause,
                        uint32_t random, const struct sj_http *h)
{
    const uint64_t share = share_of_pause(r, cause, random);
    const uint64_t least = share + retry_after(h);
    const uint64_t wish =
        between(x_amz_retry_after(h), share, share + EXTRA_MS);

    r->pauses = (uint8_t)(r->pauses + (r->pauses < DOUBLINGS_MAX));
    return wish > least ? wish : least;
}

/* ------------------------------------------------------------------- clock */

bool sj_retry_skew(const struct sj_http *h, int64_t unix_time,
                   uint64_t round_trip_ms, int64_t *ahead)
{
    if (h->has_age || h->date < DATE_MIN || h->date > DATE_MAX ||
        round_trip_ms > ROUND_TRIP_MAX_MS) {
        return false;
    }
    *ahead = h->date - unix_time - (int64_t)(round_trip_ms / 2000);
    return true;
}
