#include "service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define BODY "{\"batchSegmentJobArn\":\"" SERVICE_ARN "\"}"
#define HEAD "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n"

static bool has_request(const char *text, size_t n)
{
    return n > 0 && text[n - 1] == '}' && strstr(text, "\r\n\r\n{") != NULL;
}

/* Read a request to its end. Returns false if the connection ends before. */
static bool read_request(struct netconn *conn)
{
    char text[8192] = "";
    struct netbuf *buf;
    size_t n = 0;

    while (!has_request(text, n)) {
        if (netconn_recv(conn, &buf) != ERR_OK) {
            return false;
        }
        n += netbuf_copy(buf, text + n, (u16_t)(sizeof(text) - 1 - n));
        text[n] = '\0';
        netbuf_delete(buf);
    }
    return true;
}

static void respond(const struct service *s, struct netconn *conn)
{
    char text[65536];
    const int n =
        snprintf(text, sizeof(text), HEAD "{%*s%s", strlen(BODY) + s->padding,
                 (int)s->padding, "", &BODY[1]);

    (void)netconn_write(conn, text, (size_t)n, NETCONN_COPY);
}

static void talk_for_ever(struct netconn *conn)
{
    static const char noise[5000];

    while (netconn_write(conn, noise, sizeof(noise), NETCONN_COPY) == ERR_OK) {
    }
}

static void serve_one(const struct service *s, struct netconn *conn)
{
    struct netbuf *buf;

    if (s->manner == ENDLESS) {
        talk_for_ever(conn);
        return;
    }
    while (read_request(conn)) {
        if (s->manner == RESPONDS) {
            respond(s, conn);
        }
    }
    while (netconn_recv(conn, &buf) == ERR_OK) {
        netbuf_delete(buf); /* until the client closes */
    }
}

static void *serve(void *arg)
{
    struct service *s = arg;
    struct netconn *conn;
    unsigned i;

    for (i = 0; i < s->serves; i++) {
        if (netconn_accept(s->listener, &conn) != ERR_OK) {
            break;
        }
        serve_one(s, conn);
        (void)netconn_delete(conn);
    }
    return NULL;
}

void service_start(struct service *s, u16_t port)
{
    s->listener = netconn_new(NETCONN_TCP);
    assert_non_null(s->listener);
    assert_int_equal(netconn_bind(s->listener, IP4_ADDR_ANY, port), ERR_OK);
    assert_int_equal(netconn_listen(s->listener), ERR_OK);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

void service_join(struct service *s)
{
    assert_int_equal(pthread_join(s->thread, NULL), 0);
    assert_int_equal(netconn_delete(s->listener), ERR_OK);
}
