/*
 * The certificates to trust, read from files of PEM or DER.
 *
 * mbedTLS decodes base64 in constant time, as keys need it; for the hundred
 * and fifty public certificates of a system that takes longer than the TLS
 * handshake. So PEM is read here, and mbedTLS is given DER.
 */
#ifndef SJ_ROOTS_H
#define SJ_ROOTS_H

#include "segjob_tls.h"

/* Longest certificate that is read, in bytes of DER; longer ones are not. */
#define SJ_ROOTS_DER_CAP 16384u

/*
 * Add to `roots` the certificates of the file or folder at `path`, or of the
 * system if it is NULL. Those that mbedTLS cannot read are left out, and what
 * else stands in a file is read over.
 *
 * Returns false, with `fault` set, if none could be read.
 */
bool sj_roots_read(mbedtls_x509_crt *roots, const char *path,
                   struct segjob_fault *fault);

#if defined(MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK)

/*
 * Open the file or folder at `path`, or of the system if it is NULL. Returns a
 * descriptor, or -1: there is no certificate in it, or it cannot be read more
 * than once; sj_roots_read() tells, or reads it.
 */
int sj_roots_open(const char *path);

/*
 * For segjob_tls_look_up(), with a pointer to that descriptor as `arg`: find
 * the certificates whose subject is the issuer of `child`, and take the DER of
 * all into a digest.
 */
int sj_roots_find(void *arg, const mbedtls_x509_crt *child,
                  mbedtls_x509_crt **found);
int sj_roots_digest(void *arg, mbedtls_md_context_t *md);

#endif

#endif
