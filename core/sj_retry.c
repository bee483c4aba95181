#include "sj_retry.h"

#include "sj_scan.h"

#define BACKOFF_MS 50u
#define THROTTLED_BACKOFF_MS 1000u
#define BACKOFF_MAX_MS 20000u
#define DOUBLINGS_MAX 9u /* 50 ms are then more than BACKOFF_MAX_MS */
#define EXTRA_MS 5000u   /* at most, for X-Amz-Retry-After */

#define COST 14u
#define THROTTLED_COST 5u

/* 2026 to 2099: any other Date is wrong, and would spoil later operations. */
#define DATE_MIN 1767225600u
#define DATE_MAX 4102444799u

/* ---------------------------------------------------------------- classify */

/* Codes that decide whatever the HTTP status is: a list for each event. */
static const char *const codes[] = {
    [SJ_TRANSIENT] = "InternalError\0InternalFailure\0InternalServerError\0"
                     "RequestAbortedException\0RequestTimeout\0"
                     "RequestTimeoutException\0ServiceUnavailable\0"
                     "ServiceUnavailableException\0",
    [SJ_THROTTLED] = "BandwidthLimitExceeded\0EC2ThrottledException\0"
                     "LimitExceededException\0PriorRequestNotComplete\0"
                     "ProvisionedThroughputExceededException\0"
                     "RequestLimitExceeded\0RequestThrottled\0"
                     "RequestThrottledException\0SlowDown\0"
                     "ThrottledException\0Throttling\0ThrottlingException\0"
                     "TooManyRequestsException\0"
                     "TransactionInProgressException\0",
    [SJ_EXPIRED] = "ExpiredTokenException\0",
    [SJ_SKEWED] = "AccessDeniedException\0AuthFailure\0"
                  "InvalidSignatureException\0RequestExpired\0"
                  "RequestInTheFuture\0RequestTimeTooSkewed\0"
                  "SignatureDoesNotMatch\0"};

typedef char sj_events_are_as_listed[SJ_TRANSIENT + 1 == SJ_THROTTLED &&
                                             SJ_THROTTLED + 1 == SJ_EXPIRED &&
                                             SJ_EXPIRED + 1 == SJ_SKEWED
                                         ? 1
                                         : -1];

static enum sj_event event_of_status(int http_status)
{
    switch (http_status) {
    case 429:
        return SJ_THROTTLED;
    case 500:
    case 502:
    case 503:
    case 504:
        return SJ_TRANSIENT;
    default:
        return SJ_FINAL;
    }
}

enum sj_event sj_retry_classify(int http_status, struct segjob_str code)
{
    for (size_t i = SJ_TRANSIENT; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (sj_is_listed(code, codes[i])) {
            return (enum sj_event)i;
        }
    }
    return event_of_status(http_status);
}

/* ------------------------------------------------------------------- quota */

/* Credential failures never reach the service, so they cost no tokens. */
static unsigned cost_of(enum sj_event event)
{
    return event == SJ_NO_CREDENTIALS ? 0
           : event == SJ_THROTTLED    ? THROTTLED_COST
                                      : COST;
}

bool sj_retry_has_tokens(uint16_t tokens_used, enum sj_event event)
{
    return tokens_used + cost_of(event) <= SJ_RETRY_QUOTA;
}

void sj_retry_acquire(uint16_t *tokens_used, uint8_t *cost, enum sj_event event)
{
    if (event != SJ_NO_CREDENTIALS) {
        *cost = (uint8_t)cost_of(event);
        *tokens_used = (uint16_t)(*tokens_used + *cost);
    }
}

void sj_retry_release(uint16_t *tokens_used, uint8_t *cost)
{
    const unsigned back = *cost > 0 ? *cost : 1;

    *tokens_used = (uint16_t)(*tokens_used > back ? *tokens_used - back : 0);
    *cost = 0;
}

/* ----------------------------------------------------------------- backoff */

static uint32_t lesser(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t jittered(unsigned backoffs, bool throttled, uint32_t random)
{
    const uint32_t first = throttled ? THROTTLED_BACKOFF_MS : BACKOFF_MS;
    const uint64_t longest =
        lesser(first << lesser(backoffs, DOUBLINGS_MAX), BACKOFF_MAX_MS);

    return (uint32_t)(longest * random >> 32);
}

/* Seconds that Retry-After asks for. */
static uint32_t retry_after(const struct sj_http *h)
{
    if (h->retry_after != SEGJOB_NO_DECIMAL) {
        return h->retry_after;
    }
    return h->date > 0 && h->retry_at > h->date ? h->retry_at - h->date : 0;
}

/* Milliseconds that X-Amz-Retry-After asks for. */
static uint32_t x_amz_retry_after(const struct sj_http *h)
{
    return h->retry_after_ms != SEGJOB_NO_DECIMAL ? h->retry_after_ms : 0;
}

uint32_t sj_retry_backoff_ms(unsigned backoffs, bool throttled, uint32_t random,
                             const struct sj_http *h)
{
    const uint32_t share = jittered(backoffs, throttled, random);
    const uint32_t wish = lesser(x_amz_retry_after(h), share + EXTRA_MS);
    const uint64_t least = share + retry_after(h) * UINT64_C(1000);
    const uint64_t backoff = wish > least ? wish : least;

    return backoff < UINT32_MAX ? (uint32_t)backoff : UINT32_MAX;
}

/* ------------------------------------------------------------------- clock */

bool sj_retry_clock_skew(const struct sj_http *h, int64_t unix_time,
                         uint64_t round_trip_ms, int64_t *clock_skew_s)
{
    if (h->has_age || h->date < DATE_MIN || h->date > DATE_MAX) {
        return false;
    }
    /* Half of it in seconds. No attempt takes 49 days. */
    *clock_skew_s = h->date - unix_time - (uint32_t)round_trip_ms / 2000;
    return true;
}
