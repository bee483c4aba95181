/*
 * A proxy as a stream, over a lower stream that can block, fail and lie on
 * demand; a proxy's URL; and hosts that need no proxy.
 */
#include "rows.h"

#include <stdlib.h>
#include <string.h>

#include "segjob_proxy.h"

#define OK "HTTP/1.1 200 Connection established\r\n\r\n"

static struct lower {
    struct segjob_stream stream;
    bool stutters;
    unsigned calls;
    unsigned fail_at; /* the number of the call that fails, 0: none */
    size_t most;      /* bytes that a call moves at most */
    bool lies_up, lies_down;
    const char *response;
    size_t response_sent;
    char sent[4096];
    size_t sent_len;
    char host[64];
    uint16_t port;
    unsigned opens, closes;
} l;

static struct segjob_proxy proxy;

static const struct segjob_peer peer = {.host = "service.test", .port = 443};

static enum segjob_io enter(void)
{
    l.calls++;
    if (l.calls == l.fail_at) {
        l.stream.error =
            (struct segjob_port_error){SEGJOB_CONNECTION_CLOSED, "injected", 7};
        return SEGJOB_IO_FAILED;
    }
    return l.stutters && l.calls % 2 == 1 ? SEGJOB_IO_WOULD_BLOCK
                                          : SEGJOB_IO_OK;
}

static enum segjob_io l_open(struct segjob_stream *s,
                             const struct segjob_peer *to)
{
    const enum segjob_io io = enter();

    assert_ptr_equal(s, &l.stream);
    strcpy(l.host, to->host);
    l.port = to->port;
    l.opens += io == SEGJOB_IO_OK;
    return io;
}

static enum segjob_io l_send(struct segjob_stream *s, const void *bytes,
                             size_t n, size_t *sent)
{
    const enum segjob_io io = enter();

    (void)s;
    if (io == SEGJOB_IO_OK) {
        *sent = n < l.most ? n : l.most;
        memcpy(l.sent + l.sent_len, bytes, *sent);
        l.sent_len += *sent;
        l.sent[l.sent_len] = '\0';
        *sent = l.lies_up ? n + 1 : *sent;
    }
    return io;
}

static enum segjob_io l_recv(struct segjob_stream *s, void *room, size_t n,
                             size_t *received)
{
    const size_t left = strlen(l.response) - l.response_sent;
    const enum segjob_io io = enter();

    (void)s;
    if (io != SEGJOB_IO_OK) {
        return io;
    }
    if (left == 0) {
        return SEGJOB_IO_CLOSED;
    }
    n = n < l.most ? n : l.most;
    n = n < left ? n : left;
    memcpy(room, l.response + l.response_sent, n);
    l.response_sent += n;
    *received = l.lies_down ? 100000 : n;
    return io;
}

static void l_close(struct segjob_stream *s)
{
    (void)s;
    l.closes++;
}

static void l_wants(const struct segjob_stream *s, struct segjob_wants *wants)
{
    (void)s;
    wants->wake_ms = 42;
}

static void begin(const char *response)
{
    static const struct segjob_proxy_config config = {
        .host = "proxy.test",
        .port = 3128,
        .user = SEGJOB_STR("Aladdin"),
        .password = SEGJOB_STR("open sesame"),
        .no_proxy = "near.test"};

    memset(&l, 0, sizeof(l));
    l.stream = (struct segjob_stream){.open = l_open,
                                      .send = l_send,
                                      .recv = l_recv,
                                      .close = l_close,
                                      .wants = l_wants};
    l.most = SIZE_MAX;
    l.response = response;
    segjob_proxy_init(&proxy, &l.stream, &config);
}

static enum segjob_io open_to(const struct segjob_peer *to)
{
    enum segjob_io io;
    unsigned turns = 0;

    do {
        io = proxy.stream.open(&proxy.stream, to);
        assert_true(++turns < 1000);
    } while (io == SEGJOB_IO_WOULD_BLOCK);
    return io;
}

static bool forgets(const char *text)
{
    for (size_t i = 0; i + strlen(text) <= sizeof(proxy.request); i++) {
        if (memcmp(proxy.request + i, text, strlen(text)) == 0) {
            return false;
        }
    }
    return true;
}

