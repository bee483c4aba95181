/*
 * TLS over a pipe in memory, against mbedTLS's own server.
 *
 * The pipe is the lower stream: it can move a few bytes at a time, block at
 * every other call, fail, lie, and end. It does not report bytes that it holds,
 * as a network card that has raised its interrupt already. Peers other than
 * mbedTLS are in test_posix.c.
 */
#include "tls_peer.h"

#include <limits.h>
#include <stdio.h>
#include <time.h>

#include "segjob_tls.h"

#define HOST "personalize.example.test"

/*
 * If mbedTLS is linked statically, its allocations go through here; those of a
 * shared library do not.
 */
static unsigned allocations;
static unsigned allocation_fails_at; /* number of the call, 0: none */

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);

void *__wrap_calloc(size_t n, size_t size)
{
    allocations++;
    return allocations == allocation_fails_at ? NULL : __real_calloc(n, size);
}

/* ------------------------------------------------------------------- pipe */

struct pipe {
    unsigned char bytes[1 << 17];
    size_t at;
    size_t len;
    bool ended;
};

enum lie {
    HONEST,
    MOVES_NONE,
    MOVES_TOO_MANY
};

static struct wire {
    struct segjob_stream stream;
    struct pipe up;   /* to the server */
    struct pipe down; /* to the client */
    size_t most;      /* bytes that a call moves at most */
    bool stutters;    /* every other call would block */
    unsigned calls;
    unsigned fail_at; /* number of the call that fails, 0: none */
    enum lie lie;
    const char *host; /* that `open` must receive */
    int opens;
    int closes;
} wire;

static size_t pipe_left(const struct pipe *p)
{
    return p->len - p->at;
}

static void pipe_put(struct pipe *p, const void *bytes, size_t n)
{
    assert_true(n <= sizeof(p->bytes) - p->len);
    memcpy(p->bytes + p->len, bytes, n);
    p->len += n;
}

static size_t pipe_get(struct pipe *p, void *room, size_t n)
{
    n = n < pipe_left(p) ? n : pipe_left(p);
    memcpy(room, p->bytes + p->at, n);
    p->at += n;
    if (p->at == p->len) {
        p->at = p->len = 0;
    }
    return n;
}

/* Count a call. Returns OK if it is to be carried out. */
static enum segjob_io wire_call(void)
{
    wire.calls++;
    if (wire.calls == wire.fail_at) {
        wire.stream.error = (struct segjob_port_error){SEGJOB_CONNECTION_CLOSED,
                                                       "pulled out", 77};
        return SEGJOB_IO_FAILED;
    }
    return wire.stutters && wire.calls % 2 == 1 ? SEGJOB_IO_WOULD_BLOCK
                                                : SEGJOB_IO_OK;
}

static enum segjob_io wire_open(struct segjob_stream *s,
                                const struct segjob_peer *peer)
{
    const enum segjob_io io = wire_call();

    (void)s;
    assert_string_equal(peer->host, wire.host);
    wire.opens += io == SEGJOB_IO_OK;
    wire.up.ended = false;
    return io;
}

static enum segjob_io wire_send(struct segjob_stream *s, const void *bytes,
                                size_t n, size_t *sent)
{
    const enum segjob_io io = wire_call();

    (void)s;
    assert_true(n > 0);
    if (io == SEGJOB_IO_OK) {
        *sent = n < wire.most ? n : wire.most;
        pipe_put(&wire.up, bytes, *sent);
        *sent = wire.lie == MOVES_NONE       ? 0
                : wire.lie == MOVES_TOO_MANY ? n + 1
                                             : *sent;
    }
    return io;
}

static enum segjob_io wire_recv(struct segjob_stream *s, void *room, size_t n,
                                size_t *received)
{
    const enum segjob_io io = wire_call();

    (void)s;
    assert_true(n > 0);
    if (io != SEGJOB_IO_OK) {
        return io;
    }
    if (pipe_left(&wire.down) == 0) {
        return wire.down.ended ? SEGJOB_IO_CLOSED : SEGJOB_IO_WOULD_BLOCK;
    }
    *received = pipe_get(&wire.down, room, n < wire.most ? n : wire.most);
    *received = wire.lie == MOVES_NONE       ? 0
                : wire.lie == MOVES_TOO_MANY ? n + 1
                                             : *received;
    return SEGJOB_IO_OK;
}

static void wire_close(struct segjob_stream *s)
{
    (void)s;
    wire.closes++;
    wire.up.ended = true;
}

static void wire_wants(const struct segjob_stream *s,
                       struct segjob_wants *wants)
{
    (void)s;
    wants->readable = true;
}

static void wire_reset(void)
{
    memset(&wire, 0, sizeof(wire));
    wire.stream = (struct segjob_stream){.open = wire_open,
                                         .send = wire_send,
                                         .recv = wire_recv,
                                         .close = wire_close,
                                         .wants = wire_wants};
    wire.most = SIZE_MAX;
    wire.host = HOST;
}

static int server_send(void *arg, const unsigned char *bytes, size_t n)
{
    (void)arg;
    pipe_put(&wire.down, bytes, n);
    return (int)n;
}

static int server_recv(void *arg, unsigned char *room, size_t n)
{
    (void)arg;
    if (pipe_left(&wire.up) == 0) {
        return wire.up.ended ? 0 : MBEDTLS_ERR_SSL_WANT_READ;
    }
    return (int)pipe_get(&wire.up, room, n);
}

/* --------------------------------------------------------------- platform */

static struct world {
    struct segjob_platform platform;
    int64_t now;
    unsigned random_calls;
    unsigned random_fails_at; /* number of the call, 0: none */
    bool in_client;           /* while its `open` runs */
} world;

static int64_t world_clock(struct segjob_platform *p)
{
    (void)p;
    return world.now;
}

static bool world_random(struct segjob_platform *p, void *bytes, size_t n)
{
    (void)p;
    world.random_calls++;
    if (world.random_calls == world.random_fails_at) {
        memset(bytes, 0, n);
        return false;
    }
    return line_random(NULL, bytes, n) == 0;
}

#if defined(SEGJOB_PSA)
static bool psa_is_broken;

psa_status_t __real_psa_crypto_init(void);
psa_status_t __wrap_psa_crypto_init(void);

psa_status_t __wrap_psa_crypto_init(void)
{
    return psa_is_broken ? PSA_ERROR_HARDWARE_FAILURE
                         : __real_psa_crypto_init();
}

psa_status_t __real_psa_generate_random(uint8_t *output, size_t n);
psa_status_t __wrap_psa_generate_random(uint8_t *output, size_t n);

/* From a call on it fails, as a generator without entropy does. */
psa_status_t __wrap_psa_generate_random(uint8_t *output, size_t n)
{
    if (LINE_RANDOM_IS_PSAS && world.in_client) {
        world.random_calls++;
        if (world.random_fails_at != 0 &&
            world.random_calls >= world.random_fails_at) {
            return PSA_ERROR_INSUFFICIENT_ENTROPY;
        }
    }
    return __real_psa_generate_random(output, n);
}
#endif

/*
 * UTC in seconds since 1970 of a date, by the formula of POSIX ("Seconds Since
 * the Epoch"): the C library's time may have 32 bits, which end in 2038.
 */
static int64_t utc(const char *yyyymmddhhmmss)
{
    static const int days_before[] = {0,   31,  59,  90,  120, 151,
                                      181, 212, 243, 273, 304, 334};
    int64_t year, yday;
    int y, month, day, hour, min, sec;

    assert_int_equal(sscanf(yyyymmddhhmmss, "%4d%2d%2d%2d%2d%2d", &y, &month,
                            &day, &hour, &min, &sec),
                     6);
    year = y - 1900;
    yday = days_before[month - 1] + day - 1;
    yday += month > 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    return sec + min * 60 + hour * 3600 + yday * 86400 +
           (year - 70) * 31536000 + (year - 69) / 4 * 86400 -
           (year - 1) / 100 * 86400 + (year + 299) / 400 * 86400;
}

/* ---------------------------------------------------------------- fixture */

static struct peer_identity ca;
static struct peer_identity host;
static struct peer_server server;
static struct segjob_tls tls;
static bool has_tls13; /* whether the server may speak TLS 1.3 */

static int make_certificates(void **state)
{
    const struct peer_terms ca_terms = peer_ca_terms();
    const struct peer_terms terms = peer_server_terms(HOST);

    (void)state;
    peer_make(&ca, &ca_terms, NULL, NULL);
    peer_make(&host, &terms, &ca, PEER_CA_NAME);
    return 0;
}

static int free_certificates(void **state)
{
    (void)state;
    peer_free_identity(&host);
    peer_free_identity(&ca);
    return 0;
}

static void begin_with(struct peer_identity *id, mbedtls_x509_crt *roots)
{
    wire_reset();
    memset(&world, 0, sizeof(world));
    world.platform.wall_clock = world_clock;
    world.platform.random = world_random;
    world.now = (int64_t)time(NULL);
    peer_serve(&server, id, has_tls13, NULL, server_send, server_recv);
    assert_int_equal(
        segjob_tls_init(&tls, &wire.stream, &world.platform, roots), SEGJOB_OK);
}

static void begin(void)
{
    begin_with(&host, &ca.crt);
}

static void end(void)
{
    segjob_tls_free(&tls);
    peer_stop(&server);
}

/* Let the server continue its handshake; an error ends the connection. */
static bool server_handshake(void)
{
    const int ret = peer_shake(&server);

    if (ret != 0 && ret != MBEDTLS_ERR_SSL_WANT_READ) {
        wire.down.ended = true;
    }
    return ret == 0;
}

static enum segjob_io client_open(const char *name)
{
    const struct segjob_peer peer = {.host = name, .port = 443};
    enum segjob_io io;

    world.in_client = true;
    io = tls.stream.open(&tls.stream, &peer);
    world.in_client = false;
    return io;
}

/* Run the handshake of both sides until it ends. */
static enum segjob_io handshake(const char *name)
{
    enum segjob_io io = SEGJOB_IO_WOULD_BLOCK;
    bool served = false;
    int rounds;

    for (rounds = 0; rounds < 100000; rounds++) {
        if (io == SEGJOB_IO_WOULD_BLOCK) {
            io = client_open(name);
        }
        if (io == SEGJOB_IO_FAILED || (io == SEGJOB_IO_OK && served)) {
            return io;
        }
        served = served || server_handshake();
    }
    fail_msg("the handshake does not end");
    return io;
}

static void begin_open(void)
{
    begin();
    assert_int_equal(handshake(HOST), SEGJOB_IO_OK);
}

static void server_sends(const char *text)
{
    const size_t n = strlen(text);

    assert_int_equal(
        mbedtls_ssl_write(&server.ssl, (const unsigned char *)text, n), n);
}

static bool wants_now(void)
{
    struct segjob_wants wants = {false, false, UINT64_MAX};

    tls.stream.wants(&tls.stream, &wants);
    return wants.wake_ms == 0;
}

/*
 * Receive as an event loop that gets one event and no other: call again only
 * while bytes arrive or `wants` says now.
 */
static enum segjob_io receive_all(char *text, size_t cap, size_t room)
{
    enum segjob_io io;
    size_t len = 0;

    do {
        size_t n = 0;

        assert_true(len + room < cap);
        io = tls.stream.recv(&tls.stream, text + len, room, &n);
        len += io == SEGJOB_IO_OK ? n : 0;
        assert_true(io != SEGJOB_IO_OK || (n > 0 && n <= room));
    } while (io == SEGJOB_IO_OK ? wants_now()
                                : io == SEGJOB_IO_WOULD_BLOCK && wants_now());
    text[len] = '\0';
    return io;
}

