#include "sj_unicode.h"

#include "segjob_text.h"

#ifndef SEGJOB_ASCII_TAGS
#include "sj_unicode_tables.h"
#endif

/*
 * The bits of a lead byte after its leading ones are the first of the value. A
 * sequence of 3 or 4 bytes is overlong unless its value has a bit more than one
 * of a byte less can have; one of 2 bytes, if it begins with less than C2.
 */
bool sj_utf8_next(struct segjob_str *s, uint32_t *code_point)
{
    const unsigned char *at = (const unsigned char *)s->ptr;
    uint32_t value = at[0];
    size_t n = 1;

    if (value >= 0x80) {
        n = value < 0xe0 ? 2 : value < 0xf0 ? 3 : 4;
        if (value < 0xc2 || value > 0xf4 || s->len < n) {
            return false;
        }
        value &= 0x7fu >> n;
        for (size_t i = 1; i < n; i++) {
            if ((at[i] & 0xc0u) != 0x80) {
                return false;
            }
            value = value << 6 | (at[i] & 0x3fu);
        }
        if (value >> (5 * n - 4) == 0 || value >> 11 == 0xd800 >> 11 ||
            value > 0x10ffff) {
            return false;
        }
    }
    s->ptr += n;
    s->len -= n;
    *code_point = value;
    return true;
}

bool segjob_utf8_next(struct segjob_str *s, uint32_t *code_point)
{
    return sj_utf8_next(s, code_point);
}

bool sj_utf8_count(struct segjob_str s, size_t *count)
{
    uint32_t code_point;

    *count = 0;
    while (s.len > 0) {
        size_t ascii = 0; /* bytes to skip at once: most text is ASCII */

        while (ascii < s.len && (unsigned char)s.ptr[ascii] < 0x80) {
            ascii++;
        }
        *count += ascii;
        s.ptr += ascii;
        s.len -= ascii;
        if (s.len > 0) {
            if (!sj_utf8_next(&s, &code_point)) {
                return false;
            }
            (*count)++;
        }
    }
    return true;
}

#ifdef SEGJOB_ASCII_TAGS
bool sj_unicode_is_word(uint32_t code_point)
{
    return code_point == ' ' || (code_point >= '0' && code_point <= '9') ||
           (code_point >= 'A' && code_point <= 'Z') ||
           (code_point >= 'a' && code_point <= 'z');
}
#else
static uint32_t next_run(const unsigned char **at)
{
    uint32_t length = 0;

    do {
        length = length << 7 | (**at & 127u);
    } while (*(*at)++ & 128u);
    return length;
}

bool sj_unicode_is_word(uint32_t code_point)
{
    size_t entry = sizeof(run_index) / sizeof(run_index[0]) - 1;
    const unsigned char *at;
    bool is_word = true; /* of this run; the next one is the opposite */
    uint32_t here;

    while (run_index[entry].code_point > code_point) {
        entry--; /* ends: the first entry is for code point 0 */
    }
    at = runs + run_index[entry].offset;
    here = run_index[entry].code_point;
    while (at < runs + sizeof(runs)) {
        here += next_run(&at);
        if (code_point < here) {
            return is_word;
        }
        is_word = !is_word;
    }
    return true;
}
#endif