/* ------------------------------------------------------------------ tunnel */

static void test_tunnel(void **state)
{
    size_t n;
    char byte;
    struct segjob_wants wants = {false, false, UINT64_MAX};

    (void)state;
    for (size_t most = 1; most <= 200; most++) {
        /* Bytes that arrive later than the response are the tunnel's. */
        begin(strlen(OK) % most == 0 ? OK "x" : OK);
        l.stutters = most % 2 == 0;
        l.most = most;
        assert_int_equal(open_to(&peer), SEGJOB_IO_OK);
        assert_string_equal(l.host, "proxy.test");
        assert_int_equal(l.port, 3128);
        assert_string_equal(l.sent,
                            "CONNECT service.test:443 HTTP/1.1\r\n"
                            "Host: service.test:443\r\nProxy-Authorization: "
                            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
        assert_true(forgets("QWxhZGRpbj"));
        l.stutters = false;
        l.sent_len = 0;
        assert_int_equal(proxy.stream.send(&proxy.stream, "hello", 1, &n),
                         SEGJOB_IO_OK);
        assert_string_equal(l.sent, "h");
        if (l.response[l.response_sent] != '\0') {
            assert_int_equal(proxy.stream.recv(&proxy.stream, &byte, 1, &n),
                             SEGJOB_IO_OK);
            assert_int_equal(byte, l.response[l.response_sent - 1]);
        }
        proxy.stream.wants(&proxy.stream, &wants);
        assert_int_equal(wants.wake_ms, 42);
        proxy.stream.close(&proxy.stream);
        assert_int_equal(l.closes, 1);
        l.response_sent = 0;
        l.response = OK;
        l.most = 1;
        assert_int_equal(open_to(&peer), SEGJOB_IO_OK);
    }
}

static void test_past_it(void **state)
{
    static const struct segjob_peer near_peer = {.host = "a.near.test",
                                                 .port = 8443};

    (void)state;
    begin("");
    assert_null(proxy.stream.via(&proxy.stream, "a.near.test"));
    assert_string_equal(proxy.stream.via(&proxy.stream, "service.test"),
                        "proxy.test");
    assert_int_equal(open_to(&near_peer), SEGJOB_IO_OK);
    assert_string_equal(l.host, "a.near.test");
    assert_int_equal(l.port, 8443);
    assert_int_equal(l.sent_len, 0);
}

static const struct {
    int line;
    const char *name; /* the response */
    enum segjob_status status;
    int code;
    const char *text;
} refusals[] = {
    {__LINE__, "HTTP/1.1 407 x\r\nContent-Length: 0\r\n\r\n", SEGJOB_PROXY, 407,
     "it rejects this user name and password"},
    {__LINE__, "HTTP/1.0 403 Filtered\r\n\r\n<html>", SEGJOB_PROXY, 403,
     "it does not connect to this host"},
    {__LINE__, "HTTP/1.0 502 x\r\n\r\n<html>", SEGJOB_CONNECT, 502,
     "the proxy cannot reach the host"},
    {__LINE__, "HTTP/1.1 301 x\r\nContent-Length: 0\r\n\r\n", SEGJOB_PROXY, 301,
     "the proxy's response is malformed"},
    {__LINE__, OK "x", SEGJOB_PROXY, 200, "the proxy's response is malformed"},
    {__LINE__, "garbage\r\n", SEGJOB_PROXY, 0,
     "the proxy's response is malformed"},
    {__LINE__, "", SEGJOB_CONNECTION_CLOSED, 0, "the proxy closed it"},
    {__LINE__, "HTTP/1.1 200 x\r\n", SEGJOB_CONNECTION_CLOSED, 0,
     "the proxy closed it"},
};

static void test_refusals(void **state)
{
    static const struct segjob_str none = {NULL, 0};

    (void)state;
    for (size_t i = 0; i < LENGTH(refusals); i++) {
        begin(refusals[i].name);
        ROW(&refusals[i], open_to(&peer) == SEGJOB_IO_FAILED);
        ROW(&refusals[i], proxy.stream.error.status == refusals[i].status);
        ROW(&refusals[i], proxy.stream.error.code == refusals[i].code);
        ROW(&refusals[i],
            strcmp(proxy.stream.error.message, refusals[i].text) == 0);
    }
    begin(refusals[0].name);
    proxy.config.user = proxy.config.password = none;
    assert_int_equal(open_to(&peer), SEGJOB_IO_FAILED);
    assert_string_equal(proxy.stream.error.message,
                        "it requires a user name and a password");
}

/* The lower stream fails at each of its calls, and then works again. */
static void test_failures(void **state)
{
    (void)state;
    for (unsigned at = 1; at <= 3; at++) {
        begin(OK);
        l.fail_at = at;
        assert_int_equal(open_to(&peer), SEGJOB_IO_FAILED);
        assert_int_equal(proxy.stream.error.code, 7);
        proxy.stream.close(&proxy.stream);
        assert_true(forgets("QWxhZGRpbj"));
        assert_int_equal(open_to(&peer), SEGJOB_IO_OK);
    }
    begin(OK);
    l.lies_up = true;
    assert_int_equal(open_to(&peer), SEGJOB_IO_FAILED);
    assert_int_equal(proxy.stream.error.status, SEGJOB_CONNECTION_CLOSED);
    begin(OK);
    l.lies_down = true;
    assert_int_equal(open_to(&peer), SEGJOB_IO_FAILED);
    assert_int_equal(proxy.stream.error.status, SEGJOB_CONNECTION_CLOSED);
}

static void test_bad_names(void **state)
{
    static char long_text[2000];

    (void)state;
    begin(OK);
    proxy.config.user = segjob_cstr("a\nb");
    assert_int_equal(open_to(&peer), SEGJOB_IO_FAILED);
    assert_int_equal(proxy.stream.error.status, SEGJOB_CONFIG);
    assert_int_equal(l.sent_len, 0);
    memset(long_text, 'x', sizeof(long_text) - 1);
    begin(OK);
    proxy.config.password = segjob_cstr(long_text);
    assert_int_equal(open_to(&peer), SEGJOB_IO_FAILED);
    assert_int_equal(proxy.stream.error.status, SEGJOB_CONFIG);
    assert_int_equal(l.sent_len, 0);
}

/* --------------------------------------------------------------------- URL */

static const struct {
    int line;
    const char *name; /* the URL */
    const char *host, *user, *password;
    uint16_t port;
} urls[] = {
    {__LINE__, "http://proxy.test:3128", "proxy.test", NULL, NULL, 3128},
    {__LINE__, "HTTP://proxy.test:3128/", "proxy.test", NULL, NULL, 3128},
    {__LINE__, "proxy.test:3128", "proxy.test", NULL, NULL, 3128},
    {__LINE__, "proxy.test", "proxy.test", NULL, NULL, 80},
    {__LINE__, "http://10.0.0.1:8080", "10.0.0.1", NULL, NULL, 8080},
    {__LINE__, "http://[::1]:8080/", "::1", NULL, NULL, 8080},
    {__LINE__, "http://[::1]", "::1", NULL, NULL, 80},
    {__LINE__, "http://u@p.test:1", "p.test", "u", NULL, 1},
    {__LINE__, "http://u:@p.test:1", "p.test", "u", "", 1},
    {__LINE__, "http://u:p%40ss%3aw%2Frd@p.test:1", "p.test", "u", "p@ss:w/rd",
     1},
    {__LINE__, "u:a@b@p.test:65535", "p.test", "u", "a@b", 65535},
};

static const char *const bad_urls[] = {
    "",
    "http://",
    "http://:80",
    "http://[]:80",
    "http://[::1",
    "http://[::1]80",
    "http://a:",
    "http://a:0",
    "http://a:65536",
    "http://a:1x",
    "http://a:80/path",
    "http://u:p@a:80/path",
    "https://a:80",
    "socks5://a:80",
    "http://u:%4@a:80",
    "http://%zz@a:80",
};

static void test_urls(void **state)
{
    char text[64];

    (void)state;
    for (size_t i = 0; i < LENGTH(urls); i++) {
        struct segjob_proxy_config config = {.host = NULL};

        strcpy(text, urls[i].name);
        ROW(&urls[i], segjob_proxy_read_url(text, &config) == NULL);
        ROW(&urls[i], strcmp(config.host, urls[i].host) == 0);
        ROW(&urls[i], config.port == urls[i].port);
        ROW(&urls[i], is_string(config.user, urls[i].user));
        ROW(&urls[i], is_string(config.password, urls[i].password));
    }
    for (size_t i = 0; i < LENGTH(bad_urls); i++) {
        struct segjob_proxy_config config = {.host = NULL};

        strcpy(text, bad_urls[i]);
        if (segjob_proxy_read_url(text, &config) == NULL) {
            fail_msg("%s", bad_urls[i]);
        }
    }
}

/* ---------------------------------------------------------------- NO_PROXY */

/* As curl 7.88 decides; tests/credentials/test_proxies.py compares with it. */
static const struct {
    int line;
    const char *name; /* the list */
    const char *host;
    bool has;
} lists[] = {
    {__LINE__, "", "a.test", false},
    {__LINE__, "*", "a.test", true},
    {__LINE__, "b.test,*", "a.test", true},
    {__LINE__, "a.test", "a.test", true},
    {__LINE__, "A.Test", "a.tEST", true},
    {__LINE__, ".a.test", "a.test", true},
    {__LINE__, ".a.test", "b.a.test", true},
    {__LINE__, "a.test", "b.a.test", true},
    {__LINE__, "a.test", "ba.test", false},
    {__LINE__, "a.test", "a.test.evil", false},
    {__LINE__, "test", "a.test", true},
    {__LINE__, "a.test.", "a.test", true},
    {__LINE__, "a.test", "a.test.", true},
    {__LINE__, "x, a.test ,y", "a.test", true},
    {__LINE__, "x a.test", "a.test", true},
    {__LINE__, ",,", "a.test", false},
    {__LINE__, ".", "a.test", false},
    {__LINE__, "10.0.0.1", "10.0.0.1", true},
    {__LINE__, "10.0.0.1", "10.0.0.10", false},
    {__LINE__, "0.0.1", "10.0.0.1", false},
    {__LINE__, "10.0.0.0/8", "10.255.0.1", true},
    {__LINE__, "10.0.0.0/8", "11.0.0.1", false},
    {__LINE__, "192.168.4.0/22", "192.168.7.255", true},
    {__LINE__, "192.168.4.0/22", "192.168.8.0", false},
    {__LINE__, "0.0.0.0/0", "10.0.0.1", true},
    {__LINE__, "10.0.0.1/32", "10.0.0.1", true},
    {__LINE__, "10.0.0.0/33", "10.0.0.1", false},
    {__LINE__, "10.0.0.0/x", "10.0.0.1", false},
    {__LINE__, "10.0.0.0/", "10.0.0.1", false},
    {__LINE__, "10.0.0.0/8x", "10.0.0.1", false},
    {__LINE__, "10.0.0.0/8", "a.test", false},
    {__LINE__, "::1", "::1", true},
    {__LINE__, "[::1]", "::1", true},
    {__LINE__, "0:0:0:0:0:0:0:1", "::1", true},
    {__LINE__, "fd00::/8", "fd12::3", true},
    {__LINE__, "fd00::/8", "fe80::1", false},
    {__LINE__, "2001:db8::/33", "2001:db8:7fff::1", true},
    {__LINE__, "2001:db8::/33", "2001:db8:8000::1", false},
    {__LINE__, "::/0", "10.0.0.1", false},
    {__LINE__, "1::2::3", "1::2", false},
    {__LINE__, "1:2:3:4:5:6:7", "1::2", false},
    {__LINE__, "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8", false},
    {__LINE__, "12345::", "1::", false},
    {__LINE__, ":1::2", "1::2", false},
};

static void test_no_proxy(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(lists); i++) {
        begin("");
        proxy.config.no_proxy = lists[i].name;
        ROW(&lists[i], (proxy.stream.via(&proxy.stream, lists[i].host) ==
                        NULL) == lists[i].has);
    }
    proxy.config.no_proxy = NULL;
    assert_non_null(proxy.stream.via(&proxy.stream, "a.test"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tunnel),    cmocka_unit_test(test_past_it),
        cmocka_unit_test(test_refusals),  cmocka_unit_test(test_failures),
        cmocka_unit_test(test_bad_names), cmocka_unit_test(test_urls),
        cmocka_unit_test(test_no_proxy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
