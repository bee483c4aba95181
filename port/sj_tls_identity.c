#include <mbedtls/pk.h>
#include <mbedtls/version.h>

#include "segjob_tls.h"

#if defined(MBEDTLS_USE_PSA_CRYPTO) || defined(MBEDTLS_SSL_PROTO_TLS1_3)
#define SJ_TLS_USES_PSA
#include <psa/crypto.h>
#endif

static enum segjob_status fail(struct segjob_identity *identity,
                               struct segjob_port_error *error,
                               const char *text, int code)
{
    segjob_identity_free(identity);
    *error = (struct segjob_port_error){SEGJOB_CONFIG, text, code};
    return SEGJOB_CONFIG;
}

/* From version 3 on, mbedTLS blinds what it computes with a key. */
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
static int rng(void *arg, unsigned char *bytes, size_t n)
{
    struct segjob_platform *platform = arg;

    return platform->random(platform, bytes, n) ? 0
                                                : MBEDTLS_ERR_PK_BAD_INPUT_DATA;
}

static int parse_key(mbedtls_pk_context *key, const void *bytes, size_t n,
                     struct segjob_platform *platform)
{
    return mbedtls_pk_parse_key(key, bytes, n, NULL, 0, rng, platform);
}

static int check_pair(const struct segjob_identity *identity,
                      struct segjob_platform *platform)
{
    return mbedtls_pk_check_pair(&identity->chain.pk, &identity->key, rng,
                                 platform);
}
#else
static int parse_key(mbedtls_pk_context *key, const void *bytes, size_t n,
                     struct segjob_platform *platform)
{
    (void)platform;
    return mbedtls_pk_parse_key(key, bytes, n, NULL, 0);
}

static int check_pair(const struct segjob_identity *identity,
                      struct segjob_platform *platform)
{
    (void)platform;
    return mbedtls_pk_check_pair(&identity->chain.pk, &identity->key);
}
#endif

enum segjob_status segjob_identity_parse(struct segjob_identity *identity,
                                         const void *cert, size_t cert_len,
                                         const void *key, size_t key_len,
                                         struct segjob_platform *platform,
                                         struct segjob_port_error *error)
{
    int ret = 0;

    mbedtls_x509_crt_init(&identity->chain);
    mbedtls_pk_init(&identity->key);
#if defined(SJ_TLS_USES_PSA)
    ret = psa_crypto_init();
    if (ret != 0) {
        return fail(identity, error, "mbedTLS cannot be configured", ret);
    }
#endif
    ret = mbedtls_x509_crt_parse(&identity->chain, cert, cert_len);
    if (ret != 0) { /* positive: so many of several */
        return fail(identity, error,
                    identity->chain.raw.p == NULL
                        ? "there is no certificate of the device in it"
                        : "not all certificates of the device can be read",
                    ret);
    }
    ret = parse_key(&identity->key, key, key_len, platform);
    if (ret == MBEDTLS_ERR_PK_PASSWORD_REQUIRED ||
        ret == MBEDTLS_ERR_PK_PASSWORD_MISMATCH) {
        return fail(identity, error, "the device's key needs a password", ret);
    }
    if (ret != 0) {
        return fail(identity, error, "the device's key cannot be read", ret);
    }
    ret = check_pair(identity, platform);
    if (ret != 0) {
        return fail(identity, error,
                    "the device's key is not the one of its certificate", ret);
    }
    return SEGJOB_OK;
}

void segjob_identity_free(struct segjob_identity *identity)
{
    mbedtls_x509_crt_free(&identity->chain);
    mbedtls_pk_free(&identity->key); /* which wipes it */
}
