#include "segjob_container.h"

#include <string.h>

#include "segjob_uri.h"

static bool next_request(struct segjob_source *s, struct segjob_str fetched)
{
    struct segjob_container *container = (struct segjob_container *)s;

    (void)fetched;
    if (s->step > 0) {
        return false;
    }
    s->request.method = "GET";
    s->request.path[0] = container->path;
    if (container->authorize != NULL) {
        s->error = container->authorize(container);
    }
    if (container->authorization.ptr != NULL) {
        s->request.headers[0].name = "Authorization";
        s->request.headers[0].value = container->authorization;
        s->request.secret = container->authorization;
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
    .format = SEGJOB_FORMAT_CONTAINER,
    .timeout_ms = 2000,
    .plain_hosts = plain_hosts,
    .next_request = next_request,
};

/* Returns NULL, or why the URI cannot be used. `*text` becomes its path. */
static const char *read_uri(struct segjob_str *text,
                            struct segjob_config *config)
{
    struct segjob_uri uri;
    const char *error;

    if (text->len > 0 && text->ptr[0] == '/') {
        config->host = SEGJOB_STR(SEGJOB_CONTAINER_HOST);
        config->plain = true;
        return NULL;
    }
    error = segjob_uri_read(*text, &uri);
    if (error != NULL) {
        return error;
    }
    if (uri.user.ptr != NULL) {
        return "the URI must not contain a user name";
    }
    config->host = uri.host;
    config->port = uri.port;
    config->plain = uri.plain;
    *text = uri.rest.len > 0 ? uri.rest : SEGJOB_STR("/");
    return NULL;
}

enum segjob_status segjob_container_init(struct segjob_container *container,
                                         struct segjob_str uri, void *buf,
                                         size_t cap)
{
    struct segjob_config config = {.port = 0};
    const char *error =
        uri.ptr == NULL ? "there is no URI" : read_uri(&uri, &config);

    memset(container, 0, sizeof(*container));
    segjob_source_init(&container->source, &kind, &config, buf, cap);
    container->path = uri;
    return error != NULL ? segjob_source_refuse(&container->source, error)
                         : segjob_source_check(&container->source);
}
