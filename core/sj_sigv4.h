/*
 * AWS Signature Version 4 for the requests of this service. The canonical
 * request and the string to sign are streamed into SHA-256, never stored.
 *
 * Source: AWS General Reference, "Create a signed AWS API request". The signed
 * headers are `content-type`, `host`, `x-amz-date`, `x-amz-security-token` if
 * there is a session token, and `x-amz-target`.
 */
#ifndef SJ_SIGV4_H
#define SJ_SIGV4_H

#include "segjob.h"
#include "sj_sha256.h"
#include "sj_time.h"
#include "sj_writer.h"

#define SJ_HEX_LEN ((size_t)2 * SJ_SHA256_LEN) /* digits of a digest */

/* The values to be signed, as they are sent. Templates refer to the spans. */
struct sj_sigv4 {
    struct segjob_str host;
    struct segjob_str target;
    struct segjob_str date;      /* YYYYMMDDTHHMMSSZ */
    struct segjob_str day;       /* its first SJ_DATE_LEN bytes */
    struct segjob_str region;    /* the same for each use of a key */
    struct segjob_str signature; /* SJ_HEX_LEN bytes: see sj_sigv4_sign() */
    struct segjob_credentials credentials;
    struct segjob_str body;
    char hex[SJ_HEX_LEN];
};

/* Their marks in a template. */
#define SJ_HOST "\x80"
#define SJ_TARGET "\x81"
#define SJ_DATE "\x82"
#define SJ_DAY "\x83"
#define SJ_REGION "\x84"
#define SJ_SIGNATURE "\x85"
#define SJ_KEY_ID "\x86"
#define SJ_TOKEN "\x88"
#define SJ_IF_TOKEN "\xc8"
#define SJ_END_IF "\xff"

#define SJ_CONTENT_TYPE "application/x-amz-json-1.1"

/* The template of the Authorization field's value. */
#define SJ_ALGORITHM "AWS4-HMAC-SHA256"
#define SJ_SERVICE "personalize"
#define SJ_TERMINATOR "aws4_request"
#define SJ_SCOPE SJ_DAY "/" SJ_REGION "/" SJ_SERVICE "/" SJ_TERMINATOR
#define SJ_SIGNED_HEADERS                       \
    "content-type;host;x-amz-date;" SJ_IF_TOKEN \
    "x-amz-security-token;" SJ_END_IF "x-amz-target"
#define SJ_AUTHORIZATION                               \
    SJ_ALGORITHM " Credential=" SJ_KEY_ID "/" SJ_SCOPE \
                 ", SignedHeaders=" SJ_SIGNED_HEADERS  \
                 ", Signature=" SJ_SIGNATURE

/*
 * Compute `s->signature`, which then points to `s->hex`. `key` must be zeros or
 * from an earlier call. Unless it was derived from the same day and secret, it
 * is derived and stored there.
 *
 * Returns false if the hash function failed.
 */
SEGJOB_MUST_CHECK
bool sj_sigv4_sign(struct sj_sigv4 *s, struct sj_signing_key *key);

#endif
