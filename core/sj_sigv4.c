#include "sj_sigv4.h"

#include <string.h>

#include "sj_scan.h"
#include "sj_sigv4_key.h"

/* The start of a canonical request to a host of the service: one block. */
#define HOST_BEGIN "personalize"
#define FIRST_BLOCK \
    "POST\n/\n\ncontent-type:" SJ_CONTENT_TYPE "\nhost:" HOST_BEGIN

typedef char
    sj_first_block_is_one[sizeof(FIRST_BLOCK) == SJ_SHA256_BLOCK + 1 ? 1 : -1];

static const struct sj_sha256_prefix first_block = {
    {0x651a9825, 0xa96eb540, 0x8f08226f, 0x33ef4aeb, 0xff20b522, 0x0e46c357,
     0x66f92fb8, 0x50654f1a},
    FIRST_BLOCK,
};

/* ------------------------------------------------------------ signing key */

#define SCOPE SJ_DAY "\0" SJ_REGION "\0" SJ_SERVICE "\0" SJ_TERMINATOR "\0"

/* Derive `k` unless it is valid for the day and the secret of `s`. */
static bool refresh_key(struct sj_sha256 *hash, const struct sj_sigv4 *s,
                        struct sj_signing_key *k)
{
    unsigned char block[SJ_SHA256_BLOCK];
    const bool ok =
        sj_sigv4_set_secret(hash, s->credentials.secret_access_key, block);

    if (!ok || !k->valid || memcmp(k->secret, block, sizeof(block)) != 0 ||
        memcmp(k->day, s->day.ptr, sizeof(k->day)) != 0) {
        memcpy(k->secret, block, sizeof(block));
        memcpy(k->day, s->day.ptr, sizeof(k->day));
        k->valid = sj_sigv4_derive(hash, s, SCOPE, block, &k->hmac) && ok;
    }
    segjob_wipe_bytes(block, sizeof(block));
    return k->valid;
}

/* -------------------------------------------------------------- signature */

/* SJ_SIGNATURE marks each digest in turn; the last one is the signature. */
static void set_hex(struct sj_sigv4 *s, unsigned char digest[SJ_SHA256_LEN])
{
    sj_hex(s->hex, digest, SJ_SHA256_LEN);
    s->signature.ptr = s->hex;
    s->signature.len = sizeof(s->hex);
}

/* Begin the canonical request. Removes the part of the host that is hashed. */
static void begin_canonical_request(struct sj_sigv4 *s, struct sj_sha256 *hash)
{
    static const struct segjob_str begin = SEGJOB_STR_INIT(HOST_BEGIN);

    if (sj_begins_with(s->host, begin)) {
        sj_sha256_begin_with(hash, &first_block);
        sj_skip(&s->host, begin.len);
    } else {
        sj_sha256_begin(hash);
        sj_sha256_update(hash, first_block.block, SJ_SHA256_BLOCK - begin.len);
    }
}

bool sj_sigv4_sign(struct sj_sigv4 *s, struct sj_signing_key *key)
{
    const struct segjob_str host = s->host;
    unsigned char digest[SJ_SHA256_LEN];
    struct sj_sha256 hash;
    struct sj_writer w = {NULL, 0, 0, &hash};
    bool ok = refresh_key(&hash, s, key);

    sj_sha256_begin(&hash);
    sj_write_str(&w, s->body);
    ok = sj_sha256_finish(&hash, digest) && ok;
    set_hex(s, digest);

    begin_canonical_request(s, &hash);
    sj_write_template(&w,
                      SJ_HOST "\nx-amz-date:" SJ_DATE "\n" SJ_IF_TOKEN
                              "x-amz-security-token:" SJ_TOKEN "\n" SJ_END_IF
                              "x-amz-target:" SJ_TARGET "\n\n" SJ_SIGNED_HEADERS
                              "\n" SJ_SIGNATURE,
                      s);
    s->host = host;
    ok = sj_sha256_finish(&hash, digest) && ok;
    set_hex(s, digest);

    sj_hmac_begin(&hash, &key->hmac);
    sj_write_template(
        &w, SJ_ALGORITHM "\n" SJ_DATE "\n" SJ_SCOPE "\n" SJ_SIGNATURE, s);
    ok = sj_hmac_finish(&hash, &key->hmac, digest) && ok;
    set_hex(s, digest);
    return ok;
}
