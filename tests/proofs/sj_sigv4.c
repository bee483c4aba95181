/*
 * Signing, with SHA-256 replaced by its contract: it reads its input, and
 * stores an arbitrary digest or key.
 */
#include "../../core/sj_sigv4.c"

#include "proof.h"

void sj_sha256_begin(struct sj_sha256 *hash)
{
    assert(__CPROVER_w_ok(hash, sizeof(*hash)));
}

void sj_sha256_update(struct sj_sha256 *hash, const void *bytes, size_t n)
{
    assert(__CPROVER_w_ok(hash, sizeof(*hash)));
    assert(n == 0 || __CPROVER_r_ok(bytes, n));
}

bool sj_sha256_finish(struct sj_sha256 *hash,
                      unsigned char digest[SJ_SHA256_LEN])
{
    assert(__CPROVER_w_ok(hash, sizeof(*hash)));
    __CPROVER_havoc_slice(digest, SJ_SHA256_LEN);
    return nondet_byte() % 2 == 0;
}

void sj_sha256_begin_with(struct sj_sha256 *hash,
                          const struct sj_sha256_prefix *prefix)
{
    assert(__CPROVER_w_ok(hash, sizeof(*hash)));
    assert(__CPROVER_r_ok(prefix->block, SJ_SHA256_BLOCK));
}

bool sj_hmac_set_key(struct sj_sha256 *hash,
                     unsigned char block[SJ_SHA256_BLOCK],
                     struct sj_hmac_key *key)
{
    assert(__CPROVER_w_ok(hash, sizeof(*hash)));
    __CPROVER_havoc_slice(block, SJ_SHA256_BLOCK);
    __CPROVER_havoc_slice(key, sizeof(*key));
    return nondet_byte() % 2 == 0;
}

void sj_hmac_begin(struct sj_sha256 *hash, const struct sj_hmac_key *key)
{
    assert(__CPROVER_w_ok(hash, sizeof(*hash)));
    assert(__CPROVER_r_ok(key, sizeof(*key)));
}

bool sj_hmac_finish(struct sj_sha256 *hash, const struct sj_hmac_key *key,
                    unsigned char mac[SJ_SHA256_LEN])
{
    assert(__CPROVER_r_ok(key, sizeof(*key)));
    return sj_sha256_finish(hash, mac);
}

void segjob_wipe_bytes(void *at, size_t n)
{
    assert(__CPROVER_w_ok(at, n));
}

/* A secret of up to a block more than HMAC's block: then it is hashed. */
void secret_is_one_block(void)
{
    struct sj_sha256 hash;
    unsigned char block[SJ_SHA256_BLOCK];

    (void)sj_sigv4_set_secret(&hash, any_text(SJ_SHA256_BLOCK + BOUND), block);
}

void sign_reads_within(void)
{
    char date[SJ_TIME_LEN];
    struct sj_signing_key key;
    struct sj_sigv4 s = {
        .host = any_text(BOUND),
        .target = any_text(BOUND),
        .date = {date, SJ_TIME_LEN},
        .day = {date, SJ_DATE_LEN},
        .region = any_text(BOUND),
        .credentials = {any_text(BOUND), any_text(BOUND), any_text(BOUND)},
        .body = any_text(BOUND)};

    sj_sigv4_sign(&s, &key);
    assert(s.signature.ptr == s.hex && s.signature.len == sizeof(s.hex));
    for (size_t i = 0; i < sizeof(s.hex); i++) {
        assert(segjob_hex_value(s.hex[i]) < 16);
    }
}
