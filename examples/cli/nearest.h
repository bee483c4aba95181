/*
 * The name that a mistyped one may mean.
 */
#ifndef CLI_NEAREST_H
#define CLI_NEAREST_H

#include <stddef.h>

/* The names by index; NULL after the last one. */
typedef const char *name_at(size_t i);

/*
 * The name that the `n` bytes at `word`, no more than 40, become by the fewest
 * changes, insertions and removals of a letter, of two at most; or else the
 * first name that they begin. NULL if there is none.
 */
const char *nearest(const char *word, size_t n, name_at *names);

#endif
