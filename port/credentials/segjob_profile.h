/*
 * The shared files of AWS's tools, ~/.aws/credentials and ~/.aws/config: the
 * settings of one profile. For systems with POSIX files.
 *
 *   status = segjob_profile_read(&profile, NULL, memory, sizeof(memory));
 *
 * How the profile gets its credentials is for segjob_chain.h to find. If they
 * are in the files, the profile is their provider: when the service says that
 * they have expired, the files are read again, for another program may have
 * renewed them.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials
 * files". What that leaves open is read as botocore does; what botocore cannot
 * read, as AWS's SDKs do.
 */
#ifndef SEGJOB_PROFILE_H
#define SEGJOB_PROFILE_H

#include "segjob_port.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The settings that are read, as the files spell them. */
enum segjob_profile_setting {
    SEGJOB_PROFILE_USE_FIPS_ENDPOINT,      /* use_fips_endpoint */
    SEGJOB_PROFILE_USE_DUALSTACK_ENDPOINT, /* use_dualstack_endpoint */
    SEGJOB_PROFILE_IGNORE_ENDPOINT_URLS,   /* ignore_configured_endpoint_urls */
    SEGJOB_PROFILE_ACCESS_KEY_ID,          /* aws_access_key_id */
    SEGJOB_PROFILE_SECRET_ACCESS_KEY,      /* aws_secret_access_key */
    SEGJOB_PROFILE_SESSION_TOKEN,          /* aws_session_token */
    SEGJOB_PROFILE_REGION,                 /* region */
    SEGJOB_PROFILE_ENDPOINT_URL,           /* endpoint_url */
    SEGJOB_PROFILE_CA_BUNDLE,              /* ca_bundle */
    SEGJOB_PROFILE_OUTPUT,                 /* output */
    SEGJOB_PROFILE_CLI_TIMESTAMP_FORMAT,   /* cli_timestamp_format */
    SEGJOB_PROFILE_ROLE_ARN,               /* role_arn */
    SEGJOB_PROFILE_SOURCE_PROFILE,         /* source_profile */
    SEGJOB_PROFILE_CREDENTIAL_SOURCE,      /* credential_source */
    SEGJOB_PROFILE_EXTERNAL_ID,            /* external_id */
    SEGJOB_PROFILE_ROLE_SESSION_NAME,      /* role_session_name */
    SEGJOB_PROFILE_DURATION_SECONDS,       /* duration_seconds */
    SEGJOB_PROFILE_MFA_SERIAL,             /* mfa_serial */
    SEGJOB_PROFILE_WEB_IDENTITY_TOKEN_FILE, /* web_identity_token_file */
    SEGJOB_PROFILE_SSO_SESSION,             /* sso_session */
    SEGJOB_PROFILE_SSO_REGION,              /* sso_region */
    SEGJOB_PROFILE_SSO_START_URL,           /* sso_start_url */
    SEGJOB_PROFILE_SSO_ACCOUNT_ID,          /* sso_account_id */
    SEGJOB_PROFILE_SSO_ROLE_NAME,           /* sso_role_name */
    SEGJOB_PROFILE_LOGIN_SESSION,           /* login_session */
    SEGJOB_PROFILE_CREDENTIAL_PROCESS,      /* credential_process */
    SEGJOB_PROFILE_SERVICES,                /* services: the section's name */
    SEGJOB_PROFILE_RETRY_MODE,              /* retry_mode */
    SEGJOB_PROFILE_MAX_ATTEMPTS,            /* max_attempts */
    SEGJOB_PROFILE_COUNT                    /* how many there are */
};

/*
 * The settings of a section: NUL-terminated values in the buffer, NULL if
 * absent, and the numbers of their lines, from 1.
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
 * A profile. `provider` gives the keys in the files, whatever else the profile
 * has. After a failure `message` says why, NUL-terminated.
 */
struct segjob_profile {
    struct segjob_provider provider;
    const char *name;
    struct segjob_profile_file credentials_file;
    struct segjob_profile_file config_file;
    struct segjob_credentials credentials;
    char *buf;
    size_t cap;
    size_t used;
    bool is_stale; /* the files could not be used: they are read again */
    char message[1280];
};

/*
 * Read both files, one after the other, into `buf`, `cap` bytes, where the
 * profile's settings stay. The buffer is borrowed until segjob_profile_wipe().
 * `name`, NUL-terminated, is the profile's; NULL means AWS_PROFILE, else
 * `default`. It is borrowed, too.
 * AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE name other files. A missing
 * file counts as empty.
 *
 * Returns
 *   SEGJOB_OK      the profile was read; `default` may be in neither file
 *   SEGJOB_CONFIG  a file cannot be read, is malformed or does not fit, or
 *                  neither has the profile; `profile->message` says which
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_profile_read(struct segjob_profile *profile,
                                       const char *name, char *buf, size_t cap);

/*
 * A setting's value, NUL-terminated: that of the credentials file, else that of
 * the config file; NULL if it is absent or empty in both. It is in the buffer,
 * and valid until the provider reads the files again. If a client uses the
 * provider, copy what the client's configuration points to.
 */
const char *segjob_profile_value(const struct segjob_profile *profile,
                                 enum segjob_profile_setting setting);

/* The services whose endpoints may be configured. */
enum segjob_profile_service {
    SEGJOB_PROFILE_PERSONALIZE,
    SEGJOB_PROFILE_STS,
    SEGJOB_PROFILE_SSO
};

/*
 * Set `*url` to the endpoint URL that is configured for the service,
 * NUL-terminated, and `*from` to where: the variable AWS_ENDPOINT_URL_SERVICE,
 * AWS_ENDPOINT_URL, or the profile, which is its services section, else the
 * profile's own. NULL if there is none, or if the variable
 * AWS_IGNORE_CONFIGURED_ENDPOINT_URLS, else the profile, says to ignore them.
 * It is valid as a setting's value is, `*from` for ever. If the profile's
 * services section is looked for, the config file is read again for it, into
 * what is left of the buffer.
 *
 * Returns
 *   SEGJOB_OK
 *   SEGJOB_CONFIG  the section is missing, has a value where settings should
 *                  be, or does not fit; `profile->message` says which
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_profile_endpoint_url(
    struct segjob_profile *profile, enum segjob_profile_service service,
    const char **url, const char **from);

/*
 * Add the settings of the sso-session section that the profile names, if it
 * names one. The config file is read again for it, into what is left of the
 * buffer.
 *
 * Returns
 *   SEGJOB_OK
 *   SEGJOB_CONFIG  the section is missing, does not fit, or contradicts the
 *                  profile; `profile->message` says which
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_profile_add_sso_session(
    struct segjob_profile *profile);

/* A setting's name as the files spell it; not for SEGJOB_PROFILE_COUNT. */
const char *segjob_profile_setting_name(enum segjob_profile_setting setting);

/*
 * Set `profile->credentials` to the keys in the credentials file, else to those
 * in the config file.
 *
 * Returns
 *   SEGJOB_OK       they are set
 *   SEGJOB_PENDING  the profile has none: try another source
 *   SEGJOB_CONFIG   the secret access key is missing, or a value cannot be
 *                   right, such as one in quotes; `profile->message` says
 *                   which, with the file and line
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_profile_credentials(struct segjob_profile *profile);

/* Overwrite the contents of the buffer. */
void segjob_profile_wipe(struct segjob_profile *profile);

#ifdef __cplusplus
}
#endif

#endif
