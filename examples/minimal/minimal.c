#include <stdio.h>
#include <stdlib.h>

#include "segjob_posix.h"

int main(int argc, char *argv[]) /* minimal [HOST PORT]; else AWS's own */
{
    static char work[4096], why[512];
    static struct segjob_posix posix; /* sockets, clock, TLS */
    static struct segjob_client client;
    const struct segjob_credentials credentials = {
        .access_key_id = segjob_cstr(getenv("AWS_ACCESS_KEY_ID")),
        .secret_access_key = segjob_cstr(getenv("AWS_SECRET_ACCESS_KEY")),
        .session_token = segjob_cstr(getenv("AWS_SESSION_TOKEN"))};
    const struct segjob_config config = {
        .region = segjob_cstr(getenv("AWS_REGION")),
        .host = segjob_cstr(argc > 2 ? argv[1] : NULL),
        .port = (uint16_t)(argc > 2 ? strtoul(argv[2], NULL, 10) : 443)};
    const struct segjob_create_request job = {
        .job_name = SEGJOB_STR("nightly-2026-07"),
        .solution_version_arn = SEGJOB_STR(
            "arn:aws:personalize:us-east-1:123456789012:solution/films/1"),
        .role_arn = SEGJOB_STR("arn:aws:iam::123456789012:role/segments"),
        .input = {.path = SEGJOB_STR("s3://bucket/users.json")},
        .output = {.path = SEGJOB_STR("s3://bucket/segments/")}};
    struct segjob_str arn;

    if (segjob_posix_init(&posix, getenv("AWS_CA_BUNDLE"), &credentials) !=
        SEGJOB_OK) {
        fprintf(stderr, "%s\n", posix.port.error.message);
        return 1;
    }
    segjob_tls_set_random(posix.port.platform);
    if (segjob_init(&client, &config, work, sizeof(work)) != SEGJOB_OK ||
        segjob_create(&client, &job) != SEGJOB_PENDING ||
        segjob_run(&client, &posix.port, 30000) != SEGJOB_OK) {
        segjob_run_explain(&client, &posix.port, why, sizeof(why));
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    arn = segjob_batch_segment_job_arn(&client);
    return printf("%.*s\n", (int)arn.len, arn.ptr) < 0;
}
