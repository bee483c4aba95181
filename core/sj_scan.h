/*
 * Reading text from its front, as the writer writes to its end.
 *
 * What is taken leaves the span; what is not there is not taken, and the span
 * stays as it was.
 */
#ifndef SJ_SCAN_H
#define SJ_SCAN_H

#include "segjob.h"

/* What sj_decimal() tells of a greater number, and of what is none. */
#define SJ_DECIMAL_MAX (UINT32_MAX - 1)
#define SJ_NO_DECIMAL UINT32_MAX

static inline bool sj_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Letters and digits of ASCII. */
bool sj_is_alnum(char c);

bool sj_is_one_of(char c, const char *set);

/* The value of a hexadecimal digit of either case, or 16. */
unsigned sj_hex_value(char c);

/* Absent and empty are the same here. */
bool sj_is_same(struct segjob_str a, struct segjob_str b);
bool sj_is_text(struct segjob_str s, const char *text);

/*
 * A list is texts that follow one another, each with its NUL, and an empty one:
 * the text behind `text`, and whether one of a list's is `s`.
 */
const char *sj_next_text(const char *text);
bool sj_is_listed(struct segjob_str s, const char *list);

bool sj_begins_with(struct segjob_str s, struct segjob_str prefix);

/* The value of a text that is digits alone. */
uint32_t sj_decimal(struct segjob_str s);

/* Take `n` bytes off the front; there are as many. */
static inline void sj_skip(struct segjob_str *s, size_t n)
{
    s->ptr += n;
    s->len -= n;
}

bool sj_take(struct segjob_str *s, char c);
bool sj_take_text(struct segjob_str *s, const char *text);

/* Take the digits that stand at the front; returns how many. */
size_t sj_take_digits(struct segjob_str *s);

/* Take what stands before the first `end`, and that too; or else all. */
struct segjob_str sj_take_until(struct segjob_str *s, char end);

#endif
