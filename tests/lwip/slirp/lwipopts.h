/*
 * lwIP as on a small device, its memory watched: without a thread, or with
 * SJ_TEST_SOCKETS in one of its own, with sockets.
 */
#ifndef SJ_TEST_LWIPOPTS_H
#define SJ_TEST_LWIPOPTS_H

#include <stdint.h>

#if defined(SJ_TEST_SOCKETS)
#define NO_SYS 0
#define TCPIP_MBOX_SIZE 64
#define DEFAULT_TCP_RECVMBOX_SIZE 64
#else
#define NO_SYS 1
#endif
#define SYS_LIGHTWEIGHT_PROT !NO_SYS
#define LWIP_SOCKET !NO_SYS
#define LWIP_NETCONN !NO_SYS

/* <netinet/in.h> has them: libslirp's header includes it. */
#define LWIP_DONT_PROVIDE_BYTEORDER_FUNCTIONS 1

#define LWIP_DNS 1
#define DNS_LOCAL_HOSTLIST 1
#define DNS_LOCAL_HOSTLIST_INIT                                  \
    {                                                            \
        DNS_LOCAL_HOSTLIST_ELEM("personalize.test",              \
                                IPADDR4_INIT_BYTES(10, 0, 2, 2)) \
    }

#define MEM_ALIGNMENT 8
#define TCP_MSS 1460
#define TCP_SND_BUF (2 * TCP_MSS)

/* So little that it runs out, or each element from malloc(). */
#if defined(SJ_TEST_POOLS)
#define MEM_SIZE 1024
#define PBUF_POOL_SIZE 3
#define TCP_WND TCP_MSS
#else
#define MEM_LIBC_MALLOC 1
#define MEMP_MEM_MALLOC 1
#define TCP_WND (4 * TCP_MSS)
#endif

#define LWIP_STATS 1
#define LWIP_STATS_LARGE 1
#define MEM_STATS 1
#define MEMP_STATS 1
#define LWIP_STATS_DISPLAY 1 /* pools have names */

#if NO_SYS                     /* else lwIP's port for Unix has it */
uint32_t sj_test_random(void); /* by the run's seed: link.c */
#define LWIP_RAND() sj_test_random()
#endif

#endif
