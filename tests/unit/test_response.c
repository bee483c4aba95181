/*
 * Reading the body of a response, and messages without secrets.
 */
#include "rows.h"

#include <stdlib.h>
#include <string.h>

#include "sj_error.h"
#include "sj_operation.h"

#define ROOM 512 /* bytes for the tokens after a body */

/* Memory of exactly `len` and `room` bytes, with the body at its start. */
static char *place(struct segjob_str body, size_t room)
{
    char *buf = malloc(body.len + room + 1);

    memset(buf, '@', body.len + room + 1);
    memcpy(buf, body.ptr, body.len);
    return buf;
}

/* -------------------------------------------------------------------- ARN */

#define ARN "arn:aws:personalize:us-east-1:123456789012:batch-segment-job/n"
#define X32 "abcdefghijklmnopqrstuvwxyz012345"
#define X224 X32 X32 X32 X32 X32 X32 X32
#define E32                                                            \
    "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc" \
    "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc" \
    "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc" \
    "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
#define E224 E32 E32 E32 E32 E32 E32 E32
#define ARN32 "arn:aws:personalize:us-east-1:1:"

static const struct {
    int line;
    const char *name; /* the body */
    const char *arn;
} arns[] = {
    {__LINE__, "{\"batchSegmentJobArn\":\"" ARN "\"}", ARN},
    {__LINE__, " { \"batchSegmentJobArn\" :\n\"" ARN "\" } \r\n", ARN},
    {__LINE__,
     "{\"batchSegmentJobArn\":\"\\u0061rn:aws:personalize:r:1:b\\/n\"}",
     "arn:aws:personalize:r:1:b/n"},
    {__LINE__,
     "{\"new\":[{\"a\":null},1.5e3,true],\"batchSegmentJobArn\":"
     "\"" ARN "\",\"other\":{}}",
     ARN},
    {__LINE__, "{\"batchSegmentJobArn\":\"" ARN32 X224 "\"}", ARN32 X224},
    {__LINE__, "{\"batchSegmentJobArn\":\"" ARN32 E224 "\"}", ARN32 E224},
    {__LINE__, "{\"batchSegmentJobArn\":\"" ARN32 X224 "x\"}", NULL},
    {__LINE__, "{\"batchSegmentJobArn\":\"" ARN32 E224 "x\"}", NULL},
    {__LINE__, "", NULL},
    {__LINE__, "{}", NULL},
    {__LINE__, "[]", NULL},
    {__LINE__, "\"" ARN "\"", NULL},
    {__LINE__, "[\"batchSegmentJobArn\",\"" ARN "\"]", NULL},
    {__LINE__, "{\"batchSegmentJobArn\":null}", NULL},
    {__LINE__, "{\"batchSegmentJobArn\":\"\"}", NULL},
    {__LINE__, "{\"batchSegmentJobArn\":\"arn\"}", NULL},
    {__LINE__, "{\"batchSegmentJobArn\":\"arn:aws:iam:::x\"}", NULL},
    {__LINE__, "{\"batchSegmentJobArn\":\"" ARN "\\n\"}", NULL},
    {__LINE__, "{\"batchSegmentJobArn\":\" " ARN "\"}", NULL},
    {__LINE__, "{\"batchSegmentJobArn\":1}", NULL},
    {__LINE__, "{\"batchSegmentJobArn\":[\"" ARN "\"]}", NULL},
    {__LINE__, "{\"BatchSegmentJobArn\":\"" ARN "\"}", NULL},
    {__LINE__, "{\"a\":{\"batchSegmentJobArn\":\"" ARN "\"}}", NULL},
    {__LINE__, "{\"batchSegmentJobArn\":\"" ARN "\"", NULL},
    {__LINE__, "{\"batchSegmentJobArn\":\"" ARN "\"}}", NULL},
    {__LINE__, "{\"batchSegmentJobArn\":\"" ARN "\",}", NULL},
    {__LINE__, "{\"batchSegmentJobArn\":\"" ARN "\xff\"}", NULL},
    {__LINE__,
     "{\"batchSegmentJobArn\":\"" ARN "\","
     "\"batchSegmentJobArn\":\"" ARN "\"}",
     NULL},
    {__LINE__, "<html>" ARN "</html>", NULL},
};

static void test_arns(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(arns); i++) {
        struct segjob_str body = segjob_cstr(arns[i].name);
        char *buf = place(body, ROOM);
        struct segjob_str arn =
            sj_operation_read_arn(buf, body.len, body.len + ROOM);

        ROW(&arns[i], is_string(arn, arns[i].arn));
        ROW(&arns[i], arn.ptr == NULL || arn.ptr == buf);
        ROW(&arns[i], buf[body.len + ROOM] == '@');
        free(buf);
    }
}

