#define _POSIX_C_SOURCE 200809L

#include "segjob_posix.h"

#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <mbedtls/pk.h>

#include "sj_roots.h"

/* ------------------------------------------------------------- platform */

static int64_t posix_wall_clock(struct segjob_platform *p)
{
    struct timespec now;

    (void)p;
    /* -1 if there is no clock: a time that nothing accepts. */
    return clock_gettime(CLOCK_REALTIME, &now) == 0 ? (int64_t)now.tv_sec : -1;
}

/* On Linux CLOCK_MONOTONIC does not count while the machine sleeps. POSIX
 * leaves that open. */
#ifdef CLOCK_BOOTTIME
#define MONOTONIC CLOCK_BOOTTIME
#else
#define MONOTONIC CLOCK_MONOTONIC
#endif

static uint64_t monotonic_ms(void)
{
    struct timespec now;

    if (clock_gettime(MONOTONIC, &now) != 0) {
        return 0;
    }
    /* Plus 1: the clock may start at 0, which would mean that it failed. */
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 + 1;
}

static uint64_t posix_monotonic_ms(struct segjob_platform *p)
{
    (void)p;
    return monotonic_ms();
}

static bool posix_random(struct segjob_platform *p, void *bytes, size_t n)
{
    unsigned char *to = bytes;

    (void)p;
    while (n > 0) {
        const ssize_t got = getrandom(to, n, 0);

        if (got > 0) {
            to += got;
            n -= (size_t)got;
        } else if (got == 0 || errno != EINTR) {
            return false;
        }
    }
    return true;
}

static enum segjob_io resolve_failed(struct segjob_platform *p, int code)
{
    if (code == EAI_SYSTEM) {
        code = errno;
        p->error =
            (struct segjob_port_error){SEGJOB_RESOLVE, strerror(code), code};
    } else {
        p->error = (struct segjob_port_error){SEGJOB_RESOLVE,
                                              gai_strerror(code), code};
    }
    return SEGJOB_IO_FAILED;
}

static void take_address(const struct addrinfo *info,
                         struct segjob_address *address)
{
    memset(address, 0, sizeof(*address));
    address->is_ipv6 = info->ai_family == AF_INET6;
    if (address->is_ipv6) {
        struct sockaddr_in6 in6;

        memcpy(&in6, info->ai_addr, sizeof(in6));
        memcpy(address->bytes, &in6.sin6_addr, 16);
        address->scope = in6.sin6_scope_id;
    } else {
        struct sockaddr_in in;

        memcpy(&in, info->ai_addr, sizeof(in));
        memcpy(address->bytes, &in.sin_addr, 4);
    }
}

/* The first of `list` that is of `family` (or is not), or NULL. */
static const struct addrinfo *next_of(const struct addrinfo *list, int family,
                                      bool is)
{
    while (list != NULL &&
           ((list->ai_family == family) != is ||
            (list->ai_family != AF_INET && list->ai_family != AF_INET6))) {
        list = list->ai_next;
    }
    return list;
}

/*
 * Take IPv6 and IPv4 addresses alternately, the best first (RFC 8305, section
 * 4): a family that does not work must not use up the room and the time of the
 * other.
 */
static size_t take_addresses(const struct addrinfo *list,
                             struct segjob_address *addresses, size_t cap)
{
    const struct addrinfo *one, *other;
    const int family = list->ai_family;
    size_t len = 0;

    one = next_of(list, family, true);
    other = next_of(list, family, false);
    while (len < cap && (one != NULL || other != NULL)) {
        if (one != NULL) {
            take_address(one, &addresses[len++]);
            one = next_of(one->ai_next, family, true);
        }
        if (other != NULL && len < cap) {
            take_address(other, &addresses[len++]);
            other = next_of(other->ai_next, family, false);
        }
    }
    return len;
}

/*
 * Without AI_ADDRCONFIG, which may hide loopback addresses where no others are
 * configured. Addresses of a family that does not work fail at once anyway.
 */
static enum segjob_io posix_resolve(struct segjob_platform *p, const char *host,
                                    struct segjob_address *addresses,
                                    size_t cap, size_t *len)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    const int code = getaddrinfo(host, NULL, &hints, &list);

    if (code != 0) {
        return resolve_failed(p, code);
    }
    *len = take_addresses(list, addresses, cap);
    freeaddrinfo(list);
    return *len > 0 ? SEGJOB_IO_OK : resolve_failed(p, EAI_NONAME);
}

/* Milliseconds until `wake_ms`, for poll(); -1 means no limit. */
static int poll_ms(uint64_t wake_ms)
{
    const uint64_t now = monotonic_ms();

    if (wake_ms == UINT64_MAX) {
        return -1;
    }
    if (now == 0 || wake_ms <= now) {
        return 0;
    }
    return wake_ms - now > INT_MAX ? INT_MAX : (int)(wake_ms - now);
}

