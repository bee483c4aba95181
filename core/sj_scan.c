#include "sj_scan.h"

#include <string.h>

bool sj_is_one_of(char c, const char *set)
{
    while (*set != '\0' && *set != c) {
        set++;
    }
    return *set != '\0';
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
    return sj_take_text(&s, text) && s.len == 0;
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
    size_t n = 0;

    for (; text[n] != '\0'; n++) {
        if (n == s->len || s->ptr[n] != text[n]) {
            return false;
        }
    }
    sj_skip(s, n);
    return true;
}

size_t sj_take_digits(struct segjob_str *s)
{
    const size_t before = s->len;

    while (s->len > 0 && segjob_is_digit(s->ptr[0])) {
        sj_skip(s, 1);
    }
    return before - s->len;
}

struct segjob_str sj_take_until(struct segjob_str *s, char end)
{
    struct segjob_str part = *s;

    while (s->len > 0 && s->ptr[0] != end) {
        sj_skip(s, 1);
    }
    part.len -= s->len;
    sj_take(s, end);
    return part;
}
