/*
 * An HTTP proxy as a stream over a stream: it asks for a tunnel by CONNECT
 * (RFC 9110, section 9.3.6), and TLS runs through that. The proxy sees the name
 * of the host, and nothing of what is said.
 *
 *   segjob_proxy_init(&proxy, &posix.tcp.stream, &config);
 *   segjob_tls_over(&posix.tls, &proxy.stream);
 *
 * Hosts that `no_proxy` names are connected to directly. What has no TLS does
 * not go through it. `localhost` does, unless `no_proxy` has it: the proxy's
 * own machine then (curl does the same).
 */
#ifndef SEGJOB_PROXY_H
#define SEGJOB_PROXY_H

#include "segjob_port.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Where the proxy is. `host` is NUL-terminated, an IPv6 address without
 * brackets. `user` and `password` are for basic authentication (RFC 7617); an
 * absent `user` stands for none.
 *
 * `no_proxy`, NUL-terminated or NULL, names hosts that need no proxy, separated
 * by commas or blanks, without regard to case: a name stands for itself and
 * all names below it, with or without a dot before it; an address for itself;
 * 10.0.0.0/8 and fd00::/8 for the addresses that begin so; `*` for all. Names
 * are not resolved to be compared with addresses.
 */
struct segjob_proxy_config {
    const char *host;
    uint16_t port;
    struct segjob_str user;
    struct segjob_str password;
    const char *no_proxy;
};

/* How far it has come. */
enum segjob_proxy_state {
    SEGJOB_PROXY_CONNECTING,
    SEGJOB_PROXY_ASKING,
    SEGJOB_PROXY_ANSWERING,
    SEGJOB_PROXY_OPEN
};

/* Longest request for a tunnel, name and password included, in bytes. */
#define SEGJOB_PROXY_REQUEST_MAX 1536u

/*
 * A stream through a proxy, or past it. All but `stream` is private.
 *
 * `open` fails as SEGJOB_PROXY if the proxy refuses, with the HTTP status as
 * the fault's code; as SEGJOB_CONNECT if it says that it cannot reach the host
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
 * Make a stream that is not open yet. `lower`, and what `config` points to, are
 * borrowed for as long as it is used.
 */
void segjob_proxy_init(struct segjob_proxy *proxy, struct segjob_stream *lower,
                       const struct segjob_proxy_config *config);

/*
 * Read `url`, NUL-terminated, which is changed, into host, port, user and
 * password of `config`; they point into it. As the variables of other programs
 * have it:
 *
 *   [http://][USER[:PASSWORD]@]HOST[:PORT][/]
 *
 * with user and password percent-encoded, an IPv6 address in brackets, and 80
 * for no port.
 *
 * Returns NULL, or why it cannot be used: what it says holds nothing of `url`.
 */
const char *segjob_proxy_read_url(char *url,
                                  struct segjob_proxy_config *config);

#ifdef __cplusplus
}
#endif

#endif
