#include "segjob_lwip.h"

#include <string.h>

#include <lwip/dns.h>
#include <lwip/ip_addr.h>
#include <lwip/pbuf.h>
#include <lwip/tcp.h>
#include <lwip/tcpip.h>
#include <lwip/timeouts.h>

#if !LWIP_TCP || !LWIP_CALLBACK_API
#error "segjob needs LWIP_TCP and LWIP_CALLBACK_API: it uses TCP's raw API"
#endif
#if !LWIP_DNS
#error "segjob needs LWIP_DNS: it resolves the service's name"
#endif

/* Longest sleep at once: some ports of lwIP multiply it in 32 bits. */
#define SLEEP_MS 60000u

/*
 * lwIP's callbacks come with this lock held; without one, in the same loop or
 * thread.
 */
static void lock(void)
{
#if !NO_SYS
    LOCK_TCPIP_CORE(); /* empty without LWIP_TCPIP_CORE_LOCKING */
#endif
    LWIP_ASSERT_CORE_LOCKED(); /* as lwipopts.h defines it */
}

static void unlock(void)
{
#if !NO_SYS
    UNLOCK_TCPIP_CORE();
#endif
}

static enum segjob_io unlock_and(enum segjob_io io)
{
    unlock();
    return io;
}

/* --------------------------------------------------------------- errors */

static const struct {
    enum segjob_status status;
    err_t err;
    const char *text;
} messages[] = {
    {SEGJOB_RESOLVE, ERR_OK, "no such name, or no answer from a DNS server"},
    {SEGJOB_RESOLVE, ERR_MEM, "lwIP has no room for a DNS query"},
    {SEGJOB_RESOLVE, ERR_VAL, "lwIP knows no DNS server"},
    {SEGJOB_RESOLVE, ERR_ARG, "the name is too long for lwIP"},
    {SEGJOB_CONNECT, ERR_MEM, "lwIP has no memory for a connection"},
    {SEGJOB_CONNECT, ERR_TIMEOUT, "the host did not answer in time"},
    {SEGJOB_CONNECT, ERR_RTE, "there is no route to the host"},
    {SEGJOB_CONNECT, ERR_VAL, "lwIP has no addresses of this kind"},
    {SEGJOB_CONNECT, ERR_ABRT, "no answer, or the interface changed"},
    {SEGJOB_CONNECT, ERR_RST, "the host refused the connection"},
    {SEGJOB_CONNECTION_CLOSED, ERR_OK, "there is no connection"},
    {SEGJOB_CONNECTION_CLOSED, ERR_ABRT, "no answer, or the interface changed"},
    {SEGJOB_CONNECTION_CLOSED, ERR_RST, "the peer reset the connection"},
};

static enum segjob_io fail(struct segjob_port_error *error,
                           enum segjob_status status, err_t err)
{
    size_t i;

    *error = (struct segjob_port_error){status, "lwIP failed", (int)err};
    for (i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        if (messages[i].status == status && messages[i].err == err) {
            error->message = messages[i].text;
        }
    }
    return SEGJOB_IO_FAILED;
}

/* ------------------------------------------------------------- platform */

static struct segjob_lwip_platform *as_platform(struct segjob_platform *p)
{
    return (struct segjob_lwip_platform *)p; /* its first member */
}

static uint64_t monotonic_ms(struct segjob_lwip_platform *platform)
{
    platform->now_ms += (uint32_t)(sys_now() - (uint32_t)platform->now_ms);
    /* Plus 1: the clock may start at 0, which would mean that it failed. */
    return platform->now_ms + 1;
}

static uint64_t lwip_monotonic_ms(struct segjob_platform *p)
{
    return monotonic_ms(as_platform(p));
}

#if !NO_SYS
/* The milliseconds from now until `wake_ms`, or to sleep at once. */
static u32_t ms_until(struct segjob_lwip_platform *platform, uint64_t wake_ms)
{
    const uint64_t now = monotonic_ms(platform);

    return wake_ms > now ? (u32_t)LWIP_MIN(wake_ms - now, SLEEP_MS) : 0;
}
#endif

