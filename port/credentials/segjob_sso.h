/*
 * Credentials of AWS IAM Identity Center (SSO), on POSIX systems: those of a
 * role, for the person who has signed in by `aws sso login`.
 *
 *   const struct segjob_sso_config config = {
 *       .service.region = SEGJOB_STR("eu-west-1"),
 *       .session = "team",
 *       .account_id = "123456789012",
 *       .role_name = "segments"};
 *
 *   segjob_sso_init(&sso, &config, memory, sizeof(memory));
 *   port.provider = &sso.source.provider;
 *
 * The AWS CLI caches the token of a session in a file below ~/.aws/sso/cache.
 * The source reads the file before each request, so that a token that was
 * renewed meanwhile is used. It renews no token itself: that needs a person, or
 * the session's refresh token, which the AWS CLI and AWS's SDKs use. If the
 * token is missing or has expired, the error message names the command that
 * renews it.
 *
 * Source: AWS SDKs and Tools Reference Guide, "IAM Identity Center credential
 * provider"; IAM Identity Center Portal API Reference, GetRoleCredentials.
 */
#ifndef SEGJOB_SSO_H
#define SEGJOB_SSO_H

#include "segjob_source.h"

#ifdef __cplusplus
extern "C" {
#endif

/* All texts are NUL-terminated. */
struct segjob_sso_config {
    /* Its region is `sso_region`. Host absent: that of the region's portal. */
    struct segjob_config service;
    const char *session;   /* the name of the sso-session, or NULL ... */
    const char *start_url; /* ... for a profile with `sso_start_url` alone */
    const char *account_id;
    const char *role_name;
    const char *profile; /* for the command in error messages, or NULL */
};

struct segjob_sso {
    struct segjob_source source;
    /* Private. */
    struct segjob_sso_config config;
    char host[128];
    char target[512]; /* of the request: its path and query */
    char path[1024];  /* of the cached token */
    char error[SEGJOB_SOURCE_MESSAGE_MAX];
};

/*
 * Initialize the source; segjob_source_init() describes `buf` and `cap`. The
 * buffer must have room for the file with the token, too: 16 KB are enough. The
 * texts of `config` are borrowed as `buf` is. The home directory is that of
 * HOME.
 *
 * Returns
 *   SEGJOB_OK      set a port's `provider` to `&sso->source.provider`
 *   SEGJOB_CONFIG  a text is missing or too long, the region or host is
 *                  invalid, HOME is not set, or mbedTLS has no SHA-1, which
 *                  names the file; `sso->source.message` says which
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_sso_init(struct segjob_sso *sso,
                                   const struct segjob_sso_config *config,
                                   void *buf, size_t cap);

#ifdef __cplusplus
}
#endif

#endif
