/*
 * Reading jobs, and comparing a job with a request. tests/conformance checks
 * that botocore reads responses the same way.
 */
#include "rows.h"

#include <stdlib.h>
#include <string.h>

#include "sj_job.h"

#define X32 "abcdefghijklmnopqrstuvwxyz012345"
#define X64 X32 X32
#define X63 X32 "abcdefghijklmnopqrstuvwxyz01234"
#define ACCOUNT "123456789012"
#define A_VERSION "arn:aws:personalize:us-east-1:" ACCOUNT ":solution/s/v"
#define A_JOB "arn:aws:personalize:us-east-1:" ACCOUNT ":batch-segment-job/j"

/* -------------------------------------------------------------------- ARNs */

static const struct {
    int line;
    const char *name; /* the solution version's ARN */
    const char *job_name;
    const char *arn; /* NULL: none follows */
} arns[] = {
    {__LINE__, A_VERSION, "j", A_JOB},
    {__LINE__, "arn:aws-us-gov:personalize:us-gov-west-1:" ACCOUNT ":a/b:c:d",
     "A-_9",
     "arn:aws-us-gov:personalize:us-gov-west-1:" ACCOUNT
     ":batch-segment-job/A-_9"},
    {__LINE__, "arn:-:personalize:r:000000000000:x", "j",
     "arn:-:personalize:r:000000000000:batch-segment-job/j"},
    {__LINE__, "arn:aws:personalize:" X63 ":" ACCOUNT ":x", X63,
     "arn:aws:personalize:" X63 ":" ACCOUNT ":batch-segment-job/" X63},
    {__LINE__, "arn:aws:personalize:::solution/s/v", "j", NULL},
    {__LINE__, "arn:aws:personalize::" ACCOUNT ":x", "j", NULL},
    {__LINE__, "arn:aws:personalize:us-east-1::x", "j", NULL},
    {__LINE__, "arn:aws:personalize:us.east:" ACCOUNT ":x", "j", NULL},
    {__LINE__, "arn:aws:personalize:-a:" ACCOUNT ":x", "j", NULL},
    {__LINE__, "arn:aws:personalize:12:" ACCOUNT ":x", "j", NULL},
    {__LINE__, "arn:aws:personalize:a\"b:" ACCOUNT ":x", "j", NULL},
    {__LINE__, "arn:aws:personalize:\xc3\xbc:" ACCOUNT ":x", "j", NULL},
    {__LINE__, "arn:aws:personalize:" X64 ":" ACCOUNT ":x", "j", NULL},
    {__LINE__, "arn:aws:personalize:r:12345678901:x", "j", NULL},
    {__LINE__, "arn:aws:personalize:r:1234567890123:x", "j", NULL},
    {__LINE__, "arn:aws:personalize:r:12345678901x:x", "j", NULL},
    {__LINE__, "arn:aws:personalize:r:x23456789012:x", "j", NULL},
    {__LINE__, "arn:aws:personalize:r:12345678901/:x", "j", NULL},
    {__LINE__, "arn:aws:personalize:r:" ACCOUNT "x:x", "j", NULL},
    {__LINE__, "arn:aws:personalize:a:b:" ACCOUNT ":x", "j", NULL},
    {__LINE__, "arn:aws:personalize:r", "j", NULL},
    {__LINE__, "", "j", NULL},
};

static bool write_arn(struct sj_writer *w, size_t i)
{
    return sj_job_write_arn(w, segjob_cstr(arns[i].name),
                            segjob_cstr(arns[i].job_name));
}

/* Every capacity: stores what fits, and returns the full length. */
static void test_arns(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(arns); i++) {
        const char *expected = arns[i].arn == NULL ? "" : arns[i].arn;
        size_t len = strlen(expected);

        for (size_t cap = 0; cap <= len; cap++) {
            char *buf = malloc(cap + (cap == 0));
            struct sj_writer w = {buf, cap, 0, NULL};

            ROW(&arns[i], write_arn(&w, i) == (arns[i].arn != NULL));
            ROW(&arns[i], w.len == len);
            ROW(&arns[i], memcmp(buf, expected, cap) == 0);
            free(buf);
        }
    }
}

