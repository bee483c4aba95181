/*
 * The contracts between the runner and a platform: a byte stream, a platform
 * with clocks, randomness and name resolution, and a provider of credentials.
 *
 * A port never sees AWS, HTTP or JSON. To write one, copy port/template.
 * segjob_step() calls all of its functions, one at a time; only a platform's
 * `resolve` and `wait` may block. Streams, platforms and ports contain pointers
 * to one another: do not copy or move them after their initialization.
 *
 * A count outside its bounds fails the attempt, as SEGJOB_CONNECTION_CLOSED of
 * a stream and as SEGJOB_RESOLVE of `resolve`. Debug builds assert.
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

/* The result of a call to a port. */
enum segjob_io {
    SEGJOB_IO_OK,          /* done; send and recv moved 1 to n bytes */
    SEGJOB_IO_WOULD_BLOCK, /* not done yet; call again later, see `wants` */
    SEGJOB_IO_CLOSED,      /* recv: the peer closed the connection properly */
    SEGJOB_IO_FAILED       /* see `error`; a stream must be closed */
};

/*
 * Why a call to a port failed.
 *
 * `message` is NUL-terminated: static, or owned by the port and valid until its
 * next `open`, `resolve` or `get`. It contains no secret.
 */
struct segjob_port_error {
    enum segjob_status status; /* negative: the operation's, if not retried */
    const char *message;       /* may be NULL */
    int code;                  /* errno, mbedTLS, lwIP or HTTP; 0: none */
};

/* One IP address; IPv4 uses the first 4 of `bytes`. Network byte order. */
struct segjob_address {
    uint8_t bytes[16];
    uint32_t scope; /* IPv6 zone index, 0 if none */
    bool is_ipv6;
};

/*
 * The peer to connect to. `addresses` are tried in order. `host`,
 * NUL-terminated, is for TLS: SNI and verification. TCP ignores it. All of it
 * is valid during the call only.
 */
struct segjob_peer {
    const char *host;
    const struct segjob_address *addresses;
    size_t addresses_len;
    uint16_t port;
};

/*
 * When to call segjob_step() again: if `readable` (`writable`) is set, when the
 * descriptor or interrupt reports that; and in any case when the monotonic
 * clock reaches `wake_ms`. `wake_ms` 0 means at once: some layer has bytes for
 * which no interrupt and no descriptor event will come.
 */
struct segjob_wants {
    bool readable;
    bool writable;
    uint64_t wake_ms; /* UINT64_MAX: no time limit */
};

/*
 * A two-way byte stream that never blocks. A backend embeds it as the first
 * member of its own struct.
 *
 * After WOULD_BLOCK, the next `send` offers the same bytes, perhaps followed by
 * more. TLS closes properly by a close_notify: without one, the end of the TCP
 * connection is FAILED.
 */
struct segjob_stream {
    /*
     * Start or continue to connect. `peer` has the same content at every call
     * until OK or FAILED. Never returns CLOSED.
     */
    enum segjob_io (*open)(struct segjob_stream *s,
                           const struct segjob_peer *peer);
    /* Send 1 to `n` bytes, `n` at least 1; OK sets `*sent`. */
    enum segjob_io (*send)(struct segjob_stream *s, const void *bytes, size_t n,
                           size_t *sent);
    /* Receive 1 to `n` bytes, `n` at least 1; OK sets `*received`. */
    enum segjob_io (*recv)(struct segjob_stream *s, void *room, size_t n,
                           size_t *received);
    /*
     * Close the connection and release its resources; TLS sends a close_notify
     * if that does not block. May be called at any time, also if the stream is
     * closed. Does not change `error`. The stream can be opened again.
     */
    void (*close)(struct segjob_stream *s);
    /*
     * What the last call waits for, if it returned WOULD_BLOCK. `*wants` is
     * {false, false, UINT64_MAX}: set the flags and lower `wake_ms`.
     */
    void (*wants)(const struct segjob_stream *s, struct segjob_wants *wants);
    struct segjob_port_error error; /* set by a call that returns FAILED */
    /*
     * The host whose addresses `open` needs to reach `host`: that of a proxy,
     * NUL-terminated. NULL: those of `host` itself, as if `via` is NULL.
     */
    const char *(*via)(const struct segjob_stream *s, const char *host);
};

/*
 * Clocks, random numbers and name resolution. Embedded like a stream.
 */
