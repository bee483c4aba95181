#include <stdio.h>

#include "segjob_zephyr.h"

/* Kept apart from the program in a product: see port/credentials. */
#define ACCESS_KEY_ID "AKIAIOSFODNN7EXAMPLE"
#define SECRET_ACCESS_KEY "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

static const unsigned char root[] = {
#include <root.inc>
};

static struct segjob_sockets port;
static struct segjob_client client;
static mbedtls_x509_crt roots;
static char work[4096]; /* the client's: the request, then the response */

static const struct segjob_credentials credentials = {
    .access_key_id = {ACCESS_KEY_ID, sizeof(ACCESS_KEY_ID) - 1},
    .secret_access_key = {SECRET_ACCESS_KEY, sizeof(SECRET_ACCESS_KEY) - 1}};

static int begin(void)
{
    struct segjob_port_error error;

    if (segjob_tls_start(&error) != SEGJOB_OK) {
        printf("%s\n", error.message);
        return -1;
    }
    mbedtls_x509_crt_init(&roots);
    if (mbedtls_x509_crt_parse_der_nocopy(&roots, root, sizeof(root)) != 0) {
        printf("the trusted certificate cannot be read\n");
        return -1;
    }
    if (segjob_zephyr_init(&port, &roots, &credentials) != SEGJOB_OK) {
        printf("%s\n", port.port.error.message);
        return -1;
    }
    return 0;
}

int main(void)
{
    static char why[512];
    const struct segjob_config config = {.region = SEGJOB_STR("us-east-1")};
    const struct segjob_create_request job = {
        .job_name = SEGJOB_STR("nightly-2026-07"),
        .solution_version_arn = SEGJOB_STR(
            "arn:aws:personalize:us-east-1:123456789012:solution/films/1"),
        .role_arn = SEGJOB_STR("arn:aws:iam::123456789012:role/segments"),
        .input = {.path = SEGJOB_STR("s3://bucket/users.json")},
        .output = {.path = SEGJOB_STR("s3://bucket/segments/")}};
    struct segjob_str arn;

    if (begin() != 0) {
        return 0;
    }
    if (segjob_init(&client, &config, work, sizeof(work)) != SEGJOB_OK ||
        segjob_create(&client, &job) != SEGJOB_PENDING ||
        segjob_run(&client, &port.port, 60000) != SEGJOB_OK) {
        segjob_run_explain(&client, &port.port, why, sizeof(why));
        printf("%s\n", why);
        return 0;
    }
    arn = segjob_batch_segment_job_arn(&client);
    printf("%.*s\n", (int)arn.len, arn.ptr);
    return 0;
}
