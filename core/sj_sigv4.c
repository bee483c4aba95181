#include "sj_sigv4.h"

#include <string.h>

#include "sj_scan.h"

/* Where a canonical request of this service's own hosts is cut in two. */
#define FIRST_BLOCK_BEGIN "POST\n/\n\ncontent-type:" SJ_CONTENT_TYPE "\nhost:"
#define FIRST_BLOCK_END "personalize"

/* SHA-256's state behind both, which are one block, whatever the request. */
static const struct sj_sha256_state first_block = {
    {0x651a9825, 0xa96eb540, 0x8f08226f, 0x33ef4aeb, 0xff20b522, 0x0e46c357,
     0x66f92fb8, 0x50654f1a},
};

/* ------------------------------------------------------- HMAC (RFC 2104) */

/* What follows has no hash of its own: each would add to the deepest stack. */

/* Take in a key of one block, which is changed: all of it XORed with `pad`. */
static bool keep_pad(struct sj_sha256 *hash, unsigned char *key,
                     unsigned char pad, struct sj_sha256_state *to)
{
    for (size_t i = 0; i < SJ_SHA256_BLOCK; i++) {
        key[i] ^= pad;
    }
    sj_sha256_begin(hash);
    sj_sha256_update(hash, key, SJ_SHA256_BLOCK);
    return sj_sha256_save(hash, to);
}

/* `key` is one block, and is spoilt. */
static bool hmac_key(struct sj_sha256 *hash, unsigned char *key,
                     struct sj_hmac_key *to)
{
    return keep_pad(hash, key, 0x36, &to->inner) &&
           keep_pad(hash, key, 0x36 ^ 0x5c, &to->outer);
}

/* End the inner hash, which began with sj_sha256_resume(), and do the outer. */
static bool hmac_finish(struct sj_sha256 *hash, const struct sj_hmac_key *key,
                        unsigned char mac[SJ_SHA256_LEN])
{
    const bool inner = sj_sha256_finish(hash, mac);

    sj_sha256_resume(hash, &key->outer);
    sj_sha256_update(hash, mac, SJ_SHA256_LEN);
    return sj_sha256_finish(hash, mac) && inner;
}

/* ------------------------------------------------------------ signing key */

/* The HMAC key "AWS4" and secret, brought to one block as RFC 2104 says. */
static bool secret_block(struct sj_sha256 *hash, struct segjob_str secret,
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

/* key = HMAC(key, text), for the text of each form; `key` is one block. */
static bool derive(struct sj_sha256 *hash, const struct sj_sigv4 *s,
                   unsigned char *key, struct sj_hmac_key *to)
{
    const char *form =
        SJ_DAY "\0" SJ_REGION "\0" SJ_SERVICE "\0" SJ_TERMINATOR "\0";
    struct sj_writer w = {NULL, 0, 0, hash};
    bool good = true;

    for (; *form != '\0'; form = sj_next_text(form)) {
        good = hmac_key(hash, key, to) && good;
        sj_sha256_resume(hash, &to->inner);
        sj_write_form(&w, form, s);
        memset(key, 0, SJ_SHA256_BLOCK);
        good = hmac_finish(hash, to, key) && good;
    }
    return hmac_key(hash, key, to) && good;
}

/* Bring `k` to the day and secret of `s`. */
static bool refresh_key(struct sj_sha256 *hash, const struct sj_sigv4 *s,
                        struct sj_signing_key *k)
{
    unsigned char block[SJ_SHA256_BLOCK];
    const bool good =
        secret_block(hash, s->credentials.secret_access_key, block);

    if (!good || !k->valid || memcmp(k->secret, block, sizeof(block)) != 0 ||
        memcmp(k->day, s->day.ptr, sizeof(k->day)) != 0) {
        memcpy(k->secret, block, sizeof(block));
        memcpy(k->day, s->day.ptr, sizeof(k->day));
        k->valid = derive(hash, s, block, &k->hmac) && good;
    }
    sj_wipe(block, sizeof(block));
    return k->valid;
}

/* -------------------------------------------------------------- signature */

static void keep_hex(struct sj_sigv4 *s, unsigned char digest[SJ_SHA256_LEN])
{
    sj_hex(s->hex, digest, SJ_SHA256_LEN);
    s->signature.ptr = s->hex;
    s->signature.len = sizeof(s->hex);
}

/* Begin the canonical request, up to the host or into it. */
static void begin_canonical_request(struct sj_sigv4 *s, struct sj_sha256 *hash)
{
    static const struct segjob_str end = SEGJOB_STR(FIRST_BLOCK_END);

    if (sj_begins_with(s->host, end)) {
        sj_sha256_resume(hash, &first_block);
        sj_skip(&s->host, end.len);
    } else {
        sj_sha256_begin(hash);
        sj_sha256_update(hash, FIRST_BLOCK_BEGIN,
                         sizeof(FIRST_BLOCK_BEGIN) - 1);
    }
}

bool sj_sigv4_sign(struct sj_sigv4 *s, struct sj_signing_key *key)
{
    const struct segjob_str host = s->host;
    unsigned char digest[SJ_SHA256_LEN];
    struct sj_sha256 hash;
    struct sj_writer w = {NULL, 0, 0, &hash};
    bool good = refresh_key(&hash, s, key);

    sj_sha256_begin(&hash);
    sj_write_str(&w, s->body);
    good = sj_sha256_finish(&hash, digest) && good;
    keep_hex(s, digest);

    begin_canonical_request(s, &hash);
    sj_write_form(&w,
                  SJ_HOST "\nx-amz-date:" SJ_DATE "\n" SJ_IF_TOKEN
                          "x-amz-security-token:" SJ_TOKEN "\n" SJ_END_IF
                          "x-amz-target:" SJ_TARGET "\n\n" SJ_SIGNED_HEADERS
                          "\n" SJ_SIGNATURE,
                  s);
    s->host = host;
    good = sj_sha256_finish(&hash, digest) && good;
    keep_hex(s, digest);

    sj_sha256_resume(&hash, &key->hmac.inner);
    sj_write_form(&w, SJ_ALGORITHM "\n" SJ_DATE "\n" SJ_SCOPE "\n" SJ_SIGNATURE,
                  s);
    good = hmac_finish(&hash, &key->hmac, digest) && good;
    keep_hex(s, digest);
    return good;
}
