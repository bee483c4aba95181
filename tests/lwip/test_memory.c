/*
 * lwIP without memory: each pool is empty while it is needed, and a sweep lets
 * every allocation of a whole exchange fail. Each call then waits, or fails
 * with a message; no byte is lost or sent twice; and later all works again.
 */
#include "stack.h"

#define HOST "service.example"

static const struct segjob_address own[] = {STACK_OWN};
static const struct segjob_address far_away[] = {STACK_FAR};

static struct segjob_lwip *lwip;
static struct segjob_stream *stream;
static uint8_t room[100000];
static size_t sent, got;

static int before(void **state)
{
    const int ret = stack_before(state);

    sent = got = 0;
    lwip = stack_port();
    stream = &lwip->tcp.stream;
    return ret;
}

static int after(void **state)
{
    stack_port_free(lwip);
    return stack_after(state);
}

static uint64_t now_ms(void)
{
    return lwip->port.platform->monotonic_ms(lwip->port.platform);
}

static struct segjob_wants wants(void)
{
    struct segjob_wants w = {false, false, UINT64_MAX};

    stream->wants(stream, &w);
    return w;
}

static enum segjob_io open_to(const struct segjob_address *addresses,
                              size_t len)
{
    const struct segjob_peer peer = {
        .addresses = addresses, .addresses_len = len, .port = 80};

    return stream->open(stream, &peer);
}

static enum segjob_io send_some(size_t n)
{
    enum segjob_io io;
    size_t moved = 0;
    size_t i;

    for (i = 0; i < n; i++) {
        room[i] = stack_byte(sent + i);
    }
    io = stream->send(stream, room, n, &moved);
    sent += moved;
    return io;
}

static enum segjob_io receive_some(size_t n)
{
    enum segjob_io io;
    size_t moved = 0;
    size_t i;

    io = stream->recv(stream, room, n, &moved);
    for (i = 0; i < moved; i++) {
        assert_int_equal(room[i], stack_byte(got + i));
    }
    got += moved;
    return io;
}

static void connect_to_server(void)
{
    server_listen();
    assert_int_equal(open_to(own, 1), SEGJOB_IO_WOULD_BLOCK);
    stack_turn();
    assert_int_equal(open_to(own, 1), SEGJOB_IO_OK);
    stack_turn();
    assert_non_null(server.pcb);
}

static void assert_connects(void)
{
    stream->close(stream);
    connect_to_server();
    assert_int_equal(send_some(1000), SEGJOB_IO_OK);
    server.to_send = 1000;
    stack_pass(100);
    assert_int_equal(receive_some(1000), SEGJOB_IO_OK);
    assert_int_equal(server.got, 1000);
    assert_int_equal(got, 1000);
}

static void assert_no_memory(void)
{
    assert_int_equal(stream->error.status, SEGJOB_CONNECT);
    assert_string_equal(stream->error.message,
                        "lwIP has no memory for a connection");
    assert_int_equal(stream->error.code, ERR_MEM);
}

/* --------------------------------------------------------- to connect */

static void test_no_pcb(void **state)
{
    (void)state;
    stack_memory.most[MEMP_TCP_PCB] = 0;
    assert_int_equal(open_to(own, 1), SEGJOB_IO_FAILED);
    assert_no_memory();
    stack_memory.most[MEMP_TCP_PCB] = 10;
    assert_connects();
}

static void test_no_segment_for_the_syn(void **state)
{
    (void)state;
    stack_memory.most[MEMP_TCP_SEG] = 0;
    assert_int_equal(open_to(own, 1), SEGJOB_IO_FAILED);
    assert_no_memory();
    stack_memory.most[MEMP_TCP_SEG] = 100;
    assert_connects();
}

static void test_no_heap_for_the_syn(void **state)
{
    (void)state;
    stack_memory.piece = 0;
    assert_int_equal(open_to(own, 1), SEGJOB_IO_FAILED);
    assert_no_memory();
    stack_memory.piece = SIZE_MAX;
    assert_connects();
}

/* lwIP does not report that a SYN was not sent, and sends it later. */
static void test_no_memory_on_the_way(void **state)
{
    (void)state;
    server_listen();
    stack_memory.most[MEMP_TCP_PCB] = 1; /* none for the server */
    assert_int_equal(open_to(own, 1), SEGJOB_IO_WOULD_BLOCK);
    stack_pass(1000);
    assert_int_equal(open_to(own, 1), SEGJOB_IO_WOULD_BLOCK);
    stack_memory.most[MEMP_TCP_PCB] = 10;
    stack_pass(5000);
    assert_int_equal(open_to(own, 1), SEGJOB_IO_OK);
}

/* ------------------------------------------------------------- to send */

