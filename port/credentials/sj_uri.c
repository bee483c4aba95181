#include "sj_uri.h"

#include <string.h>

static bool begins(struct segjob_str s, const char *text)
{
    return s.len >= strlen(text) && memcmp(s.ptr, text, strlen(text)) == 0;
}

/* Take what stands before the first of `ends` off the front of `s`. */
static struct segjob_str take_until(struct segjob_str *s, const char *ends)
{
    struct segjob_str taken = {s->ptr, 0};

    while (taken.len < s->len && (s->ptr[taken.len] == '\0' ||
                                  strchr(ends, s->ptr[taken.len]) == NULL)) {
        taken.len++;
    }
    s->ptr += taken.len;
    s->len -= taken.len;
    return taken;
}

/* Digits, at most 65535 and not 0. */
static bool read_port(struct segjob_str digits, uint16_t *port)
{
    uint32_t number = 0;
    size_t i;

    for (i = 0; i < digits.len; i++) {
        if (digits.ptr[i] < '0' || digits.ptr[i] > '9' || number > UINT16_MAX) {
            return false;
        }
        number = number * 10 + (uint32_t)(digits.ptr[i] - '0');
    }
    *port = (uint16_t)number;
    return number >= 1 && number <= UINT16_MAX;
}

/* host[:port], the host in brackets if it is an IPv6 address */
static const char *read_authority(struct segjob_str authority,
                                  struct segjob_config *where)
{
    if (begins(authority, "[")) {
        authority.ptr++;
        authority.len--;
        where->host = take_until(&authority, "]");
        if (authority.len == 0) {
            return "the URI's address lacks its bracket";
        }
        authority.ptr++;
        authority.len--;
    } else {
        where->host = take_until(&authority, ":");
    }
    if (authority.len > 0) {
        struct segjob_str port = {authority.ptr + 1, authority.len - 1};

        if (authority.ptr[0] != ':' || !read_port(port, &where->port)) {
            return "the URI's port must be a number from 1 to 65535";
        }
    }
    return NULL;
}

const char *sj_uri_read(struct segjob_str *uri, struct segjob_config *where)
{
    static const struct segjob_str root = SEGJOB_STR("/");
    struct segjob_str authority;

    where->plain = begins(*uri, "http://");
    if (!where->plain && !begins(*uri, "https://")) {
        return "the URI must begin with http:// or https://";
    }
    uri->len -= where->plain ? 7 : 8;
    uri->ptr += where->plain ? 7 : 8;
    authority = take_until(uri, "/?#");
    if (uri->len == 0) {
        *uri = root;
    }
    return read_authority(authority, where);
}
