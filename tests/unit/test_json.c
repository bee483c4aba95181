/*
 * The JSON reader: its grammar and its strings against Python's json, its
 * limits, and the walk over values.
 */
#include "rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rows_json.h"
#include "sj_json.h"

#define TOKEN SJ_JSON_TOKEN

/* A document in memory of exactly its size, and its tokens in other memory. */
struct document {
    struct sj_json json;
    char *text;
    char *room;
};

static enum sj_json_result parse(struct document *d, struct segjob_str text,
                                 size_t cap)
{
    d->text = malloc(text.len + (text.len == 0));
    d->room = malloc(cap + (cap == 0));
    if (text.len > 0) {
        memcpy(d->text, text.ptr, text.len);
    }
    return sj_json_parse(&d->json, d->text, text.len, d->room, cap);
}

static void discard(struct document *d)
{
    free(d->text);
    free(d->room);
}

/* A document that must be good. */
static void open_document(struct document *d, const char *text)
{
    assert_int_equal(parse(d, segjob_cstr(text), 64 * TOKEN), SJ_JSON_OK);
}

static void test_grammar(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(json_rows); i++) {
        struct document d;
        enum sj_json_result result = parse(&d, json_rows[i].text, 64 * TOKEN);

        if (result != (json_rows[i].ok ? SJ_JSON_OK : SJ_JSON_BAD)) {
            fail_msg("row %zu, %.*s: %d", i, (int)json_rows[i].text.len,
                     json_rows[i].text.ptr, (int)result);
        }
        discard(&d);
    }
}

/* A good text that is cut anywhere is no JSON, except for numbers. */
static void test_cut_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(json_rows); i++) {
        struct segjob_str text = json_rows[i].text;
        char last = text.len > 0 ? text.ptr[text.len - 1] : ' ';

        for (size_t n = 0; json_rows[i].ok && n < text.len; n++) {
            struct segjob_str front = {text.ptr, n};
            struct document d;

            if (last == '}' || last == ']' || last == '"') {
                assert_int_equal(parse(&d, front, 64 * TOKEN), SJ_JSON_BAD);
                discard(&d);
            }
        }
    }
}

static void test_strings(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(string_rows); i++) {
        struct document d;
        struct segjob_str s;

        assert_int_equal(parse(&d, string_rows[i].text, TOKEN), SJ_JSON_OK);
        s = sj_json_string(&d.json, SJ_JSON_ROOT);
        if (!is_text(s, string_rows[i].decoded)) {
            fail_msg("row %zu, %.*s", i, (int)string_rows[i].text.len,
                     string_rows[i].text.ptr);
        }
        discard(&d);
    }
}

/* ---------------------------------------------------------------- limits */

static enum sj_json_result parse_nested(char open, char close, size_t depth)
{
    char text[2 * SJ_JSON_DEPTH_MAX + 2];
    struct segjob_str s = {text, 2 * depth};
    struct document d;
    enum sj_json_result result;

    for (size_t i = 0; i < depth; i++) {
        text[i] = open;
        text[2 * depth - 1 - i] = close;
    }
    result = parse(&d, s, 64 * TOKEN);
    discard(&d);
    return result;
}

static void test_depth(void **state)
{
    (void)state;
    assert_int_equal(parse_nested('[', ']', SJ_JSON_DEPTH_MAX), SJ_JSON_OK);
    assert_int_equal(parse_nested('[', ']', SJ_JSON_DEPTH_MAX + 1),
                     SJ_JSON_BAD);
}

/* Objects and arrays in turn, so that each level must know which it is. */
static void test_depth_of_both_kinds(void **state)
{
    char text[SJ_JSON_DEPTH_MAX * 5 + 8] = "";
    struct document d;

    (void)state;
    for (size_t i = 0; i < SJ_JSON_DEPTH_MAX / 2; i++) {
        strcat(text, "{\"\":[");
    }
    for (size_t i = 0; i < SJ_JSON_DEPTH_MAX / 2; i++) {
        strcat(text, "]}");
    }
    open_document(&d, text);
    discard(&d);
    text[strlen(text) - 1] = ']';
    assert_int_equal(parse(&d, segjob_cstr(text), 64 * TOKEN), SJ_JSON_BAD);
    discard(&d);
}