/* ------------------------------------------------------------------ tests */

static void test_speaks_tls_both_ways_and_again(void **state)
{
    unsigned char got[16] = {0};
    char text[64];
    size_t sent = 0;
    int times;

    (void)state;
    begin();
    for (times = 0; times < 2; times++) {
        assert_int_equal(handshake(HOST), SEGJOB_IO_OK);
        assert_string_equal(mbedtls_ssl_get_version(&server.ssl),
                            has_tls13 ? "TLSv1.3" : "TLSv1.2");
        assert_int_equal(tls.stream.send(&tls.stream, "ping", 4, &sent),
                         SEGJOB_IO_OK);
        assert_int_equal(sent, 4);
        assert_int_equal(mbedtls_ssl_read(&server.ssl, got, sizeof(got)), 4);
        assert_memory_equal(got, "ping", 4);
        server_sends("pong");
        assert_int_equal(receive_all(text, sizeof(text), 16),
                         SEGJOB_IO_WOULD_BLOCK);
        assert_string_equal(text, "pong");
        tls.stream.close(&tls.stream);
        assert_int_equal(mbedtls_ssl_read(&server.ssl, got, sizeof(got)),
                         MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY);
        assert_int_equal(wire.closes, times + 1);
        assert_int_equal(mbedtls_ssl_session_reset(&server.ssl), 0);
    }
    assert_int_equal(wire.opens, 2);
    end();
}

static void test_two_records_in_one_segment_then_silence(void **state)
{
    size_t room;

    (void)state;
    begin_open();
    for (room = 1; room <= 20; room++) {
        char text[64];

        server_sends("first record,");
        server_sends("second");
        assert_int_equal(receive_all(text, sizeof(text), room),
                         SEGJOB_IO_WOULD_BLOCK);
        assert_string_equal(text, "first record,second");
        assert_false(wants_now());
    }
    end();
}

/* After two in a row mbedtls_ssl_read() returns 0, as without close_notify. */
static void test_empty_records_are_not_the_end(void **state)
{
    char text[64];

    (void)state;
    begin_open();
    server_sends("a");
    server_sends("");
    server_sends("");
    server_sends("b");
    server_sends("");
    server_sends("c");
    assert_int_equal(receive_all(text, sizeof(text), 16),
                     SEGJOB_IO_WOULD_BLOCK);
    assert_string_equal(text, "abc");
    end();
}

static void test_warnings_are_ignored(void **state)
{
    char text[64];

    (void)state;
    begin_open();
    assert_int_equal(mbedtls_ssl_send_alert_message(
                         &server.ssl, MBEDTLS_SSL_ALERT_LEVEL_WARNING,
                         MBEDTLS_SSL_ALERT_MSG_USER_CANCELED),
                     0);
    server_sends("b");
    assert_int_equal(receive_all(text, sizeof(text), 16),
                     SEGJOB_IO_WOULD_BLOCK);
    assert_string_equal(text, "b");
    end();
}

/* Send `n` bytes in all, offering more at each call, as the contract allows. */
static void send_all(const char *bytes, size_t n, size_t offer)
{
    size_t at = 0;

    while (at < n) {
        size_t sent = 0;
        const size_t part = offer < n - at ? offer : n - at;
        const enum segjob_io io =
            tls.stream.send(&tls.stream, bytes + at, part, &sent);

        if (io == SEGJOB_IO_WOULD_BLOCK) {
            offer += 7;
            continue;
        }
        assert_int_equal(io, SEGJOB_IO_OK);
        assert_true(sent > 0 && sent <= part);
        at += sent;
    }
}

static void test_a_send_that_blocks_half_way(void **state)
{
    static char out[20011]; /* more than one record */
    static unsigned char in[sizeof(out)];
    size_t i, k;

    (void)state;
    for (i = 0; i < sizeof(out); i++) {
        out[i] = (char)(i * 31 + i / 251);
    }
    begin_open();
    wire.stutters = true;
    for (k = 1; k <= sizeof(out) * 2; k = k < 64 ? k + 1 : k * 3) {
        size_t got = 0;

        wire.most = k;
        memset(in, 0, sizeof(in));
        send_all(out, sizeof(out), 100);
        while (got < sizeof(in)) {
            const int ret =
                mbedtls_ssl_read(&server.ssl, in + got, sizeof(in) - got);

            assert_true(ret > 0);
            got += (size_t)ret;
        }
        assert_memory_equal(in, out, sizeof(out));
        assert_int_equal(pipe_left(&wire.up), 0);
    }
    end();
}

static void test_offering_less_after_would_block_is_refused(void **state)
{
    size_t sent = 0;

    (void)state;
    begin_open();
    wire.most = 3;
    wire.stutters = true;
    wire.calls = 0;
    assert_int_equal(tls.stream.send(&tls.stream, "12345678", 8, &sent),
                     SEGJOB_IO_WOULD_BLOCK);
    assert_int_equal(tls.stream.send(&tls.stream, "12345", 5, &sent),
                     SEGJOB_IO_FAILED);
    assert_int_equal(tls.stream.error.status, SEGJOB_MISUSE);
    end();
}

static void test_closing_in_the_middle_of_a_send(void **state)
{
    size_t sent = 0;

    (void)state;
    begin_open();
    wire.most = 3;
    wire.stutters = true;
    wire.calls = 0;
    assert_int_equal(tls.stream.send(&tls.stream, "12345678", 8, &sent),
                     SEGJOB_IO_WOULD_BLOCK);
    tls.stream.close(&tls.stream);
    wire.most = SIZE_MAX;
    wire.stutters = false;
    wire.up.at = wire.up.len = 0;
    assert_int_equal(mbedtls_ssl_session_reset(&server.ssl), 0);
    assert_int_equal(handshake(HOST), SEGJOB_IO_OK);
    assert_int_equal(tls.stream.send(&tls.stream, "1", 1, &sent), SEGJOB_IO_OK);
    assert_int_equal(sent, 1);
    end();
}

static void test_handshake_in_pieces_of_every_size(void **state)
{
    size_t k;

    (void)state;
    for (k = 1; k < 3000; k = k * 2 + 1) {
        begin();
        wire.most = k;
        wire.stutters = true;
        assert_int_equal(handshake(HOST), SEGJOB_IO_OK);
        end();
    }
}

static void test_close_notify_is_an_end_in_good_order(void **state)
{
    char text[64];
    size_t n = 0;

    (void)state;
    begin_open();
    server_sends("last words");
    assert_int_equal(mbedtls_ssl_close_notify(&server.ssl), 0);
    wire.down.ended = true;
    assert_int_equal(receive_all(text, sizeof(text), 4), SEGJOB_IO_CLOSED);
    assert_string_equal(text, "last words");
    assert_int_equal(tls.stream.recv(&tls.stream, text, 4, &n),
                     SEGJOB_IO_CLOSED);
    end();
}

static void test_an_end_without_close_notify_is_a_failure(void **state)
{
    char text[64];
    size_t n = 0;
    size_t cut;

    (void)state;
    for (cut = 0; cut <= 20; cut++) {
        begin_open();
        server_sends("last words");
        server_sends("cut off");
        wire.down.len -= cut; /* also within the last record */
        wire.down.ended = true;
        assert_int_equal(receive_all(text, sizeof(text), 32), SEGJOB_IO_FAILED);
        assert_string_equal(text,
                            cut == 0 ? "last wordscut off" : "last words");
        assert_int_equal(tls.stream.error.status, SEGJOB_CONNECTION_CLOSED);
        assert_non_null(strstr(tls.stream.error.message, "close_notify"));
        assert_int_equal(tls.stream.recv(&tls.stream, text, 4, &n),
                         SEGJOB_IO_FAILED);
        assert_int_equal(tls.stream.send(&tls.stream, text, 4, &n),
                         SEGJOB_IO_FAILED);
        assert_int_equal(tls.stream.error.status, SEGJOB_CONNECTION_CLOSED);
        end();
    }
}

static void test_a_fatal_alert_is_a_failure(void **state)
{
    char text[64];

    (void)state;
    begin_open();
    server_sends("so far");
    assert_int_equal(mbedtls_ssl_send_alert_message(
                         &server.ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                         MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR),
                     0);
    assert_int_equal(receive_all(text, sizeof(text), 16), SEGJOB_IO_FAILED);
    assert_string_equal(text, "so far");
    assert_int_equal(tls.stream.error.status, SEGJOB_CONNECTION_CLOSED);
    assert_int_equal(tls.stream.error.code,
                     MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE);
    end();
}

static void test_a_changed_byte_is_a_failure(void **state)
{
    char text[64];
    size_t at;

    (void)state;
    for (at = 5; at < 10; at++) { /* after the record's header */
        begin_open();
        server_sends("forged");
        wire.down.bytes[at] ^= 1;
        assert_int_equal(receive_all(text, sizeof(text), 16), SEGJOB_IO_FAILED);
        assert_string_equal(text, "");
        assert_int_equal(tls.stream.error.status, SEGJOB_CONNECTION_CLOSED);
        end();
    }
}

/* ----------------------------------------------------------- certificates */

/* Dates of the CA and of the server, and the platform's clock. */
static const struct {
    int line;
    const char *ca_from, *ca_to, *from, *to, *clock;
    const char *refused; /* part of the reason; NULL: accepted */
} dates[] = {
    /* In 2001: by the C library's clock all have expired. */
    {__LINE__, "20000101000000", "20091231235959", "20010101000000",
     "20020101000000", "20010601000000", NULL},
    /* To the second, both ends included; leap day, end of a century. */
    {__LINE__, "20000101000000", "20491231235959", "20040229235959",
     "20040301000000", "20040229235958", "not yet valid"},
    {__LINE__, "20000101000000", "20491231235959", "20040229235959",
     "20040301000000", "20040229235959", NULL},
    {__LINE__, "20000101000000", "20491231235959", "20040229235959",
     "20040301000000", "20040301000000", NULL},
    {__LINE__, "20000101000000", "20491231235959", "20040229235959",
     "20040301000000", "20040301000001", "expired"},
    {__LINE__, "20000101000000", "21001231235959", "20200101000000",
     "21000301000000", "21000301000000", NULL},
    {__LINE__, "20000101000000", "21001231235959", "20200101000000",
     "21000301000000", "21000301000001", "expired"},
    /* Valid by the C library's clock, not by the platform's. */
    {__LINE__, "20200101000000", "20491231235959", "20200101000000",
     "20491231235959", "19700101000000", "not yet valid"},
    {__LINE__, "20200101000000", "20491231235959", "20200101000000",
     "20491231235959", "20500101000000", "expired"},
    /* The CA's dates count, too. */
    {__LINE__, "20200101000000", "20220101000000", "20200101000000",
     "20491231235959", "20220101000001", "expired"},
    {__LINE__, "20230101000000", "20491231235959", "20200101000000",
     "20491231235959", "20220101000000", "not yet valid"},
    {__LINE__, "20000101000000", "99991231235959", "20200101000000",
     "99991231235959", "99991231235959", NULL},
};

static void assert_refused(int line, const char *reason)
{
    if (tls.stream.error.status != SEGJOB_CERTIFICATE ||
        strstr(tls.stream.error.message, reason) == NULL) {
        fail_msg("line %d: status %d, %s", line, tls.stream.error.status,
                 tls.stream.error.message);
    }
}

