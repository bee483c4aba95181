#include "segjob_sign.h"

#include "sj_head.h"
#include "sj_scan.h"
#include "sj_sigv4.h"
#include "sj_sigv4_key.h"

typedef char
    sj_lengths_are_as_documented[SEGJOB_SIGN_DATE_LEN == SJ_TIME_LEN &&
                                         SEGJOB_SIGN_HASH_LEN == SJ_SHA256_LEN
                                     ? 1
                                     : -1];

/* The values of the templates below. */
struct scope {
    struct segjob_str date;
    struct segjob_str day; /* its first SJ_DATE_LEN bytes */
    struct segjob_str region;
    struct segjob_str service;
};

#define DATE "\x80"
#define DAY "\x81"
#define REGION "\x82"
#define SERVICE "\x83"

bool segjob_sign_date(int64_t unix_time, char date[SEGJOB_SIGN_DATE_LEN])
{
    return sj_time_format(unix_time, date);
}

/* Header `i` of the request; without a name beyond the last. */
static struct segjob_header header_at(const struct segjob_sign *s, size_t i)
{
    static const struct segjob_header none = {NULL, {NULL, 0}};

    return i < SEGJOB_FETCH_HEADERS ? s->request->headers[i] : none;
}

static struct scope scope_of(const struct segjob_sign *s)
{
    struct scope scope = {{NULL, 0}, {NULL, 0}, s->config->region, {NULL, 0}};
    struct segjob_header header;
    size_t i = 0;

    scope.service = segjob_cstr(s->service);
    while ((header = header_at(s, i++)).name != NULL) {
        if (sj_is_text(segjob_cstr(header.name), "x-amz-date")) {
            scope.date = header.value;
        }
    }
    scope.day = scope.date;
    if (scope.day.len > SJ_DATE_LEN) {
        scope.day.len = SJ_DATE_LEN;
    }
    return scope;
}

static void write_signed_headers(struct sj_writer *w,
                                 const struct segjob_sign *s)
{
    const char *name;

    for (size_t i = 0; (name = header_at(s, i).name) != NULL; i++) {
        sj_write_text(w, i > 0 ? ";" : "");
        sj_write_text(w, name);
        sj_write_text(w, i == 0 ? ";host" : "");
    }
}

static void write_digest(struct sj_writer *w, const unsigned char *digest,
                         size_t n)
{
    for (size_t i = 0; i < n; i++) {
        sj_write_hex(w, digest[i]);
    }
}

static void write_canonical_headers(struct sj_writer *w,
                                    const struct segjob_sign *s)
{
    struct segjob_header header;

    for (size_t i = 0; (header = header_at(s, i)).name != NULL; i++) {
        sj_write_text(w, header.name);
        sj_write_char(w, ':');
        sj_write_str(w, header.value);
        sj_write_char(w, '\n');
        if (i == 0) {
            sj_write_text(w, "host:");
            sj_head_write_authority(w, s->config);
            sj_write_char(w, '\n');
        }
    }
}

static void write_canonical_request(struct sj_writer *w,
                                    const struct segjob_sign *s,
                                    const unsigned char *body_digest)
{
    const struct segjob_str *path = s->request->path;

    sj_write_text(w, s->request->method);
    sj_write_char(w, '\n');
    for (size_t i = 0; i < sizeof(s->request->path) / sizeof(*path); i++) {
        sj_write_str(w, path[i]);
    }
    sj_write_text(w, "\n\n");
    write_canonical_headers(w, s);
    sj_write_char(w, '\n');
    write_signed_headers(w, s);
    sj_write_char(w, '\n');
    write_digest(w, body_digest, SJ_SHA256_LEN);
}

/* Set `digest` to the canonical request's. */
static bool digest_request(struct sj_sha256 *hash, const struct segjob_sign *s,
                           unsigned char digest[SJ_SHA256_LEN])
{
    struct sj_writer w = {NULL, 0, 0, hash};
    bool ok;

    sj_sha256_begin(hash);
    sj_write_str(&w, s->request->body);
    ok = sj_sha256_finish(hash, digest);
    sj_sha256_begin(hash);
    write_canonical_request(&w, s, digest);
    return sj_sha256_finish(hash, digest) && ok;
}

static void write_string_to_sign(struct sj_writer *w,
                                 const struct segjob_sign *s,
                                 const unsigned char *request_digest)
{
    const struct scope scope = scope_of(s);

    sj_write_text(w, s->algorithm);
    sj_write_template(
        w, "\n" DATE "\n" DAY "/" REGION "/" SERVICE "/" SJ_TERMINATOR "\n",
        &scope);
    write_digest(w, request_digest, SJ_SHA256_LEN);
}

bool segjob_sign_hmac(const struct segjob_sign *s, struct segjob_str secret,
                      unsigned char signature[SEGJOB_SIGN_HASH_LEN])
{
    const struct scope scope = scope_of(s);
    unsigned char block[SJ_SHA256_BLOCK];
    struct sj_sha256 hash;
    struct sj_writer w = {NULL, 0, 0, &hash};
    struct sj_hmac_key key = {{0}};
    bool ok = sj_sigv4_set_secret(&hash, secret, block);

    ok = sj_sigv4_derive(&hash, &scope,
                         DAY "\0" REGION "\0" SERVICE "\0" SJ_TERMINATOR "\0",
                         block, &key) &&
         ok;
    ok = digest_request(&hash, s, signature) && ok;
    sj_hmac_begin(&hash, &key);
    write_string_to_sign(&w, s, signature);
    ok = sj_hmac_finish(&hash, &key, signature) && ok;
    segjob_wipe_bytes(block, sizeof(block));
    segjob_wipe_bytes(&key, sizeof(key));
    return ok;
}

bool segjob_sign_digest(const struct segjob_sign *s,
                        unsigned char digest[SEGJOB_SIGN_HASH_LEN])
{
    struct sj_sha256 hash;
    struct sj_writer w = {NULL, 0, 0, &hash};
    bool ok = digest_request(&hash, s, digest);

    sj_sha256_begin(&hash);
    write_string_to_sign(&w, s, digest);
    return sj_sha256_finish(&hash, digest) && ok;
}

size_t segjob_sign_write(const struct segjob_sign *s,
                         const unsigned char *signature, size_t n, char *buf,
                         size_t cap)
{
    const struct scope scope = scope_of(s);
    struct sj_writer w = {buf, cap, 0, NULL};

    sj_write_text(&w, s->algorithm);
    sj_write_text(&w, " Credential=");
    sj_write_str(&w, s->key_id);
    sj_write_template(
        &w, "/" DAY "/" REGION "/" SERVICE "/" SJ_TERMINATOR ", SignedHeaders=",
        &scope);
    write_signed_headers(&w, s);
    sj_write_text(&w, ", Signature=");
    write_digest(&w, signature, n);
    return w.len;
}
