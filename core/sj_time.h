/*
 * Unix seconds (UTC, without leap seconds) to the form SigV4 wants, and from
 * the forms of HTTP.
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
 * Read an HTTP-date of 1970 or later in any of its three forms (RFC 9110
 * section 5.6.7). The day of the week is read over. A year of two digits lies
 * from 1977 to 2076. A leap second is the second behind it.
 *
 * Returns false, and leaves `*unix_time` as it is, if `text` is anything else.
 */
SEGJOB_MUST_CHECK
bool sj_time_parse_http(struct segjob_str text, int64_t *unix_time);

/*
 * Read a date and time of RFC 3339 section 5.6, such as 2026-01-01T00:00:00Z,
 * of 1970 or later, in UTC: the zone is Z, +00:00 or +0000. A fraction of a
 * second is cut off. Returns as above.
 */
SEGJOB_MUST_CHECK
bool sj_time_parse_rfc3339(struct segjob_str text, int64_t *unix_time);

#endif