static void test_dates_are_checked_by_the_platforms_clock(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
        struct peer_terms ca_terms = peer_ca_terms();
        struct peer_terms terms = peer_server_terms(HOST);
        struct peer_identity root, id;
        enum segjob_io io;

        ca_terms.from = dates[i].ca_from;
        ca_terms.to = dates[i].ca_to;
        terms.from = dates[i].from;
        terms.to = dates[i].to;
        peer_make(&root, &ca_terms, NULL, NULL);
        peer_make(&id, &terms, &root, PEER_CA_NAME);
        begin_with(&id, &root.crt);
        world.now = utc(dates[i].clock);
        io = handshake(HOST);
        if (dates[i].refused != NULL) {
            assert_refused(dates[i].line, dates[i].refused);
        } else if (io != SEGJOB_IO_OK) {
            fail_msg("line %d: %s", dates[i].line, tls.stream.error.message);
        }
        end();
        peer_free_identity(&id);
        peer_free_identity(&root);
    }
}

static void test_no_clock_is_no_crash(void **state)
{
    static const struct {
        int line;
        int64_t now;
        const char *refused;
    } clocks[] = {
        {__LINE__, -1, "not yet valid"},
        {__LINE__, INT64_MIN, "not yet valid"},
        {__LINE__, INT64_MAX, "expired"},
        {__LINE__, 253402300800, "expired"}, /* the year 10000 */
    };
    struct peer_terms ca_terms = peer_ca_terms();
    struct peer_terms terms = peer_server_terms(HOST);
    struct peer_identity root, id;
    size_t i;

    (void)state;
    ca_terms.from = terms.from = "19500101000000";
    ca_terms.to = terms.to = "99991231235959";
    peer_make(&root, &ca_terms, NULL, NULL);
    peer_make(&id, &terms, &root, PEER_CA_NAME);
    for (i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
        begin_with(&id, &root.crt);
        world.now = clocks[i].now;
        assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
        assert_refused(clocks[i].line, clocks[i].refused);
        end();
    }
    peer_free_identity(&id);
    peer_free_identity(&root);
}

static void test_the_host_is_verified(void **state)
{
    static const struct {
        int line;
        const char *subject, *dns, *uri;
        bool is_weak;
        const char *refused;
    } rows[] = {
        {__LINE__, "CN=x", HOST, NULL, false, NULL},
        {__LINE__, "CN=x", "PERSONALIZE.Example.TEST", NULL, false, NULL},
        {__LINE__, "CN=x", "*.example.test", NULL, false, NULL},
        {__LINE__, "CN=x", "*.test", NULL, false, "host name"},
        {__LINE__, "CN=x", "*", NULL, false, "host name"},
        {__LINE__, "CN=x", "ersonalize.example.test", NULL, false, "host name"},
        {__LINE__, "CN=x", HOST ".evil.test", NULL, false, "host name"},
        /* RFC 9525, section 2: only names in subjectAltName, and DNS ones. */
        {__LINE__, "CN=" HOST, "other.test", NULL, false, "host name"},
        {__LINE__, "CN=" HOST, NULL, NULL, false, "no subjectAltName"},
        {__LINE__, "CN=x", NULL, NULL, false, "no subjectAltName"},
        {__LINE__, "CN=" HOST, NULL, HOST, false, "host name"},
        {__LINE__, "CN=x", HOST, NULL, true, "too weak"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct peer_terms terms = peer_server_terms(rows[i].dns);
        struct peer_identity id;
        enum segjob_io io;

        terms.subject = rows[i].subject;
        terms.uri = rows[i].uri;
        terms.is_weak = rows[i].is_weak;
        peer_make(&id, &terms, &ca, PEER_CA_NAME);
        begin_with(&id, &ca.crt);
        io = handshake(HOST);
        if (rows[i].refused != NULL) {
            assert_refused(rows[i].line, rows[i].refused);
        } else if (io != SEGJOB_IO_OK) {
            fail_msg("line %d: %s", rows[i].line, tls.stream.error.message);
        }
        end();
        peer_free_identity(&id);
    }
}

static void test_a_stranger_is_refused(void **state)
{
    const struct peer_terms ca_terms = peer_ca_terms();
    const struct peer_terms terms = peer_server_terms(HOST);
    struct peer_identity other, self;
    unsigned calls;

    (void)state;
    peer_make(&other, &ca_terms, NULL, NULL); /* of the same name */
    peer_make(&self, &terms, NULL, NULL);     /* self-signed */
    begin_with(&host, &other.crt);
    assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
    assert_refused(__LINE__, "trusted authority");
    calls = wire.calls;
    end();
    /* Also if the alert cannot be sent, which is the last call. */
    begin_with(&host, &other.crt);
    wire.fail_at = calls;
    assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
    assert_refused(__LINE__, "trusted authority");
    end();
    begin_with(&self, &ca.crt);
    assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
    assert_refused(__LINE__, "trusted authority");
    end();
    peer_free_identity(&self);
    peer_free_identity(&other);
}

/* Change the OID of ecdsa-with-SHA256 (RFC 5758, 3.2) to one that is none. */
static void change_algorithms(mbedtls_x509_buf *der)
{
    static const unsigned char oid[] = {0x2A, 0x86, 0x48, 0xCE,
                                        0x3D, 0x04, 0x03, 0x02};
    unsigned changed = 0;
    size_t i;

    for (i = 0; i + sizeof(oid) <= der->len; i++) {
        if (memcmp(der->p + i, oid, sizeof(oid)) == 0) {
            der->p[i + sizeof(oid) - 1] = 0x7F;
            changed++;
        }
    }
    assert_int_equal(changed, 2);
}

/* mbedTLS may have an empty certificate verified in its place. */
static void test_an_unknown_signature_algorithm(void **state)
{
    const struct peer_terms terms = peer_server_terms(HOST);
    unsigned char pin[SEGJOB_TLS_DIGEST_LEN] = {0};
    struct peer_identity id;
    size_t pins;

    (void)state;
    peer_make(&id, &terms, &ca, PEER_CA_NAME);
    change_algorithms(&id.crt.raw);
    for (pins = 0; pins <= 1; pins++) {
        begin_with(&id, &ca.crt);
        assert_int_equal(segjob_tls_pin(&tls, &pin, pins), SEGJOB_OK);
        assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
        assert_refused(__LINE__, "cannot read all of it");
        end();
    }
    peer_free_identity(&id);
}

/* Every certificate of a chain counts, the root too (RFC 5280, 4.2.1.12). */
static void test_the_usage_of_authorities(void **state)
{
    struct peer_terms ca_terms = peer_ca_terms();
    const struct peer_terms terms = peer_server_terms(HOST);
    struct peer_identity root, id;

    (void)state;
    ca_terms.is_for_clients = true;
    peer_make(&root, &ca_terms, NULL, NULL);
    peer_make(&id, &terms, &root, PEER_CA_NAME);
    begin_with(&id, &root.crt);
    assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
    assert_refused(__LINE__, "not meant for a TLS server");
    end();
    peer_free_identity(&id);
    peer_free_identity(&root);
}

/* ------------------------------------------------------- name constraints */

enum kind {
    PERMITTED,
    EXCLUDED
};

enum form { /* tags of a GeneralName, RFC 5280, 4.2.1.6 */
    EMAIL = 0x81,
    DNS = 0x82,
    DIRECTORY = 0xA4,
    URI = 0x86,
    IP = 0x87
};

/* One subtree, and the name of the server's certificate. */
static const struct {
    int line;
    enum kind kind;
    enum form form;
    const char *base;
    size_t base_len;
    const char *dns;
    bool ok;
} constraints[] = {
#define ROW(kind, form, base, dns, ok)                        \
    {                                                         \
        __LINE__, kind, form, base, sizeof(base) - 1, dns, ok \
    }
    ROW(PERMITTED, DNS, HOST, HOST, true),
    ROW(PERMITTED, DNS, "example.test", HOST, true),
    ROW(PERMITTED, DNS, "Example.TEST", "PERSONALIZE.example.test", true),
    ROW(PERMITTED, DNS, "test", HOST, true),
    ROW(PERMITTED, DNS, "", HOST, true),
    ROW(PERMITTED, DNS, "xample.test", HOST, false),
    ROW(PERMITTED, DNS, "a." HOST, HOST, false),
    ROW(PERMITTED, DNS, "other.test", HOST, false),
    ROW(EXCLUDED, DNS, "example.test", HOST, false),
    ROW(EXCLUDED, DNS, "", HOST, false),
    ROW(EXCLUDED, DNS, "xample.test", HOST, true),
    ROW(EXCLUDED, DNS, "a." HOST, HOST, true),
    /* A leading dot, as in OpenSSL and Go: names below, not the name itself. */
    ROW(PERMITTED, DNS, ".example.test", HOST, true),
    ROW(PERMITTED, DNS, "." HOST, HOST, false),
    /* A wildcard is a name, and matches others. */
    ROW(PERMITTED, DNS, "example.test", "*.example.test", true),
    ROW(PERMITTED, DNS, HOST, "*.example.test", false),
    ROW(EXCLUDED, DNS, HOST, "*.example.test", false),
    ROW(EXCLUDED, DNS, "a.example.test", "*.example.test", true),
    /* Constraints on other name forms do not apply to a DNS name. */
    ROW(PERMITTED, EMAIL, "example.test", HOST, true),
    ROW(PERMITTED, URI, "other.test", HOST, true),
    ROW(PERMITTED, IP, "\xC0\0\2\0\xFF\xFF\xFF\0", HOST, true),
    ROW(EXCLUDED, IP, "\0\0\0\0\0\0\0\0", HOST, true),
    /* The subject is CN=server. */
    ROW(PERMITTED, DIRECTORY, "\x30\0", HOST, true),
    ROW(EXCLUDED, DIRECTORY, "\x30\0", HOST, false),
    ROW(PERMITTED, DIRECTORY,
        "\x30\x11\x31\x0F\x30\x0D\6\3\x55\4\3\x0C\6server", HOST, true),
    ROW(EXCLUDED, DIRECTORY, "\x30\x11\x31\x0F\x30\x0D\6\3\x55\4\3\x0C\6server",
        HOST, false),
    ROW(PERMITTED, DIRECTORY,
        "\x30\x11\x31\x0F\x30\x0D\6\3\x55\4\3\x0C\6cerver", HOST, false),
#undef ROW
};

/* NameConstraints with one GeneralSubtree, and the bytes after its base. */
static size_t write_constraints(unsigned char *der, size_t row,
                                const char *after, size_t after_len)
{
    const size_t n = constraints[row].base_len;

    assert_true(n + after_len < 100);
    der[0] = 0x30;
    der[1] = (unsigned char)(n + after_len + 6);
    der[2] = (unsigned char)(0xA0 + constraints[row].kind);
    der[3] = (unsigned char)(n + after_len + 4);
    der[4] = 0x30;
    der[5] = (unsigned char)(n + after_len + 2);
    der[6] = (unsigned char)constraints[row].form;
    der[7] = (unsigned char)n;
    memcpy(der + 8, constraints[row].base, n);
    memcpy(der + 8 + n, after, after_len);
    return 8 + n + after_len;
}

/* Connect to a server whose root has these constraints. */
static void assert_constrained(int line, const unsigned char *der, size_t len,
                               const char *dns, bool ok)
{
    struct peer_terms ca_terms = peer_ca_terms();
    const struct peer_terms terms = peer_server_terms(dns);
    struct peer_identity root, id;
    enum segjob_io io;

    ca_terms.constraints = der;
    ca_terms.constraints_len = len;
    peer_make(&root, &ca_terms, NULL, NULL);
    peer_make(&id, &terms, &root, PEER_CA_NAME);
    begin_with(&id, &root.crt);
    io = handshake(HOST);
    if (!ok) {
        assert_refused(line, "name constraints");
    } else if (io != SEGJOB_IO_OK) {
        fail_msg("line %d: %s", line, tls.stream.error.message);
    }
    end();
    peer_free_identity(&id);
    peer_free_identity(&root);
}

static void test_names_are_within_constraints(void **state)
{
    unsigned char der[128];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(constraints) / sizeof(constraints[0]); i++) {
        assert_constrained(constraints[i].line, der,
                           write_constraints(der, i, "", 0), constraints[i].dns,
                           constraints[i].ok);
    }
}

