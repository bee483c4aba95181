#include "sj_fetch.h"

#include "sj_http.h"
#include "sj_json.h"
#include "sj_next.h"
#include "sj_request.h"
#include "sj_scan.h"
#include "sj_time.h"
#include "sj_verdict.h"

/* ---------------------------------------------------------------- request */

static bool check_path(const struct segjob_str *parts, size_t n,
                       struct segjob_error *e)
{
    for (size_t i = 0; i < n; i++) {
        if (!sj_request_check_text(parts[i], SEGJOB_FIELD_FETCH_PATH, e)) {
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

bool sj_fetch_check(const struct segjob_fetch_request *request,
                    struct segjob_error *e)
{
    return check_path(request->path,
                      sizeof(request->path) / sizeof(request->path[0]), e) &&
           sj_request_check_text(request->headers[0].value,
                                 SEGJOB_FIELD_FETCH_HEADER, e) &&
           sj_request_check_text(request->headers[1].value,
                                 SEGJOB_FIELD_FETCH_HEADER, e);
}

static void write(struct sj_writer *w, const struct segjob_client *c)
{
    sj_request_write_fetch(w, &c->config, c->fetch);
}

/* ----------------------------------------------------------------- answer */

static void judge(struct segjob_client *c)
{
    const int status = c->error.http_status;

    if (status == 200 && c->dropping) {
        sj_verdict_too_long(c);
    } else if (status == 200) {
        c->kept = c->body_len;
        sj_next_end(c, SEGJOB_OK);
    } else if (status >= 300 && status <= 399) {
        sj_next_end(c, SEGJOB_REDIRECT);
    } else if (status >= 400) {
        sj_verdict_read_error(c, c->fetch->headers[0].value);
        sj_next_end(c, SEGJOB_SERVICE);
    } else {
        sj_next_end(c, SEGJOB_PROTOCOL);
    }
}

const struct sj_call sj_call_fetch = {{NULL, 0}, write, judge};

/* Whether there is a body that was fetched. */
static bool has_body(const struct segjob_client *c)
{
    return c->call == &sj_call_fetch && segjob_status(c) == SEGJOB_OK;
}

struct segjob_str segjob_fetched(const struct segjob_client *c)
{
    struct segjob_str body = {NULL, 0};

    if (has_body(c)) {
        body.ptr = c->buf;
        body.len = c->body_len;
    }
    return body;
}

/* ------------------------------------------------------------ credentials */

static const struct names {
    const char *access_key_id;
    const char *secret_access_key;
    const char *session_token;
    const char *expiration;
} forms[] = {
    [SEGJOB_KEYS_IOT] = {"accessKeyId", "secretAccessKey", "sessionToken",
                         "expiration"},
    [SEGJOB_KEYS_CONTAINER] = {"AccessKeyId", "SecretAccessKey", "Token",
                               "Expiration"},
};

static bool refuse(struct segjob_client *c, enum segjob_field field,
                   enum segjob_rule rule)
{
    c->error.field = field;
    c->error.rule = rule;
    return false;
}

/* What is there must be a text; what is not there is absent. */
static bool read_text(const struct sj_json *json, int object, const char *name,
                      struct segjob_str *text)
{
    const int value = sj_json_member(json, object, name);

    *text = sj_json_string(json, value);
    return value == SJ_JSON_NONE || text->ptr != NULL;
}

static bool read_expiration(const struct sj_json *json, int object,
                            const char *name, int64_t *expiration)
{
    struct segjob_str text;

    *expiration = INT64_MAX;
    return read_text(json, object, name, &text) &&
           (text.ptr == NULL || sj_time_parse_rfc3339(text, expiration));
}

static bool read_keys(struct segjob_client *c, const struct sj_json *json,
                      int object, const struct names *names,
                      struct segjob_credentials *keys, int64_t *expiration)
{
    keys->access_key_id = sj_json_text(json, object, names->access_key_id);
    keys->secret_access_key =
        sj_json_text(json, object, names->secret_access_key);
    if (!read_text(json, object, names->session_token, &keys->session_token)) {
        return refuse(c, SEGJOB_FIELD_SESSION_TOKEN, SEGJOB_RULE_PATTERN);
    }
    if (!sj_request_check_credentials(keys, &c->error)) {
        return false;
    }
    return read_expiration(json, object, names->expiration, expiration) ||
           refuse(c, SEGJOB_FIELD_EXPIRATION, SEGJOB_RULE_PATTERN);
}

/*
 * EC2 says so with HTTP status 200, and a `Code` of its own in place of keys.
 * Where the keys are there, it does not matter how `Success` is spelled.
 */
static bool is_refusal(struct segjob_client *c, const struct sj_json *json,
                       int object, const struct names *names)
{
    const struct segjob_str code = sj_json_text(json, SJ_JSON_ROOT, "Code");

    if (code.ptr == NULL || sj_is_text(code, "Success") ||
        sj_json_text(json, object, names->access_key_id).ptr != NULL) {
        return false;
    }
    c->error.code = code;
    c->error.message = sj_json_text(json, SJ_JSON_ROOT, "Message");
    return true;
}

enum segjob_status segjob_fetched_credentials(
    struct segjob_client *c, enum segjob_keys_form form,
    struct segjob_credentials *credentials, int64_t *expiration)
{
    struct sj_json json = {NULL, NULL, 0};
    enum sj_json_result result;
    int object = SJ_JSON_ROOT;

    if (!has_body(c)) {
        return SEGJOB_MISUSE;
    }
    result = sj_json_parse(&json, c->buf, c->body_len, c->buf + c->body_len,
                           c->cap - c->body_len);
    if (result == SJ_JSON_NO_ROOM) {
        sj_verdict_too_long(c);
    } else if (result == SJ_JSON_BAD) {
        c->result = SEGJOB_PROTOCOL;
    } else {
        if (form == SEGJOB_KEYS_IOT) {
            object = sj_json_member(&json, SJ_JSON_ROOT, "credentials");
        }
        c->result =
            is_refusal(c, &json, object, &forms[form]) ? SEGJOB_SERVICE
            : read_keys(c, &json, object, &forms[form], credentials, expiration)
                ? SEGJOB_OK
                : SEGJOB_PROTOCOL;
    }
    return c->result;
}
