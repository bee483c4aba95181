/*
 * ESP-IDF 5 and 6: clocks, random bytes, names and trusted certificates.
 *
 * TCP is that of segjob_sockets.h, over lwIP's sockets, or of segjob_lwip.h,
 * over its raw API: in a task of its own with CONFIG_LWIP_TCPIP_CORE_LOCKING,
 * which IDF has off, else in lwIP's own.
 */
#ifndef SEGJOB_ESP_H
#define SEGJOB_ESP_H

#include "segjob_port.h"
#include "segjob_tls.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The `own` of segjob_sockets_init() and segjob_lwip_init().
 *
 * `wall_clock` is time(). Until that is set, by SNTP as a rule, it shows 1970,
 * before any certificate is valid: connections end as SEGJOB_CERTIFICATE.
 *
 * `monotonic_ms` is esp_timer_get_time(), which counts in light sleep. The raw
 * API takes lwIP's clock instead, FreeRTOS's ticks, which esp_light_sleep_start
 * stops.
 *
 * `random` is esp_fill_random(). IDF documents it as truly random while Wi-Fi,
 * Bluetooth or 802.15.4 is on, or after bootloader_random_enable(), and does
 * not tell when it is not: a device on Ethernet alone calls that before it
 * connects. With mbedTLS 4 IDF gives the same bytes to TLS by itself; do not
 * call segjob_tls_set_random() here.
 *
 * `resolve` is segjob_sockets_resolve(), which blocks.
 */
extern const struct segjob_platform segjob_esp_platform;

/*
 * Append the certificates of Amazon's authorities, as IDF has them: Amazon Root
 * CA 1 to 4 and Starfield Services Root Certificate Authority - G2. `roots` was
 * prepared by mbedtls_x509_crt_init(), and may have others. Free it with
 * mbedtls_x509_crt_free(), after the ports that use it and also after a
 * failure. Calls segjob_tls_start().
 *
 * Returns SEGJOB_OK, or SEGJOB_CONFIG, and `*error` says why.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_esp_load_roots(mbedtls_x509_crt *roots,
                                         struct segjob_port_error *error);

#ifdef __cplusplus
}
#endif

#endif
