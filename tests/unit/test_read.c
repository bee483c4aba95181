/*
 * The API's JSON, read to a request. The request syntax: API reference,
 * CreateBatchSegmentJob; its example has every member.
 */
#include "rows.h"

#include <stdlib.h>
#include <string.h>

#include "sj_request.h"

#define ROOM 4096

/* A reading; text and room are allocations of just their size. */
struct reading {
    char *text;
    char *room;
    struct segjob_create_request request;
    struct segjob_read_error error;
    enum segjob_status status;
};

static void read_in(struct reading *r, const char *text, size_t cap)
{
    size_t len = strlen(text);

    r->text = malloc(len + (len == 0));
    r->room = malloc(cap + (cap == 0));
    memcpy(r->text, text, len);
    memset(&r->request, 0xff, sizeof(r->request));
    memset(&r->error, '@', sizeof(r->error));
    r->status = segjob_read_create_request(r->text, len, r->room, cap,
                                           &r->request, &r->error);
}

static void discard(struct reading *r)
{
    free(r->text);
    free(r->room);
}

/* ------------------------------------------------------------------- good */

#define FULL                                                           \
    "{\"filterArn\":\"F\",\"jobInput\":{\"s3DataSource\":"             \
    "{\"kmsKeyArn\":\"IK\",\"path\":\"IP\"}},\"jobName\":\"\\u004e\"," \
    "\"jobOutput\":{\"s3DataDestination\":{\"kmsKeyArn\":\"OK\","      \
    "\"path\":\"OP\"}},\"numResults\":-25,\"roleArn\":\"R\","          \
    "\"solutionVersionArn\":\"S\",\"tags\":[{\"tagKey\":\"K\","        \
    "\"tagValue\":\"V\\n\"},{\"tagValue\":\"\",\"tagKey\":\"k\"}]}"

static void test_full(void **state)
{
    struct reading r;
    const struct segjob_create_request *q = &r.request;

    (void)state;
    read_in(&r, FULL, ROOM);
    assert_int_equal(r.status, SEGJOB_OK);
    assert_string_equal(r.error.what, "");
    assert_string_equal(r.error.path, "");
    assert_true(is_string(q->job_name, "N"));
    assert_true(is_string(q->solution_version_arn, "S"));
    assert_true(is_string(q->filter_arn, "F"));
    assert_true(is_string(q->role_arn, "R"));
    assert_true(is_string(q->input.path, "IP"));
    assert_true(is_string(q->input.kms_key_arn, "IK"));
    assert_true(is_string(q->output.path, "OP"));
    assert_true(is_string(q->output.kms_key_arn, "OK"));
    assert_true(q->has_num_results);
    assert_int_equal(q->num_results, -25);
    assert_int_equal(q->tags_len, 2);
    assert_true(is_string(q->tags[0].key, "K"));
    assert_true(is_string(q->tags[0].value, "V\n"));
    assert_true(is_string(q->tags[1].key, "k"));
    assert_true(is_string(q->tags[1].value, ""));
    discard(&r);
}

/* What is read is what is written: the same body, but for its order. */
static void test_read_and_written(void **state)
{
    static const char body[] =
        "{\"jobName\":\"N\",\"solutionVersionArn\":\"S\",\"filterArn\":\"F\","
        "\"numResults\":7,\"jobInput\":{\"s3DataSource\":{\"path\":\"IP\"}},"
        "\"jobOutput\":{\"s3DataDestination\":{\"path\":\"OP\","
        "\"kmsKeyArn\":\"OK\"}},\"roleArn\":\"R\",\"tags\":"
        "[{\"tagKey\":\"a\",\"tagValue\":\"b\"}]}";
    char written[512] = "";
    struct sj_writer w = {written, sizeof(written) - 1, 0, NULL};
    struct reading r;

    (void)state;
    read_in(&r, body, ROOM);
    assert_int_equal(r.status, SEGJOB_OK);
    sj_request_write_body(&w, &r.request);
    assert_string_equal(written, body);
    discard(&r);
}

static bool is_empty(const struct segjob_create_request *q)
{
    return q->job_name.ptr == NULL && q->solution_version_arn.ptr == NULL &&
           q->filter_arn.ptr == NULL && q->role_arn.ptr == NULL &&
           q->input.path.ptr == NULL && q->input.kms_key_arn.ptr == NULL &&
           q->output.path.ptr == NULL && q->output.kms_key_arn.ptr == NULL &&
           !q->has_num_results && q->tags == NULL && q->tags_len == 0;
}