#if NO_SYS || LWIP_TCPIP_CORE_LOCKING

/* With NO_SYS 1 lwIP's semaphores are nothing. */
static err_t begin_waiting(struct segjob_lwip_platform *platform)
{
    (void)platform;
    return sys_sem_new(&platform->wake, 0);
}

static void end_waiting(struct segjob_lwip_platform *platform)
{
    (void)platform;
    sys_sem_free(&platform->wake);
}

/* Called by lwIP's callbacks. */
static void wake(struct segjob_lwip_platform *platform)
{
    (void)platform;
    sys_sem_signal(&platform->wake);
}

#if !NO_SYS
static void lwip_wait(struct segjob_platform *p,
                      const struct segjob_wants *wants)
{
    struct segjob_lwip_platform *platform = as_platform(p);
    const u32_t ms = ms_until(platform, wants->wake_ms);

    if (ms > 0) { /* else it would be for ever */
        (void)sys_arch_sem_wait(&platform->wake, ms);
    }
}
#endif

#else /* in lwIP's thread */

static void on_time(void *arg)
{
    struct segjob_lwip_platform *platform = arg;
    void (*const step)(void *arg) = platform->step;

    platform->step = NULL;
    step(platform->arg);
}

static err_t begin_waiting(struct segjob_lwip_platform *platform)
{
    (void)platform;
    return ERR_OK;
}

static void end_waiting(struct segjob_lwip_platform *platform)
{
    if (platform->step != NULL) {
        sys_untimeout(on_time, platform);
    }
}

/*
 * Called by lwIP's callbacks. Not `step` itself: lwIP still uses the pcb, which
 * a step may abort.
 */
static void wake(struct segjob_lwip_platform *platform)
{
    if (platform->step != NULL) {
        sys_untimeout(on_time, platform);
        sys_timeout(0, on_time, platform);
    }
}

static void lwip_wait(struct segjob_platform *p,
                      const struct segjob_wants *wants)
{
    (void)p;
    (void)wants;
    LWIP_ASSERT("segjob_run() in lwIP's thread would stop lwIP", 0);
}

void segjob_lwip_schedule(struct segjob_lwip *lwip,
                          const struct segjob_wants *wants,
                          void (*step)(void *arg), void *arg)
{
    struct segjob_lwip_platform *platform = &lwip->platform;

    lock();
    platform->step = step;
    platform->arg = arg;
    sys_untimeout(on_time, platform);
    sys_timeout(ms_until(platform, wants->wake_ms), on_time, platform);
    unlock();
}

#endif

/* ------------------------------------------------------------------ DNS */

/*
 * lwIP cannot cancel a query: it calls back once for each in the end. Until
 * then the callback's argument must stay valid, so it is not in the platform's
 * struct. There is one for each of lwIP's queries; lwIP's lock guards them.
 */
static struct segjob_lwip_query {
    bool is_used;
    struct segjob_lwip_platform *asker; /* NULL: the query was cancelled */
} queries[DNS_TABLE_SIZE];

/* The kinds of addresses to ask for, in this order. */
static const u8_t kinds[] = {
#if LWIP_IPV4
    LWIP_DNS_ADDRTYPE_IPV4,
#endif
#if LWIP_IPV6
    LWIP_DNS_ADDRTYPE_IPV6,
#endif
};

static void take_address(struct segjob_lwip_platform *platform,
                         const ip_addr_t *from)
{
    struct segjob_address *to = &platform->found[platform->found_len++];

    memset(to, 0, sizeof(*to));
    to->is_ipv6 = IP_IS_V6(from);
#if LWIP_IPV6
    if (to->is_ipv6) {
        memcpy(to->bytes, ip_2_ip6(from)->addr, 16);
        to->scope = ip6_addr_zone(ip_2_ip6(from));
    }
#endif
#if LWIP_IPV4
    if (!to->is_ipv6) {
        memcpy(to->bytes, &ip_2_ip4(from)->addr, 4);
    }
#endif
}