/* A token for the object, the name and the ARN: 16 bytes each. */
static void test_arn_in_every_room(void **state)
{
    struct segjob_str body = segjob_cstr(arns[0].name);

    (void)state;
    for (size_t room = 0; room < 80; room++) {
        char *buf = place(body, room);
        size_t over = (uintptr_t)(buf + body.len) % sizeof(int);
        size_t pad = over == 0 ? 0 : sizeof(int) - over;
        struct segjob_str arn =
            sj_operation_read_arn(buf, body.len, body.len + room);

        assert_int_equal(arn.ptr != NULL, room >= pad + 3 * 16);
        assert_int_equal(buf[body.len + room], '@');
        free(buf);
    }
}

/* ----------------------------------------------------------------- errors */

/* Smithy, AWS JSON 1.1 protocol, "Operation error serialization". */
static const struct {
    int line;
    const char *name; /* the code as sent */
    const char *bare;
} codes[] = {
    {__LINE__, "FooException", "FooException"},
    {__LINE__, "FooException:http://internal.amazon.com/coral/x/",
     "FooException"},
    {__LINE__, "aws.protocoltests.restjson#FooException", "FooException"},
    {__LINE__, "aws.protocoltests.restjson#FooException:http://a#b",
     "FooException"},
    {__LINE__, "a#b#c", "b#c"},
    {__LINE__, "a:b#c", "a"},
    {__LINE__, "a#", NULL},
    {__LINE__, "#a", "a"},
    {__LINE__, ":a", NULL},
    {__LINE__, "#", NULL},
    {__LINE__, "", NULL},
};

static void test_codes(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(codes); i++) {
        struct segjob_str code = sj_error_bare_code(segjob_cstr(codes[i].name));

        ROW(&codes[i], is_string(code, codes[i].bare));
    }
    assert_null(sj_error_bare_code(segjob_cstr(NULL)).ptr);
}

/* `H` is the code in the head. */
static const struct {
    int line;
    const char *name; /* the body */
    const char *code;
    const char *message;
} errors[] = {
    {__LINE__, "{\"__type\":\"A\",\"message\":\"m\"}", "A", "m"},
    {__LINE__, "{\"Message\":\"M\",\"__type\":\"com.amazonaws.x#A\"}", "A",
     "M"},
    {__LINE__, "{\"message\":\"m\",\"Message\":\"M\"}", "H", "m"},
    {__LINE__, "{\"Message\":\"M\",\"message\":\"m\"}", "H", "m"},
    {__LINE__, "{\"message\":null,\"Message\":\"M\"}", "H", "M"},
    {__LINE__, "{\"message\":7,\"Message\":\"M\"}", "H", "M"},
    {__LINE__, "{\"message\":\"\",\"Message\":\"M\"}", "H", ""},
    {__LINE__, "{\"message\":\"a\\n\\u00fc\\\"\"}", "H", "a\n\xc3\xbc\""},
    {__LINE__, "{\"MESSAGE\":\"m\"}", "H", NULL},
    {__LINE__, "{\"code\":\"C\"}", "C", NULL},
    {__LINE__, "{\"code\":\"C\",\"__type\":\"A\"}", "A", NULL},
    {__LINE__, "{\"code\":\"C:D\",\"__type\":null}", "C", NULL},
    {__LINE__, "{\"code\":\"C\",\"__type\":\"\"}", "C", NULL},
    {__LINE__, "{\"code\":\"C\",\"__type\":\"a#\"}", "C", NULL},
    {__LINE__, "{\"code\":\"C\",\"__type\":[\"A\"]}", "C", NULL},
    {__LINE__, "{\"code\":1,\"Code\":\"C\",\"type\":\"A\"}", "H", NULL},
    {__LINE__, "{\"a\":{\"__type\":\"A\",\"code\":\"C\",\"message\":\"m\"}}",
     "H", NULL},
    {__LINE__, "{}", "H", NULL},
    {__LINE__, "", "H", NULL},
    {__LINE__, "null", "H", NULL},
    {__LINE__, "[{\"__type\":\"A\"}]", "H", NULL},
    {__LINE__, "{\"__type\":\"A\"", "H", NULL},
    {__LINE__, "{\"__type\":\"A\"}x", "H", NULL},
    {__LINE__, "{\"__type\":\"A\",\"a\":\"\xff\"}", "H", NULL},
    {__LINE__, "{\"__type\":\"A\",\"__type\":\"B\"}", "H", NULL},
    {__LINE__, "<html><body>502 Bad Gateway</body></html>", "H", NULL},
    {__LINE__, "<UnknownOperationException/>\n", "H", NULL},
};

