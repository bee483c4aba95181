#include "sj_sha256.h"

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

bool sj_sha256_save(struct sj_sha256 *h, struct sj_sha256_state *state)
{
    const bool failed = h->failed;

    memcpy(state->words, context(h)->MBEDTLS_PRIVATE(state),
           sizeof(state->words));
    mbedtls_sha256_free(context(h));
    if (failed) {
        memset(state, 0, sizeof(*state));
    }
    return !failed;
}

void sj_sha256_resume(struct sj_sha256 *h, const struct sj_sha256_state *state)
{
    sj_sha256_begin(h);
    memcpy(context(h)->MBEDTLS_PRIVATE(state), state->words,
           sizeof(state->words));
    context(h)->MBEDTLS_PRIVATE(total)[0] = SJ_SHA256_BLOCK;
}

void segjob_wipe_bytes(void *bytes, size_t n)
{
    mbedtls_platform_zeroize(bytes, n);
}
