/*
 * The AWS INI files: settings of one profile out of a file's text.
 *
 * Lines are read as Python's configparser does for the AWS CLI: `name = value`
 * or `name: value`, names without regard to case, comments on lines of their
 * own after # or ;, and lines indented more than the one above as more of its
 * value. Such a value of several lines is nested settings, and none of those
 * that are looked for. A section or setting that stands twice is an error.
 */
#ifndef CLI_INI_H
#define CLI_INI_H

#include <stdbool.h>
#include <stddef.h>

/* The settings that are looked for; each row enumerator and name. */
#define INI_LIST(X)                                       \
    X(ACCESS_KEY_ID, "aws_access_key_id")                 \
    X(SECRET_ACCESS_KEY, "aws_secret_access_key")         \
    X(SESSION_TOKEN, "aws_session_token")                 \
    X(REGION, "region")                                   \
    X(ENDPOINT_URL, "endpoint_url")                       \
    X(CA_BUNDLE, "ca_bundle")                             \
    X(ROLE_ARN, "role_arn")                               \
    X(WEB_IDENTITY_TOKEN_FILE, "web_identity_token_file") \
    X(SSO_ACCOUNT_ID, "sso_account_id")                   \
    X(SSO_SESSION, "sso_session")                         \
    X(CREDENTIAL_PROCESS, "credential_process")

enum ini_setting {
#define INI_ENUM(name, text) INI_##name,
    INI_LIST(INI_ENUM)
#undef INI_ENUM
    INI_COUNT
};

/* What a section holds: NUL-terminated values in the text, NULL if absent. */
struct ini_section {
    bool found;
    const char *value[INI_COUNT];
};

/* Why a text is not such a file, and in which line. */
struct ini_error {
    const char *what;
    int line;
};

/*
 * Read the section of `profile` from `text`, `len` bytes and a NUL behind
 * them, which is changed. `prefixed` if a profile's section is called
 * `profile NAME`, as in the config file (all but `default`).
 *
 * Returns false if the text is malformed anywhere; `error` then says why.
 */
bool ini_read(char *text, size_t len, const char *profile, bool prefixed,
              struct ini_section *section, struct ini_error *error);

/* A setting's name as the file spells it. */
const char *ini_name(enum ini_setting setting);

#endif
