/*
 * What differs between the lines of mbedTLS (2.28, 3.6 and 4) for tests.
 * Functions return 0, or mbedTLS's or PSA's error.
 */
#ifndef TLS_LINES_H
#define TLS_LINES_H

#include <string.h>
#include <sys/random.h>

#include <mbedtls/md.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>

#if MBEDTLS_VERSION_NUMBER < 0x04000000
#include <mbedtls/ecp.h>
#include <mbedtls/rsa.h>
#endif
#if MBEDTLS_VERSION_NUMBER >= 0x04000000 || defined(MBEDTLS_USE_PSA_CRYPTO) || \
    defined(MBEDTLS_SSL_PROTO_TLS1_3)
#define LINE_USES_PSA
#include <psa/crypto.h>
#endif

/* Keys behind PSA, with functions to bring them there. */
#if MBEDTLS_VERSION_NUMBER >= 0x04000000 || \
    (MBEDTLS_VERSION_NUMBER >= 0x03060000 && defined(MBEDTLS_USE_PSA_CRYPTO))
#define LINE_HAS_OPAQUE_KEYS
#endif

/* IP addresses in certificates. */
#if MBEDTLS_VERSION_NUMBER >= 0x03050000
#define LINE_HAS_ADDRESSES
#endif

/* Whether TLS takes random bytes from PSA alone. */
#define LINE_RANDOM_IS_PSAS (MBEDTLS_VERSION_NUMBER >= 0x04000000)

/* The alert that ended a handshake. */
#if MBEDTLS_VERSION_NUMBER < 0x03000000 || MBEDTLS_VERSION_NUMBER >= 0x04010000
#define LINE_HAS_ALERTS
#endif

#if !defined(MBEDTLS_PRIVATE) /* before version 3 all members are public */
#define MBEDTLS_PRIVATE(member) member
#endif

static inline int line_random(void *arg, unsigned char *bytes, size_t n)
{
    (void)arg;
    return getrandom(bytes, n, 0) == (ssize_t)n ? 0 : -1;
}

static inline int line_start(void)
{
#if defined(LINE_USES_PSA)
    return psa_crypto_init();
#else
    return 0;
#endif
}

/* ------------------------------------------------------------------ keys */

/* Make a key of P-256, or one of RSA with 1024 bits. */
#if MBEDTLS_VERSION_NUMBER >= 0x04000000
static inline int line_make_key(mbedtls_pk_context *key, int is_rsa)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_key_id_t id;
    int ret;

    psa_set_key_usage_flags(&attributes,
                            PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_EXPORT);
    if (is_rsa) {
        psa_set_key_type(&attributes, PSA_KEY_TYPE_RSA_KEY_PAIR);
        psa_set_key_algorithm(&attributes,
                              PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_ANY_HASH));
        psa_set_key_bits(&attributes, 1024);
    } else {
        psa_set_key_type(&attributes,
                         PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
        psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_ANY_HASH));
        psa_set_key_bits(&attributes, 256);
    }
    ret = psa_generate_key(&attributes, &id);
    if (ret == 0) {
        ret = mbedtls_pk_copy_from_psa(id, key);
        (void)psa_destroy_key(id);
    }
    return ret;
}
#else
static inline int line_make_key(mbedtls_pk_context *key, int is_rsa)
{
    const mbedtls_pk_type_t type = is_rsa ? MBEDTLS_PK_RSA : MBEDTLS_PK_ECKEY;
    int ret = mbedtls_pk_setup(key, mbedtls_pk_info_from_type(type));

    if (ret != 0) {
        return ret;
    }
    if (is_rsa) {
        return mbedtls_rsa_gen_key(mbedtls_pk_rsa(*key), line_random, NULL,
                                   1024, 65537);
    }
    return mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(*key),
                               line_random, NULL);
}
#endif

static inline int line_parse_keyfile(mbedtls_pk_context *key, const char *path)
{
#if MBEDTLS_VERSION_NUMBER >= 0x03000000 && MBEDTLS_VERSION_NUMBER < 0x04000000
    return mbedtls_pk_parse_keyfile(key, path, NULL, line_random, NULL);
#else
    return mbedtls_pk_parse_keyfile(key, path, NULL);
#endif
}

#if defined(LINE_HAS_OPAQUE_KEYS)
/* Let `key` stand for a key of PSA. */
static inline int line_wrap_key(mbedtls_pk_context *key, psa_key_id_t id)
{
#if MBEDTLS_VERSION_NUMBER >= 0x04000000
    return mbedtls_pk_wrap_psa(key, id);
#else
    return mbedtls_pk_setup_opaque(key, id);
#endif
}
#endif

#if defined(MBEDTLS_PK_RSA_ALT_SUPPORT)

