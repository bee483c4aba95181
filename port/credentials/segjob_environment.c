#define _XOPEN_SOURCE 700

#include "segjob_environment.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#include "segjob_uri.h"
#include "sj_file.h"
#include "sj_flaw.h"
#include "sj_message.h"

static const char *env(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && *value != '\0' ? value : NULL;
}

bool segjob_environment_credentials(struct segjob_credentials *credentials)
{
    credentials->access_key_id = segjob_cstr(env("AWS_ACCESS_KEY_ID"));
    credentials->secret_access_key = segjob_cstr(env("AWS_SECRET_ACCESS_KEY"));
    credentials->session_token = segjob_cstr(env("AWS_SESSION_TOKEN"));
    return credentials->access_key_id.ptr != NULL;
}

const char *segjob_environment_flaw(
    const struct segjob_credentials *credentials, const char **variable)
{
    static const char *const names[] = {
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"};
    size_t which = 0;
    const char *flaw = sj_flaw_of_credentials(credentials, &which);

    *variable = names[which];
    return flaw;
}

/* Write "AWS_ACCESS_KEY_ID: ends in white space" and the like. */
static const char *write_message(char *message, size_t cap,
                                 const char *variable, const char *flaw)
{
    message[0] = '\0';
    sj_message_add(message, cap, variable);
    sj_message_add(message, cap, ": ");
    sj_message_add(message, cap, flaw);
    return message;
}

static enum segjob_status refuse(struct segjob_source *s, const char *variable,
                                 const char *flaw)
{
    char message[128];

    return segjob_source_refuse(
        s, write_message(message, sizeof(message), variable, flaw));
}

/* -------------------------------------------------------------- container */

#define TOKEN "AWS_CONTAINER_AUTHORIZATION_TOKEN"
#define TOKEN_FILE TOKEN "_FILE"

/* Read the token to where the source keeps it for the request. */
static const char *read_token(struct segjob_container *c)
{
    struct segjob_environment_container *e =
        (struct segjob_environment_container *)c; /* its first member */
    struct segjob_source *s = &c->source;
    struct segjob_str token = {s->buf, 0};
    const int error =
        sj_file_read(e->token_file, s->buf, s->cap - s->kept, &token.len);
    const char *flaw = sj_flaw_of_header(token);

    c->authorization = segjob_source_keep(s, token);
    if (error != 0) {
        flaw =
            error == EFBIG ? "does not fit into the buffer" : "cannot be read";
    }
    return flaw == NULL ? NULL
                        : write_message(e->message, sizeof(e->message),
                                        TOKEN_FILE, flaw);
}

static enum segjob_status read_token_variable(
    struct segjob_environment_container *c)
{
    const struct segjob_str token = segjob_cstr(env(TOKEN));
    const char *flaw = sj_flaw_of_header(token);

    c->token_file = env(TOKEN_FILE);
    if (c->token_file != NULL) {
        c->container.authorize = read_token;
        return SEGJOB_OK;
    }
    c->container.authorization = token;
    return flaw == NULL ? SEGJOB_OK : refuse(&c->container.source, TOKEN, flaw);
}

enum segjob_status segjob_environment_container_init(
    struct segjob_environment_container *c, void *buf, size_t cap)
{
    static const char relative[] = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
    static const char full[] = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
    const char *variable = env(relative) != NULL ? relative : full;
    const struct segjob_str uri = segjob_cstr(env(variable));
    const char *flaw = sj_flaw_of_text(uri);
    enum segjob_status status;

    if (uri.ptr == NULL) {
        return SEGJOB_PENDING;
    }
    status = segjob_container_init(&c->container, uri, buf, cap);
    if (variable == relative && uri.ptr[0] != '/') {
        flaw = "must begin with a slash";
    }
    if (flaw != NULL) {
        return refuse(&c->container.source, variable, flaw);
    }
    return status == SEGJOB_OK ? read_token_variable(c) : status;
}

/* -------------------------------------------------------------------- EC2 */

enum segjob_status segjob_environment_imds_init(struct segjob_imds *imds,
                                                void *buf, size_t cap)
{
    static const char variable[] = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
    static const struct segjob_config ipv6 = {
        .host = SEGJOB_STR_INIT(SEGJOB_IMDS_HOST_IPV6), .plain = true};
    const char *disabled = env("AWS_EC2_METADATA_DISABLED");
    const struct segjob_str endpoint = segjob_cstr(env(variable));
    const char *mode = env("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
    const bool is_ipv6 = mode != NULL && strcasecmp(mode, "ipv6") == 0;
    struct segjob_config config = ipv6;
    const char *flaw = NULL;
    enum segjob_status status;

    if (disabled != NULL && strcasecmp(disabled, "true") == 0) {
        return SEGJOB_PENDING;
    }
    if (endpoint.ptr != NULL) {
        flaw = sj_flaw_of_text(endpoint);
        flaw =
            flaw != NULL ? flaw : segjob_uri_read_endpoint(endpoint, &config);
    }
    status = segjob_imds_init(
        imds, endpoint.ptr == NULL && !is_ipv6 ? NULL : &config, buf, cap);
    return flaw != NULL ? refuse(&imds->source, variable, flaw) : status;
}
