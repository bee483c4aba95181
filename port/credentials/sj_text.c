#include "sj_text.h"

#include <string.h>

#include "segjob_text.h"

void sj_text_add_encoded(struct sj_text *t, struct segjob_str value)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t i;

    for (i = 0; i < value.len; i++) {
        const char c = value.ptr[i];

        if (segjob_is_alnum(c) || (c != '\0' && strchr("-._~", c) != NULL)) {
            sj_text_add_char(t, c);
        } else {
            sj_text_add_char(t, '%');
            sj_text_add_char(t, digits[(unsigned char)c >> 4]);
            sj_text_add_char(t, digits[(unsigned char)c & 15]);
        }
    }
}

bool sj_text_is_name(struct segjob_str s, size_t min, size_t max,
                     const char *others)
{
    size_t i;

    for (i = 0; i < s.len; i++) {
        const char c = s.ptr[i];

        if (!segjob_is_alnum(c) && (c == '\0' || strchr(others, c) == NULL)) {
            return false;
        }
    }
    return s.len >= min && s.len <= max;
}

bool sj_text_is_visible(struct segjob_str s)
{
    while (s.len > 0 && s.ptr[s.len - 1] >= '!' && s.ptr[s.len - 1] <= '~') {
        s.len--;
    }
    return s.len == 0;
}
