/*
 * Texts for people: names, messages, and the line that explains a failure.
 */
#include <limits.h>

#include "rows.h"

#include <stdlib.h>
#include <string.h>

#define F(field) SEGJOB_FIELD_##field
#define R(rule) SEGJOB_RULE_##rule

static const struct {
    int line;
    const char *name; /* the expected line */
    enum segjob_status status;
    struct segjob_error error;
} rows[] = {
    {__LINE__, "done", SEGJOB_OK, {.tag = 0}},
    {__LINE__, "time ran out", SEGJOB_TIMEOUT, {.tag = 0}},
    {__LINE__,
     "the buffer is too small: bytes needed: 1234",
     SEGJOB_NO_SPACE,
     {.size_needed = 1234}},
    {__LINE__,
     "jobName: is required",
     SEGJOB_INVALID,
     {.field = F(JOB_NAME), .rule = R(REQUIRED)}},
    {__LINE__,
     "jobName: must be letters, digits, - and _, with a letter or digit first, "
     "such as nightly-2026",
     SEGJOB_INVALID,
     {.field = F(JOB_NAME), .rule = R(PATTERN)}},
    {__LINE__,
     "jobName: must be at least 1 character",
     SEGJOB_INVALID,
     {.field = F(JOB_NAME), .rule = R(TOO_SHORT)}},
    {__LINE__,
     "jobName: must be at most 63 characters",
     SEGJOB_INVALID,
     {.field = F(JOB_NAME), .rule = R(TOO_LONG)}},
    {__LINE__,
     "jobName: ",
     SEGJOB_INVALID,
     {.field = F(JOB_NAME), .rule = R(NONE)}},
    {__LINE__,
     "solutionVersionArn: must be an ARN such as "
     "arn:aws:personalize:REGION:ACCOUNT:solution/NAME/ID",
     SEGJOB_INVALID,
     {.field = F(SOLUTION_VERSION_ARN), .rule = R(PATTERN)}},
    {__LINE__,
     "filterArn: must be an ARN such as "
     "arn:aws:personalize:REGION:ACCOUNT:filter/NAME",
     SEGJOB_INVALID,
     {.field = F(FILTER_ARN), .rule = R(PATTERN)}},
    {__LINE__,
     "filterArn: must be well-formed UTF-8",
     SEGJOB_INVALID,
     {.field = F(FILTER_ARN), .rule = R(UTF8)}},
    {__LINE__,
     "roleArn: must be an ARN such as arn:aws:iam::ACCOUNT:role/NAME, ACCOUNT "
     "of 12 digits",
     SEGJOB_INVALID,
     {.field = F(ROLE_ARN), .rule = R(PATTERN)}},
    {__LINE__,
     "jobInput.s3DataSource.path: must be a URI such as s3://BUCKET/FOLDER/",
     SEGJOB_INVALID,
     {.field = F(INPUT_PATH), .rule = R(PATTERN)}},
    {__LINE__,
     "jobInput.s3DataSource.kmsKeyArn: must be an ARN such as "
     "arn:aws:kms:REGION:ACCOUNT:key/ID, ACCOUNT of 12 digits",
     SEGJOB_INVALID,
     {.field = F(INPUT_KMS_KEY_ARN), .rule = R(PATTERN)}},
    {__LINE__,
     "jobOutput.s3DataDestination.path: is required",
     SEGJOB_INVALID,
     {.field = F(OUTPUT_PATH), .rule = R(REQUIRED)}},
    {__LINE__,
     "jobOutput.s3DataDestination.kmsKeyArn: must be at most 2048 characters",
     SEGJOB_INVALID,
     {.field = F(OUTPUT_KMS_KEY_ARN), .rule = R(TOO_LONG)}},
    {__LINE__,
     "tags: must be at most 200 items",
     SEGJOB_INVALID,
     {.field = F(TAGS), .rule = R(TOO_LONG)}},
    {__LINE__,
     "tags: is required",
     SEGJOB_INVALID,
     {.field = F(TAGS), .rule = R(REQUIRED)}},
    {__LINE__,
     "tags[3].tagKey: must be at most 128 characters",
     SEGJOB_INVALID,
     {.field = F(TAG_KEY), .rule = R(TOO_LONG), .tag = 3}},
    {__LINE__,
     "tags[199].tagKey: must differ from the keys before it",
     SEGJOB_INVALID,
     {.field = F(TAG_KEY), .rule = R(DUPLICATE), .tag = 199}},
    {__LINE__,
     "tags[0].tagValue: must not begin with aws:",
     SEGJOB_INVALID,
     {.field = F(TAG_VALUE), .rule = R(RESERVED)}},
    {__LINE__,
     "tags[0].tagValue: must be letters, digits, spaces and _.:/=+-@",
     SEGJOB_INVALID,
     {.field = F(TAG_VALUE), .rule = R(PATTERN)}},
    {__LINE__,
     "region: must be letters, digits and inner hyphens, not only digits, "
     "such as us-east-1",
     SEGJOB_CONFIG,
     {.field = F(REGION), .rule = R(PATTERN)}},
    {__LINE__,
     "endpoint: must be a host name or an IP address",
     SEGJOB_CONFIG,
     {.field = F(ENDPOINT), .rule = R(PATTERN)}},
    {__LINE__,
     "accessKeyId: must be visible ASCII characters except ',' and '/'",
     SEGJOB_CONFIG,
     {.field = F(ACCESS_KEY_ID), .rule = R(PATTERN)}},
    {__LINE__,
     "secretAccessKey: must be visible ASCII characters",
     SEGJOB_CONFIG,
     {.field = F(SECRET_ACCESS_KEY), .rule = R(PATTERN)}},
    {__LINE__,
     "sessionToken: must be at least 1 character",
     SEGJOB_CONFIG,
     {.field = F(SESSION_TOKEN), .rule = R(TOO_SHORT)}},

    {__LINE__,
     "solutionVersionArn: must name a region and an account of 12 digits, from "
     "which the ARN of the job follows",
     SEGJOB_INVALID,
     {.field = F(SOLUTION_VERSION_ARN), .rule = R(NO_JOB_ARN)}},
    {__LINE__,
     "batchSegmentJobArn: is required",
     SEGJOB_INVALID,
     {.field = F(JOB_ARN), .rule = R(REQUIRED)}},
    {__LINE__,
     "batchSegmentJobArn: must be an ARN such as "
     "arn:aws:personalize:REGION:ACCOUNT:batch-segment-job/NAME",
     SEGJOB_INVALID,
     {.field = F(JOB_ARN), .rule = R(PATTERN)}},
    {__LINE__,
     "batchSegmentJobArn: must be at most 256 characters",
     SEGJOB_INVALID,
     {.field = F(JOB_ARN), .rule = R(TOO_LONG)}},
    {__LINE__,
     "filterArn: differs from that of the job which has this name",
     SEGJOB_CONFLICT,
     {.field = F(FILTER_ARN), .rule = R(DIFFERS), .http_status = 200}},
    {__LINE__,
     "numResults: differs from that of the job which has this name",
     SEGJOB_CONFLICT,
     {.field = F(NUM_RESULTS), .rule = R(DIFFERS)}},
    {__LINE__, "another job has this name", SEGJOB_CONFLICT, {.tag = 0}},
    {__LINE__,
     "endpoint: must be loopback without TLS",
     SEGJOB_CONFIG,
     {.field = F(ENDPOINT), .rule = R(NOT_LOOPBACK)}},
    {__LINE__,
     "endpoint: has no FIPS or dual-stack form",
     SEGJOB_CONFIG,
     {.field = F(ENDPOINT), .rule = R(NO_VARIANT)}},
    {__LINE__,
     "expiration: must be an RFC 3339 time such as 2026-01-01T00:00:00Z",
     SEGJOB_PROTOCOL,
     {.field = F(EXPIRATION), .rule = R(PATTERN)}},
    {__LINE__,
     "header: must be visible ASCII characters",
     SEGJOB_INVALID,
     {.field = F(FETCH_HEADER), .rule = R(PATTERN)}},

    {__LINE__,
     "ResourceInUseException (HTTP 400, request 6f2c): Solution is in use",
     SEGJOB_SERVICE,
     {.http_status = 400,
      .code = SEGJOB_STR("ResourceInUseException"),
      .message = SEGJOB_STR("Solution is in use"),
      .request_id = SEGJOB_STR("6f2c")}},
    {__LINE__,
     "Foo (HTTP 400): m",
     SEGJOB_SERVICE,
     {.http_status = 400,
      .code = SEGJOB_STR("Foo"),
      .message = SEGJOB_STR("m")}},
    {__LINE__,
     "Foo (HTTP 400)",
     SEGJOB_SERVICE,
     {.http_status = 400,
      .code = SEGJOB_STR("Foo"),
      .message = SEGJOB_STR("")}},
    {__LINE__, "HTTP 502", SEGJOB_SERVICE, {.http_status = 502}},
    {__LINE__,
     "HTTP 502 (request 6f2c)",
     SEGJOB_SERVICE,
     {.http_status = 502, .request_id = SEGJOB_STR("6f2c")}},
    {__LINE__,
     "HTTP 502 (request 6f2c): m",
     SEGJOB_SERVICE,
     {.http_status = 502,
      .message = SEGJOB_STR("m"),
      .request_id = SEGJOB_STR("6f2c")}},
    {__LINE__,
     "F\\x1b (HTTP 400, request \\x07): a\\x0ab\\x1b[2J\\xff \xc3\xbc\\x00",
     SEGJOB_SERVICE,
     {.http_status = 400,
      .code = SEGJOB_STR("F\x1b"),
      .message = SEGJOB_STR("a\nb\x1b[2J\xff \xc3\xbc\0"),
      .request_id = SEGJOB_STR("\a")}},
    {__LINE__,
     "the response is a redirect, which is never followed (HTTP 307)",
     SEGJOB_REDIRECT,
     {.http_status = 307}},
    {__LINE__,
     "the connection broke (HTTP 200, request 6f2c)",
     SEGJOB_CONNECTION_CLOSED,
     {.http_status = 200, .request_id = SEGJOB_STR("6f2c")}},
    {__LINE__,
     "the response is not one that this service gives",
     SEGJOB_PROTOCOL,
     {.http_status = 0}},
};

