/*
 * UTF-8 against The Unicode Standard's table 3-7, and the character classes of
 * tags against another file of Unicode 17.0.
 */
#include "rows.h"

#include "rows_unicode.h"
#include "sj_unicode.h"

/* Whether the bytes are exactly one scalar value. */
static bool is_one(const unsigned char *bytes, size_t n)
{
    struct segjob_str s = {(const char *)bytes, n};
    uint32_t c;

    return sj_utf8_next(&s, &c) && s.len == 0;
}

/* Encode by the definition of the bit distribution, table 3-6. */
static size_t encode(uint32_t c, unsigned char *to)
{
    if (c < 0x80) {
        to[0] = (unsigned char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (unsigned char)(0xc0 + c / 64);
        to[1] = (unsigned char)(0x80 + c % 64);
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (unsigned char)(0xe0 + c / 4096);
        to[1] = (unsigned char)(0x80 + c / 64 % 64);
        to[2] = (unsigned char)(0x80 + c % 64);
        return 3;
    }
    to[0] = (unsigned char)(0xf0 + c / 262144);
    to[1] = (unsigned char)(0x80 + c / 4096 % 64);
    to[2] = (unsigned char)(0x80 + c / 64 % 64);
    to[3] = (unsigned char)(0x80 + c % 64);
    return 4;
}

static void test_each_code_point(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < 0x120000; c++) {
        unsigned char bytes[5] = {0, 0, 0, 0, 'x'};
        size_t n = encode(c, bytes);
        struct segjob_str s = {(const char *)bytes, n + 1};
        uint32_t read = 0;
        bool scalar = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);

        assert_int_equal(sj_utf8_next(&s, &read), scalar);
        assert_int_equal(read, scalar ? c : 0);
        assert_int_equal(s.len, scalar ? 1 : n + 1);
    }
}

/* There are as many well-formed sequences as scalar values of that length. */
static void test_all_of_three_bytes(void **state)
{
    unsigned ones = 0;
    unsigned twos = 0;
    unsigned threes = 0;

    (void)state;
    for (uint32_t i = 0; i < 0x1000000; i++) {
        const unsigned char bytes[] = {(unsigned char)(i >> 16),
                                       (unsigned char)(i >> 8),
                                       (unsigned char)i};

        ones += (i & 0xffff) == 0 && is_one(bytes, 1);
        twos += (i & 0xff) == 0 && is_one(bytes, 2);
        threes += is_one(bytes, 3);
    }
    assert_int_equal(ones, 0x80);
    assert_int_equal(twos, 0x800 - 0x80);
    assert_int_equal(threes, 0x10000 - 0x800 - 0x800);
}

/* The last two bytes only at the edges of their range. */
static void test_four_bytes(void **state)
{
    static const unsigned char edges[] = {0x00, 0x7f, 0x80, 0xbf, 0xc0, 0xff};
    unsigned fours = 0;

    (void)state;
    for (uint32_t i = 0; i < 0x10000 * 36; i++) {
        const unsigned char bytes[] = {(unsigned char)(i / 36 >> 8),
                                       (unsigned char)(i / 36),
                                       edges[i % 36 / 6], edges[i % 6]};

        fours += is_one(bytes, 4);
    }
    assert_int_equal(fours, 0x100000 / 4096 * 4);
}

static const struct {
    int line;
    const char *name;
    bool ok;
    size_t count;
    struct segjob_str text;
} texts[] = {
    {__LINE__, "absent", true, 0, {NULL, 0}},
    {__LINE__, "empty", true, 0, SEGJOB_STR("")},
    {__LINE__, "NUL", true, 3, SEGJOB_STR("a\0b")},
    {__LINE__, "each length", true, 4,
     SEGJOB_STR("a\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80")},
    {__LINE__, "cut, 2", false, 0, SEGJOB_STR("a\xc3")},
    {__LINE__, "cut, 3", false, 0, SEGJOB_STR("\xe2\x82")},
    {__LINE__, "cut, 4", false, 0, SEGJOB_STR("\xf0\x9f\x98")},
    {__LINE__, "ill-formed in the middle", false, 0, SEGJOB_STR("a\xff z")},
    {__LINE__, "surrogate pair", false, 0,
     SEGJOB_STR("\xed\xa0\xbd\xed\xb8\x80")},
    {__LINE__, "overlong slash", false, 0, SEGJOB_STR("\xc0\xaf")},
};

static void test_count(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(texts); i++) {
        size_t count;

        ROW(&texts[i], sj_utf8_count(texts[i].text, &count) == texts[i].ok);
        ROW(&texts[i], !texts[i].ok || count == texts[i].count);
    }
}

/* FNV-1a over a byte for each code point. */
static void test_word_characters(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(unicode_rows); i++) {
        const struct unicode_row *row = &unicode_rows[i];
        uint32_t count = 0;
        uint64_t hash = 2166136261;

        for (uint32_t c = row->first; c < row->first + 0x4000; c++) {
            bool is_word = sj_unicode_is_word(c);

            count += is_word;
            hash = ((hash ^ is_word) * 16777619) & 0xffffffff;
        }
        if (count != row->count || hash != row->hash) {
            fail_msg("from U+%04X on: %u word characters, not %u; or others",
                     row->first, count, row->count);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_code_point),
        cmocka_unit_test(test_all_of_three_bytes),
        cmocka_unit_test(test_four_bytes),
        cmocka_unit_test(test_count),
        cmocka_unit_test(test_word_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
