/*
 * A gateway with a certificate of AWS IoT Core: it holds no AWS keys, and gets
 * those of a role for an hour.
 *
 *   gateway ENDPOINT ALIAS THING CERTIFICATE KEY [HOST PORT]
 *
 * ENDPOINT is the account's credentials provider, HOST or HOST:PORT, as
 * `aws iot describe-endpoint --endpoint-type iot:CredentialProvider` tells it;
 * ALIAS a role alias; CERTIFICATE and KEY are the device's files. HOST and PORT
 * are the service's, else AWS's own in AWS_REGION.
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

/* Have the port show the certificate, and ask for keys there. */
static int take_keys_from(char *argv[])
{
    static char memory[16384]; /* the keys, and the answer with the next ones */
    const char *colon = strchr(argv[1], ':');
    struct segjob_iot_config config = {.endpoint = segjob_str(argv[1]),
                                       .role_alias = segjob_str(argv[2]),
                                       .thing_name = segjob_str(argv[3])};

    if (colon != NULL) {
        config.endpoint.len = (size_t)(colon - argv[1]);
        config.port = (uint16_t)strtoul(colon + 1, NULL, 10);
    }
    if (segjob_posix_identify(&posix, argv[4], argv[5]) != SEGJOB_OK) {
        return fail(posix.port.fault.text);
    }
    if (segjob_iot_init(&iot, &config, memory, sizeof(memory)) != SEGJOB_OK) {
        return fail(iot.source.words);
    }
    posix.port.provider = &iot.source.provider;
    return 0;
}

/* Why the operation failed, with the port's own words if it is to blame. */
static int fail_job(void)
{
    char why[768];
    size_t n = segjob_explain(&client, why, 512);

    if (posix.port.fault.status == segjob_status(&client) && n < 512) {
        snprintf(why + n, sizeof(why) - n, ": %s", posix.port.fault.text);
    }
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
        .region = segjob_str(getenv("AWS_REGION")),
        .host = segjob_str(argc > 7 ? argv[6] : NULL),
        .port = (uint16_t)(argc > 7 ? strtoul(argv[7], NULL, 10) : 0)};
    int code;

    if (argc != 6 && argc != 8) {
        return fail("see the beginning of gateway.c");
    }
    if (segjob_posix_init(&posix, getenv("AWS_CA_BUNDLE"), NULL) != SEGJOB_OK) {
        return fail(posix.port.fault.text);
    }
    code = take_keys_from(argv);
    if (code == 0) {
        code = create(&config);
        segjob_source_wipe(&iot.source);
    }
    segjob_disconnect(&posix.port);
    segjob_wipe(&client);
    segjob_posix_free(&posix);
    return code;
}
