/*
 * lwIP in the test's own loop, on the test's own clock, and two peers for the
 * port: a TCP server on the same lwIP, and a far host whose segments the test
 * sends one by one.
 *
 * Each test begins and ends with the same memory of lwIP in use, in every pool
 * and in the heap, once all timers have run out: stack_after() checks it.
 */
#ifndef SJ_TEST_STACK_H
#define SJ_TEST_STACK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <lwip/ip_addr.h>
#include <lwip/memp.h>
#include <lwip/netif.h>
#include <lwip/prot/tcp.h>
#include <lwip/tcp.h>

#include "name_server.h"
#include "segjob_lwip.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* ------------------------------------------------------------ the stack */

extern uint32_t stack_ms; /* what sys_now() returns */

/* For cmocka. stack_start() once per program, the others for each test. */
int stack_start(void **state);
int stack_before(void **state);
int stack_after(void **state);

/* Deliver queued packets, and let the servers work. */
void stack_turn(void);

/* Let time pass, with a turn and lwIP's timers every 10 ms. */
void stack_pass(uint32_t ms);

/* Set the clock, as if lwIP had slept until then. */
void stack_jump(uint32_t ms);

/* An application's functions; `wait` lets at least 10 ms pass. */
extern const struct segjob_platform stack_platform;
extern mbedtls_x509_crt stack_roots; /* none */

/* A port in an allocation of its own, not started with TLS. */
struct segjob_lwip *stack_port(void);
void stack_port_free(struct segjob_lwip *lwip);

/* A byte of the endless text that all peers send. */
uint8_t stack_byte(size_t at);

/* ------------------------------------------------------------ its memory */

/* Limits of lwIP's memory; stack_before() removes them. */
extern struct stack_memory {
    unsigned most[MEMP_MAX]; /* elements of a pool in use at once */
    size_t piece;            /* largest piece of heap that can be allocated */
    /* This allocation fails, if not 0, and each `every`-th after it. */
    unsigned fail_at;
    unsigned every;
    unsigned count; /* of allocations */
} stack_memory;

/* ------------------------------------------------------------- a server */

enum server_then {
    SERVER_STAYS,
    SERVER_ENDS,   /* closes its own direction */
    SERVER_CLOSES, /* both */
    SERVER_RESETS
};

/*
 * Listens at port 80 of every address, for one connection at a time. The bytes
 * that it receives must be those of stack_byte().
 */
extern struct server {
    size_t to_send; /* bytes of stack_byte(), or of `text` if set */
    const char *text;
    size_t piece; /* at most so many bytes in a segment, 0: no limit */
    enum server_then then;
    bool reads_nothing; /* so that its window closes */
    bool accepts_any;   /* not only those of stack_byte() */
    size_t waits_for;   /* sends nothing before it has received so many bytes */
    /* What happened. */
    struct tcp_pcb *pcb; /* NULL: none */
    unsigned accepted;
    size_t sent, got, unread;
    bool ended; /* the peer has closed */
    err_t error;
} server;

void server_listen(void);
void server_stop(void); /* stack_after() does it too */

/* ---------------------------------------------------------- a far host */

/* 10.0.0.9, which sends only what the test sends. */
extern struct far_host {
    uint16_t port; /* of lwIP, as in its last segment */
    uint32_t seq;  /* what the far host sends next */
    uint32_t ack;  /* what it has received */
    uint16_t window;
    uint8_t flags;   /* of the last segment from lwIP: */
    uint32_t len;    /* its length, */
    uint16_t offers; /* and its window */
    unsigned segments;
} far_host;

#define FAR_WHOLE SIZE_MAX

/*
 * Send a segment with `flags` (lwIP's TCP_...) and `n` bytes of stack_byte()
 * from `at` on, in pbufs of `piece` bytes, with empty ones between if it is 0.
 *
 * Returns false if lwIP has no pbufs for it; then the segment is lost.
 */
bool far_sends(uint8_t flags, size_t at, size_t n, size_t piece);

/* The handshake's second segment, after lwIP's first. */
void far_accepts(void);

/* ------------------------------------------------------------ addresses */

#define STACK_OWN                \
    {                            \
        .bytes = { 10, 0, 0, 1 } \
    }
#define STACK_FAR                \
    {                            \
        .bytes = { 10, 0, 0, 9 } \
    }
#define STACK_NO_ROUTE            \
    {                             \
        .bytes = { 192, 0, 2, 1 } \
    }
#define STACK_LOOPBACK6                      \
    {                                        \
        .bytes = {[15] = 1}, .is_ipv6 = true \
    }

extern struct netif stack_wire; /* 10.0.0.1, with the far host on it */

#endif
