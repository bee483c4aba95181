/*
 * The contracts between the runner and a platform: a byte stream, a platform
 * with clocks, randomness and name resolution, and a provider of credentials.
 *
 * A port never sees AWS, HTTP or JSON. To write one, copy port/template. All
 * functions are called from where segjob_step() is called, one at a time, and
 * none but a platform's `resolve` and `wait` may block. Streams, platforms and
 * ports hold pointers to one another: none may be copied or moved once made.
 */
#ifndef SEGJOB_PORT_H
#define SEGJOB_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "segjob.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a call to a port ended. */
enum segjob_io {
    SEGJOB_IO_OK,          /* done; for send and recv, 1 to n bytes moved */
    SEGJOB_IO_WOULD_BLOCK, /* nothing moved; call again later, see wants */
    SEGJOB_IO_CLOSED,      /* recv: the peer closed in good order */
    SEGJOB_IO_FAILED       /* see the fault; the stream must be closed */
};

/*
 * Why a port's call failed.
 *
 * `text` says why in words (NUL-terminated; static, or owned by the port and
 * valid until its next `open` or `resolve`; may be NULL), and `code` is the
 * platform's own number for it (errno, mbedTLS, lwIP; 0 if none).
 */
struct segjob_fault {
    enum segjob_status status; /* negative: what the operation ends with */
    const char *text;
    int code;
};

/* One IP address; IPv4 uses the first 4 of `bytes`. Network byte order. */
struct segjob_address {
    uint8_t bytes[16];
    uint32_t scope; /* IPv6 zone index, 0 if none */
    bool is_ipv6;
};

/*
 * Whom to connect to: `addresses` are tried in turn. `host`, NUL-terminated,
 * is what TLS names and verifies; TCP ignores it. Valid during the call only.
 */
struct segjob_peer {
    const char *host;
    const struct segjob_address *addresses;
    size_t addresses_len;
    uint16_t port;
};

/*
 * When to call segjob_step() again: when the descriptor or interrupt says
 * readable (writable) if `readable` (`writable`) is set, and in any case when
 * the monotonic clock reaches `wake_ms`. `wake_ms` 0 means now: some layer
 * holds bytes for which no interrupt and no descriptor event will come.
 */
struct segjob_wants {
    bool readable;
    bool writable;
    uint64_t wake_ms; /* UINT64_MAX: no time limit */
};

/*
 * A two-way byte stream that never blocks. A backend embeds it as the first
 * member of a struct of its own.
 *
 * After WOULD_BLOCK from `send`, the same bytes (perhaps more behind them) are
 * offered again until taken or the stream is closed. Closed in good order
 * means, for TLS, a close_notify: a bare TCP end under TLS is FAILED.
 */
struct segjob_stream {
    /*
     * Begin or go on connecting. `peer` says the same at every call until it
     * returns OK or FAILED. Never CLOSED.
     */
    enum segjob_io (*open)(struct segjob_stream *s,
                           const struct segjob_peer *peer);
    /* Move 1 to `n` bytes, `n` at least 1; `*sent` is set by OK. */
    enum segjob_io (*send)(struct segjob_stream *s, const void *bytes, size_t n,
                           size_t *sent);
    /* Move 1 to `n` bytes, `n` at least 1; `*received` is set by OK. */
    enum segjob_io (*recv)(struct segjob_stream *s, void *room, size_t n,
                           size_t *received);
    /*
     * Release everything, saying goodbye if that can be done without waiting.
     * May be called at any time, and on a closed stream; leaves `fault` as it
     * is. After it the stream can be opened again.
     */
    void (*close)(struct segjob_stream *s);
    /*
     * What the last call waits for, if it said WOULD_BLOCK. Called with
     * `*wants` as {false, false, UINT64_MAX}; sets what applies and lowers
     * `wake_ms`.
     */
    void (*wants)(const struct segjob_stream *s, struct segjob_wants *wants);
    struct segjob_fault fault; /* set by a call that returns FAILED */
    /*
     * The host whose addresses `open` wants to connect to `host`, if that is
     * another one: a proxy's. NULL: the host's own; a NULL function is always
     * that. Both NUL-terminated.
     */
    const char *(*via)(const struct segjob_stream *s, const char *host);
};

/*
 * What a platform gives beside the stream. Embedded like a stream.
 */
