/*
 * The LAN9118 Ethernet controller as an interface of lwIP, by polling; its
 * interrupt only ends a sleep. Source: SMSC, LAN9118 datasheet.
 */
#include <string.h>

#include <lwip/etharp.h>
#include <lwip/pbuf.h>
#include <lwip/timeouts.h>

#include "board.h"
#include "mps2.h"

#define RX_DATA (LAN9118_BASE + 0x00u)
#define TX_DATA (LAN9118_BASE + 0x20u)
#define RX_STATUS (LAN9118_BASE + 0x40u)
#define RX_STATUS_LEN(status) ((status) >> 16 & 0x3FFFu)
#define RX_STATUS_ERROR (1u << 15)
#define IRQ_CFG (LAN9118_BASE + 0x54u)
#define IRQ_CFG_ON 0x111u /* enabled, active high, push-pull */
#define INT_STS (LAN9118_BASE + 0x58u)
#define INT_EN (LAN9118_BASE + 0x5Cu)
#define INT_RX (1u << 3) /* the RX status queue is not empty */
#define FIFO_INT (LAN9118_BASE + 0x68u)
#define RX_CFG (LAN9118_BASE + 0x6Cu)
#define TX_CFG (LAN9118_BASE + 0x70u)
#define TX_CFG_ON 6u /* on; statuses that nobody reads may be lost */
#define HW_CFG (LAN9118_BASE + 0x74u)
#define HW_CFG_RESET 1u
#define HW_CFG_TX_5KB (5u << 16 | 1u << 20)
#define RX_FIFO_INF (LAN9118_BASE + 0x7Cu)
#define RX_FIFO_FRAMES(inf) ((inf) >> 16 & 0xFFu)
#define TX_FIFO_INF (LAN9118_BASE + 0x80u)
#define TX_FIFO_FREE(inf) ((inf)&0xFFFFu)
#define MAC_CSR_CMD (LAN9118_BASE + 0xA4u)
#define MAC_CSR_BUSY (1u << 31)
#define MAC_CSR_READ (1u << 30)
#define MAC_CSR_DATA (LAN9118_BASE + 0xA8u)

/* Registers that MAC_CSR_CMD addresses; the PHY's: MAC_MII_ACC. */
#define MAC_CR 1u
#define MAC_CR_ON (1u << 2 | 1u << 3 | 1u << 20) /* RX, TX, full duplex */
#define MAC_ADDRH 2u
#define MAC_ADDRL 3u
#define MAC_MII_ACC 6u
#define MAC_MII_BUSY 1u
#define MAC_MII_DATA 7u
#define PHY_ADDRESS 1u
#define PHY_STATUS 1u
#define PHY_STATUS_LINK (1u << 2)

#define TX_FIRST (1u << 13)
#define TX_LAST (1u << 12)

#define LINK_POLL_MS 250u
#define FRAME_CAP 1518u /* with its check sequence, which lwIP does not see */
#define FCS_LEN 4u

static uint32_t mac_read(uint32_t which)
{
    *reg(MAC_CSR_CMD) = MAC_CSR_BUSY | MAC_CSR_READ | which;
    while ((*reg(MAC_CSR_CMD) & MAC_CSR_BUSY) != 0) {
    }
    return *reg(MAC_CSR_DATA);
}

static void mac_write(uint32_t which, uint32_t value)
{
    *reg(MAC_CSR_DATA) = value;
    *reg(MAC_CSR_CMD) = MAC_CSR_BUSY | which;
    while ((*reg(MAC_CSR_CMD) & MAC_CSR_BUSY) != 0) {
    }
}

