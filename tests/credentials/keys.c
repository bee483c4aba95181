/*
 * Create a job with credentials from AWS IoT Core's provider, for a device with
 * a private key of this kind:
 *
 *   keys KIND CERTIFICATE KEY IOT-PORT PORT
 *
 * device.h has the kinds. The roots are in AWS_CA_BUNDLE. Prints the number of
 * signatures by callback, and the job's ARN. Exits with 77 if mbedTLS has no
 * such keys.
 */
#include <stdio.h>
#include <stdlib.h>

#include "device.h"
#include "segjob_iot.h"
#include "segjob_posix.h"

static struct segjob_posix posix;
static struct segjob_iot iot;
static struct segjob_client client;
static struct device device;

static int fail(const char *why)
{
    fprintf(stderr, "keys: %s\n", why);
    return 1;
}

static int use_key(const char *kind)
{
    mbedtls_pk_context *key;
    const int ret = device_key(&device, kind, &key);

    if (ret != 0) {
        return ret == DEVICE_HAS_NO_SUCH_KEY ? ret
                                             : fail("the key cannot be set up");
    }
    return segjob_tls_present(&posix.tls, &device.identity.chain, key) ==
                   SEGJOB_OK
               ? 0
               : fail("the key cannot be presented");
}

static int begin(char *argv[])
{
    static char memory[16384];
    const struct segjob_iot_config config = {
        .endpoint = SEGJOB_STR("localhost"),
        .port = (uint16_t)strtoul(argv[4], NULL, 10),
        .role_alias = SEGJOB_STR("alias"),
        .thing_name = SEGJOB_STR("thing")};
    struct segjob_port_error error;

    if (segjob_posix_init(&posix, getenv("AWS_CA_BUNDLE"), NULL) != SEGJOB_OK) {
        return fail(posix.port.error.message);
    }
    if (device_read(&device, argv[2], argv[3], posix.port.platform, &error) !=
        SEGJOB_OK) {
        return fail(error.message);
    }
    if (segjob_iot_init(&iot, &config, memory, sizeof(memory)) != SEGJOB_OK) {
        return fail(iot.source.message);
    }
    posix.port.provider = &iot.source.provider;
    return use_key(argv[1]);
}

static int create(const char *port)
{
    static char work[8192], why[512];
    const struct segjob_config config = {.region = SEGJOB_STR("us-east-1"),
                                         .host = SEGJOB_STR("localhost"),
                                         .port =
                                             (uint16_t)strtoul(port, NULL, 10)};
    const struct segjob_create_request job = {
        .job_name = SEGJOB_STR("kept"),
        .solution_version_arn = SEGJOB_STR(
            "arn:aws:personalize:us-east-1:123456789012:solution/films/1"),
        .role_arn = SEGJOB_STR("arn:aws:iam::123456789012:role/segments"),
        .input = {.path = SEGJOB_STR("s3://bucket/users.json")},
        .output = {.path = SEGJOB_STR("s3://bucket/segments/")}};
    struct segjob_str arn;

    if (segjob_init(&client, &config, work, sizeof(work)) != SEGJOB_OK ||
        segjob_create(&client, &job) != SEGJOB_PENDING ||
        segjob_run(&client, &posix.port, 300000) != SEGJOB_OK) {
        segjob_run_explain(&client, &posix.port, why, sizeof(why));
        return fail(why);
    }
    arn = segjob_batch_segment_job_arn(&client);
    printf("%u\n%.*s\n", device_signatures(&device), (int)arn.len, arn.ptr);
    return 0;
}

int main(int argc, char *argv[])
{
    int code = argc == 6 ? begin(argv) : fail("KIND CERTIFICATE KEY PORT PORT");

    if (code == 0) {
        code = create(argv[5]);
    }
    segjob_disconnect(&posix.port);
    return code;
}
