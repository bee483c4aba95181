/*
 * TLS as a stream over a stream, with mbedTLS 2.28, 3.6 or 4.
 *
 * TLS 1.2, and 1.3 where mbedTLS has it; nothing older. ECDHE with AES-GCM or
 * ChaCha20-Poly1305 alone (RFC 9325, 4.1 and 4.2), AES-GCM first where mbedTLS
 * has AES from hardware. The peer's chain, its host name and the dates of every
 * certificate are always verified, the dates against the platform's wall clock;
 * nothing turns that off. Names are those of subjectAltName (RFC 9525), and
 * authorities are held to their extended key usage and name constraints (RFC
 * 5280, 4.2.1.10 and 4.2.1.12): see sj_tls_verify.h. mbedTLS allocates
 * from its own calloc (an arena, if it was given one); segjob does not.
 * mbedTLS does not always report that it ran out of memory: a signature that it
 * cannot verify for lack of memory counts as wrong. If a peer is refused, check
 * the size of the arena first.
 *
 * A handshake resumes the session of the last good connection if it is one with
 * the same host, and if the platform's clock lies within the dates of every
 * certificate that was verified for it: a resumed handshake verifies none. It
 * costs a fraction of a full one with TLS 1.2; TLS 1.3 exchanges keys all the
 * same. The peer decides: one that has forgotten the session, or an mbedTLS
 * without what it takes (tickets, for TLS 1.3), makes for full handshakes.
 *
 * A device can present a certificate of its own (segjob_tls_present), and the
 * peer's chain can be held to known keys as well (segjob_tls_pin). Neither is
 * linked where it is not called.
 *
 * Random bytes come from the platform where mbedTLS asks for them by a
 * callback: versions 2.28 and 3. Where TLS works through the PSA Crypto API
 * (version 4, TLS 1.3 of version 3, MBEDTLS_USE_PSA_CRYPTO), PSA takes its own
 * from mbedTLS's entropy sources or, with MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG, from
 * the application: see segjob_tls_set_random().
 */
#ifndef SEGJOB_TLS_H
#define SEGJOB_TLS_H

#include <mbedtls/md.h>
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

#define SEGJOB_TLS_DIGEST_LEN 32  /* bytes of a SHA-256 */
#define SEGJOB_TLS_ADDRESS_CAP 16 /* bytes of an IPv6 address */
/* Most authorities in a chain, its root included. */
#define SEGJOB_TLS_AUTHORITIES (MBEDTLS_X509_MAX_INTERMEDIATE_CA + 1)

/* Where and when a session may be used; Unix seconds, both included. */
struct segjob_tls_bounds {
    unsigned char host[SEGJOB_TLS_DIGEST_LEN]; /* digest of its name */
    int64_t not_before; /* the latest one of the verified certificates */
    int64_t not_after;  /* the earliest one */
};

struct segjob_tls;

/* Check a certificate of the peer's chain; 0, or mbedTLS's error. */
typedef int segjob_tls_check(struct segjob_tls *tls,
                             const mbedtls_x509_crt *crt, int depth,
                             uint32_t *flags);

#if defined(MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK)
/*
 * Trusted certificates that are looked for when they are needed. Functions
 * return 0 or mbedTLS's error.
 */
struct segjob_tls_lookup {
    /* As mbedtls_ssl_conf_ca_cb() wants it, with `arg` first. */
    int (*find)(void *arg, const mbedtls_x509_crt *child,
                mbedtls_x509_crt **found);
    /* Take the DER of all in their order, for a saved session's checksum. */
    int (*digest)(void *arg, mbedtls_md_context_t *md);
    void *arg;
};
#endif

/*
 * A TLS stream. Give `stream` to the runner; the rest is private.
 *
 * `open` refuses a certificate as SEGJOB_CERTIFICATE, all else of the handshake
 * as SEGJOB_TLS; what the lower stream says is passed on, and its end without a
 * close_notify is SEGJOB_CONNECTION_CLOSED.
 *
 * With mbedTLS 3.5 and later the host may be an IP address, IPv6 without
 * brackets: the certificate must name it as an iPAddress (RFC 5280, 4.2.1.6),
 * and no server name is sent. Older versions do not read those names, and
 * `open` refuses an address as SEGJOB_CONFIG.
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
    bool lower_blocked; /* the last call waits for the lower stream */
    bool lower_ended;   /* the lower stream was closed in good order */
    bool verified;      /* `bounds` are of this handshake's certificates */
    bool resumable;     /* the open connection's session can be resumed */
    bool has_session;   /* `session` is one */
    bool client_auth_pending; /* TLS 1.3: the peer may yet refuse the device */
    bool pinned;              /* a pinned key is in this handshake's chain */
    mbedtls_x509_crt *roots;
