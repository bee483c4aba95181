#include "clock.h"

#include <lwip/apps/sntp.h>
#include <mbedtls/platform_time.h>

#include "board.h"

/* BUILD_TIME is given by the build. */
static int64_t at_start = BUILD_TIME; /* the time when board_ms() was 0 */
static bool has_sntp;

int64_t clock_now(void)
{
    return at_start + (int64_t)(board_ms() / 1000);
}

void clock_tell(int64_t unix_time)
{
    const int64_t now = clock_now();

    if (unix_time > now) {
        at_start += unix_time - now;
    }
}

/* What lwipopts.h gives to lwIP's client: a port, and where to say the time. */

uint16_t sntp_port;

void clock_tell_sntp(uint32_t unix_time)
{
    has_sntp = true;
    clock_tell(unix_time);
}

bool clock_has_sntp(void)
{
    return has_sntp;
}

void clock_begin_sntp(const ip_addr_t *server, uint16_t port)
{
    sntp_port = port;
    sntp_setoperatingmode(SNTP_OPMODE_POLL);
    sntp_setserver(0, server);
    sntp_init();
}

#if defined(MBEDTLS_HAVE_TIME)
/* What the age of a TLS 1.3 ticket is counted by (mbedtls_config.h). */
long long clock_for_mbedtls(long long *seconds)
{
    if (seconds != NULL) {
        *seconds = clock_now();
    }
    return clock_now();
}

mbedtls_ms_time_t mbedtls_ms_time(void)
{
    return (mbedtls_ms_time_t)board_ms();
}
#endif