/* An ARN has at most 256 characters, so a partition may be too long. */
static void test_longest_arn(void **state)
{
    char version[256] = "arn:";
    struct sj_writer w = {NULL, 0, 0, NULL};
    size_t n = 256 - strlen(":personalize:r:" ACCOUNT ":batch-segment-job/j");

    (void)state;
    memset(version + 4, 'p', n - 4);
    strcpy(version + n, ":personalize:r:" ACCOUNT ":x");
    assert_true(sj_job_write_arn(&w, segjob_cstr(version), segjob_cstr("j")));
    assert_int_equal(w.len, 256);
    w.len = 0;
    assert_false(sj_job_write_arn(&w, segjob_cstr(version), segjob_cstr("jj")));
    assert_int_equal(w.len, 0);
}

/* ----------------------------------------------------------------- reading */

/* A text that is read, in memory of its size. */
struct reading {
    struct sj_json json;
    char *text;
    int room[1024];
};

static void begin(struct reading *r, const char *text)
{
    size_t len = strlen(text);

    r->text = malloc(len);
    memcpy(r->text, text, len);
    assert_int_equal(
        sj_json_parse(&r->json, r->text, len, r->room, sizeof(r->room)),
        SJ_JSON_OK);
}

static const char described[] =
    "{\"batchSegmentJobArn\":\"" A_JOB
    "\",\"creationDateTime\":1.767225600125E9,"
    "\"failureReason\":\"no \\\"users\\\"\",\"filterArn\":\"arn:f\","
    "\"jobInput\":{\"s3DataSource\":{\"kmsKeyArn\":\"arn:k1\","
    "\"path\":\"s3:\\/\\/i\"}},\"jobName\":\"j\","
    "\"jobOutput\":{\"s3DataDestination\":{\"path\":\"s3://o\","
    "\"kmsKeyArn\":\"arn:k2\"}},\"lastUpdatedDateTime\":1767225660,"
    "\"numResults\":25,\"roleArn\":\"arn:r\",\"solutionVersionArn\":\"arn:s\","
    "\"status\":\"CREATE FAILED\"}";

static void test_described(void **state)
{
    struct reading r;
    struct segjob_job job;

    (void)state;
    begin(&r, described);
    memset(&job, 0xff, sizeof(job));
    sj_job_read(&r.json, SJ_JSON_ROOT, &job);
    assert_true(is_string(job.batch_segment_job_arn, A_JOB));
    assert_true(is_string(job.job_name, "j"));
    assert_true(is_string(job.status, "CREATE FAILED"));
    assert_true(is_string(job.failure_reason, "no \"users\""));
    assert_true(is_string(job.solution_version_arn, "arn:s"));
    assert_true(is_string(job.filter_arn, "arn:f"));
    assert_true(is_string(job.role_arn, "arn:r"));
    assert_true(is_string(job.input.path, "s3://i"));
    assert_true(is_string(job.input.kms_key_arn, "arn:k1"));
    assert_true(is_string(job.output.path, "s3://o"));
    assert_true(is_string(job.output.kms_key_arn, "arn:k2"));
    assert_true(job.has_num_results);
    assert_int_equal(job.num_results, 25);
    assert_int_equal(job.creation_ms, INT64_C(1767225600125));
    assert_int_equal(job.last_updated_ms, INT64_C(1767225660000));
    free(r.text);
}

/* Members without a usable value count as absent. */
static const struct {
    int line;
    const char *name; /* what is read */
} empty_jobs[] = {
    {__LINE__, "{}"},
    {__LINE__, "[]"},
    {__LINE__, "\"jobName\""},
    {__LINE__, "7"},
    {__LINE__, "{\"new\":\"x\",\"JobName\":\"j\",\"tags\":[]}"},
    {__LINE__, "{\"jobName\":null,\"status\":null,\"jobInput\":null,"
               "\"numResults\":null,\"creationDateTime\":null}"},
    {__LINE__, "{\"jobName\":7,\"status\":[\"ACTIVE\"],\"roleArn\":{},"
               "\"filterArn\":true,\"numResults\":\"25\","
               "\"creationDateTime\":\"2026-01-01T00:00:00Z\"}"},
    {__LINE__, "{\"numResults\":25.5,\"creationDateTime\":true}"},
    {__LINE__, "{\"numResults\":2147483648,\"creationDateTime\":1e300}"},
    {__LINE__,
     "{\"jobInput\":\"s3://i\",\"jobOutput\":[\"s3DataDestination\"]}"},
    {__LINE__, "{\"jobInput\":{\"s3DataSource\":\"s3://i\"},"
               "\"jobOutput\":{\"s3DataDestination\":null}}"},
    {__LINE__, "{\"jobInput\":{\"s3DataDestination\":{\"path\":\"s3://i\"}},"
               "\"jobOutput\":{\"s3DataSource\":{\"path\":\"s3://o\"}}}"},
    {__LINE__, "{\"jobInput\":{\"s3DataSource\":{\"path\":null}}}"},
    {__LINE__, "{\"path\":\"s3://i\",\"kmsKeyArn\":\"arn:k\"}"},
};

