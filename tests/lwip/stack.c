#define _DEFAULT_SOURCE /* for getrandom; lwIP's headers look at it */

#include "stack.h"

#include <stdlib.h>
#include <sys/random.h>

#include <lwip/init.h>
#include <lwip/pbuf.h>
#include <lwip/prot/ip4.h>
#include <lwip/prot/tcp.h>
#include <lwip/stats.h>
#include <lwip/timeouts.h>

/* ---------------------------------------------------------------- memory */

struct stack_memory stack_memory;

void *__real_memp_malloc(memp_t type);
void *__wrap_memp_malloc(memp_t type);
void *__real_mem_malloc(mem_size_t n);
void *__wrap_mem_malloc(mem_size_t n);

static bool is_in_pool; /* lwIP allocates an element of a pool from the heap */

static bool is_to_fail(void)
{
    struct stack_memory *m = &stack_memory;

    m->count++;
    return m->fail_at != 0 && m->count >= m->fail_at &&
           (m->count == m->fail_at ||
            (m->every != 0 && (m->count - m->fail_at) % m->every == 0));
}

/* lwIP asserts that it has memory for its timers. */
void *__wrap_memp_malloc(memp_t type)
{
    void *p;

    if (type != MEMP_SYS_TIMEOUT &&
        (lwip_stats.memp[type]->used >= stack_memory.most[type] ||
         is_to_fail())) {
        return NULL;
    }
    is_in_pool = true;
    p = __real_memp_malloc(type);
    is_in_pool = false;
    return p;
}

void *__wrap_mem_malloc(mem_size_t n)
{
    if (!is_in_pool && (n > stack_memory.piece || is_to_fail())) {
        return NULL;
    }
    return __real_mem_malloc(n);
}

static struct {
    size_t heap;
    unsigned pool[MEMP_MAX];
} used;

static void note_use(void)
{
    memp_t i;

    used.heap = lwip_stats.mem.used;
    for (i = 0; i < MEMP_MAX; i++) {
        used.pool[i] = (unsigned)lwip_stats.memp[i]->used;
    }
}

static void assert_same_use(void)
{
    memp_t i;

    for (i = 0; i < MEMP_MAX; i++) {
        if (lwip_stats.memp[i]->used != used.pool[i]) {
            fail_msg("%s: %u, before it %u", lwip_stats.memp[i]->name,
                     (unsigned)lwip_stats.memp[i]->used, used.pool[i]);
        }
    }
    assert_int_equal(lwip_stats.mem.used, used.heap);
}

static void lift_limits(void)
{
    memset(&stack_memory, 0, sizeof(stack_memory));
    memset(stack_memory.most, 0xFF, sizeof(stack_memory.most));
    stack_memory.piece = SIZE_MAX;
}

uint8_t stack_byte(size_t at)
{
    return (uint8_t)(((uint32_t)at * 2654435761u) >> 24);
}

/* ---------------------------------------------------------------- server */

struct server server;

static struct tcp_pcb *listener;

static void check_text(const struct pbuf *p)
{
    const struct pbuf *q;
    size_t i;

    for (q = p; q != NULL; q = q->next) {
        for (i = 0; i < q->len; i++, server.got++) {
            if (!server.accepts_any) {
                assert_int_equal(((uint8_t *)q->payload)[i],
                                 stack_byte(server.got));
            }
        }
    }
}

static err_t server_received(void *arg, struct tcp_pcb *pcb, struct pbuf *p,
                             err_t err)
{
    (void)arg;
    (void)pcb;
    assert_int_equal(err, ERR_OK);
    if (p == NULL) {
        server.ended = true;
        return ERR_OK;
    }
    assert_false(server.ended);
    check_text(p);
    server.unread += p->tot_len;
    pbuf_free(p);
    return ERR_OK;
}

static void server_lost(void *arg, err_t err)
{
    (void)arg;
    server.pcb = NULL;
    server.error = err;
}

