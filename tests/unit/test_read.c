/*
 * Reading a request from the API's JSON. Source: API reference,
 * CreateBatchSegmentJob, "Request Syntax", whose example has every member. And
 * reading texts from any object.
 */
#include "rows.h"
#include "segjob_json.h"
#include "sj_body.h"
#include "sj_check.h"
#include "sj_fields.h"

#include <stdlib.h>
#include <limits.h>
#include <string.h>

#define ROOM 4096

/* A text that is read. Text and room are allocations of exactly their size. */
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

/* A request that is read and written has the same body, in another order. */
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
    sj_body_write_create(&w, &r.request);
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

/* All the ways to leave a member out. */
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
#define TAG_MEMBER "must contain only tagKey and tagValue"
#define A32 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
    int line;
    const char *name; /* the text */
    const char *path;
    const char *what;
} errors[] = {
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
    {__LINE__, "{\"tags\":[{\"key\":\"a\"}]}", "tags[0]", TAG_MEMBER},
    {__LINE__, "{\"tags\":[{\"tagKey\":\"a\"},{\"films\":1}]}", "tags[1]",
     TAG_MEMBER},
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
        ROW(&errors[i], r.error.line == 0 && r.error.column == 0);
        discard(&r);
    }
}

/*
 * Texts that are no JSON. Line and column are those of the json module of
 * Python 3.11, which counts as this reader does, except for the rows under
 * "further": there Python reports where the string or the number begins.
 */
#define NOT "is not JSON: "
#define NAME NOT "expected a member's name in double quotes"
#define VALUE NOT "expected a value"
#define DEEP31 "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
#define NAMES4(a) a "0\":1,\"" a "1\":1,\"" a "2\":1,\"" a "3\":1,"
#define NAMES16(a) \
    "\"" NAMES4(a "a") "\"" NAMES4(a "b") "\"" NAMES4(a "c") "\"" NAMES4(a "d")
#define NAMES64 "{" NAMES16("a") NAMES16("b") NAMES16("c") NAMES16("d")

