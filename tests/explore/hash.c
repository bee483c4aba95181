/*
 * A hash in place of SHA-256: core/sj_sha256.h without cryptography. Nobody
 * checks signatures here, and most of the time would go into them. Linked in
 * front of core's library, whose own file is then left out.
 */
#include "segjob_text.h"
#include "sj_sha256.h"
#include "world.h"

#include <string.h>

bool hash_fails;

/* FNV-1a, at the beginning of the struct, whatever that has. */
void sj_sha256_begin(struct sj_sha256 *h)
{
    const uint64_t hash = UINT64_C(14695981039346656037);

    memset(h, 0, sizeof(*h));
    memcpy(h, &hash, sizeof(hash));
}

void sj_sha256_update(struct sj_sha256 *h, const void *bytes, size_t n)
{
    const unsigned char *at = bytes;
    uint64_t hash;

    memcpy(&hash, h, sizeof(hash));
    for (; n > 0; n--) {
        hash = (hash ^ *at++) * UINT64_C(1099511628211);
    }
    memcpy(h, &hash, sizeof(hash));
}

bool sj_sha256_finish(struct sj_sha256 *h, unsigned char digest[SJ_SHA256_LEN])
{
    memset(digest, 0, SJ_SHA256_LEN);
    memcpy(digest, h, sizeof(uint64_t));
    return !hash_fails;
}

void sj_sha256_begin_with(struct sj_sha256 *h,
                          const struct sj_sha256_prefix *prefix)
{
    sj_sha256_begin(h);
    sj_sha256_update(h, prefix->state, sizeof(prefix->state));
}

bool sj_hmac_set_key(struct sj_sha256 *h, unsigned char block[SJ_SHA256_BLOCK],
                     struct sj_hmac_key *key)
{
    sj_sha256_begin(h);
    sj_sha256_update(h, block, SJ_SHA256_BLOCK);
    memset(key, 0, sizeof(*key));
    memcpy(key, h, sizeof(uint64_t));
    return !hash_fails;
}

void sj_hmac_begin(struct sj_sha256 *h, const struct sj_hmac_key *key)
{
    sj_sha256_begin(h);
    sj_sha256_update(h, key, sizeof(*key));
}

bool sj_hmac_finish(struct sj_sha256 *h, const struct sj_hmac_key *key,
                    unsigned char mac[SJ_SHA256_LEN])
{
    (void)key;
    return sj_sha256_finish(h, mac);
}

void segjob_wipe_bytes(void *bytes, size_t n)
{
    memset(bytes, 0, n);
}
