/*
 * TCP over sockets, those of the system over loopback, and with
 * SEGJOB_LWIP_SOCKETS those of lwIP (tests/lwip).
 *
 * Where the sockets cannot be made to misbehave, their calls are wrapped; by
 * default a wrapped call is the sockets' own.
 */
#define _DEFAULT_SOURCE

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "segjob_sockets.h"
#include "sj_sockets.h"

#if defined(SEGJOB_LWIP_SOCKETS)
#include "loopback.h"
#define __real_connect __real_lwip_connect
#define __wrap_connect __wrap_lwip_connect
#define __real_send __real_lwip_send
#define __wrap_send __wrap_lwip_send
#define __real_recv __real_lwip_recv
#define __wrap_recv __wrap_lwip_recv
#define REFUSED ECONNRESET /* lwIP's name for it */
#else
#include <fcntl.h>
#define REFUSED ECONNREFUSED
#endif

/* ---------------------------------------------------------- wrapped calls */

static struct {
    int interrupted;   /* so many calls fail with EINTR before one succeeds */
    int connect_error; /* of one connect() ... */
    int connect_at;    /* ... after so many others that succeed */
} inject;

static int calls_of_recv;

int __real_connect(int fd, const struct sockaddr *to, socklen_t len);
int __wrap_connect(int fd, const struct sockaddr *to, socklen_t len);
ssize_t __real_send(int fd, const void *bytes, size_t n, int flags);
ssize_t __wrap_send(int fd, const void *bytes, size_t n, int flags);
ssize_t __real_recv(int fd, void *room, size_t n, int flags);
ssize_t __wrap_recv(int fd, void *room, size_t n, int flags);

static bool is_interrupted(void)
{
    if (inject.interrupted > 0) {
        inject.interrupted--;
        errno = EINTR;
        return true;
    }
    return false;
}

int __wrap_connect(int fd, const struct sockaddr *to, socklen_t len)
{
    if (inject.connect_error != 0 && inject.connect_at-- == 0) {
        errno = inject.connect_error;
        inject.connect_error = 0;
        return -1;
    }
    if (is_interrupted()) {
        (void)__real_connect(fd, to, len);
        errno = EINTR; /* the connection goes on (POSIX, connect) */
        return -1;
    }
    return __real_connect(fd, to, len);
}

ssize_t __wrap_send(int fd, const void *bytes, size_t n, int flags)
{
    return is_interrupted() ? -1 : __real_send(fd, bytes, n, flags);
}

ssize_t __wrap_recv(int fd, void *room, size_t n, int flags)
{
    calls_of_recv++;
    return is_interrupted() ? -1 : __real_recv(fd, room, n, flags);
}

/* ---------------------------------------------------------------- helpers */

/* A socket that listens at 127.0.0.`last`; `*port` 0 picks a free port. */
static int listen_at(uint8_t last, uint16_t *port, int backlog)
{
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_port = SJ_CALL(htons)(*port)};
    socklen_t len = sizeof(in);
    const int fd = SJ_CALL(socket)(AF_INET, SOCK_STREAM, 0);
    const int on = 1;

    assert_true(fd >= 0);
    (void)SJ_CALL(setsockopt)(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    in.sin_addr.s_addr = SJ_CALL(htonl)(0x7F000000u | last);
    assert_int_equal(SJ_CALL(bind)(fd, (struct sockaddr *)&in, sizeof(in)), 0);
    assert_int_equal(SJ_CALL(listen)(fd, backlog), 0);
    assert_int_equal(SJ_CALL(getsockname)(fd, (struct sockaddr *)&in, &len), 0);
    *port = SJ_CALL(ntohs)(in.sin_port);
    return fd;
}

/* The descriptor that the next socket gets: the lowest one that is free. */
static int next_descriptor(void)
{
    const int fd = SJ_CALL(socket)(AF_INET, SOCK_STREAM, 0);

    assert_true(fd >= 0);
    assert_int_equal(SJ_CALL(close)(fd), 0);
    return fd;
}

static struct segjob_sockets_tcp tcp;

