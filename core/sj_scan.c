#include "sj_scan.h"

#include <string.h>

bool sj_is_alnum(char c)
{
    return sj_is_digit(c) || ((unsigned char)c | 0x20u) - 'a' < 26;
}

bool sj_is_one_of(char c, const char *set)
{
    while (*set != '\0' && *set != c) {
        set++;
    }
    return *set != '\0';
}

unsigned sj_hex_value(char c)
{
    const unsigned letter = ((unsigned char)c | 0x20u) - 'a';

    if (sj_is_digit(c)) {
        return (unsigned)(c - '0');
    }
    return letter < 6 ? letter + 10 : 16;
}

bool sj_begins_with(struct segjob_str s, struct segjob_str prefix)
{
    /* memcmp may not be given NULL, even for no bytes */
    return s.len >= prefix.len &&
           (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

bool sj_is_same(struct segjob_str a, struct segjob_str b)
{
    return a.len == b.len && sj_begins_with(a, b);
}

bool sj_is_text(struct segjob_str s, const char *text)
{
    return sj_is_same(s, segjob_str(text));
}

const char *sj_next_text(const char *text)
{
    return text + strlen(text) + 1;
}

bool sj_is_listed(struct segjob_str s, const char *list)
{
    while (*list != '\0' && !sj_is_text(s, list)) {
        list = sj_next_text(list);
    }
    return *list != '\0';
}

uint32_t sj_decimal(struct segjob_str s)
{
    uint64_t sum = s.len > 0 ? 0 : SJ_NO_DECIMAL;

    for (; s.len > 0; sj_skip(&s, 1)) {
        if (!sj_is_digit(s.ptr[0])) {
            return SJ_NO_DECIMAL;
        }
        sum = sum * 10 + (unsigned)(s.ptr[0] - '0');
        sum = sum < SJ_DECIMAL_MAX ? sum : SJ_DECIMAL_MAX;
    }
    return (uint32_t)sum;
}

bool sj_take(struct segjob_str *s, char c)
{
    if (s->len == 0 || s->ptr[0] != c) {
        return false;
    }
    sj_skip(s, 1);
    return true;
}

bool sj_take_text(struct segjob_str *s, const char *text)
{
    const struct segjob_str prefix = segjob_str(text);

    if (!sj_begins_with(*s, prefix)) {
        return false;
    }
    sj_skip(s, prefix.len);
    return true;
}

size_t sj_take_digits(struct segjob_str *s)
{
    const size_t before = s->len;

    while (s->len > 0 && sj_is_digit(s->ptr[0])) {
        sj_skip(s, 1);
    }
    return before - s->len;
}

struct segjob_str sj_take_until(struct segjob_str *s, char end)
{
    struct segjob_str part = {s->ptr, 0};

    while (s->len > 0 && s->ptr[0] != end) {
        sj_skip(s, 1);
        part.len++;
    }
    sj_take(s, end);
    return part;
}
