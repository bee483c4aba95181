/*
 * What credentials come from: responses of sources and proxies, which read the
 * same in any pieces; and the texts of URIs, lists, shared files and tokens.
 */
#include "fuzz.h"

#include "segjob_fetch.h"
#include "segjob_json.h"
#include "segjob_proxy.h"
#include "segjob_run.h"
#include "segjob_uri.h"
#include "sj_endpoint.h"
#include "sj_ini.h"
#include "sj_no_proxy.h"

static bool is_visible(struct segjob_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] <= ' ' || s.ptr[i] > '~') {
            return false;
        }
    }
    return s.ptr != NULL && s.len > 0;
}

/* --------------------------------------------------------------- responses */

struct fetched {
    struct segjob_client client;
    char *buf;
    enum segjob_status status;
    struct segjob_credentials credentials;
    int64_t expiration;
};

static void receive(struct segjob_client *c, struct segjob_str response,
                    size_t piece)
{
    while (response.len > 0 && segjob_get_want(c) == SEGJOB_WANT_RECEIVE) {
        const struct segjob_buffer rx = segjob_rx(c);
        size_t n = response.len < piece ? response.len : piece;

        n = n < rx.len ? n : rx.len;
        REQUIRE(n > 0);
        memcpy(rx.ptr, response.ptr, n);
        REQUIRE(segjob_received(c, n) == SEGJOB_PENDING);
        response.ptr += n;
        response.len -= n;
    }
    if (segjob_get_want(c) == SEGJOB_WANT_RECEIVE) {
        REQUIRE(segjob_received(c, 0) == SEGJOB_PENDING);
    }
    if (segjob_get_want(c) == SEGJOB_WANT_CLOSE) {
        segjob_closed(c);
    }
    REQUIRE(segjob_get_want(c) == SEGJOB_WANT_NOTHING);
}

static void fetch(struct fetched *f, size_t cap,
                  enum segjob_credentials_format format,
                  struct segjob_str response, size_t piece)
{
    static const struct segjob_config config = {.host = SEGJOB_STR("::1"),
                                                .plain = true};
    static const struct segjob_fetch_request request = {
        .method = "GET", .path = {SEGJOB_STR("/")}};
    struct segjob_client *c = &f->client;

    memset(f, 0, sizeof(*f));
    f->buf = malloc(cap);
    REQUIRE(f->buf != NULL);
    REQUIRE(segjob_init(c, &config, f->buf, cap) == SEGJOB_OK);
    REQUIRE(segjob_fetch(c, &request, 0, 1000) == SEGJOB_PENDING);
    REQUIRE(segjob_connected(c, 0) == SEGJOB_PENDING);
    REQUIRE(segjob_sent(c, segjob_tx(c).len) == SEGJOB_PENDING);
    receive(c, response, piece);
    f->status = segjob_get_status(c);
    if (f->status == SEGJOB_OK) {
        f->status = segjob_read_credentials(c, segjob_fetched(c).len, format,
                                            &f->credentials, &f->expiration);
    }
    REQUIRE(f->status <= 0);
    REQUIRE(segjob_get_outcome(c) == SEGJOB_NOT_APPLICABLE);
}

static void check_document(struct input *in)
{
    const enum segjob_credentials_format format =
        (enum segjob_credentials_format)(take_byte(in) % 5);
    const size_t cap = SEGJOB_RESPONSE_MIN + take_byte(in) * 8u;
    const size_t piece = 1 + take_byte(in);
    const struct segjob_str response = take_bytes(in, in->left);
    static struct fetched whole, pieces;
    char line[256];

    fetch(&whole, cap, format, response, SIZE_MAX);
    fetch(&pieces, cap, format, response, piece);
    REQUIRE(whole.status == pieces.status);
    REQUIRE(segjob_explain(&whole.client, line, sizeof(line)) ==
            segjob_explain(&pieces.client, line, sizeof(line)));
    if (whole.status == SEGJOB_OK) {
        REQUIRE(is_visible(whole.credentials.access_key_id));
        REQUIRE(is_visible(whole.credentials.secret_access_key));
        REQUIRE(whole.credentials.session_token.ptr == NULL ||
                is_visible(whole.credentials.session_token));
        REQUIRE(is_same(whole.credentials.access_key_id,
                        pieces.credentials.access_key_id));
        REQUIRE(is_same(whole.credentials.secret_access_key,
                        pieces.credentials.secret_access_key));
        REQUIRE(is_same(whole.credentials.session_token,
                        pieces.credentials.session_token));
        REQUIRE(whole.expiration == pieces.expiration);
        REQUIRE(whole.expiration >= 0 || format == SEGJOB_FORMAT_SSO);
    }
    free(whole.buf);
    free(pieces.buf);
}

