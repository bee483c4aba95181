#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64 /* also for large inodes on 32-bit systems */

#include "sj_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int sj_file_read(const char *path, char *to, size_t cap, size_t *len)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    char more;
    ssize_t n;
    int error;

    *len = 0;
    if (fd < 0) {
        return errno;
    }
    do {
        /* Read one byte more to detect a file that is too long. */
        n = *len < cap ? read(fd, to + *len, cap - *len) : read(fd, &more, 1);
        if (n > 0 && *len == cap) {
            errno = EFBIG;
            n = -1;
        }
        *len += n > 0 ? (size_t)n : 0;
    } while (n > 0 || (n < 0 && errno == EINTR));
    error = n < 0 ? errno : 0;
    (void)close(fd);
    return error;
}