/* The first row permits the host; constraints that cannot be read do not. */
static void test_constraints_that_cannot_be_read(void **state)
{
    unsigned char der[128];
    size_t len, i;

    (void)state;
    /* A minimum of 1: in RFC 5280 it is 0, which is not written. */
    len = write_constraints(der, 0, "\x80\1\1", 3);
    assert_constrained(__LINE__, der, len, HOST, false);
    len = write_constraints(der, 0, "", 0);
    assert_constrained(__LINE__, der, len - 1, HOST, false);
    for (i = 0; i < 8; i++) {
        der[i]++;
        /* The base is an x400Address. */
        assert_constrained(__LINE__, der, len, HOST, i == 6);
        der[i]--;
    }
}

/* ---------------------------------------------------- addresses as hosts */

#if defined(LINE_HAS_ADDRESSES)

static unsigned server_names; /* that clients sent */

static int count_names(void *arg, mbedtls_ssl_context *ssl,
                       const unsigned char *name, size_t len)
{
    (void)arg;
    (void)ssl;
    (void)name;
    (void)len;
    server_names++;
    return 0;
}

static const unsigned char ipv4[] = {192, 0, 2, 1};
static const unsigned char ipv6[] = {0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0,
                                     0,    0,    0,    0,    0, 0, 0, 1};

/* A certificate's name, and the host that it is compared with. */
static const struct {
    int line;
    const char *dns;
    const unsigned char *ip;
    size_t ip_len;
    const char *host;
    bool ok;
} addresses[] = {
    {__LINE__, NULL, ipv4, 4, "192.0.2.1", true},
    {__LINE__, NULL, ipv6, 16, "2001:db8::1", true},
    {__LINE__, NULL, ipv6, 16, "2001:0DB8:0:0:0:0:0:1", true},
    {__LINE__, NULL, ipv4, 4, "192.0.2.2", false},
    {__LINE__, NULL, ipv6, 16, "2001:db8::2", false},
    {__LINE__, NULL, ipv6, 4, "32.1.13.184", true},
    {__LINE__, NULL, ipv6, 16, "32.1.13.184", false},
    {__LINE__, NULL, ipv6, 4, "2001:db8::", false},
    /* A name matches no address (RFC 6125, 1.7.2), and vice versa. */
    {__LINE__, "192.0.2.1", NULL, 0, "192.0.2.1", false},
    {__LINE__, "*.0.2.1", NULL, 0, "192.0.2.1", false},
    {__LINE__, NULL, NULL, 0, "192.0.2.1", false},
    {__LINE__, NULL, ipv4, 4, HOST, false},
};

static void test_an_address_is_verified(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        struct peer_terms terms = peer_server_terms(addresses[i].dns);
        struct peer_identity id;
        enum segjob_io io;

        terms.subject = "CN=192.0.2.1";
        terms.ip = addresses[i].ip;
        terms.ip_len = addresses[i].ip_len;
        peer_make(&id, &terms, &ca, PEER_CA_NAME);
        begin_with(&id, &ca.crt);
        mbedtls_ssl_conf_sni(&server.config, count_names, NULL);
        server_names = 0;
        wire.host = addresses[i].host;
        io = handshake(addresses[i].host);
        if (!addresses[i].ok) {
            assert_refused(addresses[i].line, "not for this host");
        } else if (io != SEGJOB_IO_OK) {
            fail_msg("line %d: %s", addresses[i].line,
                     tls.stream.error.message);
        }
        /* RFC 6066, section 3: no address is sent as a server name. */
        assert_int_equal(server_names, strcmp(wire.host, HOST) == 0);
        end();
        peer_free_identity(&id);
    }
}

static void test_a_name_after_an_address(void **state)
{
    struct peer_terms terms = peer_server_terms(NULL);
    struct peer_identity id;

    (void)state;
    terms.ip = ipv4;
    terms.ip_len = sizeof(ipv4);
    peer_make(&id, &terms, &ca, PEER_CA_NAME);
    begin_with(&id, &ca.crt);
    wire.host = "192.0.2.1";
    assert_int_equal(handshake(wire.host), SEGJOB_IO_OK);
    tls.stream.close(&tls.stream);
    wire_reset();
    peer_next(&server);
    assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
    assert_refused(__LINE__, "not for this host");
    end();
    peer_free_identity(&id);
}

#define NO_ADDRESS_FROM 2 /* of the hosts that are refused */
#else
#define NO_ADDRESS_FROM 0
#endif

static void test_an_address_is_refused_before_anything_is_sent(void **state)
{
    static const char *const hosts[] = {"127.0.0.1",  "::1",   "fe80::1%lo",
                                        "2130706433", "127.1", "[::1]",
                                        "1.2.3.256",  ""};
    size_t i;

    (void)state;
    begin();
    for (i = NO_ADDRESS_FROM; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        assert_int_equal(client_open(hosts[i]), SEGJOB_IO_FAILED);
        assert_int_equal(tls.stream.error.status, SEGJOB_CONFIG);
        assert_int_equal(client_open(hosts[i]), SEGJOB_IO_FAILED);
        tls.stream.close(&tls.stream);
    }
    assert_int_equal(client_open(NULL), SEGJOB_IO_FAILED);
    tls.stream.close(&tls.stream);
    assert_int_equal(wire.calls, 0);
    assert_int_equal(handshake(HOST), SEGJOB_IO_OK);
    end();
}

/* ----------------------------------------------------- what is offered */

static unsigned number(const unsigned char *bytes)
{
    return (unsigned)bytes[0] << 8 | bytes[1];
}

/* The ClientHello (RFC 5246, 7.4.1.2) from its session id on. */
static const unsigned char *hello(void)
{
    begin();
    assert_int_equal(client_open(HOST), SEGJOB_IO_WOULD_BLOCK);
    assert_int_equal(wire.up.bytes[0], 22);
    assert_int_equal(wire.up.bytes[5], 1);
    return wire.up.bytes + 5 + 4 + 2 + 32;
}

/* The numbers of IANA's registry; those of TLS 1.3 are the first three. */
static bool is_of_aes(unsigned suite)
{
    return suite == 0x1301 || suite == 0x1302 || suite == 0xC02B ||
           suite == 0xC02C || suite == 0xC02F || suite == 0xC030;
}

static bool is_of_chacha20(unsigned suite)
{
    return suite == 0x1303 || suite == 0xCCA8 || suite == 0xCCA9;
}

/* Recognized without mbedTLS. */
static bool has_aes_instructions(void)
{
#if defined(__x86_64__)
    static char text[65536];
    FILE *file = fopen("/proc/cpuinfo", "r");
    size_t n;

    assert_non_null(file);
    n = fread(text, 1, sizeof(text) - 1, file);
    text[n] = '\0';
    assert_int_equal(fclose(file), 0);
    return strstr(text, " aes ") != NULL;
#elif defined(__ARM_FEATURE_AES)
    return true;
#else
    return false;
#endif
}

/* RFC 9325, 4.1 and 4.2: forward secrecy and AEAD; the fastest first. */
static void test_the_suites_that_are_offered(void **state)
{
    const unsigned char *at = hello();
    unsigned i, n, aes = 0, chacha20 = 0;
    bool begins_with_aes = false;

    (void)state;
    at += 1 + at[0];
    n = number(at);
    for (i = 2; i < n + 2; i += 2) {
        const unsigned suite = number(at + i);

        /* The last one is RFC 5746's signal, not a suite. */
        if (!is_of_aes(suite) && !is_of_chacha20(suite) && suite != 0x00FF) {
            fail_msg("suite 0x%04X is offered", suite);
        }
        begins_with_aes = begins_with_aes || (i == 2 && is_of_aes(suite));
        aes += is_of_aes(suite);
        chacha20 += is_of_chacha20(suite);
    }
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    assert_int_equal(aes, 6);
    assert_int_equal(chacha20, 3);
#else
    assert_int_equal(aes, 4);
    assert_int_equal(chacha20, 2);
#endif
    assert_int_equal(begins_with_aes, has_aes_instructions());
    end();
}

/* An extension's list of two-byte numbers. */
static const unsigned char *extension(unsigned type, unsigned *n)
{
    const unsigned char *at = hello();
    const unsigned char *end;

    at += 1 + at[0];
    at += 2 + number(at);
    at += 1 + at[0];
    end = at + 2 + number(at);
    for (at += 2; at < end && number(at) != type; at += 4 + number(at + 2)) {
    }
    assert_true(at < end);
    *n = number(at + 4);
    return at + 6;
}

/* RFC 9325, 4.2.1 and 4.5: groups of 224 bits and more, no SHA-1. */
static void test_the_groups_and_signatures_that_are_offered(void **state)
{
    const unsigned char *at;
    unsigned i, n;

    (void)state;
    at = extension(10, &n);
    for (i = 0; i < n; i += 2) {
        /* secp256r1, secp384r1, secp521r1, x25519 (RFC 8446, 4.2.7) */
        assert_int_equal(at[i], 0);
        assert_true((at[i + 1] >= 23 && at[i + 1] <= 25) || at[i + 1] == 29);
    }
    assert_int_equal(n, 8);
    end();
    at = extension(13, &n);
    for (i = 0; i < n; i += 2) {
        /* SHA-256 and longer, or RSASSA-PSS with them (RFC 8446, 4.2.3) */
        assert_true((at[i] >= 4 && at[i] <= 6) || at[i] == 8);
    }
    assert_true(n > 0);
    end();
}

/* ------------------------------------------------------------ other peers */