static err_t server_accepted(void *arg, struct tcp_pcb *pcb, err_t err)
{
    (void)arg;
    if (err != ERR_OK) {
        return err; /* out of memory: the SYN is sent again */
    }
    assert_null(server.pcb);
    server.pcb = pcb;
    server.accepted++;
    tcp_recv(pcb, server_received);
    tcp_err(pcb, server_lost);
    tcp_nagle_disable(pcb);
    return ERR_OK;
}

static void server_let_go(void)
{
    if (server.pcb != NULL) {
        tcp_recv(server.pcb, NULL);
        tcp_err(server.pcb, NULL);
    }
}

static void server_ends(void)
{
    struct tcp_pcb *pcb = server.pcb;

    if (server.then == SERVER_ENDS) {
        if (tcp_shutdown(pcb, 0, 1) == ERR_OK) {
            server.then = SERVER_STAYS;
        }
    } else if (server.then == SERVER_CLOSES) {
        server_let_go();
        server.pcb = NULL;
        assert_int_equal(tcp_close(pcb), ERR_OK);
    } else if (server.then == SERVER_RESETS && tcp_sndqueuelen(pcb) == 0) {
        server_let_go();
        server.pcb = NULL;
        tcp_abort(pcb);
    }
}

static void server_sends(void)
{
    uint8_t text[1000];
    const size_t room = tcp_sndbuf(server.pcb);
    size_t n = server.to_send - server.sent;
    size_t i;

    n = LWIP_MIN(n, LWIP_MIN(room, sizeof(text)));
    n = server.piece != 0 ? LWIP_MIN(n, server.piece) : n;
    for (i = 0; i < n; i++) {
        text[i] = server.text != NULL ? (uint8_t)server.text[server.sent + i]
                                      : stack_byte(server.sent + i);
    }
    if (n > 0 &&
        tcp_write(server.pcb, text, (u16_t)n, TCP_WRITE_FLAG_COPY) == ERR_OK) {
        server.sent += n;
        (void)tcp_output(server.pcb);
    }
}

static void server_turn(void)
{
    if (server.pcb == NULL) {
        return;
    }
    if (!server.reads_nothing && server.unread > 0) {
        const u16_t n = (u16_t)LWIP_MIN(server.unread, UINT16_MAX);

        server.unread -= n;
        tcp_recved(server.pcb, n);
    }
    if (server.got < server.waits_for) {
        return;
    }
    if (server.sent < server.to_send) {
        server_sends();
    } else {
        server_ends();
    }
}

void server_listen(void)
{
    struct tcp_pcb *pcb = tcp_new_ip_type(IPADDR_TYPE_ANY);

    assert_non_null(pcb);
    assert_int_equal(tcp_bind(pcb, IP_ANY_TYPE, 80), ERR_OK);
    listener = tcp_listen(pcb);
    assert_non_null(listener);
    tcp_accept(listener, server_accepted);
}

void server_stop(void)
{
    struct tcp_pcb *pcb = server.pcb;

    server_let_go();
    server.pcb = NULL;
    if (pcb != NULL) {
        tcp_abort(pcb);
    }
    if (listener != NULL) {
        assert_int_equal(tcp_close(listener), ERR_OK);
    }
    listener = NULL;
}

/* -------------------------------------------------------------- far host */

struct far_host far_host;
struct netif stack_wire;

#define HEADS (IP_HLEN + TCP_HLEN)

