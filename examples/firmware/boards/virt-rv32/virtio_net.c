/*
 * A network device of virtio as an interface of lwIP, by polling; its interrupt
 * only ends a sleep. Source: OASIS, VIRTIO 1.1, sections 2.6 (split queues),
 * 3.1 (initialization), 4.2 (memory-mapped registers) and 5.1 (network).
 */
#include <lwip/etharp.h>
#include <lwip/pbuf.h>

#include "board.h"
#include "print.h"
#include "virt.h"

/* Registers, from the device's base. */
#define MAGIC 0x000u
#define MAGIC_VIRT 0x74726976u
#define VERSION 0x004u
#define DEVICE_ID 0x008u
#define DEVICE_ID_NETWORK 1u
#define DEVICE_FEATURES 0x010u
#define DEVICE_FEATURES_SEL 0x014u
#define DRIVER_FEATURES 0x020u
#define DRIVER_FEATURES_SEL 0x024u
#define QUEUE_SEL 0x030u
#define QUEUE_NUM_MAX 0x034u
#define QUEUE_NUM 0x038u
#define QUEUE_READY 0x044u
#define QUEUE_NOTIFY 0x050u
#define INTERRUPT_STATUS 0x060u
#define INTERRUPT_ACK 0x064u
#define STATUS 0x070u
#define STATUS_DRIVER (1u | 2u) /* the device is known, and how to drive it */
#define STATUS_FEATURES_OK 8u
#define STATUS_DRIVER_OK 4u
#define QUEUE_DESC 0x080u /* addresses: the lower half, then the upper one */
#define QUEUE_DRIVER 0x090u
#define QUEUE_DEVICE 0x0A0u
#define CONFIG_MAC 0x100u
#define CONFIG_LINK 0x106u /* of two bytes, the lower */
#define CONFIG_LINK_UP 1u

/* Features, in words of 32. */
static const uint32_t features[2] = {
    1u << 5 | 1u << 16, /* CONFIG_MAC and CONFIG_LINK are there */
    1u << 0,            /* 1.0, not its drafts */
};

#define FRAMES 4u      /* in each queue, a power of two */
#define HEADER_LEN 12u /* before each frame: all 0, nothing is left to do */
#define FRAME_CAP 1514u
#define WRITTEN_BY_DEVICE 2u
#define NO_INTERRUPT 1u

/* Descriptor and frame belong together, by their number. */
struct queue {
    struct {
        uint64_t address;
        uint32_t len;
        uint16_t flags, next;
    } descriptors[FRAMES];
    volatile struct {
        uint16_t flags, idx, ring[FRAMES];
    } available; /* to the device */
    volatile struct {
        uint16_t flags, idx;
        struct {
            uint32_t id, len;
        } ring[FRAMES];
    } used;         /* and back */
    uint16_t taken; /* of `used`, so many */
    unsigned char frames[FRAMES][HEADER_LEN + FRAME_CAP];
};

/* By their numbers: what is received, and what is sent. */
static struct queue queues[2] __attribute__((aligned(16)));
static struct queue *const received = &queues[0];
static struct queue *const sent = &queues[1];

static uintptr_t base; /* 0 before board_ethernet_begin() */
static const struct netif *interface;

/* Memory and registers are accessed in this order. */
static void fence(void)
{
    __asm__ volatile("fence" : : : "memory");
}

/* --------------------------------------------------------------- queues */

static void set_address(uint32_t which, volatile void *address)
{
    *reg(base + which) = (uint32_t)(uintptr_t)address;
    *reg(base + which + 4) = 0;
}

/* Returns false if the device has no such queue. */
static bool begin_queue(struct queue *q, uint16_t flags)
{
    size_t i;

    for (i = 0; i < FRAMES; i++) {
        q->descriptors[i].address = (uintptr_t)q->frames[i];
        q->descriptors[i].len = sizeof(q->frames[i]);
        q->descriptors[i].flags = flags;
    }
    *reg(base + QUEUE_SEL) = (uint32_t)(q - queues);
    if (*reg(base + QUEUE_NUM_MAX) < FRAMES) {
        return false;
    }
    *reg(base + QUEUE_NUM) = FRAMES;
    set_address(QUEUE_DESC, q->descriptors);
    set_address(QUEUE_DRIVER, &q->available);
    set_address(QUEUE_DEVICE, &q->used);
    fence();
    *reg(base + QUEUE_READY) = 1;
    return true;
}

/* Give a frame to the device. */
static void give(struct queue *q, uint32_t frame)
{
    q->available.ring[q->available.idx % FRAMES] = (uint16_t)frame;
    fence();
    q->available.idx++;
    fence();
    *reg(base + QUEUE_NOTIFY) = (uint32_t)(q - queues);
}

static bool has_used(const struct queue *q)
{
    return q->used.idx != q->taken;
}

/* The number of a frame that the device is done with, if has_used(). */
static uint32_t take(struct queue *q, uint32_t *len)
{
    const uint16_t at = q->taken++ % FRAMES;

    fence();
    *len = q->used.ring[at].len;
    return q->used.ring[at].id % FRAMES;
}