static uint64_t monotonic_ms(struct segjob_platform *p)
{
    struct timespec now;

    (void)p;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 + 1;
}

static struct segjob_platform platform = {.monotonic_ms = monotonic_ms};

/* ---------------------------------------------------------------- addresses */

static struct segjob_address loopback(uint8_t last)
{
    const struct segjob_address address = {.bytes = {127, 0, 0, last}};

    return address;
}

/* Connect to the addresses 127.0.0.`lasts` in turn, waiting as `wants` says. */
static enum segjob_io connect_again(const uint8_t *lasts, size_t n,
                                    uint16_t port)
{
    struct segjob_address addresses[4];
    const struct segjob_peer peer = {.host = "any",
                                     .addresses = addresses,
                                     .addresses_len = n,
                                     .port = port};
    enum segjob_io io;
    size_t i;

    for (i = 0; i < n; i++) {
        addresses[i] = loopback(lasts[i]);
    }
    while ((io = tcp.stream.open(&tcp.stream, &peer)) ==
           SEGJOB_IO_WOULD_BLOCK) {
        struct segjob_wants wants = {false, false, UINT64_MAX};

        tcp.stream.wants(&tcp.stream, &wants);
        assert_true(wants.writable);
        segjob_sockets_wait(&tcp, &wants);
    }
    return io;
}

static enum segjob_io connect_to(const uint8_t *lasts, size_t n, uint16_t port)
{
    segjob_sockets_tcp_init(&tcp, &platform);
    return connect_again(lasts, n, port);
}

static uint8_t peer_last_byte(void)
{
    struct sockaddr_in in;
    socklen_t len = sizeof(in);

    assert_int_equal(SJ_CALL(getpeername)(tcp.fd, (struct sockaddr *)&in, &len),
                     0);
    return (uint8_t)(SJ_CALL(ntohl)(in.sin_addr.s_addr) & 0xFF);
}

