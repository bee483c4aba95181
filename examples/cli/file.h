/*
 * Read a whole file into fixed memory.
 */
#ifndef CLI_FILE_H
#define CLI_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* Room for a file of 1 MiB and a NUL. */
#define FILE_MAX (1u << 20)
#define FILE_CAP (FILE_MAX + 1)

/*
 * Read `path`, or standard input if it is NULL, into `text`, which has
 * FILE_CAP bytes. Sets `*len`, and appends a NUL.
 *
 * Returns false, with errno set, if that fails; EFBIG if there is more than
 * FILE_MAX.
 */
bool file_read(const char *path, char *text, size_t *len);

#endif