/* Seven values and names; every room from 0 to enough, aligned or not. */
static void test_room(void **state)
{
    struct segjob_str text = SEGJOB_STR("{\"a\":[1,\"\\u0062\"],\"c\":{}}");

    (void)state;
    for (size_t shift = 0; shift < 8; shift++) {
        for (size_t cap = 0; cap <= 8 * TOKEN; cap++) {
            size_t pad = (sizeof(int) - shift % sizeof(int)) % sizeof(int);
            char *room = malloc(shift + cap + 1);
            char copy[32];
            struct sj_json json;
            enum sj_json_result result;

            memset(room, '@', shift + cap + 1);
            memcpy(copy, text.ptr, text.len);
            result = sj_json_parse(&json, copy, text.len, room + shift, cap);
            assert_int_equal(result, cap >= pad + 7 * TOKEN ? SJ_JSON_OK
                                                            : SJ_JSON_NO_ROOM);
            assert_int_equal(room[shift + cap], '@');
            assert_int_equal(shift > 0 ? room[shift - 1] : '@', '@');
            if (result == SJ_JSON_OK) {
                assert_true((uintptr_t)json.tokens % sizeof(int) == 0);
                assert_true(is_string(sj_json_string(&json, 4), "b"));
            }
            free(room);
        }
    }
}

static void test_longest_text(void **state)
{
    struct sj_json json;
    char text[1] = {'1'};

    (void)state;
    assert_int_equal(
        sj_json_parse(&json, text, (size_t)SJ_JSON_LEN_MAX + 1, NULL, 0),
        SJ_JSON_BAD);
}

/* Objects of `n` members each, in and beside each other. */
static enum sj_json_result parse_members(struct document *d, unsigned n)
{
    static char text[8192];
    size_t len = 0;

    for (unsigned i = 0; i < n; i++) {
        len +=
            (size_t)sprintf(text + len, "%s\"\\u0061%u\":", i ? "," : "{", i);
        for (unsigned k = 0; k < n && i % 16 == 0; k++) {
            len += (size_t)sprintf(text + len, "%s\"%u\":0", k ? "," : "{", k);
        }
        text[len++] = i % 16 == 0 ? '}' : '1';
    }
    text[len++] = '}';
    return parse(d, (struct segjob_str){text, len}, 1000 * TOKEN);
}

/* Beyond the limit the last token is the name that is too much. */
static void test_members_of_an_object(void **state)
{
    struct document d;

    (void)state;
    assert_int_equal(parse_members(&d, SJ_JSON_MEMBERS_MAX), SJ_JSON_OK);
    assert_int_equal(d.json.len, 2 * (5 * SJ_JSON_MEMBERS_MAX) + 1);
    assert_int_not_equal(sj_json_member(&d.json, SJ_JSON_ROOT, "a63"),
                         SJ_JSON_NONE);
    discard(&d);
    assert_int_equal(parse_members(&d, SJ_JSON_MEMBERS_MAX + 1), SJ_JSON_BAD);
    assert_true(is_string(sj_json_string(&d.json, d.json.len - 1), "64"));
    assert_int_equal(sj_json_next(&d.json, d.json.len - 1), SJ_JSON_NONE);
    discard(&d);
}

/* The last token is the second of the two, and its next one is the first. */
static void test_repeated_names(void **state)
{
    struct segjob_str text =
        SEGJOB_STR("[{\"a\":{\"b\":1},\"b\":[],\"\\u0062\":2,\"a\":3}]");
    struct document d;

    (void)state;
    assert_int_equal(parse(&d, text, 64 * TOKEN), SJ_JSON_BAD);
    assert_int_equal(d.json.len, 9);
    assert_true(is_string(sj_json_string(&d.json, 8), "\\u0062"));
    assert_int_equal(sj_json_next(&d.json, 8), 6);
    assert_memory_equal(d.text, text.ptr, text.len);
    discard(&d);
}

/* ---------------------------------------------------------------- values */

