#include "segjob_sso.h"

#include <errno.h>
#include <mbedtls/md.h>
#include <stdlib.h>
#include <string.h>

#include "segjob_json.h"
#include "segjob_text.h"
#include "sj_file.h"
#include "sj_message.h"
#include "sj_text.h"

#define SHA1_LEN 20u

static struct segjob_sso *as_sso(struct segjob_source *s)
{
    return (struct segjob_sso *)s; /* its first member */
}

static void add(struct segjob_sso *sso, const char *text)
{
    sj_message_add(sso->error, sizeof(sso->error), text);
}

/* "the cached token has expired; run `aws sso login --sso-session team`" */
static const char *advise(struct segjob_sso *sso, const char *what,
                          const char *why)
{
    sso->error[0] = '\0';
    add(sso, what);
    add(sso, why);
    add(sso, "; run `aws sso login");
    if (sso->config.session != NULL) {
        add(sso, " --sso-session ");
        add(sso, sso->config.session);
    } else if (sso->config.profile != NULL) {
        add(sso, " --profile ");
        add(sso, sso->config.profile);
    }
    add(sso, "`");
    return sso->error;
}

/* ------------------------------------------------------------ cached token */

static const char no_room[] = "the cached token does not fit in the buffer";

/* Some versions of the AWS CLI write UTC in place of Z. */
static struct segjob_str without_utc(char *text, struct segjob_str time)
{
    if (time.len > 3 && memcmp(time.ptr + time.len - 3, "UTC", 3) == 0) {
        time.len -= 2;
        text[time.ptr - text + (ptrdiff_t)time.len - 1] = 'Z';
    }
    return time;
}

/* Returns NULL, or what is wrong with the `len` bytes of the file. */
static const char *read_members(const struct segjob_sso *sso, char *text,
                                size_t len, size_t cap,
                                struct segjob_str *token)
{
    static const char *const names[] = {"accessToken", "expiresAt"};
    struct segjob_str texts[2];
    int64_t expiration;

    switch ((int)segjob_read_members(text, len, text + len, cap - len, names,
                                     texts, 2)) {
    case SEGJOB_OK:
        break;
    case SEGJOB_NO_SPACE:
        return no_room;
    default:
        return "the cached token is not a JSON object";
    }
    if (texts[0].len == 0) {
        return "the cached token has no accessToken";
    }
    if (texts[1].ptr == NULL ||
        !segjob_read_expiration(without_utc(text, texts[1]), &expiration)) {
        return "the cached token has no expiresAt with a time of RFC 3339";
    }
    *token = texts[0];
    return expiration > sso->source.now ? NULL : "the cached token has expired";
}

/*
 * Read the token into the buffer, where only itself is left.
 *
 * Returns NULL, or an error message.
 */
static const char *read_token(struct segjob_sso *sso, struct segjob_str *token)
{
    size_t cap, len;
    char *room = segjob_source_room(&sso->source, &cap);
    const int code = sj_file_read(sso->path, room, cap, &len);
    const char *flaw;

    if (code == EFBIG) {
        return no_room;
    }
    if (code == ENOENT) {
        return advise(sso, "there is no cached token", "");
    }
    if (code != 0) {
        return advise(sso, "the cached token cannot be read: ", strerror(code));
    }
    flaw = read_members(sso, room, len, cap, token);
    if (flaw != NULL) {
        return flaw == no_room ? flaw : advise(sso, flaw, "");
    }
    *token = segjob_source_keep(&sso->source, *token);
    room = segjob_source_room(&sso->source, &cap);
    segjob_wipe_bytes(room, cap); /* a refresh token, for example */
    return NULL;
}

/* ----------------------------------------------------------------- request */

static bool next_request(struct segjob_source *s, struct segjob_str fetched)
{
    struct segjob_sso *sso = as_sso(s);
    struct segjob_str token = {NULL, 0};

    (void)fetched;
    if (s->step > 0) {
        return false;
    }
    s->error = read_token(sso, &token);
    s->request.method = "GET";
    s->request.path[0] = segjob_cstr(sso->target);
    s->request.headers[0].name = "x-amz-sso_bearer_token";
    s->request.headers[0].value = token;
    s->request.secret = token;
    return true;
}