static void on_found(const char *name, const ip_addr_t *address, void *arg)
{
    struct segjob_lwip_query *query = arg;
    struct segjob_lwip_platform *asker = query->asker;

    (void)name;
    query->is_used = false;
    if (asker == NULL) {
        return;
    }
    asker->query = NULL;
    if (address != NULL) {
        take_address(asker, address);
    }
    wake(asker);
}

static struct segjob_lwip_query *unused_query(void)
{
    size_t i;

    for (i = 0; i < DNS_TABLE_SIZE; i++) {
        if (!queries[i].is_used) {
            return &queries[i];
        }
    }
    return NULL;
}

/* Start the next query. It yields an address or sets `platform->error`. */
static void ask(struct segjob_lwip_platform *platform, const char *host)
{
    struct segjob_lwip_query *query = unused_query();
    const u8_t kind = kinds[platform->asked++];
    ip_addr_t address;
    err_t err = ERR_MEM;

    if (query != NULL) {
        /* Before the call, since lwIP may call back during it. */
        *query = (struct segjob_lwip_query){true, platform};
        platform->query = query;
        err = dns_gethostbyname_addrtype(host, &address, on_found, query, kind);
        if (err == ERR_INPROGRESS) {
            return;
        }
        query->is_used = false;
        platform->query = NULL;
    }
    if (err == ERR_OK) {
        take_address(platform, &address);
    } else {
        platform->error = err;
    }
}

static void forget(struct segjob_lwip_platform *platform)
{
    if (platform->query != NULL) {
        platform->query->asker = NULL;
    }
    platform->query = NULL;
    platform->asked = 0;
    platform->found_len = 0;
    platform->error = ERR_OK;
}

static enum segjob_io lwip_resolve(struct segjob_platform *p, const char *host,
                                   struct segjob_address *addresses, size_t cap,
                                   size_t *len)
{
    struct segjob_lwip_platform *platform = as_platform(p);

    lock();
    while (platform->query == NULL &&
           platform->asked < sizeof(kinds) / sizeof(kinds[0])) {
        ask(platform, host);
    }
    if (platform->query != NULL) {
        return unlock_and(SEGJOB_IO_WOULD_BLOCK);
    }
    *len = LWIP_MIN(platform->found_len, cap);
    memcpy(addresses, platform->found, *len * sizeof(*addresses));
    if (*len == 0) {
        (void)fail(&p->error, SEGJOB_RESOLVE, platform->error);
    }
    forget(platform);
    return unlock_and(*len > 0 ? SEGJOB_IO_OK : SEGJOB_IO_FAILED);
}

static void lwip_resolve_cancel(struct segjob_platform *p)
{
    lock();
    forget(as_platform(p));
    unlock();
}

/* --------------------------------------------------- callbacks of lwIP */

static void note(struct segjob_lwip_tcp *tcp)
{
    tcp->news = true;
    wake(tcp->platform);
}

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t err)
{
    struct segjob_lwip_tcp *tcp = arg;

    (void)pcb;
    (void)err; /* failures come to on_freed() */
    tcp->connected = true;
    note(tcp);
    return ERR_OK;
}

/* lwIP keeps a pbuf that is refused with ERR_MEM, and offers it again. */
static err_t on_received(void *arg, struct tcp_pcb *pcb, struct pbuf *p,
                         err_t err)
{
    struct segjob_lwip_tcp *tcp = arg;

    (void)pcb;
    (void)err;
    if (p == NULL) {
        tcp->ended = true;
    } else if (tcp->received == NULL) {
        tcp->received = p;
    } else if (p->tot_len <= UINT16_MAX - tcp->received->tot_len) {
        pbuf_cat(tcp->received, p);
    } else {
        return ERR_MEM; /* a chain of pbufs counts its bytes in 16 bits */
    }
    note(tcp);
    return ERR_OK;
}

static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t len)
{
    (void)pcb;
    (void)len;
    note(arg);
    return ERR_OK;
}

