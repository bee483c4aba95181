/*
 * Opens a tunnel through a proxy. A program without proxies does not link this
 * file.
 */
#include "segjob_tunnel.h"

#include "sj_endpoint.h"
#include "sj_http.h"
#include "sj_writer.h"

/* ----------------------------------------------------------------- request */

static bool has_control(struct segjob_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if ((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7f) {
            return true;
        }
    }
    return false;
}

static bool has_colon(struct segjob_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == ':') {
            return true;
        }
    }
    return false;
}

/* An encoder of base64 (RFC 4648 section 4). */
struct base64 {
    struct sj_writer *w;
    uint32_t bits; /* the lowest ... */
    unsigned len;  /* ... of this number are not written yet */
};

static void put_digit(struct base64 *b, uint32_t value)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";

    sj_write_char(b->w, digits[value & 63]);
}

static void put(struct base64 *b, struct segjob_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        b->bits = b->bits << 8 | (unsigned char)s.ptr[i];
        b->len += 8;
        while (b->len >= 6) {
            b->len -= 6;
            put_digit(b, b->bits >> b->len);
        }
    }
}

static void put_end(struct base64 *b)
{
    if (b->len > 0) {
        put_digit(b, b->bits << (6 - b->len));
        sj_write_text(b->w, b->len == 2 ? "==" : "=");
    }
}

/* RFC 7617 section 2 */
static void write_basic(struct sj_writer *w, struct segjob_str user,
                        struct segjob_str password)
{
    static const struct segjob_str colon = SEGJOB_STR_INIT(":");
    struct base64 b = {w, 0, 0};

    sj_write_text(w, "\r\nProxy-Authorization: Basic ");
    put(&b, user);
    put(&b, colon);
    put(&b, password);
    put_end(&b);
}

/* authority-form, RFC 9112 section 3.2.3 */
static void write_target(struct sj_writer *w, struct segjob_str host,
                         uint16_t port)
{
    const bool is_ipv6 = sj_endpoint_is_ipv6(host);

    sj_write_text(w, is_ipv6 ? "[" : "");
    sj_write_str(w, host);
    sj_write_text(w, is_ipv6 ? "]:" : ":");
    sj_write_int(w, port);
}

size_t segjob_tunnel_write(char *buf, size_t cap, const char *host,
                           uint16_t port, struct segjob_str user,
                           struct segjob_str password)
{
    const struct segjob_str target = segjob_cstr(host);
    struct sj_writer w = {buf, cap, 0, NULL};

    if (!sj_endpoint_is_host(target) || has_colon(user) || has_control(user) ||
        has_control(password)) {
        return 0;
    }
    sj_write_text(&w, "CONNECT ");
    write_target(&w, target, port);
    sj_write_text(&w, " HTTP/1.1\r\nHost: ");
    write_target(&w, target, port);
    if (user.ptr != NULL) {
        write_basic(&w, user, password);
    }
    sj_write_text(&w, "\r\n\r\n");
    return w.len;
}

/* ---------------------------------------------------------------- response */

void segjob_tunnel_begin(struct segjob_tunnel *t)
{
    sj_http_begin(&t->http);
    t->http.tunnel = true;
}

/* The head of an error is enough to classify it; its body is not read. */
enum segjob_status segjob_tunnel_read(struct segjob_tunnel *t,
                                      const char *bytes, size_t n)
{
    struct segjob_str body;
    size_t used;
    const enum sj_http_result result =
        sj_http_read(&t->http, bytes, n, &used, &body);
    const int status = sj_http_status(&t->http);

    if (result == SJ_HTTP_MORE) {
        return SEGJOB_PENDING;
    }
    if (result == SJ_HTTP_DONE && status < 300) {
        return used == n ? SEGJOB_OK : SEGJOB_PROXY;
    }
    return result != SJ_HTTP_BAD && status >= 500 ? SEGJOB_CONNECT
                                                  : SEGJOB_PROXY;
}

int segjob_tunnel_status(const struct segjob_tunnel *t)
{
    return sj_http_status(&t->http);
}
