#if !defined(_POSIX_C_SOURCE) /* Zephyr may define it */
#define _POSIX_C_SOURCE 200809L
#endif

#include "segjob_sockets.h"

#include <string.h>

#include "sj_sockets.h"

#if defined(SEGJOB_LWIP_SOCKETS)
#include <lwip/netdb.h>
#else
#include <netdb.h>
#endif

#if !defined(SEGJOB_LWIP_SOCKETS) || LWIP_DNS

/* lwIP has no texts, and no errors of the system. */
static enum segjob_io resolve_failed(struct segjob_platform *platform, int code)
{
#if defined(SEGJOB_LWIP_SOCKETS)
    const char *text = "lwIP found no address";
#else
    const char *text = gai_strerror(code);

    if (code == EAI_SYSTEM) {
        code = errno;
        text = strerror(code);
    }
#endif
    platform->error = (struct segjob_port_error){SEGJOB_RESOLVE, text, code};
    return SEGJOB_IO_FAILED;
}

static void take_address(const struct addrinfo *info,
                         struct segjob_address *address)
{
    memset(address, 0, sizeof(*address));
    address->is_ipv6 = info->ai_family == AF_INET6;
    if (address->is_ipv6) {
        sj_take_ipv6(info->ai_addr, address);
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
enum segjob_io segjob_sockets_resolve(struct segjob_platform *platform,
                                      const char *host,
                                      struct segjob_address *addresses,
                                      size_t cap, size_t *len)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    const int code = SJ_CALL(getaddrinfo)(host, NULL, &hints, &list);

    if (code != 0) {
        return resolve_failed(platform, code);
    }
    *len = take_addresses(list, addresses, cap);
    SJ_CALL(freeaddrinfo)(list);
    return *len > 0 ? SEGJOB_IO_OK : resolve_failed(platform, EAI_NONAME);
}

#endif
