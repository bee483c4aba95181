/*
 * Credentials from AWS IAM Roles Anywhere: a device signs a request with the
 * private key of its X.509 certificate, whose authority is a trust anchor of
 * the account, and gets the credentials of a role. It needs no mutual TLS.
 *
 *   const struct segjob_anywhere_config config = {
 *       .service.region = SEGJOB_STR("eu-west-1"),
 *       .trust_anchor_arn = ..., .profile_arn = ..., .role_arn = ...,
 *       .chain = &identity.chain, .key = &identity.key};
 *
 *   segjob_anywhere_init(&anywhere, &config, memory, sizeof(memory));
 *   port.provider = &anywhere.source.provider;
 *
 * The key signs once for each request, in one step of the runner, as it does in
 * a handshake of mutual TLS.
 *
 * Source: IAM Roles Anywhere User Guide, "CreateSession" and "Signing process";
 * lengths and patterns: API Reference, and the model of AWS's SDKs.
 */
#ifndef SEGJOB_ANYWHERE_H
#define SEGJOB_ANYWHERE_H

#include "segjob_source.h"
#include "segjob_tls.h"

#ifdef __cplusplus
extern "C" {
#endif

struct segjob_anywhere_config {
    /*
     * The region is required: that of trust anchor and profile. Without a host
     * it is AWS's own in that region: rolesanywhere.REGION.amazonaws.com.
     */
    struct segjob_config service;
    struct segjob_str trust_anchor_arn;
    struct segjob_str profile_arn;
    struct segjob_str role_arn;
    /* Absent, or 2 to 64 of A-Z a-z 0-9 _ + = , . @ - if the profile allows. */
    struct segjob_str session_name;
    uint32_t duration_s; /* 900 to 43200; 0: as the profile says */
    /*
     * The device's certificate, then the intermediate ones, if any, but not the
     * root. `key` is the certificate's, RSA or ECDSA: any that
     * segjob_tls_present() takes. An opaque key of PSA must allow PKCS #1 1.5
     * or ECDSA with SHA-256. Whether the two belong together is not checked
     * here; segjob_identity_parse() does that.
     */
    mbedtls_x509_crt *chain;
    mbedtls_pk_context *key;
};

/* All members but those of `source` that segjob_source.h names are private. */
struct segjob_anywhere {
    struct segjob_source source;
    struct segjob_anywhere_config config;
    char host[128];
    char date[16];
};

/*
 * Initialize the source; segjob_source_init() describes `buf` and `cap`, which
 * hold the request, too: with a chain of RSA certificates 16 KB. The spans of
 * `config`, chain and key are borrowed as `buf` is.
 *
 * Returns
 *   SEGJOB_OK      set a port's `provider` to `&anywhere->source.provider`
 *   SEGJOB_CONFIG  an ARN, the session's name or duration, or the region is
 *                  invalid, the key cannot sign, or there is no certificate;
 *                  `anywhere->source.message` says which
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_anywhere_init(
    struct segjob_anywhere *anywhere,
    const struct segjob_anywhere_config *config, void *buf, size_t cap);

#ifdef __cplusplus
}
#endif

#endif
