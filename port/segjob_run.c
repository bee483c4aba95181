#include "segjob_run.h"

#include "sj_address.h"

/* The client keeps what it answered: segjob_status() tells. */
static void heed(enum segjob_status status)
{
    (void)status;
}

/* A port that forgot to say what failed is told as `otherwise`. */
static void fail(struct segjob_client *c, struct segjob_port *port,
                 const struct segjob_fault *fault, enum segjob_status otherwise)
{
    port->fault = *fault;
    if (port->fault.status >= 0) {
        port->fault.status = otherwise;
    }
    segjob_failed(c, port->fault.status);
}

static void fail_with(struct segjob_client *c, struct segjob_port *port,
                      enum segjob_status status, const char *text)
{
    const struct segjob_fault fault = {status, text, 0};

    fail(c, port, &fault, status);
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
 * Whether a kept connection can be used: it is not idle for too long, and its
 * peer has neither closed it nor sent what nobody asked for.
 */
static bool still_stands(struct segjob_port *port)
{
    const uint64_t now = port->platform->monotonic_ms(port->platform);
    char byte;
    size_t n;

    return now != 0 && now < port->kept_until_ms && port->opened != NULL &&
           port->opened->recv(port->opened, &byte, 1, &n) ==
               SEGJOB_IO_WOULD_BLOCK;
}

static void look_after(struct segjob_client *c, struct segjob_port *port)
{
    port->moved = false;
    if (port->kept_for == NULL || still_stands(port)) {
        return;
    }
    if (port->kept_for == c) {
        segjob_closed(c);
    }
    segjob_disconnect(port);
}

static void keep(const struct segjob_client *c, struct segjob_port *port)
{
    const uint64_t now = port->platform->monotonic_ms(port->platform);

    port->kept_for = c;
    port->kept_until_ms =
        now > UINT64_MAX - SEGJOB_IDLE_MS ? UINT64_MAX : now + SEGJOB_IDLE_MS;
}

/* Begin or go on getting credentials; those of the port are there. */
static enum segjob_io get(struct segjob_client *c, struct segjob_port *port,
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
                             segjob_wants_new_credentials(c), credentials);
    port->getting_for = io == SEGJOB_IO_WOULD_BLOCK ? c : NULL;
    port->moved = io != SEGJOB_IO_WOULD_BLOCK;
    return io;
}

/* What is got for a client that has ended is not waited for. */
static void stop_getting(const struct segjob_client *c,
                         struct segjob_port *port)
{
    if (port->getting_for == c && segjob_want(c) != SEGJOB_WANT_CREDENTIALS) {
        port->provider->cancel(port->provider, port);
        port->getting_for = NULL;
    }
}

static void give_credentials(struct segjob_client *c, struct segjob_port *port)
{
    const struct segjob_credentials *credentials;
    const enum segjob_io io = get(c, port, &credentials);

    if (io == SEGJOB_IO_WOULD_BLOCK) {
        return;
    }
    /* It may be another's, or an operation was left without its end. */
    if (port->kept_for != c || !segjob_keeps_connection(c) ||
        !still_stands(port)) {
        segjob_disconnect(port);
        segjob_closed(c);
    }
    port->fault = (struct segjob_fault){0};
    if (io != SEGJOB_IO_OK) {
        fail(c, port, &port->provider->fault, SEGJOB_SOURCE);
    } else if (credentials == NULL) {
        fail_with(c, port, SEGJOB_CONFIG, "the port has no credentials");
    } else {
        heed(segjob_set_credentials(c, credentials));
    }
}

/* The stream that the client's connection goes over, NULL if there is none. */
static struct segjob_stream *stream_for(const struct segjob_client *c,
                                        const struct segjob_port *port)
{
    return segjob_is_plain(c) ? port->plain : port->stream;
}

/*
 * Whose addresses the stream wants: the host's, or a proxy's. What is plain
 * goes through none.
 */
static const char *first_host(const struct segjob_client *c,
                              const struct segjob_stream *s)
{
    const char *via = NULL;

    if (s->via != NULL && !segjob_is_plain(c)) {
        via = s->via(s, segjob_host(c));
    }
    return via != NULL ? via : segjob_host(c);
}

static void ask_resolver(struct segjob_client *c, struct segjob_port *port,
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
    if (io != SEGJOB_IO_OK) {
        fail(c, port, &p->fault, SEGJOB_RESOLVE);
    } else if (len == 0 || len > SEGJOB_ADDRESSES_CAP) {
        fail_with(c, port, SEGJOB_RESOLVE, "the host has no address");
    } else {
        port->addresses_len = len;
        port->resolved = true;
    }
}

/*
 * TLS finds out whom a resolver's answer leads to. Without TLS nothing would,
 * so no resolver is asked then.
 */
static void resolve_host(struct segjob_client *c, struct segjob_port *port,
                         const struct segjob_stream *stream)
{
    const char *host = first_host(c, stream);

    port->addresses_len = sj_address_of(segjob_str(host), port->addresses);
    port->resolved = port->addresses_len > 0;
    if (!port->resolved && segjob_is_plain(c)) {
        fail_with(c, port, SEGJOB_CONFIG,
                  "without TLS the host must be localhost or an address");
    } else if (!port->resolved) {
        ask_resolver(c, port, host);
    }
}

