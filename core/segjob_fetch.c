#include "segjob_fetch.h"

#include "sj_attempt.h"
#include "sj_check.h"
#include "sj_endpoint.h"
#include "sj_head.h"
#include "sj_json.h"
#include "sj_response.h"
#include "sj_retry.h"
#include "sj_scan.h"
#include "sj_time.h"
#include "sj_transition.h"

/* ---------------------------------------------------------------- request */

static bool check_path(const struct segjob_str *parts, size_t n,
                       struct segjob_error *e)
{
    for (size_t i = 0; i < n; i++) {
        if (!sj_check_text(parts[i], SEGJOB_FIELD_FETCH_PATH, e)) {
            return false;
        }
    }
    if (parts[0].ptr == NULL || parts[0].ptr[0] != '/') {
        e->field = SEGJOB_FIELD_FETCH_PATH;
        e->rule = SEGJOB_RULE_REQUIRED;
        return false;
    }
    return true;
}

static bool check(const struct segjob_fetch_request *request,
                  struct segjob_error *e)
{
    for (size_t i = 0; i < SEGJOB_FETCH_HEADERS; i++) {
        if (!sj_check_text(request->headers[i].value, SEGJOB_FIELD_FETCH_HEADER,
                           e)) {
            return false;
        }
    }
    return check_path(request->path,
                      sizeof(request->path) / sizeof(request->path[0]), e);
}

static void write(struct sj_writer *w, const struct segjob_client *c)
{
    sj_head_write_fetch(w, &c->setup.config, c->op.fetch);
}

/* --------------------------------------------------------------- response */

static void done(struct segjob_client *c, enum segjob_status status)
{
    sj_result(c, status, SJ_DONE, SEGJOB_NOT_APPLICABLE);
}

static void read(struct segjob_client *c)
{
    const int status = c->attempt.error.http_status;
    const bool is_ok = status == 200 || status == 201;

    if (is_ok && c->attempt.body_overflow) {
        sj_response_too_large(c);
        return;
    }
    if (is_ok) {
        c->attempt.result_len = c->attempt.body_len;
        done(c, SEGJOB_OK);
        return;
    }
    if (status >= 300 && status <= 399) {
        done(c, SEGJOB_REDIRECT);
        return;
    }
    if (status >= 400) {
        sj_response_read_error(c, c->op.fetch->secret);
        if (c->attempt.error.message.ptr == NULL) {
            c->attempt.result_len = c->attempt.body_len;
        }
        done(c, SEGJOB_SERVICE);
        return;
    }
    done(c, SEGJOB_PROTOCOL);
}

static const struct sj_operation fetch = {{NULL, 0}, write, read};

enum segjob_status segjob_fetch(struct segjob_client *c,
                                const struct segjob_fetch_request *request,
                                uint64_t now_ms, uint32_t timeout_ms)
{
    const enum segjob_status status =
        sj_transition_begin(c, SJ_FETCHING, &fetch);

    if (status != SEGJOB_OK) {
        return status;
    }
    c->op.fetch = request;
    if (!check(request, &c->attempt.error)) {
        return sj_transition_end(c, SEGJOB_INVALID);
    }
    c->times.now_ms = now_ms;
    c->times.deadline_ms = sj_transition_after(c, timeout_ms, SJ_NEVER - 1);
    sj_transition_start(c);
    return sj_attempt_prepare(c);
}

/* Whether the last operation was a fetch that ended so. */
static bool ended_as(const struct segjob_client *c, enum segjob_status status)
{
    return c->op.operation == &fetch && c->want == SEGJOB_WANT_NOTHING &&
           c->op.status == (int8_t)status;
}

/* A message that was read has taken the place of the body. */
static bool has_unread_error(const struct segjob_client *c)
{
    return ended_as(c, SEGJOB_SERVICE) && c->attempt.error.message.ptr == NULL;
}

struct segjob_str segjob_fetched(const struct segjob_client *c)
{
    struct segjob_str body = {NULL, 0};

    if (ended_as(c, SEGJOB_OK) || has_unread_error(c)) {
        body.ptr = c->setup.buf;
        body.len = c->attempt.body_len;
    }
    return body;
}

/* ------------------------------------------------------------------ errors */

void segjob_fetch_set_error(struct segjob_client *c, struct segjob_str code,
                            struct segjob_str message, struct segjob_str secret)
{
    c->attempt.error.code = code;
    c->attempt.error.message = message;
    sj_response_keep_error(c, secret);
}

/* Codes of AWS STS, beside those that Personalize has as well. */
enum segjob_fetch_error segjob_fetch_classify(const struct segjob_client *c)
{
    const struct segjob_error *e = &c->attempt.error;

