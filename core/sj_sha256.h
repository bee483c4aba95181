/*
 * SHA-256.
 *
 * Only sj_sha256_mbedtls.c uses mbedTLS. To use another hash, replace that
 * file, which also implements segjob_wipe_bytes(). A failure, such as one of
 * hash hardware, is sticky: sj_sha256_finish() reports it and sets the digest
 * to zeros.
 */
#ifndef SJ_SHA256_H
#define SJ_SHA256_H

#include "segjob.h"

#define SJ_SHA256_LEN 32u   /* bytes of a digest */
#define SJ_SHA256_BLOCK 64u /* bytes of a block */

/* A hash in progress; opaque. */
struct sj_sha256 {
    uint64_t context[14];
    bool failed;
};

void sj_sha256_begin(struct sj_sha256 *h);

/* Hash `n` bytes; `bytes` may be NULL if `n` is 0. */
void sj_sha256_update(struct sj_sha256 *h, const void *bytes, size_t n);

/* End the hash and wipe it. Returns false if the hash function failed. */
SEGJOB_MUST_CHECK
bool sj_sha256_finish(struct sj_sha256 *h, unsigned char digest[SJ_SHA256_LEN]);

/*
 * Save the state of a hash of exactly one block, H(1) of FIPS 180-4 section
 * 6.2, and wipe the hash. Returns false, and sets the state to zeros, if the
 * hash function failed.
 */
SEGJOB_MUST_CHECK
bool sj_sha256_save(struct sj_sha256 *h, struct sj_sha256_state *state);

/* Begin a hash with a saved state, as if it had just hashed that block. */
void sj_sha256_resume(struct sj_sha256 *h, const struct sj_sha256_state *state);

#endif