/* Nothing given, in all the ways to give nothing. */
static void test_absent(void **state)
{
    static const char *const texts[] = {
        "{}",
        "{\"jobName\":null,\"solutionVersionArn\":null,\"filterArn\":null,"
        "\"roleArn\":null,\"numResults\":null,\"tags\":null,"
        "\"jobInput\":null,\"jobOutput\":null}",
        "{\"jobInput\":{},\"jobOutput\":{\"s3DataDestination\":null}}",
        "{\"jobInput\":{\"s3DataSource\":{\"path\":null,\"kmsKeyArn\":null}}}",
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(texts); i++) {
        struct reading r;

        read_in(&r, texts[i], ROOM);
        assert_int_equal(r.status, SEGJOB_OK);
        assert_true(is_empty(&r.request));
        discard(&r);
    }
}

static void test_no_tags_but_present(void **state)
{
    struct reading r;

    (void)state;
    read_in(&r, "{\"tags\":[]}", ROOM);
    assert_int_equal(r.status, SEGJOB_OK);
    assert_non_null(r.request.tags);
    assert_int_equal(r.request.tags_len, 0);
    discard(&r);
    read_in(&r, "{\"tags\":[{},{\"tagKey\":null}]}", ROOM);
    assert_int_equal(r.status, SEGJOB_OK);
    assert_int_equal(r.request.tags_len, 2);
    assert_null(r.request.tags[0].key.ptr);
    assert_null(r.request.tags[0].value.ptr);
    assert_null(r.request.tags[1].key.ptr);
    discard(&r);
}

/* ------------------------------------------------------------------ errors */

#define MEMBER "is not a member of the request"
#define JSON "is not JSON, is nested too deep, or gives a member twice"
#define A32 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
    int line;
    const char *name; /* the text */
    const char *path;
    const char *what;
} errors[] = {
    {__LINE__, "", "", JSON},
    {__LINE__, "{", "", JSON},
    {__LINE__, "{\"jobName\":\"a\",}", "", JSON},
    {__LINE__, "{\"jobName\":\"a\",\"jobName\":\"a\"}", "", JSON},
    {__LINE__, "{\"jobName\":\"\xff\"}", "", JSON},
    {__LINE__, "{} {}", "", JSON},
    {__LINE__, "[]", "", "must be an object"},
    {__LINE__, "null", "", "must be an object"},
    {__LINE__, "\"a\"", "", "must be an object"},
    {__LINE__, "{\"a\":1}", "a", MEMBER},
    {__LINE__, "{\"a\":null}", "a", MEMBER},
    {__LINE__, "{\"JobName\":\"a\"}", "JobName", MEMBER},
    {__LINE__, "{\"jobNam\":\"a\"}", "jobNam", MEMBER},
    {__LINE__, "{\"jobNames\":\"a\"}", "jobNames", MEMBER},
    {__LINE__, "{\"jobName\\u0000\":\"a\"}", "jobName\\x00", MEMBER},
    {__LINE__, "{\"\\u001b[2J\":1}", "\\x1b[2J", MEMBER},
    {__LINE__, "{\"jobName\":1}", "jobName", "must be a string"},
    {__LINE__, "{\"jobName\":[]}", "jobName", "must be a string"},
    {__LINE__, "{\"solutionVersionArn\":{}}", "solutionVersionArn",
     "must be a string"},
    {__LINE__, "{\"filterArn\":true}", "filterArn", "must be a string"},
    {__LINE__, "{\"roleArn\":false}", "roleArn", "must be a string"},
    {__LINE__, "{\"numResults\":\"25\"}", "numResults",
     "must be an integer of 32 bits"},
    {__LINE__, "{\"numResults\":2.5}", "numResults",
     "must be an integer of 32 bits"},
    {__LINE__, "{\"numResults\":2147483648}", "numResults",
     "must be an integer of 32 bits"},
    {__LINE__, "{\"jobInput\":\"s3://a\"}", "jobInput", "must be an object"},
    {__LINE__, "{\"jobInput\":{\"path\":\"s3://a\"}}", "jobInput.path", MEMBER},
    {__LINE__, "{\"jobInput\":{\"s3DataSource\":[]}}", "jobInput.s3DataSource",
     "must be an object"},
    {__LINE__, "{\"jobInput\":{\"s3DataSource\":{\"path\":1}}}",
     "jobInput.s3DataSource.path", "must be a string"},
    {__LINE__, "{\"jobInput\":{\"s3DataDestination\":{}}}",
     "jobInput.s3DataDestination", MEMBER},
    {__LINE__, "{\"jobOutput\":{\"s3DataSource\":{}}}",
     "jobOutput.s3DataSource", MEMBER},
    {__LINE__, "{\"jobOutput\":{\"s3DataDestination\":{\"kmsKeyArn\":[]}}}",
     "jobOutput.s3DataDestination.kmsKeyArn", "must be a string"},
    {__LINE__, "{\"jobInput\":{\"s3DataSource\":{}},\"jobOutput\":1}",
     "jobOutput", "must be an object"},
    {__LINE__, "{\"tags\":{}}", "tags", "must be an array"},
    {__LINE__, "{\"tags\":\"a=b\"}", "tags", "must be an array"},
    {__LINE__, "{\"tags\":[null]}", "tags[0]", "must be an object"},
    {__LINE__, "{\"tags\":[{},\"a\"]}", "tags[1]", "must be an object"},
    {__LINE__, "{\"tags\":[{},{},{\"tagKey\":1}]}", "tags[2].tagKey",
     "must be a string"},
    {__LINE__, "{\"tags\":[{\"tagKey\":\"a\",\"tagValue\":0}]}",
     "tags[0].tagValue", "must be a string"},
    {__LINE__, "{\"tags\":[{\"key\":\"a\"}]}", "tags[0].key", MEMBER},
    {__LINE__, "{\"tags\":[{\"tagKey\":\"a\"}],\"x\":1}", "x", MEMBER},
    {__LINE__, "{\"" A32 A32 A32 "\":1}",
     A32 A32 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", MEMBER}, /* cut at 95 */
    {__LINE__, "{\"jobInput\":{\"" A32 A32 A32 A32 "\":1}}",
     "jobInput." A32 A32 "aaaaaaaaaaaaaaaaaaaaaa", MEMBER},
};

static void test_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(errors); i++) {
        struct reading r;

        read_in(&r, errors[i].name, ROOM);
        ROW(&errors[i], r.status == SEGJOB_INVALID);
        ROW(&errors[i], strcmp(r.error.path, errors[i].path) == 0);
        ROW(&errors[i], strcmp(r.error.what, errors[i].what) == 0);
        discard(&r);
    }
}