/* Every capacity: stores what fits, NUL-terminated; returns the full length. */
static void test_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        size_t len = strlen(rows[i].name);
        struct segjob_client c;

        memset(&c, 0, sizeof(c));
        c.op.status = (int8_t)rows[i].status;
        c.attempt.error = rows[i].error;
        for (size_t cap = 0; cap <= len + 2; cap++) {
            char *buf = malloc(cap + 1);
            size_t shown = cap == 0 ? 0 : len < cap ? len : cap - 1;

            memset(buf, '@', cap + 1);
            ROW(&rows[i], segjob_explain(&c, buf, cap) == len);
            ROW(&rows[i], memcmp(buf, rows[i].name, shown) == 0);
            ROW(&rows[i], buf[shown] == (cap == 0 ? '@' : '\0'));
            ROW(&rows[i], buf[cap] == '@');
            free(buf);
        }
        ROW(&rows[i], segjob_explain(&c, NULL, 0) == len);
    }
}

static void test_line_while_in_progress(void **state)
{
    struct segjob_config config = {.region = SEGJOB_STR("r")};
    struct segjob_create_request request = {
        .job_name = SEGJOB_STR("a"),
        .solution_version_arn = SEGJOB_STR("arn:aws:personalize:r:1:s"),
        .role_arn = SEGJOB_STR("arn:aws:iam::123456789012:role/r"),
        .input = {.path = SEGJOB_STR("s3://i")},
        .output = {.path = SEGJOB_STR("s3://o")},
    };
    struct segjob_client c;
    char work[2048];
    char line[64];

    (void)state;
    assert_int_equal(segjob_init(&c, &config, work, sizeof(work)), SEGJOB_OK);
    assert_int_equal(segjob_create(&c, &request), SEGJOB_PENDING);
    (void)segjob_explain(&c, line, sizeof(line));
    assert_string_equal(line, "in progress");
#ifdef NDEBUG /* else it asserts */
    assert_int_equal(segjob_sent(&c, 1), SEGJOB_MISUSE);
    (void)segjob_explain(&c, line, sizeof(line));
    assert_string_equal(line, "a function was called out of turn: "
                              "the client wants credentials");
    segjob_tick(&c, 1);
    (void)segjob_explain(&c, line, sizeof(line));
    assert_string_equal(line, "in progress");
#endif
}