    if (sj_is_text(e->code, "ExpiredToken")) {
        return SEGJOB_FETCH_EXPIRED;
    }
    if (sj_is_text(e->code, "IDPCommunicationError")) {
        return SEGJOB_FETCH_TRANSIENT;
    }
    switch ((int)sj_retry_classify(e->http_status, e->code)) {
    case SJ_TRANSIENT:
    case SJ_THROTTLED:
        return SEGJOB_FETCH_TRANSIENT;
    case SJ_EXPIRED:
        return SEGJOB_FETCH_EXPIRED;
    case SJ_SKEWED:
        return SEGJOB_FETCH_SKEWED;
    default:
        return SEGJOB_FETCH_FINAL;
    }
}

bool segjob_fetched_clock_skew(const struct segjob_client *c,
                               int64_t *clock_skew_s)
{
    char date[SJ_TIME_LEN];

    return sj_time_format(c->attempt.sent_s, date) &&
           sj_retry_clock_skew(&c->attempt.http, c->attempt.sent_s,
                               c->times.now_ms - c->attempt.sent_ms,
                               clock_skew_s);
}

/* -------------------------------------------------------------------- host */

/* In us-gov, these have no host of their own for FIPS alone. */
static bool has_fips_host(const struct segjob_config *config,
                          const char *service)
{
    struct segjob_str region = config->region;

    return config->dual_stack || !sj_take_text(&region, "us-gov-") ||
           !sj_is_listed(segjob_cstr(service), "sts\0"
                                               "portal.sso\0");
}

void segjob_write_host(const struct segjob_config *config, const char *service,
                       char *host, size_t cap)
{
    struct sj_writer w = {host, cap - 1, 0, NULL};
    struct segjob_config actual = *config;

    actual.fips = config->fips && has_fips_host(config, service);
    sj_endpoint_write_host(&w, &actual, service);
    host[w.len < cap ? w.len : cap - 1] = '\0';
}

/* ------------------------------------------------------------ credentials */

static const struct member_names {
    const char *access_key_id;
    const char *secret_access_key;
    const char *session_token;
    const char *expiration;
} formats[] = {
    [SEGJOB_FORMAT_IOT] = {"accessKeyId", "secretAccessKey", "sessionToken",
                           "expiration"},
    [SEGJOB_FORMAT_CONTAINER] = {"AccessKeyId", "SecretAccessKey", "Token",
                                 "Expiration"},
    [SEGJOB_FORMAT_PROCESS] = {"AccessKeyId", "SecretAccessKey", "SessionToken",
                               "Expiration"},
    [SEGJOB_FORMAT_ANYWHERE] = {"accessKeyId", "secretAccessKey",
                                "sessionToken", "expiration"},
    [SEGJOB_FORMAT_SSO] = {"accessKeyId", "secretAccessKey", "sessionToken",
                           "expiration"},
};

static bool reject(struct segjob_client *c, enum segjob_field field,
                   enum segjob_rule rule)
{
    c->attempt.error.field = field;
    c->attempt.error.rule = rule;
    return false;
}

/* Read an optional member. Returns false if it is not a text. */
static bool read_text(const struct sj_json *json, int object, const char *name,
                      struct segjob_str *text)
{
    const int value = sj_json_member(json, object, name);

    *text = sj_json_string(json, value);
    return value == SJ_JSON_NONE || text->ptr != NULL;
}

bool segjob_read_expiration(struct segjob_str text, int64_t *expiration)
{
    *expiration = INT64_MAX;
    return text.ptr == NULL || sj_time_parse_rfc3339(text, expiration);
}

/* SSO returns a number of milliseconds; sj_json_millis() reads seconds. */
static bool read_expiration(const struct sj_json *json, int object,
                            const struct member_names *names,
                            int64_t *expiration)
{
    struct segjob_str text;

    if (names == &formats[SEGJOB_FORMAT_SSO]) {
        if (!sj_json_millis(json,
                            sj_json_member(json, object, names->expiration),
                            expiration)) {
            return false;
        }
        *expiration /= 1000000;
        return true;
    }
    return read_text(json, object, names->expiration, &text) &&
           segjob_read_expiration(text, expiration);
}

/* Programs print a token that they do not have as an empty text, too. */
static bool read_token(const struct sj_json *json, int object,
                       const struct member_names *names,
                       struct segjob_str *token)
{
    if (!read_text(json, object, names->session_token, token)) {
        return false;
    }
    if (token->len == 0 && names == &formats[SEGJOB_FORMAT_PROCESS]) {
        token->ptr = NULL;
    }
    return true;
}

