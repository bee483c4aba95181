/*
 * Tags with SEGJOB_ASCII_TAGS: up to U+007F as without it, which
 * test_unicode.c and test_match.c check; nothing beyond is accepted.
 */
#include "rows.h"

#include <string.h>

#ifndef SEGJOB_ASCII_TAGS
#define SEGJOB_ASCII_TAGS
#endif
#include "sj_unicode.c" /* instead of the library's */

#include "sj_match.h"

static const char word_characters[] = " 0123456789abcdefghijklmnopqrstuvwxyz"
                                      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

static void test_word_characters(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < 0x110000; c++) {
        bool ascii =
            c > 0 && c < 0x80 && strchr(word_characters, (int)c) != NULL;

        assert_int_equal(sj_unicode_is_word(c), ascii);
    }
}

static const struct {
    int line;
    const char *name;
    bool ok;
} tags[] = {
    {__LINE__, "", true},
    {__LINE__, "Team 7_.:/=+-@", true},
    {__LINE__, "a\n", false},
    {__LINE__, "a#", false},
    {__LINE__, "\xc3\xbc", false},         /* a letter */
    {__LINE__, "\xc2\xa0", false},         /* a separator */
    {__LINE__, "\xd9\xa0", false},         /* a number */
    {__LINE__, "\xf0\x90\x90\x80", false}, /* a letter of four bytes */
    {__LINE__, "\xff", false},
};

static void test_tags(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(tags); i++) {
        ROW(&tags[i], sj_match_tag(segjob_cstr(tags[i].name)) == tags[i].ok);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_word_characters),
        cmocka_unit_test(test_tags),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
