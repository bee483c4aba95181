/*
 * Derive a signing key of SigV4. These functions are inline since the signer of
 * Personalize, whose stack is the deepest, is the only one in most programs.
 */
#ifndef SJ_SIGV4_KEY_H
#define SJ_SIGV4_KEY_H

#include <string.h>

#include "sj_scan.h"
#include "sj_sha256.h"
#include "sj_writer.h"

/* Set `block` to the HMAC key "AWS4" + secret, padded or hashed (RFC 2104). */
static inline bool sj_sigv4_set_secret(struct sj_sha256 *hash,
                                       struct segjob_str secret,
                                       unsigned char block[SJ_SHA256_BLOCK])
{
    memset(block, 0, SJ_SHA256_BLOCK);
    if (secret.len <= SJ_SHA256_BLOCK - 4) {
        memcpy(block, "AWS4", 4);
        memcpy(block + 4, secret.ptr, secret.len);
        return true;
    }
    sj_sha256_begin(hash);
    sj_sha256_update(hash, "AWS4", 4);
    sj_sha256_update(hash, secret.ptr, secret.len);
    return sj_sha256_finish(hash, block);
}

/*
 * Derive a signing key from that block, which is overwritten: for each text of
 * the list `scope`, a template of `values`, key = HMAC(key, text).
 */
static inline bool sj_sigv4_derive(struct sj_sha256 *hash, const void *values,
                                   const char *scope,
                                   unsigned char block[SJ_SHA256_BLOCK],
                                   struct sj_hmac_key *to)
{
    struct sj_writer w = {NULL, 0, 0, hash};
    bool ok = true;

    for (; *scope != '\0'; scope = sj_next_text(scope)) {
        ok = sj_hmac_set_key(hash, block, to) && ok;
        sj_hmac_begin(hash, to);
        sj_write_template(&w, scope, values);
        memset(block, 0, SJ_SHA256_BLOCK);
        ok = sj_hmac_finish(hash, to, block) && ok;
    }
    return sj_hmac_set_key(hash, block, to) && ok;
}

#endif
