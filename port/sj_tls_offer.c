#include "sj_tls_offer.h"

#include <mbedtls/version.h>

/* ------------------------------------------------------- cipher suites */

#define TLS12_AES_GCM                                    \
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,     \
        MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,   \
        MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, \
        MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
#define TLS12_CHACHA20                                     \
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, \
        MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256

#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
#define AES_GCM                                                           \
    MBEDTLS_TLS1_3_AES_128_GCM_SHA256, MBEDTLS_TLS1_3_AES_256_GCM_SHA384, \
        TLS12_AES_GCM
#define CHACHA20 MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256, TLS12_CHACHA20
#else
#define AES_GCM TLS12_AES_GCM
#define CHACHA20 TLS12_CHACHA20
#endif

/* Whether mbedTLS has AES from the processor, or from hardware beside it. */
static bool has_fast_aes(void)
{
#if defined(MBEDTLS_AES_ALT) || defined(MBEDTLS_GCM_ALT) || \
    defined(MBEDTLS_AES_USE_HARDWARE_ONLY)
    return true;
#elif defined(MBEDTLS_AESNI_C) && defined(__GNUC__) && defined(__x86_64__)
    return __builtin_cpu_supports("aes") != 0;
#elif defined(MBEDTLS_AESCE_C) && defined(__ARM_FEATURE_AES)
    return true;
#else
    return false;
#endif
}

/* What mbedTLS was built without is left out by it. */
static void offer_suites(mbedtls_ssl_config *config)
{
    static const int aes_first[] = {AES_GCM, CHACHA20, 0};
    static const int chacha20_first[] = {CHACHA20, AES_GCM, 0};

    mbedtls_ssl_conf_ciphersuites(config,
                                  has_fast_aes() ? aes_first : chacha20_first);
}

/* ----------------------------------------------- groups and signatures */

#if MBEDTLS_VERSION_NUMBER < 0x03000000
/* Version 2.28 refuses a list with what it was built without. */
static void offer_groups(mbedtls_ssl_config *config)
{
    static const mbedtls_ecp_group_id groups[] = {
#if defined(MBEDTLS_ECP_DP_SECP256R1_ENABLED)
        MBEDTLS_ECP_DP_SECP256R1,
#endif
#if defined(MBEDTLS_ECP_DP_CURVE25519_ENABLED)
        MBEDTLS_ECP_DP_CURVE25519,
#endif
#if defined(MBEDTLS_ECP_DP_SECP384R1_ENABLED)
        MBEDTLS_ECP_DP_SECP384R1,
#endif
#if defined(MBEDTLS_ECP_DP_SECP521R1_ENABLED)
        MBEDTLS_ECP_DP_SECP521R1,
#endif
        MBEDTLS_ECP_DP_NONE
    };

    mbedtls_ssl_conf_curves(config, groups);
}

static void offer_signatures(mbedtls_ssl_config *config)
{
    static const int hashes[] = {
        MBEDTLS_MD_SHA256,
#if defined(MBEDTLS_SHA512_C) && !defined(MBEDTLS_SHA512_NO_SHA384)
        MBEDTLS_MD_SHA384,
#endif
#if defined(MBEDTLS_SHA512_C)
        MBEDTLS_MD_SHA512,
#endif
        MBEDTLS_MD_NONE
    };

    mbedtls_ssl_conf_sig_hashes(config, hashes);
}
#else
static void offer_groups(mbedtls_ssl_config *config)
{
    static const uint16_t groups[] = {
        MBEDTLS_SSL_IANA_TLS_GROUP_X25519, MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
        MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1,
        MBEDTLS_SSL_IANA_TLS_GROUP_SECP521R1, MBEDTLS_SSL_IANA_TLS_GROUP_NONE};

    mbedtls_ssl_conf_groups(config, groups);
}

static void offer_signatures(mbedtls_ssl_config *config)
{
    (void)config; /* by default SHA-256 and better */
}
#endif

/*
 * Ask for records that fit the buffer: RFC 6066 section 4. An mbedTLS that has
 * TLS 1.3 would refuse a server of TLS 1.3 that agrees.
 */
static void offer_fragment_length(mbedtls_ssl_config *config)
{
#if defined(MBEDTLS_SSL_MAX_FRAGMENT_LENGTH) && \
    !defined(MBEDTLS_SSL_PROTO_TLS1_3) &&       \
    MBEDTLS_SSL_IN_CONTENT_LEN >= 4096 && MBEDTLS_SSL_IN_CONTENT_LEN < 16384
    (void)mbedtls_ssl_conf_max_frag_len(config, MBEDTLS_SSL_MAX_FRAG_LEN_4096);
#else
    (void)config; /* every record fits, or none that could be asked for */
#endif
}

void sj_tls_offer(mbedtls_ssl_config *config)
{
#if MBEDTLS_VERSION_NUMBER >= 0x03020000
    mbedtls_ssl_conf_min_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
#else
    mbedtls_ssl_conf_min_version(config, MBEDTLS_SSL_MAJOR_VERSION_3,
                                 MBEDTLS_SSL_MINOR_VERSION_3);
#endif
    offer_suites(config);
    offer_groups(config);
    offer_signatures(config);
    offer_fragment_length(config);
    mbedtls_ssl_conf_cert_profile(config, &mbedtls_x509_crt_profile_next);
}
