/*
 * The request that is measured: its body has 600 bytes.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include <string.h>

#include "segjob.h"

#define BODY_LEN 600u
#define KEY_ARN                              \
    "arn:aws:kms:us-east-1:123456789012:key" \
    "/01234567-89ab-cdef-0123-456789abcdef"  \
    "-0123456789abcdef0123456789abcdef"

#define REGION "us-east-1"
#define KEY_ID "AKIDEXAMPLE"
#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

static const struct segjob_credentials credentials = {
    .access_key_id = SEGJOB_STR(KEY_ID),
    .secret_access_key = SEGJOB_STR(SECRET),
};

static const struct segjob_create_request request = {
    .job_name = SEGJOB_STR("nightly-2026-07"),
    .solution_version_arn = SEGJOB_STR(
        "arn:aws:personalize:us-east-1:123456789012:solution/users/0123abcd"),
    .role_arn = SEGJOB_STR("arn:aws:iam::123456789012:role/PersonalizeRole"),
    .input = {.path = SEGJOB_STR(
                  "s3://bucket/exports/2026/07/01/at/0000Z/x/users.json"),
              .kms_key_arn = SEGJOB_STR(KEY_ARN)},
    .output = {.path = SEGJOB_STR("s3://bucket/segments/"),
               .kms_key_arn = SEGJOB_STR(KEY_ARN)},
    .has_num_results = true,
    .num_results = 100,
};

/* The body of the request that a client is about to send. */
static inline struct segjob_str body_of(const struct segjob_client *c)
{
    struct segjob_str tx = segjob_tx(c);

    while (tx.len > 4 && memcmp(tx.ptr, "\r\n\r\n", 4) != 0) {
        tx.ptr++;
        tx.len--;
    }
    return (struct segjob_str){tx.ptr + 4, tx.len - 4};
}

#endif