static void test_socket_options(void **state)
{
    const uint8_t lasts[] = {1};
    uint16_t port = 0;
    const int listener = listen_at(1, &port, 5);
    int on = 0;
    socklen_t len = sizeof(on);

    (void)state;
    inject.interrupted = 1;
    assert_int_equal(connect_to(lasts, 1, port), SEGJOB_IO_OK);
    assert_int_equal(inject.interrupted, 0);
#if !defined(SEGJOB_LWIP_SOCKETS)
    assert_int_equal(fcntl(tcp.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
#endif
    assert_int_equal(SJ_CALL(fcntl)(tcp.fd, F_GETFL, 0) & O_NONBLOCK,
                     O_NONBLOCK);
    assert_int_equal(
        SJ_CALL(getsockopt)(tcp.fd, IPPROTO_TCP, TCP_NODELAY, &on, &len), 0);
    assert_true(on != 0);
    tcp.stream.close(&tcp.stream);
    tcp.stream.close(&tcp.stream);
    assert_int_equal(tcp.fd, -1);
    (void)SJ_CALL(close)(listener);
}

static void test_the_first_address_is_closed(void **state)
{
    const uint8_t lasts[] = {2, 3, 1};
    uint16_t port = 0;
    const int listener = listen_at(1, &port, 5);
    const int before_it = next_descriptor();

    (void)state;
    assert_int_equal(connect_to(lasts, 3, port), SEGJOB_IO_OK);
    assert_int_equal(peer_last_byte(), 1);
    tcp.stream.close(&tcp.stream);
    assert_int_equal(next_descriptor(), before_it);
    assert_int_equal(connect_again(&lasts[2], 1, port), SEGJOB_IO_OK);
    tcp.stream.close(&tcp.stream);
    (void)SJ_CALL(close)(listener);
}

/* A full backlog drops SYNs: the connection is neither refused nor accepted. */
static void test_the_first_address_is_a_black_hole(void **state)
{
    const uint8_t lasts[] = {2, 1};
    uint16_t port = 0;
    const int hole = listen_at(2, &port, 0);
    const int listener = listen_at(1, &port, 5);
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_port = SJ_CALL(htons)(port)};
    int fillers[4];
    size_t i;

    (void)state;
    in.sin_addr.s_addr = SJ_CALL(htonl)(0x7F000002u);
    for (i = 0; i < 4; i++) {
        fillers[i] = sj_socket(AF_INET);
        (void)SJ_CALL(connect)(fillers[i], (struct sockaddr *)&in, sizeof(in));
    }
    assert_int_equal(connect_to(lasts, 2, port), SEGJOB_IO_OK);
    assert_int_equal(peer_last_byte(), 1);
    tcp.stream.close(&tcp.stream);
    for (i = 0; i < 4; i++) {
        (void)SJ_CALL(close)(fillers[i]);
    }
    (void)SJ_CALL(close)(hole);
    (void)SJ_CALL(close)(listener);
}

static void test_no_address_accepts(void **state)
{
    const uint8_t lasts[] = {2, 3};
    uint16_t port = 0;
    const int listener = listen_at(1, &port, 5);
    const int before_it = next_descriptor();

    (void)state;
    assert_int_equal(connect_to(lasts, 2, port), SEGJOB_IO_FAILED);
    assert_int_equal(tcp.stream.error.status, SEGJOB_CONNECT);
    assert_int_equal(tcp.stream.error.code, REFUSED);
    assert_string_equal(tcp.stream.error.message, strerror(REFUSED));
    assert_int_equal(next_descriptor(), before_it);
    (void)SJ_CALL(close)(listener);
    assert_int_equal(connect_to(lasts, 0, port), SEGJOB_IO_FAILED);
    assert_int_equal(tcp.stream.error.status, SEGJOB_CONNECT);
}

/* "Refused" is more specific than "unreachable", whichever comes first. */
static void test_the_most_specific_reason_is_kept(void **state)
{
    const uint8_t lasts[] = {2, 3};
    uint16_t port = 0;
    const int listener = listen_at(1, &port, 5);
    int at;

    (void)state;
    for (at = 0; at < 2; at++) {
        inject.connect_error = ENETUNREACH;
        inject.connect_at = at;
        assert_int_equal(connect_to(lasts, 2, port), SEGJOB_IO_FAILED);
        assert_int_equal(inject.connect_error, 0);
        assert_int_equal(tcp.stream.error.code, REFUSED);
    }
    inject.connect_error = ENETUNREACH;
    inject.connect_at = 0;
    assert_int_equal(connect_to(lasts, 1, port), SEGJOB_IO_FAILED);
    assert_int_equal(tcp.stream.error.code, ENETUNREACH);
    (void)SJ_CALL(close)(listener);
}

static void test_ipv6(void **state)
{
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
                               .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    socklen_t len = sizeof(in6);
    struct segjob_address address = {.bytes = {[15] = 1}, .is_ipv6 = true};
    struct segjob_peer peer = {.addresses = &address, .addresses_len = 1};
    const int listener = SJ_CALL(socket)(AF_INET6, SOCK_STREAM, 0);
    struct segjob_wants wants = {false, true, UINT64_MAX};
    enum segjob_io io;

    (void)state;
    if (listener < 0 ||
        SJ_CALL(bind)(listener, (struct sockaddr *)&in6, sizeof(in6)) != 0) {
        print_message("no IPv6 here\n");
        skip();
    }
    assert_int_equal(SJ_CALL(listen)(listener, 5), 0);
    assert_int_equal(
        SJ_CALL(getsockname)(listener, (struct sockaddr *)&in6, &len), 0);
    peer.port = SJ_CALL(ntohs)(in6.sin6_port);
    segjob_sockets_tcp_init(&tcp, &platform);
    while ((io = tcp.stream.open(&tcp.stream, &peer)) ==
           SEGJOB_IO_WOULD_BLOCK) {
        segjob_sockets_wait(&tcp, &wants);
    }
    assert_int_equal(io, SEGJOB_IO_OK);
    tcp.stream.close(&tcp.stream);
    (void)SJ_CALL(close)(listener);
}

/* ----------------------------------------------------------- send and recv */

static int connect_pair(int *listener)
{
    const uint8_t lasts[] = {1};
    uint16_t port = 0;
    int fd;

    *listener = listen_at(1, &port, 5);
    assert_int_equal(connect_to(lasts, 1, port), SEGJOB_IO_OK);
    fd = SJ_CALL(accept)(*listener, NULL, NULL);
    assert_true(fd >= 0);
    return fd;
}

static void test_a_send_that_blocks_half_way(void **state)
{
    static unsigned char out[1 << 20], in[sizeof(out)];
    const int small = 4096;
    size_t sent = 0, got = 0, i;
    unsigned blocked = 0;
    int listener;
    const int fd = connect_pair(&listener);

    (void)state;
    for (i = 0; i < sizeof(out); i++) {
        out[i] = (unsigned char)(i * 7 + i / 253);
    }
    /* lwIP has no such option; its buffer is small. */
    (void)SJ_CALL(setsockopt)(tcp.fd, SOL_SOCKET, SO_SNDBUF, &small,
                              sizeof(small));
    inject.interrupted = 2;
    while (sent < sizeof(out)) {
        struct segjob_wants wants = {false, false, UINT64_MAX};
        size_t n = 0;
        const enum segjob_io io =
            tcp.stream.send(&tcp.stream, out + sent, sizeof(out) - sent, &n);

        if (io == SEGJOB_IO_OK) {
            assert_true(n > 0 && n <= sizeof(out) - sent);
            sent += n;
            continue;
        }
        assert_int_equal(io, SEGJOB_IO_WOULD_BLOCK);
        tcp.stream.wants(&tcp.stream, &wants);
        assert_true(wants.writable && !wants.readable);
        blocked++;
        got += (size_t)SJ_CALL(read)(fd, in + got, sizeof(in) - got);
        segjob_sockets_wait(&tcp, &wants);
    }
    assert_true(blocked > 0);
    while (got < sizeof(in)) {
        got += (size_t)SJ_CALL(read)(fd, in + got, sizeof(in) - got);
    }
    assert_memory_equal(in, out, sizeof(out));
    tcp.stream.close(&tcp.stream);
    (void)SJ_CALL(close)(fd);
    (void)SJ_CALL(close)(listener);
}

static enum segjob_io receive(void *room, size_t n, size_t *received)
{
    struct segjob_wants wants = {false, false, UINT64_MAX};
    enum segjob_io io;

    while ((io = tcp.stream.recv(&tcp.stream, room, n, received)) ==
           SEGJOB_IO_WOULD_BLOCK) {
        tcp.stream.wants(&tcp.stream, &wants);
        segjob_sockets_wait(&tcp, &wants);
        calls_of_recv = 0;
    }
    return io;
}

/* As TLS receives a record: 5 bytes, then as many as these say. */
static void receive_record(size_t len)
{
    unsigned char record[2048] = {0};
    size_t got, n = 0;

    assert_int_equal(receive(record, 5, &got), SEGJOB_IO_OK);
    assert_int_equal(got, 5);
    while (got < len) {
        assert_int_equal(receive(record + got, len - got, &n), SEGJOB_IO_OK);
        got += n;
    }
    if (len <= SEGJOB_SOCKETS_AHEAD) { /* TCP may split what is longer */
        assert_int_equal(calls_of_recv, 1);
    }
    while (got-- > 0) {
        assert_int_equal(record[got], got % 251);
    }
}

static void test_header_and_record_are_received_at_once(void **state)
{
    const size_t lens[] = {5, 6, SEGJOB_SOCKETS_AHEAD, SEGJOB_SOCKETS_AHEAD + 1,
                           2048};
    unsigned char record[2048];
    int listener;
    const int fd = connect_pair(&listener);
    size_t i, n = 0;

    (void)state;
    for (i = 0; i < sizeof(record); i++) {
        record[i] = (unsigned char)(i % 251);
    }
    for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        calls_of_recv = 0;
        assert_int_equal(SJ_CALL(write)(fd, record, lens[i]), lens[i]);
        receive_record(lens[i]);
        assert_int_equal(tcp.stream.recv(&tcp.stream, record, 1, &n),
                         SEGJOB_IO_WOULD_BLOCK);
    }
    tcp.stream.close(&tcp.stream);
    (void)SJ_CALL(close)(fd);
    (void)SJ_CALL(close)(listener);
}

