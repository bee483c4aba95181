#if !defined(_POSIX_C_SOURCE) /* Zephyr may define it */
#define _POSIX_C_SOURCE 200809L
#endif

#include "segjob_sockets.h"

#include <string.h>

#include "segjob_text.h"
#include "sj_sockets.h"

static struct segjob_sockets_tcp *as_tcp(struct segjob_stream *s)
{
    return (struct segjob_sockets_tcp *)s; /* its first member */
}

static enum segjob_io tcp_failed(struct segjob_sockets_tcp *tcp,
                                 enum segjob_status status, int code)
{
    tcp->stream.error = (struct segjob_port_error){status, sj_text(code), code};
    return SEGJOB_IO_FAILED;
}

static void close_socket(struct segjob_sockets_tcp *tcp)
{
    if (tcp->fd >= 0) {
        (void)SJ_CALL(close)(tcp->fd);
    }
    tcp->fd = -1;
}

static uint64_t now_ms(const struct segjob_sockets_tcp *tcp)
{
    return tcp->platform->monotonic_ms(tcp->platform);
}

static socklen_t put_ipv4(const struct segjob_address *address, uint16_t port,
                          struct sockaddr_storage *to)
{
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_port = SJ_CALL(htons)(port)};

    memcpy(&in.sin_addr, address->bytes, 4);
    memcpy(to, &in, sizeof(in));
    return sizeof(in);
}

/* Returns 0 if connected, EINPROGRESS, or the errno of the failure. */
static int check_connect(const struct segjob_sockets_tcp *tcp)
{
    int error = 0;
    socklen_t len = sizeof(error);
    const int ready = sj_poll(tcp->fd, false, true, 0);

    if (ready < 0 && errno != EINTR) {
        return errno;
    }
    if (ready <= 0) {
        return segjob_connect_expired(&tcp->connect, now_ms(tcp)) ? ETIMEDOUT
                                                                  : EINPROGRESS;
    }
    if (SJ_CALL(getsockopt)(tcp->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0) {
        return errno;
    }
    return error;
}

/* Returns as check_connect(). */
static int begin_connect(struct segjob_sockets_tcp *tcp,
                         const struct segjob_address *address, uint16_t port)
{
    const int on = 1;
    struct sockaddr_storage to = {0};
    const socklen_t len = address->is_ipv6 ? sj_put_ipv6(address, port, &to)
                                           : put_ipv4(address, port, &to);

    if (len == 0) {
        return EAFNOSUPPORT;
    }
    tcp->fd = sj_socket(address->is_ipv6 ? AF_INET6 : AF_INET);
    if (tcp->fd < 0) {
        return errno;
    }
    /* A request is sent in few large writes: Nagle's delay gains nothing. */
    (void)SJ_CALL(setsockopt)(tcp->fd, IPPROTO_TCP, TCP_NODELAY, &on,
                              sizeof(on));
    if (SJ_CALL(connect)(tcp->fd, (struct sockaddr *)&to, len) == 0 ||
        errno == EINPROGRESS || errno == EINTR) {
        return check_connect(tcp);
    }
    return errno;
}

static enum segjob_connect_failure failure_of(int error)
{
    switch (error) {
    case EDESTADDRREQ:
        return SEGJOB_CONNECT_NO_ADDRESS;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
        return SEGJOB_CONNECT_NO_ROUTE;
    default:
        return SEGJOB_CONNECT_NO_ANSWER;
    }
}

static void attempt_failed(struct segjob_sockets_tcp *tcp, int error)
{
    close_socket(tcp);
    if (segjob_connect_failed(&tcp->connect, failure_of(error))) {
        (void)tcp_failed(tcp, SEGJOB_CONNECT, error);
    }
}

static enum segjob_io tcp_open(struct segjob_stream *s,
                               const struct segjob_peer *peer)
{
    struct segjob_sockets_tcp *tcp = as_tcp(s);
    const struct segjob_address *address;
    /* The first is what remains if there is no address at all. */
    int error = tcp->fd < 0 ? EDESTADDRREQ : check_connect(tcp);

    tcp->wants_write = true;
    while (error != 0 && error != EINPROGRESS) {
        attempt_failed(tcp, error);
        address = segjob_connect_next(&tcp->connect, peer, now_ms(tcp));
        if (address == NULL) {
            return SEGJOB_IO_FAILED;
        }
        error = begin_connect(tcp, address, peer->port);
    }
    if (error == EINPROGRESS) {
        return SEGJOB_IO_WOULD_BLOCK;
    }
    tcp->connect.end_ms = 0;
    return SEGJOB_IO_OK;
}

/* The result of a send or recv that set errno. */
static enum segjob_io blocked_or_failed(struct segjob_sockets_tcp *tcp)
{
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
        return SEGJOB_IO_WOULD_BLOCK;
    }
    return tcp_failed(tcp, SEGJOB_CONNECTION_CLOSED, errno);
}

static enum segjob_io tcp_send(struct segjob_stream *s, const void *bytes,
                               size_t n, size_t *sent)
{
    struct segjob_sockets_tcp *tcp = as_tcp(s);
    ssize_t moved;

    tcp->wants_write = true;
    do {
        moved = SJ_CALL(send)(tcp->fd, bytes, n, MSG_NOSIGNAL);
    } while (moved < 0 && errno == EINTR);
    if (moved < 0) {
        return blocked_or_failed(tcp);
    }
    *sent = (size_t)moved;
    return SEGJOB_IO_OK;
}

