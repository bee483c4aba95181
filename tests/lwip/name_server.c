#include "name_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <lwip/dns.h>
#include <lwip/pbuf.h>
#include <lwip/udp.h>

struct name_server name_server;

static struct udp_pcb *pcb;

#define KEPT 16

static struct {
    ip_addr_t from;
    uint16_t port;
    uint16_t len; /* of the head and the question */
    uint8_t text[128];
} kept[KEPT];

/* RFC 1035, 4.1: head and question as received, and perhaps a record. */
void name_server_answer(unsigned number)
{
    static const uint8_t a[] = {0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4};
    static const uint8_t aaaa[] = {0xC0, 12, 0, 28, 0, 1, 0, 0, 0, 9, 0, 16};
    static const uint8_t loopback6[16] = {[15] = 1};
    const uint8_t *question = kept[number % KEPT].text;
    const uint16_t len = kept[number % KEPT].len;
    const bool is_v6 = question[len - 3] == 28;
    const bool has = is_v6 ? name_server.has_aaaa : name_server.has_a;
    const uint16_t more = has ? (uint16_t)(sizeof(a) + (is_v6 ? 16 : 4)) : 0;
    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)(len + more), PBUF_RAM);
    uint8_t *to;

    assert_true(number < name_server.queries);
    if (p == NULL) {
        return; /* lwIP is out of memory: it will repeat the query */
    }
    to = p->payload;
    memcpy(to, question, len);
    to[2] = 0x81;              /* an answer */
    to[3] = has ? 0x80 : 0x83; /* no such name */
    to[7] = has;
    if (has) {
        memcpy(to + len, is_v6 ? aaaa : a, sizeof(a));
        memcpy(to + len + sizeof(a), is_v6 ? loopback6 : name_server.a,
               is_v6 ? 16 : 4);
    }
    (void)udp_sendto(pcb, p, &kept[number % KEPT].from,
                     kept[number % KEPT].port);
    pbuf_free(p);
}

static void received(void *arg, struct udp_pcb *own, struct pbuf *p,
                     const ip_addr_t *from, u16_t port)
{
    const unsigned number = name_server.queries++;

    (void)arg;
    (void)own;
    assert_true(p->tot_len <= sizeof(kept[0].text));
    kept[number % KEPT].from = *from;
    kept[number % KEPT].port = port;
    kept[number % KEPT].len =
        pbuf_copy_partial(p, kept[number % KEPT].text, p->tot_len, 0);
    pbuf_free(p);
    if (!name_server.is_silent) {
        name_server_answer(number);
    }
}

void name_server_start(void)
{
    const ip_addr_t address = IPADDR4_INIT_BYTES(127, 0, 0, 1);

    pcb = udp_new();
    assert_non_null(pcb);
    assert_int_equal(udp_bind(pcb, &address, 53), ERR_OK);
    udp_recv(pcb, received, NULL);
    dns_setserver(0, &address);
}

void name_server_reset(uint8_t last)
{
    memset(&name_server, 0, sizeof(name_server));
    name_server.has_a = true;
    name_server.has_aaaa = true;
    memcpy(name_server.a, (const uint8_t[]){10, 0, 0, last}, 4);
}