static void posix_wait(struct segjob_platform *p,
                       const struct segjob_wants *wants)
{
    const struct segjob_posix_platform *platform =
        (const struct segjob_posix_platform *)p;
    struct pollfd one = {.fd = platform->tcp->fd}; /* poll() ignores -1 */

    one.events = (short)((wants->readable ? POLLIN : 0) |
                         (wants->writable ? POLLOUT : 0));
    /* After an error or a signal it returns early, which is allowed. */
    (void)poll(&one, 1, poll_ms(wants->wake_ms));
}

void segjob_posix_platform_init(struct segjob_posix_platform *platform,
                                const struct segjob_posix_tcp *tcp)
{
    memset(platform, 0, sizeof(*platform));
    platform->platform.wall_clock = posix_wall_clock;
    platform->platform.monotonic_ms = posix_monotonic_ms;
    platform->platform.random = posix_random;
    platform->platform.resolve = posix_resolve;
    platform->platform.wait = posix_wait;
    platform->tcp = tcp;
}

/* ------------------------------------------------------------------ TCP */

static struct segjob_posix_tcp *as_tcp(struct segjob_stream *s)
{
    return (struct segjob_posix_tcp *)s; /* its first member */
}

static enum segjob_io tcp_failed(struct segjob_posix_tcp *tcp,
                                 enum segjob_status status, int code)
{
    tcp->stream.error =
        (struct segjob_port_error){status, strerror(code), code};
    return SEGJOB_IO_FAILED;
}

static void close_socket(struct segjob_posix_tcp *tcp)
{
    if (tcp->fd >= 0) {
        (void)close(tcp->fd);
    }
    tcp->fd = -1;
}

static socklen_t to_sockaddr(const struct segjob_address *address,
                             uint16_t port, struct sockaddr_storage *to)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
                               .sin6_port = htons(port),
                               .sin6_scope_id = address->scope};

    memset(to, 0, sizeof(*to));
    if (address->is_ipv6) {
        memcpy(&in6.sin6_addr, address->bytes, 16);
        memcpy(to, &in6, sizeof(in6));
        return sizeof(in6);
    }
    memcpy(&in.sin_addr, address->bytes, 4);
    memcpy(to, &in, sizeof(in));
    return sizeof(in);
}