static void test_other_protocols_are_reported(void **state)
{
    /* RFC 4346: ServerHello of TLS 1.1 with TLS_RSA_WITH_AES_128_CBC_SHA. */
    static const unsigned char tls11[] =
        "\x16\x03\x02\x00\x2A\x02\x00\x00\x26\x03\x02"
        "0123456789abcdef0123456789abcdef"
        "\x00\x00\x2F\x00";
    static const struct {
        int line;
        const void *bytes;
        size_t n;
        const char *message;
    } rows[] = {
        {__LINE__, "HTTP/1.1 400 Bad Request\r\n\r\n", 28,
         "does not speak TLS"},
        {__LINE__, tls11, sizeof(tls11) - 1, "no TLS 1.2"},
        /* protocol_version, and handshake_failure (RFC 5246, 7.2) */
        {__LINE__, "\x15\x03\x03\x00\x02\x02\x46", 7, "refused"},
        {__LINE__, "\x15\x03\x03\x00\x02\x02\x28", 7, "refused"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin();
        assert_int_equal(client_open(HOST), SEGJOB_IO_WOULD_BLOCK);
        pipe_put(&wire.down, rows[i].bytes, rows[i].n);
        assert_int_equal(client_open(HOST), SEGJOB_IO_FAILED);
        if (tls.stream.error.status != SEGJOB_TLS ||
            strstr(tls.stream.error.message, rows[i].message) == NULL) {
            fail_msg("line %d: status %d, %s, -0x%x", rows[i].line,
                     tls.stream.error.status, tls.stream.error.message,
                     (unsigned)-tls.stream.error.code);
        }
        end();
    }
}

/* The server's flight is cut at each byte, and the connection ends. */
static void test_a_handshake_cut_anywhere_is_cut_off(void **state)
{
    size_t flight = 1, cut;

    (void)state;
    for (cut = 0; cut < flight; cut += cut < 150 ? 1 : 13) {
        begin();
        assert_int_equal(client_open(HOST), SEGJOB_IO_WOULD_BLOCK);
        (void)server_handshake();
        flight = wire.down.len;
        assert_true(flight > 100);
        /* The flight's length varies with that of a signature. */
        wire.down.len = cut < flight ? cut : flight - 1;
        wire.down.ended = true;
        assert_int_equal(client_open(HOST), SEGJOB_IO_FAILED);
        assert_int_equal(tls.stream.error.status, SEGJOB_CONNECTION_CLOSED);
        end();
    }
}

/* --------------------------------------------------- failures from below */

static void test_every_call_of_the_lower_stream_fails(void **state)
{
    unsigned k, failures = 0;

    (void)state;
    for (k = 1; failures == k - 1; k++) {
        char text[64];
        size_t sent = 0;

        begin();
        wire.fail_at = k;
        wire.stutters = k % 2 == 0;
        if (handshake(HOST) == SEGJOB_IO_OK) {
            const enum segjob_io io =
                tls.stream.send(&tls.stream, "ping", 4, &sent);

            server_sends("pong");
            if (io == SEGJOB_IO_OK &&
                receive_all(text, sizeof(text), 16) != SEGJOB_IO_FAILED) {
                end();
                break;
            }
        }
        failures++;
        assert_int_equal(tls.stream.error.status, SEGJOB_CONNECTION_CLOSED);
        assert_string_equal(tls.stream.error.message, "pulled out");
        assert_int_equal(tls.stream.error.code, 77);
        tls.stream.close(&tls.stream); /* the stream can be used again */
        wire.down = wire.up = (struct pipe){.ended = false};
        assert_int_equal(mbedtls_ssl_session_reset(&server.ssl), 0);
        assert_int_equal(handshake(HOST), SEGJOB_IO_OK);
        end();
    }
    assert_true(failures >= 8);
}

static void test_a_lower_stream_that_lies_is_a_failure(void **state)
{
    enum lie lie;

    (void)state;
    for (lie = MOVES_NONE; lie <= MOVES_TOO_MANY; lie++) {
        char text[64];
        size_t sent = 0;

        begin();
        wire.lie = lie;
        assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
        assert_int_equal(tls.stream.error.status, SEGJOB_CONNECTION_CLOSED);
        end();
        begin_open();
        wire.lie = lie;
        assert_int_equal(tls.stream.send(&tls.stream, "ping", 4, &sent),
                         SEGJOB_IO_FAILED);
        end();
        begin_open();
        server_sends("pong");
        wire.lie = lie;
        assert_int_equal(receive_all(text, sizeof(text), 16), SEGJOB_IO_FAILED);
        assert_string_equal(text, "");
        end();
    }
}

#if defined(SEGJOB_PSA)
static void test_psa_that_cannot_be_started(void **state)
{
    struct segjob_stream lower = {0};
    struct segjob_platform platform = {.random = world_random};
    struct segjob_port_error error = {0};
    const struct segjob_peer peer = {.host = HOST, .port = 443};
    struct segjob_identity identity;
    struct segjob_tls stream;

    (void)state;
    psa_is_broken = true;
    assert_int_equal(segjob_tls_start(&error), SEGJOB_CONFIG);
    assert_int_equal(error.status, SEGJOB_CONFIG);
    assert_int_equal(error.code, PSA_ERROR_HARDWARE_FAILURE);
    assert_int_equal(segjob_tls_init(&stream, &lower, &platform, NULL),
                     SEGJOB_CONFIG);
    assert_int_equal(stream.stream.error.code, PSA_ERROR_HARDWARE_FAILURE);
    assert_int_equal(stream.stream.open(&stream.stream, &peer),
                     SEGJOB_IO_FAILED);
    assert_int_equal(
        segjob_identity_parse(&identity, "", 1, "", 1, &platform, &error),
        SEGJOB_CONFIG);
    assert_int_equal(error.code, PSA_ERROR_HARDWARE_FAILURE);
    psa_is_broken = false;
}
#endif

static void test_no_random_bytes_is_no_connection(void **state)
{
    unsigned k;
    enum segjob_io io = SEGJOB_IO_FAILED;

    (void)state;
    for (k = 1; io == SEGJOB_IO_FAILED; k++) {
        begin();
        world.random_fails_at = k;
        io = handshake(HOST);
        if (io == SEGJOB_IO_FAILED) {
            assert_int_equal(tls.stream.error.status, SEGJOB_CONFIG);
            assert_non_null(strstr(tls.stream.error.message, "random"));
        } else {
            assert_true(world.random_calls < k);
        }
        end();
    }
    if (LINE_RANDOM_IS_PSAS && world.random_calls == 0) {
        print_message("mbedTLS is a shared library here\n");
        skip();
    }
    assert_true(k > 2);
}

/* Count and fail allocations only in the client's part of the handshake. */
static enum segjob_io handshake_short_of_memory(unsigned fails_at)
{
    enum segjob_io io = SEGJOB_IO_WOULD_BLOCK;
    unsigned count = 0;

    while (io == SEGJOB_IO_WOULD_BLOCK) {
        allocations = count;
        allocation_fails_at = fails_at;
        io = client_open(HOST);
        allocation_fails_at = 0;
        count = allocations;
        (void)server_handshake();
    }
    allocations = count;
    return io;
}

/*
 * The handshake fails without a leak, mostly with the reason. (Without memory
 * to verify a signature, mbedTLS reports a wrong signature.)
 */
static void test_memory_that_runs_out(void **state)
{
    unsigned k, reported = 0;

    (void)state;
    for (k = 1;; k += k / 8 + 1) {
        begin();
        if (handshake_short_of_memory(k) == SEGJOB_IO_OK) {
            assert_true(allocations < k);
            end();
            break;
        }
        assert_true(tls.stream.error.status == SEGJOB_TLS ||
                    tls.stream.error.status == SEGJOB_CERTIFICATE);
        reported += strstr(tls.stream.error.message, "out of memory") != NULL;
        end();
    }
    if (k == 1) {
        print_message("mbedTLS is a shared library here\n");
        skip();
    }
    assert_true(reported > 10);
}

static void test_a_closed_stream_is_misuse(void **state)
{
    char room[4];
    size_t n = 0;

    (void)state;
    begin();
    tls.stream.close(&tls.stream);
    tls.stream.close(&tls.stream);
    assert_int_equal(tls.stream.send(&tls.stream, "x", 1, &n),
                     SEGJOB_IO_FAILED);
    assert_int_equal(tls.stream.error.status, SEGJOB_MISUSE);
    assert_int_equal(tls.stream.recv(&tls.stream, room, 1, &n),
                     SEGJOB_IO_FAILED);
    tls.stream.close(&tls.stream);
    assert_int_equal(handshake(HOST), SEGJOB_IO_OK);
    end();
}

/* After the handshake a silent peer blocks only recv. */
static void test_waiting_for_a_silent_peer(void **state)
{
    struct segjob_wants wants = {false, false, UINT64_MAX};
    char text[8];
    size_t n = 0;

    (void)state;
    begin_open();
    while (tls.stream.recv(&tls.stream, text, 1, &n) == SEGJOB_IO_WOULD_BLOCK &&
           wants_now()) {
    }
    tls.stream.wants(&tls.stream, &wants);
    assert_true(wants.readable);
    assert_false(wants.writable);
    assert_true(wants.wake_ms == UINT64_MAX);
    end();
}

/* --------------------------------------------------------------- sessions */

/* The fixed part of a saved session, see sj_tls_session.h. */
#define SUM_LEN 32u
#define BOUNDS_LEN 48u

static struct peer_memory memory;
static bool by_ticket; /* how the server resumes; ids are TLS 1.2's alone */

static void serve_as(struct peer_identity *id)
{
    peer_stop(&server);
    peer_serve(&server, id, has_tls13, NULL, server_send, server_recv);
    peer_resume(&server, &memory, by_ticket);
}

static void remember(void)
{
    peer_remember(&memory);
    peer_resume(&server, &memory, by_ticket);
}

static void forget(void)
{
    peer_forget(&memory);
    peer_remember(&memory);
}

static void begin_sessions(void)
{
    begin();
    remember();
}

static void end_sessions(void)
{
    end();
    peer_forget(&memory);
}

/* Close, and prepare both ends for a new connection. */
static void disconnect(void)
{
    tls.stream.close(&tls.stream);
    wire.up.at = wire.up.len = 0;
    wire.down = (struct pipe){.ended = false};
    peer_next(&server);
}

static void expect_text(const char *word)
{
    char text[64];

    server_sends(word);
    assert_int_equal(receive_all(text, sizeof(text), 16),
                     SEGJOB_IO_WOULD_BLOCK);
    assert_string_equal(text, word);
}

/*
 * Connect, and receive some text, which follows the ticket of TLS 1.3. Returns
 * whether the server did a full handshake.
 */
static bool reconnect_to(const char *name)
{
    disconnect();
    wire.host = name;
    assert_int_equal(handshake(name), SEGJOB_IO_OK);
    expect_text("pong");
    return server.is_full;
}

static bool reconnect(void)
{
    return reconnect_to(HOST);
}

/* Initialize the TLS stream again, as a device after deep sleep does. */
static void wake_up(mbedtls_x509_crt *roots)
{
    segjob_tls_free(&tls);
    memset(&tls, 0xA5, sizeof(tls));
    assert_int_equal(
        segjob_tls_init(&tls, &wire.stream, &world.platform, roots), SEGJOB_OK);
}

static unsigned char saved[4096];

/* Connect, and save the session. Returns its length. */
static size_t save(void)
{
    size_t n;

    assert_true(reconnect());
    tls.stream.close(&tls.stream);
    n = segjob_tls_save_session(&tls, saved, sizeof(saved));
    assert_true(n > SUM_LEN + BOUNDS_LEN && n <= sizeof(saved));
    return n;
}

static void test_a_session_is_resumed(void **state)
{
    size_t k;

    (void)state;
    begin_sessions();
    assert_true(reconnect());
    assert_false(reconnect());
    assert_false(reconnect());
    for (k = 1; k < 1000; k = k * 3) {
        disconnect();
        wire.most = k;
        wire.stutters = true;
        assert_int_equal(handshake(HOST), SEGJOB_IO_OK);
        assert_false(server.is_full);
        wire.most = SIZE_MAX;
        wire.stutters = false;
        expect_text("pong");
    }
    end_sessions();
}

static void test_the_server_has_forgotten(void **state)
{
    (void)state;
    begin_sessions();
    assert_true(reconnect());
    forget();
    assert_true(reconnect());
    assert_false(reconnect());
    end_sessions();
}

/* Before the first session, or with a server that does not resume. */
static void test_no_session_to_resume(void **state)
{
    (void)state;
    begin();
    assert_int_equal(segjob_tls_save_session(&tls, saved, sizeof(saved)), 0);
    assert_true(reconnect());
    assert_true(reconnect());
    if (has_tls13) { /* no session without a ticket */
        tls.stream.close(&tls.stream);
        assert_int_equal(segjob_tls_save_session(&tls, saved, sizeof(saved)),
                         0);
    }
    end();
}

static void test_another_host_is_another_session(void **state)
{
    const char *const other =
        "p.example.test"; /* the certificate is for both */
    struct peer_terms terms = peer_server_terms("*.example.test");
    struct peer_identity both;
    size_t n;

    (void)state;
    peer_make(&both, &terms, &ca, PEER_CA_NAME);
    begin_sessions();
    serve_as(&both);
    n = save();
    assert_true(reconnect_to(other));
    assert_false(reconnect_to(other));
    assert_true(reconnect_to(HOST));
    wake_up(&ca.crt);
    assert_true(segjob_tls_load_session(&tls, saved, n));
    assert_true(reconnect_to(other));
    end_sessions();
    peer_free_identity(&both);
}

/* A root, an intermediate CA and a server; one of them expires earlier. */
struct chain {
    struct peer_identity ids[3];
};

static void make_chain(struct chain *chain, size_t short_one, const char *from,
                       const char *to)
{
    static const char *const names[] = {"CN=root", "CN=middle", "CN=x"};
    size_t i;

    for (i = 0; i < 3; i++) {
        const struct peer_terms terms = {
            .subject = names[i],
            .dns = i == 2 ? HOST : NULL,
            .from = i == short_one ? from : "19500101000000",
            .to = i == short_one ? to : "20991231235959",
            .is_ca = i < 2,
        };

        peer_make(&chain->ids[i], &terms, i == 0 ? NULL : &chain->ids[i - 1],
                  i == 0 ? NULL : names[i - 1]);
    }
    assert_int_equal(
        mbedtls_x509_crt_parse(&chain->ids[2].crt,
                               (const unsigned char *)chain->ids[1].pem,
                               strlen(chain->ids[1].pem) + 1),
        0);
}

static void free_chain(struct chain *chain)
{
    size_t i;

    for (i = 0; i < 3; i++) {
        peer_free_identity(&chain->ids[i]);
    }
}

/* For a certificate valid from 2022 to 2028, seen first in 2024. */
static const struct {
    int line;
    const char *clock;
    const char *refused; /* part of the reason; NULL: resumed */
} later[] = {
    {__LINE__, "20211231235959", "not yet valid"},
    {__LINE__, "20220101000000", NULL},
    {__LINE__, "20280101000000", NULL},
    {__LINE__, "20280101000001", "expired"},
    {__LINE__, "20500101000000", "expired"},
};

static void assert_later(size_t row)
{
    world.now = utc(later[row].clock);
    if (later[row].refused == NULL) {
        assert_false(reconnect());
        return;
    }
    disconnect();
    assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
    assert_true(server.is_full);
    assert_refused(later[row].line, later[row].refused);
}

static void test_a_session_ends_with_any_certificate(void **state)
{
    size_t i, row, n;

    (void)state;
    for (i = 0; i < 3; i++) {
        struct chain chain;

        make_chain(&chain, i, "20220101000000", "20280101000000");
        begin_with(&chain.ids[2], &chain.ids[0].crt);
        remember();
        world.now = utc("20240601000000");
        n = save();
        for (row = 0; row < sizeof(later) / sizeof(later[0]); row++) {
            world.now = utc("20240601000000");
            wake_up(&chain.ids[0].crt);
            assert_true(segjob_tls_load_session(&tls, saved, n));
            assert_false(reconnect()); /* a resumption keeps the dates */
            assert_later(row);
        }
        end_sessions();
        free_chain(&chain);
    }
}

static void test_no_clock_is_no_resumption(void **state)
{
    static const int64_t clocks[] = {-1, INT64_MIN, INT64_MAX};
    struct chain chain;
    size_t i;

    (void)state;
    make_chain(&chain, 3, NULL, NULL);
    begin_with(&chain.ids[2], &chain.ids[0].crt);
    remember();
    for (i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
        world.now = 0;
        assert_true(reconnect());
        assert_false(reconnect());
        world.now = clocks[i];
        disconnect();
        assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
        assert_refused(__LINE__, clocks[i] < 0 ? "not yet" : "expired");
    }
    end_sessions();
    free_chain(&chain);
}

/* A session that was offered and not resumed leaves no dates. */
static void test_the_dates_are_of_the_last_full_handshake(void **state)
{
    struct chain before, after;

    (void)state;
    make_chain(&before, 2, "20200101000000", "20250101000000");
    make_chain(&after, 2, "20241201000000", "20300101000000");
    begin_with(&before.ids[2], &before.ids[0].crt);
    mbedtls_ssl_conf_ca_chain(&tls.config, &before.ids[0].crt, NULL);
    remember();
    assert_int_equal(
        mbedtls_x509_crt_parse(&before.ids[0].crt,
                               (const unsigned char *)after.ids[0].pem,
                               strlen(after.ids[0].pem) + 1),
        0);
    world.now = utc("20241215000000");
    assert_true(reconnect());
    forget();
    serve_as(&after.ids[2]);
    assert_true(reconnect());
    world.now = utc("20260101000000");
    assert_false(reconnect());
    world.now = utc("20241130235959");
    disconnect();
    assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
    assert_refused(__LINE__, "not yet valid");
    end_sessions();
    free_chain(&before);
    free_chain(&after);
}

static void test_a_refused_certificate_drops_it(void **state)
{
    const struct peer_terms terms = peer_server_terms(HOST);
    struct peer_memory elsewhere = {0};
    struct peer_identity self;

    (void)state;
    peer_make(&self, &terms, NULL, NULL); /* self-signed */
    begin_sessions();
    assert_true(reconnect());
    peer_remember(&elsewhere);
    serve_as(&self);
    peer_resume(&server, &elsewhere, true);
    peer_resume(&server, &elsewhere, false);
    disconnect();
    assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
    assert_refused(__LINE__, "trusted authority");
    serve_as(&host); /* this server would resume */
    assert_true(reconnect());
    end_sessions();
    peer_forget(&elsewhere);
    peer_free_identity(&self);
}

/* The k-th call of the lower stream fails; the first one is its `open`. */
static void test_a_failed_resumption_is_followed_by_a_full_one(void **state)
{
    unsigned k;
    enum segjob_io io = SEGJOB_IO_FAILED;

    (void)state;
    for (k = 1; io == SEGJOB_IO_FAILED; k++) {
        begin_sessions();
        assert_true(reconnect());
        disconnect();
        wire.fail_at = wire.calls + k;
        io = handshake(HOST);
        if (io == SEGJOB_IO_FAILED) {
            assert_false(server.is_full);
            wire.fail_at = 0;
            assert_int_equal(reconnect(), k > 1);
            assert_false(reconnect());
        }
        end_sessions();
    }
    assert_true(k > 4);
}

static void test_a_handshake_given_up_is_followed_by_a_full_one(void **state)
{
    (void)state;
    begin_sessions();
    assert_true(reconnect());
    disconnect();
    assert_int_equal(client_open(HOST), SEGJOB_IO_WOULD_BLOCK);
    assert_int_equal(segjob_tls_save_session(&tls, saved, sizeof(saved)), 0);
    assert_true(reconnect());
    end_sessions();
}

static void spoil_by_alert(void)
{
    assert_int_equal(mbedtls_ssl_send_alert_message(
                         &server.ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                         MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR),
                     0);
}

static void spoil_by_forgery(void)
{
    server_sends("forged");
    wire.down.bytes[7] ^= 1;
}

static void spoil_by_end(void)
{
    wire.down.ended = true;
}

static void spoil_by_failure(void)
{
    wire.fail_at = wire.calls + 1;
}

/* RFC 5246, 7.2.2, and RFC 8446, 6.2, require that after a fatal alert. */
static void test_a_connection_that_fails_leaves_no_session(void **state)
{
    static void (*const spoil[])(void) = {spoil_by_alert, spoil_by_forgery,
                                          spoil_by_end, spoil_by_failure};
    size_t i, is_saved;

    (void)state;
    for (i = 0; i < sizeof(spoil) / sizeof(spoil[0]); i++) {
        for (is_saved = 0; is_saved < 2; is_saved++) {
            char text[64];

            begin_sessions();
            assert_true(reconnect());
            if (is_saved != 0) {
                assert_true(
                    segjob_tls_save_session(&tls, saved, sizeof(saved)) > 0);
            }
            spoil[i]();
            assert_int_equal(receive_all(text, sizeof(text), 16),
                             SEGJOB_IO_FAILED);
            assert_int_equal(
                segjob_tls_save_session(&tls, saved, sizeof(saved)), 0);
            wire.fail_at = 0;
            assert_true(reconnect());
            end_sessions();
        }
    }
}

static void test_a_close_notify_keeps_the_session(void **state)
{
    char text[64];

    (void)state;
    begin_sessions();
    assert_true(reconnect());
    assert_int_equal(mbedtls_ssl_close_notify(&server.ssl), 0);
    wire.down.ended = true;
    assert_int_equal(receive_all(text, sizeof(text), 16), SEGJOB_IO_CLOSED);
    assert_false(reconnect());
    end_sessions();
}

/* ---------------------------------------------------------- saved sessions */

static void test_a_saved_session_is_resumed(void **state)
{
    size_t n;

    (void)state;
    begin_sessions();
    n = save();
    assert_false(reconnect()); /* saving keeps the session */
    wake_up(&ca.crt);
    assert_true(reconnect()); /* without a load: full */
    wake_up(&ca.crt);
    assert_true(segjob_tls_load_session(&tls, saved, n));
    memset(saved, 0, n);
    assert_false(reconnect());
    assert_false(reconnect());
    end_sessions();
}

static void test_an_open_connection_is_saved_and_goes_on(void **state)
{
    size_t n;

    (void)state;
    begin_sessions();
    assert_int_equal(handshake(HOST), SEGJOB_IO_OK);
    n = segjob_tls_save_session(&tls, saved, sizeof(saved));
    assert_int_equal(n > 0, !has_tls13); /* the ticket is not yet read */
    expect_text("one");
    n = segjob_tls_save_session(&tls, saved, sizeof(saved));
    assert_true(n > 0);
    expect_text("two");
    assert_int_equal(segjob_tls_save_session(&tls, saved, sizeof(saved)), n);
    assert_false(segjob_tls_load_session(&tls, saved, n)); /* while open */
    expect_text("three");
    assert_false(reconnect());
    wake_up(&ca.crt);
    assert_true(segjob_tls_load_session(&tls, saved, n));
    assert_int_equal(segjob_tls_save_session(&tls, saved, sizeof(saved)), n);
    assert_false(reconnect());
    end_sessions();
}

static void test_saving_at_every_capacity(void **state)
{
    static unsigned char room[sizeof(saved)];
    size_t n, cap;

    (void)state;
    begin_sessions();
    n = save();
    assert_int_equal(segjob_tls_save_session(&tls, NULL, 0), n);
    for (cap = 0; cap < n + 9; cap++) {
        size_t i;

        memset(room, 0x5A, sizeof(room));
        assert_int_equal(segjob_tls_save_session(&tls, room, cap), n);
        for (i = cap < n ? 0 : n; i < sizeof(room); i++) {
            assert_int_equal(room[i], 0x5A);
        }
        assert_int_equal(memcmp(room, saved, n) == 0, cap >= n);
    }
    end_sessions();
}

static void test_a_damaged_session_is_refused(void **state)
{
    size_t n, i;

    (void)state;
    begin_sessions();
    n = save();
    for (i = 0; i < n; i++) {
        saved[i] ^= 1;
        assert_false(segjob_tls_load_session(&tls, saved, n));
        saved[i] ^= 0x81;
        assert_false(segjob_tls_load_session(&tls, saved, n));
        saved[i] ^= 0x80;
        assert_false(segjob_tls_load_session(&tls, saved, i));
    }
    assert_false(segjob_tls_load_session(&tls, saved, n + 1));
    assert_int_equal(segjob_tls_save_session(&tls, NULL, 0), 0);
    assert_true(reconnect()); /* the previous one is dropped, too */
    tls.stream.close(&tls.stream);
    assert_true(segjob_tls_load_session(&tls, saved, n));
    assert_false(reconnect());
    end_sessions();
}

static void test_a_session_of_other_roots_is_refused(void **state)
{
    const struct peer_terms ca_terms = peer_ca_terms();
    struct peer_identity other;
    mbedtls_x509_crt more;
    size_t n;

    (void)state;
    peer_make(&other, &ca_terms, NULL, NULL); /* of the same name */
    mbedtls_x509_crt_init(&more);
    assert_int_equal(
        mbedtls_x509_crt_parse_der(&more, ca.crt.raw.p, ca.crt.raw.len), 0);
    begin_sessions();
    n = save();
    wake_up(&other.crt);
    assert_false(segjob_tls_load_session(&tls, saved, n));
    wake_up(&more);
    assert_true(segjob_tls_load_session(&tls, saved, n));
    assert_int_equal(
        mbedtls_x509_crt_parse_der(&more, other.crt.raw.p, other.crt.raw.len),
        0);
    assert_false(segjob_tls_load_session(&tls, saved, n));
    end_sessions();
    mbedtls_x509_crt_free(&more);
    peer_free_identity(&other);
}

/* Set the checksum that sj_tls_session.h describes. */
static void seal(unsigned char *bytes, size_t n)
{
    static unsigned char all[sizeof(saved) + 2048];
    const size_t len = n - SUM_LEN;

    assert_true(len + ca.crt.raw.len + 2 <= sizeof(all));
    memcpy(all, bytes + SUM_LEN, len);
    memcpy(all + len, ca.crt.raw.p, ca.crt.raw.len);
    memset(all + len + ca.crt.raw.len, 0, 2); /* no identity, no pins */
    assert_int_equal(mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256),
                                all, len + ca.crt.raw.len + 2, bytes),
                     0);
}