/* API reference, CreateBatchSegmentJob. */
static void test_field_paths(void **state)
{
    (void)state;
    assert_string_equal(segjob_field_path(SEGJOB_FIELD_JOB_NAME), "jobName");
    assert_string_equal(segjob_field_path(SEGJOB_FIELD_INPUT_KMS_KEY_ARN),
                        "jobInput.s3DataSource.kmsKeyArn");
    assert_string_equal(segjob_field_path(SEGJOB_FIELD_TAG_KEY),
                        "tags[].tagKey");
    assert_string_equal(segjob_field_path(SEGJOB_FIELD_NONE), "");
    assert_string_equal(segjob_field_path((enum segjob_field)99), "?");
    assert_string_equal(segjob_status_name((enum segjob_status)2), "?");
    assert_string_equal(segjob_status_name((enum segjob_status) - 99), "?");
    assert_string_equal(segjob_status_text((enum segjob_status)INT_MIN), "?");
}

/* The header gives the value of each. */
static const struct {
    int line;
    const char *name;
    int value;
    const char *text;
} statuses[] = {
    {__LINE__, "SEGJOB_OK", 0, "done"},
    {__LINE__, "SEGJOB_PENDING", 1, "in progress"},
    {__LINE__, "SEGJOB_INVALID", -1, "a parameter breaks a rule of the API"},
    {__LINE__, "SEGJOB_CONFIG", -2, "the configuration cannot be used"},
    {__LINE__, "SEGJOB_NO_SPACE", -3, "the buffer is too small"},
    {__LINE__, "SEGJOB_MISUSE", -4, "a function was called out of turn"},
    {__LINE__, "SEGJOB_CLOCK", -5, "the clock cannot be right"},
    {__LINE__, "SEGJOB_CRYPTO", -6, "the hash function failed"},
    {__LINE__, "SEGJOB_RESOLVE", -7, "the host name cannot be resolved"},
    {__LINE__, "SEGJOB_CONNECT", -8, "cannot connect"},
    {__LINE__, "SEGJOB_TLS", -9, "the TLS handshake failed"},
    {__LINE__, "SEGJOB_CERTIFICATE", -10,
     "the certificate of the service was refused"},
    {__LINE__, "SEGJOB_CONNECTION_CLOSED", -11, "the connection broke"},
    {__LINE__, "SEGJOB_TIMEOUT", -12, "time ran out"},
    {__LINE__, "SEGJOB_CANCELLED", -13, "cancelled"},
    {__LINE__, "SEGJOB_PROTOCOL", -14,
     "the response is not one that this service gives"},
    {__LINE__, "SEGJOB_REDIRECT", -15,
     "the response is a redirect, which is never followed"},
    {__LINE__, "SEGJOB_SERVICE", -16, "the service refused"},
    {__LINE__, "SEGJOB_CONFLICT", -17, "another job has this name"},
    {__LINE__, "SEGJOB_CREDENTIALS", -18, "there are no credentials"},
    {__LINE__, "SEGJOB_CREDENTIALS_UNAVAILABLE", -19,
     "the source of credentials failed"},
    {__LINE__, "SEGJOB_PROXY", -20, "the proxy refused"},
    {__LINE__, "?", 99, "?"},
    {__LINE__, "?", -99, "?"},
};

static void test_statuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(statuses); i++) {
        const enum segjob_status s = (enum segjob_status)statuses[i].value;

        ROW(&statuses[i], strcmp(segjob_status_name(s), statuses[i].name) == 0);
        ROW(&statuses[i], strcmp(segjob_status_text(s), statuses[i].text) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_line_while_in_progress),
        cmocka_unit_test(test_field_paths),
        cmocka_unit_test(test_statuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
