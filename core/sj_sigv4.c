#include "sj_sigv4.h"

#include <string.h>

#include "sj_time.h"

#define ALGORITHM "AWS4-HMAC-SHA256"
#define SERVICE "personalize"
#define TERMINATOR "aws4_request"
#define HEX_LEN ((size_t)2 * SJ_SHA256_LEN) /* of a digest in hexadecimal */

/* Update with a string literal. */
#define UPDATE(hash, literal) \
    sj_sha256_update((hash), (literal), sizeof(literal) - 1)

/* --------------------------------------------------- HMAC (RFC 2104) */

struct hmac {
    struct sj_sha256 hash;
    unsigned char pad[SJ_SHA256_BLOCK];
};

static void hmac_xor_pad(struct hmac *h, unsigned char value)
{
    for (size_t i = 0; i < sizeof(h->pad); i++) {
        h->pad[i] ^= value;
    }
}

/* `n`, the length of the key, is at most one block. */
static void hmac_begin(struct hmac *h, const unsigned char *key, size_t n)
{
    memset(h->pad, 0, sizeof(h->pad));
    memcpy(h->pad, key, n);
    hmac_xor_pad(h, 0x36);
    sj_sha256_begin(&h->hash);
    sj_sha256_update(&h->hash, h->pad, sizeof(h->pad));
}

static bool hmac_finish(struct hmac *h, unsigned char mac[SJ_SHA256_LEN])
{
    bool inner = sj_sha256_finish(&h->hash, mac);
    bool outer;

    hmac_xor_pad(h, 0x36 ^ 0x5c);
    sj_sha256_begin(&h->hash);
    sj_sha256_update(&h->hash, h->pad, sizeof(h->pad));
    sj_sha256_update(&h->hash, mac, SJ_SHA256_LEN);
    outer = sj_sha256_finish(&h->hash, mac);
    sj_wipe(h, sizeof(*h));
    return inner && outer;
}

/* ------------------------------------------------------- signing key */

/* The HMAC key "AWS4" and secret, brought to one block as RFC 2104 says. */
static bool secret_block(struct segjob_str secret,
                         unsigned char block[SJ_SHA256_BLOCK])
{
    struct sj_sha256 hash;

    memset(block, 0, SJ_SHA256_BLOCK);
    if (secret.len <= SJ_SHA256_BLOCK - 4) {
        memcpy(block, "AWS4", 4);
        memcpy(block + 4, secret.ptr, secret.len);
        return true;
    }
    sj_sha256_begin(&hash);
    UPDATE(&hash, "AWS4");
    sj_sha256_update(&hash, secret.ptr, secret.len);
    return sj_sha256_finish(&hash, block);
}

/* key = HMAC(key, text) */
static bool derive(unsigned char key[SJ_SHA256_LEN], const char *text, size_t n)
{
    struct hmac h;

    hmac_begin(&h, key, SJ_SHA256_LEN);
    sj_sha256_update(&h.hash, text, n);
    return hmac_finish(&h, key);
}

static bool derive_key(struct sj_signing_key *k, struct segjob_str region)
{
    struct hmac h;

    hmac_begin(&h, k->secret, sizeof(k->secret));
    sj_sha256_update(&h.hash, k->date, sizeof(k->date));
    return hmac_finish(&h, k->key) && derive(k->key, region.ptr, region.len) &&
           derive(k->key, SERVICE, sizeof(SERVICE) - 1) &&
           derive(k->key, TERMINATOR, sizeof(TERMINATOR) - 1);
}

/*
 * Bring `k` to the day, region and secret of `s`.
 *
 * A region is at most 63 characters (SEGJOB_FIELD_REGION), so its zero-padded
 * copy is unambiguous.
 */
static bool refresh_key(const struct sj_sigv4 *s, struct sj_signing_key *k)
{
    struct sj_signing_key now = {0};
    bool good = secret_block(s->credentials->secret_access_key, now.secret);

    memcpy(now.date, s->date.ptr, sizeof(now.date));
    memcpy(now.region, s->region.ptr, s->region.len);
    if (good && k->valid && memcmp(k->secret, now.secret, 64) == 0 &&
        memcmp(k->date, now.date, sizeof(now.date)) == 0 &&
        memcmp(k->region, now.region, sizeof(now.region)) == 0) {
        sj_wipe(&now, sizeof(now));
        return true;
    }
    now.valid = good && derive_key(&now, s->region);
    *k = now;
    sj_wipe(&now, sizeof(now));
    return k->valid;
}

