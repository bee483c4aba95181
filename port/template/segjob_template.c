#include "segjob_template.h"

#include <string.h>

static const struct segjob_port_error not_implemented = {
    SEGJOB_CONFIG, "this function of the port is not written yet", 0};

/* ------------------------------------------------------------- platform */

/*
 * UTC in seconds since 1970. Without a clock: the latest time that the board
 * knows of (build, storage, SNTP), never less than the time it was built.
 * Below 0 the clock is known to be wrong, and every certificate is refused.
 */
static int64_t template_wall_clock(struct segjob_platform *p)
{
    (void)p;
    return -1;
}

/*
 * Milliseconds that never run backwards and never wrap: extend a 32-bit tick
 * to 64 bits, and add what a sleep took that stopped it. 0 says that the clock
 * failed.
 */
static uint64_t template_monotonic_ms(struct segjob_platform *p)
{
    (void)p;
    return 0;
}

/*
 * Fill `bytes` with `n` bytes from a cryptographic source, usually hardware.
 * TLS is only as secure as these bytes: return false if there is no source.
 */
static bool template_random(struct segjob_platform *p, void *bytes, size_t n)
{
    (void)p;
    (void)bytes;
    (void)n;
    return false;
}

/*
 * Resolve `host` into 1 to `cap` addresses, best first. It is neither
 * `localhost` nor an address as text: the runner knows those.
 *
 * If the resolver has callbacks, start the query here and return WOULD_BLOCK,
 * then OK once it is complete. The callback must write into the platform's
 * struct: `addresses` is valid during the call only.
 */
static enum segjob_io template_resolve(struct segjob_platform *p,
                                       const char *host,
                                       struct segjob_address *addresses,
                                       size_t cap, size_t *len)
{
    (void)host;
    (void)addresses;
    (void)cap;
    *len = 0;
    p->error = not_implemented;
    return SEGJOB_IO_FAILED;
}

/*
 * Cancel the query in progress. A response that still arrives must change
 * nothing. Leave the pointer NULL if `resolve` never returns WOULD_BLOCK.
 */
static void template_resolve_cancel(struct segjob_platform *p)
{
    (void)p;
}

/*
 * Sleep until the stream is readable or writable, as `wants` asks, at the
 * latest at `wants->wake_ms`; returning early is fine. Leave the pointer NULL
 * to poll without sleeping, or if only segjob_step() is used.
 */
static void template_wait(struct segjob_platform *p,
                          const struct segjob_wants *wants)
{
    (void)p;
    (void)wants;
}

/* ------------------------------------------------------------------ TCP */

static struct segjob_template_tcp *as_tcp(struct segjob_stream *s)
{
    return (struct segjob_template_tcp *)s; /* its first member */
}

/*
 * Connect to `peer->addresses` in turn, at `peer->port`, without blocking:
 * return WOULD_BLOCK until it is done. `peer` is valid during the call only.
 * Fail as SEGJOB_CONNECT once the last address failed. segjob_connect.h keeps
 * track of the addresses; sockets/segjob_sockets.c shows how.
 */
static enum segjob_io template_open(struct segjob_stream *s,
                                    const struct segjob_peer *peer)
{
    (void)peer;
    s->error = not_implemented;
    return SEGJOB_IO_FAILED;
}

/*
 * Send 1 to `n` bytes without blocking and set `*sent`. After WOULD_BLOCK the
 * same bytes are offered again. Fail as SEGJOB_CONNECTION_CLOSED.
 */
static enum segjob_io template_send(struct segjob_stream *s, const void *bytes,
                                    size_t n, size_t *sent)
{
    (void)bytes;
    (void)n;
    as_tcp(s)->wants_write = true;
    *sent = 0;
    s->error = not_implemented;
    return SEGJOB_IO_FAILED;
}

/*
 * Receive 1 to `n` bytes without blocking and set `*received`. Return CLOSED
 * once the peer has closed and all its bytes were received; fail on a reset, as
 * SEGJOB_CONNECTION_CLOSED.
 */
static enum segjob_io template_recv(struct segjob_stream *s, void *room,
                                    size_t n, size_t *received)
{
    (void)room;
    (void)n;
    as_tcp(s)->wants_write = false;
    *received = 0;
    s->error = not_implemented;
    return SEGJOB_IO_FAILED;
}

/*
 * Release everything; may be called at any time, also twice. Afterwards the
 * stream can be opened again.
 */
static void template_close(struct segjob_stream *s)
{
    as_tcp(s)->wants_write = false;
    as_tcp(s)->connect = (struct segjob_connect){0};
}

/*
 * What the last call waits for, if it returned WOULD_BLOCK. If bytes have
 * arrived for which no other interrupt will come, set `wake_ms` to 0: now.
 */
static void template_wants(const struct segjob_stream *s,
                           struct segjob_wants *wants)
{
    const struct segjob_template_tcp *tcp =
        (const struct segjob_template_tcp *)s;

    wants->writable = tcp->wants_write;
    wants->readable = !tcp->wants_write;
    segjob_connect_wants(&tcp->connect, wants);
}

/* ------------------------------------------------------------- the whole */

enum segjob_status segjob_template_init(
    struct segjob_template *t, mbedtls_x509_crt *roots,
    const struct segjob_credentials *credentials)
{
    struct segjob_platform *platform = &t->platform.platform;

    memset(t, 0, sizeof(*t));
    *platform = (struct segjob_platform){
        .wall_clock = template_wall_clock,
        .monotonic_ms = template_monotonic_ms,
        .random = template_random,
        .resolve = template_resolve,
        .resolve_cancel = template_resolve_cancel,
        .wait = template_wait,
    };
    t->tcp.stream = (struct segjob_stream){
        .open = template_open,
        .send = template_send,
        .recv = template_recv,
        .close = template_close,
        .wants = template_wants,
    };
    if (segjob_tls_init(&t->tls, &t->tcp.stream, platform, roots) !=
        SEGJOB_OK) {
        t->port.error = t->tls.stream.error;
        return SEGJOB_CONFIG;
    }
    t->port.stream = &t->tls.stream;
    t->port.plain = &t->tcp.stream;
    t->port.platform = platform;
    t->port.credentials = credentials;
    return SEGJOB_OK;
}

void segjob_template_free(struct segjob_template *t)
{
    segjob_tls_free(&t->tls);
}
