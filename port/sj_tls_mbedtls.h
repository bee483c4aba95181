/*
 * What differs between the lines of mbedTLS: 2.28, 3.6 and 4. Only this file,
 * sj_tls_mbedtls.c, sj_tls_offer.c and core's sj_sha256_mbedtls.c ask for a
 * version.
 */
#ifndef SJ_TLS_MBEDTLS_H
#define SJ_TLS_MBEDTLS_H

#include <mbedtls/version.h>

#include "segjob_tls.h"

#if MBEDTLS_VERSION_NUMBER < 0x021C0000 || MBEDTLS_VERSION_NUMBER >= 0x05000000
#error "segjob needs mbedTLS 2.28, 3.x or 4.x"
#endif

/* Whether TLS works through the PSA Crypto API. */
#if MBEDTLS_VERSION_NUMBER >= 0x04000000 || defined(MBEDTLS_USE_PSA_CRYPTO) || \
    defined(MBEDTLS_SSL_PROTO_TLS1_3)
#define SJ_MBEDTLS_PSA
#include <psa/crypto.h>
#endif

/* The peer has only versions of TLS that are too old. */
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
#define SJ_MBEDTLS_BAD_VERSION MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION
#else
#define SJ_MBEDTLS_BAD_VERSION MBEDTLS_ERR_SSL_BAD_HS_PROTOCOL_VERSION
#endif

/* As segjob_tls_start(). */
static inline enum segjob_status sj_mbedtls_start(
    struct segjob_port_error *error)
{
#if defined(SJ_MBEDTLS_PSA)
    const psa_status_t status = psa_crypto_init();

    if (status != PSA_SUCCESS) {
        *error = (struct segjob_port_error){
            SEGJOB_CONFIG, "PSA cannot be started", (int)status};
        return SEGJOB_CONFIG;
    }
#else
    (void)error;
#endif
    return SEGJOB_OK;
}

/*
 * Whether a handshake failed with `code` since PSA had no random bytes. Version
 * 3 does not return that code: there PSA is asked again.
 */
#if defined(SJ_MBEDTLS_PSA)
SEGJOB_MUST_CHECK
bool sj_mbedtls_lacks_random(int code);
#else
#define sj_mbedtls_lacks_random(code) false
#endif

/* A source of random bytes, as mbedTLS wants it: 0, or an error. */
typedef int sj_mbedtls_random(void *arg, unsigned char *bytes, size_t n);

/* Version 4 takes random bytes from PSA alone. */
static inline void sj_mbedtls_set_random(mbedtls_ssl_config *config,
                                         sj_mbedtls_random *random, void *arg)
{
#if MBEDTLS_VERSION_NUMBER >= 0x04000000
    (void)config;
    (void)random;
    (void)arg;
#else
    mbedtls_ssl_conf_rng(config, random, arg);
#endif
}

/* Whether an error of mbedTLS says that memory ran out. */
SEGJOB_MUST_CHECK
bool sj_mbedtls_is_out_of_memory(int code);

/*
 * Whether it says that an extension or the signature algorithm of a certificate
 * is not known. Version 4 returns ASN.1's code alone (-0x60 to -0x6A) for an
 * extension, as for any other part, and with TLS 1.3 UNKNOWN_OID.
 */
static inline bool sj_mbedtls_is_unreadable(int code)
{
#if MBEDTLS_VERSION_NUMBER >= 0x04000000
    const int part = code;

    if ((code <= MBEDTLS_ERR_ASN1_OUT_OF_DATA && code >= -0x6A) ||
        code == MBEDTLS_ERR_X509_UNKNOWN_OID) {
        return true;
    }
#else
    const int part = -(-code & ~0x7F);
#endif
    return part == MBEDTLS_ERR_X509_INVALID_EXTENSIONS ||
           part == MBEDTLS_ERR_X509_UNKNOWN_SIG_ALG;
}

/*
 * The alert with which the peer ended the handshake (RFC 8446, section 6), or
 * -1 where mbedTLS does not tell: in versions 3 and 4.0.
 */
static inline int sj_mbedtls_alert(const mbedtls_ssl_context *ssl)
{
#if MBEDTLS_VERSION_NUMBER < 0x03000000
    return ssl->in_msg[1];
#elif MBEDTLS_VERSION_NUMBER >= 0x04010000
    const int alert = mbedtls_ssl_get_fatal_alert(ssl);

    return alert < 0 ? -1 : alert;
#else
    (void)ssl;
    return -1;
#endif
}

/* Whether mbedTLS can verify IP addresses in certificates. */
#define SJ_MBEDTLS_HAS_ADDRESSES (MBEDTLS_VERSION_NUMBER >= 0x03050000)

/*
 * Read the text of an IP address. Returns its length, 4 or 16 bytes, or 0 if it
 * is none, or mbedTLS has none.
 */
static inline size_t sj_mbedtls_read_address(
    const char *text, unsigned char bytes[SEGJOB_TLS_ADDRESS_CAP])
{
#if SJ_MBEDTLS_HAS_ADDRESSES
    return mbedtls_x509_crt_parse_cn_inet_pton(text, bytes);
#else
    (void)text;
    (void)bytes;
    return 0;
#endif
}

/* Read a private key without a password: PEM with its NUL counted, or DER. */
SEGJOB_MUST_CHECK
int sj_mbedtls_parse_key(mbedtls_pk_context *key, const void *bytes, size_t n,
                         sj_mbedtls_random *random, void *arg);

/* Returns 0 if the keys are a pair. */
SEGJOB_MUST_CHECK
int sj_mbedtls_check_pair(const mbedtls_pk_context *public_key,
                          const mbedtls_pk_context *private_key,
                          sj_mbedtls_random *random, void *arg);

/* What a private key may sign by, with SHA-256. */
enum segjob_identity_algorithm sj_mbedtls_algorithm(
    const mbedtls_pk_context *key);

/* As segjob_identity_sign(). Returns 0, or mbedTLS's error. */
SEGJOB_MUST_CHECK
int sj_mbedtls_sign(mbedtls_pk_context *key, const unsigned char *digest,
                    unsigned char *signature, size_t *len,
                    sj_mbedtls_random *random, void *arg);

#endif