struct segjob_platform {
    /*
     * UTC in seconds since 1970. A board without a clock returns the latest
     * time that it knows, at least the time of its build.
     */
    int64_t (*wall_clock)(struct segjob_platform *p);
    /*
     * Milliseconds of a clock that never runs backwards and never wraps; 0
     * means that it failed, which ends segjob_run(). It counts while the device
     * sleeps (as CLOCK_BOOTTIME does). If it disagrees with `wall_clock`, the
     * outcome of a creation may be SEGJOB_UNKNOWN instead of a certain one.
     */
    uint64_t (*monotonic_ms)(struct segjob_platform *p);
    /*
     * Fill `n` bytes from a cryptographic source, for TLS and for backoff.
     * Returns false if there is none.
     */
    bool (*random)(struct segjob_platform *p, void *bytes, size_t n);
    /*
     * Start or continue to resolve `host` (NUL-terminated, the same at every
     * call until OK or FAILED) into 1 to `cap` addresses, best first; OK sets
     * `*len`. Never returns CLOSED. Not called for `localhost` and addresses,
     * which the runner reads itself, but for IPv6 addresses with a zone. The
     * arguments are valid during the call only. After WOULD_BLOCK the next call
     * follows within SEGJOB_RESOLVE_POLL_MS.
     */
    enum segjob_io (*resolve)(struct segjob_platform *p, const char *host,
                              struct segjob_address *addresses, size_t cap,
                              size_t *len);
    /*
     * Cancel the query in progress: a late response must not write to the
     * caller's memory. NULL if `resolve` never returns WOULD_BLOCK.
     */
    void (*resolve_cancel)(struct segjob_platform *p);
    /*
     * Sleep until an event of `wants`, at the latest until `wants->wake_ms`;
     * may return early. NULL: segjob_run() polls without sleeping.
     */
    void (*wait)(struct segjob_platform *p, const struct segjob_wants *wants);
    struct segjob_port_error error; /* set by a resolve that returns FAILED */
};

struct segjob_port;

/*
 * A source of credentials that change; port/credentials has the usual ones.
 * Embedded like a stream. It serves one port.
 */
struct segjob_provider {
    /*
     * Start or continue to get credentials for the time `now`, in Unix seconds
     * by the service's clock as far as it is known. `force_refresh` means that
     * the service called the last ones expired.
     *
     * OK sets `*credentials`, which stay valid until the next call. Never
     * returns CLOSED. A failure with the status SEGJOB_CREDENTIALS_UNAVAILABLE
     * is retried like that of a request; any other ends the operation.
     *
     * It may use `port`, with segjob_step() and a client of its own that wants
     * no credentials. It must call segjob_disconnect() before, which closes a
     * kept connection, and afterwards, which closes its own.
     */
    enum segjob_io (*get)(struct segjob_provider *p, struct segjob_port *port,
                          int64_t now, bool force_refresh,
                          const struct segjob_credentials **credentials);
    /*
     * Cancel a `get` that returned WOULD_BLOCK. `cancel` and `wants` are NULL
     * if `get` never does.
     */
    void (*cancel)(struct segjob_provider *p, struct segjob_port *port);
    /* What the last `get` waits for; as a stream's `wants`. */
    void (*wants)(const struct segjob_provider *p,
                  const struct segjob_port *port, struct segjob_wants *wants);
    struct segjob_port_error error; /* set by a get that returns FAILED */
};

#define SEGJOB_RESOLVE_POLL_MS 10u

/* The maximum number of addresses of a host. */
#define SEGJOB_ADDRESSES_CAP 8u

/*
 * All that the runner needs. The application or a backend's init function sets
 * the members before `error`, and zeros the others; what they point to is
 * borrowed. `plain` is for connections without TLS (segjob_is_plain()); NULL:
 * they fail as SEGJOB_CONFIG. `credentials` are used if `provider` is NULL.
 */
struct segjob_port {
    struct segjob_stream *stream;
    struct segjob_stream *plain;
    struct segjob_platform *platform;
    const struct segjob_credentials *credentials;
    struct segjob_provider *provider;
    /* Why the last attempt failed, if the port failed; else zeros. */
    struct segjob_port_error error;
    /* Private. */
    bool resolving; /* a query is in progress */
    bool resolved;  /* `addresses` are those of the host */
    bool moved;     /* the last step made progress: step again at once */
    /* The stream to close: `stream`, `plain` or NULL. */
    struct segjob_stream *opened;
    /* The client whose `get` returned WOULD_BLOCK, or NULL. */
    const struct segjob_client *getting_for;
    /* The client whose next operation may use the open connection, or NULL. */
    const struct segjob_client *kept_for;
    uint64_t kept_until_ms;
    size_t addresses_len;
    struct segjob_address addresses[SEGJOB_ADDRESSES_CAP];
};

#ifdef __cplusplus
}
#endif

#endif
