#include "segjob_container.h"

#include <string.h>

static bool turn(struct segjob_source *s, struct segjob_str fetched)
{
    struct segjob_container *container = (struct segjob_container *)s;

    (void)fetched;
    if (s->step > 0) {
        return false;
    }
    s->request.method = "GET";
    s->request.path[0] = container->path;
    if (container->authorize != NULL) {
        s->refusal = container->authorize(container);
    }
    if (container->authorization.ptr != NULL) {
        s->request.headers[0].name = "Authorization";
        s->request.headers[0].value = container->authorization;
    }
    return true;
}

static const struct segjob_source_kind kind = {
    .name = "container credentials",
    .form = SEGJOB_KEYS_CONTAINER,
    .timeout_ms = 2000,
    .turn = turn,
};

/* -------------------------------------------------------------------- URI */

static bool begins(struct segjob_str s, const char *text)
{
    return s.len >= strlen(text) && memcmp(s.ptr, text, strlen(text)) == 0;
}

static bool equals(struct segjob_str s, const char *text)
{
    return s.len == strlen(text) && begins(s, text);
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

/* Whom credentials may be had from without TLS. */
static bool may_be_plain(struct segjob_str host)
{
    static const char *const hosts[] = {
        "localhost",      "::1",          "169.254.170.2", /* Amazon ECS */
        "169.254.170.23", "fd00:ec2::23",                  /* Amazon EKS */
    };
    size_t i;

    for (i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        if (equals(host, hosts[i])) {
            return true;
        }
    }
    /* 127.0.0.0/8: that it is an address is judged with the host. */
    for (i = 0; i < host.len; i++) {
        if (host.ptr[i] != '.' && (host.ptr[i] < '0' || host.ptr[i] > '9')) {
            return false;
        }
    }
    return begins(host, "127.");
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

/* NULL, or why the URI cannot be used; `uri` becomes its path. */
static const char *read_uri(struct segjob_str *uri, struct segjob_config *where)
{
    static const struct segjob_str host = SEGJOB_STR(SEGJOB_CONTAINER_HOST);
    static const struct segjob_str root = SEGJOB_STR("/");
    struct segjob_str authority;
    const char *why;

    where->plain = !begins(*uri, "https://");
    if (begins(*uri, "/")) {
        where->host = host;
        return NULL;
    }
    if (where->plain && !begins(*uri, "http://")) {
        return "the URI must begin with http://, https:// or a slash";
    }
    uri->len -= where->plain ? 7 : 8;
    uri->ptr += where->plain ? 7 : 8;
    authority = take_until(uri, "/?#");
    if (uri->len == 0) {
        *uri = root;
    }
    why = read_authority(authority, where);
    if (why == NULL && where->plain && !may_be_plain(where->host)) {
        why = "http:// is for loopback and the addresses of ECS and EKS only";
    }
    return why;
}

enum segjob_status segjob_container_init(struct segjob_container *container,
                                         struct segjob_str uri, void *buf,
                                         size_t cap)
{
    struct segjob_config where = {.port = 0};
    const char *why =
        uri.ptr == NULL ? "there is no URI" : read_uri(&uri, &where);

    memset(container, 0, sizeof(*container));
    segjob_source_init(&container->source, &kind, &where, buf, cap);
    container->path = uri;
    return why != NULL ? segjob_source_refuse(&container->source, why)
                       : segjob_source_check(&container->source);
}
