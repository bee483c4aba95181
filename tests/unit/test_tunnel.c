/*
 * Opening a tunnel: the request of RFC 9112 section 3.2.3 and RFC 7617, and the
 * status of each response.
 */
#include "rows.h"
#include "segjob_tunnel.h"

#include <stdlib.h>
#include <string.h>

/* ----------------------------------------------------------------- request */

/* Base64 by Python's base64.b64encode(). */
static const struct {
    int line;
    const char *name; /* the request; NULL: refused */
    const char *host;
    uint16_t port;
    struct segjob_str user, password;
} requests[] = {
    {__LINE__,
     "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n",
     "a.test",
     443,
     {NULL, 0},
     {NULL, 0}},
    {__LINE__,
     "CONNECT 10.0.0.1:8443 HTTP/1.1\r\nHost: 10.0.0.1:8443\r\n\r\n",
     "10.0.0.1",
     8443,
     {NULL, 0},
     {NULL, 0}},
    /* The example of RFC 7617, section 2. */
    {__LINE__,
     "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n"
     "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n",
     "a", 1, SEGJOB_STR("Aladdin"), SEGJOB_STR("open sesame")},
    {__LINE__,
     "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n"
     "Proxy-Authorization: Basic dGVzdDoxMjPCow==\r\n\r\n",
     "a", 1, SEGJOB_STR("test"), SEGJOB_STR("123\xc2\xa3")},
    {__LINE__,
     "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n"
     "Proxy-Authorization: Basic Og==\r\n\r\n",
     "a", 1, SEGJOB_STR(""), SEGJOB_STR("")},
    {__LINE__,
     "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n"
     "Proxy-Authorization: Basic dToxMjM=\r\n\r\n",
     "a", 1, SEGJOB_STR("u"), SEGJOB_STR("123")},
    {__LINE__,
     "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n"
     "Proxy-Authorization: Basic dTp+fjo/\r\n\r\n",
     "a", 1, SEGJOB_STR("u"), SEGJOB_STR("~~:?")},
    {__LINE__, NULL, "a", 1, SEGJOB_STR("u:v"), SEGJOB_STR("")},
    {__LINE__, NULL, "a", 1, SEGJOB_STR("u\n"), SEGJOB_STR("")},
    {__LINE__, NULL, "a", 1, SEGJOB_STR("u"), SEGJOB_STR("p\r\n")},
    {__LINE__, NULL, "a", 1, SEGJOB_STR("u"), SEGJOB_STR("p\0")},
    {__LINE__, NULL, "a", 1, SEGJOB_STR("u"), SEGJOB_STR("p\x7f")},
    {__LINE__, NULL, "a b", 1, {NULL, 0}, {NULL, 0}},
    {__LINE__, NULL, "a\r\nX: y", 1, {NULL, 0}, {NULL, 0}},
    {__LINE__, NULL, "", 1, {NULL, 0}, {NULL, 0}},
};

/* At every capacity. */
static void test_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(requests); i++) {
        const char *text = requests[i].name;
        const size_t len = text == NULL ? 0 : strlen(text);

        for (size_t cap = 0; cap <= len + 1; cap++) {
            char *buf = malloc(cap + (cap == 0));
            const size_t n = segjob_tunnel_write(
                buf, cap, requests[i].host, requests[i].port, requests[i].user,
                requests[i].password);

            if (n != len || (n > 0 && n <= cap && memcmp(buf, text, n) != 0)) {
                fail_msg("line %d", requests[i].line);
            }
            free(buf);
        }
    }
}

/* ---------------------------------------------------------------- response */

static const struct {
    int line;
    const char *name; /* the response */
    enum segjob_status status;
    int http_status;
} responses[] = {
    {__LINE__, "HTTP/1.1 200 Connection established\r\n\r\n", SEGJOB_OK, 200},
    {__LINE__, "HTTP/1.0 200 OK\r\n\r\n", SEGJOB_OK, 200},
    {__LINE__, "HTTP/1.1 299 x\r\nVia: p\r\n\r\n", SEGJOB_OK, 299},
    {__LINE__, "HTTP/1.1 204 x\r\n\r\n", SEGJOB_OK, 204},
    /* RFC 9110 section 9.3.6: header fields of a body are ignored. */
    {__LINE__, "HTTP/1.1 200 x\r\nContent-Length: 5\r\n\r\n", SEGJOB_OK, 200},
    {__LINE__, "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n",
     SEGJOB_OK, 200},
    {__LINE__,
     "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n"
     "\r\n",
     SEGJOB_OK, 200},
    {__LINE__, "HTTP/1.1 100 x\r\n\r\nHTTP/1.1 200 x\r\n\r\n", SEGJOB_OK, 200},
    {__LINE__, "HTTP/1.1 407 x\r\nContent-Length: 0\r\n\r\n", SEGJOB_PROXY,
     407},
    {__LINE__, "HTTP/1.1 403 x\r\n\r\n<", SEGJOB_PROXY, 403},
    {__LINE__, "HTTP/1.1 302 x\r\nContent-Length: 0\r\n\r\n", SEGJOB_PROXY,
     302},
    {__LINE__, "HTTP/1.1 304 x\r\n\r\n", SEGJOB_PROXY, 304},
    {__LINE__, "HTTP/1.1 502 x\r\nContent-Length: 9\r\n\r\n<", SEGJOB_CONNECT,
     502},
    {__LINE__, "HTTP/1.0 503 x\r\nContent-Length: 0\r\n\r\n", SEGJOB_CONNECT,
     503},
    {__LINE__, "\x15\x03\x01", SEGJOB_PROXY, 0},
    {__LINE__, "SSH-2.0\r\n", SEGJOB_PROXY, 0},
    {__LINE__, "HTTP/1.1 200 x\r\n folded\r\n", SEGJOB_PROXY, 200},
    {__LINE__, "HTTP/1.1 599 x\r\n folded\r\n", SEGJOB_PROXY, 599},
};

/* In two pieces, split anywhere; pending until the last byte. */
static void test_responses(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(responses); i++) {
        const size_t len = strlen(responses[i].name);

        for (size_t at = 0; at <= len; at++) {
            struct segjob_tunnel t;
            enum segjob_status status;

            segjob_tunnel_begin(&t);
            ROW(&responses[i], segjob_tunnel_status(&t) == 0);
            status = segjob_tunnel_read(&t, responses[i].name, at);
            if (status == SEGJOB_PENDING) {
                status =
                    segjob_tunnel_read(&t, responses[i].name + at, len - at);
            }
            ROW(&responses[i], status == responses[i].status);
            ROW(&responses[i],
                segjob_tunnel_status(&t) == responses[i].http_status);
        }
        if (responses[i].status == SEGJOB_OK) {
            struct segjob_tunnel t;

            segjob_tunnel_begin(&t);
            ROW(&responses[i], segjob_tunnel_read(&t, responses[i].name,
                                                  len - 1) == SEGJOB_PENDING);
        }
    }
}

/* In TLS the client sends first: bytes after the response cannot be TLS. */
static void test_bytes_after_the_response(void **state)
{
    static const char response[] = "HTTP/1.1 200 x\r\n\r\nx";
    struct segjob_tunnel t;

    (void)state;
    segjob_tunnel_begin(&t);
    assert_int_equal(segjob_tunnel_read(&t, response, sizeof(response) - 1),
                     SEGJOB_PROXY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_responses),
        cmocka_unit_test(test_bytes_after_the_response),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
