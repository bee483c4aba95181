/*
 * The credentials, from the first source that has some, in the AWS CLI's order:
 *
 *   the environment   AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY and perhaps
 *                     AWS_SESSION_TOKEN, unless --profile is given
 *   the shared files  the profile in the credentials file, then in the config
 *                     file
 *   a container       AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or ..._FULL_URI,
 *                     as in Amazon ECS and EKS, and AWS IoT Greengrass
 *   EC2               the instance's role, unless AWS_EC2_METADATA_DISABLED
 *
 * What the AWS CLI would follow and this command cannot is refused by name: web
 * identity, assumed roles, SSO, processes.
 */
#ifndef CLI_KEYS_H
#define CLI_KEYS_H

#include "config.h"
#include "segjob_environment.h"

struct keys {
    const struct segjob_credentials *given; /* found here; or NULL and ... */
    struct segjob_provider *provider;       /* ... they are to be asked for */
    const char *hint;                       /* said if that source fails */
    /* The rest is its own. */
    struct segjob_credentials environment;
    struct segjob_environment_container container;
    struct segjob_imds imds;
};

/*
 * Find the source. What `keys` points to lives until keys_wipe() and
 * config_wipe().
 *
 * Returns 0, or the exit code after the failure was told.
 */
int keys_find(struct keys *keys, const struct options *options,
              struct config *config);

/* Overwrite what was received. */
void keys_wipe(struct keys *keys);

#endif
