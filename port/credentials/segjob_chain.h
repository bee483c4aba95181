/*
 * The credentials that the AWS CLI v2 would use, on POSIX systems: from the
 * first of its sources that a profile or the environment configures.
 *
 *   segjob_profile_read(&profile, NULL, files, sizeof(files));
 *   segjob_chain_init(&chain, &profile, false, &config, memory,
 *                     sizeof(memory));
 *   port.credentials = chain.credentials;
 *   port.provider = chain.provider;
 *
 *   the environment       AWS_ACCESS_KEY_ID ..., unless the profile was named
 *   a role                role_arn, with the credentials of source_profile, or
 *                         of credential_source: Environment, EcsContainer or
 *                         Ec2InstanceMetadata
 *   web identity          AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN and
 *                         AWS_ROLE_SESSION_NAME, unless the profile was named;
 *                         web_identity_token_file, role_arn, role_session_name
 *   SSO                   sso_account_id and sso_role_name, with sso_session or
 *                         with sso_region and sso_start_url
 *   the credentials file  aws_access_key_id ...
 *   credential_process
 *   the config file       aws_access_key_id ...
 *   a container           AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, ..._FULL_URI
 *   EC2                   unless AWS_EC2_METADATA_DISABLED is true
 *
 * A source_profile gets its credentials by one of those that are between a role
 * and the config file; keys in it have precedence over its own role.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Standardized credential
 * providers". What that leaves open is as in botocore's credentials.py.
 */
#ifndef SEGJOB_CHAIN_H
#define SEGJOB_CHAIN_H

#include "segjob_environment.h"
#include "segjob_process.h"
#include "segjob_profile.h"
#include "segjob_sso.h"
#include "segjob_sts.h"
#include "segjob_token_file.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How many roles may follow from one another, web identity's included. */
#define SEGJOB_CHAIN_ROLES 5u

/* The maximum number of findings. */
#define SEGJOB_CHAIN_FINDINGS 16u

/* What was found about a source: static texts, but the profile's name. */
struct segjob_chain_finding {
    const char *source;  /* such as "the environment" */
    const char *profile; /* whose source it is; NULL: no profile's */
    const char *why;     /* why it is not used; NULL: it is */
};

/*
 * Set a port's `credentials` and `provider` to these. After a failure `message`
 * says why, NUL-terminated. `findings` has what was found, in order, also after
 * a failure.
 */
struct segjob_chain {
    const struct segjob_credentials *credentials;
    struct segjob_provider *provider; /* NULL: the credentials do not change */
    struct segjob_chain_finding findings[SEGJOB_CHAIN_FINDINGS];
    size_t findings_len;
    char message[1280];
    /* Private: what is given ... */
    struct segjob_profile *profile;
    bool is_named;
    struct segjob_config config;
    char *buf;
    size_t cap;
    /* ... the roles, the first of which is the profile's ... */
    size_t roles_len;
    const char *names[SEGJOB_CHAIN_ROLES]; /* of their profiles */
    struct segjob_sts_config roles[SEGJOB_CHAIN_ROLES];
    struct segjob_sts sts[SEGJOB_CHAIN_ROLES];
    struct segjob_token_file token_file;
    /* ... and where the credentials come from that assume the last one. */
    struct segjob_profile source; /* the last source_profile */
    struct segjob_credentials environment;
    struct segjob_source *base; /* one of these, or NULL */
    union {
        struct segjob_environment_container container;
        struct segjob_imds imds;
        struct segjob_process process;
        struct segjob_sso sso;
    } sources;
};

/*
 * Find the source of the credentials; nothing is requested yet. `profile` has
 * been read; `is_named` says that it was named as by the AWS CLI's --profile,
 * and not by AWS_PROFILE. Profiles that it names are read into what is left of
 * its buffer. `config` has the region, `fips` and `dual_stack`, for AWS STS and
 * for the portal of SSO; other members are not used.
 *
 * `buf`, `cap` bytes, is divided among the roles and the source, each of which
 * needs as much as its own init function says. It is borrowed, as `profile` and
 * the region are, until segjob_chain_wipe(). `chain` must not be copied or
 * moved afterwards.
 *
 * Returns
 *   SEGJOB_OK      `credentials`, `provider` or both are set
 *   SEGJOB_CONFIG  no source is configured, or the first that is cannot be
 *                  used; `message` says why, with the profile or variable and
 *                  the setting
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_chain_init(struct segjob_chain *chain,
                                     struct segjob_profile *profile,
                                     bool is_named,
                                     const struct segjob_config *config,
                                     void *buf, size_t cap);

/* Overwrite the credentials that were received. */
void segjob_chain_wipe(struct segjob_chain *chain);

#ifdef __cplusplus
}
#endif

#endif