static void test_empty_jobs(void **state)
{
    static const struct segjob_job empty = {.num_results = 0};
    static const struct segjob_create_request wanted = {.num_results = 0};

    (void)state;
    for (size_t i = 0; i < LENGTH(empty_jobs); i++) {
        struct reading r;
        struct segjob_job job;

        begin(&r, empty_jobs[i].name);
        memset(&job, 0xff, sizeof(job));
        sj_job_read(&r.json, SJ_JSON_ROOT, &job);
        ROW(&empty_jobs[i], memcmp(&job, &empty, sizeof(job)) == 0);
        ROW(&empty_jobs[i],
            sj_job_difference(&job, &wanted) == SEGJOB_FIELD_NONE);
        free(r.text);
    }
}

static void test_no_value(void **state)
{
    struct reading r;
    struct segjob_job job;

    (void)state;
    begin(&r, "{\"jobName\":\"j\"}");
    sj_job_read(&r.json, SJ_JSON_NONE, &job);
    assert_null(job.job_name.ptr);
    free(r.text);
}

static const struct {
    int line;
    const char *name; /* the status */
    bool is_final;
} statuses[] = {
    {__LINE__, "ACTIVE", true},
    {__LINE__, "CREATE FAILED", true},
    {__LINE__, "PENDING", false},
    {__LINE__, "IN PROGRESS", false},
    {__LINE__, "CREATE PENDING", false},
    {__LINE__, "CREATE IN_PROGRESS", false},
    {__LINE__, "CREATE_FAILED", false},
    {__LINE__, "CREATE FAILED ", false},
    {__LINE__, "FAILED", false},
    {__LINE__, "active", false},
    {__LINE__, "ACTIV", false},
    {__LINE__, "INACTIVE", false},
    {__LINE__, "", false},
    {__LINE__, NULL, false},
};

static void test_statuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(statuses); i++) {
        struct segjob_job job = {.status = segjob_cstr(statuses[i].name)};

        ROW(&statuses[i], sj_job_is_final(&job) == statuses[i].is_final);
    }
}

/* --------------------------------------------------------------- comparing */

static const struct segjob_create_request request = {
    .job_name = SEGJOB_STR("j"),
    .solution_version_arn = SEGJOB_STR("arn:s"),
    .filter_arn = SEGJOB_STR("arn:f"),
    .role_arn = SEGJOB_STR("arn:r"),
    .input = {.path = SEGJOB_STR("s3://i"),
              .kms_key_arn = SEGJOB_STR("arn:k1")},
    .output = {.path = SEGJOB_STR("s3://o"),
               .kms_key_arn = SEGJOB_STR("arn:k2")},
    .has_num_results = true,
    .num_results = 25,
    .tags_len = 7, /* the service does not report tags */
};

static const struct segjob_job same = {
    .batch_segment_job_arn = SEGJOB_STR(A_JOB),
    .job_name = SEGJOB_STR("j"),
    .status = SEGJOB_STR("ACTIVE"),
    .solution_version_arn = SEGJOB_STR("arn:s"),
    .filter_arn = SEGJOB_STR("arn:f"),
    .role_arn = SEGJOB_STR("arn:r"),
    .input = {.path = SEGJOB_STR("s3://i"),
              .kms_key_arn = SEGJOB_STR("arn:k1")},
    .output = {.path = SEGJOB_STR("s3://o"),
               .kms_key_arn = SEGJOB_STR("arn:k2")},
    .has_num_results = true,
    .num_results = 25,
};

/* A member's offset in a job and in a request. */
#define MEMBER(field, member, optional)                    \
    {                                                      \
        __LINE__, #member, SEGJOB_FIELD_##field, optional, \
            offsetof(struct segjob_job, member),           \
            offsetof(struct segjob_create_request, member) \
    }

