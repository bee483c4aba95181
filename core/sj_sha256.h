/*
 * The hash seam: SHA-256, and overwriting memory that held secrets.
 *
 * The one file that fills it names mbedTLS; a port to another hash replaces
 * that file. Failure (of hash hardware, say) is sticky: sj_sha256_finish()
 * tells it, and the digest is zero then.
 */
#ifndef SJ_SHA256_H
#define SJ_SHA256_H

#include "segjob.h"

#define SJ_SHA256_LEN 32u   /* bytes of a digest */
#define SJ_SHA256_BLOCK 64u /* bytes that one compression takes in */

/* A hash under way; opaque. */
struct sj_sha256 {
    uint64_t context[14];
    bool failed;
};

void sj_sha256_begin(struct sj_sha256 *h);

/* Take in `n` bytes; `bytes` may be NULL if `n` is 0. */
void sj_sha256_update(struct sj_sha256 *h, const void *bytes, size_t n);

/* End the hash and wipe it. Returns false if the hash function failed. */
SEGJOB_MUST_CHECK
bool sj_sha256_finish(struct sj_sha256 *h, unsigned char digest[SJ_SHA256_LEN]);

/*
 * Keep the state of a hash that has taken in just one block, H(1) of FIPS
 * 180-4 section 6.2, and wipe the hash. Returns false if the hash function
 * failed; the state is zero then.
 */
SEGJOB_MUST_CHECK
bool sj_sha256_save(struct sj_sha256 *h, struct sj_sha256_state *state);

/* Begin a hash behind the block that a state was kept of. */
void sj_sha256_resume(struct sj_sha256 *h, const struct sj_sha256_state *state);

/* Overwrite `n` bytes in a way that no compiler leaves out. */
void sj_wipe(void *bytes, size_t n);

#endif