/* With no segment in flight there is no callback: `wake_ms` is set. */
static void assert_send_waits_and_works(void)
{
    assert_int_equal(send_some(1000), SEGJOB_IO_WOULD_BLOCK);
    assert_true(wants().writable);
    assert_int_equal(wants().wake_ms, now_ms() + SEGJOB_LWIP_RETRY_MS);
    stack_pass(SEGJOB_LWIP_RETRY_MS);
    assert_true(wants().wake_ms <= now_ms());
    assert_int_equal(send_some(1000), SEGJOB_IO_WOULD_BLOCK);
    memset(stack_memory.most, 0xFF, sizeof(stack_memory.most));
    stack_memory.piece = SIZE_MAX;
    assert_int_equal(send_some(1000), SEGJOB_IO_OK);
    assert_int_equal(sent, 1000);
    assert_int_equal(receive_some(10), SEGJOB_IO_WOULD_BLOCK);
    assert_true(wants().wake_ms == UINT64_MAX);
    stack_pass(100);
    assert_int_equal(server.got, 1000);
}

static void test_no_segment_to_send(void **state)
{
    (void)state;
    connect_to_server();
    stack_memory.most[MEMP_TCP_SEG] = 0;
    assert_send_waits_and_works();
}

static void test_no_heap_to_send(void **state)
{
    (void)state;
    connect_to_server();
    stack_memory.piece = 0;
    assert_send_waits_and_works();
}

/* With a segment in flight a callback follows when it is acknowledged. */
static void test_no_segment_for_more(void **state)
{
    (void)state;
    connect_to_server();
    assert_int_equal(send_some(1000), SEGJOB_IO_OK);
    stack_memory.most[MEMP_TCP_SEG] = 1;
    assert_int_equal(send_some(1000), SEGJOB_IO_WOULD_BLOCK);
    assert_true(wants().wake_ms == UINT64_MAX);
    stack_pass(300);
    assert_int_equal(wants().wake_ms, 0);
    assert_int_equal(send_some(1000), SEGJOB_IO_OK);
    stack_pass(300);
    assert_int_equal(server.got, 2000);
}

static void test_heap_for_a_part(void **state)
{
    (void)state;
    connect_to_server();
    stack_memory.piece = 700;
    assert_int_equal(send_some(4096), SEGJOB_IO_OK);
    assert_int_equal(sent, 512);
    stack_memory.piece = SIZE_MAX;
    stack_pass(100);
    assert_int_equal(server.got, 512);
    assert_int_equal(send_some(4096), SEGJOB_IO_OK);
    assert_int_equal(sent, 512 + 4096);
}

/* ---------------------------------------------------------- to receive */

/* Segments without a pbuf are lost until the application reads bytes. */
static void test_pool_full_of_unread_bytes(void **state)
{
    size_t far_sent = 0;
    unsigned turns;

    (void)state;
    stack_memory.most[MEMP_PBUF_POOL] = 6;
    assert_int_equal(open_to(far_away, 1), SEGJOB_IO_WOULD_BLOCK);
    far_accepts();
    assert_int_equal(open_to(far_away, 1), SEGJOB_IO_OK);
    for (turns = 0; got < 50000; turns++) {
        assert_true(turns < 1000);
        while (far_sends(TCP_ACK, far_sent, 500, FAR_WHOLE)) {
            far_sent += 500;
        }
        assert_in_range(far_sent - got, 1, 6 * 500);
        assert_int_equal(receive_some(700), SEGJOB_IO_OK);
    }
    while (got < far_sent) {
        assert_int_equal(receive_some(700), SEGJOB_IO_OK);
    }
    assert_int_equal(receive_some(700), SEGJOB_IO_WOULD_BLOCK);
}

/* ------------------------------------------------------------ to close */

/* lwIP sends the FIN as soon as it has memory again. */
static void test_no_segment_for_the_fin(void **state)
{
    (void)state;
    connect_to_server();
    stack_memory.most[MEMP_TCP_SEG] = 0;
    stream->close(stream);
    stack_pass(1000);
    assert_false(server.ended);
    stack_memory.most[MEMP_TCP_SEG] = 10;
    stack_pass(1000);
    assert_true(server.ended);
    assert_int_equal(server.error, ERR_OK);
}

/* ------------------------------------------------------------ to resolve */

static void test_no_memory_for_a_query(void **state)
{
    struct segjob_platform *p = lwip->port.platform;
    struct segjob_address found[2];
    enum segjob_io io;
    size_t len = 0;

    (void)state;
    stack_memory.most[MEMP_UDP_PCB] = 0;
    assert_int_equal(p->resolve(p, HOST, found, 2, &len), SEGJOB_IO_FAILED);
    assert_int_equal(p->error.status, SEGJOB_RESOLVE);
    assert_int_equal(p->error.code, ERR_MEM);
    stack_memory.most[MEMP_UDP_PCB] = 10;
    stack_memory.piece = 0; /* lwIP repeats its query */
    assert_int_equal(p->resolve(p, HOST, found, 2, &len),
                     SEGJOB_IO_WOULD_BLOCK);
    stack_pass(100);
    assert_int_equal(name_server.queries, 0);
    stack_memory.piece = SIZE_MAX;
    while ((io = p->resolve(p, HOST, found, 2, &len)) ==
           SEGJOB_IO_WOULD_BLOCK) {
        stack_pass(10);
    }
    assert_int_equal(io, SEGJOB_IO_OK);
    assert_int_equal(len, 2);
}

