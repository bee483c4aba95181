#include "segjob_pico.h"

#include <stddef.h>
#include <string.h>

#include <lwip/timeouts.h>
#include <mbedtls/md.h>
#include <mbedtls/platform_util.h>
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
#define WORDS 8u  /* of pico_rand that are hashed at once */

/* Hash words into `block`, `rounds` times WORDS of them. */
static bool hash_words(unsigned char block[BLOCK], size_t rounds)
{
    const mbedtls_md_info_t *sha256 =
        mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
    unsigned char pool[BLOCK + WORDS * sizeof(uint64_t)] = {0};
    uint64_t word = 0;
    size_t i;
    bool ok = true;

    for (; ok && rounds > 0; rounds--) {
        for (i = BLOCK; i < sizeof(pool); i += sizeof(word)) {
            word = get_rand_64();
            memcpy(&pool[i], &word, sizeof(word));
        }
        ok = mbedtls_md(sha256, pool, sizeof(pool), block) == 0;
        memcpy(pool, block, BLOCK);
    }
    mbedtls_platform_zeroize(pool, sizeof(pool));
    mbedtls_platform_zeroize(&word, sizeof(word));
    return ok;
}

static bool fill(unsigned char *to, size_t n, size_t rounds)
{
    unsigned char block[BLOCK] = {0};
    size_t part;
    bool ok = true;

    for (; ok && n > 0; n -= part, to += part) {
        part = n < BLOCK ? n : BLOCK;
        ok = hash_words(block, rounds);
        memcpy(to, block, part);
    }
    mbedtls_platform_zeroize(block, sizeof(block));
    return ok;
}

#if PICO_RAND_ENTROPY_SRC_TRNG
/* A word brings 64 samples: a block is of 16384. */
bool segjob_pico_trng(struct segjob_platform *p, void *bytes, size_t n)
{
    (void)p;
    return fill(bytes, n, 32);
}
#elif PICO_RAND_ENTROPY_SRC_ROSC
/* A word brings one sample: a block is of 2048. */
bool segjob_pico_rosc(struct segjob_platform *p, void *bytes, size_t n)
{
    (void)p;
    return fill(bytes, n, 256);
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
    const uint32_t lwip_ms = sys_timeouts_sleeptime();

    return make_timeout_time_ms(ms < lwip_ms ? (uint32_t)ms : lwip_ms);
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
