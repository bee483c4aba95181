/*
 * Take text from the start of a span.
 *
 * A function that takes something removes it from the span. If the span does
 * not begin with it, the span is not changed.
 */
#ifndef SJ_SCAN_H
#define SJ_SCAN_H

#include "segjob_text.h"

bool sj_is_one_of(char c, const char *set);

/* Compare two texts. An absent text is the same as an empty one. */
bool sj_is_same(struct segjob_str a, struct segjob_str b);
bool sj_is_text(struct segjob_str s, const char *text);

/*
 * A list is a sequence of NUL-terminated texts, of which the last is empty.
 * Return the text after `text`; and whether `list` contains `s`.
 */
const char *sj_next_text(const char *text);
bool sj_is_listed(struct segjob_str s, const char *list);

bool sj_begins_with(struct segjob_str s, struct segjob_str prefix);

/* Remove the first `n` bytes. The span must have as many. */
static inline void sj_skip(struct segjob_str *s, size_t n)
{
    s->ptr += n;
    s->len -= n;
}

bool sj_take(struct segjob_str *s, char c);
bool sj_take_text(struct segjob_str *s, const char *text);

/* Take the decimal digits at the start. Returns their number. */
size_t sj_take_digits(struct segjob_str *s);

/* Take and return the text before the first `end`, and skip `end`; else all. */
struct segjob_str sj_take_until(struct segjob_str *s, char end);

#endif