static enum segjob_status read_tunnel(struct segjob_str response, size_t piece,
                                      int *http_status)
{
    struct segjob_tunnel t;
    enum segjob_status status = SEGJOB_PENDING;

    segjob_tunnel_begin(&t);
    while (response.len > 0 && status == SEGJOB_PENDING) {
        const size_t n = response.len < piece ? response.len : piece;

        status = segjob_tunnel_read(&t, response.ptr, n);
        response.ptr += n;
        response.len -= n;
    }
    *http_status = segjob_tunnel_status(&t);
    return status;
}

/* Except for bytes after a good response, which may arrive with it or not. */
static void check_tunnel(struct input *in)
{
    const size_t piece = 1 + take_byte(in);
    const struct segjob_str response = take_bytes(in, in->left);
    int one, other;
    const enum segjob_status whole = read_tunnel(response, SIZE_MAX, &one);
    const enum segjob_status pieces = read_tunnel(response, piece, &other);

    REQUIRE(one == other);
    REQUIRE(whole == pieces ||
            (whole == SEGJOB_PROXY && pieces == SEGJOB_OK && one < 300));
    REQUIRE(whole != SEGJOB_OK || (one >= 200 && one < 300));
}

/* ------------------------------------------------------------------- texts */

/* A copy of the rest, NUL-terminated, in memory of exactly its size. */
static char *text_of(struct input *in)
{
    const struct segjob_str rest = take_bytes(in, in->left);
    char *text = malloc(rest.len + 1);

    REQUIRE(text != NULL);
    if (rest.len > 0) {
        memcpy(text, rest.ptr, rest.len);
    }
    text[rest.len] = '\0';
    return text;
}

static bool lies_in(struct segjob_str s, const char *text, size_t n)
{
    return s.ptr == NULL || (s.ptr >= text && s.ptr + s.len <= text + n);
}

/* If core allows plain HTTP, the runner connects to this device. */
static void check_host(struct segjob_str host)
{
    if (sj_endpoint_is_host(host) && sj_endpoint_is_loopback(host)) {
        REQUIRE(segjob_is_loopback(host));
    }
}

static void check_urls(struct input *in)
{
    char *text = text_of(in);
    const size_t n = strlen(text);
    struct segjob_uri uri;
    struct segjob_proxy_config config = {.port = 0};

    if (segjob_uri_read(segjob_cstr(text), &uri) == NULL) {
        REQUIRE(lies_in(uri.user, text, n));
        REQUIRE(lies_in(uri.password, text, n));
        REQUIRE(lies_in(uri.host, text, n));
        REQUIRE(lies_in(uri.rest, text, n));
        check_host(uri.host);
    }
    check_host(segjob_cstr(text));
    (void)sj_no_proxy_has(text, "fd00::1:2");
    (void)sj_no_proxy_has(text, "10.1.2.3");
    (void)sj_no_proxy_has("a.test,10.0.0.0/8,fd00::/13", text);
    if (segjob_proxy_read_url(text, &config) == NULL) {
        REQUIRE(config.port > 0);
        REQUIRE(config.host >= text && config.host < text + n);
        REQUIRE(lies_in(config.user, text, n));
        REQUIRE(lies_in(config.password, text, n));
    }
    free(text);
}

static void check_files(struct input *in)
{
    const struct sj_ini_section wanted = {(enum sj_ini_kind)(take_byte(in) % 4),
                                          "a", "personalize"};
    const size_t n = in->left;
    char *text = text_of(in);
    struct segjob_profile_section section;
    struct sj_ini_error error;

    if (sj_ini_read(text, n, &wanted, &section, &error)) {
        for (size_t i = 0; i < SEGJOB_PROFILE_COUNT; i++) {
            REQUIRE(lies_in(segjob_cstr(section.value[i]), text, n));
            REQUIRE(section.found || section.value[i] == NULL);
        }
    } else {
        REQUIRE(error.message != NULL && error.line > 0);
    }
    free(text);
}

/* The token that the AWS CLI caches. */
static void check_members(struct input *in)
{
    static const char *const names[] = {"accessToken", "expiresAt"};
    const size_t cap = take_byte(in) * 8u;
    const size_t n = in->left;
    char *room = malloc(cap + (cap == 0));
    char *text = text_of(in);
    struct segjob_str texts[2];
    int64_t expiration;

    REQUIRE(room != NULL);
    if (segjob_read_members(text, n, room, cap, names, texts, 2) == SEGJOB_OK) {
        REQUIRE(lies_in(texts[0], text, n));
        REQUIRE(lies_in(texts[1], text, n));
        if (segjob_read_expiration(texts[1], &expiration)) {
            REQUIRE(expiration >= 0);
        }
    }
    free(text);
    free(room);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static void (*const checks[])(struct input * in) = {
        check_document, check_tunnel, check_urls, check_files, check_members};
    struct input in = {bytes, n};

    checks[take_byte(&in) % LENGTH(checks)](&in);
    return 0;
}
