/*
 * A gateway with a certificate of AWS IoT Core: it has no AWS credentials, and
 * gets those of a role for an hour.
 *
 *   gateway ENDPOINT ALIAS THING CERTIFICATE KEY [HOST PORT]
 *
 * ENDPOINT is the account's credentials provider, HOST or HOST:PORT, from
 * `aws iot describe-endpoint --endpoint-type iot:CredentialProvider`; ALIAS is
 * a role alias; CERTIFICATE and KEY are the device's files. HOST and PORT are
 * those of the service; by default AWS's in AWS_REGION.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "segjob_iot.h"
#include "segjob_posix.h"

static struct segjob_posix posix;
static struct segjob_iot iot;
static struct segjob_client client;

static int fail(const char *why)
{
    fprintf(stderr, "gateway: %s\n", why);
    return 1;
}

/* Make the port authenticate by the certificate to get credentials. */
static int use_certificate(char *argv[])
{
    static char memory[16384]; /* credentials, and the response with new ones */
    const char *colon = strchr(argv[1], ':');
    struct segjob_iot_config config = {.endpoint = segjob_cstr(argv[1]),
                                       .role_alias = segjob_cstr(argv[2]),
                                       .thing_name = segjob_cstr(argv[3])};

    if (colon != NULL) {
        config.endpoint.len = (size_t)(colon - argv[1]);
        config.port = (uint16_t)strtoul(colon + 1, NULL, 10);
    }
    if (segjob_posix_identify(&posix, argv[4], argv[5]) != SEGJOB_OK) {
        return fail(posix.port.error.message);
    }
    if (segjob_iot_init(&iot, &config, memory, sizeof(memory)) != SEGJOB_OK) {
        return fail(iot.source.message);
    }
    posix.port.provider = &iot.source.provider;
    return 0;
}

static int fail_job(void)
{
    char why[768];

    segjob_run_explain(&client, &posix.port, why, sizeof(why));
    return fail(why);
}

static int create(const struct segjob_config *config)
{
    static char work[8192];
    const struct segjob_create_request job = {
        .job_name = SEGJOB_STR("nightly-2026-07"),
        .solution_version_arn = SEGJOB_STR(
            "arn:aws:personalize:us-east-1:123456789012:solution/films/1"),
        .role_arn = SEGJOB_STR("arn:aws:iam::123456789012:role/segments"),
        .input = {.path = SEGJOB_STR("s3://bucket/users.json")},
        .output = {.path = SEGJOB_STR("s3://bucket/segments/")}};
    struct segjob_str arn;

    if (segjob_init(&client, config, work, sizeof(work)) != SEGJOB_OK ||
        segjob_create(&client, &job) != SEGJOB_PENDING ||
        segjob_run(&client, &posix.port, 30000) != SEGJOB_OK) {
        return fail_job();
    }
    arn = segjob_batch_segment_job_arn(&client);
    return printf("%.*s\n", (int)arn.len, arn.ptr) < 0;
}

int main(int argc, char *argv[])
{
    const struct segjob_config config = {
        .region = segjob_cstr(getenv("AWS_REGION")),
        .host = segjob_cstr(argc > 7 ? argv[6] : NULL),
        .port = (uint16_t)(argc > 7 ? strtoul(argv[7], NULL, 10) : 0)};
    int code;

    if (argc != 6 && argc != 8) {
        return fail("see the beginning of gateway.c");
    }
    if (segjob_posix_init(&posix, getenv("AWS_CA_BUNDLE"), NULL) != SEGJOB_OK) {
        return fail(posix.port.error.message);
    }
    segjob_tls_set_random(posix.port.platform);
    code = use_certificate(argv);
    if (code == 0) {
        code = create(&config);
        segjob_source_wipe(&iot.source);
    }
    segjob_disconnect(&posix.port);
    segjob_wipe(&client);
    segjob_posix_free(&posix);
    return code;
}
