#define _DEFAULT_SOURCE

#include "link.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libslirp.h>

#include "lwip/etharp.h"
#include "lwip/init.h"
#include "lwip/netif.h"
#include "lwip/sys.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"

#define FRAME_CAP 1514u
#define FRAMES_CAP 256u
#define FDS_CAP 64u

/* lwIP's 32 bits of milliseconds wrap in the middle of each run. */
#define START_MS (UINT64_C(0x100000000) - 2000)

/* How long to look for what the peer is about to send, in real time. */
#define PEER_AT_WORK_MS 1

struct frame {
    uint64_t due_ms;
    uint64_t number; /* frames due at the same time keep their order */
    bool to_lwip;
    size_t len; /* 0: the slot is free */
    uint8_t bytes[FRAME_CAP];
};

static struct frame frames[FRAMES_CAP];
static uint64_t frames_sent;
static struct impair to_lwip;
static struct impair to_slirp;

static uint64_t now_ms = START_MS;
static uint64_t slirp_due_ms;
static uint64_t random_state;
static pid_t peer;

static Slirp *slirp;
static struct netif netif;
static struct pollfd fds[FDS_CAP];
static nfds_t fds_len;

/* ------------------------------------------------------ what lwIP calls */

uint32_t sys_now(void)
{
    return (uint32_t)now_ms;
}

uint32_t sj_test_random(void)
{
    return (uint32_t)impair_random(&random_state);
}

/* ---------------------------------------------------------------- frames */

static struct frame *free_slot(void)
{
    size_t i;

    for (i = 0; i < FRAMES_CAP; i++) {
        if (frames[i].len == 0) {
            return &frames[i];
        }
    }
    return NULL;
}

/* The frame that is due first, or NULL. */
static struct frame *first_frame(void)
{
    struct frame *first = NULL;
    size_t i;

    for (i = 0; i < FRAMES_CAP; i++) {
        struct frame *f = &frames[i];

        if (f->len > 0 &&
            (first == NULL || f->due_ms < first->due_ms ||
             (f->due_ms == first->due_ms && f->number < first->number))) {
            first = f;
        }
    }
    return first;
}

/* A wire holds so many frames: others are lost. */
static void put_on_wire(struct impair *direction, uint8_t *bytes, size_t len)
{
    const struct impair_fate fate = impair_frame(direction, bytes, len);
    size_t i;

    for (i = 0; i < fate.copies; i++) {
        struct frame *f = free_slot();

        if (f == NULL) {
            return;
        }
        f->due_ms = now_ms + LINK_MS + fate.late_ms[i];
        f->number = ++frames_sent;
        f->to_lwip = direction == &to_lwip;
        f->len = len;
        memcpy(f->bytes, bytes, len);
    }
}

/* As in an Ethernet driver, a frame without a buffer is lost. */
static void deliver_to_lwip(const struct frame *f)
{
    struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)f->len, PBUF_POOL);

    if (p == NULL) {
        return;
    }
    if (pbuf_take(p, f->bytes, (u16_t)f->len) != ERR_OK ||
        netif.input(p, &netif) != ERR_OK) {
        pbuf_free(p);
    }
}

/* Returns whether there was one. */
static bool deliver_due(void)
{
    struct frame *first = first_frame();
    bool any = false;

    while (first != NULL && first->due_ms <= now_ms) {
        if (first->to_lwip) {
            deliver_to_lwip(first);
        } else {
            slirp_input(slirp, first->bytes, (int)first->len);
        }
        first->len = 0;
        any = true;
        first = first_frame();
    }
    return any;
}

/* ----------------------------------------------------------------- slirp */

static ssize_t from_slirp(const void *bytes, size_t len, void *unused)
{
    uint8_t copy[FRAME_CAP];

    (void)unused;
    if (len > 0 && len <= sizeof(copy)) {
        memcpy(copy, bytes, len);
        put_on_wire(&to_lwip, copy, len);
    }
    return (ssize_t)len;
}

static void guest_error(const char *message, void *unused)
{
    (void)unused;
    fprintf(stderr, "libslirp: %s\n", message);
}