/* lwIP has freed the pcb. Bytes that arrived can still be read. */
static void on_freed(void *arg, err_t err)
{
    struct segjob_lwip_tcp *tcp = arg;

    tcp->pcb = NULL;
    tcp->error = err;
    note(tcp);
}

/* ------------------------------------------------------------------ TCP */

/* Every function of the stream starts with this and ends by unlocking. */
static struct segjob_lwip_tcp *lock_for(struct segjob_stream *s,
                                        bool wants_write)
{
    struct segjob_lwip_tcp *tcp = (struct segjob_lwip_tcp *)s; /* its first */

    lock();
    tcp->news = false;
    tcp->wants_write = wants_write;
    tcp->retry_ms = UINT64_MAX;
    return tcp;
}

/* lwIP resets the connection if bytes that arrived were not read. */
static void release(struct segjob_lwip_tcp *tcp)
{
    if (tcp->pcb != NULL) {
        tcp_recv(tcp->pcb, NULL);
        tcp_sent(tcp->pcb, NULL);
        tcp_err(tcp->pcb, NULL);
        if (tcp_close(tcp->pcb) != ERR_OK) {
            tcp_abort(tcp->pcb);
        }
    }
    if (tcp->received != NULL) {
        pbuf_free(tcp->received);
    }
    tcp->pcb = NULL;
    tcp->received = NULL;
    tcp->error = ERR_OK;
    tcp->connected = false;
    tcp->ended = false;
}

/* Returns false if lwIP was built without addresses of this kind. */
static bool to_ip_addr(const struct segjob_address *from, ip_addr_t *to)
{
    memset(to, 0, sizeof(*to));
#if LWIP_IPV6
    if (from->is_ipv6) {
        memcpy(ip_2_ip6(to)->addr, from->bytes, 16);
        ip6_addr_set_zone(ip_2_ip6(to), (u8_t)from->scope);
        IP_SET_TYPE_VAL(*to, IPADDR_TYPE_V6);
        return true;
    }
#endif
#if LWIP_IPV4
    if (!from->is_ipv6) {
        memcpy(&ip_2_ip4(to)->addr, from->bytes, 4);
        IP_SET_TYPE_VAL(*to, IPADDR_TYPE_V4);
        return true;
    }
#endif
    return false;
}

/* Returns ERR_OK if connected, ERR_INPROGRESS, or why the attempt failed. */
static err_t check_connect(const struct segjob_lwip_tcp *tcp)
{
    if (tcp->error != ERR_OK || tcp->connected) {
        return tcp->error;
    }
    return segjob_connect_expired(&tcp->connect, monotonic_ms(tcp->platform))
               ? ERR_TIMEOUT
               : ERR_INPROGRESS;
}

/* Returns as check_connect(). */
static err_t begin_connect(struct segjob_lwip_tcp *tcp,
                           const struct segjob_address *address, uint16_t port)
{
    ip_addr_t to;
    err_t err;

    if (!to_ip_addr(address, &to)) {
        return ERR_VAL;
    }
#if !LWIP_NETIF_LOOPBACK && !LWIP_HAVE_LOOPIF
    /* lwIP would ask a router for ::1, which could answer in its place. */
    if (ip_addr_isloopback(&to)) {
        return ERR_RTE;
    }
#endif
    tcp->pcb = tcp_new_ip_type(IP_GET_TYPE(&to));
    if (tcp->pcb == NULL) {
        return ERR_MEM;
    }
    tcp_arg(tcp->pcb, tcp);
    tcp_recv(tcp->pcb, on_received);
    tcp_sent(tcp->pcb, on_sent);
    tcp_err(tcp->pcb, on_freed);
    /* A request is sent in few large writes: Nagle's delay gains nothing. */
    tcp_nagle_disable(tcp->pcb);
    err = tcp_connect(tcp->pcb, &to, port, on_connected);
    return err == ERR_OK ? check_connect(tcp) : err;
}

