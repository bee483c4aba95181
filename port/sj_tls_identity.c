#include "sj_tls_mbedtls.h"

static enum segjob_status fail(struct segjob_port_error *error,
                               const char *text, int code)
{
    *error = (struct segjob_port_error){SEGJOB_CONFIG, text, code};
    return SEGJOB_CONFIG;
}

static int rng(void *arg, unsigned char *bytes, size_t n)
{
    struct segjob_platform *platform = arg;

    return platform->random(platform, bytes, n) ? 0
                                                : MBEDTLS_ERR_PK_BAD_INPUT_DATA;
}

enum segjob_status segjob_identity_parse_key(mbedtls_pk_context *key,
                                             const void *bytes, size_t n,
                                             struct segjob_platform *platform,
                                             struct segjob_port_error *error)
{
    int ret;

    if (sj_mbedtls_start(error) != SEGJOB_OK) {
        return SEGJOB_CONFIG;
    }
    ret = sj_mbedtls_parse_key(key, bytes, n, rng, platform);
    if (ret == MBEDTLS_ERR_PK_PASSWORD_REQUIRED ||
        ret == MBEDTLS_ERR_PK_PASSWORD_MISMATCH) {
        return fail(error, "the device's key needs a password", ret);
    }
    return ret == 0 ? SEGJOB_OK
                    : fail(error, "the device's key cannot be read", ret);
}

static enum segjob_status parse_chain(mbedtls_x509_crt *chain,
                                      const void *bytes, size_t n,
                                      struct segjob_port_error *error)
{
    int ret;

    if (sj_mbedtls_start(error) != SEGJOB_OK) {
        return SEGJOB_CONFIG;
    }
    ret = mbedtls_x509_crt_parse(chain, bytes, n);
    if (ret == 0) {
        return SEGJOB_OK;
    }
    /* Positive: so many of several. */
    return fail(error,
                chain->raw.p == NULL
                    ? "there is no certificate of the device in it"
                    : "not all certificates of the device can be read",
                ret);
}

static enum segjob_status check_pair(struct segjob_identity *identity,
                                     struct segjob_platform *platform,
                                     struct segjob_port_error *error)
{
    const int ret = sj_mbedtls_check_pair(&identity->chain.pk, &identity->key,
                                          rng, platform);

    return ret == 0 ? SEGJOB_OK
                    : fail(error,
                           "the device's key is not the one of its certificate",
                           ret);
}

enum segjob_status segjob_identity_parse(struct segjob_identity *identity,
                                         const void *cert, size_t cert_len,
                                         const void *key, size_t key_len,
                                         struct segjob_platform *platform,
                                         struct segjob_port_error *error)
{
    mbedtls_x509_crt_init(&identity->chain);
    mbedtls_pk_init(&identity->key);
    if (parse_chain(&identity->chain, cert, cert_len, error) == SEGJOB_OK &&
        segjob_identity_parse_key(&identity->key, key, key_len, platform,
                                  error) == SEGJOB_OK &&
        check_pair(identity, platform, error) == SEGJOB_OK) {
        return SEGJOB_OK;
    }
    segjob_identity_free(identity);
    return SEGJOB_CONFIG;
}

enum segjob_identity_algorithm segjob_identity_algorithm(
    const mbedtls_pk_context *key)
{
    return sj_mbedtls_algorithm(key);
}

enum segjob_status segjob_identity_sign(
    mbedtls_pk_context *key, const unsigned char digest[SEGJOB_TLS_DIGEST_LEN],
    struct segjob_platform *platform,
    unsigned char signature[SEGJOB_IDENTITY_SIGNATURE_MAX], size_t *len,
    struct segjob_port_error *error)
{
    const int ret = sj_mbedtls_sign(key, digest, signature, len, rng, platform);

    return ret == 0 ? SEGJOB_OK
                    : fail(error,
                           sj_mbedtls_is_out_of_memory(ret)
                               ? "there is not enough memory to sign"
                               : "the device's key cannot sign",
                           ret);
}

void segjob_identity_free(struct segjob_identity *identity)
{
    mbedtls_x509_crt_free(&identity->chain);
    mbedtls_pk_free(&identity->key); /* which wipes it */
}
