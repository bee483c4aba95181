/*
 * TLS as a stream over a stream, with mbedTLS 2.28 or 3.6.
 *
 * TLS 1.2, and 1.3 where mbedTLS has it; nothing older. The peer's chain, its
 * host name and the dates of every certificate are always verified, the dates
 * against the platform's wall clock; nothing turns that off. mbedTLS allocates
 * from its own calloc (an arena, if it was given one); this code does not.
 * Out of memory, mbedTLS says so only at times: a signature that it cannot
 * verify for want of memory is a wrong one to it. Who gave it an arena should
 * look there first when a peer is refused.
 *
 * Random bytes come from the platform. Where mbedTLS works through its PSA
 * layer (TLS 1.3, or MBEDTLS_USE_PSA_CRYPTO), that layer takes the bytes for
 * its own keys from mbedTLS's entropy sources or, with
 * MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG, from the application.
 */
#ifndef SEGJOB_TLS_H
#define SEGJOB_TLS_H

#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>

#include "segjob_port.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How far a TLS stream has come. */
enum segjob_tls_state {
    SEGJOB_TLS_IDLE,
    SEGJOB_TLS_CONNECTING,  /* the lower stream is opening */
    SEGJOB_TLS_HANDSHAKING, /* mbedTLS is set up */
    SEGJOB_TLS_OPEN,
    SEGJOB_TLS_CLOSED, /* the peer said close_notify */
    SEGJOB_TLS_FAILED
};

/*
 * A TLS stream. Give `stream` to the runner; the rest is private.
 *
 * `open` refuses an address in place of a host name (mbedTLS 2.28 cannot
 * verify one) as SEGJOB_CONFIG, a certificate as SEGJOB_CERTIFICATE, all else
 * of the handshake as SEGJOB_TLS; what the lower stream says is passed on, and
 * its end without a close_notify is SEGJOB_CUT_OFF.
 */
struct segjob_tls {
    struct segjob_stream stream;
    struct segjob_stream *lower;
    struct segjob_platform *platform;
    enum segjob_tls_state state;
    size_t sending;     /* bytes of the send that would block, else 0 */
    bool lower_blocked; /* the last call had to wait for the lower stream */
    bool lower_ended;   /* the lower stream was closed in good order */
    mbedtls_ssl_config config;
    mbedtls_ssl_context ssl;
};

/*
 * Prepare TLS over `lower`. `roots` are the certificates trusted to sign; they,
 * `lower` and `platform` are borrowed until segjob_tls_free().
 *
 * Returns
 *   SEGJOB_OK      `tls->stream` can be opened
 *   SEGJOB_CONFIG  mbedTLS refused; `tls->stream.fault` says why. Nothing is
 *                  to be freed.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_tls_init(struct segjob_tls *tls,
                                   struct segjob_stream *lower,
                                   struct segjob_platform *platform,
                                   mbedtls_x509_crt *roots);

/* Close, and give back what mbedTLS allocated. */
void segjob_tls_free(struct segjob_tls *tls);

#ifdef __cplusplus
}
#endif

#endif
