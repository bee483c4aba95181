/*
 * Any time is written as a date, or refused.
 */
#include "sj_time.h"

#include "proof.h"

/* What is written are digits at their places, of a month and a day there is. */
void format_writes_a_date(void)
{
    const int64_t unix_time = nondet_int64();
    char out[SJ_TIME_LEN];
    const bool good = sj_time_format(unix_time, out);

    assert(good == (unix_time >= 0 && unix_time <= 253402300799));
    if (good) {
        assert(out[8] == 'T' && out[15] == 'Z');
        assert(out[4] == '0' || (out[4] == '1' && out[5] <= '2'));
        assert(out[6] <= '3' && out[9] <= '2' && out[11] <= '5');
    }
}
