/*
 * A port over Zephyr 4's POSIX sockets, with its clocks and random bytes.
 */
#ifndef SEGJOB_ZEPHYR_H
#define SEGJOB_ZEPHYR_H

#include "segjob_sockets.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Prepare a port, as segjob_sockets_init() with a platform of Zephyr:
 *
 *   wall_clock    clock_gettime(CLOCK_REALTIME), which the application has set:
 *                 by sntp_simple() and clock_settime(), or from an RTC
 *   monotonic_ms  k_uptime_get(): the application keeps the kernel's timer
 *                 running, or corrected, while the device sleeps
 *   random        sys_csrand_get(), which is cryptographically secure as Zephyr
 *                 documents it, by the board's entropy driver
 *   resolve       segjob_sockets_resolve()
 *
 * All calls come from one thread. `roots` are parsed after segjob_tls_start();
 * they and `credentials` are borrowed until segjob_sockets_free().
 *
 * Returns
 *   SEGJOB_OK      `sockets->port` can be used
 *   SEGJOB_CONFIG  the clock is not set, or mbedTLS refused;
 *                  `sockets->port.error` says which. Nothing is to be freed.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_zephyr_init(
    struct segjob_sockets *sockets, mbedtls_x509_crt *roots,
    const struct segjob_credentials *credentials);

#ifdef __cplusplus
}
#endif

#endif
