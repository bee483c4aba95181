/*
 * Whether to try again, and after how long: the standard mode of AWS's SDKs.
 * And how far the device's clock is off, by the service's.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Retry behavior".
 */
#ifndef SJ_RETRY_H
#define SJ_RETRY_H

#include "segjob.h"
#include "sj_http.h"

#define SJ_RETRY_ATTEMPTS 3u
#define SJ_RETRY_BUCKET 500u

/* What a failure is to the next attempt. */
enum sj_cause {
    SJ_CAUSE_FINAL,     /* it will be the same */
    SJ_CAUSE_TRANSIENT, /* it may pass */
    SJ_CAUSE_THROTTLED, /* it will pass if less is asked */
    SJ_CAUSE_EXPIRED,   /* new credentials are needed */
    SJ_CAUSE_SKEW       /* the clock may be to blame */
};

/*
 * The cause of a service's error, by its code, a bare name or absent, and then
 * by the HTTP status. A code that may mean skew is SJ_CAUSE_SKEW: the caller
 * looks at the clocks.
 */
enum sj_cause sj_retry_cause(int http_status, struct segjob_str code);

/*
 * Take what another request costs from the bucket. Returns false, and takes
 * nothing, if too little is left.
 */
SEGJOB_MUST_CHECK
bool sj_retry_take(struct sj_retry *r, enum sj_cause cause);

/* A request succeeded: what its retry cost comes back, or 1. */
void sj_retry_give(struct sj_retry *r);

/*
 * Milliseconds to pause before the next request, with full jitter: a random
 * share, `random` of 2^32, of 50 ms (throttled: 1 s) doubled with each pause,
 * up to 20 s. Counts the pause.
 *
 * The answer in `h`, if there was one, may want more: X-Amz-Retry-After, which
 * adds at most 5 s to the share; or Retry-After, to which the share is added,
 * so that devices which were told one moment do not all come back in it. A
 * date there is by the service's clock, and counts from the answer's Date. A
 * pause of UINT32_MAX, seven weeks, is the longest.
 */
uint32_t sj_retry_pause(struct sj_retry *r, enum sj_cause cause,
                        uint32_t random, const struct sj_http *h);

/*
 * How many seconds the service's clock is ahead of the device's, which said
 * `unix_time` when the request left and `round_trip_ms` before its answer was
 * read. Returns false if the answer in `h` does not tell: without a Date from
 * 2026 to 2099, from a cache (Age), or after more than 15 minutes.
 */
SEGJOB_MUST_CHECK
bool sj_retry_skew(const struct sj_http *h, int64_t unix_time,
                   uint64_t round_trip_ms, int64_t *ahead);

#endif
