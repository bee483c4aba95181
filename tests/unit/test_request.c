/*
 * The rules of the fields, and the bytes of the request. Rules: API reference,
 * CreateBatchSegmentJob, S3DataConfig and Tag; DescribeBatchSegmentJob and
 * ListBatchSegmentJobs. The bodies were checked with Python's json.loads().
 */
#include "rows.h"

#include <stdlib.h>
#include <string.h>

#include "sj_sigv4.h"
#include "sj_body.h"
#include "sj_check.h"
#include "sj_head.h"

#define X32 "abcdefghijklmnopqrstuvwxyz012345"
#define X63 X32 "abcdefghijklmnopqrstuvwxyz01234"
#define X64 X32 X32
#define X128 X64 X64
#define X256 X128 X128
#define X2048 X256 X256 X256 X256 X256 X256 X256 X256
#define U8                                                             \
    "\xf0\x90\x90\x80\xf0\x90\x90\x80\xf0\x90\x90\x80\xf0\x90\x90\x80" \
    "\xf0\x90\x90\x80\xf0\x90\x90\x80\xf0\x90\x90\x80\xf0\x90\x90\x80"
#define U128 U8 U8 U8 U8 U8 U8 U8 U8 U8 U8 U8 U8 U8 U8 U8 U8
#define A_VERSION "arn:aws:personalize:us-east-1:123456789012:solution/s/v"
#define A_ROLE "arn:aws:iam::123456789012:role/r"
#define A_KEY "arn:aws:kms:us-east-1:123456789012:key/k"

static const struct segjob_tag two_tags[] = {
    {SEGJOB_STR("k"), SEGJOB_STR("v")},
    {SEGJOB_STR("K"), SEGJOB_STR("")},
};

/* Has every field. */
static const struct segjob_create_request full = {
    .job_name = SEGJOB_STR("nightly-2026_07"),
    .solution_version_arn = SEGJOB_STR(A_VERSION),
    .filter_arn = SEGJOB_STR("arn:aws:personalize:us-east-1:1:filter/f"),
    .role_arn = SEGJOB_STR(A_ROLE),
    .input = {.path = SEGJOB_STR("s3://bucket/users.json"),
              .kms_key_arn = SEGJOB_STR(A_KEY "1")},
    .output = {.path = SEGJOB_STR("s3://bucket/segments/"),
               .kms_key_arn = SEGJOB_STR(A_KEY "2")},
    .has_num_results = true,
    .num_results = 25,
    .tags = two_tags,
    .tags_len = 2,
};

/* ----------------------------------------------------------------- fields */

/* The place of a field in a request; those of tags are in tags[1]. */
static struct segjob_str *field_of(struct segjob_create_request *r,
                                   struct segjob_tag *tag,
                                   enum segjob_field field)
{
    switch ((int)field) {
    case SEGJOB_FIELD_JOB_NAME:
        return &r->job_name;
    case SEGJOB_FIELD_SOLUTION_VERSION_ARN:
        return &r->solution_version_arn;
    case SEGJOB_FIELD_FILTER_ARN:
        return &r->filter_arn;
    case SEGJOB_FIELD_ROLE_ARN:
        return &r->role_arn;
    case SEGJOB_FIELD_INPUT_PATH:
        return &r->input.path;
    case SEGJOB_FIELD_INPUT_KMS_KEY_ARN:
        return &r->input.kms_key_arn;
    case SEGJOB_FIELD_OUTPUT_PATH:
        return &r->output.path;
    case SEGJOB_FIELD_OUTPUT_KMS_KEY_ARN:
        return &r->output.kms_key_arn;
    case SEGJOB_FIELD_TAG_KEY:
        return &tag->key;
    default:
        return &tag->value;
    }
}

#define F(field) SEGJOB_FIELD_##field
#define R(rule) SEGJOB_RULE_##rule
#define IS(field, rule, text)                                           \
    {                                                                   \
        __LINE__, #field " " #rule, F(field), R(rule), SEGJOB_STR(text) \
    }
