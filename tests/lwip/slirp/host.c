#define _DEFAULT_SOURCE

#include "host.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libslirp.h>

#include "lwip/etharp.h"

#define FDS_CAP 64u

static struct host_wires wires;
static Slirp *slirp;
static struct netif netif;
static struct pollfd fds[FDS_CAP];
static nfds_t fds_len;

/* ----------------------------------------------------------------- slirp */

static ssize_t from_slirp(const void *bytes, size_t len, void *unused)
{
    uint8_t copy[HOST_FRAME_CAP];

    (void)unused;
    if (len > 0 && len <= sizeof(copy)) {
        memcpy(copy, bytes, len);
        wires.from_host(copy, len);
    }
    return (ssize_t)len;
}

static void guest_error(const char *message, void *unused)
{
    (void)unused;
    fprintf(stderr, "libslirp: %s\n", message);
}

static void watch_descriptor(int fd, void *unused)
{
    (void)fd; /* libslirp lists those to poll each time */
    (void)unused;
}

static void notify(void *unused)
{
    (void)unused;
}

static SlirpCb callbacks = {
    .send_packet = from_slirp,
    .guest_error = guest_error,
    .register_poll_fd = watch_descriptor,
    .unregister_poll_fd = watch_descriptor,
    .notify = notify,
};

/* libslirp has event numbers of its own. */
static const struct {
    int slirp;
    short poll;
} events[] = {
    {SLIRP_POLL_IN, POLLIN},   {SLIRP_POLL_OUT, POLLOUT},
    {SLIRP_POLL_PRI, POLLPRI}, {SLIRP_POLL_ERR, POLLERR},
    {SLIRP_POLL_HUP, POLLHUP},
};

#define EVENTS (sizeof(events) / sizeof(events[0]))

/*
 * The host's TCP may hold back bytes of the peer until earlier ones are
 * acknowledged (RFC 1122, 4.2.3.4): acknowledge them at once.
 */
static void acknowledge(int fd)
{
    const int on = 1;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

static int add_poll(int fd, int wanted, void *unused)
{
    struct pollfd *one = &fds[fds_len];
    size_t i;

    (void)unused;
    acknowledge(fd);
    if (fds_len == FDS_CAP) {
        abort(); /* one exchange has a handful */
    }
    *one = (struct pollfd){.fd = fd};
    for (i = 0; i < EVENTS; i++) {
        if ((wanted & events[i].slirp) != 0) {
            one->events |= events[i].poll;
        }
    }
    return (int)fds_len++;
}

static int get_revents(int index, void *unused)
{
    int found = 0;
    size_t i;

    (void)unused;
    for (i = 0; i < EVENTS; i++) {
        if ((fds[index].revents & events[i].poll) != 0) {
            found |= events[i].slirp;
        }
    }
    return found;
}

bool host_poll(int real_ms, uint32_t *due_ms)
{
    int ready;

    *due_ms = UINT32_MAX;
    fds_len = 0;
    slirp_pollfds_fill(slirp, due_ms, add_poll, NULL);
    ready = poll(fds, fds_len, real_ms);
    slirp_pollfds_poll(slirp, ready < 0, get_revents, NULL);
    return ready > 0;
}

static bool start_slirp(void)
{
    SlirpConfig config = {.version = 4, .in_enabled = true};

    inet_pton(AF_INET, "10.0.2.0", &config.vnetwork);
    inet_pton(AF_INET, "255.255.255.0", &config.vnetmask);
    inet_pton(AF_INET, "10.0.2.2", &config.vhost);
    inet_pton(AF_INET, "10.0.2.3", &config.vnameserver);
    config.disable_dns = true;
    config.disable_dhcp = true;
    signal(SIGPIPE, SIG_IGN); /* libslirp may send to a closed socket */
    callbacks.clock_get_ns = wires.clock_ns;
    slirp = slirp_new(&config, &callbacks, NULL);
    return slirp != NULL;
}

/* ------------------------------------------------------------------ lwIP */

static err_t from_lwip(struct netif *unused, struct pbuf *p)
{
    uint8_t copy[HOST_FRAME_CAP];

    (void)unused;
    if (p->tot_len > sizeof(copy)) {
        return ERR_BUF;
    }
    wires.from_lwip(copy, pbuf_copy_partial(p, copy, p->tot_len, 0));
    return ERR_OK;
}

static err_t prepare_netif(struct netif *n)
{
    static const uint8_t address[] = {0x52, 0x54, 0, 0x12, 0x34, 0x56};

    n->name[0] = 's';
    n->name[1] = 'l';
    n->output = etharp_output;
    n->linkoutput = from_lwip;
    n->mtu = 1500;
    n->hwaddr_len = sizeof(address);
    memcpy(n->hwaddr, address, sizeof(address));
    n->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET |
               NETIF_FLAG_LINK_UP;
    return ERR_OK;
}

static bool add_netif(netif_input_fn input)
{
    ip4_addr_t address, mask, gateway;

    IP4_ADDR(&address, 10, 0, 2, 15);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    IP4_ADDR(&gateway, 10, 0, 2, 2);
    if (netif_add(&netif, &address, &mask, &gateway, NULL, prepare_netif,
                  input) == NULL) {
        return false;
    }
    netif_set_default(&netif);
    netif_set_up(&netif);
    return true;
}

/* --------------------------------------------------------- begin and end */

bool host_start(const struct host_wires *w, netif_input_fn input)
{
    wires = *w;
    return start_slirp() && add_netif(input);
}

void host_stop(void)
{
    netif_remove(&netif);
    slirp_cleanup(slirp);
}

void host_give(const uint8_t *bytes, size_t len)
{
    slirp_input(slirp, bytes, (int)len);
}

/* As in an Ethernet driver, a frame without a buffer is lost. */
void host_give_lwip(const uint8_t *bytes, size_t len)
{
    struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)len, PBUF_POOL);

    if (p == NULL) {
        return;
    }
    if (pbuf_take(p, bytes, (u16_t)len) != ERR_OK ||
        netif.input(p, &netif) != ERR_OK) {
        pbuf_free(p);
    }
}
