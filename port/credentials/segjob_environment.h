/*
 * Credentials that a program finds through its environment: the keys
 * themselves, or where a container or an EC2 instance has them. An empty
 * variable counts as absent. For systems with POSIX files.
 */
#ifndef SEGJOB_ENVIRONMENT_H
#define SEGJOB_ENVIRONMENT_H

#include "segjob_container.h"
#include "segjob_imds.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The keys of AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN,
 * which point into the environment. Returns whether the first is there; what
 * lacks the second is refused where it is used.
 */
bool segjob_environment_keys(struct segjob_credentials *credentials);

/*
 * Why such keys cannot be used as they are written: "ends in white space",
 * static text to follow the name `*variable` of the one at fault; NULL if
 * nothing is wrong with them.
 */
const char *segjob_environment_flaw(
    const struct segjob_credentials *credentials, const char **variable);

/*
 * A container's source, and the name of the file with its token, or NULL. The
 * rest is its own.
 */
struct segjob_environment_container {
    struct segjob_container container;
    const char *token_file;
    char why[80]; /* the token cannot be used */
};

/*
 * Prepare the source that AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or else
 * AWS_CONTAINER_CREDENTIALS_FULL_URI names, as segjob_container_init() does.
 * AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, which is read before each request,
 * or else AWS_CONTAINER_AUTHORIZATION_TOKEN goes with it.
 *
 * Returns
 *   SEGJOB_OK       `c->container.source.provider` can be given to a port
 *   SEGJOB_PENDING  neither variable is there
 *   SEGJOB_CONFIG   the URI or the token cannot be used;
 *                   `c->container.source.words` say why
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_environment_container(
    struct segjob_environment_container *c, void *buf, size_t cap);

/*
 * Prepare the source that EC2 instances have, as segjob_imds_init() does, at
 * AWS_EC2_METADATA_SERVICE_ENDPOINT, or the IPv6 address if
 * AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is IPv6.
 *
 * Returns
 *   SEGJOB_OK       `imds->source.provider` can be given to a port
 *   SEGJOB_PENDING  AWS_EC2_METADATA_DISABLED is true
 *   SEGJOB_CONFIG   the endpoint cannot be used; `imds->source.words` say why
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_environment_imds(struct segjob_imds *imds, void *buf,
                                           size_t cap);

#ifdef __cplusplus
}
#endif

#endif