static bool read_credentials(struct segjob_client *c,
                             const struct sj_json *json, int object,
                             const struct member_names *names,
                             struct segjob_credentials *credentials,
                             int64_t *expiration)
{
    credentials->access_key_id =
        sj_json_text(json, object, names->access_key_id);
    credentials->secret_access_key =
        sj_json_text(json, object, names->secret_access_key);
    if (!read_token(json, object, names, &credentials->session_token)) {
        return reject(c, SEGJOB_FIELD_SESSION_TOKEN, SEGJOB_RULE_PATTERN);
    }
    if (!sj_check_credentials(credentials, &c->attempt.error)) {
        return false;
    }
    return read_expiration(json, object, names, expiration) ||
           reject(c, SEGJOB_FIELD_EXPIRATION, SEGJOB_RULE_PATTERN);
}

enum segjob_status segjob_check_credentials(
    struct segjob_client *c, const struct segjob_credentials *credentials,
    struct segjob_str expiration_text, int64_t *expiration)
{
    c->op.status =
        sj_check_credentials(credentials, &c->attempt.error) &&
                (segjob_read_expiration(expiration_text, expiration) ||
                 reject(c, SEGJOB_FIELD_EXPIRATION, SEGJOB_RULE_PATTERN))
            ? SEGJOB_OK
            : SEGJOB_PROTOCOL;
    return (enum segjob_status)c->op.status;
}

/*
 * EC2 returns an error with HTTP status 200, as a `Code` in place of
 * credentials. If there are credentials, `Code` is not an error, however it
 * spells `Success`.
 */
static bool read_error(struct segjob_client *c, const struct sj_json *json,
                       int object, const struct member_names *names)
{
    const struct segjob_str code = sj_json_text(json, SJ_JSON_ROOT, "Code");

    if (code.ptr == NULL || sj_is_text(code, "Success") ||
        sj_json_text(json, object, names->access_key_id).ptr != NULL) {
        return false;
    }
    c->attempt.error.code = code;
    c->attempt.error.message = sj_json_text(json, SJ_JSON_ROOT, "Message");
    return true;
}

/* The only version of what a process prints. */
static bool is_version_1(const struct sj_json *json)
{
    int32_t version = 0;

    return sj_json_int32(json, sj_json_member(json, SJ_JSON_ROOT, "Version"),
                         &version) &&
           version == 1;
}

/* The object with the credentials. */
static int find_object(const struct sj_json *json,
                       enum segjob_credentials_format format)
{
    int object = SJ_JSON_ROOT;

    switch (format) {
    case SEGJOB_FORMAT_SSO:
        return sj_json_member(json, object, "roleCredentials");
    case SEGJOB_FORMAT_ANYWHERE:
        object = sj_json_first(
            json, sj_json_member(json, SJ_JSON_ROOT, "credentialSet"));
        return sj_json_member(json, object, "credentials");
    case SEGJOB_FORMAT_IOT:
        return sj_json_member(json, object, "credentials");
    case SEGJOB_FORMAT_CONTAINER:
    case SEGJOB_FORMAT_PROCESS:
    default:
        return object;
    }
}

static enum segjob_status read_document(struct segjob_client *c,
                                        const struct sj_json *json,
                                        enum segjob_credentials_format format,
                                        struct segjob_credentials *credentials,
                                        int64_t *expiration)
{
    const int object = find_object(json, format);

    if (format == SEGJOB_FORMAT_PROCESS && !is_version_1(json)) {
        return SEGJOB_PROTOCOL;
    }
    if (read_error(c, json, object, &formats[format])) {
        return SEGJOB_SERVICE;
    }
    return read_credentials(c, json, object, &formats[format], credentials,
                            expiration)
               ? SEGJOB_OK
               : SEGJOB_PROTOCOL;
}

enum segjob_status segjob_read_credentials(
    struct segjob_client *c, size_t len, enum segjob_credentials_format format,
    struct segjob_credentials *credentials, int64_t *expiration)
{
    struct sj_json json = {NULL, NULL, 0};

    if (c->want != SEGJOB_WANT_NOTHING || len > c->setup.cap) {
        return sj_transition_misuse(c);
    }
    switch (sj_json_parse(&json, c->setup.buf, len, c->setup.buf + len,
                          c->setup.cap - len)) {
    case SJ_JSON_OK:
        c->op.status =
            (int8_t)read_document(c, &json, format, credentials, expiration);
        break;
    case SJ_JSON_NO_ROOM:
        sj_response_too_large(c);
        sj_transition_end(c, SEGJOB_NO_SPACE);
        break;
    case SJ_JSON_BAD:
    default:
        c->op.status = SEGJOB_PROTOCOL;
        break;
    }
    return (enum segjob_status)c->op.status;
}