static enum segjob_connect_failure failure_of(err_t err)
{
    switch (err) {
    case ERR_VAL:
        return SEGJOB_CONNECT_NO_ADDRESS;
    case ERR_RTE:
        return SEGJOB_CONNECT_NO_ROUTE;
    default:
        return SEGJOB_CONNECT_NO_ANSWER;
    }
}

static void attempt_failed(struct segjob_lwip_tcp *tcp, err_t err)
{
    release(tcp);
    if (segjob_connect_failed(&tcp->connect, failure_of(err))) {
        (void)fail(&tcp->stream.error, SEGJOB_CONNECT, err);
    }
}

static bool is_connecting(const struct segjob_lwip_tcp *tcp)
{
    return tcp->pcb != NULL || tcp->error != ERR_OK;
}

static enum segjob_io connect_in_turn(struct segjob_lwip_tcp *tcp,
                                      const struct segjob_peer *peer)
{
    const struct segjob_address *address;
    /* The last is what remains if there is no address at all. */
    err_t err = is_connecting(tcp) ? check_connect(tcp) : ERR_VAL;

    while (err != ERR_OK && err != ERR_INPROGRESS) {
        attempt_failed(tcp, err);
        address = segjob_connect_next(&tcp->connect, peer,
                                      monotonic_ms(tcp->platform));
        if (address == NULL) {
            return SEGJOB_IO_FAILED;
        }
        err = begin_connect(tcp, address, peer->port);
    }
    if (err == ERR_INPROGRESS) {
        return SEGJOB_IO_WOULD_BLOCK;
    }
    tcp->connect.end_ms = 0;
    return SEGJOB_IO_OK;
}

static enum segjob_io stream_open(struct segjob_stream *s,
                                  const struct segjob_peer *peer)
{
    return unlock_and(connect_in_turn(lock_for(s, true), peer));
}

/* Give lwIP as much as it has room for: all, a half, a quarter, ... */
static enum segjob_io write_some(struct segjob_lwip_tcp *tcp, const void *bytes,
                                 size_t n, size_t *sent)
{
    err_t err = ERR_OK;

    n = LWIP_MIN(n, tcp_sndbuf(tcp->pcb));
    while (n > 0) {
        err = tcp_write(tcp->pcb, bytes, (u16_t)n, TCP_WRITE_FLAG_COPY);
        if (err != ERR_MEM) {
            break;
        }
        n /= 2;
    }
    if (n == 0 && tcp_sndqueuelen(tcp->pcb) == 0) {
        /* Nothing is in flight, so no callback will say when to try again. */
        tcp->retry_ms = monotonic_ms(tcp->platform) + SEGJOB_LWIP_RETRY_MS;
    }
    if (n == 0) {
        return SEGJOB_IO_WOULD_BLOCK;
    }
    if (err != ERR_OK) {
        return fail(&tcp->stream.error, SEGJOB_CONNECTION_CLOSED, err);
    }
    (void)tcp_output(tcp->pcb); /* if it fails, lwIP tries again itself */
    *sent = n;
    return SEGJOB_IO_OK;
}

static enum segjob_io stream_send(struct segjob_stream *s, const void *bytes,
                                  size_t n, size_t *sent)
{
    struct segjob_lwip_tcp *tcp = lock_for(s, true);

    if (tcp->pcb == NULL) {
        return unlock_and(
            fail(&s->error, SEGJOB_CONNECTION_CLOSED, tcp->error));
    }
    return unlock_and(write_some(tcp, bytes, n, sent));
}

/* Move bytes out of the pbufs, and open the window by as many. */
static size_t drain(struct segjob_lwip_tcp *tcp, void *room, size_t n)
{
    struct pbuf *p = tcp->received;
    const u16_t moved = (u16_t)LWIP_MIN(n, p->tot_len);

    (void)pbuf_copy_partial(p, room, moved, 0);
    if (moved < p->tot_len) {
        tcp->received = pbuf_free_header(p, moved);
    } else {
        pbuf_free(p);
        tcp->received = NULL;
    }
    if (tcp->pcb != NULL) {
        tcp_recved(tcp->pcb, moved);
    }
    return moved;
}