static void connected(struct segjob_client *c, struct segjob_port *port)
{
    port->kept_for = NULL;
    heed(segjob_connected(c, port->platform->wall_clock(port->platform)));
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
        fail(c, port, &stream->fault, SEGJOB_CONNECT);
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

/* No more is believed than was offered, and OK with nothing never ends. */
static bool lies(enum segjob_io io, size_t moved, size_t n)
{
    return io == SEGJOB_IO_OK && (moved == 0 || moved > n);
}

/*
 * A send that fails ends the operation, even if an answer may have come
 * before: requests are small, so the send that breaks is as good as never the
 * one that the peer has already answered.
 */
static void send_some(struct segjob_client *c, struct segjob_port *port)
{
    struct segjob_stream *stream = stream_for(c, port);
    const struct segjob_str tx = segjob_tx(c);
    size_t n = 0;
    const enum segjob_io io = stream->send(stream, tx.ptr, tx.len, &n);

    port->moved = io != SEGJOB_IO_WOULD_BLOCK;
    if (lies(io, n, tx.len)) {
        fail_with(c, port, SEGJOB_CUT_OFF, "the stream's send is broken");
    } else if (io == SEGJOB_IO_OK) {
        heed(segjob_sent(c, n));
    } else if (io != SEGJOB_IO_WOULD_BLOCK) {
        fail(c, port, &stream->fault, SEGJOB_CUT_OFF);
    }
}

static void receive_some(struct segjob_client *c, struct segjob_port *port)
{
    struct segjob_stream *stream = stream_for(c, port);
    const struct segjob_room rx = segjob_rx(c);
    size_t n = 0;
    const enum segjob_io io = stream->recv(stream, rx.ptr, rx.len, &n);

    port->moved = io != SEGJOB_IO_WOULD_BLOCK;
    if (lies(io, n, rx.len)) {
        fail_with(c, port, SEGJOB_CUT_OFF, "the stream's recv is broken");
    } else if (io == SEGJOB_IO_OK) {
        heed(segjob_received(c, n));
    } else if (io == SEGJOB_IO_CLOSED) {
        heed(segjob_received(c, 0));
    } else if (io != SEGJOB_IO_WOULD_BLOCK) {
        fail(c, port, &stream->fault, SEGJOB_CUT_OFF);
    }
    if (segjob_keeps_connection(c)) {
        keep(c, port);
    }
}

static void give_random(struct segjob_client *c, struct segjob_port *port)
{
    uint32_t random;

    if (port->platform->random(port->platform, &random, sizeof(random))) {
        segjob_set_random(c, random);
    } else {
        fail_with(c, port, SEGJOB_CONFIG, "the platform has no random bytes");
    }
}

/* What a time-out interrupts, in words. */
static const char *stage(const struct segjob_client *c,
                         const struct segjob_port *port)
{
    switch (segjob_want(c)) {
    case SEGJOB_WANT_CONNECTION:
        return port->resolved ? "while connecting"
                              : "while resolving the host name";
    case SEGJOB_WANT_SEND:
        return "while sending the request";
    case SEGJOB_WANT_RECEIVE:
        return "while waiting for the answer";
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

/* Tell the time, and note what it put an end to. */
static void tick(struct segjob_client *c, struct segjob_port *port)
{
    const enum segjob_want before = segjob_want(c);
    const struct segjob_fault fault = {SEGJOB_TIMEOUT, stage(c, port), 0};

    segjob_tick(c, port->platform->monotonic_ms(port->platform));
    if (segjob_want(c) != before && (before != SEGJOB_WANT_PAUSE ||
                                     segjob_want(c) == SEGJOB_WANT_NOTHING)) {
        port->fault = fault;
    }
}

enum segjob_status segjob_step(struct segjob_client *c,
                               struct segjob_port *port)
{
    tick(c, port);
    stop_getting(c, port);
    port->moved = true;
    switch (segjob_want(c)) {
    case SEGJOB_WANT_NOTHING:
        look_after(c, port);
        break;
    case SEGJOB_WANT_RANDOM:
        give_random(c, port);
        break;
    case SEGJOB_WANT_PAUSE:
        port->moved = false;
        break;
    case SEGJOB_WANT_CREDENTIALS:
        give_credentials(c, port);
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
    return segjob_status(c);
}

static void wake_by(struct segjob_wants *wants, uint64_t ms)
{
    if (ms < wants->wake_ms) {
        wants->wake_ms = ms;
    }
}

/* What a call that is under way waits for. */
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

struct segjob_wants segjob_wants(const struct segjob_client *c,
                                 const struct segjob_port *port)
{
    struct segjob_wants wants = {false, false, UINT64_MAX};
    const enum segjob_want want = segjob_want(c);

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

static void rest(const struct segjob_client *c, struct segjob_port *port)
{
    const struct segjob_wants wants = segjob_wants(c, port);

    if (port->platform->wait != NULL && wants.wake_ms != 0 &&
        segjob_want(c) != SEGJOB_WANT_NOTHING) {
        port->platform->wait(port->platform, &wants);
    }
}

enum segjob_status segjob_run(struct segjob_client *c, struct segjob_port *port,
                              uint32_t timeout_ms)
{
    struct segjob_platform *p = port->platform;
    uint64_t now = p->monotonic_ms(p);
    uint64_t last = 1; /* 0 is no time */
    bool is_wrong = false;

    segjob_set_deadline(c, now < UINT64_MAX - 1 - timeout_ms ? now + timeout_ms
                                                             : UINT64_MAX - 1);
    while (segjob_want(c) != SEGJOB_WANT_NOTHING) {
        is_wrong = is_wrong || now < last;
        if (is_wrong && segjob_want(c) != SEGJOB_WANT_CLOSE) {
            fail_with(c, port, SEGJOB_CLOCK, "the monotonic clock failed");
        }
        heed(segjob_step(c, port));
        rest(c, port);
        last = now;
        now = p->monotonic_ms(p);
    }
    return segjob_status(c);
}