#define ABSENT(field, rule)                            \
    {                                                  \
        __LINE__, #field " absent", F(field), R(rule), \
        {                                              \
            NULL, 0                                    \
        }                                              \
    }

static const struct {
    int line;
    const char *name;
    enum segjob_field field;
    enum segjob_rule rule;
    struct segjob_str value;
} fields[] = {
    ABSENT(JOB_NAME, REQUIRED),
    IS(JOB_NAME, NONE, "a"),
    IS(JOB_NAME, NONE, X63),
    IS(JOB_NAME, TOO_SHORT, ""),
    IS(JOB_NAME, TOO_LONG, X64),
    IS(JOB_NAME, PATTERN, "-a"),
    IS(JOB_NAME, PATTERN, "a\n"),
    IS(JOB_NAME, PATTERN, "a\0"),
    IS(JOB_NAME, PATTERN, "\xc3\xbc"),
    IS(JOB_NAME, UTF8, "a\xff"),
    IS(JOB_NAME, UTF8, X64 "\xff"),

    ABSENT(SOLUTION_VERSION_ARN, REQUIRED),
    IS(SOLUTION_VERSION_ARN, NONE, A_VERSION),
    IS(SOLUTION_VERSION_ARN, NONE,
       "arn:aws:personalize:::" X128 X64 X32 "123456789\xc3\xbc"),
    IS(SOLUTION_VERSION_ARN, TOO_LONG,
       "arn:aws:personalize:::" X128 X64 X32 "123456789\xc3\xbcx"),
    IS(SOLUTION_VERSION_ARN, PATTERN, ""),
    IS(SOLUTION_VERSION_ARN, PATTERN, A_VERSION "\r"),
    IS(SOLUTION_VERSION_ARN, PATTERN, A_ROLE),
    IS(SOLUTION_VERSION_ARN, UTF8, A_VERSION "\xed\xa0\x80"),

    ABSENT(FILTER_ARN, NONE),
    IS(FILTER_ARN, NONE, A_VERSION),
    IS(FILTER_ARN, TOO_LONG, A_VERSION X256),
    IS(FILTER_ARN, PATTERN, ""),
    IS(FILTER_ARN, UTF8, A_VERSION "\xc0\xaf"),

    ABSENT(ROLE_ARN, REQUIRED),
    IS(ROLE_ARN, NONE, A_ROLE),
    IS(ROLE_ARN, NONE, A_ROLE X128 X64 X32),
    IS(ROLE_ARN, TOO_LONG, A_ROLE X128 X64 X32 "x"),
    IS(ROLE_ARN, PATTERN, ""),
    IS(ROLE_ARN, PATTERN, A_VERSION),
    IS(ROLE_ARN, UTF8, A_ROLE "\x80"),

    ABSENT(INPUT_PATH, REQUIRED),
    IS(INPUT_PATH, NONE, "s3://a"),
    IS(INPUT_PATH, NONE, "http://" X128 X64 X32 "abcdefghijklmnopqrstuvwxy"),
    IS(INPUT_PATH, TOO_LONG,
       "http://" X128 X64 X32 "abcdefghijklmnopqrstuvwxyz"),
    IS(INPUT_PATH, PATTERN, ""),
    IS(INPUT_PATH, PATTERN, "/a"),
    IS(INPUT_PATH, UTF8, "s3://\xf4\x90\x80\x80"),

    ABSENT(OUTPUT_PATH, REQUIRED),
    IS(OUTPUT_PATH, NONE, "https://a"),
    IS(OUTPUT_PATH, TOO_LONG, "s3://" X256),
    IS(OUTPUT_PATH, PATTERN, "s3://"),
    IS(OUTPUT_PATH, UTF8, "s3://\xe2\x82"),

    ABSENT(INPUT_KMS_KEY_ARN, NONE),
    IS(INPUT_KMS_KEY_ARN, NONE, A_KEY),
    IS(INPUT_KMS_KEY_ARN, TOO_LONG, A_KEY X2048),
    IS(INPUT_KMS_KEY_ARN, PATTERN, ""),
    IS(INPUT_KMS_KEY_ARN, UTF8, A_KEY "\xff"),
    ABSENT(OUTPUT_KMS_KEY_ARN, NONE),
    IS(OUTPUT_KMS_KEY_ARN, NONE,
       "arn:aws:kms::123456789012:key/" X256 X256 X256 X256 X256 X256 X256 X128
           X64 X32 "\xc3\xbc\xc3\xbc"),
    IS(OUTPUT_KMS_KEY_ARN, TOO_LONG,
       "arn:aws:kms::123456789012:key/" X256 X256 X256 X256 X256 X256 X256 X128
           X64 X32 "abc"),
    IS(OUTPUT_KMS_KEY_ARN, PATTERN, A_ROLE),
    IS(OUTPUT_KMS_KEY_ARN, UTF8, A_KEY "\xff"),

    ABSENT(TAG_KEY, REQUIRED),
    IS(TAG_KEY, NONE, " "),
    IS(TAG_KEY, NONE, X128),
    IS(TAG_KEY, NONE, U128),
    IS(TAG_KEY, NONE, "K"),
    IS(TAG_KEY, NONE, "aws"),
    IS(TAG_KEY, NONE, "AWS:a"),
    IS(TAG_KEY, NONE, "a:aws:"),
    IS(TAG_KEY, TOO_SHORT, ""),
    IS(TAG_KEY, TOO_LONG, X128 "x"),
    IS(TAG_KEY, TOO_LONG, U128 "x"),
    IS(TAG_KEY, PATTERN, "a,b"),
    IS(TAG_KEY, UTF8, "\xff"),
    IS(TAG_KEY, RESERVED, "aws:"),
    IS(TAG_KEY, RESERVED, "aws:a"),
    IS(TAG_KEY, DUPLICATE, "k"),
    ABSENT(TAG_VALUE, REQUIRED),
    IS(TAG_VALUE, NONE, ""),
    IS(TAG_VALUE, NONE, "k"),
    IS(TAG_VALUE, NONE, U128 X128),
    IS(TAG_VALUE, TOO_LONG, U128 U128 "x"),
    IS(TAG_VALUE, PATTERN, "\n"),
    IS(TAG_VALUE, UTF8, "\xc3"),
    IS(TAG_VALUE, RESERVED, "aws:"),
};