/* Returns 0 if connected, EINPROGRESS, or the errno of the failure. */
static int check_connect(const struct segjob_posix_tcp *tcp)
{
    struct pollfd one = {.fd = tcp->fd, .events = POLLOUT};
    int error = 0;
    socklen_t len = sizeof(error);
    const int ready = poll(&one, 1, 0);

    if (ready < 0 && errno != EINTR) {
        return errno;
    }
    if (ready <= 0) {
        return segjob_connect_expired(&tcp->connect, monotonic_ms())
                   ? ETIMEDOUT
                   : EINPROGRESS;
    }
    if (getsockopt(tcp->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0) {
        return errno;
    }
    return error;
}

/* Returns as check_connect(). */
static int begin_connect(struct segjob_posix_tcp *tcp,
                         const struct segjob_address *address, uint16_t port)
{
    const int on = 1;
    struct sockaddr_storage to;
    const socklen_t len = to_sockaddr(address, port, &to);

    tcp->fd = socket(address->is_ipv6 ? AF_INET6 : AF_INET,
                     SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (tcp->fd < 0) {
        return errno;
    }
    /* A request is sent in few large writes: Nagle's delay gains nothing. */
    (void)setsockopt(tcp->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (connect(tcp->fd, (struct sockaddr *)&to, len) == 0 ||
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

static void attempt_failed(struct segjob_posix_tcp *tcp, int error)
{
    close_socket(tcp);
    if (segjob_connect_failed(&tcp->connect, failure_of(error))) {
        (void)tcp_failed(tcp, SEGJOB_CONNECT, error);
    }
}

static enum segjob_io tcp_open(struct segjob_stream *s,
                               const struct segjob_peer *peer)
{
    struct segjob_posix_tcp *tcp = as_tcp(s);
    const struct segjob_address *address;
    /* The first is what remains if there is no address at all. */
    int error = tcp->fd < 0 ? EDESTADDRREQ : check_connect(tcp);

    tcp->wants_write = true;
    while (error != 0 && error != EINPROGRESS) {
        attempt_failed(tcp, error);
        address = segjob_connect_next(&tcp->connect, peer, monotonic_ms());
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
static enum segjob_io blocked_or_failed(struct segjob_posix_tcp *tcp)
{
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
        return SEGJOB_IO_WOULD_BLOCK;
    }
    return tcp_failed(tcp, SEGJOB_CONNECTION_CLOSED, errno);
}

static enum segjob_io tcp_send(struct segjob_stream *s, const void *bytes,
                               size_t n, size_t *sent)
{
    struct segjob_posix_tcp *tcp = as_tcp(s);
    ssize_t moved;

    tcp->wants_write = true;
    do {
        moved = send(tcp->fd, bytes, n, MSG_NOSIGNAL);
    } while (moved < 0 && errno == EINTR);
    if (moved < 0) {
        return blocked_or_failed(tcp);
    }
    *sent = (size_t)moved;
    return SEGJOB_IO_OK;
}

static enum segjob_io tcp_recv(struct segjob_stream *s, void *room, size_t n,
                               size_t *received)
{
    struct segjob_posix_tcp *tcp = as_tcp(s);
    ssize_t moved;

    tcp->wants_write = false;
    do {
        moved = recv(tcp->fd, room, n, 0);
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

static void tcp_close(struct segjob_stream *s)
{
    struct segjob_posix_tcp *tcp = as_tcp(s);

    close_socket(tcp);
    tcp->connect = (struct segjob_connect){0};
}

static void tcp_wants(const struct segjob_stream *s, struct segjob_wants *wants)
{
    const struct segjob_posix_tcp *tcp = (const struct segjob_posix_tcp *)s;

    wants->writable = wants->writable || tcp->wants_write;
    wants->readable = wants->readable || !tcp->wants_write;
    segjob_connect_wants(&tcp->connect, wants);
}

void segjob_posix_tcp_init(struct segjob_posix_tcp *tcp)
{
    memset(tcp, 0, sizeof(*tcp));
    tcp->stream = (struct segjob_stream){.open = tcp_open,
                                         .send = tcp_send,
                                         .recv = tcp_recv,
                                         .close = tcp_close,
                                         .wants = tcp_wants};
    tcp->fd = -1;
}

/* ------------------------------------------------------------- the whole */

static void begin(struct segjob_posix *posix)
{
    memset(posix, 0, sizeof(*posix));
    segjob_posix_tcp_init(&posix->tcp);
    segjob_posix_platform_init(&posix->platform, &posix->tcp);
    mbedtls_x509_crt_init(&posix->roots.chain);
    mbedtls_x509_crt_init(&posix->identity.chain);
    mbedtls_pk_init(&posix->identity.key);
    posix->roots.fd = -1;
}

static enum segjob_status trust(struct segjob_posix *posix,
                                mbedtls_x509_crt *roots,
                                const struct segjob_credentials *credentials)
{
    struct segjob_platform *platform = &posix->platform.platform;

    if (segjob_tls_init(&posix->tls, &posix->tcp.stream, platform, roots) !=
        SEGJOB_OK) {
        posix->port.error = posix->tls.stream.error;
        segjob_posix_free_roots(&posix->roots);
        return SEGJOB_CONFIG;
    }
    posix->port.stream = &posix->tls.stream;
    posix->port.plain = &posix->tcp.stream;
    posix->port.platform = platform;
    posix->port.credentials = credentials;
    return SEGJOB_OK;
}

static enum segjob_status share(struct segjob_posix *posix,
                                struct segjob_posix_roots *roots,
                                const struct segjob_credentials *credentials)
{
    const enum segjob_status status =
        trust(posix, roots->fd < 0 ? &roots->chain : NULL, credentials);

#if defined(MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK)
    if (status == SEGJOB_OK && roots->fd >= 0) {
        const struct segjob_tls_lookup lookup = {sj_roots_find, sj_roots_digest,
                                                 &roots->fd};

        segjob_tls_look_up(&posix->tls, &lookup);
    }
#endif
    return status;
}

enum segjob_status segjob_posix_init(
    struct segjob_posix *posix, const char *ca_bundle,
    const struct segjob_credentials *credentials)
{
    begin(posix);
    if (segjob_posix_load_roots(&posix->roots, ca_bundle, &posix->port.error) !=
        SEGJOB_OK) {
        return SEGJOB_CONFIG;
    }
    return share(posix, &posix->roots, credentials);
}

enum segjob_status segjob_posix_init_shared(
    struct segjob_posix *posix, struct segjob_posix_roots *roots,
    const struct segjob_credentials *credentials)
{
    begin(posix);
    return share(posix, roots, credentials);
}

enum segjob_status segjob_posix_init_with(
    struct segjob_posix *posix, mbedtls_x509_crt *roots,
    const struct segjob_credentials *credentials)
{
    begin(posix);
    return trust(posix, roots, credentials);
}

int segjob_posix_descriptor(const struct segjob_posix *posix)
{
    return posix->tcp.fd;
}

void segjob_posix_free(struct segjob_posix *posix)
{
    segjob_tls_free(&posix->tls);
    segjob_posix_free_roots(&posix->roots);
    /* segjob_identity_free() would link the parser of keys as well. */
    mbedtls_x509_crt_free(&posix->identity.chain);
    mbedtls_pk_free(&posix->identity.key);
}
