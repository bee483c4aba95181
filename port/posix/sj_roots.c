#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64 /* 32-bit systems have files with longer inodes */

#include "sj_roots.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mbedtls/asn1.h>
#include <mbedtls/platform.h>

/* RFC 7468, sections 2 and 5. */
static const char begin[] = "-----BEGIN CERTIFICATE-----";

#define BEGIN_LEN (sizeof(begin) - 1)
#define NO_MATCH SIZE_MAX

/* A visitor of certificates. */
struct reader {
    /* Called for each certificate. Returns whether to stop. */
    bool (*take)(struct reader *r, unsigned char *der, size_t n);
    mbedtls_x509_crt *roots; /* for take_root() */
    bool has_enough;
};

/* A PEM text that is read byte by byte. */
struct pem {
    struct reader *reader;
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
 * Characters other than digits are skipped (RFC 7468, section 2). mbedTLS
 * refuses what is cut off or makes no sense.
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

static void take_certificate(struct pem *pem)
{
    struct reader *r = pem->reader;

    r->has_enough = r->take(r, pem->der, pem->len);
}

static void take_inside(struct pem *pem, char c)
{
    if (c != '-') {
        take_digit(pem, c);
        return;
    }
    take_certificate(pem); /* the END line */
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

/* A file that is one certificate. mbedTLS refuses one that is cut off. */
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
    take_certificate(pem);
    return 0;
}

/* Returns 0, or the errno of a read that failed. */
static int read_file(struct reader *r, int fd)
{
    struct pem pem;
    char some[4096];
    bool is_first = true;
    ssize_t n, i;

    pem.reader = r;
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
        for (i = 0; i < n && !r->has_enough; i++) {
            if (pem.is_inside) {
                take_inside(&pem, some[i]);
            } else {
                take_outside(&pem, some[i]);
            }
        }
    } while ((n > 0 && !r->has_enough) || (n < 0 && errno == EINTR));
    return n < 0 ? errno : 0;
}

/* Read the regular files of a folder. */
static int read_folder(struct reader *r, int folder)
{
    const struct dirent *entry;
    struct stat info;
    const int own = openat(folder, ".", O_RDONLY | O_CLOEXEC); /* dir's */
    DIR *dir = own < 0 ? NULL : fdopendir(own);

    if (dir == NULL) {
        const int error = errno;

        if (own >= 0) {
            (void)close(own);
        }
        return error;
    }
    while (!r->has_enough && (entry = readdir(dir)) != NULL) {
        const int fd =
            openat(folder, entry->d_name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

        if (fd < 0) {
            continue; /* such as a dangling link */
        }
        if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
            (void)read_file(r, fd);
        }
        (void)close(fd);
    }
    (void)closedir(dir);
    return 0;
}

/* Read an open file or folder. */
static int read_all(struct reader *r, int fd)
{
    struct stat info;

    r->has_enough = false;
    return fstat(fd, &info) == 0 && S_ISDIR(info.st_mode) ? read_folder(r, fd)
                                                          : read_file(r, fd);
}

static bool take_root(struct reader *r, unsigned char *der, size_t n)
{
    (void)mbedtls_x509_crt_parse_der(r->roots, der, n);
    return false;
}

static int read_path(mbedtls_x509_crt *roots, const char *path)
{
    struct reader r = {.take = take_root, .roots = roots};
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    int error;

    if (fd < 0) {
        return errno;
    }
    error = read_all(&r, fd);
    (void)close(fd);
    return error;
}

/* Where systems keep the certificates they trust. */
static const char *const system_paths[] = {
    "/etc/ssl/certs/ca-certificates.crt", /* Debian, Alpine, Arch */
    "/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora, RHEL */
    "/etc/ssl/cert.pem",                  /* BSDs, OpenWrt */
    "/etc/ssl/certs",                     /* Buildroot */
};
#define SYSTEM_PATHS (sizeof(system_paths) / sizeof(system_paths[0]))

static int read_system(mbedtls_x509_crt *roots)
{
    size_t i;
    int error = 0;

    for (i = 0; i < SYSTEM_PATHS; i++) {
        error = read_path(roots, system_paths[i]);
        if (roots->raw.p != NULL) {
            break;
        }
    }
    return error;
}

static enum segjob_status load(mbedtls_x509_crt *roots, const char *path,
                               struct segjob_port_error *error)
{
    const int code = path == NULL ? read_system(roots) : read_path(roots, path);

    if (roots->raw.p != NULL) {
        return SEGJOB_OK;
    }
    error->status = SEGJOB_CONFIG;
    error->code = code;
    if (path == NULL) {
        error->message = "the system has no trusted certificates";
    } else {
        error->message =
            code != 0 ? strerror(code) : "there is no certificate in it";
    }
    return SEGJOB_CONFIG;
}

/* --------------------------------------- looked for when they are needed */

#if defined(MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK)

/* One that mbedTLS can read is enough to begin with. */
static bool take_any(struct reader *r, unsigned char *der, size_t n)
{
    mbedtls_x509_crt crt;
    bool is_one;

    (void)r;
    mbedtls_x509_crt_init(&crt);
    is_one = mbedtls_x509_crt_parse_der_nocopy(&crt, der, n) == 0;
    mbedtls_x509_crt_free(&crt);
    return is_one;
}