static void test_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(fields); i++) {
        struct segjob_tag tags[2] = {two_tags[0], two_tags[1]};
        struct segjob_create_request request = full;
        struct segjob_error e = {.tag = 0};
        bool is_tag = fields[i].field == SEGJOB_FIELD_TAG_KEY ||
                      fields[i].field == SEGJOB_FIELD_TAG_VALUE;
        bool ok;

        request.tags = tags;
        *field_of(&request, &tags[1], fields[i].field) = fields[i].value;
        ok = sj_check_request(&request, &e);
        ROW(&fields[i], ok == (fields[i].rule == SEGJOB_RULE_NONE));
        ROW(&fields[i], e.rule == fields[i].rule);
        ROW(&fields[i], e.field == (ok ? SEGJOB_FIELD_NONE : fields[i].field));
        ROW(&fields[i], e.tag == (!ok && is_tag ? 1 : 0));
    }
}

/* More than 50 tags are left to the service; more than 200 are rejected. */
static void test_number_of_tags(void **state)
{
    static char keys[201][4];
    static struct segjob_tag tags[201];
    struct segjob_create_request request = full;
    struct segjob_error e = {.tag = 0};

    (void)state;
    for (size_t i = 0; i < LENGTH(tags); i++) {
        keys[i][0] = (char)('0' + i / 100);
        keys[i][1] = (char)('0' + i / 10 % 10);
        keys[i][2] = (char)('0' + i % 10);
        tags[i].key = segjob_cstr(keys[i]);
        tags[i].value = segjob_cstr("");
    }
    request.tags = tags;
    request.tags_len = 200;
    assert_true(sj_check_request(&request, &e));
    request.tags_len = 0;
    assert_true(sj_check_request(&request, &e));
    request.tags_len = 201;
    assert_false(sj_check_request(&request, &e));
    assert_int_equal(e.field, SEGJOB_FIELD_TAGS);
    assert_int_equal(e.rule, SEGJOB_RULE_TOO_LONG);
    assert_int_equal(e.tag, 0);
    tags[199].key = tags[7].key;
    request.tags_len = 200;
    assert_false(sj_check_request(&request, &e));
    assert_int_equal(e.field, SEGJOB_FIELD_TAG_KEY);
    assert_int_equal(e.rule, SEGJOB_RULE_DUPLICATE);
    assert_int_equal(e.tag, 199);
}