/* The next connection does not begin with what was left of this one. */
static void test_what_was_received_ahead_ends_with_the_connection(void **state)
{
    static const unsigned char zeros[SEGJOB_SOCKETS_AHEAD];
    char byte;
    size_t n = 0;
    int listener;
    int fd = connect_pair(&listener);
    const uint8_t lasts[] = {1};
    struct sockaddr_in in;
    socklen_t len = sizeof(in);

    (void)state;
    assert_int_equal(SJ_CALL(write)(fd, "secret", 6), 6);
    assert_int_equal(receive(&byte, 1, &n), SEGJOB_IO_OK);
    tcp.stream.close(&tcp.stream);
    assert_memory_equal(tcp.ahead, zeros, sizeof(zeros));
    (void)SJ_CALL(close)(fd);
    assert_int_equal(
        SJ_CALL(getsockname)(listener, (struct sockaddr *)&in, &len), 0);
    assert_int_equal(connect_again(lasts, 1, SJ_CALL(ntohs)(in.sin_port)),
                     SEGJOB_IO_OK);
    assert_int_equal(tcp.stream.recv(&tcp.stream, &byte, 1, &n),
                     SEGJOB_IO_WOULD_BLOCK);
    tcp.stream.close(&tcp.stream);
    (void)SJ_CALL(close)(listener);
}

