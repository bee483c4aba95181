/*
 * HMAC with mbedTLS's SHA-256 (as in 3.6) replaced by its contract: it reads
 * its input, and stores an arbitrary digest and state, or fails.
 */
#define MBEDTLS_SHA256_H        /* in place of <mbedtls/sha256.h> */
#define MBEDTLS_VERSION_H       /* and <mbedtls/version.h> */
#define MBEDTLS_PLATFORM_UTIL_H /* and <mbedtls/platform_util.h> */
#define MBEDTLS_VERSION_MAJOR 3
#define MBEDTLS_SHA256_C
#define MBEDTLS_PRIVATE(member) member

#include <stddef.h>
#include <stdint.h>

typedef struct {
    unsigned char buffer[64];
    uint32_t total[2];
    uint32_t state[8];
    int is224;
} mbedtls_sha256_context;
void mbedtls_sha256_init(mbedtls_sha256_context *h);
void mbedtls_sha256_free(mbedtls_sha256_context *h);
int mbedtls_sha256_starts(mbedtls_sha256_context *h, int is224);
int mbedtls_sha256_update(mbedtls_sha256_context *h, const unsigned char *input,
                          size_t n);
int mbedtls_sha256_finish(mbedtls_sha256_context *h, unsigned char *output);
void mbedtls_platform_zeroize(void *bytes, size_t n);

#include "../../core/sj_sha256_mbedtls.c"

#include "proof.h"

static bool has_failed;

static int any_status(void)
{
    const bool fails = nondet_byte() % 2 == 0;

    has_failed = has_failed || fails;
    return fails;
}

void mbedtls_sha256_init(mbedtls_sha256_context *h)
{
    assert(__CPROVER_w_ok(h, sizeof(*h)));
}

void mbedtls_sha256_free(mbedtls_sha256_context *h)
{
    assert(__CPROVER_w_ok(h, sizeof(*h)));
}

int mbedtls_sha256_starts(mbedtls_sha256_context *h, int is224)
{
    assert(__CPROVER_w_ok(h, sizeof(*h)) && is224 == 0);
    return any_status();
}

int mbedtls_sha256_update(mbedtls_sha256_context *h, const unsigned char *input,
                          size_t n)
{
    assert(__CPROVER_w_ok(h, sizeof(*h)));
    assert(n > 0 && __CPROVER_r_ok(input, n));
    return any_status();
}

int mbedtls_sha256_finish(mbedtls_sha256_context *h, unsigned char *output)
{
    assert(__CPROVER_w_ok(h, sizeof(*h)));
    assert(__CPROVER_w_ok(output, SJ_SHA256_LEN));
    __CPROVER_havoc_slice(output, SJ_SHA256_LEN);
    return any_status();
}

void mbedtls_platform_zeroize(void *bytes, size_t n)
{
    assert(__CPROVER_w_ok(bytes, n));
}

/* And a failure is returned, and leaves a MAC of zeros. */
void mbedtls_mac_stays_within(void)
{
    struct sj_sha256 hash;
    struct sj_hmac_key key;
    unsigned char *block = (unsigned char *)any_bytes(SJ_SHA256_BLOCK);
    unsigned char *mac = (unsigned char *)any_bytes(SJ_SHA256_LEN);
    const struct segjob_str data = any_text(BOUND);
    const size_t i = any_up_to(SJ_SHA256_LEN - 1);
    bool ok;

    ok = sj_hmac_set_key(&hash, block, &key);
    assert(ok == !has_failed);
    has_failed = false;
    sj_hmac_begin(&hash, &key);
    sj_sha256_update(&hash, data.ptr, data.len);
    ok = sj_hmac_finish(&hash, &key, mac);
    assert(ok == !has_failed);
    assert(ok || mac[i] == 0);
}