static void test_tags_absent(void **state)
{
    struct segjob_create_request request = full;
    struct segjob_error e = {.tag = 0};

    (void)state;
    request.tags = NULL;
    assert_false(sj_check_request(&request, &e));
    assert_int_equal(e.field, SEGJOB_FIELD_TAGS);
    assert_int_equal(e.rule, SEGJOB_RULE_REQUIRED);
    request.tags_len = 0;
    assert_true(sj_check_request(&request, &e));
}

/* The first invalid field is reported, in the order of the request syntax. */
static void test_nothing_given(void **state)
{
    static const struct segjob_create_request nothing = {.tags = NULL};
    struct segjob_error e = {.tag = 0};

    (void)state;
    assert_false(sj_check_request(&nothing, &e));
    assert_int_equal(e.field, SEGJOB_FIELD_JOB_NAME);
    assert_int_equal(e.rule, SEGJOB_RULE_REQUIRED);
}

/* ---------------------------------------------------------- ARNs of jobs */

#define A_JOB "arn:aws:personalize:us-east-1:123456789012:batch-segment-job/j"

static const struct {
    int line;
    const char *name;
    enum segjob_field field;
    enum segjob_rule rule;
    struct segjob_str value;
} arns[] = {
    ABSENT(JOB_ARN, REQUIRED),
    IS(JOB_ARN, NONE, A_JOB),
    IS(JOB_ARN, NONE,
       "arn:aws:personalize:::" X128 X64 X32 "123456789\xc3\xbc"),
    IS(JOB_ARN, TOO_LONG,
       "arn:aws:personalize:::" X128 X64 X32 "123456789\xc3\xbcx"),
    IS(JOB_ARN, PATTERN, ""),
    IS(JOB_ARN, PATTERN, A_JOB "\n"),
    IS(JOB_ARN, PATTERN, A_ROLE),
    IS(JOB_ARN, UTF8, A_JOB "\xff"),
    ABSENT(SOLUTION_VERSION_ARN, REQUIRED),
    IS(SOLUTION_VERSION_ARN, NONE, A_VERSION),
    IS(SOLUTION_VERSION_ARN, PATTERN, "arn"),
};

static void test_arns(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(arns); i++) {
        struct segjob_error e = {.tag = 0};
        bool ok = sj_check_arn(arns[i].value, arns[i].field, &e);

        ROW(&arns[i], ok == (arns[i].rule == SEGJOB_RULE_NONE));
        ROW(&arns[i], e.rule == arns[i].rule);
        ROW(&arns[i], ok || e.field == arns[i].field);
    }
}

static void test_derivable(void **state)
{
    struct segjob_create_request request = full;
    struct segjob_error e = {.tag = 0};

    (void)state;
    assert_true(sj_check_derivable(&request, &e));
    assert_int_equal(e.field, SEGJOB_FIELD_NONE);
    assert_int_equal(e.rule, SEGJOB_RULE_NONE);
    request.solution_version_arn = segjob_cstr("arn:aws:personalize:::s");
    assert_false(sj_check_derivable(&request, &e));
    assert_int_equal(e.field, SEGJOB_FIELD_SOLUTION_VERSION_ARN);
    assert_int_equal(e.rule, SEGJOB_RULE_NO_JOB_ARN);
}

