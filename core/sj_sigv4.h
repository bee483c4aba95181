/*
 * AWS Signature Version 4 for the requests of this service, streamed into
 * SHA-256: neither canonical request nor string to sign is ever stored.
 *
 * Source: AWS General Reference, "Create a signed AWS API request". What is
 * signed is `content-type`, `host`, `x-amz-date`, `x-amz-security-token` if
 * there is one, and `x-amz-target`.
 */
#ifndef SJ_SIGV4_H
#define SJ_SIGV4_H

#include "segjob.h"
#include "sj_sha256.h"
#include "sj_writer.h"

#define SJ_CONTENT_TYPE "application/x-amz-json-1.1"

/* What is signed. Spans hold header values just as they are sent. */
struct sj_sigv4 {
    const struct segjob_credentials *credentials;
    struct segjob_str region;
    struct segjob_str host;
    struct segjob_str target;
    struct segjob_str date; /* YYYYMMDDTHHMMSSZ */
    struct segjob_str body;
};

/*
 * Compute the signature. The signing key is taken from `key` if it was derived
 * from the same day, region and secret; otherwise it is derived and kept there.
 *
 * Returns false if the hash function failed.
 */
SEGJOB_MUST_CHECK
bool sj_sigv4_sign(const struct sj_sigv4 *s, struct sj_signing_key *key,
                   unsigned char signature[SJ_SHA256_LEN]);

/* Write the value of the Authorization header. */
void sj_sigv4_write_authorization(struct sj_writer *w, const struct sj_sigv4 *s,
                                  const unsigned char signature[SJ_SHA256_LEN]);

#endif
