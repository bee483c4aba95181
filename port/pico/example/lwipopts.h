/* lwIP for one TLS connection from a Pico W: IPv4 with DHCP, DNS and SNTP. */
#ifndef EXAMPLE_LWIPOPTS_H
#define EXAMPLE_LWIPOPTS_H

#include <stdint.h>

#define NO_SYS 1
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_DHCP 1
#define LWIP_DHCP_DOES_ACD_CHECK 0
#define LWIP_DNS 1
#define LWIP_NETIF_HOSTNAME 1
#define LWIP_NETIF_STATUS_CALLBACK 1
#define LWIP_NETIF_LINK_CALLBACK 1
#define LWIP_NETIF_TX_SINGLE_PBUF 1 /* the driver sends a frame whole */

/* Frames that arrive: more than the window has. */
#define TCP_MSS 1460
#define TCP_WND (6 * TCP_MSS)
#define PBUF_POOL_SIZE 12
/* Bytes that are sent, until the peer has them. */
#define TCP_SND_BUF (2 * TCP_MSS)
#define MEM_ALIGNMENT 4
#define MEM_SIZE (6 * 1024)
#define MEMP_NUM_TCP_SEG 16
#define MEMP_NUM_SYS_TIMEOUT (LWIP_NUM_SYS_TIMEOUT_INTERNAL + 2) /* SNTP's */

/* The device learns the time. */
#define SNTP_SERVER_DNS 1
#define SNTP_CHECK_RESPONSE 1
#define SNTP_SET_SYSTEM_TIME(seconds)                     \
    do {                                                  \
        void segjob_pico_set_time(uint32_t unix_seconds); \
        segjob_pico_set_time(seconds);                    \
    } while (0)

#endif
