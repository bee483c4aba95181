/*
 * lwIP for one TCP connection from a main loop: IPv4 with DHCP and DNS.
 * About 25 KB of RAM, most of it for frames that arrive.
 */
#ifndef FIRMWARE_LWIPOPTS_H
#define FIRMWARE_LWIPOPTS_H

#include <stdint.h>

/* No thread, and none of the interfaces that need one. */
#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_RAW 0

#define LWIP_IPV4 1
#define LWIP_IPV6 0
#define LWIP_DHCP 1
#define LWIP_DNS 1
/* An address is used at once, not watched for seconds (RFC 5227) first. */
#define LWIP_DHCP_DOES_ACD_CHECK 0
/* TCP keeps to the segment size, and a DNS response fits a frame. */
#define IP_FRAG 0
#define IP_REASSEMBLY 0

/* For the parameter `address=`, the address of the host. */
#define DNS_LOCAL_HOSTLIST 1
#define DNS_LOCAL_HOSTLIST_IS_DYNAMIC 1
#define DNS_TABLE_SIZE 2

/*
 * Frames are kept in chains of small buffers, so that a small frame takes a
 * small buffer: 8 full frames or 24 small ones. The window is less than that,
 * and what is lost all the same is sent again.
 */
#define TCP_MSS 1460
#define TCP_WND (4 * TCP_MSS)
#define PBUF_POOL_SIZE 24
#define PBUF_POOL_BUFSIZE 576
#define TCP_QUEUE_OOSEQ 0 /* with so few frames it would help little */

/* What is sent is copied to the heap until the peer has it. */
#define TCP_SND_BUF (2 * TCP_MSS)
#define MEM_ALIGNMENT 4
#define MEM_SIZE (6 * 1024)
#define MEMP_NUM_TCP_SEG 16
#define MEMP_NUM_TCP_PCB 3 /* one, and two that await their end */
#define MEMP_NUM_TCP_PCB_LISTEN 1
#define MEMP_NUM_UDP_PCB 3 /* DHCP, DNS, SNTP */
#define MEMP_NUM_PBUF 4
/* lwIP's own, SNTP's two, the driver's look at the link. */
#define MEMP_NUM_SYS_TIMEOUT (LWIP_NUM_SYS_TIMEOUT_INTERNAL + 3)

/* A sequence number that nobody can guess. */
#define LWIP_HOOK_TCP_ISN(local, local_port, remote, remote_port) \
    network_random()

/*
 * SNTP queries the server of `sntp=` once an hour. The time stamp of a request
 * is a random number that the response must repeat, so that only those who see
 * the request can respond.
 */
extern uint16_t sntp_port;
void clock_tell_sntp(uint32_t unix_time);
#define SNTP_PORT sntp_port
#define SNTP_STARTUP_DELAY 0
#define SNTP_CHECK_RESPONSE 2
#define SNTP_GET_SYSTEM_TIME_NTP(seconds, fraction) \
    do {                                            \
        (seconds) = (int32_t)network_random();      \
        (fraction) = network_random();              \
    } while (0)
#define SNTP_SET_SYSTEM_TIME(seconds) clock_tell_sntp(seconds)

/* How far heap and pools were used, and nothing else, is counted. */
#define LWIP_STATS 1
#define MEM_STATS 1
#define MEMP_STATS 1
#define LINK_STATS 0
#define ETHARP_STATS 0
#define IP_STATS 0
#define IPFRAG_STATS 0
#define ICMP_STATS 0
#define UDP_STATS 0
#define TCP_STATS 0
#define SYS_STATS 0

#endif