/* An RSA key that only functions reach, as one in a secure element. */
struct line_element {
    mbedtls_pk_context key;
    unsigned signatures; /* so far */
};

#if MBEDTLS_VERSION_NUMBER >= 0x03000000
#define LINE_MODE
#define LINE_MODE_GIVEN
#else
#define LINE_MODE int mode,
#define LINE_MODE_GIVEN mode,
#endif

static inline int line_no_decryption(void *ctx, LINE_MODE size_t *len,
                                     const unsigned char *in,
                                     unsigned char *out, size_t cap)
{
    (void)ctx;
#if MBEDTLS_VERSION_NUMBER < 0x03000000
    (void)mode;
#endif
    (void)len;
    (void)in;
    (void)out;
    (void)cap;
    return MBEDTLS_ERR_RSA_PRIVATE_FAILED;
}

static inline int line_sign(void *ctx,
                            int (*f_rng)(void *, unsigned char *, size_t),
                            void *p_rng, LINE_MODE mbedtls_md_type_t md,
                            unsigned int len, const unsigned char *hash,
                            unsigned char *sig)
{
    struct line_element *element = ctx;

    element->signatures++;
    return mbedtls_rsa_pkcs1_sign(mbedtls_pk_rsa(element->key), f_rng, p_rng,
                                  LINE_MODE_GIVEN md, len, hash, sig);
}

static inline size_t line_key_len(void *ctx)
{
    const struct line_element *element = ctx;

    return mbedtls_rsa_get_len(mbedtls_pk_rsa(element->key));
}

static inline int line_setup_rsa_alt(mbedtls_pk_context *key,
                                     struct line_element *element)
{
    return mbedtls_pk_setup_rsa_alt(key, element, line_no_decryption, line_sign,
                                    line_key_len);
}

#endif

/* ----------------------------------------------- certificates and servers */

/* A serial number of 8 bytes. */
static inline int line_set_serial(mbedtls_x509write_cert *w,
                                  unsigned char serial[8])
{
#if MBEDTLS_VERSION_NUMBER >= 0x03040000
    return mbedtls_x509write_crt_set_serial_raw(w, serial, 8);
#else
    mbedtls_mpi mpi;
    int ret;

    mbedtls_mpi_init(&mpi);
    ret = mbedtls_mpi_read_binary(&mpi, serial, 8);
    if (ret == 0) {
        ret = mbedtls_x509write_crt_set_serial(w, &mpi);
    }
    mbedtls_mpi_free(&mpi);
    return ret;
#endif
}

static inline int line_write_pem(mbedtls_x509write_cert *w, char *pem,
                                 size_t cap)
{
#if MBEDTLS_VERSION_NUMBER >= 0x04000000
    return mbedtls_x509write_crt_pem(w, (unsigned char *)pem, cap);
#else
    return mbedtls_x509write_crt_pem(w, (unsigned char *)pem, cap, line_random,
                                     NULL);
#endif
}

static inline void line_set_random(mbedtls_ssl_config *config)
{
#if MBEDTLS_VERSION_NUMBER >= 0x04000000
    (void)config;
#else
    mbedtls_ssl_conf_rng(config, line_random, NULL);
#endif
}

/* Let a server use one group alone: X25519 or P-256. */
static inline void line_set_group(mbedtls_ssl_config *config, int is_x25519)
{
#if MBEDTLS_VERSION_NUMBER >= 0x03010000
    static const uint16_t groups[][2] = {
        {MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1, MBEDTLS_SSL_IANA_TLS_GROUP_NONE},
        {MBEDTLS_SSL_IANA_TLS_GROUP_X25519, MBEDTLS_SSL_IANA_TLS_GROUP_NONE}};

    mbedtls_ssl_conf_groups(config, groups[is_x25519 != 0]);
#else
    static const mbedtls_ecp_group_id groups[][2] = {
        {MBEDTLS_ECP_DP_SECP256R1, MBEDTLS_ECP_DP_NONE},
        {MBEDTLS_ECP_DP_CURVE25519, MBEDTLS_ECP_DP_NONE}};

    mbedtls_ssl_conf_curves(config, groups[is_x25519 != 0]);
#endif
}

/* Tickets that last an hour. */
static inline int line_setup_tickets(mbedtls_ssl_ticket_context *tickets)
{
#if MBEDTLS_VERSION_NUMBER >= 0x04000000
    return mbedtls_ssl_ticket_setup(tickets, PSA_ALG_GCM, PSA_KEY_TYPE_AES, 256,
                                    3600);
#else
    return mbedtls_ssl_ticket_setup(tickets, line_random, NULL,
                                    MBEDTLS_CIPHER_AES_256_GCM, 3600);
#endif
}

#endif
