/*
 * The writer: at every capacity it stores what fits, and counts all.
 */
#include "rows.h"

#include <stdlib.h>
#include <string.h>

#include "sj_writer.h"

enum {
    INT,
    HEX,
    JSON,
    SHOWN,
    STR
};

/*
 * The expectations of JSON are strings that Python's json.loads() turns back
 * into `in`; RFC 8259 section 7 leaves open which escape is chosen.
 */
static const struct {
    int line;
    const char *name; /* what is expected */
    int kind;
    int64_t number;
    struct segjob_str in;
} rows[] = {
    {__LINE__, "0", INT, 0, {NULL, 0}},
    {__LINE__, "9", INT, 9, {NULL, 0}},
    {__LINE__, "10", INT, 10, {NULL, 0}},
    {__LINE__, "-1", INT, -1, {NULL, 0}},
    {__LINE__, "2147483647", INT, INT32_MAX, {NULL, 0}},
    {__LINE__, "-2147483648", INT, INT32_MIN, {NULL, 0}},
    {__LINE__, "9223372036854775807", INT, INT64_MAX, {NULL, 0}},
    {__LINE__, "-9223372036854775808", INT, INT64_MIN, {NULL, 0}},
    {__LINE__, "", HEX, 0, {NULL, 0}},
    {__LINE__, "00ff10a5", HEX, 0, SEGJOB_STR("\x00\xff\x10\xa5")},
    {__LINE__, "", STR, 0, {NULL, 0}},
    {__LINE__, "text", STR, 0, SEGJOB_STR("text")},
    {__LINE__, "\"\"", JSON, 0, SEGJOB_STR("")},
    {__LINE__, "\"plain / \x7f\"", JSON, 0, SEGJOB_STR("plain / \x7f")},
    {__LINE__, "\"\\\"\\\\\"", JSON, 0, SEGJOB_STR("\"\\")},
    {__LINE__, "\"a\\\"b\\\\c\"", JSON, 0, SEGJOB_STR("a\"b\\c")},
    {__LINE__, "\"\\u0000\\u001f\\u000a\"", JSON, 0, SEGJOB_STR("\0\x1f\n")},
    {__LINE__, "\"\xc3\xbc\xf0\x9f\x98\x80\"", JSON, 0,
     SEGJOB_STR("\xc3\xbc\xf0\x9f\x98\x80")},
    {__LINE__, "", SHOWN, 0, {NULL, 0}},
    {__LINE__, "plain", SHOWN, 0, SEGJOB_STR("plain")},
    {__LINE__, "\\x00\\x1b[31m\\x0a\\x7f", SHOWN, 0,
     SEGJOB_STR("\0\x1b[31m\n\x7f")},
    {__LINE__, "\\xc2\\x80\\xc2\\x9f\xc2\xa0", SHOWN, 0,
     SEGJOB_STR("\xc2\x80\xc2\x9f\xc2\xa0")}, /* U+0080 U+009F U+00A0 */
    {__LINE__, "\\xff\\xc3a\\xe2\\x82", SHOWN, 0,
     SEGJOB_STR("\xff\xc3"
                "a\xe2\x82")},
    {__LINE__, "\xc3\xbc\xf0\x9f\x98\x80", SHOWN, 0,
     SEGJOB_STR("\xc3\xbc\xf0\x9f\x98\x80")},
};

static void write_row(struct sj_writer *w, size_t i)
{
    switch (rows[i].kind) {
    case INT:
        sj_write_int(w, rows[i].number);
        break;
    case HEX:
        for (size_t k = 0; k < rows[i].in.len; k++) {
            sj_write_hex(w, (unsigned char)rows[i].in.ptr[k]);
        }
        break;
    case JSON:
        sj_write_json_string(w, rows[i].in);
        break;
    case SHOWN:
        sj_write_shown(w, rows[i].in);
        break;
    default:
        sj_write_str(w, rows[i].in);
        break;
    }
}

static void test_rows_at_every_capacity(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        size_t len = strlen(rows[i].name);

        for (size_t cap = 0; cap <= len + 1; cap++) {
            char *buf = malloc(cap + 1);
            struct sj_writer w = {buf, cap, 0, NULL};
            size_t stored = len < cap ? len : cap;

            memset(buf, '@', cap + 1);
            write_row(&w, i);
            ROW(&rows[i], w.len == len);
            ROW(&rows[i], memcmp(buf, rows[i].name, stored) == 0);
            ROW(&rows[i], buf[stored] == '@');
            free(buf);
        }
    }
}

/* Text, values, and parts that are left out if a value is absent. */
static void test_template(void **state)
{
    static const struct {
        int line;
        const char *name; /* what is written */
        const char *template;
        struct segjob_str values[3];
    } templates[] = {
        {__LINE__, "", "", {{NULL, 0}}},
        {__LINE__, "text", "text", {{NULL, 0}}},
        {__LINE__, "a-b", "\x80-\x81", {SEGJOB_STR("a"), SEGJOB_STR("b")}},
        {__LINE__, "bba", "\x81\x81\x80", {SEGJOB_STR("a"), SEGJOB_STR("b")}},
        {__LINE__, "{\"\\\"\"}", "{\xa0}", {SEGJOB_STR("\"")}},
        {__LINE__, "[]\"\"", "[\x80]\xa2", {{NULL, 0}, {NULL, 0}, {"", 0}}},
        {__LINE__,
         "ac",
         "a\xc0-\x80\xa0\xff"
         "c",
         {{NULL, 0}}},
        {__LINE__,
         "a-c",
         "a\xc0-\x80\xff"
         "c",
         {{"", 0}}},
        {__LINE__,
         "<b>",
         "\xc0(\x80)\xff\xc1<\x81>\xff",
         {{NULL, 0}, SEGJOB_STR("b")}},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(templates); i++) {
        char buf[16] = "";
        struct sj_writer w = {buf, sizeof(buf) - 1, 0, NULL};

        sj_write_template(&w, templates[i].template, templates[i].values);
        ROW(&templates[i], strcmp(buf, templates[i].name) == 0);
        ROW(&templates[i], w.len == strlen(templates[i].name));
    }
}

static void test_append(void **state)
{
    char buf[6] = "@@@@@@";
    struct sj_writer w = {buf, 5, 0, NULL};

    (void)state;
    sj_write_char(&w, 'a');
    sj_write_text(&w, "bc");
    sj_write(&w, NULL, 0);
    assert_int_equal(w.len, 3);
    sj_write_text(&w, "def");
    sj_write_text(&w, "gh");
    assert_int_equal(w.len, 8);
    assert_memory_equal(buf, "abcde@", 6);
}

static void test_count_does_not_wrap(void **state)
{
    struct sj_writer w = {NULL, 0, SIZE_MAX - 1, NULL};

    (void)state;
    sj_write_text(&w, "a");
    assert_true(w.len == SIZE_MAX);
    sj_write_text(&w, "ab");
    assert_true(w.len == SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_at_every_capacity),
        cmocka_unit_test(test_template),
        cmocka_unit_test(test_append),
        cmocka_unit_test(test_count_does_not_wrap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
