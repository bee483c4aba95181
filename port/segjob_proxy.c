#include "segjob_proxy.h"

#include <string.h>

#include "segjob_text.h"
#include "segjob_uri.h"
#include "sj_no_proxy.h"

static struct segjob_proxy *as_proxy(struct segjob_stream *s)
{
    return (struct segjob_proxy *)s; /* its first member */
}

static void wipe_request(struct segjob_proxy *p)
{
    segjob_wipe_bytes(p->request, sizeof(p->request));
    p->len = p->sent = 0;
}

static enum segjob_io fail(struct segjob_proxy *p, enum segjob_status status,
                           const char *message, int code)
{
    p->stream.error = (struct segjob_port_error){status, message, code};
    return SEGJOB_IO_FAILED;
}

/* Return the lower stream's result, with its error as this stream's. */
static enum segjob_io pass(struct segjob_proxy *p, enum segjob_io io)
{
    if (io == SEGJOB_IO_FAILED) {
        p->stream.error = p->lower->error;
    }
    return io;
}

/* ----------------------------------------------------------------- opening */

static const char *via(const struct segjob_stream *s, const char *host)
{
    const struct segjob_proxy *p = (const struct segjob_proxy *)s;

    return sj_no_proxy_has(p->config.no_proxy, host) ? NULL : p->config.host;
}

static enum segjob_io connect_lower(struct segjob_proxy *p,
                                    const struct segjob_peer *peer)
{
    const bool is_direct = via(&p->stream, peer->host) == NULL;
    struct segjob_peer first = *peer;
    enum segjob_io io;

    if (!is_direct) {
        first.host = p->config.host;
        first.port = p->config.port;
    }
    io = p->lower->open(p->lower, &first);
    if (io != SEGJOB_IO_OK) {
        return pass(p, io);
    }
    if (is_direct) {
        p->state = SEGJOB_PROXY_OPEN;
        return io;
    }
    p->len =
        segjob_tunnel_write(p->request, sizeof(p->request), peer->host,
                            peer->port, p->config.user, p->config.password);
    if (p->len == 0 || p->len > sizeof(p->request)) {
        return fail(p, SEGJOB_CONFIG,
                    p->len == 0
                        ? "the proxy's user name or password cannot be sent"
                        : "the proxy's user name and password are too long",
                    0);
    }
    p->state = SEGJOB_PROXY_SENDING;
    return io;
}

static enum segjob_io send_request(struct segjob_proxy *p)
{
    enum segjob_io io = SEGJOB_IO_OK;
    size_t n;

    while (io == SEGJOB_IO_OK && p->sent < p->len) {
        n = 0;
        io = p->lower->send(p->lower, p->request + p->sent, p->len - p->sent,
                            &n);
        if (io == SEGJOB_IO_OK && (n == 0 || n > p->len - p->sent)) {
            return fail(p, SEGJOB_CONNECTION_CLOSED,
                        "the stream's send is broken", 0);
        }
        p->sent += n;
    }
    if (io == SEGJOB_IO_OK) {
        wipe_request(p);
        segjob_tunnel_begin(&p->tunnel);
        p->state = SEGJOB_PROXY_RECEIVING;
    }
    return pass(p, io);
}

static enum segjob_io fail_refused(struct segjob_proxy *p,
                                   enum segjob_status status)
{
    const int code = segjob_tunnel_status(&p->tunnel);
    /* 407 is right, but tinyproxy 1.11 sends 401 for a wrong password. */
    const bool is_unauthorized = code == 407 || code == 401;
    const char *message = "the proxy's response is malformed";

    if (status == SEGJOB_CONNECT) {
        message = "the proxy cannot reach the host";
    } else if (is_unauthorized && p->config.user.ptr == NULL) {
        message = "it requires a user name and a password";
    } else if (is_unauthorized) {
        message = "it rejects this user name and password";
    } else if (code >= 400) {
        message = "it does not connect to this host";
    }
    return fail(p, status, message, code);
}

static enum segjob_io receive_response(struct segjob_proxy *p)
{
    enum segjob_status status = SEGJOB_PENDING;
    char bytes[128];
    enum segjob_io io;
    size_t n;

