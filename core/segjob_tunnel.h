/*
 * Open a tunnel through an HTTP proxy (CONNECT, RFC 9110 section 9.3.6).
 * port/segjob_proxy.h does this for a stream.
 */
#ifndef SEGJOB_TUNNEL_H
#define SEGJOB_TUNNEL_H

#include "segjob.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Reader of the response to CONNECT. Its member is private. */
struct segjob_tunnel {
    struct sj_http http;
};

/*
 * Write into `buf` the request for a tunnel to `port` of `host`. `host` is
 * NUL-terminated; an IPv6 address has no brackets. Unless `user` is absent, the
 * request contains `user` and `password` (RFC 7617).
 *
 * Returns the request's length in bytes. If that is more than `cap`, `buf` has
 * no usable content. Returns 0 if `host` is not a host name or an address,
 * `user` contains a colon, or `user` or `password` contains a control
 * character.
 */
SEGJOB_MUST_CHECK
size_t segjob_tunnel_write(char *buf, size_t cap, const char *host,
                           uint16_t port, struct segjob_str user,
                           struct segjob_str password);

/* Begin to read a response. */
void segjob_tunnel_begin(struct segjob_tunnel *t);

/*
 * Read the next `n` bytes of the proxy's response.
 *
 * Returns
 *   SEGJOB_PENDING   the response is not complete
 *   SEGJOB_OK        the tunnel is open, and no byte followed the response
 *   SEGJOB_CONNECT   the proxy cannot reach the host: 5xx
 *   SEGJOB_PROXY     any other response, or bytes after the response
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_tunnel_read(struct segjob_tunnel *t,
                                      const char *bytes, size_t n);

/* Return the proxy's HTTP status, 0 until a final status line was read. */
int segjob_tunnel_status(const struct segjob_tunnel *t);

#ifdef __cplusplus
}
#endif

#endif