/* ------------------------------------------- configuration and credentials */

static const struct {
    int line;
    const char *name;
    enum segjob_field field;
    enum segjob_rule rule;
    struct segjob_str value;
} settings[] = {
    ABSENT(REGION, REQUIRED),
    IS(REGION, NONE, "us-east-1"),
    IS(REGION, NONE, X63),
    IS(REGION, TOO_SHORT, ""),
    IS(REGION, TOO_LONG, X64),
    IS(REGION, PATTERN, "us.east"),
    IS(REGION, PATTERN, "123"),
    IS(REGION, PATTERN, "a\r\nb"),
    IS(REGION, PATTERN, "-a"),
    IS(REGION, UTF8, "\xff"),
    ABSENT(ENDPOINT, NONE),
    IS(ENDPOINT, NONE, "localhost"),
    IS(ENDPOINT, NONE, "127.0.0.1"),
    IS(ENDPOINT, TOO_SHORT, ""),
    IS(ENDPOINT, TOO_LONG, X63 "." X63 "." X63 "." X63),
    IS(ENDPOINT, PATTERN, X64),
    IS(ENDPOINT, PATTERN, "a..b"),
    IS(ENDPOINT, PATTERN, "a\r\nX: b"),
    IS(ENDPOINT, PATTERN, "https://a"),
    IS(ENDPOINT, UTF8, "\xff"),
    ABSENT(ACCESS_KEY_ID, REQUIRED),
    IS(ACCESS_KEY_ID, NONE, "A"),
    IS(ACCESS_KEY_ID, NONE, X128),
    IS(ACCESS_KEY_ID, TOO_SHORT, ""),
    IS(ACCESS_KEY_ID, TOO_LONG, X128 "x"),
    IS(ACCESS_KEY_ID, PATTERN, "A/B"),
    IS(ACCESS_KEY_ID, PATTERN, "A,B"),
    IS(ACCESS_KEY_ID, PATTERN, "A B"),
    IS(ACCESS_KEY_ID, PATTERN, "A\r\nX: y"),
    IS(ACCESS_KEY_ID, PATTERN, "\xc3\xbc"),
    IS(ACCESS_KEY_ID, UTF8, "\xff"),
    ABSENT(SECRET_ACCESS_KEY, REQUIRED),
    IS(SECRET_ACCESS_KEY, NONE, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
    IS(SECRET_ACCESS_KEY, NONE, "!~,/"),
    IS(SECRET_ACCESS_KEY, NONE, X2048),
    IS(SECRET_ACCESS_KEY, TOO_SHORT, ""),
    IS(SECRET_ACCESS_KEY, PATTERN, "a b"),
    IS(SECRET_ACCESS_KEY, PATTERN, "a\n"),
    IS(SECRET_ACCESS_KEY, PATTERN, "a\x7f"),
    IS(SECRET_ACCESS_KEY, PATTERN, "\0"),
    IS(SECRET_ACCESS_KEY, UTF8, "\xff"),
    ABSENT(SESSION_TOKEN, NONE),
    IS(SESSION_TOKEN, NONE, "t"),
    IS(SESSION_TOKEN, NONE, X2048),
    IS(SESSION_TOKEN, TOO_SHORT, ""),
    IS(SESSION_TOKEN, PATTERN, "t\r\nX: y"),
    IS(SESSION_TOKEN, PATTERN, "t "),
    IS(SESSION_TOKEN, PATTERN, "\xc2\xa0"),
    IS(SESSION_TOKEN, UTF8, "\xff"),
};

static bool check_setting(enum segjob_field field, struct segjob_str value,
                          struct segjob_error *e)
{
    struct segjob_config config = {.region = SEGJOB_STR("r")};
    struct segjob_credentials credentials = {
        .access_key_id = SEGJOB_STR("A"),
        .secret_access_key = SEGJOB_STR("S"),
    };

    switch ((int)field) {
    case SEGJOB_FIELD_REGION:
        config.region = value;
        break;
    case SEGJOB_FIELD_ENDPOINT:
        config.host = value;
        break;
    case SEGJOB_FIELD_ACCESS_KEY_ID:
        credentials.access_key_id = value;
        break;
    case SEGJOB_FIELD_SECRET_ACCESS_KEY:
        credentials.secret_access_key = value;
        break;
    default:
        credentials.session_token = value;
        break;
    }
    return sj_check_config(&config, true, e) &&
           sj_check_credentials(&credentials, e);
}

static void test_settings(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(settings); i++) {
        struct segjob_error e = {.tag = 0};
        bool ok = check_setting(settings[i].field, settings[i].value, &e);

        ROW(&settings[i], ok == (settings[i].rule == SEGJOB_RULE_NONE));
        ROW(&settings[i], e.rule == settings[i].rule);
        ROW(&settings[i], ok || e.field == settings[i].field);
    }
}

