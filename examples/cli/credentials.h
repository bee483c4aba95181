/*
 * The credentials, from the first source that has some, in the AWS CLI's order:
 *
 *   the environment   AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY and perhaps
 *                     AWS_SESSION_TOKEN, unless --profile is given
 *   the shared files  the profile in the credentials file, then in the config
 *                     file; or the program that it names as its
 *                     credential_process
 *   a container       AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or ..._FULL_URI,
 *                     as in Amazon ECS and EKS, and AWS IoT Greengrass
 *   EC2               the instance's role, unless AWS_EC2_METADATA_DISABLED
 *
 * Sources of the AWS CLI that this command does not support are refused: web
 * identity, assumed roles, SSO.
 */
#ifndef CLI_CREDENTIALS_H
#define CLI_CREDENTIALS_H

#include "config.h"
#include "segjob_environment.h"
#include "segjob_process.h"

struct credentials {
    const struct segjob_credentials *given; /* those found, or NULL and ... */
    struct segjob_provider *provider;       /* ... where to request them */
    const char *hint;                       /* appended if that fails */
    /* Private. */
    struct segjob_credentials environment;
    struct segjob_environment_container container;
    struct segjob_imds imds;
    struct segjob_process process;
};

/*
 * Find the source. What `credentials` points to is valid until
 * credentials_wipe() and config_wipe().
 *
 * Returns 0, or the exit code after reporting the failure.
 */
int credentials_find(struct credentials *credentials,
                     const struct options *options, struct config *config);

/* Overwrite the credentials that were received. */
void credentials_wipe(struct credentials *credentials);

#endif