static void test_members(void **state)
{
    struct document d;
    int b;

    (void)state;
    open_document(&d, "{\"a\":{\"b\":\"no\"},\"b\":\"yes\",\"n\":null,"
                      "\"\\u0063\":[],\"d\":\"\\u0000\"}");
    b = sj_json_member(&d.json, SJ_JSON_ROOT, "b");
    assert_true(is_string(sj_json_string(&d.json, b), "yes"));
    assert_int_equal(sj_json_member(&d.json, SJ_JSON_ROOT, "no"), SJ_JSON_NONE);
    assert_int_equal(sj_json_member(&d.json, SJ_JSON_ROOT, "n"), SJ_JSON_NONE);
    assert_int_equal(sj_json_member(&d.json, SJ_JSON_ROOT, ""), SJ_JSON_NONE);
    assert_int_equal(sj_json_member(&d.json, b, "b"), SJ_JSON_NONE);
    assert_int_equal(sj_json_member(&d.json, SJ_JSON_NONE, "b"), SJ_JSON_NONE);
    assert_true(
        sj_json_is_array(&d.json, sj_json_member(&d.json, SJ_JSON_ROOT, "c")));
    assert_int_equal(
        sj_json_string(&d.json, sj_json_member(&d.json, SJ_JSON_ROOT, "d")).len,
        1);
    discard(&d);
}

static void test_types(void **state)
{
    struct document d;

    (void)state;
    open_document(&d, "[{},[],\"null\",null,true,12]");
    for (int i = 1; i <= 6; i++) {
        assert_int_equal(sj_json_is_object(&d.json, i), i == 1);
        assert_int_equal(sj_json_is_array(&d.json, i), i == 2);
        assert_int_equal(sj_json_string(&d.json, i).ptr != NULL, i == 3);
        assert_int_equal(sj_json_is_null(&d.json, i), i == 4);
    }
    assert_false(sj_json_is_object(&d.json, SJ_JSON_NONE));
    assert_false(sj_json_is_array(&d.json, SJ_JSON_NONE));
    assert_false(sj_json_is_null(&d.json, SJ_JSON_NONE));
    assert_null(sj_json_string(&d.json, SJ_JSON_NONE).ptr);
    discard(&d);
}

/* Count the items of an array, or the names of an object. */
static size_t count(const struct sj_json *json, int container)
{
    size_t n = 0;

    for (int i = sj_json_first(json, container); i != SJ_JSON_NONE;
         i = sj_json_next(json, i)) {
        n++;
    }
    return n;
}

static void test_walk(void **state)
{
    static const struct {
        int line;
        const char *name;
        size_t n;
    } rows[] = {
        {__LINE__, "[]", 0},
        {__LINE__, "{}", 0},
        {__LINE__, "1", 0},
        {__LINE__, "\"a\"", 0},
        {__LINE__, "[1,2,3]", 3},
        {__LINE__, "[[1,2],[3,[4]],{\"a\":5}]", 3},
        {__LINE__, "{\"a\":1,\"b\":[1,2],\"c\":{\"d\":1,\"e\":2}}", 3},
        {__LINE__, "[\"\\u0041\",[\"\\u0041\",\"\\n\"],\"\\n\"]", 3},
        {__LINE__, "{\"\\u0041\":{\"\\u0041\":\"\\u0041\"},\"b\":0}", 2},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct document d;

        open_document(&d, rows[i].name);
        ROW(&rows[i], count(&d.json, SJ_JSON_ROOT) == rows[i].n);
        discard(&d);
    }
}

static void test_end_of_a_walk(void **state)
{
    struct document d;

    (void)state;
    open_document(&d, "[[1],2]");
    assert_int_equal(sj_json_next(&d.json, SJ_JSON_ROOT), SJ_JSON_NONE);
    assert_int_equal(sj_json_next(&d.json, 2), SJ_JSON_NONE); /* the 1 */
    assert_int_equal(sj_json_next(&d.json, 1), 3);
    assert_int_equal(sj_json_next(&d.json, 3), SJ_JSON_NONE);
    assert_int_equal(sj_json_first(&d.json, SJ_JSON_NONE), SJ_JSON_NONE);
    discard(&d);
}

