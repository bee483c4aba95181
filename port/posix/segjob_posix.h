/*
 * The POSIX backend: TCP sockets, the system's clocks, getrandom, getaddrinfo,
 * and TLS with trusted certificates from a file or folder.
 *
 * It raises no SIGPIPE, starts no thread and keeps all state in its structs.
 * Only getaddrinfo blocks and allocates: to avoid that, set a `resolve` of your
 * own in `posix->port.platform`. Loading certificates allocates through mbedTLS
 * and opendir. getrandom may block once after a boot, until the kernel has
 * entropy.
 */
#ifndef SEGJOB_POSIX_H
#define SEGJOB_POSIX_H

#include "segjob_port.h"
#include "segjob_run.h"
#include "segjob_sockets.h"
#include "segjob_tls.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A platform whose `wait` polls the socket of `tcp`. */
struct segjob_posix_platform {
    struct segjob_platform platform;
    const struct segjob_sockets_tcp *tcp;
};

/* Make a platform; `tcp` is borrowed for as long as it is used. */
void segjob_posix_platform_init(struct segjob_posix_platform *platform,
                                const struct segjob_sockets_tcp *tcp);

/*
 * Trusted certificates, loaded from files. Several ports can share them: with
 * mbedTLS 2.28 a system's 140 certificates take 420 KB of mbedTLS's heap.
 *
 * Ports that share them must run in one thread: while it verifies, mbedTLS
 * caches numbers in the certificates' keys, and `fd` has one position. Load
 * them once for each thread otherwise.
 */
struct segjob_posix_roots {
    mbedtls_x509_crt chain; /* empty if they are looked up in `fd` */
    int fd;                 /* of an open file or folder; -1: none */
};

/*
 * Load the certificates of `ca_bundle`: a file (PEM, or one certificate as DER)
 * or a folder of such files; NULL takes the system's. Certificates that mbedTLS
 * cannot read are skipped. `ca_bundle` is not kept.
 *
 * With mbedTLS's MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK a file or folder
 * stays open, and each full handshake reads it for the certificates that it
 * needs, so that no others take memory. A CA must have written its name there
 * as in what it signed, and a server's own certificate is not trusted by its
 * being there.
 *
 * Returns
 *   SEGJOB_OK      free them with segjob_posix_free_roots()
 *   SEGJOB_CONFIG  they cannot be read, or there are none; `*error` says why.
 *                  Nothing is to be freed.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_posix_load_roots(struct segjob_posix_roots *roots,
                                           const char *ca_bundle,
                                           struct segjob_port_error *error);

/* Call it after segjob_posix_free() of all ports that share them. */
void segjob_posix_free_roots(struct segjob_posix_roots *roots);

/* All of it together. */
struct segjob_posix {
    struct segjob_port port; /* for segjob_step() and segjob_run() */
    struct segjob_posix_platform platform;
    struct segjob_sockets_tcp tcp;
    struct segjob_tls tls;
    struct segjob_posix_roots roots; /* of segjob_posix_init() */
    struct segjob_identity identity; /* of segjob_posix_identify() */
};

/*
 * Prepare a port with trusted certificates of its own, loaded from `ca_bundle`
 * as segjob_posix_load_roots() does. `credentials` are borrowed until
 * segjob_posix_free().
 *
 * Returns
 *   SEGJOB_OK      `posix->port` can be used
 *   SEGJOB_CONFIG  the certificates cannot be read, or there are none;
 *                  `posix->port.error` says why. Nothing is to be freed.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_posix_init(
    struct segjob_posix *posix, const char *ca_bundle,
    const struct segjob_credentials *credentials);

/*
 * As segjob_posix_init(), but with certificates that other ports may share, or
 * with any of mbedTLS's, parsed after segjob_tls_start(). `roots` and
 * `credentials` are borrowed until segjob_posix_free(). SEGJOB_CONFIG means
 * that mbedTLS refused.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_posix_init_shared(
    struct segjob_posix *posix, struct segjob_posix_roots *roots,
    const struct segjob_credentials *credentials);
SEGJOB_MUST_CHECK
enum segjob_status segjob_posix_init_with(
    struct segjob_posix *posix, mbedtls_x509_crt *roots,
    const struct segjob_credentials *credentials);

#define SEGJOB_POSIX_CERT_CAP 16384u /* bytes of a certificate file at most */
#define SEGJOB_POSIX_KEY_CAP 8192u   /* bytes of a key file at most */

/*
 * Read this device's certificate and its key from files (PEM or DER) and
 * present them, see segjob_tls_present() and segjob_identity_parse(). They
 * replace earlier ones; both paths NULL present none. The call takes 24 KB of
 * stack, which it wipes.
 *
 * Returns
 *   SEGJOB_OK      they are presented from the next handshake on
 *   SEGJOB_MISUSE  there is a connection (see segjob_disconnect()); nothing
 *                  changes
 *   SEGJOB_CONFIG  a file cannot be read or is too long, holds no certificate
 *                  or no key, the key needs a password or is another
 *                  certificate's; `posix->port.error` says which. None is
 *                  presented.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_posix_identify(struct segjob_posix *posix,
                                         const char *cert_path,
                                         const char *key_path);

/*
 * The socket's descriptor for an event loop, -1 while there is none. Ask again
 * after each segjob_step(): see segjob_get_wants().
 */
int segjob_posix_descriptor(const struct segjob_posix *posix);

/* Close, and free what mbedTLS allocated for this port. */
void segjob_posix_free(struct segjob_posix *posix);

#ifdef __cplusplus
}
#endif

#endif
