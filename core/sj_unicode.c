#include "sj_unicode.h"

#ifndef SEGJOB_ASCII_TAGS
#include "sj_unicode_tables.h"
#endif

/* What a lead byte says: bytes that follow, and the range of the first. */
struct lead {
    unsigned char follow;
    unsigned char low;
    unsigned char high;
};

/* A row per row of table 3-7; `follow` 0 stands for an ill-formed lead. */
static struct lead lead_of(unsigned char c)
{
    struct lead lead = {0, 0x80, 0xbf};

    if (c >= 0xc2 && c <= 0xdf) {
        lead.follow = 1;
    } else if (c >= 0xe0 && c <= 0xef) {
        lead.follow = 2;
        lead.low = c == 0xe0 ? 0xa0 : 0x80;
        lead.high = c == 0xed ? 0x9f : 0xbf;
    } else if (c >= 0xf0 && c <= 0xf4) {
        lead.follow = 3;
        lead.low = c == 0xf0 ? 0x90 : 0x80;
        lead.high = c == 0xf4 ? 0x8f : 0xbf;
    }
    return lead;
}

bool sj_utf8_next(struct segjob_str *s, uint32_t *code_point)
{
    const unsigned char *at = (const unsigned char *)s->ptr;
    struct lead lead = lead_of(at[0]);
    uint32_t value = at[0];

    if (at[0] >= 0x80) {
        if (lead.follow == 0 || s->len <= lead.follow || at[1] < lead.low ||
            at[1] > lead.high) {
            return false;
        }
        value &= 0x3fu >> lead.follow;
    }
    for (size_t i = 1; i <= lead.follow; i++) {
        if (at[i] < 0x80 || at[i] > 0xbf) {
            return false;
        }
        value = value << 6 | (at[i] & 0x3fu);
    }
    s->ptr += lead.follow + 1u;
    s->len -= lead.follow + 1u;
    *code_point = value;
    return true;
}

bool sj_utf8_count(struct segjob_str s, size_t *count)
{
    uint32_t code_point;

    *count = 0;
    while (s.len > 0) {
        if (!sj_utf8_next(&s, &code_point)) {
            return false;
        }
        (*count)++;
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
    uint32_t here;

    while (run_index[entry].code_point > code_point) {
        entry--; /* the first begins at code point 0 */
    }
    at = runs + run_index[entry].offset;
    here = run_index[entry].code_point;
    while (at < runs + sizeof(runs)) {
        here += next_run(&at); /* the run outside */
        if (code_point < here) {
            return false;
        }
        here += next_run(&at); /* the run inside */
        if (code_point < here) {
            return true;
        }
    }
    return false;
}
#endif
