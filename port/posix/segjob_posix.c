#define _POSIX_C_SOURCE 200809L

#include "segjob_posix.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include <mbedtls/pk.h>

#include "sj_roots.h"

/* ------------------------------------------------------------- platform */

static int64_t posix_wall_clock(struct segjob_platform *p)
{
    struct timespec now;

    (void)p;
    /* -1 if there is no clock: a time that nothing accepts. */
    return clock_gettime(CLOCK_REALTIME, &now) == 0 ? (int64_t)now.tv_sec : -1;
}

/* On Linux CLOCK_MONOTONIC does not count while the machine sleeps. POSIX
 * leaves that open. */
#ifdef CLOCK_BOOTTIME
#define MONOTONIC CLOCK_BOOTTIME
#else
#define MONOTONIC CLOCK_MONOTONIC
#endif

static uint64_t posix_monotonic_ms(struct segjob_platform *p)
{
    struct timespec now;

    (void)p;
    if (clock_gettime(MONOTONIC, &now) != 0) {
        return 0;
    }
    /* Plus 1: the clock may start at 0, which would mean that it failed. */
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 + 1;
}

static bool posix_random(struct segjob_platform *p, void *bytes, size_t n)
{
    unsigned char *to = bytes;

    (void)p;
    while (n > 0) {
        const ssize_t got = getrandom(to, n, 0);

        if (got > 0) {
            to += got;
            n -= (size_t)got;
        } else if (got == 0 || errno != EINTR) {
            return false;
        }
    }
    return true;
}

static void posix_wait(struct segjob_platform *p,
                       const struct segjob_wants *wants)
{
    const struct segjob_posix_platform *platform =
        (const struct segjob_posix_platform *)p;

    segjob_sockets_wait(platform->tcp, wants);
}

void segjob_posix_platform_init(struct segjob_posix_platform *platform,
                                const struct segjob_sockets_tcp *tcp)
{
    memset(platform, 0, sizeof(*platform));
    platform->platform.wall_clock = posix_wall_clock;
    platform->platform.monotonic_ms = posix_monotonic_ms;
    platform->platform.random = posix_random;
    platform->platform.resolve = segjob_sockets_resolve;
    platform->platform.wait = posix_wait;
    platform->tcp = tcp;
}

/* ------------------------------------------------------------- the whole */

static void begin(struct segjob_posix *posix)
{
    memset(posix, 0, sizeof(*posix));
    segjob_sockets_tcp_init(&posix->tcp, &posix->platform.platform);
    segjob_posix_platform_init(&posix->platform, &posix->tcp);
    mbedtls_x509_crt_init(&posix->roots.chain);
    mbedtls_x509_crt_init(&posix->identity.chain);
    mbedtls_pk_init(&posix->identity.key);
    posix->roots.fd = -1;
}

static enum segjob_status trust(struct segjob_posix *posix,
                                mbedtls_x509_crt *roots,
                                const struct segjob_credentials *credentials)
{
    struct segjob_platform *platform = &posix->platform.platform;

    if (segjob_tls_init(&posix->tls, &posix->tcp.stream, platform, roots) !=
        SEGJOB_OK) {
        posix->port.error = posix->tls.stream.error;
        segjob_posix_free_roots(&posix->roots);
        return SEGJOB_CONFIG;
    }
    posix->port.stream = &posix->tls.stream;
    posix->port.plain = &posix->tcp.stream;
    posix->port.platform = platform;
    posix->port.credentials = credentials;
    return SEGJOB_OK;
}

static enum segjob_status share(struct segjob_posix *posix,
                                struct segjob_posix_roots *roots,
                                const struct segjob_credentials *credentials)
{
    const enum segjob_status status =
        trust(posix, roots->fd < 0 ? &roots->chain : NULL, credentials);

#if defined(MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK)
    if (status == SEGJOB_OK && roots->fd >= 0) {
        const struct segjob_tls_lookup lookup = {sj_roots_find, sj_roots_digest,
                                                 &roots->fd};

        segjob_tls_look_up(&posix->tls, &lookup);
    }
#endif
    return status;
}

enum segjob_status segjob_posix_init(
    struct segjob_posix *posix, const char *ca_bundle,
    const struct segjob_credentials *credentials)
{
    begin(posix);
    if (segjob_posix_load_roots(&posix->roots, ca_bundle, &posix->port.error) !=
        SEGJOB_OK) {
        return SEGJOB_CONFIG;
    }
    return share(posix, &posix->roots, credentials);
}

enum segjob_status segjob_posix_init_shared(
    struct segjob_posix *posix, struct segjob_posix_roots *roots,
    const struct segjob_credentials *credentials)
{
    begin(posix);
    return share(posix, roots, credentials);
}

enum segjob_status segjob_posix_init_with(
    struct segjob_posix *posix, mbedtls_x509_crt *roots,
    const struct segjob_credentials *credentials)
{
    begin(posix);
    return trust(posix, roots, credentials);
}

int segjob_posix_descriptor(const struct segjob_posix *posix)
{
    return posix->tcp.fd;
}

void segjob_posix_free(struct segjob_posix *posix)
{
    segjob_tls_free(&posix->tls);
    segjob_posix_free_roots(&posix->roots);
    /* segjob_identity_free() would link the parser of keys as well. */
    mbedtls_x509_crt_free(&posix->identity.chain);
    mbedtls_pk_free(&posix->identity.key);
}
