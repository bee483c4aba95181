/*
 * A port over a network inside the test: a host reads the whole request and
 * responds with text. Time is the test's own, and passes only in pauses and
 * while no response comes.
 */
#ifndef SJ_TEST_NETWORK_H
#define SJ_TEST_NETWORK_H

#include "rows.h"

#include <stdlib.h>
#include <string.h>

#include "segjob_run.h"

#define NETWORK_TIME INT64_C(1767225600) /* 2026-01-01T00:00:00Z */

/* Failures, in place of a response. */
#define NO_CONNECTION "-connect"
#define NO_ADDRESS "-resolve"
#define CUT "-cut"
#define SILENCE "-silence"

struct network {
    struct segjob_stream tls;
    struct segjob_stream plain;
    struct segjob_platform platform;
    struct segjob_port port;
    uint64_t now; /* milliseconds since NETWORK_TIME, less 1000 */
    int64_t off;  /* of the device's clock, in seconds */
    bool stutters;
    unsigned char random; /* every byte of it */
    /* The response to a request; its text is valid until the next call. */
    const char *(*serve)(const char *host, bool is_plain, const char *request);
    const char *(*reach)(const char *host); /* NULL, or a failure */
    const struct segjob_stream *open;
    char host[128];
    char request[8192];
    size_t request_len;
    const char *response; /* NULL: none yet */
    size_t response_sent;
    unsigned connections;
    unsigned turns;
};

static struct network net;

/* The true time. */
static inline int64_t network_time(void)
{
    return NETWORK_TIME + (int64_t)(net.now / 1000);
}

/* Whether this call blocks. */
static inline bool stutters(void)
{
    return net.stutters && ++net.turns % 2 == 1;
}

static inline enum segjob_io n_resolve(struct segjob_platform *p,
                                       const char *host,
                                       struct segjob_address *addresses,
                                       size_t cap, size_t *len)
{
    const char *what = net.reach == NULL ? NULL : net.reach(host);

    assert_null(net.open);
    assert_true(cap > 0);
    if (stutters()) {
        return SEGJOB_IO_WOULD_BLOCK;
    }
    if (what != NULL && strcmp(what, NO_ADDRESS) == 0) {
        p->error =
            (struct segjob_port_error){SEGJOB_RESOLVE, "no such name", 2};
        return SEGJOB_IO_FAILED;
    }
    memset(addresses, 0, sizeof(*addresses));
    *len = 1;
    return SEGJOB_IO_OK;
}

static inline void n_resolve_cancel(struct segjob_platform *p)
{
    (void)p;
}

static inline enum segjob_io n_open(struct segjob_stream *s,
                                    const struct segjob_peer *peer)
{
    const char *what = net.reach == NULL ? NULL : net.reach(peer->host);

    assert_true(net.open == NULL || net.open == s);
    assert_true(strlen(peer->host) < sizeof(net.host));
    net.open = s;
    strcpy(net.host, peer->host);
    net.request_len = 0;
    net.response = NULL;
    if (stutters() || (what != NULL && strcmp(what, SILENCE) == 0)) {
        return SEGJOB_IO_WOULD_BLOCK;
    }
    if (what != NULL) {
        s->error = (struct segjob_port_error){SEGJOB_CONNECT,
                                              "Connection refused", 111};
        return SEGJOB_IO_FAILED;
    }
    net.connections++;
    return SEGJOB_IO_OK;
}

static inline enum segjob_io n_send(struct segjob_stream *s, const void *bytes,
                                    size_t n, size_t *sent)
{
    assert_ptr_equal(net.open, s);
    if (stutters()) {
        return SEGJOB_IO_WOULD_BLOCK;
    }
    if (net.response != NULL) { /* the next request on this connection */
        net.request_len = 0;
        net.response = NULL;
    }
    *sent = net.stutters ? 1 + n / 2 : n;
    assert_true(net.request_len + *sent < sizeof(net.request));
    memcpy(net.request + net.request_len, bytes, *sent);
    net.request_len += *sent;
    net.request[net.request_len] = '\0';
    return SEGJOB_IO_OK;
}

static inline enum segjob_io n_recv(struct segjob_stream *s, void *room,
                                    size_t n, size_t *received)
{
    size_t left;

    assert_ptr_equal(net.open, s);
    if (net.request_len == 0 || stutters()) {
        return SEGJOB_IO_WOULD_BLOCK;
    }
    if (net.response == NULL) {
        net.response = net.serve(net.host, s == &net.plain, net.request);
        net.response_sent = 0;
    }
    if (strcmp(net.response, SILENCE) == 0) {
        return SEGJOB_IO_WOULD_BLOCK;
    }
    if (strcmp(net.response, CUT) == 0) {
        s->error =
            (struct segjob_port_error){SEGJOB_CONNECTION_CLOSED, "reset", 104};
        return SEGJOB_IO_FAILED;
    }
    left = strlen(net.response) - net.response_sent;
    if (left == 0) {
        /* A response without a length ends here. */
        return strstr(net.response, "Content-Length") == NULL
                   ? SEGJOB_IO_CLOSED
                   : SEGJOB_IO_WOULD_BLOCK;
    }
    n = n < left ? n : left;
    n = net.stutters ? 1 : n;
    memcpy(room, net.response + net.response_sent, n);
    net.response_sent += n;
    *received = n;
    return SEGJOB_IO_OK;
}

static inline void n_close(struct segjob_stream *s)
{
    assert_ptr_equal(net.open, s);
    net.open = NULL;
}

static inline void n_wants(const struct segjob_stream *s,
                           struct segjob_wants *wants)
{
    (void)s;
    wants->readable = true;
    if (net.stutters) {
        wants->wake_ms = net.now + 1;
    }
}

static inline int64_t n_wall_clock(struct segjob_platform *p)
{
    (void)p;
    return network_time() + net.off;
}

static inline uint64_t n_monotonic_ms(struct segjob_platform *p)
{
    (void)p;
    return net.now;
}

static inline bool n_random(struct segjob_platform *p, void *bytes, size_t n)
{
    (void)p;
    memset(bytes, net.random, n);
    return true;
}

static inline void n_wait(struct segjob_platform *p,
                          const struct segjob_wants *wants)
{
    (void)p;
    assert_true(wants->wake_ms != UINT64_MAX);
    assert_true(wants->wake_ms > net.now);
    net.now = wants->wake_ms;
}

static inline void network_begin(const char *(*serve)(const char *host,
                                                      bool is_plain,
                                                      const char *request))
{
    memset(&net, 0, sizeof(net));
    net.tls = (struct segjob_stream){.open = n_open,
                                     .send = n_send,
                                     .recv = n_recv,
                                     .close = n_close,
                                     .wants = n_wants};
    net.plain = net.tls;
    net.platform = (struct segjob_platform){.wall_clock = n_wall_clock,
                                            .monotonic_ms = n_monotonic_ms,
                                            .random = n_random,
                                            .resolve = n_resolve,
                                            .resolve_cancel = n_resolve_cancel,
                                            .wait = n_wait};
    net.port.stream = &net.tls;
    net.port.plain = &net.plain;
    net.port.platform = &net.platform;
    net.serve = serve;
    net.now = 1000;
    net.random = 0x80;
}

#endif