#if defined(MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK)
    struct segjob_tls_lookup lookup; /* instead of `roots`, if it has `find` */
#endif
    mbedtls_x509_crt *chain; /* the device's own, or NULL */
    mbedtls_pk_context *key;
    const unsigned char (*pins)[SEGJOB_TLS_DIGEST_LEN];
    size_t pins_len;
    segjob_tls_check *check_pins; /* NULL: there are none */
    const char *host;             /* while `open` runs */
    unsigned char address[SEGJOB_TLS_ADDRESS_CAP];
    size_t address_len; /* 4 or 16 if the host is an address, else 0 */
    /* Of the chain that is verified, the peer's own issuer first. */
    const mbedtls_x509_crt *authorities[SEGJOB_TLS_AUTHORITIES];
    struct segjob_tls_bounds bounds; /* of the connection, then of `session` */
    mbedtls_ssl_config config;
    mbedtls_ssl_context ssl;
    mbedtls_ssl_session session;
};

/*
 * Start mbedTLS: psa_crypto_init(), where TLS works through PSA. mbedTLS 4
 * parses no certificate and no key before it. segjob_tls_init(),
 * segjob_identity_parse...() and segjob_posix_load_roots() call this; call it
 * before you parse roots yourself. More than one call does no harm.
 *
 * Returns SEGJOB_OK, or SEGJOB_CONFIG; then `error->code` is PSA's status.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_tls_start(struct segjob_port_error *error);

/*
 * Prepare TLS over `lower`. `roots` are the certificates trusted to sign; they,
 * `lower` and `platform` are borrowed until segjob_tls_free().
 *
 * Returns
 *   SEGJOB_OK      `tls->stream` can be opened
 *   SEGJOB_CONFIG  mbedTLS refused, or PSA cannot be started;
 *                  `tls->stream.error` says why. Nothing is to be freed.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_tls_init(struct segjob_tls *tls,
                                   struct segjob_stream *lower,
                                   struct segjob_platform *platform,
                                   mbedtls_x509_crt *roots);

/*
 * With MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG, let PSA take its random bytes from
 * `platform`, which is borrowed for as long as PSA is used, or until the next
 * call; NULL ends it. Call it before a key is parsed and before the first
 * `open`, while no other thread uses PSA. Without a platform PSA has no random
 * bytes, and `open` fails with SEGJOB_CONFIG. Without that option it does
 * nothing.
 *
 * It comes with mbedtls_psa_external_get_random(). A program that has its own,
 * such as that of a vendor's SDK, does not call this function; then the linker
 * takes neither out of a static library. Where an SDK links whole libraries,
 * SEGJOB_HAS_EXTERNAL_RNG leaves out both.
 */
void segjob_tls_set_random(struct segjob_platform *platform);

/* Run a stream that is closed over another one, a proxy's for example. */
void segjob_tls_over(struct segjob_tls *tls, struct segjob_stream *lower);

#if defined(MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK)
/*
 * Look trusted certificates up, in place of the roots of segjob_tls_init(),
 * which may have been NULL. Call it once, before the first `open`. What
 * `lookup` points to is copied; its `arg` is borrowed.
 */
void segjob_tls_look_up(struct segjob_tls *tls,
                        const struct segjob_tls_lookup *lookup);
#endif

/*
 * Present a certificate of this device to a peer that asks for one (mutual
 * TLS). `chain` begins with it; what signed it may follow, but for the root.
 * `key` is any context that mbedTLS can sign with: one from
 * segjob_identity_parse(), or one whose key never leaves a secure element. That
 * is mbedtls_pk_wrap_psa() with mbedTLS 4, and mbedtls_pk_setup_opaque() or
 * mbedtls_pk_setup_rsa_alt() with 2.28 and 3. With RSA-ALT TLS 1.3 is not
 * offered: it signs by RSASSA-PSS, which RSA-ALT does not. Whether key and
 * certificate belong together is not checked. NULL and NULL present none again.
 *
 * Both are borrowed until the next call or segjob_tls_free(). The remembered
 * session is dropped: it belongs to the earlier identity.
 *
 * A peer that refuses the device does so by an alert, which becomes SEGJOB_TLS
 * with a text that says what was refused. mbedTLS 3 and 4.0 do not tell the
 * alert: there the text says what was probably refused. With TLS 1.3 the alert
 * comes after the handshake: the first `recv` (or a `send`) returns it.
 *
 * Returns
 *   SEGJOB_OK      it will be presented from the next handshake on
 *   SEGJOB_MISUSE  the stream is not closed; nothing changes
 *   SEGJOB_CONFIG  mbedTLS refused, for want of memory for one: none is
 *                  presented; `tls->stream.error` says why
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_tls_present(struct segjob_tls *tls,
                                      mbedtls_x509_crt *chain,
                                      mbedtls_pk_context *key);

/* A device's certificate, with those that lead to its root, and its key. */
struct segjob_identity {
    mbedtls_x509_crt chain;
    mbedtls_pk_context key;
};