/* --------------------------------------------------------- signature */

static bool has_token(const struct sj_sigv4 *s)
{
    return s->credentials->session_token.ptr != NULL;
}

static const char signed_headers[] =
    "content-type;host;x-amz-date;x-amz-target";
static const char signed_headers_token[] =
    "content-type;host;x-amz-date;x-amz-security-token;x-amz-target";

static const char *signed_header_names(const struct sj_sigv4 *s)
{
    return has_token(s) ? signed_headers_token : signed_headers;
}

static void update_str(struct sj_sha256 *h, struct segjob_str s)
{
    sj_sha256_update(h, s.ptr, s.len);
}

static bool finish_hex(struct sj_sha256 *hash, char hex[HEX_LEN])
{
    unsigned char digest[SJ_SHA256_LEN];
    struct sj_writer w = {hex, HEX_LEN, 0};
    bool good = sj_sha256_finish(hash, digest);

    sj_write_hex(&w, digest, sizeof(digest));
    return good;
}

static bool hash_body(struct segjob_str body, char hex[HEX_LEN])
{
    struct sj_sha256 hash;

    sj_sha256_begin(&hash);
    update_str(&hash, body);
    return finish_hex(&hash, hex);
}

static bool hash_canonical_request(const struct sj_sigv4 *s, char hex[HEX_LEN])
{
    struct sj_sha256 hash;
    bool good = hash_body(s->body, hex);

    sj_sha256_begin(&hash);
    UPDATE(&hash, "POST\n/\n\ncontent-type:" SJ_CONTENT_TYPE "\nhost:");
    update_str(&hash, s->host);
    UPDATE(&hash, "\nx-amz-date:");
    update_str(&hash, s->date);
    if (has_token(s)) {
        UPDATE(&hash, "\nx-amz-security-token:");
        update_str(&hash, s->credentials->session_token);
    }
    UPDATE(&hash, "\nx-amz-target:");
    update_str(&hash, s->target);
    UPDATE(&hash, "\n\n");
    update_str(&hash, segjob_str(signed_header_names(s)));
    UPDATE(&hash, "\n");
    sj_sha256_update(&hash, hex, HEX_LEN);
    return finish_hex(&hash, hex) && good;
}

bool sj_sigv4_sign(const struct sj_sigv4 *s, struct sj_signing_key *key,
                   unsigned char signature[SJ_SHA256_LEN])
{
    struct hmac h;
    char request_hash[HEX_LEN];

    if (!refresh_key(s, key) || !hash_canonical_request(s, request_hash)) {
        return false;
    }
    hmac_begin(&h, key->key, sizeof(key->key));
    UPDATE(&h.hash, ALGORITHM "\n");
    update_str(&h.hash, s->date);
    UPDATE(&h.hash, "\n");
    sj_sha256_update(&h.hash, s->date.ptr, SJ_DATE_LEN);
    UPDATE(&h.hash, "/");
    update_str(&h.hash, s->region);
    UPDATE(&h.hash, "/" SERVICE "/" TERMINATOR "\n");
    sj_sha256_update(&h.hash, request_hash, sizeof(request_hash));
    return hmac_finish(&h, signature);
}

void sj_sigv4_write_authorization(struct sj_writer *w, const struct sj_sigv4 *s,
                                  const unsigned char signature[SJ_SHA256_LEN])
{
    sj_write_text(w, ALGORITHM " Credential=");
    sj_write_str(w, s->credentials->access_key_id);
    sj_write_char(w, '/');
    sj_write(w, s->date.ptr, SJ_DATE_LEN);
    sj_write_char(w, '/');
    sj_write_str(w, s->region);
    sj_write_text(w, "/" SERVICE "/" TERMINATOR ", SignedHeaders=");
    sj_write_text(w, signed_header_names(s));
    sj_write_text(w, ", Signature=");
    sj_write_hex(w, signature, SJ_SHA256_LEN);
}
