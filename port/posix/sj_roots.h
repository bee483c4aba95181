/*
 * The certificates to trust, read from files of PEM or DER.
 *
 * mbedTLS decodes base64 in constant time, as keys need it. For the public
 * certificates of a system that takes longer than the TLS handshake. So PEM is
 * read here, and mbedTLS is given DER.
 */
#ifndef SJ_ROOTS_H
#define SJ_ROOTS_H

#include "segjob_posix.h"

/* Longest certificate that is read, in bytes of DER. */
#define SJ_ROOTS_DER_CAP 16384u

#if defined(MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK)

/*
 * For segjob_tls_look_up(), with a pointer to the descriptor of a struct
 * segjob_posix_roots as `arg`: find the certificates whose subject is the
 * issuer of `child`, and add the DER of all to a digest.
 */
int sj_roots_find(void *arg, const mbedtls_x509_crt *child,
                  mbedtls_x509_crt **found);
int sj_roots_digest(void *arg, mbedtls_md_context_t *md);

#endif

#endif