/*
 * Whether a byte of the saved session belongs to the host's name with its
 * length and final NUL, on which mbedTLS relies in a session of TLS 1.3.
 */
static bool is_of_name(size_t at, size_t n)
{
    size_t i;

    for (i = SUM_LEN + BOUNDS_LEN; i + sizeof(HOST) <= n; i++) {
        if (memcmp(saved + i, HOST, sizeof(HOST)) == 0) {
            return at + 2 >= i && at < i + sizeof(HOST);
        }
    }
    return false;
}

/*
 * A byte after mbedTLS's version (3 bytes) is changed, with a right checksum:
 * the session is refused, or tried once. If the byte is one of the secret, the
 * handshake must fail.
 */
static void test_a_forged_session_is_tried_once(void **state)
{
    static unsigned char forged[sizeof(saved)];
    const size_t begins = SUM_LEN + BOUNDS_LEN;
    size_t n, i;
    unsigned failed = 0, loaded = 0;

    (void)state;
    begin_sessions();
    n = save();
    seal(saved, n); /* seal() makes the right checksum */
    assert_true(segjob_tls_load_session(&tls, saved, n));
    assert_false(reconnect());
    for (i = begins; i < n; i += i < begins + 3 ? 1 : 5) {
        memcpy(forged, saved, n);
        forged[i] ^= 1;
        seal(forged, n);
        disconnect();
        if (is_of_name(i, n) || !segjob_tls_load_session(&tls, forged, n)) {
            continue;
        }
        assert_true(i >= begins + 3);
        loaded++;
        if (handshake(HOST) == SEGJOB_IO_FAILED) {
            assert_int_equal(tls.stream.error.status, SEGJOB_TLS);
            failed++;
            assert_true(reconnect());
        }
    }
    assert_true(loaded > 16);
    assert_true(failed > 5);
    end_sessions();
}

