#include "segjob_identity.h"

#include <mbedtls/pk.h>
#include <mbedtls/version.h>

static int rng(void *arg, unsigned char *bytes, size_t n)
{
    struct segjob_platform *platform = arg;

    return platform->random(platform, bytes, n)
               ? 0
               : MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE;
}

static int parse_key(mbedtls_pk_context *pk, const void *key, size_t n,
                     struct segjob_platform *platform)
{
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
    return mbedtls_pk_parse_key(pk, key, n, NULL, 0, rng, platform);
#else
    (void)rng;
    (void)platform;
    return mbedtls_pk_parse_key(pk, key, n, NULL, 0);
#endif
}

/* Whether the key is that of the certificate. */
static int check_pair(struct segjob_identity *identity,
                      struct segjob_platform *platform)
{
    mbedtls_pk_context *theirs = &identity->certificate.pk;

#if MBEDTLS_VERSION_NUMBER >= 0x03000000
    return mbedtls_pk_check_pair(theirs, &identity->key, rng, platform);
#else
    (void)platform;
    return mbedtls_pk_check_pair(theirs, &identity->key);
#endif
}

static enum segjob_status fail(struct segjob_identity *identity,
                               struct segjob_fault *fault, const char *text,
                               int code)
{
    segjob_identity_free(identity);
    *fault = (struct segjob_fault){SEGJOB_CONFIG, text, code};
    return SEGJOB_CONFIG;
}

static const char *key_text(int code)
{
    if (code == MBEDTLS_ERR_PK_PASSWORD_REQUIRED ||
        code == MBEDTLS_ERR_PK_PASSWORD_MISMATCH) {
        return "the private key has a password";
    }
    return "the private key cannot be read";
}

enum segjob_status segjob_identity_parse(struct segjob_identity *identity,
                                         const void *certificate,
                                         size_t certificate_len,
                                         const void *key, size_t key_len,
                                         struct segjob_platform *platform,
                                         struct segjob_fault *fault)
{
    int ret;

    mbedtls_x509_crt_init(&identity->certificate);
    mbedtls_pk_init(&identity->key);
    ret = mbedtls_x509_crt_parse(&identity->certificate, certificate,
                                 certificate_len);
    if (ret != 0) {
        return fail(identity, fault, "the certificate cannot be read", ret);
    }
    ret = parse_key(&identity->key, key, key_len, platform);
    if (ret != 0) {
        return fail(identity, fault, key_text(ret), ret);
    }
    ret = check_pair(identity, platform);
    if (ret != 0) {
        return fail(identity, fault,
                    "the private key is not that of the certificate", ret);
    }
    return SEGJOB_OK;
}

void segjob_identity_free(struct segjob_identity *identity)
{
    mbedtls_x509_crt_free(&identity->certificate);
    mbedtls_pk_free(&identity->key);
}