/* Looks again and again. The PHY says `down` once more after a short loss. */
static void check_link(void *arg)
{
    struct netif *netif = arg;

    mac_write(MAC_MII_ACC, PHY_ADDRESS << 11 | PHY_STATUS << 6 | MAC_MII_BUSY);
    while ((mac_read(MAC_MII_ACC) & MAC_MII_BUSY) != 0) {
    }
    if ((mac_read(MAC_MII_DATA) & PHY_STATUS_LINK) != 0) {
        netif_set_link_up(netif);
    } else {
        netif_set_link_down(netif);
    }
    sys_timeout(LINK_POLL_MS, check_link, netif);
}

/* The whole frame, in words. */
static uint32_t words[(FRAME_CAP + 3) / 4];

/* lwIP's `linkoutput`. A frame that is lost here, TCP sends again. */
static err_t send_frame(struct netif *netif, struct pbuf *p)
{
    size_t i;

    (void)netif;
    if (p->tot_len > FRAME_CAP - FCS_LEN ||
        TX_FIFO_FREE(*reg(TX_FIFO_INF)) < sizeof(words) + 8) {
        return ERR_BUF;
    }
    pbuf_copy_partial(p, words, p->tot_len, 0);
    *reg(TX_DATA) = TX_FIRST | TX_LAST | p->tot_len;
    *reg(TX_DATA) = p->tot_len;
    for (i = 0; i < (p->tot_len + 3u) / 4; i++) {
        *reg(TX_DATA) = words[i];
    }
    return ERR_OK;
}

/* One frame that has arrived, or NULL if it is bad or there is no room. */
static struct pbuf *receive_frame(void)
{
    const uint32_t status = *reg(RX_STATUS);
    const uint32_t len = RX_STATUS_LEN(status);
    struct pbuf *p;
    size_t i;

    for (i = 0; i < (len + 3) / 4; i++) {
        const uint32_t word = *reg(RX_DATA);

        if (i < sizeof(words) / sizeof(words[0])) {
            words[i] = word;
        }
    }
    if ((status & RX_STATUS_ERROR) != 0 || len <= FCS_LEN || len > FRAME_CAP) {
        return NULL;
    }
    p = pbuf_alloc(PBUF_RAW, (u16_t)(len - FCS_LEN), PBUF_POOL);
    if (p != NULL) {
        pbuf_take(p, words, p->tot_len);
    }
    return p;
}

bool lan9118_has_frame(void)
{
    return RX_FIFO_FRAMES(*reg(RX_FIFO_INF)) != 0;
}

void board_ethernet_poll(struct netif *netif)
{
    *reg(INT_STS) = INT_RX;
    while (lan9118_has_frame()) {
        struct pbuf *p = receive_frame();

        netif_set_link_up(netif); /* a frame says so before the next look */
        if (p != NULL && netif->input(p, netif) != ERR_OK) {
            pbuf_free(p);
        }
    }
}

static void read_address(struct netif *netif)
{
    const uint32_t low = mac_read(MAC_ADDRL);
    const uint32_t high = mac_read(MAC_ADDRH);

    memcpy(netif->hwaddr, &low, 4);
    memcpy(netif->hwaddr + 4, &high, 2);
    netif->hwaddr_len = ETH_HWADDR_LEN;
}

err_t board_ethernet_begin(struct netif *netif)
{
    *reg(HW_CFG) = HW_CFG_RESET;
    while ((*reg(HW_CFG) & HW_CFG_RESET) != 0) {
    }
    *reg(HW_CFG) = HW_CFG_TX_5KB;
    *reg(FIFO_INT) = 0;
    *reg(RX_CFG) = 0;
    *reg(TX_CFG) = TX_CFG_ON;
    *reg(INT_STS) = UINT32_MAX;
    *reg(INT_EN) = INT_RX;
    *reg(IRQ_CFG) = IRQ_CFG_ON;
    mac_write(MAC_CR, MAC_CR_ON);

    read_address(netif);
    netif->name[0] = 'e';
    netif->name[1] = 'n';
    netif->mtu = 1500;
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP;
    netif->output = etharp_output;
    netif->linkoutput = send_frame;
    check_link(netif);
    return ERR_OK;
}
