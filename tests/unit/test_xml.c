/*
 * The reader of XML, against Python's expat.
 */
#include "rows.h"

#include <stdlib.h>
#include <string.h>

#include "../../port/credentials/sj_xml.h"
#include "rows_xml.h"

/* A copy in memory of exactly its size. */
static char *copy_of(struct segjob_str text)
{
    char *copy = malloc(text.len > 0 ? text.len : 1);

    assert_non_null(copy);
    memcpy(copy, text.ptr, text.len);
    return copy;
}

static bool is_within(struct segjob_str text, const char *buf, size_t len)
{
    return text.ptr == NULL ? text.len == 0
                            : text.ptr >= buf && text.len <= len &&
                                  text.ptr + text.len <= buf + len;
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(xml_rows); i++) {
        const struct xml_row *row = &xml_rows[i];
        struct sj_xml_text text = {"a/b", SEGJOB_STR("before")};
        char *buf = copy_of(row->document);

        if (sj_xml_read(buf, row->document.len, &text, 1) != row->ok ||
            !is_within(text.text, buf, row->document.len) ||
            !is_text(text.text, row->text)) {
            fail_msg("line %d: %.*s", row->line, (int)row->document.len,
                     row->document.ptr);
        }
        free(buf);
    }
}

/* ------------------------------------------------------------ a response */

#define RESPONSE                                                            \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                          \
    "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/" \
    "\">\n"                                                                 \
    "  <AssumeRoleResult>\n"                                                \
    "    <Credentials>\n"                                                   \
    "      <AccessKeyId>ASIAEXAMPLE</AccessKeyId>\n"                        \
    "      <SessionToken>a&#43;b&amp;c=</SessionToken>\n"                   \
    "    </Credentials>\n"                                                  \
    "    <PackedPolicySize>6</PackedPolicySize>\n"                          \
    "  </AssumeRoleResult>\n"                                               \
    "  <ResponseMetadata><RequestId>c6104cbe</RequestId>"                   \
    "</ResponseMetadata>\n"                                                 \
    "</AssumeRoleResponse>\n"

static const struct sj_xml_text wanted[] = {
    {"AssumeRoleResponse/AssumeRoleResult/Credentials/AccessKeyId", {NULL, 0}},
    {"AssumeRoleResponse/AssumeRoleResult/Credentials/SessionToken", {NULL, 0}},
    {"AssumeRoleResponse/AssumeRoleResult/Credentials/Expiration", {NULL, 0}},
    {"AssumeRoleResponse/ResponseMetadata/RequestId", {NULL, 0}},
    {"ResponseMetadata/RequestId", {NULL, 0}},
    {"AssumeRoleResponse/ResponseMetadata/Request", {NULL, 0}},
};

static void test_paths(void **state)
{
    const struct segjob_str response = SEGJOB_STR(RESPONSE);
    struct sj_xml_text texts[LENGTH(wanted)];
    char *buf = copy_of(response);

    (void)state;
    memcpy(texts, wanted, sizeof(texts));
    assert_true(sj_xml_read(buf, response.len, texts, LENGTH(texts)));
    assert_true(is_string(texts[0].text, "ASIAEXAMPLE"));
    assert_true(is_string(texts[1].text, "a+b&c="));
    assert_null(texts[2].text.ptr);
    assert_true(is_string(texts[3].text, "c6104cbe"));
    assert_null(texts[4].text.ptr);
    assert_null(texts[5].text.ptr);
    free(buf);
}

/* A document that is cut, or whose byte is another, yields all or nothing. */
static void test_every_cut(void **state)
{
    const struct segjob_str response = SEGJOB_STR(RESPONSE);
    struct sj_xml_text texts[LENGTH(wanted)];

    (void)state;
    for (size_t n = 0; n + 1 < response.len; n++) { /* the last is a blank */
        const struct segjob_str cut = {response.ptr, n};
        char *buf = copy_of(cut);

        memcpy(texts, wanted, sizeof(texts));
        assert_false(sj_xml_read(buf, n, texts, LENGTH(texts)));
        for (size_t i = 0; i < LENGTH(texts); i++) {
            assert_null(texts[i].text.ptr);
        }
        free(buf);
    }
}

static void test_every_other_byte(void **state)
{
    static const char others[] = "<>&;/'\"= a!?\x80\0";
    const struct segjob_str response = SEGJOB_STR(RESPONSE);
    struct sj_xml_text texts[LENGTH(wanted)];

    (void)state;
    for (size_t n = 0; n < response.len * sizeof(others); n++) {
        char *buf = copy_of(response);
        bool ok;

        buf[n / sizeof(others)] = others[n % sizeof(others)];
        memcpy(texts, wanted, sizeof(texts));
        ok = sj_xml_read(buf, response.len, texts, LENGTH(texts));
        for (size_t i = 0; i < LENGTH(texts); i++) {
            assert_true(is_within(texts[i].text, buf, response.len));
            assert_true(ok || texts[i].text.ptr == NULL);
        }
        free(buf);
    }
}

/* Any depth is refused but not followed. */
static void test_depth(void **state)
{
    static char buf[40000];
    struct sj_xml_text text = {"a/a/a/a/a/a/a/a", {NULL, 0}};

    (void)state;
    for (size_t depth = 1; depth < 5000; depth += depth < 20 ? 1 : 1000) {
        for (size_t i = 0; i < depth; i++) {
            memcpy(buf + 3 * i, "<a>", 3);
            memcpy(buf + 3 * depth + 4 * i, "</a>", 4);
        }
        assert_true(sj_xml_read(buf, 7 * depth, &text, 1) ==
                    (depth <= SJ_XML_DEPTH));
        assert_true((text.text.ptr != NULL) == (depth == SJ_XML_DEPTH));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_every_other_byte),
        cmocka_unit_test(test_depth),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