static err_t wire_output(struct netif *netif, struct pbuf *p,
                         const ip4_addr_t *to)
{
    struct tcp_hdr tcp;
    struct ip_hdr ip;
    uint16_t head;

    (void)netif;
    (void)to;
    assert_int_equal(pbuf_copy_partial(p, &ip, IP_HLEN, 0), IP_HLEN);
    if (IPH_PROTO(&ip) != IP_PROTO_TCP) {
        return ERR_OK;
    }
    assert_int_equal(pbuf_copy_partial(p, &tcp, TCP_HLEN, IP_HLEN), TCP_HLEN);
    head = (uint16_t)(IP_HLEN + TCPH_HDRLEN_BYTES(&tcp));
    far_host.port = lwip_ntohs(tcp.src);
    far_host.flags = TCPH_FLAGS(&tcp);
    far_host.offers = lwip_ntohs(tcp.wnd);
    far_host.len = p->tot_len - head;
    far_host.ack = lwip_ntohl(tcp.seqno) + far_host.len +
                   ((far_host.flags & (TCP_SYN | TCP_FIN)) != 0);
    far_host.segments++;
    return ERR_OK;
}

static err_t wire_output6(struct netif *netif, struct pbuf *p,
                          const ip6_addr_t *to)
{
    (void)netif;
    (void)p;
    (void)to;
    return ERR_OK; /* no such host */
}

static void write_heads(struct pbuf *p, uint8_t flags, size_t n)
{
    struct ip_hdr ip = {0};
    struct tcp_hdr tcp = {0};

    IPH_VHL_SET(&ip, 4, IP_HLEN / 4);
    IPH_LEN_SET(&ip, lwip_htons((u16_t)(HEADS + n)));
    IPH_TTL_SET(&ip, 64);
    IPH_PROTO_SET(&ip, IP_PROTO_TCP);
    ip.src.addr = PP_HTONL(LWIP_MAKEU32(10, 0, 0, 9));
    ip.dest.addr = PP_HTONL(LWIP_MAKEU32(10, 0, 0, 1));
    tcp.src = lwip_htons(80);
    tcp.dest = lwip_htons(far_host.port);
    tcp.seqno = lwip_htonl(far_host.seq);
    tcp.ackno = lwip_htonl(far_host.ack);
    tcp.wnd = lwip_htons(far_host.window);
    TCPH_HDRLEN_FLAGS_SET(&tcp, TCP_HLEN / 4, flags);
    assert_int_equal(pbuf_take(p, &ip, IP_HLEN), ERR_OK);
    assert_int_equal(pbuf_take_at(p, &tcp, TCP_HLEN, IP_HLEN), ERR_OK);
}

/* Append a pbuf of `n` bytes to `p`. Returns false if there is none. */
static bool chain(struct pbuf *p, size_t n)
{
    struct pbuf *more = pbuf_alloc(PBUF_RAW, (u16_t)n, PBUF_POOL);

    if (more != NULL) {
        pbuf_cat(p, more);
    }
    return more != NULL;
}

/* As a driver that receives a segment in several buffers. */
static struct pbuf *segment_in_pieces(size_t n, size_t piece)
{
    struct pbuf *p = pbuf_alloc(PBUF_RAW, HEADS, PBUF_POOL);
    const size_t most = piece == 0 ? 100 : piece;
    size_t left = n;
    bool ok = p != NULL;

    while (ok && left > 0) {
        const size_t some = LWIP_MIN(left, most);

        ok = (piece != 0 || chain(p, 0)) && chain(p, some);
        left -= some;
    }
    ok = ok && (piece != 0 || chain(p, 0));
    if (!ok && p != NULL) {
        pbuf_free(p);
    }
    return ok ? p : NULL;
}

bool far_sends(uint8_t flags, size_t at, size_t n, size_t piece)
{
    struct pbuf *p = segment_in_pieces(n, piece);
    size_t i;

    if (p == NULL) {
        return false;
    }
    write_heads(p, flags, n);
    for (i = 0; i < n; i++) {
        pbuf_put_at(p, (u16_t)(HEADS + i), stack_byte(at + i));
    }
    far_host.seq += (uint32_t)n + ((flags & (TCP_SYN | TCP_FIN)) != 0);
    assert_int_equal(stack_wire.input(p, &stack_wire), ERR_OK);
    return true;
}