static const struct {
    int line;
    const char *name; /* the text */
    size_t at_line;
    size_t at_column;
    const char *what;
} bad_texts[] = {
    {__LINE__, "", 1, 1, VALUE},
    {__LINE__, " \n ", 2, 2, VALUE},
    {__LINE__, "nonsense", 1, 1, VALUE},
    {__LINE__, "'a'", 1, 1, VALUE},
    {__LINE__, "{", 1, 2, NAME ", or }"},
    {__LINE__, "{\n  x", 2, 3, NAME ", or }"},
    {__LINE__, "{1:2}", 1, 2, NAME ", or }"},
    {__LINE__, "{\"jobName\":\"x\",}", 1, 16, NAME},
    {__LINE__, "{\"jobName\":\"x\",", 1, 16, NAME},
    {__LINE__, "{\"a\" \"b\"}", 1, 6, NOT "expected a colon"},
    {__LINE__, "{\"a\"", 1, 5, NOT "expected a colon"},
    {__LINE__, "{\"a\":}", 1, 6, VALUE},
    {__LINE__, "{\"a\":tru}", 1, 6, VALUE},
    {__LINE__, "{\"a\":1 \"b\":2}", 1, 8, NOT "expected a comma or }"},
    {__LINE__, "{\"a\":01}", 1, 7, NOT "expected a comma or }"},
    {__LINE__, "{\"a\":1\r\n ]", 2, 2, NOT "expected a comma or }"},
    {__LINE__, "[", 1, 2, VALUE " or ]"},
    {__LINE__, "[,1]", 1, 2, VALUE " or ]"},
    {__LINE__, "[1,]", 1, 4, VALUE},
    {__LINE__, "[1\n\n\n1]", 4, 1, NOT "expected a comma or ]"},
    {__LINE__, "[\"\xc3\xbc\xe6\x97\xa5\xf0\x9f\x98\x80\" 1]", 1, 8,
     NOT "expected a comma or ]"},
    {__LINE__, "[[], {}", 1, 8, NOT "expected a comma or ]"},
    {__LINE__, "{} {}", 1, 4, NOT "expected the end of the text"},
    {__LINE__, "{}\n}", 2, 1, NOT "expected the end of the text"},
    {__LINE__, "[\"a\nb\"]", 1, 4,
     NOT "a control character in a string is not escaped"},
    /* further */
    {__LINE__, "{\"a\":\"b", 1, 8, NOT "a string has no closing quote"},
    {__LINE__, "{\"a", 1, 4, NOT "a string has no closing quote"},
    {__LINE__, "[\"a\\", 1, 5, NOT "a string has no closing quote"},
    {__LINE__, "[\"\\x\"]", 1, 4, NOT "there is no such escape sequence"},
    {__LINE__, "[\"\\u12g4\"]", 1, 7, NOT "there is no such escape sequence"},
    {__LINE__, "[\"\\ud800x\"]", 1, 9, NOT "there is no such escape sequence"},
    {__LINE__, "[-]", 1, 3, NOT "expected a digit"},
    {__LINE__, "[1.]", 1, 4, NOT "expected a digit"},
    {__LINE__, "[1e+", 1, 5, NOT "expected a digit"},
    /* Not UTF-8: of Windows 1252, and of UTF-16 with its mark. */
    {__LINE__, "{\"jobName\":\"M\xfcller\"}", 1, 14, "is not UTF-8"},
    {__LINE__, "\xff\xfe{", 1, 1, "is not UTF-8"},
    {__LINE__, "\xfe\xff", 1, 1, "is not UTF-8"},
    /* SJ_JSON_DEPTH_MAX */
    {__LINE__, DEEP31, 1, 32, VALUE " or ]"},
    {__LINE__, DEEP31 "[", 1, 32, "is nested too deep"},
    {__LINE__, DEEP31 " {}", 1, 33, "is nested too deep"},
    {__LINE__, DEEP31 "\"{", 1, 34, NOT "a string has no closing quote"},
    /* The second of two equal names. */
    {__LINE__, "{\"jobName\":\"a\",\"jobName\":\"a\"}", 1, 16,
     "gives a member twice"},
    {__LINE__, "{\n \"a\": \"\\u00fc\",\n  \"b\": {\"a\": 1,\n \"\\u0061\":2}}",
     4, 2, "gives a member twice"},
    {__LINE__, "{\"\xc3\xbc\":{\"a\":1},\"\\u00fc\":[]}", 1, 14,
     "gives a member twice"},
    {__LINE__, "{\"a\":1,\"b\":2,\"b\":3,\"a\":4}", 1, 14,
     "gives a member twice"},
    {__LINE__, "{\"a\":1,\"a\":2,}", 1, 14, NAME},
    /* SJ_JSON_MEMBERS_MAX */
    {__LINE__, NAMES64 "\n\"dd3\":0}", 2, 1, "gives a member twice"},
    {__LINE__, NAMES64 "\n\"ee0\":0}", 2, 1,
     "has more than 64 members in an object"},
    /* After a byte order mark, which is no character of the text. */
    {__LINE__, "\xef\xbb\xbf{\"jobName\":\"x\",}", 1, 16, NAME},
    {__LINE__, "\xef\xbb\xbf", 1, 1, VALUE},
    {__LINE__, "\xef\xbb\xbf\xef\xbb\xbf{}", 1, 1, VALUE},
    {__LINE__, "\xef\xbb{}", 1, 1, "is not UTF-8"},
    {__LINE__, " \xef\xbb\xbf{}", 1, 2, VALUE},
};

static void test_bad_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(bad_texts); i++) {
        struct reading r;

        read_in(&r, bad_texts[i].name, ROOM);
        ROW(&bad_texts[i], r.status == SEGJOB_INVALID);
        ROW(&bad_texts[i], r.error.path[0] == '\0');
        ROW(&bad_texts[i], strcmp(r.error.what, bad_texts[i].what) == 0);
        ROW(&bad_texts[i], r.error.line == bad_texts[i].at_line);
        ROW(&bad_texts[i], r.error.column == bad_texts[i].at_column);
        discard(&r);
    }
}

/* RFC 8259, section 8.1: as editors of Windows write it. */
static void test_byte_order_mark(void **state)
{
    struct reading r;

    (void)state;
    read_in(&r, "\xef\xbb\xbf{\"jobName\":\"x\"}", ROOM);
    assert_int_equal(r.status, SEGJOB_OK);
    assert_true(is_string(r.request.job_name, "x"));
    discard(&r);
}

/* -------------------------------------------------------------------- room */

/* FULL has 39 values and names, at 16 bytes, and two tags. */
#define FULL_ROOM (39 * 16 + 2 * sizeof(struct segjob_tag))

/* No room has tokens for it, and none of it is read. */
static void test_two_gigabytes(void **state)
{
    char text[] = "{}", room[64];
    struct segjob_create_request request;
    struct segjob_read_error error;

    (void)state;
    assert_int_equal(segjob_read_create_request(text, (size_t)INT_MAX + 1, room,
                                                sizeof(room), &request, &error),
                     SEGJOB_NO_SPACE);
    assert_string_equal(error.what, "has too many values for the room");
}

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
            assert_int_equal(ok, 0); /* more room is enough, too */
            assert_true(strlen(r.error.what) > 0);
        }
        discard(&r);
    }
    assert_true(ok >= 16);
}

