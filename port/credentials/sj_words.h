/*
 * Words put together in fixed memory; what does not fit is cut off.
 */
#ifndef SJ_WORDS_H
#define SJ_WORDS_H

#include <stddef.h>

/* Add `text` to the NUL-terminated words in the `cap` bytes at `words`. */
void sj_words_add(char *words, size_t cap, const char *text);

/* Add a number in decimal. */
void sj_words_add_number(char *words, size_t cap, unsigned number);

#endif
