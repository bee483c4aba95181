/*
 * The POSIX backend: TCP sockets, the system's clocks, getrandom, getaddrinfo,
 * and TLS with trusted certificates from a file or folder.
 *
 * It raises no SIGPIPE, starts no thread and keeps no state but what is in its
 * structs. getaddrinfo is the one call that blocks and allocates: an
 * application that cannot have that puts a `resolve` of its own into
 * `posix->port.platform`. Reading certificates allocates through mbedTLS and
 * opendir. getrandom waits, once after a boot, until the kernel
 * has entropy.
 */
#ifndef SEGJOB_POSIX_H
#define SEGJOB_POSIX_H

#include "segjob_port.h"
#include "segjob_run.h"
#include "segjob_tls.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A TCP stream over a non-blocking socket. Addresses are tried in turn, each
 * but the last for at most SEGJOB_POSIX_TRY_MS milliseconds.
 */
#define SEGJOB_POSIX_TRY_MS 2000u

struct segjob_posix_tcp {
    struct segjob_stream stream;
    int fd;                /* -1: none */
    size_t address;        /* index of the one being tried */
    uint64_t try_until_ms; /* while connecting; UINT64_MAX: no limit */
    bool wants_write;      /* what the last call waits for: else to read */
};

/* Make a stream that is not open yet. */
void segjob_posix_tcp_init(struct segjob_posix_tcp *tcp);

/* A platform whose `wait` polls the socket of `tcp`. */
struct segjob_posix_platform {
    struct segjob_platform platform;
    const struct segjob_posix_tcp *tcp;
};

/* Make a platform; `tcp` is borrowed for as long as it is used. */
void segjob_posix_platform_init(struct segjob_posix_platform *platform,
                                const struct segjob_posix_tcp *tcp);

/* All of it together. */
struct segjob_posix {
    struct segjob_port port; /* for segjob_step() and segjob_run() */
    struct segjob_posix_platform platform;
    struct segjob_posix_tcp tcp;
    struct segjob_tls tls;
    mbedtls_x509_crt roots;
    struct segjob_identity identity; /* of segjob_posix_identify() */
    int roots_fd; /* of the certificates to trust, if they stay there; or -1 */
};

/*
 * Prepare a port. `ca_bundle` is a file with the certificates to trust (PEM, or
 * one as DER) or a folder of such files; NULL takes the system's. Of several
 * certificates those that mbedTLS can read are taken. `credentials` are
 * borrowed.
 *
 * With mbedTLS's MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK a file or folder
 * stays open, and each full handshake reads it through for the certificates
 * that it needs, so that no others take memory. A CA must have written its name
 * there as in what it signed, and a server's own certificate is not trusted by
 * its being there.
 *
 * Returns
 *   SEGJOB_OK      `posix->port` can be used
 *   SEGJOB_CONFIG  the certificates cannot be read, or there are none;
 *                  `posix->port.fault` says why. Nothing is to be freed.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_posix_init(
    struct segjob_posix *posix, const char *ca_bundle,
    const struct segjob_credentials *credentials);

/*
 * As segjob_posix_init(), but with certificates to trust that are in memory:
 * `roots` are borrowed, as `credentials` are. No file is read.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_posix_init_with(
    struct segjob_posix *posix, mbedtls_x509_crt *roots,
    const struct segjob_credentials *credentials);

#define SEGJOB_POSIX_CERT_CAP 16384u /* bytes of a certificate file at most */
#define SEGJOB_POSIX_KEY_CAP 8192u   /* bytes of a key file at most */

/*
 * Read this device's certificate and its key from files, PEM or DER, and
 * present them, see segjob_tls_present() and segjob_identity_parse(). They take
 * the place of those before. Both paths NULL present none again. The call
 * takes 24 KB of stack, which it wipes.
 *
 * Returns
 *   SEGJOB_OK      they are presented from the next handshake on
 *   SEGJOB_MISUSE  there is a connection (see segjob_disconnect()); nothing
 *                  changes
 *   SEGJOB_CONFIG  a file cannot be read or is too long, holds no certificate
 *                  or no key, the key needs a password or is another
 *                  certificate's; `posix->port.fault` says which. None is
 *                  presented.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_posix_identify(struct segjob_posix *posix,
                                         const char *cert_path,
                                         const char *key_path);

/*
 * The socket's descriptor for an event loop, -1 while there is none. It may
 * change with every step as long as the connection is being made.
 */
int segjob_posix_descriptor(const struct segjob_posix *posix);

/* Close, and give back what mbedTLS allocated. */
void segjob_posix_free(struct segjob_posix *posix);

#ifdef __cplusplus
}
#endif

#endif
