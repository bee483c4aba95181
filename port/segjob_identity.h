/*
 * Who a device is: its certificate, and the private key that proves it, read
 * with mbedTLS 2.28 or 3.x from memory. A key that stays in a secure element
 * needs none of this: see segjob_tls_present().
 */
#ifndef SEGJOB_IDENTITY_H
#define SEGJOB_IDENTITY_H

#include "segjob_tls.h"

#ifdef __cplusplus
extern "C" {
#endif

struct segjob_identity {
    mbedtls_x509_crt certificate; /* with the chain behind it */
    mbedtls_pk_context key;
};

/*
 * Read certificate and key, each in PEM or DER: of ECDSA or RSA, the key in
 * PKCS #8, PKCS #1 or SEC 1, without a password. The length of PEM counts a
 * NUL at its end, as mbedTLS wants it. The bytes are not needed afterwards:
 * wipe those of the key. `platform` gives random bytes, with which mbedTLS
 * checks the key.
 *
 * Returns
 *   SEGJOB_OK      `identity` is good for segjob_tls_present(), until
 *                  segjob_identity_free()
 *   SEGJOB_CONFIG  one of them cannot be read, or they do not belong together;
 *                  `fault` says which. Nothing is to be freed.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_identity_parse(struct segjob_identity *identity,
                                         const void *certificate,
                                         size_t certificate_len,
                                         const void *key, size_t key_len,
                                         struct segjob_platform *platform,
                                         struct segjob_fault *fault);

/* Wipe the key, and give back what mbedTLS allocated. */
void segjob_identity_free(struct segjob_identity *identity);

#ifdef __cplusplus
}
#endif

#endif
