#include "segjob_uri.h"

#include <string.h>

/* Take the first `n` bytes off the front. */
static struct segjob_str take(struct segjob_str *s, size_t n)
{
    struct segjob_str taken = {s->ptr, n};

    s->ptr += n;
    s->len -= n;
    return taken;
}

/* Bytes before the first of `ends`. */
static size_t until(struct segjob_str s, const char *ends)
{
    size_t n = 0;

    while (n < s.len && (s.ptr[n] == '\0' || strchr(ends, s.ptr[n]) == NULL)) {
        n++;
    }
    return n;
}

/* Take `prefix`, in lower case, off the front, whatever the case there. */
static bool take_prefix(struct segjob_str *s, const char *prefix)
{
    const size_t n = strlen(prefix);
    size_t i;

    for (i = 0; i < n && i < s->len; i++) {
        const char c = s->ptr[i];

        if ((c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) != prefix[i]) {
            break;
        }
    }
    if (i < n) {
        return false;
    }
    (void)take(s, n);
    return true;
}

/* `:PORT`, or nothing */
static const char *read_port(struct segjob_str s, uint16_t *port)
{
    uint32_t number = 0;
    size_t i = 1;

    if (s.len == 0) {
        return NULL;
    }
    for (; s.ptr[0] == ':' && i < s.len && number <= UINT16_MAX; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9') {
            break;
        }
        number = number * 10 + (uint32_t)(s.ptr[i] - '0');
    }
    if (i < s.len || number == 0 || number > UINT16_MAX) {
        return "the port must be a number from 1 to 65535";
    }
    *port = (uint16_t)number;
    return NULL;
}

static const char *read_host(struct segjob_str s, struct segjob_uri *uri)
{
    if (!take_prefix(&s, "[")) {
        uri->host = take(&s, until(s, ":"));
        return read_port(s, &uri->port);
    }
    uri->host = take(&s, until(s, "]"));
    if (s.len == 0) {
        return "the address lacks its bracket";
    }
    if (until(uri->host, ":") == uri->host.len) {
        return "only IPv6 addresses stand in brackets";
    }
    (void)take(&s, 1);
    return read_port(s, &uri->port);
}

const char *segjob_uri_read_authority(struct segjob_str text,
                                      struct segjob_uri *uri)
{
    struct segjob_str authority = take(&text, until(text, "/?#"));
    size_t user_len = authority.len;

    memset(uri, 0, sizeof(*uri));
    if (text.len != 1 || text.ptr[0] != '/') {
        uri->rest = text;
    }
    while (user_len > 0 && authority.ptr[user_len - 1] != '@') {
        user_len--;
    }
    if (user_len > 0) {
        struct segjob_str user = take(&authority, user_len);

        user.len--; /* the @ */
        uri->user = take(&user, until(user, ":"));
        if (user.len > 0) {
            (void)take(&user, 1);
            uri->password = user;
        }
    }
    return read_host(authority, uri);
}

const char *segjob_uri_read(struct segjob_str text, struct segjob_uri *uri)
{
    const bool plain = take_prefix(&text, "http://");
    const char *why;

    if (!plain && !take_prefix(&text, "https://")) {
        return "the URI must begin with http:// or https://";
    }
    why = segjob_uri_read_authority(text, uri);
    uri->plain = plain;
    return why;
}