    do {
        n = 0;
        io = p->lower->recv(p->lower, bytes, sizeof(bytes), &n);
        if (io == SEGJOB_IO_CLOSED) {
            return fail(p, SEGJOB_CONNECTION_CLOSED, "the proxy closed it", 0);
        }
        if (io != SEGJOB_IO_OK) {
            return pass(p, io);
        }
        if (n == 0 || n > sizeof(bytes)) {
            return fail(p, SEGJOB_CONNECTION_CLOSED,
                        "the stream's recv is broken", 0);
        }
        status = segjob_tunnel_read(&p->tunnel, bytes, n);
    } while (status == SEGJOB_PENDING);
    if (status != SEGJOB_OK) {
        return fail_refused(p, status);
    }
    p->state = SEGJOB_PROXY_OPEN;
    return SEGJOB_IO_OK;
}

static enum segjob_io proxy_open(struct segjob_stream *s,
                                 const struct segjob_peer *peer)
{
    struct segjob_proxy *p = as_proxy(s);
    enum segjob_io io = SEGJOB_IO_OK;

    if (p->state == SEGJOB_PROXY_CONNECTING) {
        io = connect_lower(p, peer);
    }
    if (p->state == SEGJOB_PROXY_SENDING && io == SEGJOB_IO_OK) {
        io = send_request(p);
    }
    if (p->state == SEGJOB_PROXY_RECEIVING && io == SEGJOB_IO_OK) {
        io = receive_response(p);
    }
    return io;
}

/* -------------------------------------------------------------- open stream */

static enum segjob_io proxy_send(struct segjob_stream *s, const void *bytes,
                                 size_t n, size_t *sent)
{
    struct segjob_proxy *p = as_proxy(s);

    return pass(p, p->lower->send(p->lower, bytes, n, sent));
}

static enum segjob_io proxy_recv(struct segjob_stream *s, void *room, size_t n,
                                 size_t *received)
{
    struct segjob_proxy *p = as_proxy(s);

    return pass(p, p->lower->recv(p->lower, room, n, received));
}

static void proxy_close(struct segjob_stream *s)
{
    struct segjob_proxy *p = as_proxy(s);

    p->lower->close(p->lower);
    wipe_request(p);
    p->state = SEGJOB_PROXY_CONNECTING;
}

static void proxy_wants(const struct segjob_stream *s,
                        struct segjob_wants *wants)
{
    const struct segjob_proxy *p = (const struct segjob_proxy *)s;

    p->lower->wants(p->lower, wants);
}

void segjob_proxy_init(struct segjob_proxy *proxy, struct segjob_stream *lower,
                       const struct segjob_proxy_config *config)
{
    memset(proxy, 0, sizeof(*proxy));
    proxy->stream = (struct segjob_stream){.open = proxy_open,
                                           .send = proxy_send,
                                           .recv = proxy_recv,
                                           .close = proxy_close,
                                           .wants = proxy_wants,
                                           .via = via};
    proxy->lower = lower;
    proxy->config = *config;
}

/* --------------------------------------------------------------------- URL */

/* Decode a part of `text` in place; returns false if it is malformed. */
static bool decode(char *text, struct segjob_str *part)
{
    char *to;
    size_t len = 0, i;

    if (part->ptr == NULL) {
        return true;
    }
    to = text + (part->ptr - text);
    for (i = 0; i < part->len; i++) {
        char c = part->ptr[i];

        if (c == '%') {
            const bool is_whole = i + 2 < part->len;
            const unsigned high =
                is_whole ? segjob_hex_value(part->ptr[i + 1]) : 16;
            const unsigned low =
                is_whole ? segjob_hex_value(part->ptr[i + 2]) : 16;

            if (high > 15 || low > 15) {
                return false;
            }
            c = (char)(high * 16 + low);
            i += 2;
        }
        to[len++] = c;
    }
    part->len = len;
    return true;
}

const char *segjob_proxy_read_url(char *url, struct segjob_proxy_config *config)
{
    const bool has_scheme = strstr(url, "://") != NULL;
    struct segjob_uri uri = {.plain = false};
    const char *error = has_scheme
                            ? segjob_uri_read(segjob_cstr(url), &uri)
                            : segjob_uri_read_authority(segjob_cstr(url), &uri);

    if (has_scheme && !uri.plain) {
        return "only http:// proxies are supported";
    }
    if (error != NULL) {
        return error;
    }
    if (uri.host.len == 0) {
        return "there is no host";
    }
    if (uri.rest.len > 0) {
        return "it must not contain a path";
    }
    if (!decode(url, &uri.user) || !decode(url, &uri.password)) {
        return "the user name or password is malformed: % needs two digits";
    }
    config->user = uri.user;
    config->password = uri.password;
    config->host = uri.host.ptr;
    config->port = uri.port != 0 ? uri.port : 80;
    url[uri.host.ptr + uri.host.len - url] = '\0';
    return NULL;
}
