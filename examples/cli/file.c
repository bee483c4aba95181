#define _XOPEN_SOURCE 700

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static bool read_all(int fd, char *text, size_t *len)
{
    ssize_t n = 1;

    *len = 0;
    while (n != 0 && *len < FILE_CAP) {
        n = read(fd, text + *len, FILE_CAP - *len);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        *len += n > 0 ? (size_t)n : 0;
    }
    if (*len > FILE_MAX) {
        errno = EFBIG;
        return false;
    }
    text[*len] = '\0';
    return true;
}

bool file_read(const char *path, char *text, size_t *len)
{
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    bool ok;
    int error;

    *len = 0;
    if (fd < 0) {
        return false;
    }
    ok = read_all(fd, text, len);
    error = errno;
    if (path) {
        close(fd);
    }
    errno = error;
    return ok;
}