/* --------------------------------------------------------------- frames */

/* lwIP's `linkoutput`. A frame that is lost here, TCP sends again. */
static err_t send_frame(struct netif *netif, struct pbuf *p)
{
    static uint32_t begun; /* frames that were used at least once */
    uint32_t frame;
    uint32_t len;

    (void)netif;
    if (p->tot_len > FRAME_CAP || (begun == FRAMES && !has_used(sent))) {
        return ERR_BUF;
    }
    frame = begun < FRAMES ? begun++ : take(sent, &len);
    pbuf_copy_partial(p, sent->frames[frame] + HEADER_LEN, p->tot_len, 0);
    sent->descriptors[frame].len = HEADER_LEN + p->tot_len;
    give(sent, frame);
    return ERR_OK;
}

/* One frame that has arrived, or NULL if it is bad or there is no room. */
static struct pbuf *receive_frame(void)
{
    struct pbuf *p = NULL;
    uint32_t len;
    const uint32_t frame = take(received, &len);

    if (len > HEADER_LEN && len <= HEADER_LEN + FRAME_CAP) {
        p = pbuf_alloc(PBUF_RAW, (u16_t)(len - HEADER_LEN), PBUF_POOL);
    }
    if (p != NULL) {
        pbuf_take(p, received->frames[frame] + HEADER_LEN, p->tot_len);
    }
    give(received, frame);
    return p;
}

static bool has_link(void)
{
    return (*reg8(base + CONFIG_LINK) & CONFIG_LINK_UP) != 0;
}

bool virtio_net_has_news(void)
{
    return base != 0 && (has_used(received) ||
                         has_link() != (netif_is_link_up(interface) != 0));
}

void virtio_net_acknowledge(void)
{
    if (base != 0) {
        *reg(base + INTERRUPT_ACK) = *reg(base + INTERRUPT_STATUS);
    }
}

void board_ethernet_poll(struct netif *netif)
{
    if (base == 0) {
        return;
    }
    if (has_link()) {
        netif_set_link_up(netif);
    } else {
        netif_set_link_down(netif);
    }
    while (has_used(received)) {
        struct pbuf *p = receive_frame();

        if (p != NULL && netif->input(p, netif) != ERR_OK) {
            pbuf_free(p);
        }
    }
}

/* ---------------------------------------------------------------- start */

/* Sets `base`. Returns the number of the device, VIRTIO_COUNT for none. */
static uint32_t find_device(void)
{
    uint32_t i;

    for (i = 0; i < VIRTIO_COUNT; i++) {
        const uintptr_t at = VIRTIO_BASE + i * VIRTIO_STEP;

        if (*reg(at + MAGIC) == MAGIC_VIRT && *reg(at + VERSION) == 2 &&
            *reg(at + DEVICE_ID) == DEVICE_ID_NETWORK) {
            base = at;
            break;
        }
    }
    return i;
}

/* Returns false if the device lacks a feature. */
static bool negotiate(void)
{
    uint32_t i;

    *reg(base + STATUS) = 0; /* reset */
    *reg(base + STATUS) = STATUS_DRIVER;
    for (i = 0; i < 2; i++) {
        *reg(base + DEVICE_FEATURES_SEL) = i;
        if ((*reg(base + DEVICE_FEATURES) & features[i]) != features[i]) {
            return false;
        }
        *reg(base + DRIVER_FEATURES_SEL) = i;
        *reg(base + DRIVER_FEATURES) = features[i];
    }
    *reg(base + STATUS) = STATUS_DRIVER | STATUS_FEATURES_OK;
    return (*reg(base + STATUS) & STATUS_FEATURES_OK) != 0;
}

static bool begin_device(void)
{
    uint32_t i;

    sent->available.flags = NO_INTERRUPT;
    if (!negotiate() || !begin_queue(received, WRITTEN_BY_DEVICE) ||
        !begin_queue(sent, 0)) {
        return false;
    }
    *reg(base + STATUS) = STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK;
    for (i = 0; i < FRAMES; i++) {
        give(received, i);
    }
    return true;
}

err_t board_ethernet_begin(struct netif *netif)
{
    const uint32_t number = find_device();
    size_t i;

    if (number == VIRTIO_COUNT || !begin_device()) {
        print("there is no network device of virtio 1.0 or newer\n");
        base = 0;
        return ERR_IF;
    }
    for (i = 0; i < ETH_HWADDR_LEN; i++) {
        netif->hwaddr[i] = *reg8(base + CONFIG_MAC + i);
    }
    netif->hwaddr_len = ETH_HWADDR_LEN;
    netif->name[0] = 'e';
    netif->name[1] = 'n';
    netif->mtu = 1500;
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP;
    netif->output = etharp_output;
    netif->linkoutput = send_frame;
    interface = netif;
    board_wake_by(VIRTIO_IRQ + number);
    board_ethernet_poll(netif);
    return ERR_OK;
}