/* -------------------------------------------------------------------- room */

/* FULL has 39 values and names, at 20 bytes, and two tags. */
#define FULL_ROOM (39 * 20 + 2 * sizeof(struct segjob_tag))

static void test_every_room(void **state)
{
    size_t ok = 0;

    (void)state;
    for (size_t cap = 0; cap < FULL_ROOM + 16; cap++) {
        struct reading r;

        read_in(&r, FULL, cap);
        if (r.status == SEGJOB_OK) {
            ok++;
            assert_true(is_string(r.request.tags[1].key, "k"));
        } else {
            assert_int_equal(r.status, SEGJOB_NO_SPACE);
            assert_int_equal(ok, 0); /* more room is never too little */
            assert_true(strlen(r.error.what) > 0);
        }
        discard(&r);
    }
    assert_true(ok >= 16);
}

/* A room that begins at any byte; all that it needs more is alignment. */
static void test_room_anywhere(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < 16; shift++) {
        char text[] = FULL;
        char *room = malloc(shift + FULL_ROOM + 16);
        struct segjob_create_request request;
        struct segjob_read_error error;

        assert_int_equal(
            segjob_read_create_request(text, strlen(text), room + shift,
                                       FULL_ROOM + 16, &request, &error),
            SEGJOB_OK);
        assert_true((uintptr_t)request.tags % sizeof(void *) == 0);
        assert_true(is_string(request.tags[1].key, "k"));
        free(room);
    }
}

static void test_what_lacks_room(void **state)
{
    static const struct {
        int line;
        const char *name;
        size_t cap;
        const char *path;
        const char *what;
    } rows[] = {
        {__LINE__, "{}", 19, "", "has too many values for the room"},
        {__LINE__, "{}", 0, "", "has too many values for the room"},
        {__LINE__, "{\"tags\":[{}]}", 80 + sizeof(struct segjob_tag) - 1,
         "tags", "leaves no room for all tags"},
        {__LINE__, "{\"tags\":[{},{}]}",
         100 + 2 * sizeof(struct segjob_tag) - 8, "tags",
         "leaves no room for all tags"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct reading r;

        read_in(&r, rows[i].name, rows[i].cap);
        ROW(&rows[i], r.status == SEGJOB_NO_SPACE);
        ROW(&rows[i], strcmp(r.error.path, rows[i].path) == 0);
        ROW(&rows[i], strcmp(r.error.what, rows[i].what) == 0);
        discard(&r);
    }
}

/* Too small even for the alignment of the tags that are not there. */
static void test_room_of_tokens_alone(void **state)
{
    struct segjob_create_request request;
    struct segjob_read_error error;
    char *room = malloc(32);

    (void)state;
    for (size_t shift = 0; shift < 8; shift++) {
        char text[] = "{}";
        size_t over = shift % sizeof(int);
        size_t cap = 20 + (over == 0 ? 0 : sizeof(int) - over);
        bool aligned = (shift + cap - 20) % sizeof(void *) == 0;

        assert_int_equal(segjob_read_create_request(text, 2, room + shift, cap,
                                                    &request, &error),
                         aligned ? SEGJOB_OK : SEGJOB_NO_SPACE);
    }
    free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_read_and_written),
        cmocka_unit_test(test_absent),
        cmocka_unit_test(test_no_tags_but_present),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_every_room),
        cmocka_unit_test(test_room_anywhere),
        cmocka_unit_test(test_what_lacks_room),
        cmocka_unit_test(test_room_of_tokens_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