void far_accepts(void)
{
    assert_int_equal(far_host.flags, TCP_SYN);
    assert_true(far_sends(TCP_SYN | TCP_ACK, 0, 0, FAR_WHOLE));
}

static err_t wire_init(struct netif *netif)
{
    netif->output = wire_output;
    netif->output_ip6 = wire_output6;
    netif->mtu = 1500;
    netif->flags = NETIF_FLAG_LINK_UP;
    NETIF_SET_CHECKSUM_CTRL(netif, NETIF_CHECKSUM_DISABLE_ALL);
    return ERR_OK;
}

static void wire_start(void)
{
    static const ip6_addr_t own6 = {.addr = {PP_HTONL(0xFE800000), 0, 0, 1}};
    ip4_addr_t own, mask, none;

    IP4_ADDR(&own, 10, 0, 0, 1);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    IP4_ADDR(&none, 0, 0, 0, 0);
    assert_non_null(
        netif_add(&stack_wire, &own, &mask, &none, NULL, wire_init, ip_input));
    netif_set_up(&stack_wire);
    netif_ip6_addr_set(&stack_wire, 0, &own6);
    netif_ip6_addr_set_state(&stack_wire, 0, IP6_ADDR_PREFERRED);
}

/* ----------------------------------------------------------------- clock */

uint32_t stack_ms;

u32_t sys_now(void)
{
    return stack_ms;
}

void stack_turn(void)
{
    server_turn();
#if LWIP_NETIF_LOOPBACK
    netif_poll_all();
#endif
}

void stack_pass(uint32_t ms)
{
    uint32_t passed;

    for (passed = 0; passed < ms; passed += 10) {
        stack_ms += 10;
        stack_turn();
        sys_check_timeouts();
    }
}

void stack_jump(uint32_t ms)
{
    stack_ms = ms;
    sys_restart_timeouts();
}

/* ------------------------------------------------------------ application */

static int64_t wall_clock(struct segjob_platform *p)
{
    (void)p;
    return 1767225600;
}

static bool random_bytes(struct segjob_platform *p, void *bytes, size_t n)
{
    (void)p;
    return getrandom(bytes, n, 0) == (ssize_t)n;
}

static void wait(struct segjob_platform *p, const struct segjob_wants *wants)
{
    assert_true(wants->wake_ms > p->monotonic_ms(p));
    stack_pass(10);
}

const struct segjob_platform stack_platform = {
    .wall_clock = wall_clock,
    .random = random_bytes,
    .wait = wait,
};

mbedtls_x509_crt stack_roots;

struct segjob_lwip *stack_port(void)
{
    struct segjob_lwip *lwip = malloc(sizeof(*lwip));

    assert_non_null(lwip);
    assert_int_equal(
        segjob_lwip_init(lwip, &stack_platform, &stack_roots, NULL), SEGJOB_OK);
    return lwip;
}

void stack_port_free(struct segjob_lwip *lwip)
{
    segjob_lwip_free(lwip);
    free(lwip);
}

/* --------------------------------------------------------------- fixture */

int stack_start(void **state)
{
    (void)state;
    lift_limits();
    mbedtls_x509_crt_init(&stack_roots);
    lwip_init();
    wire_start();
    name_server_start();
    stack_pass(5000); /* lwIP's own start is over */
    return 0;
}

int stack_before(void **state)
{
    (void)state;
    memset(&server, 0, sizeof(server));
    memset(&far_host, 0, sizeof(far_host));
    name_server_reset(1);
    far_host.seq = 1000;
    far_host.window = 60000;
    note_use();
    return 0;
}

/* TIME-WAIT is the longest: 2 minutes. */
int stack_after(void **state)
{
    (void)state;
    lift_limits();
    server_stop();
    if (far_host.port != 0) {
        assert_true(far_sends(TCP_RST | TCP_ACK, 0, 0, FAR_WHOLE));
    }
    stack_pass(150000);
    assert_same_use();
    return 0;
}
