/*
 * The platform of the Raspberry Pi Pico SDK, over lwIP's raw API (NO_SYS 1):
 * pico_cyw43_arch_lwip_poll, pico_cyw43_arch_lwip_threadsafe_background, and
 * any other interface of lwIP whose async_context has lwip_nosys_init().
 *
 * The wall clock is the SDK's AON timer. Until that is started no certificate
 * is valid, and nothing is sent.
 *
 * lwIP runs in the context. A caller of lwIP holds the context's lock, the one
 * that cyw43_arch_lwip_begin() takes. The functions here take it themselves;
 * call them from the core that made the context, and not from an interrupt or
 * a callback. Around any other function of segjob that is given the port
 * (segjob_step(), segjob_get_wants(), segjob_disconnect()) the application
 * holds it.
 */
#ifndef SEGJOB_PICO_H
#define SEGJOB_PICO_H

#include "segjob_lwip.h"

#ifdef __cplusplus
extern "C" {
#endif

struct async_context; /* async_context_t of the SDK */

/* A port, and the context that its lwIP runs in. */
struct segjob_pico {
    struct segjob_lwip lwip; /* `lwip.port` is the port */
    struct async_context *context;
};

/*
 * Random bytes for keys, on RP2350: SHA-256 over pico_rand, 64 samples of the
 * TRNG's ring oscillator for each bit. pico_rand alone is not enough: it takes
 * the TRNG's samples as they come, with the TRNG's own tests turned off, and
 * mixes them by a generator that is not cryptographic. Nothing here tests the
 * oscillator either. A block of 32 bytes takes about a millisecond. Returns
 * false if mbedTLS cannot hash.
 */
bool segjob_pico_trng(struct segjob_platform *p, void *bytes, size_t n);

/*
 * RP2040 has no random source that is documented as fit for keys. This is
 * SHA-256 over pico_rand, 8 samples of the system's ring oscillator for each
 * bit; RP2040's datasheet (2.17.5) advises against that oscillator where
 * security depends on it. Whoever can bring a secure element's bytes should. A
 * block of 32 bytes takes some 20 ms. Returns false if mbedTLS cannot hash.
 */
bool segjob_pico_rosc(struct segjob_platform *p, void *bytes, size_t n);

/*
 * Prepare a port in `context`, that of cyw43_arch_async_context() with Wi-Fi.
 * `random` is segjob_pico_trng, segjob_pico_rosc or the application's own.
 * `roots` are the trusted certificates. They, `context` and `credentials` are
 * borrowed until segjob_pico_free().
 *
 * Returns
 *   SEGJOB_OK      `pico->lwip.port` can be used
 *   SEGJOB_CONFIG  there is no random source, or mbedTLS refused;
 *                  `pico->lwip.port.error` says which. Nothing is to be freed.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_pico_init(
    struct segjob_pico *pico, struct async_context *context,
    bool (*random)(struct segjob_platform *p, void *bytes, size_t n),
    mbedtls_x509_crt *roots, const struct segjob_credentials *credentials);

/*
 * As segjob_run(), with the context's lock held but for the time that it
 * sleeps. Then the context works, polled by this function or in the background.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_pico_run(struct segjob_pico *pico,
                                   struct segjob_client *c,
                                   uint32_t timeout_ms);

/* Close, and free what mbedTLS allocated. */
void segjob_pico_free(struct segjob_pico *pico);

/*
 * Start the AON timer at a time that is known to be right, in Unix seconds:
 * what SNTP_SET_SYSTEM_TIME of lwipopts.h is to call. Any callback may.
 */
void segjob_pico_set_time(uint32_t seconds);

#ifdef __cplusplus
}
#endif

#endif
