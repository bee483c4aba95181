#include "sj_tls_session.h"

#include <string.h>

#include <mbedtls/md.h>

#include "segjob_text.h"

static const mbedtls_md_info_t *sha256(void)
{
    return mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
}

/* --------------------------------------------------------- offer and keep */

int sj_tls_session_offer(struct segjob_tls *tls, const char *host)
{
    struct segjob_tls_bounds *bounds = &tls->bounds;
    const int64_t now = tls->platform->wall_clock(tls->platform);
    unsigned char digest[SEGJOB_TLS_DIGEST_LEN] = {0};
    int ret =
        mbedtls_md(sha256(), (const unsigned char *)host, strlen(host), digest);

    if (ret == 0 && tls->has_session &&
        memcmp(bounds->host, digest, sizeof(digest)) == 0 &&
        now >= bounds->not_before && now <= bounds->not_after) {
        ret = mbedtls_ssl_set_session(&tls->ssl, &tls->session);
    }
    sj_tls_session_drop(tls); /* mbedTLS has a copy */
    memcpy(bounds->host, digest, sizeof(digest));
    tls->verified = false;
    return ret;
}

void sj_tls_session_verified(struct segjob_tls *tls, int64_t from, int64_t to)
{
    struct segjob_tls_bounds *bounds = &tls->bounds;

    if (!tls->verified) { /* the first one: so far they were a session's */
        bounds->not_before = 0;
        bounds->not_after = INT64_MAX;
        tls->pinned = false;
        tls->verified = true;
    }
    if (from > bounds->not_before) {
        bounds->not_before = from;
    }
    if (to < bounds->not_after) {
        bounds->not_after = to;
    }
}

/*
 * From version 3 on, mbedTLS gives each session out once, and says
 * "unavailable" after that: then it is here already.
 */
void sj_tls_session_keep(struct segjob_tls *tls)
{
    int ret;

    if (!tls->resumable) {
        return;
    }
    ret = mbedtls_ssl_get_session(&tls->ssl, &tls->session);
    if (ret == 0) {
        tls->has_session = true;
    } else if (ret != MBEDTLS_ERR_SSL_FEATURE_UNAVAILABLE) {
        sj_tls_session_drop(tls);
    }
}

void sj_tls_session_drop(struct segjob_tls *tls)
{
    mbedtls_ssl_session_free(&tls->session); /* which wipes it */
    mbedtls_ssl_session_init(&tls->session);
    tls->has_session = false;
    tls->resumable = false;
}

/* ---------------------------------------------------------- save and load */

/* Where the parts of a saved session begin; its checksum is at 0. */
#define BOUNDS_AT SEGJOB_TLS_DIGEST_LEN
#define SESSION_AT (BOUNDS_AT + sizeof(struct segjob_tls_bounds))

/* The DER of certificates, with a byte behind it that begins none. */
static int add_chain(mbedtls_md_context_t *md, const mbedtls_x509_crt *crt)
{
    static const unsigned char end[1] = {0};
    int ret = 0;

    for (; ret == 0 && crt != NULL; crt = crt->next) {
        ret = mbedtls_md_update(md, crt->raw.p, crt->raw.len);
    }
    return ret == 0 ? mbedtls_md_update(md, end, sizeof(end)) : ret;
}

/* Over a saved session of `n` bytes and what it is good for. */
static bool checksum(const struct segjob_tls *tls, const unsigned char *bytes,
                     size_t n, unsigned char digest[SEGJOB_TLS_DIGEST_LEN])
{
    mbedtls_md_context_t md;
    int ret;

    mbedtls_md_init(&md);
    ret = mbedtls_md_setup(&md, sha256(), 0);
    if (ret == 0) {
        ret = mbedtls_md_starts(&md);
    }
    if (ret == 0) {
        ret = mbedtls_md_update(&md, bytes + BOUNDS_AT, n - BOUNDS_AT);
    }
#if defined(MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK)
    if (ret == 0 && tls->lookup.find != NULL) {
        ret = tls->lookup.digest(tls->lookup.arg, &md);
    }
#endif
    if (ret == 0) {
        ret = add_chain(&md, tls->roots);
    }
    if (ret == 0) {
        ret = add_chain(&md, tls->chain);
    }
    if (ret == 0 && tls->pins_len > 0) {
        ret = mbedtls_md_update(&md, tls->pins[0],
                                tls->pins_len * sizeof(tls->pins[0]));
    }
    if (ret == 0) {
        ret = mbedtls_md_finish(&md, digest);
    }
    mbedtls_md_free(&md); /* which wipes it */
    return ret == 0;
}

static bool save(const struct segjob_tls *tls, unsigned char *bytes, size_t n)
{
    size_t len = 0;

    memcpy(bytes + BOUNDS_AT, &tls->bounds, sizeof(tls->bounds));
    return mbedtls_ssl_session_save(&tls->session, bytes + SESSION_AT,
                                    n - SESSION_AT, &len) == 0 &&
           checksum(tls, bytes, n, bytes);
}

size_t segjob_tls_save_session(struct segjob_tls *tls, void *buf, size_t cap)
{
    size_t n = 0;

    sj_tls_session_keep(tls);
    if (!tls->has_session) {
        return 0;
    }
    /* For the length alone: what has no room would be written in part. */
    (void)mbedtls_ssl_session_save(&tls->session, NULL, 0, &n);
    n += SESSION_AT;
    if (n <= cap && !save(tls, buf, n)) {
        segjob_wipe_bytes(buf, n);
        return 0;
    }
    return n;
}

bool segjob_tls_load_session(struct segjob_tls *tls, const void *bytes,
                             size_t n)
{
    const unsigned char *saved = bytes;
    unsigned char digest[SEGJOB_TLS_DIGEST_LEN];

    if (tls->state != SEGJOB_TLS_IDLE) {
        return false; /* the bounds are those of its connection */
    }
    sj_tls_session_drop(tls);
    if (n <= SESSION_AT || !checksum(tls, saved, n, digest) ||
        memcmp(digest, saved, sizeof(digest)) != 0) {
        return false;
    }
    memcpy(&tls->bounds, saved + BOUNDS_AT, sizeof(tls->bounds));
    tls->has_session =
        mbedtls_ssl_session_load(&tls->session, saved + SESSION_AT,
                                 n - SESSION_AT) == 0;
    return tls->has_session;
}