/* ------------------------------------------------------ sessions and memory */

static void skip_if_shared(unsigned k)
{
    if (k == 1) {
        print_message("mbedTLS is a shared library here\n");
        skip();
    }
}

static void test_no_memory_to_keep_a_session(void **state)
{
    unsigned k, of;
    bool is_kept = false;

    (void)state;
    for (k = 1;; k++) {
        bool is_full;

        begin_sessions();
        assert_true(reconnect());
        allocations = 0;
        allocation_fails_at = k;
        tls.stream.close(&tls.stream);
        allocation_fails_at = 0;
        of = allocations;
        is_full = reconnect();
        /* Later allocations, for the close_notify, do not matter. */
        assert_true(!is_full || (k <= of && !is_kept));
        assert_true(is_full || k > 1 || of == 0);
        is_kept = !is_full;
        end_sessions();
        if (k > of) {
            break;
        }
    }
    skip_if_shared(k);
}

static void test_no_memory_to_save_a_session(void **state)
{
    unsigned k, of;

    (void)state;
    for (k = 1;; k++) {
        size_t n;

        begin_sessions();
        assert_true(reconnect());
        allocations = 0;
        allocation_fails_at = k;
        n = segjob_tls_save_session(&tls, saved, sizeof(saved));
        allocation_fails_at = 0;
        of = allocations;
        assert_int_equal(n == 0, k <= of);
        expect_text("and on");
        end_sessions();
        if (k > of) {
            break;
        }
    }
    skip_if_shared(k);
}

static void test_no_memory_to_load_a_session(void **state)
{
    size_t n;
    unsigned k, of;

    (void)state;
    begin_sessions();
    n = save();
    for (k = 1;; k++) {
        bool is_loaded;

        disconnect();
        allocations = 0;
        allocation_fails_at = k;
        is_loaded = segjob_tls_load_session(&tls, saved, n);
        allocation_fails_at = 0;
        of = allocations;
        assert_int_equal(is_loaded, k > of);
        assert_int_equal(reconnect(), k <= of);
        if (k > of) {
            break;
        }
    }
    end_sessions();
    skip_if_shared(k);
}

/* mbedTLS may ignore it in its last message: then the server fails. */
static void test_no_memory_to_resume_a_session(void **state)
{
    bool is_resumed = false;
    unsigned k;

    (void)state;
    for (k = 1; !is_resumed; k += k / 8 + 1) {
        char text[64];
        enum segjob_io io;

        begin_sessions();
        assert_true(reconnect());
        disconnect();
        io = handshake_short_of_memory(k);
        is_resumed = io == SEGJOB_IO_OK && k > allocations;
        if (is_resumed) {
            expect_text("pong");
        } else if (io == SEGJOB_IO_OK) {
            io = receive_all(text, sizeof(text), 16);
        }
        assert_int_equal(io == SEGJOB_IO_FAILED, !is_resumed);
        assert_int_equal(reconnect(), !is_resumed);
        end_sessions();
    }
    skip_if_shared(k - 1);
}

/* Without memory for a ticket of TLS 1.3 mbedTLS ends the connection. */
static void test_no_memory_for_a_ticket(void **state)
{
    enum segjob_io io = SEGJOB_IO_FAILED;
    unsigned k;

    (void)state;
    for (k = 1; io == SEGJOB_IO_FAILED; k++) {
        char text[64];

        begin_sessions();
        assert_int_equal(handshake(HOST), SEGJOB_IO_OK);
        server_sends("pong");
        allocations = 0;
        allocation_fails_at = k;
        io = receive_all(text, sizeof(text), 16);
        allocation_fails_at = 0;
        assert_int_equal(io == SEGJOB_IO_FAILED, k <= allocations);
        assert_int_equal(reconnect(), io == SEGJOB_IO_FAILED);
        end_sessions();
    }
}

/* How many sequences of 16 bytes of the saved session `tls` contains. */
static unsigned traces(size_t n)
{
    const unsigned char *bytes = (const unsigned char *)&tls;
    unsigned found = 0;
    size_t i, at;

    for (i = SUM_LEN + BOUNDS_LEN; i + 16 <= n; i++) {
        if (memchr(saved + i, 0, 16) != NULL) {
            continue; /* probably not of a secret */
        }
        for (at = 0; at + 16 <= sizeof(tls); at++) {
            found += memcmp(bytes + at, saved + i, 16) == 0;
        }
    }
    return found;
}

static void test_a_session_is_wiped(void **state)
{
    size_t n;

    (void)state;
    begin_sessions();
    n = save();
    assert_true(traces(n) > 0);
    segjob_tls_free(&tls);
    assert_int_equal(traces(n), 0);
    peer_stop(&server);
    peer_forget(&memory);
}

/* ------------------------------------------------------------------- pins */

/* The SHA-256 of the DER of its key; OpenSSL's is in test_posix.c. */
static void pin_of(struct peer_identity *id, unsigned char *pin)
{
    unsigned char der[1024];
    const int len = mbedtls_pk_write_pubkey_der(&id->key, der, sizeof(der));

    assert_true(len > 0); /* it is at the end of `der` */
    assert_int_equal(mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256),
                                der + sizeof(der) - len, (size_t)len, pin),
                     0);
}

static unsigned char pins[2][SEGJOB_TLS_DIGEST_LEN];

static void pin(size_t n)
{
    assert_int_equal(
        segjob_tls_pin(&tls, (const unsigned char(*)[sizeof(pins[0])])pins, n),
        SEGJOB_OK);
}

static void test_a_pin_is_anywhere_in_the_chain(void **state)
{
    struct chain chain;
    size_t i;

    (void)state;
    make_chain(&chain, 2, "20220101000000", "20280101000000");
    for (i = 0; i < 3; i++) {
        begin_with(&chain.ids[2], &chain.ids[0].crt);
        world.now = utc("20240601000000");
        memset(pins, 0, sizeof(pins));
        pin_of(&chain.ids[i], pins[1]);
        pin(2);
        assert_int_equal(handshake(HOST), SEGJOB_IO_OK);
        /* The chain of the previous handshake does not count. */
        disconnect();
        pin(1);
        assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
        assert_refused(__LINE__, "pinned");
        end();
    }
    free_chain(&chain);
}

static void test_a_pin_is_no_trust(void **state)
{
    const struct peer_terms ca_terms = peer_ca_terms();
    struct peer_identity other;

    (void)state;
    pin_of(&host, pins[0]);
    peer_make(&other, &ca_terms, NULL, NULL);
    begin_with(&host, &other.crt);
    pin(1);
    assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
    assert_refused(__LINE__, "trusted authority");
    end();
    begin();
    pin(1);
    world.now = utc("20500101000000");
    assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
    assert_refused(__LINE__, "expired");
    end();
    begin();
    pin(1);
    wire.host = "other.example.test";
    assert_int_equal(handshake(wire.host), SEGJOB_IO_FAILED);
    assert_refused(__LINE__, "host name");
    end();
    peer_free_identity(&other);
}

