/*
 * TCP over the BSD sockets API alone: the system's, or lwIP's socket layer, and
 * TLS over it. Clocks and random bytes are the application's.
 *
 * It raises no SIGPIPE, allocates nothing and keeps all state in its struct.
 */
#ifndef SEGJOB_SOCKETS_H
#define SEGJOB_SOCKETS_H

#include "segjob_connect.h"
#include "segjob_port.h"
#include "segjob_run.h"
#include "segjob_tls.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SEGJOB_SOCKETS_AHEAD 512u /* bytes: most responses to a creation */

/*
 * A TCP stream over a non-blocking socket. Addresses are tried in turn, as
 * segjob_connect.h says. TLS asks for a record's header, 5 bytes, then for the
 * rest: one call of recv() serves both.
 */
struct segjob_sockets_tcp {
    struct segjob_stream stream;
    struct segjob_platform *platform;
    int fd;                        /* -1: none */
    struct segjob_connect connect; /* while connecting */
    bool wants_write; /* whether the last call waits to write, else to read */
    /* Received, and not asked for yet: from `ahead_at` to `ahead_end`. */
    unsigned char ahead[SEGJOB_SOCKETS_AHEAD];
    size_t ahead_at;
    size_t ahead_end;
};

/*
 * Make a stream that is not open yet. `platform` is borrowed for as long as the
 * stream is used. Only its `monotonic_ms` is called, first by the stream's
 * `open`.
 */
void segjob_sockets_tcp_init(struct segjob_sockets_tcp *tcp,
                             struct segjob_platform *platform);

/*
 * What a platform's `wait` is to do: sleep until the socket of `tcp` is as
 * `wants` says, or until `wants->wake_ms`. It may return early.
 */
void segjob_sockets_wait(const struct segjob_sockets_tcp *tcp,
                         const struct segjob_wants *wants);

/*
 * What a platform's `resolve` can be: getaddrinfo(), which blocks and
 * allocates. Addresses of IPv6 and IPv4 are taken alternately (RFC 8305,
 * section 4). lwIP has it with LWIP_DNS.
 */
enum segjob_io segjob_sockets_resolve(struct segjob_platform *platform,
                                      const char *host,
                                      struct segjob_address *addresses,
                                      size_t cap, size_t *len);

/* A platform whose `wait` is segjob_sockets_wait() for `tcp`. */
struct segjob_sockets_platform {
    struct segjob_platform platform;
    const struct segjob_sockets_tcp *tcp;
};

/* All of it together: for a system that is not POSIX, but has sockets. */
struct segjob_sockets {
    struct segjob_port port; /* for segjob_step() and segjob_run() */
    struct segjob_sockets_platform platform;
    struct segjob_sockets_tcp tcp;
    struct segjob_tls tls;
};

/*
 * Prepare a port. `own` supplies the application's `wall_clock`,
 * `monotonic_ms`, `random` and `resolve`, with `resolve_cancel` if that needs
 * it; each is called with the port's platform. `roots` are the trusted
 * certificates, which are parsed after segjob_tls_start(). They and
 * `credentials` are borrowed until segjob_sockets_free().
 *
 * Returns
 *   SEGJOB_OK      `sockets->port` can be used
 *   SEGJOB_CONFIG  `own` lacks one of these, or mbedTLS refused;
 *                  `sockets->port.error` says which. Nothing is to be freed.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_sockets_init(
    struct segjob_sockets *sockets, const struct segjob_platform *own,
    mbedtls_x509_crt *roots, const struct segjob_credentials *credentials);

/* Close, and free what mbedTLS allocated. */
void segjob_sockets_free(struct segjob_sockets *sockets);

#ifdef __cplusplus
}
#endif

#endif
