#include "segjob_container.h"

#include <string.h>

#include "segjob_uri.h"

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

static const char *const plain_hosts[] = {
    SEGJOB_CONTAINER_HOST, /* Amazon ECS */
    "169.254.170.23",      /* Amazon EKS ... */
    "fd00:ec2::23",        /* ... and over IPv6 */
    NULL,
};

static const struct segjob_source_kind kind = {
    .name = "container credentials",
    .form = SEGJOB_KEYS_CONTAINER,
    .timeout_ms = 2000,
    .plain_hosts = plain_hosts,
    .turn = turn,
};

/* NULL, or why the URI cannot be used; `text` becomes its path. */
static const char *read_uri(struct segjob_str *text,
                            struct segjob_config *where)
{
    static const struct segjob_str host = SEGJOB_STR(SEGJOB_CONTAINER_HOST);
    static const struct segjob_str root = SEGJOB_STR("/");
    struct segjob_uri uri;
    const char *why;

    if (text->len > 0 && text->ptr[0] == '/') {
        where->host = host;
        where->plain = true;
        return NULL;
    }
    why = segjob_uri_read(*text, &uri);
    if (why != NULL) {
        return why;
    }
    if (uri.user.ptr != NULL) {
        return "the URI must not hold a user name";
    }
    where->host = uri.host;
    where->port = uri.port;
    where->plain = uri.plain;
    *text = uri.rest.len > 0 ? uri.rest : root;
    return NULL;
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
