/*
 * UTF-8, and the character classes that tags are made of.
 */
#ifndef SJ_UNICODE_H
#define SJ_UNICODE_H

#include "segjob.h"

/*
 * Take one Unicode scalar value off the front of `s`, which is not empty.
 *
 * Returns false, and leaves `s` as it is, if `s` does not begin with a
 * well-formed sequence (The Unicode Standard, table 3-7: no overlong forms, no
 * surrogates, nothing above U+10FFFF).
 */
SEGJOB_MUST_CHECK
bool sj_utf8_next(struct segjob_str *s, uint32_t *code_point);

/*
 * Count the scalar values of `s` into `*count`. Returns false if `s` is
 * ill-formed.
 */
SEGJOB_MUST_CHECK
bool sj_utf8_count(struct segjob_str s, size_t *count);

/*
 * Tell whether a code point may be in \p{L}, \p{Z} or \p{N}: it is, or Unicode
 * has not assigned it (general category Cn) in the version that the tables
 * name, and the service's may. Compiled with SEGJOB_ASCII_TAGS, which saves the
 * tables, it takes those of ASCII alone.
 */
bool sj_unicode_is_word(uint32_t code_point);

#endif