/*
 * Read an identity for segjob_tls_present(): certificates and key as PEM, whose
 * final NUL counts in the length (as mbedTLS has it), or DER; the key ECDSA or
 * RSA, without a password. The bytes can be wiped afterwards. mbedTLS 3 takes
 * random bytes for it from `platform`, which is not kept.
 *
 * Returns
 *   SEGJOB_OK      the key is the first certificate's
 *   SEGJOB_CONFIG  it is not, or something cannot be read; `*error` says what.
 *                  Nothing is to be freed.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_identity_parse(struct segjob_identity *identity,
                                         const void *cert, size_t cert_len,
                                         const void *key, size_t key_len,
                                         struct segjob_platform *platform,
                                         struct segjob_port_error *error);

/*
 * Read the private key alone, in the same forms, for a chain that you parse
 * yourself: one in flash, for example. Whether it is the key of that chain is
 * not checked. The caller prepares `key` by mbedtls_pk_init(), and frees it by
 * mbedtls_pk_free(), also after a failure. The bytes can be wiped afterwards;
 * `platform` is not kept.
 *
 * Returns SEGJOB_OK, or SEGJOB_CONFIG, and `*error` says why.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_identity_parse_key(mbedtls_pk_context *key,
                                             const void *bytes, size_t n,
                                             struct segjob_platform *platform,
                                             struct segjob_port_error *error);

/* What a device's key signs by: RSASSA-PKCS1-v1_5, ECDSA, or neither. */
enum segjob_identity_algorithm {
    SEGJOB_IDENTITY_NONE,
    SEGJOB_IDENTITY_RSA,
    SEGJOB_IDENTITY_ECDSA
};

enum segjob_identity_algorithm segjob_identity_algorithm(
    const mbedtls_pk_context *key);

#define SEGJOB_IDENTITY_SIGNATURE_MAX MBEDTLS_PK_SIGNATURE_MAX_SIZE /* bytes */

/*
 * Sign a SHA-256 by the algorithm of the key, any that segjob_tls_present()
 * takes; ECDSA's signature is in DER (RFC 3279, section 2.2.3). `*len` is set
 * to its length. mbedTLS 2.28 and 3 take random bytes for it from `platform`,
 * which is not kept.
 *
 * Returns SEGJOB_OK, or SEGJOB_CONFIG, and `*error` says why.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_identity_sign(
    mbedtls_pk_context *key, const unsigned char digest[SEGJOB_TLS_DIGEST_LEN],
    struct segjob_platform *platform,
    unsigned char signature[SEGJOB_IDENTITY_SIGNATURE_MAX], size_t *len,
    struct segjob_port_error *error);

/* Wipe the key and free what mbedTLS allocated. */
void segjob_identity_free(struct segjob_identity *identity);

/*
 * Demand that the peer's verified chain, from its certificate to the root, hold
 * one of `n` known keys at least; else it is refused as SEGJOB_CERTIFICATE.
 * This adds to verification and replaces nothing of it. `n` 0 ends it.
 *
 * A pin is the SHA-256 of a SubjectPublicKeyInfo's DER (RFC 7469, section 2.4):
 *
 *   openssl x509 -in ca.pem -noout -pubkey |
 *       openssl pkey -pubin -outform DER | openssl sha256
 *
 * Pin the keys of several CAs: with a single key, a device is locked out when
 * it is replaced. `pins` are borrowed until the next call or segjob_tls_free().
 * The remembered session is dropped: it was not held to them.
 *
 * Returns SEGJOB_OK, or SEGJOB_MISUSE if the stream is not closed; nothing
 * changes then.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_tls_pin(
    struct segjob_tls *tls, const unsigned char (*pins)[SEGJOB_TLS_DIGEST_LEN],
    size_t n);

/* Close, wipe the session, and free what mbedTLS allocated. */
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
 * was damaged or cut, saved with other roots, pins or another certificate of
 * the device than are set now, or by another version or configuration of
 * mbedTLS, or there is no memory for it. On an open stream nothing is taken,
 * and nothing changes.
 */
SEGJOB_MUST_CHECK
bool segjob_tls_load_session(struct segjob_tls *tls, const void *bytes,
                             size_t n);

#ifdef __cplusplus
}
#endif

#endif
