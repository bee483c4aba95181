/*
 * An lwIP without loopback: packets to this device must not go to a router,
 * which could respond in its place (RFC 4291, section 2.5.3).
 */
#include "stack.h"

static struct segjob_lwip *lwip;
static unsigned sent;

static err_t count4(struct netif *netif, struct pbuf *p, const ip4_addr_t *to)
{
    (void)netif;
    (void)p;
    (void)to;
    sent++;
    return ERR_OK;
}

static err_t count6(struct netif *netif, struct pbuf *p, const ip6_addr_t *to)
{
    (void)netif;
    (void)p;
    (void)to;
    sent++;
    return ERR_OK;
}

static int before(void **state)
{
    const int ret = stack_before(state);

    stack_wire.output = count4;
    stack_wire.output_ip6 = count6;
    sent = 0;
    lwip = stack_port();
    return ret;
}

static int after(void **state)
{
    stack_port_free(lwip);
    return stack_after(state);
}

static enum segjob_io open_to(const struct segjob_address *addresses, size_t n)
{
    struct segjob_stream *stream = &lwip->tcp.stream;
    const struct segjob_peer peer = {
        .addresses = addresses, .addresses_len = n, .port = 80};
    const enum segjob_io io = stream->open(stream, &peer);

    stream->close(stream);
    return io;
}

static void test_loopback_has_no_route(void **state)
{
    static const struct segjob_address loopback[] = {
        STACK_LOOPBACK6, {.bytes = {127, 0, 0, 1}}, {.bytes = {127, 8, 9, 10}}};
    size_t i, n;

    (void)state;
    for (i = 0; i < LENGTH(loopback); i++) {
        for (n = 1; n <= LENGTH(loopback) - i; n++) {
            assert_int_equal(open_to(&loopback[i], n), SEGJOB_IO_FAILED);
            assert_int_equal(lwip->tcp.stream.error.status, SEGJOB_CONNECT);
            assert_int_equal(lwip->tcp.stream.error.code, ERR_RTE);
            assert_string_equal(lwip->tcp.stream.error.message,
                                "there is no route to the host");
        }
    }
    stack_pass(10000);
    assert_int_equal(sent, 0);
}

/* Other packets do appear on the wire. */
static void test_others_are_sent_to(void **state)
{
    static const struct segjob_address far4 = STACK_FAR;
    static const struct segjob_address far6 = {
        .bytes = {0x20, 0x01, 0x0D, 0xB8, [15] = 1}, .is_ipv6 = true};

    (void)state;
    assert_int_equal(open_to(&far4, 1), SEGJOB_IO_WOULD_BLOCK);
    assert_int_equal(sent, 1);
    assert_int_equal(open_to(&far6, 1), SEGJOB_IO_WOULD_BLOCK);
    assert_int_equal(sent, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_loopback_has_no_route, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_others_are_sent_to, before, after),
    };

    return cmocka_run_group_tests(tests, stack_start, NULL);
}