static void test_the_end_of_a_connection(void **state)
{
    char room[8];
    size_t n = 0;
    int listener;
    int fd = connect_pair(&listener);
    struct segjob_wants wants = {false, false, UINT64_MAX};

    (void)state;
    assert_int_equal(tcp.stream.recv(&tcp.stream, room, 8, &n),
                     SEGJOB_IO_WOULD_BLOCK);
    tcp.stream.wants(&tcp.stream, &wants);
    assert_true(wants.readable && !wants.writable);
    assert_int_equal(SJ_CALL(write)(fd, "bye", 3), 3);
    (void)SJ_CALL(close)(fd);
    segjob_sockets_wait(&tcp, &wants);
    inject.interrupted = 2;
    assert_int_equal(tcp.stream.recv(&tcp.stream, room, 8, &n), SEGJOB_IO_OK);
    assert_int_equal(n, 3);
    segjob_sockets_wait(&tcp, &wants);
    assert_int_equal(tcp.stream.recv(&tcp.stream, room, 8, &n),
                     SEGJOB_IO_CLOSED);
    tcp.stream.close(&tcp.stream);
    (void)SJ_CALL(close)(listener);
    fd = connect_pair(&listener);
    /* A peer that closes with bytes unread resets the connection. */
    assert_int_equal(tcp.stream.send(&tcp.stream, "x", 1, &n), SEGJOB_IO_OK);
    assert_int_equal(SJ_CALL(recv)(fd, room, 1, MSG_PEEK), 1);
    (void)SJ_CALL(close)(fd);
    segjob_sockets_wait(&tcp, &wants);
    assert_int_equal(tcp.stream.recv(&tcp.stream, room, 8, &n),
                     SEGJOB_IO_FAILED);
    assert_int_equal(tcp.stream.error.status, SEGJOB_CONNECTION_CLOSED);
    assert_int_equal(tcp.stream.error.code, ECONNRESET);
    tcp.stream.close(&tcp.stream);
    (void)SJ_CALL(close)(listener);
}

#if !defined(SEGJOB_LWIP_SOCKETS)

