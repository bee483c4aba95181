#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64 /* 32-bit systems have files with longer inodes */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "segjob_posix.h"
#include "segjob_text.h"

/* Each with room for the NUL that ends a PEM text. */
struct files {
    char cert[SEGJOB_POSIX_CERT_CAP + 1];
    char key[SEGJOB_POSIX_KEY_CAP + 1];
};

/* Returns 0, or an errno; EFBIG if there are more than `cap` - 1 bytes. */
static int read_file(const char *path, char *to, size_t cap, size_t *len)
{
    ssize_t n;
    int fd, error;

    *len = 0;
    if (path == NULL) { /* one of both was forgotten */
        return EINVAL;
    }
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return errno;
    }
    do {
        n = read(fd, to + *len, cap - *len);
        *len += n > 0 ? (size_t)n : 0;
    } while (n > 0 || (n < 0 && errno == EINTR));
    error = n < 0 ? errno : *len == cap ? EFBIG : 0;
    (void)close(fd);
    if (error == 0) {
        to[*len] = '\0';
        /* mbedTLS wants the NUL of PEM counted, and nothing after DER. */
        *len += strstr(to, "-----BEGIN ") != NULL;
    }
    return error;
}

static enum segjob_status fail(struct segjob_posix *posix, int error,
                               const char *unreadable, const char *too_long)
{
    posix->port.error = (struct segjob_port_error){
        SEGJOB_CONFIG, error == EFBIG ? too_long : unreadable, error};
    return SEGJOB_CONFIG;
}

static enum segjob_status read_identity(struct segjob_posix *posix,
                                        struct files *files,
                                        const char *cert_path,
                                        const char *key_path)
{
    size_t cert_len, key_len;
    int error =
        read_file(cert_path, files->cert, sizeof(files->cert), &cert_len);

    if (error != 0) {
        return fail(posix, error, "the device's certificate cannot be read",
                    "the file of the device's certificate is too long");
    }
    error = read_file(key_path, files->key, sizeof(files->key), &key_len);
    if (error != 0) {
        return fail(posix, error, "the device's key cannot be read",
                    "the file of the device's key is too long");
    }
    return segjob_identity_parse(&posix->identity, files->cert, cert_len,
                                 files->key, key_len, &posix->platform.platform,
                                 &posix->port.error);
}

enum segjob_status segjob_posix_identify(struct segjob_posix *posix,
                                         const char *cert_path,
                                         const char *key_path)
{
    enum segjob_status status = segjob_tls_present(&posix->tls, NULL, NULL);
    struct files files;

    if (status == SEGJOB_OK) {
        segjob_identity_free(&posix->identity);
    }
    if (status != SEGJOB_OK || (cert_path == NULL && key_path == NULL)) {
        return status;
    }
    status = read_identity(posix, &files, cert_path, key_path);
    segjob_wipe_bytes(&files, sizeof(files));
    if (status == SEGJOB_OK) {
        status = segjob_tls_present(&posix->tls, &posix->identity.chain,
                                    &posix->identity.key);
        if (status != SEGJOB_OK) {
            posix->port.error = posix->tls.stream.error;
        }
    }
    return status;
}