/* ------------------------------------------------------------------- body */

static const struct segjob_create_request least = {
    .job_name = SEGJOB_STR("n"),
    .solution_version_arn = SEGJOB_STR(A_VERSION),
    .role_arn = SEGJOB_STR(A_ROLE),
    .input = {.path = SEGJOB_STR("s3://a\"\\\t")},
    .output = {.path = SEGJOB_STR("s3://\xc3\xbc/")},
};

static const struct segjob_create_request no_tags = {
    .job_name = SEGJOB_STR("n"),
    .solution_version_arn = SEGJOB_STR(A_VERSION),
    .role_arn = SEGJOB_STR(A_ROLE),
    .input = {.path = SEGJOB_STR("s3://i")},
    .output = {.path = SEGJOB_STR("s3://o")},
    .has_num_results = true,
    .num_results = INT32_MIN,
    .tags = two_tags,
};

static const struct {
    int line;
    const char *name;
    const struct segjob_create_request *request;
    const char *body;
} bodies[] = {
    {__LINE__, "least", &least,
     "{\"jobName\":\"n\",\"solutionVersionArn\":\"" A_VERSION "\","
     "\"jobInput\":{\"s3DataSource\":{\"path\":\"s3://a\\\"\\\\\\u0009\"}},"
     "\"jobOutput\":{\"s3DataDestination\":{\"path\":\"s3://\xc3\xbc/\"}},"
     "\"roleArn\":\"" A_ROLE "\"}"},
    {__LINE__, "no tags, but present", &no_tags,
     "{\"jobName\":\"n\",\"solutionVersionArn\":\"" A_VERSION "\","
     "\"numResults\":-2147483648,"
     "\"jobInput\":{\"s3DataSource\":{\"path\":\"s3://i\"}},"
     "\"jobOutput\":{\"s3DataDestination\":{\"path\":\"s3://o\"}},"
     "\"roleArn\":\"" A_ROLE "\",\"tags\":[]}"},
    {__LINE__, "full", &full,
     "{\"jobName\":\"nightly-2026_07\",\"solutionVersionArn\":\"" A_VERSION
     "\",\"filterArn\":\"arn:aws:personalize:us-east-1:1:filter/f\","
     "\"numResults\":25,"
     "\"jobInput\":{\"s3DataSource\":{\"path\":\"s3://bucket/users.json\","
     "\"kmsKeyArn\":\"" A_KEY "1\"}},"
     "\"jobOutput\":{\"s3DataDestination\":{\"path\":"
     "\"s3://bucket/segments/\",\"kmsKeyArn\":\"" A_KEY "2\"}},"
     "\"roleArn\":\"" A_ROLE "\","
     "\"tags\":[{\"tagKey\":\"k\",\"tagValue\":\"v\"},"
     "{\"tagKey\":\"K\",\"tagValue\":\"\"}]}"},
};