/* Bytes that arrived come first, however the connection ended. */
static enum segjob_io stream_recv(struct segjob_stream *s, void *room, size_t n,
                                  size_t *received)
{
    struct segjob_lwip_tcp *tcp = lock_for(s, false);

    if (tcp->received != NULL) {
        *received = drain(tcp, room, n);
        return unlock_and(SEGJOB_IO_OK);
    }
    if (tcp->ended) {
        return unlock_and(SEGJOB_IO_CLOSED);
    }
    if (tcp->pcb == NULL) {
        return unlock_and(
            fail(&s->error, SEGJOB_CONNECTION_CLOSED, tcp->error));
    }
    return unlock_and(SEGJOB_IO_WOULD_BLOCK);
}

static void stream_close(struct segjob_stream *s)
{
    struct segjob_lwip_tcp *tcp = lock_for(s, false);

    release(tcp);
    tcp->connect = (struct segjob_connect){0};
    unlock();
}

static void stream_wants(const struct segjob_stream *s,
                         struct segjob_wants *wants)
{
    const struct segjob_lwip_tcp *tcp = (const struct segjob_lwip_tcp *)s;

    lock();
    wants->writable = wants->writable || tcp->wants_write;
    wants->readable = wants->readable || !tcp->wants_write;
    segjob_connect_wants(&tcp->connect, wants);
    wants->wake_ms = LWIP_MIN(wants->wake_ms, tcp->retry_ms);
    if (tcp->news) {
        wants->wake_ms = 0;
    }
    unlock();
}

/* ------------------------------------------------------------- the whole */

static void prepare(struct segjob_lwip *lwip, const struct segjob_platform *own)
{
    memset(lwip, 0, sizeof(*lwip));
    lwip->platform.platform = (struct segjob_platform)
    {
        .wall_clock = own->wall_clock, .monotonic_ms = lwip_monotonic_ms,
        .random = own->random, .resolve = lwip_resolve,
        .resolve_cancel = lwip_resolve_cancel,
#if NO_SYS
        .wait = own->wait,
#else
        .wait = lwip_wait,
#endif
    };
    lwip->tcp.stream = (struct segjob_stream){.open = stream_open,
                                              .send = stream_send,
                                              .recv = stream_recv,
                                              .close = stream_close,
                                              .wants = stream_wants};
    lwip->tcp.platform = &lwip->platform;
    lwip->tcp.retry_ms = UINT64_MAX;
}

static enum segjob_status init_failed(struct segjob_lwip *lwip,
                                      const char *text)
{
    lwip->port.error = (struct segjob_port_error){SEGJOB_CONFIG, text, 0};
    return SEGJOB_CONFIG;
}

enum segjob_status segjob_lwip_init(
    struct segjob_lwip *lwip, const struct segjob_platform *own,
    mbedtls_x509_crt *roots, const struct segjob_credentials *credentials)
{
    struct segjob_platform *platform = &lwip->platform.platform;
    err_t err;

    prepare(lwip, own);
    if (own->wall_clock == NULL) {
        return init_failed(lwip, "the application gives no wall clock");
    }
    if (own->random == NULL) {
        return init_failed(lwip, "the application gives no random bytes");
    }
    err = begin_waiting(&lwip->platform);
    if (err != ERR_OK) {
        return init_failed(lwip, "lwIP has no semaphore");
    }
    if (segjob_tls_init(&lwip->tls, &lwip->tcp.stream, platform, roots) !=
        SEGJOB_OK) {
        end_waiting(&lwip->platform);
        lwip->port.error = lwip->tls.stream.error;
        return SEGJOB_CONFIG;
    }
    lwip->port.stream = &lwip->tls.stream;
    lwip->port.plain = &lwip->tcp.stream;
    lwip->port.platform = platform;
    lwip->port.credentials = credentials;
    return SEGJOB_OK;
}

void segjob_lwip_free(struct segjob_lwip *lwip)
{
    lwip_resolve_cancel(&lwip->platform.platform);
    segjob_tls_free(&lwip->tls);
    end_waiting(&lwip->platform);
}
