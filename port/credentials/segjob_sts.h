/*
 * Credentials from AWS STS: those of a role that is assumed with other
 * credentials (AssumeRole), or with a token that names the device to an OpenID
 * Connect provider (AssumeRoleWithWebIdentity).
 *
 *   struct segjob_sts_config config = {
 *       .service.region = SEGJOB_STR("eu-west-1"),
 *       .role_arn = SEGJOB_STR("arn:aws:iam::123456789012:role/segments"),
 *       .base = &container.source.provider};
 *
 *   segjob_sts_init(&sts, &config, memory, sizeof(memory));
 *   port.provider = &sts.source.provider;
 *
 * A role can be assumed with the credentials of another: `base` is then the
 * provider of another struct segjob_sts, whose memory is its own.
 *
 * Source: AWS STS API Reference, AssumeRole and AssumeRoleWithWebIdentity.
 */
#ifndef SEGJOB_STS_H
#define SEGJOB_STS_H

#include "segjob_sign.h"
#include "segjob_source.h"

#ifdef __cplusplus
extern "C" {
#endif

struct segjob_sts_config {
    /*
     * Where STS is. `host` absent: the regional endpoint of `region`, with its
     * FIPS or dual-stack variant. `region` is required for AssumeRole. `plain`
     * is for loopback.
     */
    struct segjob_config service;
    struct segjob_str role_arn; /* required: 20 to 2048 characters */
    /* 2 to 64 of A-Z a-z 0-9 _ = , . @ + -; absent: one is made of the time */
    struct segjob_str session_name;
    /* Of AssumeRole, or absent: 2 to 1224 of A-Z a-z 0-9 _ = , . @ : / + - */
    struct segjob_str external_id;
    struct segjob_str policy; /* JSON, or absent */
    uint32_t duration_s;      /* 900 to 43200; 0: STS's default, an hour */
    /* What signs AssumeRole: a provider, which then serves no port; or
     * credentials that do not change. */
    struct segjob_provider *base;
    const struct segjob_credentials *credentials;
    /*
     * In place of both: set `*token` to a token of 4 to 20000 visible ASCII
     * characters, read anew before each request, into the `cap` bytes at `room`
     * or elsewhere. Returns NULL, or a message, valid until the next call. For
     * a file see segjob_token_file.h.
     */
    const char *(*read_token)(void *arg, char *room, size_t cap,
                              struct segjob_str *token);
    void *arg;
};

struct segjob_sts {
    struct segjob_source source;
    struct segjob_sts_config config;
    char host[128];
    char session_name[40];
    char date[SEGJOB_SIGN_DATE_LEN];
};

/*
 * Initialize the source; segjob_source_init() describes `buf` and `cap`. The
 * spans of `config`, and what its pointers point to, are borrowed as `buf` is.
 * The buffer has the request twice, and a web identity token once more. `sts`
 * must not be copied or moved afterwards.
 *
 * Returns
 *   SEGJOB_OK      set a port's `provider` to `&sts->source.provider`
 *   SEGJOB_CONFIG  a value breaks a rule of the above;
 *                  `sts->source.message` says which
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_sts_init(struct segjob_sts *sts,
                                   const struct segjob_sts_config *config,
                                   void *buf, size_t cap);

#ifdef __cplusplus
}
#endif

#endif
