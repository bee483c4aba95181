/*
 * Credentials from environment variables: the credentials themselves, or where
 * to request them in a container or on an EC2 instance. An empty variable
 * counts as absent. For systems with POSIX files.
 */
#ifndef SEGJOB_ENVIRONMENT_H
#define SEGJOB_ENVIRONMENT_H

#include "segjob_container.h"
#include "segjob_imds.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Set `*credentials` to AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
 * AWS_SESSION_TOKEN. The spans point into the environment.
 *
 * Returns whether the first is set. segjob_set_credentials() rejects
 * credentials without the second.
 */
bool segjob_environment_credentials(struct segjob_credentials *credentials);

/*
 * Check how such credentials are written. Returns NULL, or what is wrong, such
 * as "ends in white space": static text to follow the name of the variable,
 * `*variable`.
 */
const char *segjob_environment_flaw(
    const struct segjob_credentials *credentials, const char **variable);

/* A container's source. All members but `container` are private. */
struct segjob_environment_container {
    struct segjob_container container;
    const char *token_file; /* its path, or NULL */
    char message[80];       /* why the token cannot be used */
};

/*
 * Initialize the source as segjob_container_init() does, with the URI of
 * AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, else that of
 * AWS_CONTAINER_CREDENTIALS_FULL_URI. The Authorization header is the content
 * of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, a file that is read before each
 * request, else AWS_CONTAINER_AUTHORIZATION_TOKEN.
 *
 * Returns
 *   SEGJOB_OK       set a port's `provider` to `&c->container.source.provider`
 *   SEGJOB_PENDING  neither variable with a URI is set
 *   SEGJOB_CONFIG   the URI or the token cannot be used;
 *                   `c->container.source.message` says why
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_environment_container_init(
    struct segjob_environment_container *c, void *buf, size_t cap);

/*
 * Initialize the source of EC2 instances as segjob_imds_init() does, at
 * AWS_EC2_METADATA_SERVICE_ENDPOINT, else at the IPv6 address if
 * AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is IPv6.
 *
 * Returns
 *   SEGJOB_OK       set a port's `provider` to `&imds->source.provider`
 *   SEGJOB_PENDING  AWS_EC2_METADATA_DISABLED is true
 *   SEGJOB_CONFIG   the endpoint cannot be used; `imds->source.message` says
 *                   why
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_environment_imds_init(struct segjob_imds *imds,
                                                void *buf, size_t cap);

#ifdef __cplusplus
}
#endif

#endif
