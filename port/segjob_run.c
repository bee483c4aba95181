#include "segjob_run.h"

#include <assert.h>

#include "sj_address.h"

/* The client keeps its status: segjob_get_status() returns it. */
static void ignore(enum segjob_status status)
{
    (void)status;
}

/* `otherwise` is the status of a port that set none. */
static void fail(struct segjob_client *c, struct segjob_port *port,
                 const struct segjob_port_error *error,
                 enum segjob_status otherwise)
{
    port->error = *error;
    if (port->error.status >= 0) {
        port->error.status = otherwise;
    }
    segjob_failed(c, port->error.status);
}

static void fail_with(struct segjob_client *c, struct segjob_port *port,
                      enum segjob_status status, const char *message)
{
    const struct segjob_port_error error = {status, message, 0};

    fail(c, port, &error, status);
}

void segjob_disconnect(struct segjob_port *port)
{
    if (port->resolving && port->platform->resolve_cancel != NULL) {
        port->platform->resolve_cancel(port->platform);
    }
    if (port->opened != NULL) {
        port->opened->close(port->opened);
    }
    port->resolving = false;
    port->resolved = false;
    port->opened = NULL;
    port->kept_for = NULL;
}

/*
 * Whether the kept connection can be used: it was not idle for too long, and
 * its peer has neither closed it nor sent anything.
 */
static bool is_idle_connection_usable(struct segjob_port *port)
{
    const uint64_t now = port->platform->monotonic_ms(port->platform);
    char byte;
    size_t n;

    return now != 0 && now < port->kept_until_ms && port->opened != NULL &&
           port->opened->recv(port->opened, &byte, 1, &n) ==
               SEGJOB_IO_WOULD_BLOCK;
}

static void check_idle_connection(struct segjob_client *c,
                                  struct segjob_port *port)
{
    port->moved = false;
    if (port->kept_for == NULL || is_idle_connection_usable(port)) {
        return;
    }
    if (port->kept_for == c) {
        segjob_closed(c);
    }
    segjob_disconnect(port);
}

static void keep_connection(const struct segjob_client *c,
                            struct segjob_port *port)
{
    const uint64_t now = port->platform->monotonic_ms(port->platform);

    port->kept_for = c;
    port->kept_until_ms =
        now > UINT64_MAX - SEGJOB_IDLE_MS ? UINT64_MAX : now + SEGJOB_IDLE_MS;
}

/* The port's own credentials, or those of its provider. */
static enum segjob_io get_credentials(
    struct segjob_client *c, struct segjob_port *port,
    const struct segjob_credentials **credentials)
{
    struct segjob_platform *p = port->platform;
    enum segjob_io io;

    *credentials = port->credentials;
    if (port->provider == NULL) {
        return SEGJOB_IO_OK;
    }
    io = port->provider->get(port->provider, port,
                             segjob_service_time(c, p->wall_clock(p)),
                             segjob_refresh_needed(c), credentials);
    port->getting_for = io == SEGJOB_IO_WOULD_BLOCK ? c : NULL;
    port->moved = io != SEGJOB_IO_WOULD_BLOCK;
    return io;
}

/* Cancel the `get` for an operation that has ended. */
static void cancel_get(const struct segjob_client *c, struct segjob_port *port)
{
    if (port->getting_for == c &&
        segjob_get_want(c) != SEGJOB_WANT_CREDENTIALS) {
        port->provider->cancel(port->provider, port);
        port->getting_for = NULL;
    }
}

static void set_credentials(struct segjob_client *c, struct segjob_port *port)
{
    const struct segjob_credentials *credentials;
    const enum segjob_io io = get_credentials(c, port, &credentials);

    if (io == SEGJOB_IO_WOULD_BLOCK) {
        return;
    }
    /* It may be another client's, or that of an abandoned operation. */
    if (port->kept_for != c || !segjob_keep_alive(c) ||
        !is_idle_connection_usable(port)) {
        segjob_disconnect(port);
        segjob_closed(c);
    }
    port->error = (struct segjob_port_error){0};
    if (io != SEGJOB_IO_OK) {
        fail(c, port, &port->provider->error, SEGJOB_CREDENTIALS_UNAVAILABLE);
    } else if (credentials == NULL) {
        fail_with(c, port, SEGJOB_CONFIG, "the port has no credentials");
    } else {
        ignore(segjob_set_credentials(c, credentials));
    }
}

