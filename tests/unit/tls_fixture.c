#include "tls_fixture.h"

#include <time.h>

/* ------------------------------------------------------------ allocations */

unsigned allocations;
unsigned allocation_fails_at;

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);

void *__wrap_calloc(size_t n, size_t size)
{
    allocations++;
    return allocations == allocation_fails_at ? NULL : __real_calloc(n, size);
}

void skip_if_shared(unsigned k)
{
    if (k == 1) {
        print_message("mbedTLS is a shared library here\n");
        skip();
    }
}

/* ------------------------------------------------------------------- pipe */

struct wire wire;

size_t pipe_left(const struct pipe *p)
{
    return p->len - p->at;
}

void pipe_put(struct pipe *p, const void *bytes, size_t n)
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

void wire_reset(void)
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

struct world world;

static int64_t world_clock(struct segjob_platform *p)
{
    (void)p;
    return world.now;
}

bool world_random(struct segjob_platform *p, void *bytes, size_t n)
{
    (void)p;
    world.random_calls++;
    if (world.random_calls == world.random_fails_at) {
        memset(bytes, 0, n);
        return false;
    }
    return line_random(NULL, bytes, n) == 0;
}

/* ------------------------------------------------------------- both sides */

struct peer_identity ca;
struct peer_identity host;
struct peer_server server;
struct segjob_tls tls;
bool has_tls13;

int make_certificates(void **state)
{
    const struct peer_terms ca_terms = peer_ca_terms();
    const struct peer_terms terms = peer_server_terms(HOST);

    (void)state;
    peer_make(&ca, &ca_terms, NULL, NULL);
    peer_make(&host, &terms, &ca, PEER_CA_NAME);
    return 0;
}

int free_certificates(void **state)
{
    (void)state;
    peer_free_identity(&host);
    peer_free_identity(&ca);
    return 0;
}

void begin_with(struct peer_identity *id, mbedtls_x509_crt *roots)
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

void begin(void)
{
    begin_with(&host, &ca.crt);
}

void finish(void)
{
    segjob_tls_free(&tls);
    peer_stop(&server);
}

void wake_up(mbedtls_x509_crt *roots)
{
    segjob_tls_free(&tls);
    memset(&tls, 0xA5, sizeof(tls));
    assert_int_equal(
        segjob_tls_init(&tls, &wire.stream, &world.platform, roots), SEGJOB_OK);
}

void serve(struct peer_identity *id)
{
    peer_stop(&server);
    peer_serve(&server, id, has_tls13, NULL, server_send, server_recv);
}

bool server_handshake(void)
{
    const int ret = peer_shake(&server);

    if (ret != 0 && ret != MBEDTLS_ERR_SSL_WANT_READ) {
        wire.down.ended = true;
    }
    return ret == 0;
}

enum segjob_io client_open(const char *name)
{
    const struct segjob_peer peer = {.host = name, .port = 443};
    enum segjob_io io;

    world.in_client = true;
    io = tls.stream.open(&tls.stream, &peer);
    world.in_client = false;
    return io;
}

enum segjob_io handshake(const char *name)
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

enum segjob_io handshake_short_of_memory(unsigned fails_at)
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

void server_sends(const char *text)
{
    const size_t n = strlen(text);

    assert_int_equal(
        mbedtls_ssl_write(&server.ssl, (const unsigned char *)text, n), n);
}

bool wants_now(void)
{
    struct segjob_wants wants = {false, false, UINT64_MAX};

    tls.stream.wants(&tls.stream, &wants);
    return wants.wake_ms == 0;
}

enum segjob_io receive_all(char *text, size_t cap, size_t room)
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

void expect_text(const char *word)
{
    char text[64];

    server_sends(word);
    assert_int_equal(receive_all(text, sizeof(text), 16),
                     SEGJOB_IO_WOULD_BLOCK);
    assert_string_equal(text, word);
}

/* --------------------------------------------------------------- sessions */

struct peer_memory memory;
bool by_ticket;
unsigned char saved[4096];

void begin_sessions(void)
{
    begin();
    remember();
}

void finish_sessions(void)
{
    finish();
    peer_forget(&memory);
}

void remember(void)
{
    peer_remember(&memory);
    peer_resume(&server, &memory, by_ticket);
}

void forget(void)
{
    peer_forget(&memory);
    peer_remember(&memory);
}

void serve_as(struct peer_identity *id)
{
    serve(id);
    peer_resume(&server, &memory, by_ticket);
}

void disconnect(void)
{
    tls.stream.close(&tls.stream);
    wire.up.at = wire.up.len = 0;
    wire.down = (struct pipe){.ended = false};
    peer_next(&server);
}

bool reconnect_to(const char *name)
{
    disconnect();
    wire.host = name;
    assert_int_equal(handshake(name), SEGJOB_IO_OK);
    expect_text("pong");
    return server.is_full;
}

bool reconnect(void)
{
    return reconnect_to(HOST);
}

size_t save(void)
{
    size_t n;

    assert_true(reconnect());
    tls.stream.close(&tls.stream);
    n = segjob_tls_save_session(&tls, saved, sizeof(saved));
    assert_true(n > SUM_LEN + BOUNDS_LEN && n <= sizeof(saved));
    return n;
}