static int64_t slirp_clock_ns(void *unused)
{
    (void)unused;
    return (int64_t)(now_ms * 1000000);
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

static const SlirpCb callbacks = {
    .send_packet = from_slirp,
    .guest_error = guest_error,
    .clock_get_ns = slirp_clock_ns,
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

/* Let libslirp work, after at most so much real time without an event. */
static bool poll_slirp(int real_ms)
{
    uint32_t due_ms = UINT32_MAX;
    int ready;

    fds_len = 0;
    slirp_pollfds_fill(slirp, &due_ms, add_poll, NULL);
    ready = poll(fds, fds_len, real_ms);
    slirp_pollfds_poll(slirp, ready < 0, get_revents, NULL);
    slirp_due_ms = now_ms + due_ms;
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
    slirp = slirp_new(&config, &callbacks, NULL);
    return slirp != NULL;
}

/* ------------------------------------------------------------------ lwIP */

static err_t from_lwip(struct netif *unused, struct pbuf *p)
{
    uint8_t copy[FRAME_CAP];

    (void)unused;
    if (p->tot_len > sizeof(copy)) {
        return ERR_BUF;
    }
    put_on_wire(&to_slirp, copy, pbuf_copy_partial(p, copy, p->tot_len, 0));
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

static bool start_lwip(void)
{
    ip4_addr_t address, mask, gateway;

    IP4_ADDR(&address, 10, 0, 2, 15);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    IP4_ADDR(&gateway, 10, 0, 2, 2);
    lwip_init();
    if (netif_add(&netif, &address, &mask, &gateway, NULL, prepare_netif,
                  netif_input) == NULL) {
        return false;
    }
    netif_set_default(&netif);
    netif_set_up(&netif);
    return true;
}

/* ------------------------------------------------------------------ time */

/* The state in /proc/PID/task/TID/stat, after the name in brackets. */
static char thread_state(const char *tid)
{
    char path[64], text[256];
    const char *bracket;
    FILE *file;
    size_t n;

    snprintf(path, sizeof(path), "/proc/%d/task/%.20s/stat", (int)peer, tid);
    file = fopen(path, "r");
    if (file == NULL) {
        return 'X'; /* it has ended */
    }
    n = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[n] = '\0';
    bracket = strrchr(text, ')');
    return bracket == NULL || bracket + 2 >= text + n ? 'X' : bracket[2];
}

/*
 * Whether all threads of the peer sleep. A send to one of them wakes it before
 * the send returns; so only time can wake them.
 */
static bool peer_rests(void)
{
    char path[64];
    const struct dirent *entry;
    bool rests = true;
    DIR *threads;

    snprintf(path, sizeof(path), "/proc/%d/task", (int)peer);
    threads = opendir(path);
    if (threads == NULL) {
        return true; /* for ever */
    }
    while (rests && (entry = readdir(threads)) != NULL) {
        rests = entry->d_name[0] == '.' ||
                strchr("SXZ", thread_state(entry->d_name)) != NULL;
    }
    closedir(threads);
    return rests;
}

static bool move(void)
{
    const bool delivered = deliver_due();
    const bool ready = poll_slirp(0);

    sys_check_timeouts();
    return delivered || ready;
}

static void jump(uint64_t until_ms)
{
    const struct frame *first = first_frame();
    const uint64_t lwip_due_ms = now_ms + sys_timeouts_sleeptime();

    if (first != NULL && first->due_ms < until_ms) {
        until_ms = first->due_ms;
    }
    if (slirp_due_ms < until_ms) {
        until_ms = slirp_due_ms;
    }
    if (lwip_due_ms < until_ms) {
        until_ms = lwip_due_ms;
    }
    if (until_ms > now_ms) {
        now_ms = until_ms;
    }
}

void link_wait(uint64_t until_ms)
{
    if (move()) {
        return;
    }
    if (!peer_rests()) {
        poll_slirp(PEER_AT_WORK_MS);
        return;
    }
    /* What it sent before it slept has arrived by now. */
    if (!move()) {
        jump(until_ms);
    }
}

uint64_t link_now_ms(void)
{
    return now_ms;
}

/* ------------------------------------------------------ begin and end */

bool link_start(enum impair_kind kind, unsigned percent, uint64_t seed,
                pid_t process)
{
    random_state = seed;
    to_lwip = (struct impair){kind, percent, impair_random(&random_state), 0};
    to_slirp = (struct impair){kind, percent, impair_random(&random_state), 0};
    peer = process;
    signal(SIGPIPE, SIG_IGN); /* libslirp may send to a closed socket */
    return start_slirp() && start_lwip();
}

void link_stop(void)
{
    netif_remove(&netif);
    slirp_cleanup(slirp);
}

unsigned link_frames(void)
{
    return (unsigned)frames_sent;
}

unsigned link_impaired(void)
{
    return to_lwip.count + to_slirp.count;
}
