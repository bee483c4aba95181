/*
 * A window of more than the 64 KB that a chain of pbufs can count: the port
 * refuses what does not fit, lwIP keeps it, and offers it again.
 */
#include "stack.h"

static const struct segjob_address own[] = {STACK_OWN};

static struct segjob_lwip *lwip;
static struct segjob_stream *stream;
static uint8_t room[100000];
static size_t got;

static int before(void **state)
{
    const int ret = stack_before(state);

    got = 0;
    lwip = stack_port();
    stream = &lwip->tcp.stream;
    return ret;
}

static int after(void **state)
{
    stack_port_free(lwip);
    return stack_after(state);
}

static void connect_and_fill(size_t n, enum server_then then)
{
    const struct segjob_peer peer = {
        .addresses = own, .addresses_len = 1, .port = 80};

    server_listen();
    server.to_send = n;
    server.then = then;
    assert_int_equal(stream->open(stream, &peer), SEGJOB_IO_WOULD_BLOCK);
    stack_turn();
    assert_int_equal(stream->open(stream, &peer), SEGJOB_IO_OK);
    stack_pass(5000);
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

/* Receive to the end. Returns how it ended. */
static enum segjob_io receive_all(size_t piece)
{
    enum segjob_io io = SEGJOB_IO_OK;
    unsigned waits;

    for (waits = 0; io == SEGJOB_IO_OK || io == SEGJOB_IO_WOULD_BLOCK;
         waits += io == SEGJOB_IO_WOULD_BLOCK) {
        assert_true(waits < 100000);
        if (io == SEGJOB_IO_WOULD_BLOCK) {
            stack_pass(10);
        }
        io = receive_some(piece);
    }
    return io;
}

static void assert_is_full(void)
{
    assert_non_null(lwip->tcp.received);
    assert_in_range(lwip->tcp.received->tot_len, UINT16_MAX - TCP_MSS,
                    UINT16_MAX);
    assert_non_null(lwip->tcp.pcb->refused_data);
}

static void test_all_arrives_in_order(void **state)
{
    static const size_t pieces[] = {100, 1460, 30000, 99999};
    size_t i;

    (void)state;
    for (i = 0; i < LENGTH(pieces); i++) {
        connect_and_fill(1000000, SERVER_CLOSES);
        assert_is_full();
        assert_true(server.sent < 300000);
        assert_int_equal(receive_all(pieces[i]), SEGJOB_IO_CLOSED);
        assert_int_equal(got, 1000000);
        after(state);
        before(state);
    }
}

/* The FIN waits with what was refused. */
static void test_end_comes_after_what_was_refused(void **state)
{
    (void)state;
    connect_and_fill(UINT16_MAX + 100, SERVER_ENDS);
    assert_is_full();
    assert_false(lwip->tcp.ended);
    assert_int_equal(receive_all(UINT16_MAX), SEGJOB_IO_CLOSED);
    assert_int_equal(got, UINT16_MAX + 100);
}

/* lwIP drops what it keeps: the bytes before it arrive, then the failure. */
static void test_reset_with_refused_bytes(void **state)
{
    (void)state;
    connect_and_fill(150000, SERVER_STAYS);
    assert_is_full();
    tcp_abort(server.pcb);
    stack_turn();
    assert_int_equal(receive_all(1000), SEGJOB_IO_FAILED);
    assert_int_equal(stream->error.status, SEGJOB_CONNECTION_CLOSED);
    assert_int_equal(stream->error.code, ERR_RST);
    assert_in_range(got, UINT16_MAX - TCP_MSS, UINT16_MAX);
}

static void test_close_with_refused_bytes(void **state)
{
    (void)state;
    connect_and_fill(150000, SERVER_STAYS);
    assert_is_full();
    stream->close(stream);
    stack_turn();
    assert_int_equal(server.error, ERR_RST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_all_arrives_in_order, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_end_comes_after_what_was_refused,
                                        before, after),
        cmocka_unit_test_setup_teardown(test_reset_with_refused_bytes, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_close_with_refused_bytes, before,
                                        after),
    };

    return cmocka_run_group_tests(tests, stack_start, NULL);
}
