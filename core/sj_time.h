/*
 * Unix seconds (UTC, without leap seconds) to the form SigV4 wants.
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

#endif
