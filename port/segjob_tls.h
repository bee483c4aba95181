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
 * A handshake resumes the session of the last good connection if it is one with
 * the same host, and if the platform's clock lies within the dates of every
 * certificate that was verified for it: a resumed handshake verifies none. It
 * costs a fraction of a full one with TLS 1.2; TLS 1.3 exchanges keys all the
 * same. The peer decides: one that has forgotten the session, or an mbedTLS
 * without what it takes (tickets, for TLS 1.3), makes for full handshakes.
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

#define SEGJOB_TLS_DIGEST_LEN 32 /* bytes of a SHA-256 */

/* What a session is good for; Unix seconds, both included. */
struct segjob_tls_bounds {
    unsigned char host[SEGJOB_TLS_DIGEST_LEN]; /* digest of its name */
    int64_t not_before; /* the latest one of the verified certificates */
    int64_t not_after;  /* the earliest one */
};

/*
 * A TLS stream. Give `stream` to the runner; the rest is private.
 *
 * A host may be an IP address, as IPv4 or as IPv6 without brackets, from
 * mbedTLS 3.5 on: the certificate must then name that address. `open` refuses
 * it as SEGJOB_CONFIG before, since nothing could be verified; a certificate as
 * SEGJOB_CERTIFICATE, all else of the handshake as SEGJOB_TLS; what the lower
 * stream says is passed on, and its end without a close_notify is
 * SEGJOB_CUT_OFF.
 *
 * `close` keeps the session, and the next `open` hands it to mbedTLS or drops
 * it. A connection that fails in any way leaves none, so that the handshake
 * after it is a full one; one that cannot even be begun (the lower stream's
 * `open` fails) leaves it as it was. Between two connections it takes the bytes
 * of a ticket (some 200), if there is one, and of a digest from mbedTLS's
 * memory, or 2 to 4 KB if mbedTLS keeps the peer's certificate with it
 * (MBEDTLS_SSL_KEEP_PEER_CERTIFICATE). Without that memory there is no session,
 * which is no failure; but a ticket of TLS 1.3 that does not fit when it is
 * received ends the connection.
 */
struct segjob_tls {
    struct segjob_stream stream;
    struct segjob_stream *lower;
    struct segjob_platform *platform;
    enum segjob_tls_state state;
    size_t sending;     /* bytes of the send that would block, else 0 */
    bool lower_blocked; /* the last call had to wait for the lower stream */
    bool lower_ended;   /* the lower stream was closed in good order */
    bool verified;      /* `bounds` are of this handshake's certificates */
    bool is_pinned;     /* ... and one of them has a key that is pinned */
    bool heard;         /* the peer has sent something since the handshake */
    bool resumable;     /* the open connection's session can be resumed */
    bool has_session;   /* `session` is one */
    mbedtls_x509_crt *roots;
    const unsigned char (*pins)[SEGJOB_TLS_DIGEST_LEN];
    size_t pins_len;
    unsigned char address[16]; /* of the peer, if its host is an address ... */
    size_t address_len;        /* ... of so many bytes; else 0 */
    struct segjob_tls_bounds bounds; /* of the connection, then of `session` */
    mbedtls_ssl_config config;
    mbedtls_ssl_context ssl;
    mbedtls_ssl_session session;
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

/* Run a stream that is closed over another one, a proxy's for example. */
void segjob_tls_over(struct segjob_tls *tls, struct segjob_stream *lower);

/*
 * Show this certificate to peers that ask for one, with the chain behind it,
 * and prove it with `key`; NULL for both shows none. Both are borrowed. The key
 * may be any that mbedTLS can sign with: one that stays in a secure element is
 * an RSA-ALT context, or a PSA opaque one where MBEDTLS_USE_PSA_CRYPTO is on.
 *
 * Call it on a closed stream; a session that is remembered is dropped, since
 * it may be another's.
 *
 * Returns SEGJOB_OK; or SEGJOB_CONFIG if mbedTLS has no memory for it.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_tls_present(struct segjob_tls *tls,
                                      mbedtls_x509_crt *certificate,
                                      mbedtls_pk_context *key);

/*
 * Ask for more than verification: a certificate of the verified chain, the
 * root included, must have a key whose SubjectPublicKeyInfo has one of these
 * `n` SHA-256 digests (RFC 7469, section 2.4). What is trusted without that is
 * refused as SEGJOB_CERTIFICATE. `pins` are borrowed; `n` 0 asks for none. All
 * hosts of this stream are held to them.
 *
 * A pin of the service's own key ends all connections when it is renewed; pin
 * an authority's, and a second one.
 *
 * Call it on a closed stream; a session that is remembered is dropped.
 */
void segjob_tls_pin(struct segjob_tls *tls,
                    const unsigned char (*pins)[SEGJOB_TLS_DIGEST_LEN],
                    size_t n);

/* Close, wipe the session, and give back what mbedTLS allocated. */
void segjob_tls_free(struct segjob_tls *tls);

/*
 * Write the session into `buf`, for a device that loses its memory while it
 * sleeps. The connection may be open or closed; it stays as it is. A kept
 * connection is closed before the sleep, see segjob_disconnect().
 *
 * The bytes are a secret. Who reads them can pose as the service, and with TLS
 * 1.2 read every connection of the session, recorded ones included. Who changes
 * them can pose as the service too, for a resumed handshake verifies no
 * certificate, and can mislead mbedTLS, which relies on their form. Store them
 * in a place that is trusted as much as the firmware's. The checksum in them is
 * against accidents only. They are good for this device and build.
 *
 * They take some 200 to 500 bytes; with TLS 1.2, an mbedTLS that keeps the
 * peer's certificate adds all of that, 1 to 2 KB.
 *
 * Returns the bytes written; or, if that is more than `cap`, the bytes needed,
 * and nothing is written; or 0: there is no session, or no memory to save it.
 */
size_t segjob_tls_save_session(struct segjob_tls *tls, void *buf, size_t cap);

/*
 * Take a saved session, `n` bytes, in place of the one remembered. Call it on
 * a closed stream. The next `open` uses it as its own: not for another host,
 * nor outside the dates of its certificates. `bytes` can be wiped afterwards.
 *
 * For TLS 1.3 mbedTLS counts the ticket's age with mbedtls_ms_time(): if that
 * clock began anew meanwhile, the handshake is a full one, as a rule.
 *
 * Returns whether it was taken. Not taken, and the next handshake is full: what
 * was damaged or cut, saved with other roots or pins than this stream has,
 * or by another version or configuration of mbedTLS, or there is no memory for
 * it. On an open stream nothing is taken, and nothing changes.
 */
SEGJOB_MUST_CHECK
bool segjob_tls_load_session(struct segjob_tls *tls, const void *bytes,
                             size_t n);

#ifdef __cplusplus
}
#endif

#endif
