/*
 * Retries in the standard mode of AWS's SDKs: which errors are retried, the
 * retry quota, backoff, and the correction of the device's clock.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Retry behavior".
 */
#ifndef SJ_RETRY_H
#define SJ_RETRY_H

#include "segjob.h"
#include "sj_http.h"
#include "sj_result.h"

#define SJ_RETRY_ATTEMPTS 3u /* if none are configured */
#define SJ_RETRY_QUOTA 500u  /* tokens */

/*
 * Classify an error of the service by its code, a bare name or absent, and
 * then by the HTTP status: as SJ_FINAL, SJ_TRANSIENT, SJ_THROTTLED,
 * SJ_EXPIRED, or SJ_SKEWED for a code that may mean skew: the caller compares
 * the clocks.
 */
enum sj_event sj_retry_classify(int http_status, struct segjob_str code);

/*
 * A retry costs tokens of the quota, so that a service in trouble is spared.
 * Return whether there are enough for a retry after this event; acquire them
 * and set `*cost` to their number; and after a success release `*cost` tokens,
 * or 1 if that is 0.
 */
bool sj_retry_has_tokens(uint16_t tokens_used, enum sj_event event);
void sj_retry_acquire(uint16_t *tokens_used, uint8_t *cost,
                      enum sj_event event);
void sj_retry_release(uint16_t *tokens_used, uint8_t *cost);

/*
 * The first backoff before the next attempt is a random share, `random` of
 * 2^32, of 50 ms (throttled: 1 s); each of `backoffs` before it doubles that,
 * up to 20 s. Returns milliseconds.
 *
 * The response in `h`, if there was one, may ask for more. X-Amz-Retry-After
 * adds at most 5 s to the share. The share is added to Retry-After, so that
 * devices which were given the same time do not all return at it; a date there
 * counts from the response's Date. The longest backoff is UINT32_MAX ms.
 */
uint32_t sj_retry_backoff_ms(unsigned backoffs, bool throttled, uint32_t random,
                             const struct sj_http *h);

/*
 * Set `*clock_skew_s` to the service's clock minus the device's, which showed
 * `unix_time` when the request left, `round_trip_ms` before its response was
 * read. Returns false if the response in `h` does not say: without a Date from
 * 2026 to 2099, or from a cache (Age).
 */
SEGJOB_MUST_CHECK
bool sj_retry_clock_skew(const struct sj_http *h, int64_t unix_time,
                         uint64_t round_trip_ms, int64_t *clock_skew_s);

#endif
