/*
 * Create a job with credentials from AWS IoT Core's provider, for a device with
 * a private key of this kind:
 *
 *   keys KIND CERTIFICATE KEY IOT-PORT PORT
 *
 *   memory   certificate and key are parsed from memory, PEM or DER
 *   rsa-alt  an RSA key that signs by mbedTLS's callbacks (2.28 and 3)
 *   opaque   an ECDSA key of PSA that cannot be exported (mbedTLS 3.6 with
 *            MBEDTLS_USE_PSA_CRYPTO, and 4)
 *
 * The roots are in AWS_CA_BUNDLE. Prints the number of signatures by callback,
 * and the job's ARN. Exits with 77 if mbedTLS has no such keys.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "segjob_iot.h"
#include "segjob_posix.h"
#include "tls_lines.h"

static struct segjob_posix posix;
static struct segjob_iot iot;
static struct segjob_client client;
static struct segjob_identity identity;
static mbedtls_pk_context kept; /* the key outside of `identity` */
static unsigned signed_by_callback;

static int fail(const char *why)
{
    fprintf(stderr, "keys: %s\n", why);
    return 1;
}

static size_t read_file(const char *path, char *text, size_t cap)
{
    FILE *file = fopen(path, "rb");
    size_t n = 0;

    if (file != NULL) {
        n = fread(text, 1, cap - 1, file);
        fclose(file);
    }
    text[n] = '\0';
    return strstr(text, "-----BEGIN ") != NULL ? n + 1 : n;
}

#if defined(MBEDTLS_PK_RSA_ALT_SUPPORT)
static struct line_element element;

static int use_rsa_alt(void)
{
    element.key = identity.key;
    return line_setup_rsa_alt(&kept, &element);
}
#endif

#if defined(LINE_HAS_OPAQUE_KEYS)
static int use_opaque(void)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    unsigned char copy[64];
    psa_key_id_t id;
    size_t n;

    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_HASH);
    psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_ANY_HASH));
    psa_set_key_type(&attributes,
                     PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(&attributes, 256);
    if (mbedtls_pk_import_into_psa(&identity.key, &attributes, &id) != 0) {
        return 1;
    }
    /* The key must not be exportable. */
    if (psa_export_key(id, copy, sizeof(copy), &n) != PSA_ERROR_NOT_PERMITTED) {
        return 2;
    }
    return line_wrap_key(&kept, id);
}
#endif

/* ----------------------------------------------------------------- program */

static int use_key(const char *kind)
{
    mbedtls_pk_context *key = &identity.key;
    int ret = 0;

    mbedtls_pk_init(&kept);
    if (strcmp(kind, "rsa-alt") == 0) {
#if defined(MBEDTLS_PK_RSA_ALT_SUPPORT)
        ret = use_rsa_alt();
        key = &kept;
#else
        return 77;
#endif
    }
    if (strcmp(kind, "opaque") == 0) {
#if defined(LINE_HAS_OPAQUE_KEYS)
        ret = use_opaque();
        key = &kept;
#else
        return 77;
#endif
    }
    if (ret != 0) {
        return fail("the key cannot be set up");
    }
    return segjob_tls_present(&posix.tls, &identity.chain, key) == SEGJOB_OK
               ? 0
               : fail("the key cannot be presented");
}

static int begin(char *argv[])
{
    static char certificate[16384], key[16384], memory[16384];
    const struct segjob_iot_config config = {
        .endpoint = SEGJOB_STR("localhost"),
        .port = (uint16_t)strtoul(argv[4], NULL, 10),
        .role_alias = SEGJOB_STR("alias"),
        .thing_name = SEGJOB_STR("thing")};
    const size_t certificate_len =
        read_file(argv[2], certificate, sizeof(certificate));
    const size_t len = read_file(argv[3], key, sizeof(key));
    struct segjob_port_error error;

    if (segjob_posix_init(&posix, getenv("AWS_CA_BUNDLE"), NULL) != SEGJOB_OK) {
        return fail(posix.port.error.message);
    }
    if (segjob_identity_parse(&identity, certificate, certificate_len, key, len,
                              posix.port.platform, &error) != SEGJOB_OK) {
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
#if defined(MBEDTLS_PK_RSA_ALT_SUPPORT)
    signed_by_callback = element.signatures;
#endif
    arn = segjob_batch_segment_job_arn(&client);
    printf("%u\n%.*s\n", signed_by_callback, (int)arn.len, arn.ptr);
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
