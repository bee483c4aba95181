#include "segjob_zephyr.h"

#include <string.h>
#include <time.h>

#include <zephyr/kernel.h>
#include <zephyr/random/random.h>

/*
 * 2026-01-01, before which there was no segjob: Zephyr's clock begins at 1970,
 * and boards have RTCs that begin at 2000 or later.
 */
#define LEAST_TIME INT64_C(1767225600)

static int64_t wall_clock(struct segjob_platform *p)
{
    struct timespec now;

    (void)p;
    return clock_gettime(CLOCK_REALTIME, &now) == 0 ? (int64_t)now.tv_sec : 0;
}

/* 0 would mean that it failed. */
static uint64_t monotonic_ms(struct segjob_platform *p)
{
    (void)p;
    return (uint64_t)k_uptime_get() + 1;
}

static bool random_bytes(struct segjob_platform *p, void *bytes, size_t n)
{
    (void)p;
    return sys_csrand_get(bytes, n) == 0;
}

enum segjob_status segjob_zephyr_init(
    struct segjob_sockets *sockets, mbedtls_x509_crt *roots,
    const struct segjob_credentials *credentials)
{
    const struct segjob_platform own = {.wall_clock = wall_clock,
                                        .monotonic_ms = monotonic_ms,
                                        .random = random_bytes,
                                        .resolve = segjob_sockets_resolve};

    if (wall_clock(NULL) < LEAST_TIME) {
        memset(sockets, 0, sizeof(*sockets));
        sockets->port.error = (struct segjob_port_error){
            SEGJOB_CONFIG, "the clock is not set: set it first, by SNTP", 0};
        return SEGJOB_CONFIG;
    }
    return segjob_sockets_init(sockets, &own, roots, credentials);
}
