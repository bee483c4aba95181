/*
 * The TLS stream: sending, receiving and ends, what the client offers, peers
 * that speak otherwise, failures from below, no random bytes and no memory.
 */
#include "tls_fixture.h"

#include <stdio.h>

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

static void begin_open(void)
{
    begin();
    assert_int_equal(handshake(HOST), SEGJOB_IO_OK);
}

/* -------------------------------------------------- sending and receiving */

static void test_speaks_tls_both_ways_and_again(void **state)
{
    unsigned char got[16] = {0};
    char text[64];
    size_t sent = 0;
    int times;

    (void)state;
    begin();
    for (times = 0; times < 2; times++) {
        line_set_group(&server.config, times); /* P-256, then X25519 */
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
    finish();
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
    finish();
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
    finish();
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
    finish();
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
    finish();
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
    finish();
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
    finish();
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
        finish();
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
    finish();
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
        finish();
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
    finish();
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
        finish();
    }
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
    finish();
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
    finish();
    at = extension(13, &n);
    for (i = 0; i < n; i += 2) {
        /* SHA-256 and longer, or RSASSA-PSS with them (RFC 8446, 4.2.3) */
        assert_true((at[i] >= 4 && at[i] <= 6) || at[i] == 8);
    }
    assert_true(n > 0);
    finish();
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
        finish();
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
        finish();
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
                finish();
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
        finish();
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
        finish();
        begin_open();
        wire.lie = lie;
        assert_int_equal(tls.stream.send(&tls.stream, "ping", 4, &sent),
                         SEGJOB_IO_FAILED);
        finish();
        begin_open();
        server_sends("pong");
        wire.lie = lie;
        assert_int_equal(receive_all(text, sizeof(text), 16), SEGJOB_IO_FAILED);
        assert_string_equal(text, "");
        finish();
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
        finish();
    }
    if (LINE_RANDOM_IS_PSAS && world.random_calls == 0) {
        print_message("mbedTLS is a shared library here\n");
        skip();
    }
    assert_true(k > 2);
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
            finish();
            break;
        }
        assert_true(tls.stream.error.status == SEGJOB_TLS ||
                    tls.stream.error.status == SEGJOB_CERTIFICATE);
        reported += strstr(tls.stream.error.message, "out of memory") != NULL;
        finish();
    }
    skip_if_shared(k);
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
    finish();
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
    finish();
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
    int failed = cmocka_run_group_tests_name(
        "TLS 1.2", tests, make_certificates, free_certificates);

#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    has_tls13 = true;
    failed += cmocka_run_group_tests_name("TLS 1.3", tests, make_certificates,
                                          free_certificates);
#endif
    return failed;
}
