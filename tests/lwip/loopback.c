#include "loopback.h"

#include <stdlib.h>

#include <lwip/netif.h>
#include <lwip/tcpip.h>

static struct netif others[2];

/* What is sent to an interface's own address, lwIP loops back by itself. */
static err_t prepare(struct netif *n)
{
    n->name[0] = 'o';
    n->name[1] = 't';
    n->mtu = 1500;
    netif_set_link_up(n);
    return ERR_OK;
}

static void add(struct netif *n, uint8_t last)
{
    ip4_addr_t address, mask;

    IP4_ADDR(&address, 127, 0, 0, last);
    IP4_ADDR(&mask, 255, 255, 255, 255);
    if (netif_add(n, &address, &mask, NULL, NULL, prepare, tcpip_input) ==
        NULL) {
        abort();
    }
    netif_set_up(n);
}

static void start(void *started)
{
    add(&others[0], 2);
    add(&others[1], 3);
    sys_sem_signal(started);
}

void loopback_start(void)
{
    sys_sem_t started;

    if (sys_sem_new(&started, 0) != ERR_OK) {
        abort();
    }
    tcpip_init(start, &started);
    sys_sem_wait(&started);
    sys_sem_free(&started);
}
