/*
 * UTF-8, and the character classes of tags.
 */
#ifndef SJ_UNICODE_H
#define SJ_UNICODE_H

#include "segjob.h"

/*
 * Take one Unicode scalar value from the start of `s`, which must not be empty.
 *
 * Returns false, and does not change `s`, if `s` does not begin with a
 * well-formed sequence (The Unicode Standard, table 3-7: no overlong forms, no
 * surrogates, nothing above U+10FFFF).
 */
SEGJOB_MUST_CHECK
bool sj_utf8_next(struct segjob_str *s, uint32_t *code_point);

/*
 * Set `*count` to the number of scalar values in `s`. Returns false if `s` is
 * ill-formed.
 */
SEGJOB_MUST_CHECK
bool sj_utf8_count(struct segjob_str s, size_t *count);

/*
 * Return whether a code point may be in \p{L}, \p{Z} or \p{N} for the service:
 * it is in them, or it is unassigned (general category Cn), in the Unicode
 * version of the tables. SEGJOB_ASCII_TAGS saves the tables: then the function
 * returns true for ASCII characters only.
 */
bool sj_unicode_is_word(uint32_t code_point);

#endif