static void test_no_session_gets_around_a_pin(void **state)
{
    size_t n;

    (void)state;
    begin_sessions();
    pin_of(&host, pins[0]);
    n = save();
    pin(1);
    assert_false(segjob_tls_load_session(&tls, saved, n));
    assert_true(reconnect());
    assert_false(reconnect());
    /* While open. */
    assert_int_equal(segjob_tls_pin(&tls, NULL, 0), SEGJOB_MISUSE);
    disconnect();
    pin(1);
    n = save();
    pins[0][0] ^= 1;
    pin(1);
    assert_false(segjob_tls_load_session(&tls, saved, n));
    disconnect();
    assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
    assert_refused(__LINE__, "pinned");
    pins[0][0] ^= 1;
    disconnect();
    assert_true(segjob_tls_load_session(&tls, saved, n));
    assert_false(reconnect());
    disconnect();
    assert_int_equal(segjob_tls_pin(&tls, NULL, 0), SEGJOB_OK);
    assert_true(reconnect());
    end_sessions();
}

/* --------------------------------------------------------------- identity */

static struct peer_identity device;
static struct segjob_identity mine;

static void begin_device(void)
{
    const struct peer_terms terms = peer_device_terms();
    struct segjob_port_error error = {0};
    unsigned char key[512];

    peer_make(&device, &terms, &ca, PEER_CA_NAME);
    assert_int_equal(mbedtls_pk_write_key_pem(&device.key, key, sizeof(key)),
                     0);
    begin_sessions();
    peer_demand(&server, &ca.crt);
    assert_int_equal(
        segjob_identity_parse(&mine, device.pem, strlen(device.pem) + 1, key,
                              strlen((char *)key) + 1, &world.platform, &error),
        SEGJOB_OK);
    assert_int_equal(segjob_tls_present(&tls, &mine.chain, &mine.key),
                     SEGJOB_OK);
}

static void end_device(void)
{
    end_sessions();
    segjob_identity_free(&mine);
    peer_free_identity(&device);
}

static void test_the_device_is_presented(void **state)
{
    const mbedtls_x509_crt *seen;

    (void)state;
    begin_device();
    assert_true(reconnect());
    seen = mbedtls_ssl_get_peer_cert(&server.ssl);
    assert_non_null(seen);
    assert_int_equal(seen->raw.len, device.crt.raw.len);
    assert_memory_equal(seen->raw.p, device.crt.raw.p, seen->raw.len);
    assert_false(reconnect());
    end_device();
}

/* A new identity drops the session in memory, and refuses saved ones. */
static void test_no_session_outlasts_an_identity(void **state)
{
    size_t n;

    (void)state;
    begin_device();
    n = save();
    assert_int_equal(segjob_tls_present(&tls, &mine.chain, &mine.key),
                     SEGJOB_OK);
    assert_true(reconnect());
    assert_int_equal(segjob_tls_present(&tls, NULL, NULL), SEGJOB_MISUSE);
    tls.stream.close(&tls.stream);
    assert_true(segjob_tls_load_session(&tls, saved, n));
    assert_false(reconnect());
    tls.stream.close(&tls.stream);
    assert_int_equal(segjob_tls_present(&tls, NULL, NULL), SEGJOB_OK);
    assert_false(segjob_tls_load_session(&tls, saved, n));
    assert_int_equal(segjob_tls_present(&tls, &host.crt, &host.key), SEGJOB_OK);
    assert_false(segjob_tls_load_session(&tls, saved, n));
    end_device();
}

static void assert_device_refused(void)
{
    assert_int_equal(tls.stream.error.status, SEGJOB_TLS);
    assert_int_equal(tls.stream.error.code,
                     MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE);
    assert_non_null(
        strstr(tls.stream.error.message, "this device's certificate"));
}

/*
 * In TLS 1.3 the alert arrives after a handshake that is good for the device,
 * encrypted with the connection's keys. mbedTLS's server would use the
 * handshake's keys: so here it accepts the device, and then sends the alert.
 * OpenSSL's server is in test_posix.c.
 */
static void be_refused(void)
{
    disconnect();
    if (!has_tls13) {
        peer_demand(&server, &host.crt);
        assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
        return;
    }
    peer_stop(&server);
    peer_serve(&server, &host, has_tls13, NULL, server_send, server_recv);
    peer_demand(&server, &ca.crt); /* without tickets */
    assert_int_equal(handshake(HOST), SEGJOB_IO_OK);
    assert_int_equal(mbedtls_ssl_send_alert_message(
                         &server.ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                         MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA),
                     0);
    wire.down.ended = true;
}

static void test_a_refused_device_is_reported(void **state)
{
    char byte;
    size_t n;

    (void)state;
    begin_device();
    be_refused();
    if (has_tls13) {
        assert_int_equal(tls.stream.recv(&tls.stream, &byte, 1, &n),
                         SEGJOB_IO_FAILED);
        assert_device_refused();
        be_refused();
        wire.fail_at = wire.calls + 1; /* the peer has hung up */
        assert_int_equal(tls.stream.send(&tls.stream, "x", 1, &n),
                         SEGJOB_IO_FAILED);
    }
    assert_device_refused();
    end_device();
}

/* Once the peer has sent data, it has accepted the device. */
static void test_a_later_alert_is_no_refusal(void **state)
{
    char text[16];

    (void)state;
    begin_device();
    assert_true(reconnect());
    assert_int_equal(mbedtls_ssl_send_alert_message(
                         &server.ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                         MBEDTLS_SSL_ALERT_MSG_BAD_CERT),
                     0);
    assert_int_equal(receive_all(text, sizeof(text), 8), SEGJOB_IO_FAILED);
    assert_int_equal(tls.stream.error.status, SEGJOB_CONNECTION_CLOSED);
    end_device();
}

static void test_no_memory_to_present(void **state)
{
    unsigned k;

    (void)state;
    begin_device();
    allocations = 0;
    assert_int_equal(segjob_tls_present(&tls, &mine.chain, &mine.key),
                     SEGJOB_OK);
    k = allocations;
    if (k == 0) {
        end_device();
        skip_if_shared(k + 1);
    }
    allocation_fails_at = k;
    allocations = 0;
    assert_int_equal(segjob_tls_present(&tls, &mine.chain, &mine.key),
                     SEGJOB_CONFIG);
    allocation_fails_at = 0;
    assert_non_null(strstr(tls.stream.error.message, "cannot present"));
    assert_null(tls.chain);
    end_device();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_speaks_tls_both_ways_and_again),
        cmocka_unit_test(test_two_records_in_one_segment_then_silence),
        cmocka_unit_test(test_empty_records_are_not_the_end),
        cmocka_unit_test(test_warnings_are_ignored),
        cmocka_unit_test(test_a_send_that_blocks_half_way),
        cmocka_unit_test(test_offering_less_after_would_block_is_refused),
        cmocka_unit_test(test_closing_in_the_middle_of_a_send),
        cmocka_unit_test(test_handshake_in_pieces_of_every_size),
        cmocka_unit_test(test_close_notify_is_an_end_in_good_order),
        cmocka_unit_test(test_an_end_without_close_notify_is_a_failure),
        cmocka_unit_test(test_a_fatal_alert_is_a_failure),
        cmocka_unit_test(test_a_changed_byte_is_a_failure),
        cmocka_unit_test(test_dates_are_checked_by_the_platforms_clock),
        cmocka_unit_test(test_no_clock_is_no_crash),
        cmocka_unit_test(test_the_host_is_verified),
        cmocka_unit_test(test_a_stranger_is_refused),
        cmocka_unit_test(test_an_unknown_signature_algorithm),
        cmocka_unit_test(test_the_usage_of_authorities),
        cmocka_unit_test(test_names_are_within_constraints),
        cmocka_unit_test(test_constraints_that_cannot_be_read),
#if defined(LINE_HAS_ADDRESSES)
        cmocka_unit_test(test_an_address_is_verified),
        cmocka_unit_test(test_a_name_after_an_address),
#endif
        cmocka_unit_test(test_an_address_is_refused_before_anything_is_sent),
        cmocka_unit_test(test_the_suites_that_are_offered),
        cmocka_unit_test(test_the_groups_and_signatures_that_are_offered),
        cmocka_unit_test(test_other_protocols_are_reported),
        cmocka_unit_test(test_a_handshake_cut_anywhere_is_cut_off),
        cmocka_unit_test(test_every_call_of_the_lower_stream_fails),
        cmocka_unit_test(test_a_lower_stream_that_lies_is_a_failure),
#if defined(SEGJOB_PSA)
        cmocka_unit_test(test_psa_that_cannot_be_started),
#endif
        cmocka_unit_test(test_no_random_bytes_is_no_connection),
        cmocka_unit_test(test_memory_that_runs_out),
        cmocka_unit_test(test_a_closed_stream_is_misuse),
        cmocka_unit_test(test_waiting_for_a_silent_peer),
    };
    const struct CMUnitTest sessions[] = {
        cmocka_unit_test(test_a_session_is_resumed),
        cmocka_unit_test(test_the_server_has_forgotten),
        cmocka_unit_test(test_no_session_to_resume),
        cmocka_unit_test(test_another_host_is_another_session),
        cmocka_unit_test(test_a_session_ends_with_any_certificate),
        cmocka_unit_test(test_no_clock_is_no_resumption),
        cmocka_unit_test(test_the_dates_are_of_the_last_full_handshake),
        cmocka_unit_test(test_a_refused_certificate_drops_it),
        cmocka_unit_test(test_a_failed_resumption_is_followed_by_a_full_one),
        cmocka_unit_test(test_a_handshake_given_up_is_followed_by_a_full_one),
        cmocka_unit_test(test_a_connection_that_fails_leaves_no_session),
        cmocka_unit_test(test_a_close_notify_keeps_the_session),
        cmocka_unit_test(test_a_saved_session_is_resumed),
        cmocka_unit_test(test_an_open_connection_is_saved_and_goes_on),
        cmocka_unit_test(test_saving_at_every_capacity),
        cmocka_unit_test(test_a_damaged_session_is_refused),
        cmocka_unit_test(test_a_session_of_other_roots_is_refused),
        cmocka_unit_test(test_a_forged_session_is_tried_once),
        cmocka_unit_test(test_no_memory_to_keep_a_session),
        cmocka_unit_test(test_no_memory_to_save_a_session),
        cmocka_unit_test(test_no_memory_to_load_a_session),
        cmocka_unit_test(test_no_memory_to_resume_a_session),
        cmocka_unit_test(test_no_memory_for_a_ticket),
        cmocka_unit_test(test_a_session_is_wiped),
        cmocka_unit_test(test_a_pin_is_anywhere_in_the_chain),
        cmocka_unit_test(test_a_pin_is_no_trust),
        cmocka_unit_test(test_no_session_gets_around_a_pin),
        cmocka_unit_test(test_the_device_is_presented),
        cmocka_unit_test(test_no_session_outlasts_an_identity),
        cmocka_unit_test(test_a_refused_device_is_reported),
        cmocka_unit_test(test_a_later_alert_is_no_refusal),
        cmocka_unit_test(test_no_memory_to_present),
    };
    int failed = cmocka_run_group_tests_name(
        "TLS 1.2", tests, make_certificates, free_certificates);

    failed += cmocka_run_group_tests_name("TLS 1.2, sessions by id", sessions,
                                          make_certificates, free_certificates);
    by_ticket = true;
    failed +=
        cmocka_run_group_tests_name("TLS 1.2, sessions by ticket", sessions,
                                    make_certificates, free_certificates);
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    has_tls13 = true;
    failed += cmocka_run_group_tests_name("TLS 1.3", tests, make_certificates,
                                          free_certificates);
    failed += cmocka_run_group_tests_name("TLS 1.3, sessions", sessions,
                                          make_certificates, free_certificates);
#endif
    return failed;
}
