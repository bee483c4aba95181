/*
 * Read a whole file into the caller's memory.
 */
#ifndef SJ_FILE_H
#define SJ_FILE_H

#include <stddef.h>

/*
 * Read the file at `path` into the `cap` bytes at `to`. Sets `*len` to the
 * number of bytes read, also after a failure.
 *
 * Returns 0, or an errno: EFBIG if the file does not fit.
 */
int sj_file_read(const char *path, char *to, size_t cap, size_t *len);

#endif
