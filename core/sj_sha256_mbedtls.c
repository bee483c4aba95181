#include "sj_sha256.h"

#if !defined(SEGJOB_PSA)

#include <mbedtls/platform_util.h>
#include <mbedtls/sha256.h>
#include <mbedtls/version.h>

#include <string.h>

#include "segjob_text.h"

#if !defined(MBEDTLS_SHA256_C)
#error "segjob needs an mbedTLS with MBEDTLS_SHA256_C"
#endif
#if defined(MBEDTLS_SHA256_ALT)
#error "implement core/sj_sha256.h for the context of your MBEDTLS_SHA256_ALT"
#endif

/* In 2.28 the functions that return a status have other names. */
#if MBEDTLS_VERSION_MAJOR < 3
#define mbedtls_sha256_starts mbedtls_sha256_starts_ret
#define mbedtls_sha256_update mbedtls_sha256_update_ret
#define mbedtls_sha256_finish mbedtls_sha256_finish_ret
#define MBEDTLS_PRIVATE(member) member
#endif

/* The build stops if a context is larger. */
typedef char
    sj_sha256_context_fits[sizeof(mbedtls_sha256_context) <=
                                   sizeof(((struct sj_sha256 *)0)->context)
                               ? 1
                               : -1];

static mbedtls_sha256_context *context(struct sj_sha256 *h)
{
    return (mbedtls_sha256_context *)(void *)h->context;
}

void sj_sha256_begin(struct sj_sha256 *h)
{
    mbedtls_sha256_init(context(h));
    h->failed = mbedtls_sha256_starts(context(h), 0) != 0;
}

void sj_sha256_update(struct sj_sha256 *h, const void *bytes, size_t n)
{
    if (n > 0 && mbedtls_sha256_update(context(h), bytes, n) != 0) {
        h->failed = true;
    }
}

bool sj_sha256_finish(struct sj_sha256 *h, unsigned char digest[SJ_SHA256_LEN])
{
    bool failed = mbedtls_sha256_finish(context(h), digest) != 0 || h->failed;

    mbedtls_sha256_free(context(h));
    if (failed) {
        memset(digest, 0, SJ_SHA256_LEN);
    }
    return !failed;
}

/* ------------------------------------------------------- saved states */

/* Go on from a state as if one block had been hashed. */
static void resume(struct sj_sha256 *h, const uint32_t state[8])
{
    sj_sha256_begin(h);
    memcpy(context(h)->MBEDTLS_PRIVATE(state), state, SJ_SHA256_LEN);
    context(h)->MBEDTLS_PRIVATE(total)[0] = SJ_SHA256_BLOCK;
}

void sj_sha256_begin_with(struct sj_sha256 *h,
                          const struct sj_sha256_prefix *prefix)
{
    resume(h, prefix->state);
}

/* XOR `key`, of one block, with `pad`, and save the state after that block. */
static bool save_pad(struct sj_sha256 *h, unsigned char *key, unsigned char pad,
                     uint32_t state[8])
{
    size_t i;

    for (i = 0; i < SJ_SHA256_BLOCK; i++) {
        key[i] ^= pad;
    }
    sj_sha256_begin(h);
    sj_sha256_update(h, key, SJ_SHA256_BLOCK);
    memcpy(state, context(h)->MBEDTLS_PRIVATE(state), SJ_SHA256_LEN);
    mbedtls_sha256_free(context(h));
    return !h->failed;
}

/* The states after the inner pad and after the outer one (RFC 2104). */
bool sj_hmac_set_key(struct sj_sha256 *h, unsigned char block[SJ_SHA256_BLOCK],
                     struct sj_hmac_key *key)
{
    return save_pad(h, block, 0x36, key->words) &&
           save_pad(h, block, 0x36 ^ 0x5c, key->words + 8);
}

void sj_hmac_begin(struct sj_sha256 *h, const struct sj_hmac_key *key)
{
    resume(h, key->words);
}

bool sj_hmac_finish(struct sj_sha256 *h, const struct sj_hmac_key *key,
                    unsigned char mac[SJ_SHA256_LEN])
{
    const bool inner = sj_sha256_finish(h, mac);

    resume(h, key->words + 8);
    h->failed |= !inner;
    sj_sha256_update(h, mac, SJ_SHA256_LEN);
    return sj_sha256_finish(h, mac);
}

void segjob_wipe_bytes(void *bytes, size_t n)
{
    mbedtls_platform_zeroize(bytes, n);
}

#endif
