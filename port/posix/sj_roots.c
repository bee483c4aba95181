#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64 /* 32-bit systems have files with longer inodes */

#include "sj_roots.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* RFC 7468, sections 2 and 5. */
static const char begin[] = "-----BEGIN CERTIFICATE-----";

#define BEGIN_LEN (sizeof(begin) - 1)
#define NO_MATCH SIZE_MAX

/* A PEM text that is read byte by byte. */
struct pem {
    mbedtls_x509_crt *roots;
    size_t matched; /* bytes of `begin` that the line begins with */
    bool is_inside; /* a certificate */
    unsigned bits_len;
    uint32_t bits; /* of base64 that make no byte yet */
    size_t len;
    unsigned char der[SJ_ROOTS_DER_CAP];
};

/* The values of base64's digits, plus one (RFC 4648, section 4). */
static const unsigned char digits[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,
    ['G'] = 7,  ['H'] = 8,  ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12,
    ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18,
    ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30,
    ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36,
    ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42,
    ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54,
    ['2'] = 55, ['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60,
    ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

/*
 * What is no digit is read over (RFC 7468, section 2), and what is too long or
 * makes no sense is for mbedTLS to refuse.
 */
static void take_digit(struct pem *pem, char c)
{
    const unsigned value = digits[(unsigned char)c];

    if (value == 0 || pem->len == sizeof(pem->der)) {
        return;
    }
    pem->bits = pem->bits << 6 | (value - 1);
    pem->bits_len += 6;
    if (pem->bits_len >= 8) {
        pem->bits_len -= 8;
        pem->der[pem->len++] = (unsigned char)(pem->bits >> pem->bits_len);
    }
}

static void take_inside(struct pem *pem, char c)
{
    if (c != '-') {
        take_digit(pem, c);
        return;
    }
    /* The END line. */
    (void)mbedtls_x509_crt_parse_der(pem->roots, pem->der, pem->len);
    pem->is_inside = false;
    pem->matched = NO_MATCH;
}

static void take_outside(struct pem *pem, char c)
{
    if (c == '\n') {
        pem->matched = 0;
    } else if (pem->matched < BEGIN_LEN && c == begin[pem->matched]) {
        pem->matched++;
    } else {
        pem->matched = NO_MATCH;
    }
    if (pem->matched == BEGIN_LEN) {
        pem->is_inside = true;
        pem->bits_len = 0;
        pem->bits = 0;
        pem->len = 0;
    }
}

/* A SEQUENCE whose length takes two bytes, as any certificate's does. */
static bool begins_der(const char *bytes, ssize_t n)
{
    return n >= 2 && bytes[0] == 0x30 && (unsigned char)bytes[1] == 0x82;
}

/* A file that is one certificate. What is too long is for mbedTLS to refuse. */
static int read_der(struct pem *pem, int fd)
{
    ssize_t n;

    do {
        n = read(fd, pem->der + pem->len, sizeof(pem->der) - pem->len);
        pem->len += n > 0 ? (size_t)n : 0;
    } while (n > 0 || (n < 0 && errno == EINTR));
    if (n < 0) {
        return errno;
    }
    (void)mbedtls_x509_crt_parse_der(pem->roots, pem->der, pem->len);
    return 0;
}

/* Returns 0, or the errno of a read that failed. */
static int read_file(mbedtls_x509_crt *roots, int fd)
{
    struct pem pem;
    char some[4096];
    bool is_first = true;
    ssize_t n, i;

    pem.roots = roots;
    pem.matched = 0;
    pem.is_inside = false;
    do {
        n = read(fd, some, sizeof(some));
        if (is_first && begins_der(some, n)) {
            pem.len = (size_t)n;
            memcpy(pem.der, some, pem.len);
            return read_der(&pem, fd);
        }
        is_first = is_first && n < 0; /* it was interrupted */
        for (i = 0; i < n; i++) {
            if (pem.is_inside) {
                take_inside(&pem, some[i]);
            } else {
                take_outside(&pem, some[i]);
            }
        }
    } while (n > 0 || (n < 0 && errno == EINTR));
    return n < 0 ? errno : 0;
}

/* Read the files of a folder; what is no file is left alone. */
static int read_folder(mbedtls_x509_crt *roots, const char *path)
{
    const struct dirent *entry;
    struct stat info;
    DIR *dir = opendir(path);

    if (dir == NULL) {
        return errno;
    }
    while ((entry = readdir(dir)) != NULL) {
        const int fd = openat(dirfd(dir), entry->d_name,
                              O_RDONLY | O_CLOEXEC | O_NONBLOCK);

        if (fd < 0) {
            continue; /* a link into nowhere, for one */
        }
        if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
            (void)read_file(roots, fd);
        }
        (void)close(fd);
    }
    (void)closedir(dir);
    return 0;
}

static int read_path(mbedtls_x509_crt *roots, const char *path)
{
    struct stat info;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    int error;

    if (fd < 0) {
        return errno;
    }
    if (fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) {
        error = read_folder(roots, path);
    } else {
        error = read_file(roots, fd);
    }
    (void)close(fd);
    return error;
}

/* Where systems keep the certificates they trust. */
static int read_system(mbedtls_x509_crt *roots)
{
    static const char *const paths[] = {
        "/etc/ssl/certs/ca-certificates.crt", /* Debian, Alpine, Arch */
        "/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora, RHEL */
        "/etc/ssl/cert.pem",                  /* BSDs, OpenWrt */
        "/etc/ssl/certs",                     /* Buildroot */
    };
    size_t i;
    int error = 0;

    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        error = read_path(roots, paths[i]);
        if (roots->raw.p != NULL) {
            break;
        }
    }
    return error;
}

bool sj_roots_read(mbedtls_x509_crt *roots, const char *path,
                   struct segjob_fault *fault)
{
    const int error =
        path == NULL ? read_system(roots) : read_path(roots, path);

    if (roots->raw.p != NULL) {
        return true;
    }
    fault->status = SEGJOB_CONFIG;
    fault->code = error;
    if (path == NULL) {
        fault->text = "the system has no trusted certificates";
    } else {
        fault->text =
            error != 0 ? strerror(error) : "there is no certificate in it";
    }
    return false;
}
