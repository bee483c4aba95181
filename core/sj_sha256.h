/*
 * SHA-256, and HMAC with it (RFC 2104).
 *
 * sj_sha256_mbedtls.c implements this header and segjob_wipe_bytes() with the
 * SHA-256 of mbedTLS 2.28 and 3.6. With mbedTLS 4, or if SEGJOB_PSA is defined
 * for all of core, sj_sha256_psa.c implements them with the PSA Crypto API 1.0:
 * mbedTLS 3.6 too, TF-M, drivers of hash hardware. To use another hash, replace
 * these files.
 *
 * PSA's hash may take memory from a heap while it runs: mbedTLS copies what it
 * hashes unless it has MBEDTLS_PSA_ASSUME_EXCLUSIVE_BUFFERS.
 *
 * A failure, such as one of hash hardware, is sticky: the function that
 * finishes reports it.
 */
#ifndef SJ_SHA256_H
#define SJ_SHA256_H

#include "segjob.h"

#if !defined(SEGJOB_PSA)
#include <mbedtls/platform_util.h> /* says whether this is version 4 */
#if defined(TF_PSA_CRYPTO_VERSION_MAJOR)
#define SEGJOB_PSA
#endif
#endif
#if defined(SEGJOB_PSA)
#include <psa/crypto.h>
#endif

#define SJ_SHA256_LEN 32u   /* bytes of a digest */
#define SJ_SHA256_BLOCK 64u /* bytes of a block */

/* A hash in progress; opaque. */
struct sj_sha256 {
#if defined(SEGJOB_PSA)
    psa_hash_operation_t operation;
#else
    uint64_t context[14];
#endif
    bool failed;
};

void sj_sha256_begin(struct sj_sha256 *h);

/* Hash `n` bytes; `bytes` may be NULL if `n` is 0. */
void sj_sha256_update(struct sj_sha256 *h, const void *bytes, size_t n);

/*
 * End the hash and wipe it. Returns false, and sets the digest to zeros, if the
 * hash function failed.
 */
SEGJOB_MUST_CHECK
bool sj_sha256_finish(struct sj_sha256 *h, unsigned char digest[SJ_SHA256_LEN]);

/* The first block of a message, and the state after it: H(1) of FIPS 180-4. */
struct sj_sha256_prefix {
    uint32_t state[8];
    const char *block; /* SJ_SHA256_BLOCK bytes */
};

/* Begin a hash with this block. Without PSA, the state saves hashing it. */
void sj_sha256_begin_with(struct sj_sha256 *h,
                          const struct sj_sha256_prefix *prefix);

/*
 * Set an HMAC key from `block`: the key, padded with zeros. Uses `h`, and may
 * change the block. Returns false if the hash function failed; then the key
 * must not be used.
 */
SEGJOB_MUST_CHECK
bool sj_hmac_set_key(struct sj_sha256 *h, unsigned char block[SJ_SHA256_BLOCK],
                     struct sj_hmac_key *key);

/* Begin the HMAC of a message, which sj_sha256_update() takes. */
void sj_hmac_begin(struct sj_sha256 *h, const struct sj_hmac_key *key);

/* End it with the key that it began with, as sj_sha256_finish() ends a hash. */
SEGJOB_MUST_CHECK
bool sj_hmac_finish(struct sj_sha256 *h, const struct sj_hmac_key *key,
                    unsigned char mac[SJ_SHA256_LEN]);

#endif
