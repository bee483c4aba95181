/*
 * The words of a command line, without a shell.
 */
#ifndef SJ_WORDS_H
#define SJ_WORDS_H

#include <stddef.h>

/*
 * Split `text` into words as a POSIX shell does (quotes and backslashes, no
 * expansions), like Python's shlex.split(), which botocore calls. The words are
 * written to `room`, each with a NUL, and `words` points to them, at most
 * `max` - 1 and then a NULL.
 *
 * Returns NULL, or what is wrong with the text.
 */
const char *sj_words_split(const char *text, char *room, size_t cap,
                           char **words, size_t max);

#endif
