/*
 * Whole files in memory that is given.
 */
#ifndef SJ_FILE_H
#define SJ_FILE_H

#include <stddef.h>

/*
 * Read the file at `path` into the `cap` bytes at `to`, and tell in `*len` how
 * many there are, also if that fails half way.
 *
 * Returns 0, or an errno; EFBIG if they do not fit.
 */
int sj_file_read(const char *path, char *to, size_t cap, size_t *len);

#endif
