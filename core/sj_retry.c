#include "sj_retry.h"

#include "sj_scan.h"

#define PAUSE_MS 50u
#define THROTTLED_PAUSE_MS 1000u
#define PAUSE_MAX_MS 20000u
#define DOUBLINGS_MAX 9u /* 50 ms are then more than PAUSE_MAX_MS */
#define EXTRA_MS 5000u   /* at most, for X-Amz-Retry-After */

#define COST 14u
#define THROTTLED_COST 5u

#define ROUND_TRIP_MAX_MS 900000u /* 15 minutes */

/* 2026 to 2099: any other Date is wrong, and would be kept for later. */
#define DATE_MIN 1767225600u
#define DATE_MAX 4102444799u

/* ------------------------------------------------------------------ causes */

#define TRANSIENT "\1"
#define THROTTLED "\2"
#define EXPIRED "\3"
#define SKEW "\4"

/* Codes that decide whatever the HTTP status is, behind their causes. */
static const char causes[] = TRANSIENT
    "InternalError\0" TRANSIENT "InternalFailure\0" TRANSIENT
    "InternalServerError\0" TRANSIENT "RequestAbortedException\0" TRANSIENT
    "RequestTimeout\0" TRANSIENT "RequestTimeoutException\0" TRANSIENT
    "ServiceUnavailable\0" TRANSIENT "ServiceUnavailableException\0" THROTTLED
    "BandwidthLimitExceeded\0" THROTTLED "EC2ThrottledException\0" THROTTLED
    "LimitExceededException\0" THROTTLED "PriorRequestNotComplete\0" THROTTLED
    "ProvisionedThroughputExceededException\0" THROTTLED
    "RequestLimitExceeded\0" THROTTLED "RequestThrottled\0" THROTTLED
    "RequestThrottledException\0" THROTTLED "SlowDown\0" THROTTLED
    "ThrottledException\0" THROTTLED "Throttling\0" THROTTLED
    "ThrottlingException\0" THROTTLED "TooManyRequestsException\0" THROTTLED
    "TransactionInProgressException\0" EXPIRED "ExpiredTokenException\0" SKEW
    "AccessDeniedException\0" SKEW "AuthFailure\0" SKEW
    "InvalidSignatureException\0" SKEW "RequestExpired\0" SKEW
    "RequestInTheFuture\0" SKEW "RequestTimeTooSkewed\0" SKEW
    "SignatureDoesNotMatch\0";

typedef char sj_causes_are_as_listed[SJ_CAUSE_TRANSIENT == 1 &&
                                             SJ_CAUSE_THROTTLED == 2 &&
                                             SJ_CAUSE_EXPIRED == 3 &&
                                             SJ_CAUSE_SKEW == 4
                                         ? 1
                                         : -1];

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
    for (const char *at = causes; *at != '\0'; at = sj_next_text(at)) {
        if (sj_is_text(code, at + 1)) {
            return (enum sj_cause) * at;
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

static uint32_t lesser(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t share_of_pause(const struct sj_retry *r, enum sj_cause cause,
                               uint32_t random)
{
    const uint32_t first =
        cause == SJ_CAUSE_THROTTLED ? THROTTLED_PAUSE_MS : PAUSE_MS;
    const uint64_t longest = lesser(first << r->pauses, PAUSE_MAX_MS);

    return (uint32_t)(longest * random >> 32);
}

/* Seconds that Retry-After asks for. */
static uint32_t retry_after(const struct sj_http *h)
{
    if (h->retry_after != SJ_NO_DECIMAL) {
        return h->retry_after;
    }
    return h->date > 0 && h->retry_at > h->date ? h->retry_at - h->date : 0;
}

/* Milliseconds that X-Amz-Retry-After asks for. */
static uint32_t x_amz_retry_after(const struct sj_http *h)
{
    return h->retry_after_ms != SJ_NO_DECIMAL ? h->retry_after_ms : 0;
}

uint32_t sj_retry_pause(struct sj_retry *r, enum sj_cause cause,
                        uint32_t random, const struct sj_http *h)
{
    const uint32_t share = share_of_pause(r, cause, random);
    const uint32_t wish = lesser(x_amz_retry_after(h), share + EXTRA_MS);
    const uint64_t least = share + retry_after(h) * UINT64_C(1000);
    const uint64_t pause = wish > least ? wish : least;

    r->pauses = (uint8_t)(r->pauses + (r->pauses < DOUBLINGS_MAX));
    return pause < UINT32_MAX ? (uint32_t)pause : UINT32_MAX;
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
