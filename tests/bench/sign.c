/*
 * sign N: signed requests with a body of 600 bytes, one and then N more, for a
 * tool that counts the instructions of one_request() and of sj_sigv4_sign().
 */
#include <stdio.h>
#include <stdlib.h>

#include "segjob.h"

#define BODY_LEN 600u

static char work[4096];
static char key_arn[] =
    "arn:aws:kms:us-east-1:123456789012:key/"
    "01234567-89ab-cdef-0123-456789abcdef-0123456789abcdef0123456789abcdef";

static const struct segjob_config config = {.region = SEGJOB_STR("us-east-1")};

static const struct segjob_credentials credentials = {
    .access_key_id = SEGJOB_STR("AKIDEXAMPLE"),
    .secret_access_key = SEGJOB_STR("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
};

static struct segjob_create_request request = {
    .job_name = SEGJOB_STR("nightly-2026-07"),
    .solution_version_arn = SEGJOB_STR(
        "arn:aws:personalize:us-east-1:123456789012:solution/users/0123abcd"),
    .role_arn = SEGJOB_STR("arn:aws:iam::123456789012:role/PersonalizeRole"),
    .input = {.path = SEGJOB_STR(
                  "s3://bucket/exports/2026/07/01/at/0000Z/x/users.json")},
    .output = {.path = SEGJOB_STR("s3://bucket/segments/")},
    .has_num_results = true,
    .num_results = 100,
};

/* What a device does for one request, but for the network. */
__attribute__((noinline)) static bool one_request(struct segjob_client *c)
{
    return segjob_create(c, &request) == SEGJOB_PENDING &&
           segjob_set_credentials(c, &credentials) == SEGJOB_PENDING &&
           segjob_connected(c, 1767225600) == SEGJOB_PENDING;
}

static size_t body_len(const struct segjob_client *c)
{
    const struct segjob_str tx = segjob_tx(c);
    size_t n = 0;

    while (n + 4 <= tx.len && memcmp(tx.ptr + n, "\r\n\r\n", 4) != 0) {
        n++;
    }
    return tx.len - n - 4;
}

int main(int argc, char **argv)
{
    const int n = argc > 1 ? atoi(argv[1]) : 0;
    struct segjob_client c;

    request.input.kms_key_arn = segjob_str(key_arn);
    request.output.kms_key_arn = segjob_str(key_arn);
    if (segjob_init(&c, &config, work, sizeof(work)) != SEGJOB_OK) {
        return 1;
    }
    for (int i = 0; i <= n; i++) {
        if (!one_request(&c)) {
            return 1;
        }
        if (body_len(&c) != BODY_LEN) {
            fprintf(stderr, "sign: the body has %zu bytes\n", body_len(&c));
            return 1;
        }
        segjob_cancel(&c);
        segjob_closed(&c);
    }
    return 0;
}