/* The portal may reject a token before it expires: the person signed out. */
static const char *remedy(struct segjob_source *s)
{
    return segjob_get_error(&s->client)->http_status == 401
               ? advise(as_sso(s), "the token is not valid", "")
               : NULL;
}

static const struct segjob_source_kind kind = {
    .name = "AWS SSO",
    .format = SEGJOB_FORMAT_SSO,
    .timeout_ms = 15000,
    .next_request = next_request,
    .remedy = remedy,
};

/* ----------------------------------------------------------- configuration */

static const char *write_target(struct segjob_sso *sso)
{
    struct sj_text target = {sso->target, sizeof(sso->target) - 1, 0};

    sj_text_add(&target, "/federation/credentials?role_name=");
    sj_text_add_encoded(&target, segjob_cstr(sso->config.role_name));
    sj_text_add(&target, "&account_id=");
    sj_text_add_encoded(&target, segjob_cstr(sso->config.account_id));
    if (target.len > target.cap) {
        return "role name and account id are too long";
    }
    sso->target[target.len] = '\0';
    return NULL;
}

/* Append the SHA-1 of `text` in hex. Returns false if mbedTLS has no SHA-1. */
static bool add_sha1(char *to, size_t cap, const char *text)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char digest[SHA1_LEN];
    char pair[3] = "";
    size_t i;

    if (mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_SHA1),
                   (const unsigned char *)text, strlen(text), digest) != 0) {
        return false;
    }
    for (i = 0; i < SHA1_LEN; i++) {
        pair[0] = hex[digest[i] >> 4];
        pair[1] = hex[digest[i] & 15];
        sj_message_add(to, cap, pair);
    }
    return true;
}

static const char *write_path(struct segjob_sso *sso)
{
    const size_t cap = sizeof(sso->path);
    const char *home = getenv("HOME");

    sso->path[0] = '\0';
    if (home == NULL || home[0] == '\0') {
        return "HOME is not set, so there is no ~/.aws/sso/cache";
    }
    sj_message_add(sso->path, cap, home);
    sj_message_add(sso->path, cap, "/.aws/sso/cache/");
    if (!add_sha1(sso->path, cap,
                  sso->config.session != NULL ? sso->config.session
                                              : sso->config.start_url)) {
        return "mbedTLS is built without SHA-1";
    }
    sj_message_add(sso->path, cap, ".json");
    return strlen(sso->path) < cap - 1 ? NULL : "HOME is too long";
}

static bool is_empty(const char *text)
{
    return text == NULL || text[0] == '\0';
}

static const char *check(struct segjob_sso *sso)
{
    const struct segjob_sso_config *config = &sso->config;
    const char *flaw;

    if (config->session == NULL && config->start_url == NULL) {
        return "there is neither a session nor a start URL";
    }
    if (is_empty(config->account_id)) {
        return "there is no account id";
    }
    if (is_empty(config->role_name)) {
        return "there is no role name";
    }
    flaw = write_target(sso);
    return flaw != NULL ? flaw : write_path(sso);
}

static void set_host(struct segjob_sso *sso, struct segjob_config *service)
{
    if (service->host.ptr != NULL || service->region.ptr == NULL) {
        return; /* without either, the configuration is rejected */
    }
    segjob_write_host(service, "portal.sso", sso->host, sizeof(sso->host));
    service->host = segjob_cstr(sso->host);
    service->fips = false;
    service->dual_stack = false;
}

enum segjob_status segjob_sso_init(struct segjob_sso *sso,
                                   const struct segjob_sso_config *config,
                                   void *buf, size_t cap)
{
    struct segjob_config service = config->service;
    const char *flaw;

    memset(sso, 0, sizeof(*sso));
    sso->config = *config;
    set_host(sso, &service);
    segjob_source_init(&sso->source, &kind, &service, buf, cap);
    flaw = check(sso);
    return flaw != NULL ? segjob_source_refuse(&sso->source, flaw)
                        : segjob_source_check(&sso->source);
}