/* The stream of the client's connection; NULL: the port has none. */
static struct segjob_stream *stream_for(const struct segjob_client *c,
                                        const struct segjob_port *port)
{
    return segjob_is_plain(c) ? port->plain : port->stream;
}

/* The host to resolve: the client's, or its proxy, which needs TLS. */
static const char *host_to_resolve(const struct segjob_client *c,
                                   const struct segjob_stream *s)
{
    const char *via = NULL;

    if (s->via != NULL && !segjob_is_plain(c)) {
        via = s->via(s, segjob_host(c));
    }
    return via != NULL ? via : segjob_host(c);
}

/* Whether a port returned OK with a count that its contract does not allow. */
static bool is_bad_count(enum segjob_io io, size_t count, size_t max)
{
    const bool is_bad = io == SEGJOB_IO_OK && (count == 0 || count > max);

    assert(!is_bad);
    return is_bad;
}

static void query_resolver(struct segjob_client *c, struct segjob_port *port,
                           const char *host)
{
    struct segjob_platform *p = port->platform;
    size_t len = 0;
    const enum segjob_io io =
        p->resolve(p, host, port->addresses, SEGJOB_ADDRESSES_CAP, &len);

    port->resolving = io == SEGJOB_IO_WOULD_BLOCK;
    port->moved = !port->resolving;
    if (port->resolving) {
        return;
    }
    if (is_bad_count(io, len, SEGJOB_ADDRESSES_CAP)) {
        fail_with(c, port, SEGJOB_RESOLVE, "the host has no address");
    } else if (io != SEGJOB_IO_OK) {
        fail(c, port, &p->error, SEGJOB_RESOLVE);
    } else {
        port->addresses_len = len;
        port->resolved = true;
    }
}

/* Without TLS nothing verifies a resolver's response: none is asked. */
static void resolve_host(struct segjob_client *c, struct segjob_port *port,
                         const struct segjob_stream *stream)
{
    const char *host = host_to_resolve(c, stream);

    port->addresses_len = sj_address_of(segjob_cstr(host), port->addresses);
    port->resolved = port->addresses_len > 0;
    if (!port->resolved && segjob_is_plain(c)) {
        fail_with(c, port, SEGJOB_CONFIG,
                  "without TLS the host must be localhost or an address");
    } else if (!port->resolved) {
        query_resolver(c, port, host);
    }
}

static void connected(struct segjob_client *c, struct segjob_port *port)
{
    port->kept_for = NULL;
    ignore(segjob_connected(c, port->platform->wall_clock(port->platform)));
}

static void open_stream(struct segjob_client *c, struct segjob_port *port,
                        struct segjob_stream *stream)
{
    const struct segjob_peer peer = {
        .host = segjob_host(c),
        .addresses = port->addresses,
        .addresses_len = port->addresses_len,
        .port = segjob_tcp_port(c),
    };
    enum segjob_io io;

    port->opened = stream;
    io = stream->open(stream, &peer);
    port->moved = io != SEGJOB_IO_WOULD_BLOCK;
    if (io == SEGJOB_IO_OK) {
        connected(c, port);
    } else if (io != SEGJOB_IO_WOULD_BLOCK) {
        fail(c, port, &stream->error, SEGJOB_CONNECT);
    }
}

static void connect(struct segjob_client *c, struct segjob_port *port)
{
    struct segjob_stream *stream = stream_for(c, port);

    if (stream == NULL) {
        fail_with(c, port, SEGJOB_CONFIG, "the port has no plain stream");
    } else if (port->kept_for != NULL) {
        connected(c, port);
    } else if (port->resolved) {
        open_stream(c, port, stream);
    } else {
        resolve_host(c, port, stream);
    }
}

