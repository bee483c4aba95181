/*
 * For test programs: a device's certificate and key, for keys of all kinds.
 *
 *   memory   parsed from memory, PEM or DER
 *   rsa-alt  an RSA key that signs by mbedTLS's callbacks (2.28 and 3)
 *   opaque   a key of PSA that cannot be exported (mbedTLS 3.6 with
 *            MBEDTLS_USE_PSA_CRYPTO, and 4)
 *   pss      the same, of RSA, for RSASSA-PSS alone
 *   both     the same, for RSASSA-PSS first, and for PKCS #1 1.5
 *   empty    a context without a key
 */
#ifndef DEVICE_H
#define DEVICE_H

#include <stdio.h>
#include <string.h>

#include "segjob_tls.h"
#include "tls_lines.h"

#define DEVICE_HAS_NO_SUCH_KEY 77

struct device {
    struct segjob_identity identity;
    mbedtls_pk_context kept; /* the key outside of `identity` */
#if defined(MBEDTLS_PK_RSA_ALT_SUPPORT)
    struct line_element element;
#endif
};

static inline size_t device_read_file(const char *path, char *text, size_t cap)
{
    FILE *file = fopen(path, "rb");
    size_t n = 0;

    if (file != NULL) {
        n = fread(text, 1, cap - 1, file);
        fclose(file);
    }
    text[n] = '\0';
    return strstr(text, "-----BEGIN ") != NULL ? n + 1 : n;
}

static inline enum segjob_status device_read(struct device *device,
                                             const char *certificate_path,
                                             const char *key_path,
                                             struct segjob_platform *platform,
                                             struct segjob_port_error *error)
{
    static char certificate[32768], key[16384];
    const size_t certificate_len =
        device_read_file(certificate_path, certificate, sizeof(certificate));
    const size_t key_len = device_read_file(key_path, key, sizeof(key));

    mbedtls_pk_init(&device->kept);
    return segjob_identity_parse(&device->identity, certificate,
                                 certificate_len, key, key_len, platform,
                                 error);
}

#if defined(LINE_HAS_OPAQUE_KEYS)
static inline int device_hide_key(struct device *device, const char *kind)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    unsigned char copy[4096];
    psa_key_id_t id;
    size_t n;

    if (mbedtls_pk_get_psa_attributes(
            &device->identity.key, PSA_KEY_USAGE_SIGN_HASH, &attributes) != 0) {
        return 1;
    }
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_HASH);
    if (strcmp(kind, "opaque") != 0) {
        psa_set_key_algorithm(&attributes, PSA_ALG_RSA_PSS(PSA_ALG_SHA_256));
    }
    if (strcmp(kind, "both") == 0) {
        psa_set_key_enrollment_algorithm(
            &attributes, PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_SHA_256));
    }
    if (mbedtls_pk_import_into_psa(&device->identity.key, &attributes, &id) !=
        0) {
        return 2;
    }
    /* The key must not be exportable. */
    if (psa_export_key(id, copy, sizeof(copy), &n) != PSA_ERROR_NOT_PERMITTED) {
        return 3;
    }
    return line_wrap_key(&device->kept, id);
}
#endif

/* Returns 0 and sets `*key`, or DEVICE_HAS_NO_SUCH_KEY, or an error. */
static inline int device_key(struct device *device, const char *kind,
                             mbedtls_pk_context **key)
{
    *key = &device->kept;
    if (strcmp(kind, "rsa-alt") == 0) {
#if defined(MBEDTLS_PK_RSA_ALT_SUPPORT)
        device->element.key = device->identity.key;
        return line_setup_rsa_alt(&device->kept, &device->element);
#else
        return DEVICE_HAS_NO_SUCH_KEY;
#endif
    }
    if (strcmp(kind, "opaque") == 0 || strcmp(kind, "pss") == 0 ||
        strcmp(kind, "both") == 0) {
#if defined(LINE_HAS_OPAQUE_KEYS)
        return device_hide_key(device, kind);
#else
        return DEVICE_HAS_NO_SUCH_KEY;
#endif
    }
    if (strcmp(kind, "empty") != 0) {
        *key = &device->identity.key;
    }
    return 0;
}

/* The number of signatures by callback. */
static inline unsigned device_signatures(const struct device *device)
{
#if defined(MBEDTLS_PK_RSA_ALT_SUPPORT)
    return device->element.signatures;
#else
    (void)device;
    return 0;
#endif
}

#endif
