#include "sj_tls_mbedtls.h"

#if MBEDTLS_VERSION_NUMBER < 0x04000000
#include <mbedtls/bignum.h>
#include <mbedtls/cipher.h>
#include <mbedtls/ecp.h>
#endif
#include <mbedtls/asn1.h>
#include <mbedtls/pk.h>

#if !defined(MBEDTLS_SSL_CLI_C)
#error "segjob needs MBEDTLS_SSL_CLI_C: it is a TLS client"
#endif
#if !defined(MBEDTLS_SSL_PROTO_TLS1_2)
#error "segjob needs MBEDTLS_SSL_PROTO_TLS1_2: its least version"
#endif
#if !defined(MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED) && \
    !defined(MBEDTLS_KEY_EXCHANGE_ECDHE_RSA_ENABLED)
#error "segjob needs MBEDTLS_KEY_EXCHANGE_ECDHE_...: it offers no other"
#endif
#if !defined(MBEDTLS_X509_CRT_PARSE_C)
#error "segjob needs MBEDTLS_X509_CRT_PARSE_C: it verifies certificates"
#endif
#if !defined(MBEDTLS_SSL_SERVER_NAME_INDICATION)
#error "segjob needs MBEDTLS_SSL_SERVER_NAME_INDICATION: the service wants it"
#endif
/* Version 3 and later always check what a certificate may be used for. */
#if MBEDTLS_VERSION_NUMBER < 0x03000000 &&     \
    (!defined(MBEDTLS_X509_CHECK_KEY_USAGE) || \
     !defined(MBEDTLS_X509_CHECK_EXTENDED_KEY_USAGE))
#error "segjob needs MBEDTLS_X509_CHECK_KEY_USAGE and ..._EXTENDED_KEY_USAGE"
#endif

enum segjob_status segjob_tls_start(struct segjob_port_error *error)
{
    return sj_mbedtls_start(error);
}

#if defined(SJ_MBEDTLS_PSA)
bool sj_mbedtls_lacks_random(int code)
{
    unsigned char byte;

    return code == PSA_ERROR_INSUFFICIENT_ENTROPY ||
           psa_generate_random(&byte, 1) == PSA_ERROR_INSUFFICIENT_ENTROPY;
}
#endif

/* --------------------------------------------------------------- errors */

#if MBEDTLS_VERSION_NUMBER >= 0x04000000
bool sj_mbedtls_is_out_of_memory(int code)
{
    return code == PSA_ERROR_INSUFFICIENT_MEMORY;
}
#else
/* mbedTLS adds the code of a low layer (7 bits) to that of a high one. */
bool sj_mbedtls_is_out_of_memory(int code)
{
    static const int codes[] = {
        MBEDTLS_ERR_SSL_ALLOC_FAILED,  MBEDTLS_ERR_X509_ALLOC_FAILED,
        MBEDTLS_ERR_PK_ALLOC_FAILED,   MBEDTLS_ERR_ECP_ALLOC_FAILED,
        MBEDTLS_ERR_MD_ALLOC_FAILED,   MBEDTLS_ERR_CIPHER_ALLOC_FAILED,
        MBEDTLS_ERR_ASN1_ALLOC_FAILED, MBEDTLS_ERR_MPI_ALLOC_FAILED,
    };
    const int low = -(-code & 0x7F);
    size_t i;

    for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (codes[i] == low || codes[i] == code - low) {
            return true;
        }
    }
    return false;
}
#endif

/* ----------------------------------------------------------------- keys */

/* Version 3 blinds what it computes with a key; version 4 does so by PSA. */
int sj_mbedtls_parse_key(mbedtls_pk_context *key, const void *bytes, size_t n,
                         sj_mbedtls_random *random, void *arg)
{
#if MBEDTLS_VERSION_NUMBER >= 0x03000000 && MBEDTLS_VERSION_NUMBER < 0x04000000
    return mbedtls_pk_parse_key(key, bytes, n, NULL, 0, random, arg);
#else
    (void)random;
    (void)arg;
    return mbedtls_pk_parse_key(key, bytes, n, NULL, 0);
#endif
}