/*
 * A send that fails ends the attempt, even if a response may have arrived:
 * requests are small, so a peer hardly ever responds before it has read all.
 */
static void send_some(struct segjob_client *c, struct segjob_port *port)
{
    struct segjob_stream *stream = stream_for(c, port);
    const struct segjob_str tx = segjob_tx(c);
    size_t n = 0;
    const enum segjob_io io = stream->send(stream, tx.ptr, tx.len, &n);

    port->moved = io != SEGJOB_IO_WOULD_BLOCK;
    if (is_bad_count(io, n, tx.len)) {
        fail_with(c, port, SEGJOB_CONNECTION_CLOSED,
                  "the stream's send is broken");
    } else if (io == SEGJOB_IO_OK) {
        ignore(segjob_sent(c, n));
    } else if (io != SEGJOB_IO_WOULD_BLOCK) {
        fail(c, port, &stream->error, SEGJOB_CONNECTION_CLOSED);
    }
}

static void receive_some(struct segjob_client *c, struct segjob_port *port)
{
    struct segjob_stream *stream = stream_for(c, port);
    const struct segjob_buffer rx = segjob_rx(c);
    size_t n = 0;
    const enum segjob_io io = stream->recv(stream, rx.ptr, rx.len, &n);

    port->moved = io != SEGJOB_IO_WOULD_BLOCK;
    if (is_bad_count(io, n, rx.len)) {
        fail_with(c, port, SEGJOB_CONNECTION_CLOSED,
                  "the stream's recv is broken");
    } else if (io == SEGJOB_IO_OK) {
        ignore(segjob_received(c, n));
    } else if (io == SEGJOB_IO_CLOSED) {
        ignore(segjob_received(c, 0));
    } else if (io != SEGJOB_IO_WOULD_BLOCK) {
        fail(c, port, &stream->error, SEGJOB_CONNECTION_CLOSED);
    }
    if (segjob_keep_alive(c)) {
        keep_connection(c, port);
    }
}

static void set_random(struct segjob_client *c, struct segjob_port *port)
{
    uint32_t random;

    if (port->platform->random(port->platform, &random, sizeof(random))) {
        segjob_set_random(c, random);
    } else {
        fail_with(c, port, SEGJOB_CONFIG, "the platform has no random bytes");
    }
}

/* What a time-out interrupts. */
static const char *stage(const struct segjob_client *c,
                         const struct segjob_port *port)
{
    switch (segjob_get_want(c)) {
    case SEGJOB_WANT_CONNECTION:
        return port->resolved ? "while connecting"
                              : "while resolving the host name";
    case SEGJOB_WANT_SEND:
        return "while sending the request";
    case SEGJOB_WANT_RECEIVE:
        return "while waiting for the response";
    case SEGJOB_WANT_RANDOM:
    case SEGJOB_WANT_PAUSE:
        return "in a pause between two requests";
    case SEGJOB_WANT_CREDENTIALS:
        return port->getting_for == c ? "while getting credentials"
                                      : "before anything was done";
    case SEGJOB_WANT_NOTHING:
    case SEGJOB_WANT_CLOSE:
    default:
        return "before anything was done";
    }
}

/* Pass the time to the client. The error says what it interrupts. */
static void tick(struct segjob_client *c, struct segjob_port *port)
{
    const enum segjob_want before = segjob_get_want(c);
    const struct segjob_port_error error = {SEGJOB_TIMEOUT, stage(c, port), 0};

    segjob_tick(c, port->platform->monotonic_ms(port->platform));
    if (segjob_get_want(c) != before &&
        (before != SEGJOB_WANT_PAUSE ||
         segjob_get_want(c) == SEGJOB_WANT_NOTHING)) {
        port->error = error;
    }
}