static void test_bodies(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(bodies); i++) {
        char buf[1024] = "";
        struct sj_writer w = {buf, sizeof(buf) - 1, 0, NULL};

        sj_body_write_create(&w, bodies[i].request);
        ROW(&bodies[i], strcmp(buf, bodies[i].body) == 0);
        ROW(&bodies[i], w.len == strlen(bodies[i].body));
    }
}

/* Every capacity: stores what fits, and counts the full length. */
static void check_written(void (*write)(struct sj_writer *w),
                          const char *expected)
{
    size_t len = strlen(expected);

    for (size_t cap = 0; cap <= len; cap++) {
        char *buf = malloc(cap + (cap == 0));
        struct sj_writer w = {buf, cap, 0, NULL};

        write(&w);
        assert_int_equal(w.len, len);
        assert_memory_equal(buf, expected, cap);
        free(buf);
    }
}

static void write_describe(struct sj_writer *w)
{
    sj_body_write_describe(w, segjob_cstr("arn:\"\\\t\xc3\xbc"), &full);
}

static void write_describe_derived(struct sj_writer *w)
{
    sj_body_write_describe(w, segjob_cstr(NULL), &full);
}

static void write_list(struct sj_writer *w)
{
    sj_body_write_list(w, segjob_cstr(A_VERSION), segjob_cstr("a\"/+=\n"), 100);
}

static void write_list_of_version(struct sj_writer *w)
{
    sj_body_write_list(w, segjob_cstr(A_VERSION), segjob_cstr(NULL), 1);
}

static void write_list_after_token(struct sj_writer *w)
{
    sj_body_write_list(w, segjob_cstr(NULL), segjob_cstr(""), 7);
}

static void write_list_of_all(struct sj_writer *w)
{
    sj_body_write_list(w, segjob_cstr(NULL), segjob_cstr(NULL), UINT32_MAX);
}

static void test_other_bodies(void **state)
{
    (void)state;
    check_written(write_describe, "{\"batchSegmentJobArn\":"
                                  "\"arn:\\\"\\\\\\u0009\xc3\xbc\"}");
    check_written(write_describe_derived,
                  "{\"batchSegmentJobArn\":\"arn:aws:personalize:us-east-1:"
                  "123456789012:batch-segment-job/nightly-2026_07\"}");
    check_written(write_list,
                  "{\"maxResults\":100,\"solutionVersionArn\":\"" A_VERSION
                  "\",\"nextToken\":\"a\\\"/+=\\u000a\"}");
    check_written(write_list_of_version,
                  "{\"maxResults\":1,\"solutionVersionArn\":\"" A_VERSION
                  "\"}");
    check_written(write_list_after_token,
                  "{\"maxResults\":7,\"nextToken\":\"\"}");
    check_written(write_list_of_all, "{\"maxResults\":4294967295}");
}

/* ------------------------------------------------------------------- head */

#define TARGET "AmazonPersonalize.CreateBatchSegmentJob"

static const struct {
    int line;
    const char *name; /* the value of Host */
    struct segjob_config config;
    const char *target;
    const char *token_field;
    const char *signed_headers;
} heads[] = {
    {__LINE__,
     "personalize.us-east-1.amazonaws.com",
     {.region = SEGJOB_STR("us-east-1")},
     TARGET,
     "",
     "content-type;host;x-amz-date;x-amz-target"},
    {__LINE__,
     "personalize.us-east-1.amazonaws.com",
     {.region = SEGJOB_STR("us-east-1"), .port = 443},
     TARGET,
     "",
     "content-type;host;x-amz-date;x-amz-target"},
    {__LINE__,
     "localhost:8443",
     {.region = SEGJOB_STR("us-east-1"),
      .host = SEGJOB_STR("localhost"),
      .port = 8443},
     "AmazonPersonalize.DescribeBatchSegmentJob",
     "X-Amz-Security-Token: TOKEN\r\n",
     "content-type;host;x-amz-date;x-amz-security-token;x-amz-target"},
    {__LINE__,
     "127.0.0.1:65535",
     {.region = SEGJOB_STR("us-east-1"),
      .host = SEGJOB_STR("127.0.0.1"),
      .port = 65535},
     "AmazonPersonalize.ListBatchSegmentJobs",
     "",
     "content-type;host;x-amz-date;x-amz-target"},
};

