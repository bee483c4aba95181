/*
 * The BSD sockets API: the system's (POSIX, or Zephyr's CONFIG_POSIX_API), or
 * with SEGJOB_LWIP_SOCKETS that of lwIP's socket layer. What differs between
 * them is here.
 */
#ifndef SJ_SOCKETS_H
#define SJ_SOCKETS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "segjob_port.h"

#if defined(SEGJOB_LWIP_SOCKETS)

#include <lwip/errno.h>
#include <lwip/sockets.h>

#if !LWIP_SOCKET || !LWIP_TCP || !LWIP_IPV4
#error "segjob needs LWIP_SOCKET, LWIP_TCP and LWIP_IPV4"
#endif
#if !LWIP_SOCKET_POLL && !LWIP_SOCKET_SELECT
#error "segjob needs LWIP_SOCKET_POLL or LWIP_SOCKET_SELECT: it waits by them"
#endif

/* These names are there whatever LWIP_COMPAT_SOCKETS is. */
#define SJ_CALL(name) lwip_##name
#define SJ_HAS_POLL LWIP_SOCKET_POLL
#define SJ_HAS_IPV6 LWIP_IPV6
/* Longest sleep at once: some ports of lwIP multiply it in 32 bits. */
#define SJ_SLEEP_MS 60000

#else

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define SJ_CALL(name) name
#define SJ_HAS_POLL 1
#define SJ_SLEEP_MS INT_MAX

#if defined(__ZEPHYR__) && !defined(CONFIG_NET_IPV6)
#define SJ_HAS_IPV6 0 /* sockaddr_storage has no room for it */
#else
#define SJ_HAS_IPV6 1
#endif

#endif

#if !defined(MSG_NOSIGNAL)
#define MSG_NOSIGNAL 0 /* Zephyr raises no SIGPIPE */
#endif

/* The text of an errno: lwIP may have numbers of its own. */
static inline const char *sj_text(int code)
{
#if defined(LWIP_PROVIDE_ERRNO)
    (void)code;
    return "lwIP's socket layer failed";
#else
    return strerror(code);
#endif
}

/* A non-blocking socket; -1 sets errno. */
static inline int sj_socket(int family)
{
#if defined(SEGJOB_LWIP_SOCKETS)
    const int fd = lwip_socket(family, SOCK_STREAM, 0);
    int on = 1;

    if (fd >= 0 && lwip_ioctl(fd, FIONBIO, &on) != 0) {
        (void)lwip_close(fd);
        return -1;
    }
    return fd;
#elif defined(SOCK_NONBLOCK)
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
#else
    const int fd = socket(family, SOCK_STREAM, IPPROTO_TCP);

    if (fd >= 0 && fcntl(fd, F_SETFL, O_NONBLOCK) < 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
#endif
}

/* Returns the length, 0 if there is no IPv6. */
static inline socklen_t sj_put_ipv6(const struct segjob_address *address,
                                    uint16_t port, struct sockaddr_storage *to)
{
#if SJ_HAS_IPV6
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
                               .sin6_port = SJ_CALL(htons)(port),
                               .sin6_scope_id = address->scope};

    memcpy(&in6.sin6_addr, address->bytes, 16);
    memcpy(to, &in6, sizeof(in6));
    return sizeof(in6);
#else
    (void)address;
    (void)port;
    (void)to;
    return 0;
#endif
}

/* The address in `from`, a sockaddr_in6. */
static inline void sj_take_ipv6(const void *from,
                                struct segjob_address *address)
{
#if SJ_HAS_IPV6
    struct sockaddr_in6 in6;

    memcpy(&in6, from, sizeof(in6));
    memcpy(address->bytes, &in6.sin6_addr, 16);
    address->scope = in6.sin6_scope_id;
#else
    (void)from;
    (void)address;
#endif
}

/*
 * Wait until the socket `fd` (-1: none) can be read or written, or has failed,
 * at most `ms` milliseconds (-1: no limit). Returns more than 0 then, 0 if the
 * time is over; less than 0 sets errno.
 */
static inline int sj_poll(int fd, bool readable, bool writable, int ms)
{
#if SJ_HAS_POLL
    struct pollfd one = {.fd = fd}; /* poll() ignores -1 */

    one.events = (short)((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));
    return SJ_CALL(poll)(&one, 1, ms);
#else
    struct timeval limit = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    fd_set in, out;

    FD_ZERO(&in);
    FD_ZERO(&out);
    if (fd >= 0 && readable) {
        FD_SET(fd, &in);
    }
    if (fd >= 0 && writable) {
        FD_SET(fd, &out);
    }
    return SJ_CALL(select)(fd + 1, &in, &out, NULL, ms < 0 ? NULL : &limit);
#endif
}

#endif
