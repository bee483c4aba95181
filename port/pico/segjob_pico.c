#include "segjob_pico.h"

#include <stddef.h>
#include <string.h>

#include <lwip/def.h>
#include <lwip/timeouts.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/sha256.h>
#include <pico/aon_timer.h>
#include <pico/async_context.h>
#include <pico/rand.h>

#if !NO_SYS
#error "segjob_pico is for NO_SYS 1; with FreeRTOS use segjob_lwip.h"
#endif

/* --------------------------------------------------------------- clock */

/* Below 0 every certificate is refused. */
static int64_t wall_clock(struct segjob_platform *p)
{
    struct timespec now;

    (void)p;
    if (!aon_timer_is_running() || !aon_timer_get_time(&now)) {
        return -1;
    }
    return now.tv_sec;
}

void segjob_pico_set_time(uint32_t seconds)
{
    const struct timespec now = {.tv_sec = (time_t)seconds};

    (void)aon_timer_start(&now); /* if it fails, it does not run */
}

/* -------------------------------------------------------------- random */

#define BLOCK 32u /* bytes of a SHA-256 */

/* Hash so many words of pico_rand. Returns 0, or mbedTLS's error. */
static int hash_words(unsigned char block[BLOCK], size_t words)
{
    mbedtls_sha256_context sha;
    uint64_t word = 0;
    unsigned char bytes[sizeof(word)];
    int code;

    mbedtls_sha256_init(&sha);
    code = mbedtls_sha256_starts(&sha, 0);
    for (; code == 0 && words > 0; words--) {
        word = get_rand_64();
        memcpy(bytes, &word, sizeof(word));
        code = mbedtls_sha256_update(&sha, bytes, sizeof(bytes));
    }
    if (code == 0) {
        code = mbedtls_sha256_finish(&sha, block);
    }
    mbedtls_sha256_free(&sha);
    mbedtls_platform_zeroize(&word, sizeof(word));
    mbedtls_platform_zeroize(bytes, sizeof(bytes));
    return code;
}

/* Each block of 32 bytes is hashed from so many words of pico_rand. */
static bool fill(unsigned char *to, size_t n, size_t words)
{
    unsigned char block[BLOCK];
    size_t part;
    int code = 0;

    while (code == 0 && n > 0) {
        part = n < BLOCK ? n : BLOCK;
        code = hash_words(block, words);
        memcpy(to, block, part);
        to += part;
        n -= part;
    }
    mbedtls_platform_zeroize(block, sizeof(block));
    return code == 0;
}

#if PICO_RAND_ENTROPY_SRC_TRNG
/* A word brings 64 samples. */
bool segjob_pico_trng(struct segjob_platform *p, void *bytes, size_t n)
{
    (void)p;
    return fill(bytes, n, 8 * BLOCK);
}
#elif PICO_RAND_ENTROPY_SRC_ROSC
/* A word brings a sample, or more if the SDK is configured so. */
bool segjob_pico_rosc(struct segjob_platform *p, void *bytes, size_t n)
{
    (void)p;
    return fill(bytes, n, 8 * 8 * BLOCK);
}
#endif

/* ---------------------------------------------------------------- wait */

static struct segjob_pico *pico_of(struct segjob_platform *p)
{
    return (struct segjob_pico *)(void *)((char *)p -
                                          offsetof(struct segjob_pico,
                                                   lwip.platform));
}

/* The earlier one of lwIP's next timer and `wants->wake_ms`. */
static absolute_time_t wake_time(struct segjob_platform *p,
                                 const struct segjob_wants *wants)
{
    const uint64_t now = p->monotonic_ms(p);
    const uint64_t ms = wants->wake_ms > now ? wants->wake_ms - now : 0;

    return make_timeout_time_ms(
        (uint32_t)LWIP_MIN(ms, sys_timeouts_sleeptime()));
}

/*
 * Called with the lock. What arrives while it is free, in the background or by
 * async_context_poll(), leaves its news with the stream.
 */
static void wait(struct segjob_platform *p, const struct segjob_wants *wants)
{
    struct async_context *context = pico_of(p)->context;
    const absolute_time_t until = wake_time(p, wants);

    async_context_release_lock(context);
    async_context_wait_for_work_until(context, until);
    async_context_poll(context);
    async_context_acquire_lock_blocking(context);
}

/* ------------------------------------------------------------ the whole */

enum segjob_status segjob_pico_init(
    struct segjob_pico *pico, struct async_context *context,
    bool (*random)(struct segjob_platform *p, void *bytes, size_t n),
    mbedtls_x509_crt *roots, const struct segjob_credentials *credentials)
{
    const struct segjob_platform own = {
        .wall_clock = wall_clock, .random = random, .wait = wait};

    pico->context = context;
    return segjob_lwip_init(&pico->lwip, &own, roots, credentials);
}

enum segjob_status segjob_pico_run(struct segjob_pico *pico,
                                   struct segjob_client *c, uint32_t timeout_ms)
{
    enum segjob_status status;

    async_context_acquire_lock_blocking(pico->context);
    status = segjob_run(c, &pico->lwip.port, timeout_ms);
    async_context_release_lock(pico->context);
    return status;
}

void segjob_pico_free(struct segjob_pico *pico)
{
    async_context_acquire_lock_blocking(pico->context);
    segjob_lwip_free(&pico->lwip);
    async_context_release_lock(pico->context);
}