#define SIGNATURE_LEN 64
#define HEAD_END "\r\n\r\n"

/* The head up to the signature. */
static void expect_head(size_t i, char *to)
{
    strcpy(to, "POST / HTTP/1.1\r\nHost: ");
    strcat(to, heads[i].name);
    strcat(to, "\r\nContent-Type: application/x-amz-json-1.1\r\n"
               "X-Amz-Target: ");
    strcat(to, heads[i].target);
    strcat(to, "\r\nX-Amz-Date: 20260101T000000Z\r\n");
    strcat(to, heads[i].token_field);
    strcat(to, "Content-Length: 2\r\n"
               "User-Agent: segjob/" VERSION_TEXT "\r\n"
               "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"
               "20260101/us-east-1/personalize/aws4_request, SignedHeaders=");
    strcat(to, heads[i].signed_headers);
    strcat(to, ", Signature=");
}

static void test_heads(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(heads); i++) {
        struct segjob_credentials credentials = {
            .access_key_id = SEGJOB_STR("AKIDEXAMPLE"),
            .secret_access_key = SEGJOB_STR("S"),
        };
        struct sj_sigv4 s = {.target = segjob_cstr(heads[i].target),
                             .date = SEGJOB_STR("20260101T000000Z"),
                             .body = SEGJOB_STR("{}")};
        struct sj_signing_key key = {.valid = false};
        char expected[1024];
        char buf[1024] = "";
        struct sj_writer measure = {NULL, 0, 0, NULL};
        struct sj_writer w = {buf, sizeof(buf) - 1, 0, NULL};
        size_t len;

        if (heads[i].token_field[0] != '\0') {
            credentials.session_token = segjob_cstr("TOKEN");
        }
        s.credentials = credentials;
        expect_head(i, expected);
        len = strlen(expected);
        ROW(&heads[i], sj_head_write(&measure, &heads[i].config, &s, NULL));
        ROW(&heads[i], sj_head_write(&w, &heads[i].config, &s, &key));
        ROW(&heads[i], memcmp(buf, expected, len) == 0);
        ROW(&heads[i], strcmp(buf + len + SIGNATURE_LEN, HEAD_END) == 0);
        ROW(&heads[i], measure.len == w.len && w.len == strlen(buf));
    }
}

/* After other text in the buffer, with the signature for that host. */
static void test_signed_head(void **state)
{
    struct segjob_config config = {.region = SEGJOB_STR("us-east-1")};
    struct sj_sigv4 s = {
        .target = SEGJOB_STR(TARGET),
        .date = SEGJOB_STR("20260101T000000Z"),
        .credentials = {SEGJOB_STR("AKIDEXAMPLE"),
                        SEGJOB_STR("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                        {NULL, 0}},
        .body = SEGJOB_STR("{}")};
    struct sj_signing_key key = {.valid = false};
    char buf[1024] = "";
    struct sj_writer w = {buf, sizeof(buf) - 1, 0, NULL};

    (void)state;
    sj_write_text(&w, "before ");
    assert_true(sj_head_write(&w, &config, &s, &key));
    /* make_rows.py sigv4, row "plain" */
    assert_non_null(
        strstr(buf, "Signature=634276343345f980c69d36c11708004f369bc7f7930dc8b"
                    "6429ac5fed904891a\r\n\r\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_number_of_tags),
        cmocka_unit_test(test_tags_absent),
        cmocka_unit_test(test_nothing_given),
        cmocka_unit_test(test_arns),
        cmocka_unit_test(test_derivable),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_other_bodies),
        cmocka_unit_test(test_heads),
        cmocka_unit_test(test_signed_head),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