static const struct {
    int line;
    const char *name;
    enum segjob_field field;
    bool optional;
    size_t in_job, in_request;
} members[] = {
    MEMBER(JOB_NAME, job_name, false),
    MEMBER(SOLUTION_VERSION_ARN, solution_version_arn, false),
    MEMBER(FILTER_ARN, filter_arn, true),
    MEMBER(ROLE_ARN, role_arn, false),
    MEMBER(INPUT_PATH, input.path, false),
    MEMBER(INPUT_KMS_KEY_ARN, input.kms_key_arn, true),
    MEMBER(OUTPUT_PATH, output.path, false),
    MEMBER(OUTPUT_KMS_KEY_ARN, output.kms_key_arn, true),
};

/* The difference if a job has `reported` where the request has `wanted`. */
static enum segjob_field difference(size_t i, const char *reported,
                                    const char *wanted)
{
    struct segjob_job job = same;
    struct segjob_create_request r = request;
    struct segjob_str reported_text = segjob_cstr(reported);
    struct segjob_str wanted_text = segjob_cstr(wanted);

    memcpy((char *)&job + members[i].in_job, &reported_text,
           sizeof(reported_text));
    memcpy((char *)&r + members[i].in_request, &wanted_text,
           sizeof(wanted_text));
    return sj_job_difference(&job, &r);
}

static void test_texts(void **state)
{
    (void)state;
    assert_int_equal(sj_job_difference(&same, &request), SEGJOB_FIELD_NONE);
    for (size_t i = 0; i < LENGTH(members); i++) {
        const enum segjob_field field = members[i].field;

        ROW(&members[i], difference(i, "x", "x") == SEGJOB_FIELD_NONE);
        ROW(&members[i], difference(i, "x", "y") == field);
        ROW(&members[i], difference(i, "x", "X") == field);
        ROW(&members[i], difference(i, "x", "xx") == field);
        ROW(&members[i], difference(i, "xx", "x") == field);
        ROW(&members[i], difference(i, "", "x") == field);
        ROW(&members[i], difference(i, "", "") == SEGJOB_FIELD_NONE);
        ROW(&members[i], difference(i, NULL, "x") ==
                             (members[i].optional ? field : SEGJOB_FIELD_NONE));
    }
}

/* What was not requested must be absent; an empty text is not absent. */
static void test_absent_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(members); i++) {
        if (members[i].optional) {
            ROW(&members[i], difference(i, NULL, NULL) == SEGJOB_FIELD_NONE);
            ROW(&members[i], difference(i, "x", NULL) == members[i].field);
            ROW(&members[i], difference(i, "", NULL) == members[i].field);
            ROW(&members[i], difference(i, NULL, "") == members[i].field);
        }
    }
}

static const struct {
    int line;
    const char *name;
    bool reported, wanted;
    int32_t reported_n, wanted_n;
    bool differs;
} numbers[] = {
    {__LINE__, "same", true, true, 25, 25, false},
    {__LINE__, "other", true, true, 25, 26, true},
    {__LINE__, "other sign", true, true, -1, 1, true},
    {__LINE__, "zero", true, true, 0, 25, true},
    {__LINE__, "filled in", true, false, 25, 0, false},
    {__LINE__, "not reported", false, true, 0, 25, false},
    {__LINE__, "neither", false, false, 1, 2, false},
};

static void test_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(numbers); i++) {
        struct segjob_job job = same;
        struct segjob_create_request r = request;

        job.has_num_results = numbers[i].reported;
        job.num_results = numbers[i].reported_n;
        r.has_num_results = numbers[i].wanted;
        r.num_results = numbers[i].wanted_n;
        ROW(&numbers[i], sj_job_difference(&job, &r) ==
                             (numbers[i].differs ? SEGJOB_FIELD_NUM_RESULTS
                                                 : SEGJOB_FIELD_NONE));
    }
}

/* The first of several differences is reported, in the order of the request. */
static void test_first_difference(void **state)
{
    struct segjob_job job = same;

    (void)state;
    job.num_results = 1;
    job.output.path = segjob_cstr("x");
    job.role_arn = segjob_cstr("x");
    assert_int_equal(sj_job_difference(&job, &request), SEGJOB_FIELD_ROLE_ARN);
    job.filter_arn = segjob_cstr(NULL);
    assert_int_equal(sj_job_difference(&job, &request),
                     SEGJOB_FIELD_FILTER_ARN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arns),
        cmocka_unit_test(test_longest_arn),
        cmocka_unit_test(test_described),
        cmocka_unit_test(test_empty_jobs),
        cmocka_unit_test(test_no_value),
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_absent_texts),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_first_difference),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