/* Opens nothing that can be read only once, such as a FIFO. */
static int open_path(const char *path)
{
    struct reader r = {.take = take_any};
    struct stat info;
    int fd;

    if (stat(path, &info) != 0 ||
        !(S_ISREG(info.st_mode) || S_ISDIR(info.st_mode))) {
        return -1;
    }
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && (read_all(&r, fd) != 0 || !r.has_enough)) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

/*
 * Returns a descriptor, or -1: there is no certificate in it, or it can be read
 * only once. load() reads it then, or says why not.
 */
static int open_roots(const char *path)
{
    size_t i;
    int fd = -1;

    if (path != NULL) {
        return open_path(path);
    }
    for (i = 0; fd < 0 && i < SYSTEM_PATHS; i++) {
        fd = open_path(system_paths[i]);
    }
    return fd;
}

static int read_again(struct reader *r, int fd)
{
    const int error = lseek(fd, 0, SEEK_SET) < 0 ? errno : read_all(r, fd);

    return error == 0 ? 0 : MBEDTLS_ERR_X509_FILE_IO_ERROR;
}

#define SEQUENCE (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE)
#define VERSION (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_CONTEXT_SPECIFIC)

/*
 * Whether a certificate's subject is `name`, byte for byte: CAs must write
 * both the same way (RFC 5280, 4.1.2.6). Before it come version, serialNumber,
 * signature, issuer and validity (RFC 5280, 4.1).
 */
static bool is_subject(unsigned char *der, size_t len,
                       const mbedtls_x509_buf *name)
{
    static const int tags[] = {MBEDTLS_ASN1_INTEGER, SEQUENCE, SEQUENCE,
                               SEQUENCE};
    const unsigned char *end = der + len;
    const unsigned char *subject;
    unsigned char *p = der;
    size_t i, n;

    if (mbedtls_asn1_get_tag(&p, end, &n, SEQUENCE) != 0 ||
        mbedtls_asn1_get_tag(&p, end, &n, SEQUENCE) != 0) {
        return false;
    }
    if (mbedtls_asn1_get_tag(&p, end, &n, VERSION) == 0) {
        p += n;
    }
    for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        if (mbedtls_asn1_get_tag(&p, end, &n, tags[i]) != 0) {
            return false;
        }
        p += n;
    }
    subject = p;
    return mbedtls_asn1_get_tag(&p, end, &n, SEQUENCE) == 0 &&
           (size_t)(p - subject) + n == name->len &&
           memcmp(subject, name->p, name->len) == 0;
}

struct search {
    struct reader reader;
    const mbedtls_x509_buf *name;
    mbedtls_x509_crt *found;
    int error;
};

/* mbedTLS frees what is found, so allocate it with mbedTLS's calloc. */
static bool take_issuer(struct reader *r, unsigned char *der, size_t n)
{
    struct search *search = (struct search *)r; /* its first member */

    if (!is_subject(der, n, search->name)) {
        return false;
    }
    if (search->found == NULL) {
        search->found = mbedtls_calloc(1, sizeof(*search->found));
        if (search->found == NULL) {
            search->error = MBEDTLS_ERR_X509_ALLOC_FAILED;
            return true;
        }
        mbedtls_x509_crt_init(search->found);
    }
    (void)mbedtls_x509_crt_parse_der(search->found, der, n);
    return false;
}

int sj_roots_find(void *arg, const mbedtls_x509_crt *child,
                  mbedtls_x509_crt **found)
{
    const int *fd = arg;
    struct search search = {.reader = {.take = take_issuer},
                            .name = &child->issuer_raw};
    const int ret = read_again(&search.reader, *fd);

    *found = search.found;
    return search.error != 0 ? search.error : ret;
}

struct digest {
    struct reader reader;
    mbedtls_md_context_t *md;
    int error;
};

static bool take_digest(struct reader *r, unsigned char *der, size_t n)
{
    struct digest *digest = (struct digest *)r; /* its first member */

    digest->error = mbedtls_md_update(digest->md, der, n);
    return digest->error != 0;
}

int sj_roots_digest(void *arg, mbedtls_md_context_t *md)
{
    const int *fd = arg;
    struct digest digest = {.reader = {.take = take_digest}, .md = md};
    const int ret = read_again(&digest.reader, *fd);

    return digest.error != 0 ? digest.error : ret;
}

#endif

/* ------------------------------------------------------------- the whole */

enum segjob_status segjob_posix_load_roots(struct segjob_posix_roots *roots,
                                           const char *ca_bundle,
                                           struct segjob_port_error *error)
{
    mbedtls_x509_crt_init(&roots->chain);
    roots->fd = -1;
    if (segjob_tls_start(error) != SEGJOB_OK) {
        return SEGJOB_CONFIG;
    }
#if defined(MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK)
    roots->fd = open_roots(ca_bundle);
    if (roots->fd >= 0) {
        return SEGJOB_OK;
    }
#endif
    return load(&roots->chain, ca_bundle, error);
}

void segjob_posix_free_roots(struct segjob_posix_roots *roots)
{
    mbedtls_x509_crt_free(&roots->chain);
    if (roots->fd >= 0) {
        (void)close(roots->fd);
    }
    roots->fd = -1;
}