enum segjob_status segjob_step(struct segjob_client *c,
                               struct segjob_port *port)
{
    tick(c, port);
    cancel_get(c, port);
    port->moved = true;
    switch (segjob_get_want(c)) {
    case SEGJOB_WANT_NOTHING:
        check_idle_connection(c, port);
        break;
    case SEGJOB_WANT_RANDOM:
        set_random(c, port);
        break;
    case SEGJOB_WANT_PAUSE:
        port->moved = false;
        break;
    case SEGJOB_WANT_CREDENTIALS:
        set_credentials(c, port);
        break;
    case SEGJOB_WANT_CONNECTION:
        connect(c, port);
        break;
    case SEGJOB_WANT_SEND:
        send_some(c, port);
        break;
    case SEGJOB_WANT_RECEIVE:
        receive_some(c, port);
        break;
    case SEGJOB_WANT_CLOSE:
        segjob_disconnect(port);
        segjob_closed(c);
        break;
    }
    return segjob_get_status(c);
}

static void wake_by(struct segjob_wants *wants, uint64_t ms)
{
    if (ms < wants->wake_ms) {
        wants->wake_ms = ms;
    }
}

/* What a call in progress waits for. */
static void wants_of_port(const struct segjob_port *port,
                          struct segjob_wants *wants)
{
    if (port->resolving) {
        wake_by(wants, port->platform->monotonic_ms(port->platform) +
                           SEGJOB_RESOLVE_POLL_MS);
    } else if (port->opened != NULL) {
        port->opened->wants(port->opened, wants);
    }
    if (port->kept_for != NULL) {
        wake_by(wants, port->kept_until_ms);
    }
}

struct segjob_wants segjob_get_wants(const struct segjob_client *c,
                                     const struct segjob_port *port)
{
    struct segjob_wants wants = {false, false, UINT64_MAX};
    const enum segjob_want want = segjob_get_want(c);

    if (want == SEGJOB_WANT_NOTHING && port->kept_for == NULL) {
        return wants;
    }
    if (port->getting_for == c && want == SEGJOB_WANT_CREDENTIALS) {
        port->provider->wants(port->provider, port, &wants);
    } else if (port->moved || want == SEGJOB_WANT_CREDENTIALS ||
               want == SEGJOB_WANT_RANDOM || want == SEGJOB_WANT_CLOSE) {
        wants.wake_ms = 0;
    } else if (want != SEGJOB_WANT_PAUSE) {
        wants_of_port(port, &wants);
    }
    wake_by(&wants, segjob_wake_ms(c));
    return wants;
}

static void wait_for_next_step(const struct segjob_client *c,
                               struct segjob_port *port)
{
    const struct segjob_wants wants = segjob_get_wants(c, port);

    if (port->platform->wait != NULL && wants.wake_ms != 0 &&
        segjob_get_want(c) != SEGJOB_WANT_NOTHING) {
        port->platform->wait(port->platform, &wants);
    }
}

/* The time `timeout_ms` from `now`; UINT64_MAX is no deadline. */
static uint64_t deadline_ms(uint64_t now, uint32_t timeout_ms)
{
    return now < UINT64_MAX - 1 - timeout_ms ? now + timeout_ms
                                             : UINT64_MAX - 1;
}

enum segjob_status segjob_run(struct segjob_client *c, struct segjob_port *port,
                              uint32_t timeout_ms)
{
    struct segjob_platform *p = port->platform;
    uint64_t now = p->monotonic_ms(p);
    uint64_t last = 1; /* 0 is no time */
    bool clock_failed = false;

    if (segjob_get_want(c) == SEGJOB_WANT_CLOSE) {
        ignore(segjob_step(c, port)); /* of a cancelled operation */
    }
    if (segjob_get_want(c) == SEGJOB_WANT_NOTHING) {
        return segjob_get_status(c);
    }
    if (segjob_set_deadline(c, deadline_ms(now, timeout_ms)) != SEGJOB_OK) {
        return SEGJOB_MISUSE;
    }
    while (segjob_get_want(c) != SEGJOB_WANT_NOTHING) {
        clock_failed = clock_failed || now < last;
        if (clock_failed && segjob_get_want(c) != SEGJOB_WANT_CLOSE) {
            fail_with(c, port, SEGJOB_CLOCK, "the monotonic clock failed");
        }
        ignore(segjob_step(c, port));
        wait_for_next_step(c, port);
        last = now;
        now = p->monotonic_ms(p);
    }
    return segjob_get_status(c);
}
