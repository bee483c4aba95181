#include "sj_sha256.h"

#if defined(SEGJOB_PSA)

#include <string.h>

#include "segjob_text.h"

void sj_sha256_begin(struct sj_sha256 *h)
{
    h->operation = psa_hash_operation_init();
    h->failed = psa_hash_setup(&h->operation, PSA_ALG_SHA_256) != PSA_SUCCESS;
}

void sj_sha256_update(struct sj_sha256 *h, const void *bytes, size_t n)
{
    if (n > 0 && psa_hash_update(&h->operation, bytes, n) != PSA_SUCCESS) {
        h->failed = true;
    }
}

bool sj_sha256_finish(struct sj_sha256 *h, unsigned char digest[SJ_SHA256_LEN])
{
    size_t n = 0;
    bool failed = psa_hash_finish(&h->operation, digest, SJ_SHA256_LEN, &n) !=
                      PSA_SUCCESS ||
                  n != SJ_SHA256_LEN || h->failed;

    (void)psa_hash_abort(&h->operation);
    if (failed) {
        memset(digest, 0, SJ_SHA256_LEN);
    }
    return !failed;
}

/* PSA does not show the state of a hash: the block is hashed each time. */
void sj_sha256_begin_with(struct sj_sha256 *h,
                          const struct sj_sha256_prefix *prefix)
{
    sj_sha256_begin(h);
    sj_sha256_update(h, prefix->block, SJ_SHA256_BLOCK);
}

/* ------------------------------------------------------- HMAC (RFC 2104) */

/*
 * psa_mac_compute() would take a key slot, and a key that is imported for each
 * signature. Two cloned operations would save two compressions of a signature,
 * and take some 460 bytes of the client. So the key's block is kept.
 */
bool sj_hmac_set_key(struct sj_sha256 *h, unsigned char block[SJ_SHA256_BLOCK],
                     struct sj_hmac_key *key)
{
    (void)h;
    memcpy(key->words, block, SJ_SHA256_BLOCK);
    return true;
}

/* Begin a hash with the key's block XOR `pad`. */
static void begin_with_pad(struct sj_sha256 *h, const struct sj_hmac_key *key,
                           unsigned char pad)
{
    unsigned char block[SJ_SHA256_BLOCK];
    size_t i;

    memcpy(block, key->words, sizeof(block));
    for (i = 0; i < sizeof(block); i++) {
        block[i] ^= pad;
    }
    sj_sha256_begin(h);
    sj_sha256_update(h, block, sizeof(block));
    segjob_wipe_bytes(block, sizeof(block));
}

void sj_hmac_begin(struct sj_sha256 *h, const struct sj_hmac_key *key)
{
    begin_with_pad(h, key, 0x36);
}

bool sj_hmac_finish(struct sj_sha256 *h, const struct sj_hmac_key *key,
                    unsigned char mac[SJ_SHA256_LEN])
{
    const bool inner = sj_sha256_finish(h, mac);

    begin_with_pad(h, key, 0x5c);
    h->failed |= !inner;
    sj_sha256_update(h, mac, SJ_SHA256_LEN);
    return sj_sha256_finish(h, mac);
}

/* Not every PSA implementation has mbedtls_platform_zeroize(). */
void segjob_wipe_bytes(void *bytes, size_t n)
{
    volatile unsigned char *p = bytes;

    while (n-- > 0) {
        *p++ = 0;
    }
}

#endif
