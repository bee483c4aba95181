#define _XOPEN_SOURCE 700

#include "segjob_environment.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#include "segjob_uri.h"
#include "sj_file.h"

static const char *env(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && *value != '\0' ? value : NULL;
}

bool segjob_environment_keys(struct segjob_credentials *credentials)
{
    credentials->access_key_id = segjob_str(env("AWS_ACCESS_KEY_ID"));
    credentials->secret_access_key = segjob_str(env("AWS_SECRET_ACCESS_KEY"));
    credentials->session_token = segjob_str(env("AWS_SESSION_TOKEN"));
    return credentials->access_key_id.ptr != NULL;
}

/* -------------------------------------------------------------- container */

/*
 * Read the token in front of the keys, where it is kept for the request. A
 * line end in it makes it no header: the core refuses that.
 */
static const char *read_token(struct segjob_container *c)
{
    const struct segjob_environment_container *e =
        (const struct segjob_environment_container *)c; /* its first member */
    struct segjob_source *s = &c->source;
    struct segjob_str token = {s->buf, 0};
    const int error =
        sj_file_read(e->token_file, s->buf, s->cap - s->kept, &token.len);

    c->authorization = segjob_source_keep(s, token);
    if (error == EFBIG) {
        return "the authorization token does not fit into the buffer";
    }
    return error != 0 ? "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read"
                      : NULL;
}

enum segjob_status segjob_environment_container(
    struct segjob_environment_container *c, void *buf, size_t cap)
{
    const char *relative = env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const char *uri =
        relative != NULL ? relative : env("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    enum segjob_status status;

    if (uri == NULL) {
        return SEGJOB_PENDING;
    }
    status = segjob_container_init(&c->container, segjob_str(uri), buf, cap);
    if (relative != NULL && *relative != '/') {
        return segjob_source_refuse(
            &c->container.source,
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must begin with a slash");
    }
    c->token_file = env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    if (c->token_file != NULL) {
        c->container.authorize = read_token;
    } else {
        c->container.authorization =
            segjob_str(env("AWS_CONTAINER_AUTHORIZATION_TOKEN"));
    }
    return status;
}

/* -------------------------------------------------------------------- EC2 */

/* NULL, or why it cannot be used. */
static const char *read_endpoint(const char *text, struct segjob_config *where)
{
    struct segjob_uri uri;
    const char *why = segjob_uri_read(segjob_str(text), &uri);

    if (why == NULL && (uri.user.ptr != NULL || uri.rest.len > 0)) {
        why = "AWS_EC2_METADATA_SERVICE_ENDPOINT must be http://HOST[:PORT]";
    }
    if (why == NULL) {
        where->host = uri.host;
        where->port = uri.port;
        where->plain = uri.plain;
    }
    return why;
}

enum segjob_status segjob_environment_imds(struct segjob_imds *imds, void *buf,
                                           size_t cap)
{
    static const struct segjob_config ipv6 = {
        .host = SEGJOB_STR(SEGJOB_IMDS_HOST_IPV6), .plain = true};
    const char *disabled = env("AWS_EC2_METADATA_DISABLED");
    const char *endpoint = env("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    const char *mode = env("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
    const bool is_ipv6 = mode != NULL && strcasecmp(mode, "ipv6") == 0;
    struct segjob_config where = ipv6;
    const char *why;
    enum segjob_status status;

    if (disabled != NULL && strcasecmp(disabled, "true") == 0) {
        return SEGJOB_PENDING;
    }
    why = endpoint != NULL ? read_endpoint(endpoint, &where) : NULL;
    status = segjob_imds_init(
        imds, endpoint == NULL && !is_ipv6 ? NULL : &where, buf, cap);
    return why != NULL ? segjob_source_refuse(&imds->source, why) : status;
}
