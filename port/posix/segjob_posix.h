/*
 * The POSIX backend: TCP sockets, the system's clocks, getrandom, getaddrinfo,
 * and TLS with trusted certificates from a file or folder.
 *
 * It raises no SIGPIPE, starts no thread and keeps no state but what is in its
 * structs. getaddrinfo is the one call that blocks and allocates: an
 * application that cannot have that puts a `resolve` of its own into
 * `posix->port.platform`. Reading the trusted certificates allocates through
 * mbedTLS and opendir. getrandom waits, once after a boot, until the kernel
 * has entropy.
 */
#ifndef SEGJOB_POSIX_H
#define SEGJOB_POSIX_H

#include "segjob_identity.h"
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
    struct segjob_identity identity;
    bool has_identity;
};

/*
 * Prepare a port. `ca_bundle` is a file, PEM or one certificate in DER, or a
 * folder of such files, with the certificates to trust; NULL takes the
 * system's. Of several certificates those that mbedTLS can read are taken.
 * `credentials` are borrowed.
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
 * The same with certificates that are there, from memory for one: `roots` are
 * borrowed.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_posix_init_with(
    struct segjob_posix *posix, mbedtls_x509_crt *roots,
    const struct segjob_credentials *credentials);

/*
 * Show the certificate of this device, and the chain behind it, to peers that
 * ask for one: files in the forms of segjob_identity.h, at most
 * SEGJOB_POSIX_FILE_MAX bytes each. For another key, see segjob_tls_present().
 *
 * Returns SEGJOB_OK; or SEGJOB_CONFIG, and `posix->port.fault` says why.
 */
#define SEGJOB_POSIX_FILE_MAX 16384u

SEGJOB_MUST_CHECK
enum segjob_status segjob_posix_identify(struct segjob_posix *posix,
                                         const char *certificate,
                                         const char *key);

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
