/*
 * The port's TCP stream: all the ways in which a connection can begin, go on
 * and end, in every order.
 */
#include "stack.h"

#include <lwip/priv/tcp_priv.h>
#include <lwip/timeouts.h>

static const struct segjob_address own[] = {STACK_OWN};
static const struct segjob_address own6[] = {STACK_LOOPBACK6};
static const struct segjob_address far_away[] = {STACK_FAR};

static struct segjob_lwip *lwip;
static struct segjob_stream *stream; /* the port's, without TLS */

static int before(void **state)
{
    const int ret = stack_before(state);

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

/* Sleep until `wake_ms`, or two hours, which is more than any timer. */
static void rest(void)
{
    unsigned i;

    for (i = 0; wants().wake_ms > now_ms(); i++) {
        assert_true(i < 720000);
        stack_pass(10);
    }
}

/* ------------------------------------------------------------- the calls */

static enum segjob_io open_once(const struct segjob_address *addresses,
                                size_t len)
{
    const struct segjob_peer peer = {
        .addresses = addresses, .addresses_len = len, .port = 80};

    return stream->open(stream, &peer);
}

static enum segjob_io open_to(const struct segjob_address *addresses,
                              size_t len)
{
    enum segjob_io io = open_once(addresses, len);

    while (io == SEGJOB_IO_WOULD_BLOCK) {
        assert_true(wants().writable);
        rest();
        io = open_once(addresses, len);
    }
    return io;
}

static void connect_to_server(void)
{
    server_listen();
    assert_int_equal(open_to(own, 1), SEGJOB_IO_OK);
    stack_turn();
    assert_non_null(server.pcb);
}

static void connect_far(void)
{
    assert_int_equal(open_once(far_away, 1), SEGJOB_IO_WOULD_BLOCK);
    far_accepts();
    assert_int_equal(open_once(far_away, 1), SEGJOB_IO_OK);
}

static uint8_t room[100000];
static size_t sent, got; /* bytes of stack_byte() */

static enum segjob_io send_once(size_t n)
{
    size_t moved = 0;
    enum segjob_io io;
    size_t i;

    assert_true(n <= sizeof(room));
    for (i = 0; i < n; i++) {
        room[i] = stack_byte(sent + i);
    }
    io = stream->send(stream, room, n, &moved);
    if (io == SEGJOB_IO_OK) {
        assert_in_range(moved, 1, n);
        sent += moved;
    }
    return io;
}

static enum segjob_io recv_once(size_t n)
{
    size_t moved = 0;
    enum segjob_io io;
    size_t i;

    assert_true(n < sizeof(room));
    memset(room, 0xEE, n + 1);
    io = stream->recv(stream, room, n, &moved);
    if (io == SEGJOB_IO_OK) {
        assert_in_range(moved, 1, n);
        for (i = 0; i < moved; i++) {
            assert_int_equal(room[i], stack_byte(got + i));
        }
        assert_int_equal(room[moved], 0xEE);
        got += moved;
    }
    return io;
}

/* Send up to `end`, or receive all, sleeping in between. */
static void send_until(size_t end, size_t piece)
{
    while (sent < end) {
        const size_t left = end - sent;
        const enum segjob_io io = send_once(left < piece ? left : piece);

        if (io == SEGJOB_IO_WOULD_BLOCK) {
            assert_true(wants().writable);
            rest();
        } else {
            assert_int_equal(io, SEGJOB_IO_OK);
        }
    }
}

static enum segjob_io recv_until(size_t end, size_t piece)
{
    enum segjob_io io = SEGJOB_IO_OK;

    while (got < end) {
        io = recv_once(piece);
        if (io == SEGJOB_IO_WOULD_BLOCK) {
            assert_true(wants().readable);
            rest();
        } else if (io != SEGJOB_IO_OK) {
            break;
        }
    }
    return io;
}

static void assert_error(enum segjob_status status, const char *text, int code)
{
    assert_int_equal(stream->error.status, status);
    assert_string_equal(stream->error.message, text);
    assert_int_equal(stream->error.code, code);
}

static int begin(void **state)
{
    sent = got = 0;
    return before(state);
}

/* ---------------------------------------------------------------- opening */

static void test_opens_and_closes(void **state)
{
    (void)state;
    server_listen();
    assert_int_equal(open_once(own, 1), SEGJOB_IO_WOULD_BLOCK);
    assert_true(wants().writable);
    assert_false(wants().readable);
    assert_true(wants().wake_ms == UINT64_MAX); /* the last one: no limit */
    stack_turn();
    assert_int_equal(wants().wake_ms, 0);
    assert_int_equal(open_once(own, 1), SEGJOB_IO_OK);
    assert_int_equal(recv_once(10), SEGJOB_IO_WOULD_BLOCK);
    assert_true(wants().readable);
    assert_false(wants().writable);
    assert_true(wants().wake_ms == UINT64_MAX);
    stream->close(stream);
    stack_turn();
    assert_true(server.ended);
    server.then = SERVER_CLOSES;
    stack_pass(1000);
    assert_int_equal(server.error, ERR_OK);
    assert_null(tcp_active_pcbs);
}

static void test_opens_over_ipv6(void **state)
{
    (void)state;
    server_listen();
    assert_int_equal(open_to(own6, 1), SEGJOB_IO_OK);
    stack_turn();
    assert_true(IP_IS_V6(&server.pcb->remote_ip));
    server.to_send = 1000;
    send_until(1000, 1000);
    assert_int_equal(recv_until(1000, 1000), SEGJOB_IO_OK);
}

/* Its zone is the interface. */
static void test_opens_to_a_link_local_address(void **state)
{
    const struct segjob_address neighbour = {.bytes = {0xFE, 0x80, [15] = 9},
                                             .is_ipv6 = true,
                                             .scope =
                                                 netif_get_index(&stack_wire)};

    (void)state;
    assert_int_equal(open_once(&neighbour, 1), SEGJOB_IO_WOULD_BLOCK);
    assert_true(
        ip6_addr_test_zone(ip_2_ip6(&lwip->tcp.pcb->remote_ip), &stack_wire));
}

static void test_refused(void **state)
{
    (void)state;
    assert_int_equal(open_to(own, 1), SEGJOB_IO_FAILED);
    assert_error(SEGJOB_CONNECT, "the host refused the connection", ERR_RST);
    stream->close(stream);
    assert_error(SEGJOB_CONNECT, "the host refused the connection", ERR_RST);
    connect_to_server();
}

static void test_next_after_refused(void **state)
{
    static const struct segjob_address both[] = {STACK_FAR, STACK_OWN};

    (void)state;
    server_listen();
    assert_int_equal(open_once(both, 2), SEGJOB_IO_WOULD_BLOCK);
    assert_true(far_sends(TCP_RST | TCP_ACK, 0, 0, FAR_WHOLE));
    assert_int_equal(wants().wake_ms, 0);
    assert_int_equal(open_to(both, 2), SEGJOB_IO_OK);
    stack_turn();
    assert_int_equal(server.accepted, 1);
}

static void test_next_after_silence(void **state)
{
    static const struct segjob_address both[] = {STACK_FAR, STACK_OWN};
    const uint64_t begun = now_ms();

    (void)state;
    server_listen();
    assert_int_equal(open_once(both, 2), SEGJOB_IO_WOULD_BLOCK);
    assert_int_equal(wants().wake_ms, begun + SEGJOB_CONNECT_TRY_MS);
    stack_pass(SEGJOB_CONNECT_TRY_MS - 10);
    assert_int_equal(open_once(both, 2), SEGJOB_IO_WOULD_BLOCK);
    assert_int_equal(wants().wake_ms, begun + SEGJOB_CONNECT_TRY_MS);
    assert_int_equal(far_host.segments, 1); /* a SYN, not yet repeated */
    assert_int_equal(server.accepted, 0);
    assert_int_equal(open_to(both, 2), SEGJOB_IO_OK);
    assert_in_range(now_ms() - begun, SEGJOB_CONNECT_TRY_MS,
                    SEGJOB_CONNECT_TRY_MS + 20);
    stack_turn();
    assert_int_equal(server.accepted, 1);
    assert_true(wants().wake_ms == UINT64_MAX);
    assert_int_equal(far_host.flags, TCP_SYN);
    assert_true(far_sends(TCP_SYN | TCP_ACK, 0, 0, FAR_WHOLE)); /* too late */
    assert_int_equal(far_host.flags, TCP_RST | TCP_ACK);
    send_until(100, 100);
}

static void test_last_is_silent(void **state)
{
    (void)state;
    assert_int_equal(open_to(far_away, 1), SEGJOB_IO_FAILED);
    assert_error(SEGJOB_CONNECT, "no answer, or the interface changed",
                 ERR_ABRT);
    assert_int_equal(far_host.segments, 1 + TCP_SYNMAXRTX);
}

static void test_no_route(void **state)
{
    static const struct segjob_address none[] = {STACK_NO_ROUTE};

    (void)state;
    assert_int_equal(open_once(none, 1), SEGJOB_IO_FAILED);
    assert_error(SEGJOB_CONNECT, "there is no route to the host", ERR_RTE);
}

/* Any error is more specific than "no route", and is reported instead. */
static void test_most_specific_error(void **state)
{
    static const struct segjob_address first[] = {STACK_NO_ROUTE, STACK_OWN};
    static const struct segjob_address last[] = {STACK_OWN, STACK_NO_ROUTE};
    static const struct segjob_address silent[] = {STACK_FAR, STACK_NO_ROUTE};

    (void)state;
    assert_int_equal(open_to(first, 2), SEGJOB_IO_FAILED);
    assert_error(SEGJOB_CONNECT, "the host refused the connection", ERR_RST);
    stream->close(stream);
    assert_int_equal(open_to(last, 2), SEGJOB_IO_FAILED);
    assert_error(SEGJOB_CONNECT, "the host refused the connection", ERR_RST);
    stream->close(stream);
    assert_int_equal(open_to(silent, 2), SEGJOB_IO_FAILED);
    assert_error(SEGJOB_CONNECT, "the host did not answer in time",
                 ERR_TIMEOUT);
    stream->close(stream);
    assert_int_equal(open_once(first, 1), SEGJOB_IO_FAILED);
    assert_error(SEGJOB_CONNECT, "there is no route to the host", ERR_RTE);
}

static void test_no_address(void **state)
{
    (void)state;
    assert_int_equal(open_once(NULL, 0), SEGJOB_IO_FAILED);
    stream->close(stream);
}

static void test_lost_before_it_is_known_as_open(void **state)
{
    (void)state;
    assert_int_equal(open_once(far_away, 1), SEGJOB_IO_WOULD_BLOCK);
    far_accepts();
    assert_true(far_sends(TCP_RST | TCP_ACK, 0, 0, FAR_WHOLE));
    assert_int_equal(open_once(far_away, 1), SEGJOB_IO_FAILED);
    assert_error(SEGJOB_CONNECT, "the host refused the connection", ERR_RST);
}

static void test_try_over_the_clocks_wrap(void **state)
{
    static const struct segjob_address both[] = {STACK_FAR, STACK_OWN};
    uint64_t begun;

    (void)state;
    stack_jump(UINT32_MAX - 1000);
    begun = now_ms();
    server_listen();
    assert_int_equal(open_to(both, 2), SEGJOB_IO_OK);
    assert_in_range(now_ms() - begun, SEGJOB_CONNECT_TRY_MS,
                    SEGJOB_CONNECT_TRY_MS + 20);
    assert_true(stack_ms < 10000);
}

/* -------------------------------------------------------------- transfers */

#define WINDOWS (20 * (size_t)TCP_WND)

static void test_pieces_of_every_size(void **state)
{
    size_t piece;

    (void)state;
    connect_to_server();
    for (piece = 1; piece <= 2 * TCP_MSS + 1; piece++) {
        send_until(sent + piece, piece);
        server.to_send += piece;
        assert_int_equal(recv_until(server.to_send, piece), SEGJOB_IO_OK);
    }
    stack_pass(1000);
    assert_int_equal(server.got, sent);
    assert_int_equal(got, server.sent);
}

static void test_many_windows_each_way(void **state)
{
    static const size_t pieces[] = {
        1,           2,       7,           536,        TCP_MSS - 1,    TCP_MSS,
        TCP_MSS + 1, TCP_WND, TCP_WND + 1, UINT16_MAX, UINT16_MAX + 1, 90000,
    };
    size_t i;

    (void)state;
    connect_to_server();
    for (i = 0; i < LENGTH(pieces); i++) {
        send_until(sent + WINDOWS, pieces[i]);
        server.to_send += WINDOWS;
        assert_int_equal(recv_until(server.to_send, pieces[i]), SEGJOB_IO_OK);
    }
    stack_pass(1000);
    assert_int_equal(server.got, LENGTH(pieces) * WINDOWS);
    assert_int_equal(got, LENGTH(pieces) * WINDOWS);
}

/* Bytes leave at once, though others are not acknowledged yet (RFC 896). */
static void test_sends_without_delay(void **state)
{
    unsigned before_it;

    (void)state;
    connect_far();
    before_it = far_host.segments;
    assert_int_equal(send_once(10), SEGJOB_IO_OK);
    assert_int_equal(far_host.segments, before_it + 1);
    assert_int_equal(send_once(10), SEGJOB_IO_OK);
    assert_int_equal(far_host.segments, before_it + 2);
    assert_int_equal(far_host.len, 10);
}

static void test_window_opens_as_it_drains(void **state)
{
    (void)state;
    connect_to_server();
    server.to_send = WINDOWS;
    stack_pass(60000);
    assert_int_equal(server.sent, TCP_WND + TCP_SND_BUF);
    assert_int_equal(recv_once(10), SEGJOB_IO_OK);
    stack_pass(60000);
    assert_in_range(server.sent, TCP_WND + TCP_SND_BUF,
                    TCP_WND + TCP_SND_BUF + 10);
    assert_int_equal(recv_until(WINDOWS, TCP_WND), SEGJOB_IO_OK);
    assert_int_equal(got, WINDOWS);
}

/* Send until lwIP stays full, however long it runs. */
static void fill_up(void)
{
    while (send_once(1000) == SEGJOB_IO_OK) {
        stack_pass(1000);
    }
}

static void test_send_blocks_while_the_peer_reads_nothing(void **state)
{
    (void)state;
    connect_to_server();
    server.reads_nothing = true;
    assert_int_equal(send_once(90000), SEGJOB_IO_OK);
    assert_int_equal(sent, TCP_SND_BUF);
    stack_pass(1000);
    fill_up();
    assert_true(wants().writable);
    assert_true(wants().wake_ms == UINT64_MAX);
    assert_int_equal(server.got, TCP_WND);
    assert_int_equal(sent, TCP_WND + TCP_SND_BUF);
    stack_pass(30000);
    assert_int_equal(send_once(1000), SEGJOB_IO_WOULD_BLOCK);
    server.reads_nothing = false;
    send_until(WINDOWS, 1000);
    stack_pass(1000);
    assert_int_equal(server.got, WINDOWS);
}

/* Bytes that arrive do not wake a sender that waits. */
static void test_unread_bytes_do_not_keep_a_sender_awake(void **state)
{
    (void)state;
    connect_to_server();
    server.reads_nothing = true;
    fill_up();
    server.to_send = 100;
    stack_pass(1000);
    assert_int_equal(wants().wake_ms, 0);
    assert_int_equal(send_once(1000), SEGJOB_IO_WOULD_BLOCK);
    assert_true(wants().wake_ms == UINT64_MAX);
    assert_int_equal(recv_until(100, 1000), SEGJOB_IO_OK);
}

static void test_reads_any_chain_of_pbufs(void **state)
{
    static const size_t pieces[] = {0, 1, 3, 100, FAR_WHOLE};
    size_t i;

    (void)state;
    connect_far();
    for (i = 0; i < LENGTH(pieces); i++) {
        assert_true(far_sends(TCP_ACK, got, 250, pieces[i]));
        assert_true(far_sends(TCP_ACK, got + 250, 251, pieces[i]));
        assert_int_equal(wants().wake_ms, 0);
        assert_int_equal(recv_until(got + 501, i + 1), SEGJOB_IO_OK);
        assert_int_equal(recv_once(10), SEGJOB_IO_WOULD_BLOCK);
        assert_true(wants().wake_ms == UINT64_MAX);
        stack_pass(300);
    }
    assert_int_equal(lwip->tcp.pcb->rcv_wnd, TCP_WND);
}

static void test_segments_out_of_order(void **state)
{
    const uint32_t seq = far_host.seq + 1;

    (void)state;
    connect_far();
    far_host.seq = seq + 100;
    assert_true(far_sends(TCP_ACK, 100, 100, FAR_WHOLE));
    assert_true(far_sends(TCP_ACK | TCP_FIN, 200, 100, FAR_WHOLE));
    assert_int_equal(recv_once(10), SEGJOB_IO_WOULD_BLOCK);
    far_host.seq = seq;
    assert_true(far_sends(TCP_ACK, 0, 150, FAR_WHOLE));
    assert_int_equal(recv_until(1000, 70), SEGJOB_IO_CLOSED);
    assert_int_equal(got, 300);
    far_host.seq = seq + 301;
}

/* ----------------------------------------------------- the peer's close */

static void test_peer_closes(void **state)
{
    (void)state;
    connect_to_server();
    assert_int_equal(recv_once(10), SEGJOB_IO_WOULD_BLOCK);
    server.then = SERVER_CLOSES;
    rest();
    assert_int_equal(recv_once(10), SEGJOB_IO_CLOSED);
    assert_int_equal(recv_once(10), SEGJOB_IO_CLOSED);
}

static void test_peer_closes_after_data(void **state)
{
    (void)state;
    connect_to_server();
    server.to_send = 2 * TCP_WND + 100;
    server.then = SERVER_CLOSES;
    assert_int_equal(recv_until(SIZE_MAX, 999), SEGJOB_IO_CLOSED);
    assert_int_equal(got, 2 * TCP_WND + 100);
    assert_int_equal(recv_once(10), SEGJOB_IO_CLOSED);
}

static void test_half_close(void **state)
{
    (void)state;
    connect_to_server();
    server.to_send = 100;
    server.then = SERVER_ENDS;
    assert_int_equal(recv_until(SIZE_MAX, 999), SEGJOB_IO_CLOSED);
    send_until(WINDOWS, 1000);
    stack_pass(1000);
    assert_int_equal(server.got, WINDOWS);
    assert_int_equal(recv_once(10), SEGJOB_IO_CLOSED);
    stream->close(stream);
    stack_turn();
    assert_true(server.ended);
}

static void assert_reset(void)
{
    assert_int_equal(recv_once(10), SEGJOB_IO_FAILED);
    assert_error(SEGJOB_CONNECTION_CLOSED, "the peer reset the connection",
                 ERR_RST);
    memset(&stream->error, 0, sizeof(stream->error));
    assert_int_equal(send_once(10), SEGJOB_IO_FAILED);
    assert_error(SEGJOB_CONNECTION_CLOSED, "the peer reset the connection",
                 ERR_RST);
    assert_int_equal(recv_once(10), SEGJOB_IO_FAILED);
}

static void test_reset_without_data(void **state)
{
    (void)state;
    connect_to_server();
    assert_int_equal(recv_once(10), SEGJOB_IO_WOULD_BLOCK);
    server.then = SERVER_RESETS;
    rest();
    assert_reset();
}

static void test_reset_while_sending(void **state)
{
    (void)state;
    connect_to_server();
    server.reads_nothing = true;
    fill_up();
    server.then = SERVER_RESETS;
    rest();
    assert_reset();
}

/* Bytes that arrived before the reset are received. */
static void test_reset_after_data(void **state)
{
    (void)state;
    connect_to_server();
    server.to_send = TCP_WND;
    server.then = SERVER_RESETS;
    stack_pass(1000);
    assert_null(server.pcb);
    assert_int_equal(recv_until(TCP_WND, 999), SEGJOB_IO_OK);
    assert_int_equal(got, TCP_WND);
    assert_reset();
}

/* A reset after the end changes nothing. */
static void test_reset_after_the_end(void **state)
{
    (void)state;
    connect_far();
    assert_true(far_sends(TCP_ACK | TCP_FIN, 0, 100, FAR_WHOLE));
    assert_true(far_sends(TCP_RST | TCP_ACK, 0, 0, FAR_WHOLE));
    assert_int_equal(recv_until(SIZE_MAX, 999), SEGJOB_IO_CLOSED);
    assert_int_equal(got, 100);
    assert_int_equal(send_once(10), SEGJOB_IO_FAILED);
}

static void test_peer_falls_silent(void **state)
{
    (void)state;
    connect_far();
    assert_int_equal(send_once(10), SEGJOB_IO_OK);
    assert_int_equal(recv_once(10), SEGJOB_IO_WOULD_BLOCK);
    rest();
    assert_int_equal(recv_once(10), SEGJOB_IO_FAILED);
    assert_error(SEGJOB_CONNECTION_CLOSED,
                 "no answer, or the interface changed", ERR_ABRT);
}

/* -------------------------------------------------------------- our close */

static void test_closing_with_unread_bytes_resets(void **state)
{
    (void)state;
    connect_to_server();
    server.to_send = 100;
    stack_pass(100);
    stream->close(stream);
    stack_turn();
    assert_int_equal(server.error, ERR_RST);
}

static void test_closing_after_all_is_read_does_not(void **state)
{
    (void)state;
    connect_to_server();
    server.to_send = 100;
    assert_int_equal(recv_until(100, 100), SEGJOB_IO_OK);
    assert_int_equal(send_once(50), SEGJOB_IO_OK);
    stream->close(stream);
    stack_turn();
    assert_true(server.ended);
    assert_int_equal(server.got, 50);
    assert_int_equal(server.error, ERR_OK);
}

/* lwIP aborts a closed connection within its own input. */
static void test_bytes_that_come_after_closing(void **state)
{
    (void)state;
    connect_to_server();
    stream->close(stream);
    server.to_send = 100;
    stack_pass(100);
    assert_true(server.ended);
    assert_int_equal(server.error, ERR_RST);
    assert_int_equal(recv_once(10), SEGJOB_IO_FAILED);
}

static void test_closed_stream(void **state)
{
    (void)state;
    stream->close(stream);
    stream->close(stream);
    assert_int_equal(recv_once(10), SEGJOB_IO_FAILED);
    assert_error(SEGJOB_CONNECTION_CLOSED, "there is no connection", ERR_OK);
    assert_int_equal(send_once(10), SEGJOB_IO_FAILED);
    connect_to_server();
    stream->close(stream);
    stream->close(stream);
    assert_int_equal(recv_once(10), SEGJOB_IO_FAILED);
}

static void test_open_again(void **state)
{
    unsigned i;

    (void)state;
    server_listen();
    for (i = 0; i < 20; i++) {
        got = 0;
        memset(&server, 0, sizeof(server));
        server.to_send = 100;
        server.then = SERVER_CLOSES;
        assert_int_equal(open_to(own, 1), SEGJOB_IO_OK);
        assert_int_equal(recv_until(SIZE_MAX, 30), SEGJOB_IO_CLOSED);
        assert_int_equal(got, 100);
        stream->close(stream);
        stack_turn();
    }
}

static void close_it(void *arg)
{
    stream->close(stream);
    *(bool *)arg = true;
}

static void test_closed_by_a_timer(void **state)
{
    bool is_called = false;

    (void)state;
    connect_to_server();
    server.to_send = WINDOWS;
    stack_pass(100);
    assert_int_equal(send_once(100), SEGJOB_IO_OK);
    sys_timeout(50, close_it, &is_called);
    stack_pass(100);
    assert_true(is_called);
    assert_int_equal(server.error, ERR_RST);
    is_called = false;
    assert_int_equal(open_once(far_away, 1), SEGJOB_IO_WOULD_BLOCK);
    sys_timeout(2000, close_it, &is_called);
    stack_pass(20000);
    assert_true(is_called);
    assert_int_equal(far_host.segments, 1); /* not sent again */
}

/* ------------------------------------------------- aborted by lwIP itself */

static void change_address(uint8_t last)
{
    ip4_addr_t address;

    IP4_ADDR(&address, 10, 0, 0, last);
    netif_set_ipaddr(&stack_wire, &address);
}

static void assert_aborted(void)
{
    assert_int_equal(wants().wake_ms, 0);
    assert_int_equal(recv_once(10), SEGJOB_IO_FAILED);
    assert_error(SEGJOB_CONNECTION_CLOSED,
                 "no answer, or the interface changed", ERR_ABRT);
    assert_int_equal(send_once(10), SEGJOB_IO_FAILED);
    stream->close(stream);
    change_address(1);
}

static void test_interface_changes_while_connecting(void **state)
{
    (void)state;
    assert_int_equal(open_once(far_away, 1), SEGJOB_IO_WOULD_BLOCK);
    change_address(2);
    assert_int_equal(wants().wake_ms, 0);
    change_address(1);
    assert_int_equal(open_once(far_away, 1), SEGJOB_IO_FAILED);
    assert_error(SEGJOB_CONNECT, "no answer, or the interface changed",
                 ERR_ABRT);
}

static void test_interface_changes(void **state)
{
    (void)state;
    connect_far();
    assert_int_equal(recv_once(10), SEGJOB_IO_WOULD_BLOCK);
    change_address(2);
    assert_aborted();
}

static void test_interface_changes_with_bytes_on_their_way(void **state)
{
    (void)state;
    connect_far();
    assert_int_equal(send_once(3000), SEGJOB_IO_OK);
    assert_true(far_sends(TCP_ACK, 0, 100, FAR_WHOLE));
    change_address(2);
    assert_int_equal(recv_until(100, 30), SEGJOB_IO_OK);
    assert_int_equal(recv_once(10), SEGJOB_IO_FAILED);
    assert_int_equal(stream->error.code, ERR_ABRT);
    stream->close(stream);
    change_address(1);
}

/* lwIP reuses the pcb of a connection for one of higher priority. */
static void test_killed_for_another(void **state)
{
    struct tcp_pcb *other;

    (void)state;
    connect_far();
    assert_int_equal(recv_once(10), SEGJOB_IO_WOULD_BLOCK);
    stack_memory.most[MEMP_TCP_PCB] = 1;
    other = tcp_alloc(TCP_PRIO_MAX);
    assert_non_null(other);
    assert_aborted();
    tcp_abort(other);
}

/* ------------------------------------------------------------- every order */

/* The steps of a whole exchange, which the peer ends with `then`. */
static void step(unsigned number, enum server_then then)
{
    switch (number % 6) {
    case 0:
        (void)open_once(own, 1);
        break;
    case 1:
        server.to_send = number * 40;
        (void)send_once(number * 50 + 1);
        break;
    case 2:
        stack_turn();
        break;
    case 3:
        (void)recv_once(number * 7 + 1);
        break;
    case 4:
        server.then = number > 20 ? then : SERVER_STAYS;
        stack_pass(10);
        break;
    case 5:
        stack_pass(300);
        break;
    }
}

static void test_close_after_every_step(void **state)
{
    static const enum server_then thens[] = {SERVER_STAYS, SERVER_ENDS,
                                             SERVER_CLOSES, SERVER_RESETS};
    unsigned last, number;
    size_t i;

    (void)state;
    for (i = 0; i < LENGTH(thens); i++) {
        for (last = 0; last < 60; last++) {
            sent = got = 0;
            server_listen();
            for (number = 0; number < last; number++) {
                step(number, thens[i]);
            }
            stream->close(stream);
            stack_after(state);
            stack_before(state);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_opens_and_closes, begin, after),
        cmocka_unit_test_setup_teardown(test_opens_over_ipv6, begin, after),
        cmocka_unit_test_setup_teardown(test_opens_to_a_link_local_address,
                                        begin, after),
        cmocka_unit_test_setup_teardown(test_refused, begin, after),
        cmocka_unit_test_setup_teardown(test_next_after_refused, begin, after),
        cmocka_unit_test_setup_teardown(test_next_after_silence, begin, after),
        cmocka_unit_test_setup_teardown(test_last_is_silent, begin, after),
        cmocka_unit_test_setup_teardown(test_no_route, begin, after),
        cmocka_unit_test_setup_teardown(test_most_specific_error, begin, after),
        cmocka_unit_test_setup_teardown(test_no_address, begin, after),
        cmocka_unit_test_setup_teardown(test_lost_before_it_is_known_as_open,
                                        begin, after),
        cmocka_unit_test_setup_teardown(test_try_over_the_clocks_wrap, begin,
                                        after),
        cmocka_unit_test_setup_teardown(test_pieces_of_every_size, begin,
                                        after),
        cmocka_unit_test_setup_teardown(test_many_windows_each_way, begin,
                                        after),
        cmocka_unit_test_setup_teardown(test_sends_without_delay, begin, after),
        cmocka_unit_test_setup_teardown(test_window_opens_as_it_drains, begin,
                                        after),
        cmocka_unit_test_setup_teardown(
            test_send_blocks_while_the_peer_reads_nothing, begin, after),
        cmocka_unit_test_setup_teardown(
            test_unread_bytes_do_not_keep_a_sender_awake, begin, after),
        cmocka_unit_test_setup_teardown(test_reads_any_chain_of_pbufs, begin,
                                        after),
        cmocka_unit_test_setup_teardown(test_segments_out_of_order, begin,
                                        after),
        cmocka_unit_test_setup_teardown(test_peer_closes, begin, after),
        cmocka_unit_test_setup_teardown(test_peer_closes_after_data, begin,
                                        after),
        cmocka_unit_test_setup_teardown(test_half_close, begin, after),
        cmocka_unit_test_setup_teardown(test_reset_without_data, begin, after),
        cmocka_unit_test_setup_teardown(test_reset_while_sending, begin, after),
        cmocka_unit_test_setup_teardown(test_reset_after_data, begin, after),
        cmocka_unit_test_setup_teardown(test_reset_after_the_end, begin, after),
        cmocka_unit_test_setup_teardown(test_peer_falls_silent, begin, after),
        cmocka_unit_test_setup_teardown(test_closing_with_unread_bytes_resets,
                                        begin, after),
        cmocka_unit_test_setup_teardown(test_closing_after_all_is_read_does_not,
                                        begin, after),
        cmocka_unit_test_setup_teardown(test_bytes_that_come_after_closing,
                                        begin, after),
        cmocka_unit_test_setup_teardown(test_closed_stream, begin, after),
        cmocka_unit_test_setup_teardown(test_open_again, begin, after),
        cmocka_unit_test_setup_teardown(test_closed_by_a_timer, begin, after),
        cmocka_unit_test_setup_teardown(test_interface_changes_while_connecting,
                                        begin, after),
        cmocka_unit_test_setup_teardown(test_interface_changes, begin, after),
        cmocka_unit_test_setup_teardown(
            test_interface_changes_with_bytes_on_their_way, begin, after),
        cmocka_unit_test_setup_teardown(test_killed_for_another, begin, after),
        cmocka_unit_test_setup_teardown(test_close_after_every_step, begin,
                                        after),
    };

    return cmocka_run_group_tests(tests, stack_start, NULL);
}