static enum segjob_io receive(struct segjob_sockets_tcp *tcp, void *room,
                              size_t n, size_t *received)
{
    ssize_t moved;

    do {
        moved = SJ_CALL(recv)(tcp->fd, room, n, 0);
    } while (moved < 0 && errno == EINTR);
    if (moved < 0) {
        return blocked_or_failed(tcp);
    }
    if (moved == 0) {
        return SEGJOB_IO_CLOSED;
    }
    *received = (size_t)moved;
    return SEGJOB_IO_OK;
}

/* What was received ahead comes first: so a call that blocks leaves none. */
static enum segjob_io tcp_recv(struct segjob_stream *s, void *room, size_t n,
                               size_t *received)
{
    struct segjob_sockets_tcp *tcp = as_tcp(s);
    size_t len = tcp->ahead_end - tcp->ahead_at;
    enum segjob_io io;

    tcp->wants_write = false;
    if (len == 0 && n >= sizeof(tcp->ahead)) {
        return receive(tcp, room, n, received);
    }
    if (len == 0) {
        io = receive(tcp, tcp->ahead, sizeof(tcp->ahead), &len);
        if (io != SEGJOB_IO_OK) {
            return io;
        }
        tcp->ahead_at = 0;
        tcp->ahead_end = len;
    }
    if (n > len) {
        n = len;
    }
    memcpy(room, tcp->ahead + tcp->ahead_at, n);
    tcp->ahead_at += n;
    *received = n;
    return SEGJOB_IO_OK;
}

static void tcp_close(struct segjob_stream *s)
{
    struct segjob_sockets_tcp *tcp = as_tcp(s);

    close_socket(tcp);
    tcp->connect = (struct segjob_connect){0};
    /* Without TLS it may be secret. */
    segjob_wipe_bytes(tcp->ahead, sizeof(tcp->ahead));
    tcp->ahead_at = 0;
    tcp->ahead_end = 0;
}

static void tcp_wants(const struct segjob_stream *s, struct segjob_wants *wants)
{
    const struct segjob_sockets_tcp *tcp = (const struct segjob_sockets_tcp *)s;

    wants->writable = wants->writable || tcp->wants_write;
    wants->readable = wants->readable || !tcp->wants_write;
    segjob_connect_wants(&tcp->connect, wants);
}

void segjob_sockets_tcp_init(struct segjob_sockets_tcp *tcp,
                             struct segjob_platform *platform)
{
    memset(tcp, 0, sizeof(*tcp));
    tcp->stream = (struct segjob_stream){.open = tcp_open,
                                         .send = tcp_send,
                                         .recv = tcp_recv,
                                         .close = tcp_close,
                                         .wants = tcp_wants};
    tcp->platform = platform;
    tcp->fd = -1;
}

/* Milliseconds until `wake_ms`, for sj_poll(); -1 means no limit. */
static int sleep_ms(uint64_t now, uint64_t wake_ms)
{
    if (wake_ms == UINT64_MAX) {
        return -1;
    }
    if (now == 0 || wake_ms <= now) {
        return 0;
    }
    return wake_ms - now > SJ_SLEEP_MS ? SJ_SLEEP_MS : (int)(wake_ms - now);
}

void segjob_sockets_wait(const struct segjob_sockets_tcp *tcp,
                         const struct segjob_wants *wants)
{
    /* After an error or a signal it returns early, which is allowed. */
    (void)sj_poll(tcp->fd, wants->readable, wants->writable,
                  sleep_ms(now_ms(tcp), wants->wake_ms));
}

/* ------------------------------------------------------------- the whole */

static void sockets_wait(struct segjob_platform *p,
                         const struct segjob_wants *wants)
{
    const struct segjob_sockets_platform *platform =
        (const struct segjob_sockets_platform *)p;

    segjob_sockets_wait(platform->tcp, wants);
}

/* Returns NULL if the application gives all that it must. */
static const char *missing(const struct segjob_platform *own)
{
    if (own->wall_clock == NULL || own->monotonic_ms == NULL) {
        return "the application gives no clock";
    }
    if (own->random == NULL) {
        return "the application gives no random bytes";
    }
    return own->resolve == NULL ? "the application resolves no names" : NULL;
}

enum segjob_status segjob_sockets_init(
    struct segjob_sockets *sockets, const struct segjob_platform *own,
    mbedtls_x509_crt *roots, const struct segjob_credentials *credentials)
{
    struct segjob_platform *platform = &sockets->platform.platform;
    const char *what = missing(own);

    memset(sockets, 0, sizeof(*sockets));
    if (what != NULL) {
        sockets->port.error =
            (struct segjob_port_error){SEGJOB_CONFIG, what, 0};
        return SEGJOB_CONFIG;
    }
    *platform = *own;
    platform->wait = sockets_wait;
    sockets->platform.tcp = &sockets->tcp;
    segjob_sockets_tcp_init(&sockets->tcp, platform);
    if (segjob_tls_init(&sockets->tls, &sockets->tcp.stream, platform, roots) !=
        SEGJOB_OK) {
        sockets->port.error = sockets->tls.stream.error;
        return SEGJOB_CONFIG;
    }
    sockets->port.stream = &sockets->tls.stream;
    sockets->port.plain = &sockets->tcp.stream;
    sockets->port.platform = platform;
    sockets->port.credentials = credentials;
    return SEGJOB_OK;
}

void segjob_sockets_free(struct segjob_sockets *sockets)
{
    segjob_tls_free(&sockets->tls);
}