/* A room may begin at any byte; it needs more only for alignment. */
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
        {__LINE__, "{}", 15, "", "has too many values for the room"},
        {__LINE__, "{}", 0, "", "has too many values for the room"},
        {__LINE__, "{\"tags\":[{}]}", 64 + sizeof(struct segjob_tag) - 1,
         "tags", "has too many items for the room"},
        {__LINE__, "{\"tags\":[{},{}]}", 80 + 2 * sizeof(struct segjob_tag) - 8,
         "tags", "has too many items for the room"},
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

/* Too small even to align the tags, of which there are none. */
static void test_room_of_tokens_alone(void **state)
{
    struct segjob_create_request request;
    struct segjob_read_error error;
    char *room = malloc(32);

    (void)state;
    for (size_t shift = 0; shift < 8; shift++) {
        char text[] = "{}";
        size_t over = shift % sizeof(int);
        size_t cap = 16 + (over == 0 ? 0 : sizeof(int) - over);
        bool aligned = (shift + cap - 16) % sizeof(void *) == 0;

        assert_int_equal(segjob_read_create_request(text, 2, room + shift, cap,
                                                    &request, &error),
                         aligned ? SEGJOB_OK : SEGJOB_NO_SPACE);
    }
    free(room);
}

/* ---------------------------------------------------------------- members */

static const struct {
    int line;
    const char *name; /* the text */
    enum segjob_status status;
    const char *a, *b; /* the texts of members "a" and "b" */
} members[] = {
    {__LINE__, "{\"a\":\"x\",\"b\":\"y\"}", SEGJOB_OK, "x", "y"},
    {__LINE__, " {\"b\":\"\\u0079\",\"c\":[{\"a\":\"z\"}],\"\\u0061\":\"x\"} ",
     SEGJOB_OK, "x", "y"},
    {__LINE__, "{\"a\":\"\"}", SEGJOB_OK, "", NULL},
    {__LINE__, "{\"a\":null,\"b\":1}", SEGJOB_OK, NULL, NULL},
    {__LINE__, "{\"a\":[\"x\"],\"b\":{\"a\":\"x\"}}", SEGJOB_OK, NULL, NULL},
    {__LINE__, "{\"A\":\"x\",\"bb\":\"y\"}", SEGJOB_OK, NULL, NULL},
    {__LINE__, "{}", SEGJOB_OK, NULL, NULL},
    {__LINE__, "{\"a\":\"x\",\"a\":\"x\"}", SEGJOB_INVALID, NULL, NULL},
    {__LINE__, "[\"a\",\"x\"]", SEGJOB_INVALID, NULL, NULL},
    {__LINE__, "\"a\"", SEGJOB_INVALID, NULL, NULL},
    {__LINE__, "null", SEGJOB_INVALID, NULL, NULL},
    {__LINE__, "", SEGJOB_INVALID, NULL, NULL},
    {__LINE__, "{\"a\":\"x\"", SEGJOB_INVALID, NULL, NULL},
    {__LINE__, "{\"a\":\"x\"}}", SEGJOB_INVALID, NULL, NULL},
    {__LINE__, "{\"a\":\"\xff\"}", SEGJOB_INVALID, NULL, NULL},
    {__LINE__, "\xef\xbb\xbf{\"a\":\"x\"}", SEGJOB_INVALID, NULL, NULL},
};

/* In rooms of all sizes: 16 bytes are needed for each value and name. */
static void test_members(void **state)
{
    static const char *const names[] = {"a", "b"};

    (void)state;
    for (size_t i = 0; i < LENGTH(members); i++) {
        const size_t len = strlen(members[i].name);
        enum segjob_status status = SEGJOB_NO_SPACE;

        for (size_t cap = 0; cap <= 200; cap++) {
            struct segjob_str texts[2] = {{"", 1}, {"", 1}};
            char *text = malloc(len + (len == 0));
            char *room = malloc(cap + (cap == 0));
            const enum segjob_status before = status;

            memcpy(text, members[i].name, len);
            status = segjob_read_members(text, len, room, cap, names, texts, 2);
            ROW(&members[i], status == before || before == SEGJOB_NO_SPACE);
            ROW(&members[i],
                status != SEGJOB_OK || (is_string(texts[0], members[i].a) &&
                                        is_string(texts[1], members[i].b)));
            free(text);
            free(room);
        }
        ROW(&members[i], status == members[i].status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_read_and_written),
        cmocka_unit_test(test_absent),
        cmocka_unit_test(test_no_tags_but_present),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_bad_texts),
        cmocka_unit_test(test_byte_order_mark),
        cmocka_unit_test(test_two_gigabytes),
        cmocka_unit_test(test_every_room),
        cmocka_unit_test(test_room_anywhere),
        cmocka_unit_test(test_what_lacks_room),
        cmocka_unit_test(test_room_of_tokens_alone),
        cmocka_unit_test(test_members),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