static void test_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(errors); i++) {
        struct segjob_str body = segjob_cstr(errors[i].name);
        struct segjob_error error = {.code = SEGJOB_STR("H")};
        char *buf = place(body, ROOM);

        sj_error_read(buf, body.len, body.len + ROOM, &error);
        ROW(&errors[i], is_string(error.code, errors[i].code));
        ROW(&errors[i], is_string(error.message, errors[i].message));
        ROW(&errors[i], buf[body.len + ROOM] == '@');
        free(buf);
    }
}

/* ---------------------------------------------------------------- secrets */

#define TAKEN(name)                                            \
    "Another resource with Arn arn:aws:personalize:us-east-1:" \
    "123456789012:batch-segment-job/" name " already exists."
#define CUT "The Canonical String for this request should have been\n'POST"

static const struct {
    int line;
    const char *name; /* the message */
    const char *clean;
    const char *token;
    struct segjob_tag tags[2];
} messages[] = {
#define TAG(key, value)                    \
    {                                      \
        SEGJOB_STR(key), SEGJOB_STR(value) \
    }
    {__LINE__, "nothing secret", "nothing secret", NULL, {TAG("", "")}},
    {__LINE__, "", "", "t", {TAG("key1", "val1")}},
    /* The token, anywhere. */
    {__LINE__, "token TOK said", "token *** said", "TOK", {TAG("", "")}},
    {__LINE__, "TOK", "***", "TOK", {TAG("", "")}},
    {__LINE__, "TOKTOK TO", "****** TO", "TOK", {TAG("", "")}},
    {__LINE__, "tok", "tok", "TOK", {TAG("", "")}},
    {__LINE__, "aTOKENb", "a***b", "TOKEN", {TAG("", "")}},
    {__LINE__, "arn:aws:x:TOKEN/a", "arn:aws:x:***/a", "TOKEN", {TAG("", "")}},
    {__LINE__, "<aXaXa>", "<***>", "aXa", {TAG("", "")}},
    {__LINE__, "t tt", "* **", "t", {TAG("", "")}},
    /* A tag's text, as a word of its own. */
    {__LINE__,
     "key 'owner', value films.",
     "key '***', value films.",
     NULL,
     {TAG("owner", "films")}},
    {__LINE__,
     "[owner] (films), owner",
     "[***] (***), ***",
     NULL,
     {TAG("owner", "films")}},
    {__LINE__, "films,films;films", "***,***;***", NULL, {TAG("films", "")}},
    {__LINE__,
     "Films FILMS films",
     "Films FILMS ***",
     NULL,
     {TAG("films", "")}},
#define TOUCHES(c)                                                            \
    {__LINE__, "a " c "films z", "a " c "films z", NULL, {TAG("films", "")}}, \
    {                                                                         \
        __LINE__, "a films" c " z", "a films" c " z", NULL,                   \
        {                                                                     \
            TAG("films", "")                                                  \
        }                                                                     \
    }
#define TOUCHES_NOT(c)                                                      \
    {__LINE__, "a " c "films z", "a " c "*** z", NULL, {TAG("films", "")}}, \
    {                                                                       \
        __LINE__, "a films" c " z", "a ***" c " z", NULL,                   \
        {                                                                   \
            TAG("films", "")                                                \
        }                                                                   \
    }
    TOUCHES("A"),
    TOUCHES("z"),
    TOUCHES("0"),
    TOUCHES("9"),
    TOUCHES("_"),
    TOUCHES("."),
    TOUCHES(":"),
    TOUCHES("/"),
    TOUCHES("="),
    TOUCHES("+"),
    TOUCHES("@"),
    TOUCHES("-"),
    TOUCHES("\xc3\xbc"),         /* a letter of two bytes */
    TOUCHES("\xe6\x97\xa5"),     /* of three */
    TOUCHES("\xf0\x90\x8d\x88"), /* of four */
    TOUCHES_NOT("\""),
    TOUCHES_NOT("!"),
    TOUCHES_NOT(","),
    TOUCHES_NOT("*"),
    TOUCHES_NOT("`"),
    TOUCHES_NOT("["),
    TOUCHES_NOT("{"),
    TOUCHES_NOT("^"),
    TOUCHES_NOT("\n"),
    TOUCHES_NOT("\x7f"),
    TOUCHES_NOT("\xe2\x80\x9c"), /* a quotation mark */
    TOUCHES_NOT("\xe2\x82\xac"), /* the sign of the euro */
    /* It has four characters, not bytes, or more. */
    {__LINE__, "cut cuts", "cut ***", NULL, {TAG("cut", "cuts")}},
    {__LINE__, "1 a", "1 a", NULL, {TAG("a", "1")}},
    {__LINE__,
     "\xc3\xbc\xc3\xbc\xc3\xbc \xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc",
     "\xc3\xbc\xc3\xbc\xc3\xbc ***",
     NULL,
     {TAG("\xc3\xbc\xc3\xbc\xc3\xbc", "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc")}},
    /* With the tags team=films and stage=1, and with a=b. */
    {__LINE__,
     TAKEN("films-nightly"),
     TAKEN("films-nightly"),
     NULL,
     {TAG("team", "films"), TAG("stage", "1")}},
    {__LINE__, TAKEN("n"), TAKEN("n"), NULL, {TAG("a", "b")}},
    {__LINE__, TAKEN("films"), TAKEN("films"), NULL, {TAG("films", "Arn")}},
    /* Within an ARN: commas, and one that is a tag. */
    {__LINE__,
     "not arn:aws:iam::1:role/a,films,b or arn:films, films",
     "not arn:aws:iam::1:role/a,films,b or arn:films, ***",
     NULL,
     {TAG("films", "")}},
    {__LINE__, "arn:a:b arn:a", "arn:a:b arn:a", NULL, {TAG("arn:a", "")}},
    {__LINE__,
     "(arn:a,films) films",
     "(arn:a,films) ***",
     NULL,
     {TAG("films", "")}},
    /* Overlapping matches are replaced as one. */
    {__LINE__,
     "the cost centre east.",
     "the *** east.",
     NULL,
     {TAG("cost centre", "centre east")}},
    {__LINE__,
     "<cost centre east>",
     "<***>",
     NULL,
     {TAG("cost centre", "centre east")}},
    {__LINE__, "<owner film>", "<***>", "film", {TAG("owner film", "film")}},
    {__LINE__,
     "<owner films>",
     "<*** ***s>",
     "film",
     {TAG("owner film", "owner")}},
    {__LINE__, "<fTOK owner>", "<*** ***>", "TOK", {TAG("fTOK", "owner")}},
    {__LINE__, "<films>", "<***>", "TOK", {TAG("film", "films")}},
    /* The quotation in a signature error. */
    {__LINE__,
     "It does not match.\n\n" CUT,
     "It does not match.",
     NULL,
     {TAG("", "")}},
    {__LINE__, CUT, "", "TOK", {TAG("", "")}},
    {__LINE__, "TOK " CUT CUT, "***", "TOK", {TAG("", "")}},
    {__LINE__,
     "The Canonical Strin",
     "The Canonical Strin",
     NULL,
     {TAG("", "")}},
    {__LINE__,
     "the canonical string",
     "the canonical string",
     NULL,
     {TAG("", "")}},
    {__LINE__, "white space \n \n", "white space", NULL, {TAG("", "")}},
    /* Secrets that extend beyond the end of the kept message. */
    {__LINE__, "value is here ", "value is ***", NULL, {TAG("here ", "")}},
    {__LINE__,
     "x films The Canonical String is",
     "x ***",
     NULL,
     {TAG("films The Canonical", "")}},
#undef TOUCHES
#undef TOUCHES_NOT
};

/* At every place in a buffer, and never beyond its end. */
static void test_messages(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(messages); i++) {
        struct segjob_create_request request = {.tags = messages[i].tags,
                                                .tags_len = 2};
        size_t len = strlen(messages[i].name);

        for (size_t at = 0; at <= 8; at++) {
            char *buf = malloc(at + len + 1);
            struct segjob_str message = {buf + at, len};

            memset(buf, '@', at + len + 1);
            memcpy(buf + at, messages[i].name, len);
            message = sj_error_redact(buf, message, &request,
                                      segjob_cstr(messages[i].token));
            ROW(&messages[i], message.ptr == buf);
            ROW(&messages[i], is_string(message, messages[i].clean));
            ROW(&messages[i], buf[at + len] == '@');
            free(buf);
        }
    }
}

static void test_message_without_tags(void **state)
{
    struct segjob_create_request request = {.tags = NULL};
    char buf[16] = "a message";
    struct segjob_str message = {buf, 9};

    (void)state;
    assert_true(
        is_string(sj_error_redact(buf, message, &request, segjob_cstr(NULL)),
                  "a message"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arns),
        cmocka_unit_test(test_arn_in_every_room),
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_message_without_tags),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