/* ---------------------------------------------------------------- a sweep */

#define REQUEST_LEN 3000
#define RESPONSE_LEN 20000

/* Two minutes are enough for all retries of lwIP. */
static bool is_late(uint32_t begun)
{
    return stack_ms - begun > 120000;
}

static enum segjob_io go_on(enum segjob_io io)
{
    if (io == SEGJOB_IO_WOULD_BLOCK) {
        stack_pass(10);
    }
    return io;
}

/* A whole exchange, as a client does it. Returns how it ended. */
static enum segjob_io exchange(void)
{
    struct segjob_platform *p = lwip->port.platform;
    struct segjob_address found[2];
    enum segjob_io io = SEGJOB_IO_WOULD_BLOCK;
    const uint32_t begun = stack_ms;
    size_t len = 0;

    while (io == SEGJOB_IO_WOULD_BLOCK && !is_late(begun)) {
        io = go_on(p->resolve(p, HOST, found, 2, &len));
    }
    if (io == SEGJOB_IO_OK) {
        io = SEGJOB_IO_WOULD_BLOCK;
        while (io == SEGJOB_IO_WOULD_BLOCK && !is_late(begun)) {
            io = go_on(open_to(found, len));
        }
    }
    while ((io == SEGJOB_IO_WOULD_BLOCK || io == SEGJOB_IO_OK) &&
           sent < REQUEST_LEN && !is_late(begun)) {
        io = go_on(send_some(REQUEST_LEN - sent));
    }
    while ((io == SEGJOB_IO_WOULD_BLOCK || io == SEGJOB_IO_OK) &&
           !is_late(begun)) {
        io = go_on(receive_some(1000));
    }
    if (io == SEGJOB_IO_WOULD_BLOCK) {
        p->resolve_cancel(p);
    }
    stream->close(stream);
    return io;
}

static void serve(void)
{
    server_listen();
    name_server.has_aaaa = false; /* a second address would hide failures */
    server.waits_for = REQUEST_LEN;
    server.to_send = RESPONSE_LEN;
    server.then = SERVER_CLOSES;
}

/*
 * An exchange that succeeds has received every byte; one that fails has a
 * message. Every exchange ends: after the failure of an allocation lwIP or the
 * port tries again, or reports it.
 */
static void sweep(unsigned every)
{
    unsigned succeeded = 0, failed = 0, k;
    void *state = NULL;
    unsigned last = 1;

    for (k = 1; k <= last; k++) {
        enum segjob_io io;

        serve();
        stack_memory.count = 0;
        stack_memory.fail_at = k;
        stack_memory.every = every;
        io = exchange();
        last = every != 0 ? 150 : LWIP_MAX(last, stack_memory.count);
        if (io == SEGJOB_IO_CLOSED) {
            assert_int_equal(server.got, REQUEST_LEN);
            assert_int_equal(got, RESPONSE_LEN);
            succeeded++;
        } else {
            assert_int_equal(io, SEGJOB_IO_FAILED);
            assert_true(lwip->port.platform->error.message != NULL ||
                        stream->error.message != NULL);
            failed++;
        }
        after(&state);
        before(&state);
    }
    print_message("every %u: %u exchanges, %u failed with a message\n", every,
                  succeeded + failed, failed);
    assert_true(failed > 0 && failed < succeeded);
}

static void test_every_allocation_fails_once(void **state)
{
    (void)state;
    sweep(0);
}

static void test_every_seventh_allocation_fails(void **state)
{
    (void)state;
    sweep(7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_no_pcb, before, after),
        cmocka_unit_test_setup_teardown(test_no_segment_for_the_syn, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_no_heap_for_the_syn, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_no_memory_on_the_way, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_no_segment_to_send, before, after),
        cmocka_unit_test_setup_teardown(test_no_heap_to_send, before, after),
        cmocka_unit_test_setup_teardown(test_no_segment_for_more, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_heap_for_a_part, before, after),
        cmocka_unit_test_setup_teardown(test_pool_full_of_unread_bytes, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_no_segment_for_the_fin, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_no_memory_for_a_query, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_every_allocation_fails_once,
                                        before, after),
        cmocka_unit_test_setup_teardown(test_every_seventh_allocation_fails,
                                        before, after),
    };

    return cmocka_run_group_tests(tests, stack_start, NULL);
}
