/*
 * Convert Unix seconds (UTC, without leap seconds) to the format of SigV4, and
 * from the formats of HTTP and RFC 3339.
 */
#ifndef SJ_TIME_H
#define SJ_TIME_H

#include "segjob.h"

/* Length of "20260101T000000Z", and of its date alone. */
#define SJ_TIME_LEN 16u
#define SJ_DATE_LEN 8u

/*
 * Write `unix_time` as YYYYMMDDTHHMMSSZ, without a NUL.
 *
 * Returns false, and writes nothing, before 1970 and after 9999.
 */
bool sj_time_format(int64_t unix_time, char out[SJ_TIME_LEN]);

/*
 * Read an HTTP-date of 1970 or later in any of its three formats (RFC 9110
 * section 5.6.7). The day of the week is not checked. A two-digit year is one
 * from 1977 to 2076. A leap second becomes the second after it.
 *
 * Returns false, and does not set `*unix_time`, if `text` is anything else.
 */
SEGJOB_MUST_CHECK
bool sj_time_parse_http(struct segjob_str text, int64_t *unix_time);

/*
 * Read a date and time of RFC 3339 section 5.6, such as 2026-01-01T00:00:00Z or
 * 2026-01-01T01:00:00+01:00, of the year 1970 or later; the zone may lack the
 * colon. A fraction of a second is cut off. Returns as sj_time_parse_http()
 * does.
 */
SEGJOB_MUST_CHECK
bool sj_time_parse_rfc3339(struct segjob_str text, int64_t *unix_time);

#endif
