/*
 * The lwIP backend: TCP over lwIP's raw API, its DNS client and its clock, and
 * TLS. For lwIP 2.1.3 and 2.2.1, with IPv4, IPv6 or both.
 *
 * The application brings lwIP up (lwip_init() or tcpip_init(), an interface, a
 * DNS server) and gives a wall clock and random bytes. lwipopts.h needs
 * LWIP_TCP, LWIP_DNS and LWIP_CALLBACK_API. sys_now() must not run backwards,
 * other than by wrapping; if nothing here is called for longer than it takes to
 * wrap, 49 days of that time go uncounted. There is no route to `localhost` and
 * loopback addresses without LWIP_NETIF_LOOPBACK or LWIP_HAVE_LOOPIF.
 *
 * Who may call what is here and, with this port, the runner and segjob_tls.h,
 * is for lwipopts.h to say; port/lwip/README.md shows each way.
 *
 * With NO_SYS 1 all calls come from the main loop or lwIP's timers. That loop
 * feeds lwIP: netif->input() for what arrives, and sys_check_timeouts().
 * For segjob_run(), the `wait` that the application gives is that loop's body:
 * sleep until an interrupt, `wants->wake_ms` or sys_timeouts_sleeptime(),
 * whichever is first, and then feed lwIP. A program that does not feed lwIP
 * between two operations must call segjob_disconnect() after the first: it
 * would not notice that the service closed the connection.
 *
 * With NO_SYS 0 and LWIP_TCPIP_CORE_LOCKING 1 all calls come from one thread,
 * any but lwIP's own, and without lwIP's lock, which each takes. `wait` is the
 * port's own.
 *
 * With NO_SYS 0 and LWIP_TCPIP_CORE_LOCKING 0 all calls come from lwIP's own
 * thread, where tcpip_callback() and segjob_lwip_schedule() call functions of
 * the application. segjob_run() must not be called: it would stop lwIP.
 *
 * What arrives stays in lwIP's pbufs until it is read, and the window opens as
 * it is: PBUF_POOL_SIZE buffers should hold TCP_WND bytes in the segments that
 * come, however small, and leave some for the acknowledgements of what is sent:
 * what finds none is dropped and sent again. What is sent is copied into lwIP's
 * heap (MEM_SIZE), TCP_SND_BUF bytes at most, until the peer has it; where
 * there is less room, less is taken at a time. Neither needs to hold a TLS
 * record of 16 KB. The port allocates nothing.
 */
#ifndef SEGJOB_LWIP_H
#define SEGJOB_LWIP_H

#include <lwip/err.h>
#include <lwip/sys.h>

#include "segjob_connect.h"
#include "segjob_port.h"
#include "segjob_run.h"
#include "segjob_tls.h"

#ifdef __cplusplus
extern "C" {
#endif

struct pbuf;
struct tcp_pcb;

/* Milliseconds until a send is repeated for which lwIP had no memory. */
#define SEGJOB_LWIP_RETRY_MS 100u

/*
 * Clocks, random bytes and names. lwIP gives one address of each kind: IPv4
 * is asked for first, then IPv6.
 */
struct segjob_lwip_platform {
    struct segjob_platform platform;
    uint64_t now_ms; /* the low half is the last value of sys_now() */
#if NO_SYS || LWIP_TCPIP_CORE_LOCKING
    sys_sem_t wake; /* lwIP's callbacks signal it */
#else
    void (*step)(void *arg); /* scheduled, or NULL */
    void *arg;
#endif
    struct segjob_lwip_query *query; /* in progress, or NULL */
    size_t asked;                    /* kinds of addresses asked for so far */
    size_t found_len;
    struct segjob_address found[2];
    err_t error; /* of the last query that could not start */
};

/* A TCP stream over a pcb of lwIP. */
struct segjob_lwip_tcp {
    struct segjob_stream stream;
    struct segjob_lwip_platform *platform;
    struct tcp_pcb *pcb;   /* NULL: none, or lwIP has freed it */
    struct pbuf *received; /* arrived, and not read yet */
    err_t error;           /* with which lwIP freed the pcb */
    bool connected;
    bool ended;       /* the peer has closed its side */
    bool news;        /* a callback came after the last call */
    bool wants_write; /* whether the last call waits to write, else to read */
    struct segjob_connect connect; /* while connecting */
    uint64_t retry_ms; /* after a send without memory; UINT64_MAX: none */
};

/* All of it together. */
struct segjob_lwip {
    struct segjob_port port; /* for segjob_step() and segjob_run() */
    struct segjob_lwip_platform platform;
    struct segjob_lwip_tcp tcp;
    struct segjob_tls tls;
};

/*
 * Prepare a port. `own` supplies the application's `wall_clock` and `random`
 * and, with NO_SYS 1, the `wait` that segjob_run() needs; each is called with
 * the port's platform. `roots` are the trusted certificates, which are parsed
 * after segjob_tls_start(). They and
 * `credentials` are borrowed until segjob_lwip_free().
 *
 * Any thread may call it: it calls nothing of lwIP's that needs a lock.
 *
 * Returns
 *   SEGJOB_OK      `lwip->port` can be used
 *   SEGJOB_CONFIG  a clock or a random source is missing, lwIP has no
 *                  semaphore, or mbedTLS refused; `lwip->port.error` says
 *                  which. Nothing is to be freed.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_lwip_init(
    struct segjob_lwip *lwip, const struct segjob_platform *own,
    mbedtls_x509_crt *roots, const struct segjob_credentials *credentials);

#if !NO_SYS && !LWIP_TCPIP_CORE_LOCKING
/*
 * Have lwIP's thread call `step(arg)` once: as soon as a callback of lwIP has
 * news for the port, and at the latest at `wants->wake_ms`, or in a minute if
 * that is later. It is not called from within a callback of a connection, so it
 * may do anything, also free the port. A second call replaces the first.
 *
 * It takes one of lwIP's timers: MEMP_NUM_SYS_TIMEOUT is to count one for each
 * port.
 */
void segjob_lwip_schedule(struct segjob_lwip *lwip,
                          const struct segjob_wants *wants,
                          void (*step)(void *arg), void *arg);
#endif

/*
 * Close, and free what mbedTLS allocated. Afterwards lwIP keeps no pointer into
 * `*lwip`, even if a query or a connection was in progress, and calls nothing
 * that was scheduled.
 */
void segjob_lwip_free(struct segjob_lwip *lwip);

#ifdef __cplusplus
}
#endif

#endif
