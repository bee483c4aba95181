#include "sj_unicode.h"

#include "segjob_text.h"

#ifndef SEGJOB_ASCII_TAGS
#include "sj_unicode_tables.h"
#endif

/* The sequences of some lead bytes. */
struct lead {
    unsigned char first;  /* the lowest of these lead bytes */
    unsigned char follow; /* the number of bytes that follow */
    unsigned char low;    /* the range of the byte after the lead byte */
    unsigned char high;
};

/* The Unicode Standard, table 3-7, with the highest lead bytes first. */
static const struct lead leads[] = {
    {0xf5, 0, 0, 0},       {0xf4, 3, 0x80, 0x8f}, {0xf1, 3, 0x80, 0xbf},
    {0xf0, 3, 0x90, 0xbf}, {0xee, 2, 0x80, 0xbf}, {0xed, 2, 0x80, 0x9f},
    {0xe1, 2, 0x80, 0xbf}, {0xe0, 2, 0xa0, 0xbf}, {0xc2, 1, 0x80, 0xbf},
    {0x80, 0, 0, 0},
};

static bool take_multibyte(struct segjob_str *s, uint32_t *code_point)
{
    const unsigned char *at = (const unsigned char *)s->ptr;
    const struct lead *lead = leads;
    uint32_t value;

    while (at[0] < lead->first) {
        lead++; /* ends: the last row is for all bytes that are not ASCII */
    }
    if (lead->follow == 0 || s->len <= lead->follow || at[1] < lead->low ||
        at[1] > lead->high) {
        return false;
    }
    value = at[0] & 0x3fu >> lead->follow;
    for (size_t i = 1; i <= lead->follow; i++) {
        if ((at[i] & 0xc0u) != 0x80) {
            return false;
        }
        value = value << 6 | (at[i] & 0x3fu);
    }
    s->ptr += lead->follow + 1u;
    s->len -= lead->follow + 1u;
    *code_point = value;
    return true;
}

bool sj_utf8_next(struct segjob_str *s, uint32_t *code_point)
{
    const unsigned char first = (unsigned char)s->ptr[0];

    if (first >= 0x80) {
        return take_multibyte(s, code_point);
    }
    s->ptr++;
    s->len--;
    *code_point = first;
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
