/*
 * Text in memory of a fixed size: `len` counts on past its end, so that a text
 * that does not fit is known by its length.
 */
#ifndef SJ_TEXT_H
#define SJ_TEXT_H

#include <stddef.h>

struct sj_text {
    char *buf;
    size_t cap;
    size_t len;
};

static inline void sj_text_add_char(struct sj_text *t, char c)
{
    if (t->len < t->cap) {
        t->buf[t->len] = c;
    }
    t->len++;
}

static inline void sj_text_add(struct sj_text *t, const char *text)
{
    for (; *text != '\0'; text++) {
        sj_text_add_char(t, *text);
    }
}

#endif