int sj_mbedtls_check_pair(const mbedtls_pk_context *public_key,
                          const mbedtls_pk_context *private_key,
                          sj_mbedtls_random *random, void *arg)
{
#if MBEDTLS_VERSION_NUMBER >= 0x03000000 && MBEDTLS_VERSION_NUMBER < 0x04000000
    return mbedtls_pk_check_pair(public_key, private_key, random, arg);
#else
    (void)random;
    (void)arg;
    return mbedtls_pk_check_pair(public_key, private_key);
#endif
}

/* ----------------------------------------------------------------- signing */

/*
 * Whether an RSA key of PSA signs by PKCS #1 1.5. mbedTLS signs by the first of
 * two algorithms that a key allows, and says that it can do either.
 */
#if MBEDTLS_VERSION_NUMBER >= 0x03060000 && defined(MBEDTLS_PSA_CRYPTO_C)
static bool signs_by_pkcs1(const mbedtls_pk_context *key)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    const int ret = mbedtls_pk_get_psa_attributes(key, PSA_KEY_USAGE_SIGN_HASH,
                                                  &attributes);

    return ret == 0 &&
           PSA_ALG_IS_RSA_PKCS1V15_SIGN(psa_get_key_algorithm(&attributes));
}
#else
#define signs_by_pkcs1(key) true
#endif

#if MBEDTLS_VERSION_NUMBER >= 0x04000000
static bool can_sign(const mbedtls_pk_context *key, psa_algorithm_t algorithm)
{
    return mbedtls_pk_can_do_psa(key, algorithm, PSA_KEY_USAGE_SIGN_HASH) == 1;
}

enum segjob_identity_algorithm sj_mbedtls_algorithm(
    const mbedtls_pk_context *key)
{
    if (can_sign(key, PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_SHA_256)) &&
        signs_by_pkcs1(key)) {
        return SEGJOB_IDENTITY_RSA;
    }
    if (can_sign(key, PSA_ALG_ECDSA(PSA_ALG_SHA_256)) ||
        can_sign(key, PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256))) {
        return SEGJOB_IDENTITY_ECDSA;
    }
    return SEGJOB_IDENTITY_NONE;
}

int sj_mbedtls_sign(mbedtls_pk_context *key, const unsigned char *digest,
                    unsigned char *signature, size_t *len,
                    sj_mbedtls_random *random, void *arg)
{
    (void)random;
    (void)arg;
    return mbedtls_pk_sign(key, MBEDTLS_MD_SHA256, digest,
                           SEGJOB_TLS_DIGEST_LEN, signature,
                           SEGJOB_IDENTITY_SIGNATURE_MAX, len);
}
#else
/* Whether an opaque key allows an algorithm; version 2.28 cannot tell. */
#if defined(MBEDTLS_USE_PSA_CRYPTO) && MBEDTLS_VERSION_NUMBER >= 0x03020000
static bool allows(const mbedtls_pk_context *key, psa_algorithm_t algorithm)
{
    return mbedtls_pk_get_type(key) != MBEDTLS_PK_OPAQUE ||
           mbedtls_pk_can_do_ext(key, algorithm, PSA_KEY_USAGE_SIGN_HASH) == 1;
}
#else
#define allows(key, algorithm) true
#endif

enum segjob_identity_algorithm sj_mbedtls_algorithm(
    const mbedtls_pk_context *key)
{
    if (mbedtls_pk_can_do(key, MBEDTLS_PK_RSA) &&
        allows(key, PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_SHA_256)) &&
        (mbedtls_pk_get_type(key) != MBEDTLS_PK_OPAQUE ||
         signs_by_pkcs1(key))) {
        return SEGJOB_IDENTITY_RSA;
    }
    if (mbedtls_pk_can_do(key, MBEDTLS_PK_ECDSA) &&
        (allows(key, PSA_ALG_ECDSA(PSA_ALG_SHA_256)) ||
         allows(key, PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256)))) {
        return SEGJOB_IDENTITY_ECDSA;
    }
    return SEGJOB_IDENTITY_NONE;
}

int sj_mbedtls_sign(mbedtls_pk_context *key, const unsigned char *digest,
                    unsigned char *signature, size_t *len,
                    sj_mbedtls_random *random, void *arg)
{
    return mbedtls_pk_sign(key, MBEDTLS_MD_SHA256, digest,
                           SEGJOB_TLS_DIGEST_LEN, signature,
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
                           SEGJOB_IDENTITY_SIGNATURE_MAX,
#endif
                           len, random, arg);
}
#endif
