/*
 * An HTTP proxy, as a stream over a stream: it requests a tunnel by CONNECT
 * (RFC 9110 section 9.3.6), and TLS runs through that. The proxy sees the name
 * of the host, but no content.
 *
 *   segjob_proxy_init(&proxy, &posix.tcp.stream, &config);
 *   segjob_tls_over(&posix.tls, &proxy.stream);
 *
 * Connections to hosts in `no_proxy`, and connections without TLS, are direct.
 * `localhost` is the proxy's own machine unless it is in `no_proxy`, as with
 * curl.
 */
#ifndef SEGJOB_PROXY_H
#define SEGJOB_PROXY_H

#include "segjob_port.h"
#include "segjob_tunnel.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Where the proxy is. `host` is a name or an address, NUL-terminated, IPv6
 * without brackets. `user` and `password` are for basic authentication (RFC
 * 7617); `user` absent: none.
 *
 * `no_proxy`, NUL-terminated or NULL, is a list of hosts that need no proxy,
 * separated by commas or blanks, without regard to case. A name, with or
 * without a dot before it, matches itself and all names below it; an address
 * matches itself; 10.0.0.0/8 and fd00::/8 match all addresses with this prefix;
 * `*` matches all hosts. Names are not resolved to compare them with addresses.
 */
struct segjob_proxy_config {
    const char *host;
    uint16_t port;
    struct segjob_str user;
    struct segjob_str password;
    const char *no_proxy;
};

/* How far `open` has come. */
enum segjob_proxy_state {
    SEGJOB_PROXY_CONNECTING,
    SEGJOB_PROXY_SENDING,
    SEGJOB_PROXY_RECEIVING,
    SEGJOB_PROXY_OPEN
};

/* Bytes of the longest CONNECT request, user and password included. */
#define SEGJOB_PROXY_REQUEST_MAX 1536u

/*
 * A stream through a proxy, or directly. All members but `stream` are private.
 *
 * `open` fails as SEGJOB_PROXY if the proxy refuses, with the HTTP status as
 * `code` of the error; and as SEGJOB_CONNECT if the proxy cannot reach the host
 * (5xx), or cannot be reached itself.
 */
struct segjob_proxy {
    struct segjob_stream stream;
    struct segjob_stream *lower;
    struct segjob_proxy_config config;
    enum segjob_proxy_state state;
    size_t len, sent; /* of the request */
    struct segjob_tunnel tunnel;
    char request[SEGJOB_PROXY_REQUEST_MAX];
};

/*
 * Initialize a stream over `lower`, which connects to the proxy. `lower` and
 * what `config` points to are borrowed as long as the stream is used.
 */
void segjob_proxy_init(struct segjob_proxy *proxy, struct segjob_stream *lower,
                       const struct segjob_proxy_config *config);

/*
 * Set host, port, user and password of `config` from a URL as in HTTPS_PROXY:
 *
 *   [http://][USER[:PASSWORD]@]HOST[:PORT][/]
 *
 * User and password are percent-encoded, an IPv6 address is in brackets, and
 * the default port is 80. `url`, NUL-terminated, is changed; `config` points
 * into it afterwards.
 *
 * Returns NULL, or why the URL cannot be used: static text, without any part of
 * the URL.
 */
const char *segjob_proxy_read_url(char *url,
                                  struct segjob_proxy_config *config);

#ifdef __cplusplus
}
#endif

#endif
