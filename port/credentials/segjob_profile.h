/*
 * The shared files of AWS's tools, ~/.aws/credentials and ~/.aws/config, and
 * one profile in them: its keys, and settings such as the region. For systems
 * with POSIX files.
 *
 *   segjob_profile_read(&profile, NULL, memory, sizeof(memory));
 *   port.provider = &profile.provider;
 *
 * When the service says that the keys have expired, the files are read anew:
 * something may have renewed them there.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials
 * files"; what it leaves open is as botocore does it, and what botocore cannot
 * read as AWS's SDKs do.
 */
#ifndef SEGJOB_PROFILE_H
#define SEGJOB_PROFILE_H

#include "segjob_port.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The settings that are looked for; each row enumerator and name. */
#define SEGJOB_PROFILE_LIST(X)                                 \
    X(USE_FIPS_ENDPOINT, "use_fips_endpoint")                  \
    X(USE_DUALSTACK_ENDPOINT, "use_dualstack_endpoint")        \
    X(IGNORE_ENDPOINT_URLS, "ignore_configured_endpoint_urls") \
    X(ACCESS_KEY_ID, "aws_access_key_id")                      \
    X(SECRET_ACCESS_KEY, "aws_secret_access_key")              \
    X(SESSION_TOKEN, "aws_session_token")                      \
    X(REGION, "region")                                        \
    X(ENDPOINT_URL, "endpoint_url")                            \
    X(CA_BUNDLE, "ca_bundle")                                  \
    X(ROLE_ARN, "role_arn")                                    \
    X(WEB_IDENTITY_TOKEN_FILE, "web_identity_token_file")      \
    X(SSO_ACCOUNT_ID, "sso_account_id")                        \
    X(SSO_SESSION, "sso_session")                              \
    X(CREDENTIAL_PROCESS, "credential_process")

enum segjob_profile_setting {
#define SEGJOB_PROFILE_ENUM(name, text) SEGJOB_PROFILE_##name,
    SEGJOB_PROFILE_LIST(SEGJOB_PROFILE_ENUM)
#undef SEGJOB_PROFILE_ENUM
    SEGJOB_PROFILE_COUNT
};

/*
 * What a section holds: NUL-terminated values in the text, NULL if absent, and
 * the lines where they stand, from 1.
 */
struct segjob_profile_section {
    bool found;
    const char *value[SEGJOB_PROFILE_COUNT];
    int line[SEGJOB_PROFILE_COUNT];
};

/* One of the shared files. */
struct segjob_profile_file {
    char path[1024]; /* NUL-terminated; "" if there is no such file */
    struct segjob_profile_section section;
};

/*
 * A profile. `words` say why the last failure was. Give `provider` to a port if
 * it is to have its keys from the files.
 */
struct segjob_profile {
    struct segjob_provider provider;
    const char *name;
    struct segjob_profile_file credentials;
    struct segjob_profile_file config;
    struct segjob_credentials keys;
    char *buf;
    size_t cap;
    size_t used;
    char words[1280];
};

/*
 * Read the files into `buf`, `cap` bytes, which holds them from then on, half
 * of it for each; it is borrowed until segjob_profile_wipe(). `name` NULL
 * stands for AWS_PROFILE, or `default`. AWS_SHARED_CREDENTIALS_FILE and
 * AWS_CONFIG_FILE name other files. A file that is not there is empty.
 *
 * Returns
 *   SEGJOB_OK      the profile is read, or it is `default` and nowhere
 *   SEGJOB_CONFIG  a file cannot be read, is malformed or too long for the
 *                  buffer, or neither has the profile that is named
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_profile_read(struct segjob_profile *profile,
                                       const char *name, char *buf, size_t cap);

/*
 * A setting, first that of the credentials file; NULL if it is absent or
 * empty. Lives in the buffer, and until the provider reads the files anew: a
 * client whose keys come from it needs a copy of its region.
 */
const char *segjob_profile_value(const struct segjob_profile *profile,
                                 enum segjob_profile_setting setting);

/* A setting's name as the files spell it. */
const char *segjob_profile_setting_name(enum segjob_profile_setting setting);

/*
 * The keys of the profile, those of the credentials file before those of the
 * config file, into `profile->keys`; `*from` is the file's name.
 *
 * Returns
 *   SEGJOB_OK       they are there
 *   SEGJOB_PENDING  there are none: another source may have some
 *   SEGJOB_CONFIG   one of two is missing; or one can be no key, as if it is in
 *                   quotes; or the profile has its keys in a way that is not
 *                   supported: `profile->words` say which, and where it stands
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_profile_keys(struct segjob_profile *profile,
                                       const char **from);

/* Overwrite what was read from the files. */
void segjob_profile_wipe(struct segjob_profile *profile);

#ifdef __cplusplus
}
#endif

#endif
