/*
 * The texts of requests, and what their parameters may consist of.
 */
#ifndef SJ_TEXT_H
#define SJ_TEXT_H

#include "segjob.h"

/*
 * Text in memory of a fixed size: `len` counts on past its end, so that a text
 * that does not fit is known by its length.
 */
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

/* Add a value, percent-encoded but for unreserved characters (RFC 3986, 2). */
void sj_text_add_encoded(struct sj_text *t, struct segjob_str value);

/* Whether `s` is `min` to `max` letters, digits and characters of `others`. */
bool sj_text_is_name(struct segjob_str s, size_t min, size_t max,
                     const char *others);

/* Whether all characters are visible ASCII. */
bool sj_text_is_visible(struct segjob_str s);

#endif
