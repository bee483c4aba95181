#include "segjob_uri.h"

#include <string.h>

#include "segjob_text.h"

/* Remove the first `n` bytes of `*s`, and return them. */
static struct segjob_str take(struct segjob_str *s, size_t n)
{
    struct segjob_str taken = {s->ptr, n};

    s->ptr += n;
    s->len -= n;
    return taken;
}

/* The number of bytes before the first character of `ends`. */
static size_t until(struct segjob_str s, const char *ends)
{
    size_t n = 0;

    while (n < s.len && (s.ptr[n] == '\0' || strchr(ends, s.ptr[n]) == NULL)) {
        n++;
    }
    return n;
}

/* Remove `prefix`, without regard to case. */
static bool take_prefix(struct segjob_str *s, const char *prefix)
{
    const size_t n = strlen(prefix);

    if (s->len < n || !segjob_is_same_caseless(s->ptr, prefix, n)) {
        return false;
    }
    (void)take(s, n);
    return true;
}

/* Read ":PORT", or nothing. */
static const char *read_port(struct segjob_str s, uint16_t *port)
{
    uint32_t number = 0;

    if (s.len == 0) {
        return NULL;
    }
    if (take_prefix(&s, ":")) {
        number = segjob_decimal(s);
    }
    if (number == 0 || number > UINT16_MAX) {
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
        return "only IPv6 addresses have brackets";
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
    const char *error;

    if (!plain && !take_prefix(&text, "https://")) {
        return "the URI must begin with http:// or https://";
    }
    error = segjob_uri_read_authority(text, uri);
    uri->plain = plain;
    return error;
}

const char *segjob_uri_read_endpoint(struct segjob_str text,
                                     struct segjob_config *config)
{
    struct segjob_uri uri;
    const char *error = segjob_uri_read(text, &uri);

    if (error != NULL) {
        return error;
    }
    if (uri.user.ptr != NULL) {
        return "must not contain a user name or password";
    }
    if (uri.rest.len > 0) {
        return "must not contain a path, query or fragment";
    }
    config->host = uri.host;
    config->port = uri.port;
    config->plain = uri.plain;
    return NULL;
}