/* SIGPIPE would end this process. */
static void test_no_sigpipe(void **state)
{
    size_t n = 0;
    unsigned tries;
    int listener;
    const int fd = connect_pair(&listener);
    enum segjob_io io = SEGJOB_IO_OK;

    (void)state;
    assert_true(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    (void)SJ_CALL(close)(fd);
    for (tries = 0; io != SEGJOB_IO_FAILED && tries < 1000; tries++) {
        const struct timespec pause_for = {0, 1000000};

        io = tcp.stream.send(&tcp.stream, "x", 1, &n);
        (void)nanosleep(&pause_for, NULL);
    }
    io = tcp.stream.send(&tcp.stream, "x", 1, &n);
    assert_int_equal(io, SEGJOB_IO_FAILED);
    assert_int_equal(tcp.stream.error.status, SEGJOB_CONNECTION_CLOSED);
    assert_int_equal(tcp.stream.error.code, EPIPE);
    tcp.stream.close(&tcp.stream);
    (void)SJ_CALL(close)(listener);
}

#endif

static int before(void **state)
{
    (void)state;
    memset(&inject, 0, sizeof(inject));
    return 0;
}

static int start(void **state)
{
    (void)state;
#if defined(SEGJOB_LWIP_SOCKETS)
    loopback_start();
#endif
    return 0;
}

/* ------------------------------------------------------------- the whole */

/* No query is sent for a number, nor for a label of more than 63 bytes. */
static void test_names_are_resolved(void **state)
{
    struct segjob_platform p = {.monotonic_ms = monotonic_ms};
    struct segjob_address found[2];
    char label[65] = "";
    size_t len = 0;

    (void)state;
    assert_int_equal(segjob_sockets_resolve(&p, "192.0.2.33", found, 2, &len),
                     SEGJOB_IO_OK);
    assert_int_equal(len, 1);
    assert_false(found[0].is_ipv6);
    assert_memory_equal(found[0].bytes, "\300\0\2\41", 4);

    memset(label, 'a', sizeof(label) - 1);
    assert_int_equal(segjob_sockets_resolve(&p, label, found, 2, &len),
                     SEGJOB_IO_FAILED);
    assert_int_equal(p.error.status, SEGJOB_RESOLVE);
    assert_int_not_equal(p.error.code, 0);
    assert_non_null(p.error.message);
}

static int64_t wall_clock(struct segjob_platform *p)
{
    (void)p;
    return 0;
}

static bool no_random(struct segjob_platform *p, void *bytes, size_t n)
{
    (void)p;
    (void)bytes;
    (void)n;
    return false;
}

static void test_the_application_gives_a_platform(void **state)
{
    const struct segjob_platform whole = {.wall_clock = wall_clock,
                                          .monotonic_ms = monotonic_ms,
                                          .random = no_random,
                                          .resolve = segjob_sockets_resolve};
    static struct segjob_sockets sockets;
    struct segjob_platform own[4] = {whole, whole, whole, whole};
    struct segjob_wants wants = {false, false, 1};
    size_t i;

    (void)state;
    own[0].wall_clock = NULL;
    own[1].monotonic_ms = NULL;
    own[2].random = NULL;
    own[3].resolve = NULL;
    for (i = 0; i < 4; i++) {
        assert_int_equal(segjob_sockets_init(&sockets, &own[i], NULL, NULL),
                         SEGJOB_CONFIG);
        assert_int_equal(sockets.port.error.status, SEGJOB_CONFIG);
        assert_non_null(sockets.port.error.message);
    }
    assert_int_equal(segjob_sockets_init(&sockets, &whole, NULL, NULL),
                     SEGJOB_OK);
    assert_ptr_equal(sockets.port.stream, &sockets.tls.stream);
    assert_ptr_equal(sockets.port.plain, &sockets.tcp.stream);
    sockets.port.platform->wait(sockets.port.platform, &wants);
    segjob_sockets_free(&sockets);
}

#define TEST(function) cmocka_unit_test_setup(function, before)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_socket_options),
        TEST(test_the_first_address_is_closed),
        TEST(test_the_first_address_is_a_black_hole),
        TEST(test_no_address_accepts),
        TEST(test_the_most_specific_reason_is_kept),
        TEST(test_ipv6),
        TEST(test_a_send_that_blocks_half_way),
        TEST(test_header_and_record_are_received_at_once),
        TEST(test_what_was_received_ahead_ends_with_the_connection),
        TEST(test_the_end_of_a_connection),
        TEST(test_names_are_resolved),
        TEST(test_the_application_gives_a_platform),
#if !defined(SEGJOB_LWIP_SOCKETS)
        TEST(test_no_sigpipe),
#endif
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