static void test_integers(void **state)
{
    static const struct {
        int line;
        const char *name;
        bool ok;
        int32_t number;
    } rows[] = {
        {__LINE__, "0", true, 0},
        {__LINE__, "-0", true, 0},
        {__LINE__, "25", true, 25},
        {__LINE__, "-25", true, -25},
        {__LINE__, "2147483647", true, INT32_MAX},
        {__LINE__, "2147483648", false, 0},
        {__LINE__, "-2147483648", true, INT32_MIN},
        {__LINE__, "-2147483649", false, 0},
        {__LINE__, "21474836470", false, 0},
        {__LINE__, "4294967296", false, 0},
        {__LINE__, "18446744073709551616", false, 0},
        {__LINE__, "99999999999999999999999999999999999999", false, 0},
        {__LINE__, "1.0", false, 0},
        {__LINE__, "1e2", false, 0},
        {__LINE__, "1E2", false, 0},
        {__LINE__, "true", false, 0},
        {__LINE__, "null", false, 0},
        {__LINE__, "\"1\"", false, 0},
        {__LINE__, "[1]", false, 0},
        {__LINE__, "{}", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct document d;
        int32_t number = 4711;

        open_document(&d, rows[i].name);
        ROW(&rows[i],
            sj_json_int32(&d.json, SJ_JSON_ROOT, &number) == rows[i].ok);
        ROW(&rows[i], number == (rows[i].ok ? rows[i].number : 4711));
        discard(&d);
    }
}

/* Expectations from Python's decimal, which tests/conformance compares too. */
static void test_millis(void **state)
{
    static const struct {
        int line;
        const char *name;
        bool ok;
        int64_t ms;
    } rows[] = {
        {__LINE__, "0", true, 0},
        {__LINE__, "-0.0", true, 0},
        {__LINE__, "1767225600", true, INT64_C(1767225600000)},
        {__LINE__, "1.310506263362E9", true, INT64_C(1310506263362)},
        {__LINE__, "1310506263362e-3", true, INT64_C(1310506263362)},
        {__LINE__, "1310506.2633629E+03", true, INT64_C(1310506263362)},
        {__LINE__, "0.0019999", true, 1},
        {__LINE__, "-0.0019999", true, -1},
        {__LINE__, "-0.0009", true, 0},
        {__LINE__, "1e-4", true, 0},
        {__LINE__, "999999999999999.9999", true, INT64_C(999999999999999999)},
        {__LINE__, "-999999999999999.9999", true, -INT64_C(999999999999999999)},
        {__LINE__, "12345678901234567.89e-6", true, INT64_C(12345678901234)},
        {__LINE__, "1e15", false, 0},
        {__LINE__, "1000000000000000.0", false, 0},
        {__LINE__, "0e99999999999999999999", true, 0},
        {__LINE__, "1e99999999999999999999", false, 0},
        {__LINE__, "1e-99999999999999999999", true, 0},
        {__LINE__, "1e4294967296", false, 0},
        {__LINE__, "1e-4294967296", true, 0},
        {__LINE__, "99999999999999999999e-99", true, 0},
        {__LINE__, "0.00000000000000000000001e23", true, 1000},
        {__LINE__, "true", false, 0},
        {__LINE__, "null", false, 0},
        {__LINE__, "\"1\"", false, 0},
        {__LINE__, "[1]", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct document d;
        int64_t ms = 4711;

        open_document(&d, rows[i].name);
        ROW(&rows[i], sj_json_millis(&d.json, SJ_JSON_ROOT, &ms) == rows[i].ok);
        ROW(&rows[i], ms == (rows[i].ok ? rows[i].ms : 4711));
        assert_false(sj_json_millis(&d.json, SJ_JSON_NONE, &ms));
        discard(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grammar),
        cmocka_unit_test(test_cut_texts),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_depth_of_both_kinds),
        cmocka_unit_test(test_room),
        cmocka_unit_test(test_longest_text),
        cmocka_unit_test(test_members_of_an_object),
        cmocka_unit_test(test_repeated_names),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_end_of_a_walk),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_millis),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