struct segjob_platform {
    /*
     * UTC in seconds since 1970. A board without a clock gives the latest time
     * it knows of, never less than the time it was built.
     */
    int64_t (*wall_clock)(struct segjob_platform *p);
    /*
     * Milliseconds that never run backwards and never wrap; 0 says that the
     * clock failed, which ends segjob_run(). They count while the device
     * sleeps (as CLOCK_BOOTTIME does): where they do not agree with
     * `wall_clock`, a creation may end as SEGJOB_MAYBE that would else be
     * known to be made or refused.
     */
    uint64_t (*monotonic_ms)(struct segjob_platform *p);
    /*
     * Fill `n` bytes from a cryptographic source. False: there is none. TLS
     * needs them, and the pauses between two attempts differ by them.
     */
    bool (*random)(struct segjob_platform *p, void *bytes, size_t n);
    /*
     * Begin or go on resolving `host` (NUL-terminated, the same at every call
     * until OK or FAILED) into 1 to `cap` addresses, best first. Never CLOSED.
     * The runner itself knows the addresses of `localhost` and reads addresses:
     * it calls this for other names, and for IPv6 addresses with a zone.
     * What the arguments point to is good during the call only. A query under
     * way is asked about again after at most SEGJOB_RESOLVE_POLL_MS.
     */
    enum segjob_io (*resolve)(struct segjob_platform *p, const char *host,
                              struct segjob_address *addresses, size_t cap,
                              size_t *len);
    /*
     * Give up a query that is under way; a late answer must find nothing of
     * the caller's. NULL if `resolve` never says WOULD_BLOCK.
     */
    void (*resolve_cancel)(struct segjob_platform *p);
    /*
     * Sleep until `wants` is met, at the latest at `wants->wake_ms`; may
     * return early. NULL: segjob_run() polls without sleeping.
     */
    void (*wait)(struct segjob_platform *p, const struct segjob_wants *wants);
    struct segjob_fault fault; /* set by a resolve that returns FAILED */
};

struct segjob_port;

/*
 * Where credentials come from that are not simply there: port/credentials has
 * the sources that devices have. Embedded like a stream. It serves one port.
 */
struct segjob_provider {
    /*
     * Begin or go on getting credentials for the time `now`, in Unix seconds
     * by the service's clock as far as it is known. `anew`: the service said
     * that those given last have expired.
     *
     * OK sets `*credentials`: they stay as they are until the next call.
     * Never CLOSED. A failure as SEGJOB_SOURCE may pass and is as that of a
     * request, so that it is tried again; any other ends the operation.
     *
     * It may use the port, for a client of its own with segjob_step(), which
     * wants no credentials. A connection that is kept there is closed before,
     * and its own after, by segjob_disconnect().
     */
    enum segjob_io (*get)(struct segjob_provider *p, struct segjob_port *port,
                          int64_t now, bool anew,
                          const struct segjob_credentials **credentials);
    /*
     * Give up a get that would block. It and `wants` are NULL if none ever
     * does.
     */
    void (*cancel)(struct segjob_provider *p, struct segjob_port *port);
    /* What the last get waits for, as a stream's `wants`. */
    void (*wants)(const struct segjob_provider *p,
                  const struct segjob_port *port, struct segjob_wants *wants);
    struct segjob_fault fault; /* set by a get that returns FAILED */
};

#define SEGJOB_RESOLVE_POLL_MS 10u

/* Most addresses of a host that are tried. */
#define SEGJOB_ADDRESSES_CAP 8u

/*
 * All that the runner needs. What stands above `fault` is set by the
 * application or a backend's init, the rest begins as zeros; what they point
 * to is borrowed. `plain` is for what is not encrypted (segjob_is_plain());
 * NULL: that is refused. `credentials` serve where `provider` is NULL.
 */
struct segjob_port {
    struct segjob_stream *stream;
    struct segjob_stream *plain;
    struct segjob_platform *platform;
    const struct segjob_credentials *credentials;
    struct segjob_provider *provider;
    /* Why the last operation failed, if the port was to blame; else zeros. */
    struct segjob_fault fault;
    /* The runner's own. */
    bool resolving; /* a query is under way */
    bool resolved;  /* `addresses` are those of the host */
    bool moved;     /* the last step got something done: step again now */
    /* What is to be closed: `stream`, `plain` or NULL. */
    struct segjob_stream *opened;
    /* The client for which the provider would block, or NULL. */
    const struct segjob_client *getting_for;
    /* Whose next operation the open connection is kept for, if for one's. */
    const struct segjob_client *kept_for;
    uint64_t kept_until_ms;
    size_t addresses_len;
    struct segjob_address addresses[SEGJOB_ADDRESSES_CAP];
};

#ifdef __cplusplus
}
#endif

#endif
