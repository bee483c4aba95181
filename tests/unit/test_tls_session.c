/*
 * The sessions of the TLS stream: resumed, dropped, saved and loaded, and kept
 * with little memory.
 */
#include "tls_fixture.h"

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
    finish_sessions();
}

static void test_the_server_has_forgotten(void **state)
{
    (void)state;
    begin_sessions();
    assert_true(reconnect());
    forget();
    assert_true(reconnect());
    assert_false(reconnect());
    finish_sessions();
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
    finish();
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
        finish_sessions();
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
    finish_sessions();
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
            finish_sessions();
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
    finish_sessions();
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
    finish_sessions();
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
    finish_sessions();
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
    finish_sessions();
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
    finish_sessions();
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
    finish_sessions();
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
    finish_sessions();
}

/* ------------------------------------------------------ sessions and memory */

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
        finish_sessions();
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
        finish_sessions();
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
    finish_sessions();
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
        finish_sessions();
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
        finish_sessions();
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_session_is_resumed),
        cmocka_unit_test(test_the_server_has_forgotten),
        cmocka_unit_test(test_no_session_to_resume),
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
    };
    int failed = cmocka_run_group_tests_name(
        "TLS 1.2, sessions by id", tests, make_certificates, free_certificates);

    by_ticket = true;
    failed += cmocka_run_group_tests_name("TLS 1.2, sessions by ticket", tests,
                                          make_certificates, free_certificates);
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    has_tls13 = true;
    failed += cmocka_run_group_tests_name("TLS 1.3, sessions", tests,
                                          make_certificates, free_certificates);
#endif
    return failed;
}
