/*
 * lwIP for the tests: IPv4 and IPv6, a loopback interface, and memory that the
 * address sanitizer sees piece by piece. The build sets NO_SYS,
 * LWIP_TCPIP_CORE_LOCKING if it is 0, SJ_TEST_LARGE (a window of more than
 * 64 KB) and SJ_TEST_ALONE (without loopback).
 */
#ifndef SJ_TEST_LWIPOPTS_H
#define SJ_TEST_LWIPOPTS_H

#define SYS_LIGHTWEIGHT_PROT !NO_SYS
#define LWIP_NETCONN !NO_SYS
#define LWIP_SOCKET !NO_SYS

#define LWIP_IPV4 1
#define LWIP_IPV6 1
#define LWIP_IPV6_SEND_ROUTER_SOLICIT 0
#define IPV6_FRAG_COPYHEADER 1 /* pointers have 64 bits */
#define LWIP_ARP 0
#define LWIP_DNS 1
#if !defined(SJ_TEST_ALONE)
#define LWIP_NETIF_LOOPBACK 1
#define LWIP_HAVE_LOOPIF 1
#endif
#define LWIP_CHECKSUM_CTRL_PER_NETIF 1

#if !NO_SYS
#define LWIP_COMPAT_SOCKETS 0
#define LWIP_POSIX_SOCKETS_IO_NAMES 0
#define TCP_LISTEN_BACKLOG 1
#define MEMP_NUM_NETCONN 16
#if !defined(LWIP_TCPIP_CORE_LOCKING)
#define LWIP_TCPIP_CORE_LOCKING 1
#endif
#define TCP_MSL 100 /* milliseconds, so that TIME-WAIT ends within a test */
#define TCPIP_MBOX_SIZE 64
#define DEFAULT_ACCEPTMBOX_SIZE 8
#define DEFAULT_TCP_RECVMBOX_SIZE 64
#define DEFAULT_UDP_RECVMBOX_SIZE 8
void sys_check_core_locking(void);
#define LWIP_ASSERT_CORE_LOCKED() sys_check_core_locking()
#endif

#define MEM_ALIGNMENT 8
#define MEM_LIBC_MALLOC 1
#define MEMP_MEM_MALLOC 1

#define TCP_MSS 1460
#define TCP_SND_BUF (4 * TCP_MSS)
#if defined(SJ_TEST_LARGE)
#define LWIP_WND_SCALE 1
#define TCP_RCV_SCALE 2
#define TCP_WND 200000
#else
#define TCP_WND (4 * TCP_MSS)
#endif

#define LWIP_STATS 1
#define LWIP_STATS_LARGE 1
#define MEM_STATS 1
#define MEMP_STATS 1
#define SYS_STATS 0          /* lwIP counts without a lock */
#define LWIP_STATS_DISPLAY 1 /* pools have names */

#endif
