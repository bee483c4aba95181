/*
 * Messages for people. A program that shows none does not link this file.
 */
#include "segjob.h"
#include "sj_fields.h"
#include "sj_scan.h"
#include "sj_writer.h"

/* Each row is a status and its text, in the order of the values: nth(). */
#define STATUS_LIST(X)                                                 \
    X(OK, "done")                                                      \
    X(PENDING, "in progress")                                          \
    X(INVALID, "a parameter breaks a rule of the API")                 \
    X(CONFIG, "the configuration cannot be used")                      \
    X(NO_SPACE, "the buffer is too small")                             \
    X(MISUSE, "a function was called out of turn")                     \
    X(CLOCK, "the clock cannot be right")                              \
    X(CRYPTO, "the hash function failed")                              \
    X(RESOLVE, "the host name cannot be resolved")                     \
    X(CONNECT, "cannot connect")                                       \
    X(TLS, "the TLS handshake failed")                                 \
    X(CERTIFICATE, "the certificate of the service was refused")       \
    X(CONNECTION_CLOSED, "the connection broke")                       \
    X(TIMEOUT, "time ran out")                                         \
    X(CANCELLED, "cancelled")                                          \
    X(PROTOCOL, "the response is not one that this service gives")     \
    X(REDIRECT, "the response is a redirect, which is never followed") \
    X(SERVICE, "the service refused")                                  \
    X(CONFLICT, "another job has this name")                           \
    X(CREDENTIALS, "there are no credentials")                         \
    X(CREDENTIALS_UNAVAILABLE, "the source of credentials failed")     \
    X(PROXY, "the proxy refused")

/* The nth text of a list as in sj_scan.h; "?" if it has fewer. */
static const char *nth(const char *list, size_t n)
{
    for (; n > 0 && *list != '\0'; n--) {
        list = sj_next_text(list);
    }
    return *list != '\0' ? list : "?";
}

/* Of OK, PENDING, and then -1, -2 and so on. */
static size_t index_of(enum segjob_status status)
{
    if (status > SEGJOB_PENDING) {
        return SIZE_MAX;
    }
    return status < 0 ? 1 - (size_t)status : (size_t)status;
}

const char *segjob_status_name(enum segjob_status status)
{
#define STATUS_NAME(name, text) "SEGJOB_" #name "\0"
    return nth(STATUS_LIST(STATUS_NAME), index_of(status));
#undef STATUS_NAME
}

const char *segjob_status_text(enum segjob_status status)
{
#define STATUS_TEXT(name, text) text "\0"
    return nth(STATUS_LIST(STATUS_TEXT), index_of(status));
#undef STATUS_TEXT
}

/* What a value must be, for each pattern in SJ_FIELD_LIST. */
#define EXPECTED_ANY ""
#define EXPECTED_NAME                                              \
    "letters, digits, - and _, with a letter or digit first, such" \
    " as nightly-2026"
#define EXPECTED_ARN "an ARN such as arn:aws:personalize:REGION:ACCOUNT:"
#define EXPECTED_ROLE_ARN \
    "an ARN such as arn:aws:iam::ACCOUNT:role/NAME, ACCOUNT of 12 digits"
#define EXPECTED_PATH "a URI such as s3://BUCKET/FOLDER/"
#define EXPECTED_KMS_ARN \
    "an ARN such as arn:aws:kms:REGION:ACCOUNT:key/ID, ACCOUNT of 12 digits"
#define EXPECTED_TAG "letters, digits, spaces and _.:/=+-@"
#define EXPECTED_LABEL                                         \
    "letters, digits and inner hyphens, not only digits, such" \
    " as us-east-1"
#define EXPECTED_HOST "a host name or an IP address"
#define EXPECTED_KEY_ID "visible ASCII characters except ',' and '/'"
#define EXPECTED_VISIBLE "visible ASCII characters"
#define EXPECTED_TEXT EXPECTED_VISIBLE /* spaces are valid, so not at fault */
#define EXPECTED_DATE "an RFC 3339 time such as 2026-01-01T00:00:00Z"

/* The end of the example, for an ARN of this service. */
static const char *resource(enum segjob_field field)
{
    switch ((int)field) {
    case SEGJOB_FIELD_SOLUTION_VERSION_ARN:
        return "solution/NAME/ID";
    case SEGJOB_FIELD_FILTER_ARN:
        return "filter/NAME";
    case SEGJOB_FIELD_JOB_ARN:
        return SJ_RESOURCE_TYPE "NAME";
    default:
        return "";
    }
}

static const struct {
    const char *expected;
    uint16_t max; /* UINT16_MAX: any length, which no error is about */
    uint8_t min;
} fields[] = {
#define FIELD(name, path, min, max, pattern) \
    [SEGJOB_FIELD_##name] = {EXPECTED_##pattern, (uint16_t)(max), min},
    SJ_FIELD_LIST(FIELD)
#undef FIELD
};

/* The first, of no field, is empty, which would end the list. */
const char *segjob_field_path(enum segjob_field field)
{
#define PATH(name, path, min, max, pattern) path "\0"
    static const char paths[] = SJ_FIELD_LIST(PATH);
#undef PATH

    return field == SEGJOB_FIELD_NONE ? paths
                                      : nth(paths + 1, (size_t)field - 1);
}

/* Write the path, with the tag's index between its brackets. */
static void write_path(struct sj_writer *w, const struct segjob_error *e)
{
    for (const char *at = segjob_field_path(e->field); *at != '\0'; at++) {
        sj_write_char(w, *at);
        if (*at == '[') {
            sj_write_int(w, (int64_t)e->tag);
        }
    }
}

static void write_limit(struct sj_writer *w, const char *text, size_t limit,
                        enum segjob_field field)
{
    sj_write_text(w, text);
    sj_write_int(w, (int64_t)limit);
    sj_write_text(w, field == SEGJOB_FIELD_TAGS ? " item" : " character");
    sj_write_text(w, limit == 1 ? "" : "s");
}

static void write_rule(struct sj_writer *w, const struct segjob_error *e)
{
    switch (e->rule) {
    case SEGJOB_RULE_NONE:
        break;
    case SEGJOB_RULE_REQUIRED:
        sj_write_text(w, "is required");
        break;
    case SEGJOB_RULE_UTF8:
        sj_write_text(w, "must be well-formed UTF-8");
        break;
    case SEGJOB_RULE_TOO_SHORT:
        write_limit(w, "must be at least ", fields[e->field].min, e->field);
        break;
    case SEGJOB_RULE_TOO_LONG:
        write_limit(w, "must be at most ", fields[e->field].max, e->field);
        break;
    case SEGJOB_RULE_PATTERN:
        sj_write_text(w, "must be ");
        sj_write_text(w, fields[e->field].expected);
        sj_write_text(w, resource(e->field));
        break;
    case SEGJOB_RULE_RESERVED:
        sj_write_text(w, "must not begin with aws:");
        break;
    case SEGJOB_RULE_DUPLICATE:
        sj_write_text(w, "must differ from the keys before it");
        break;
    case SEGJOB_RULE_NO_JOB_ARN:
        sj_write_text(w, "must name a region and an account of 12 digits, "
                         "from which the ARN of the job follows");
        break;
    case SEGJOB_RULE_DIFFERS:
        sj_write_text(w, "differs from that of the job which has this name");
        break;
    case SEGJOB_RULE_NOT_LOOPBACK:
        sj_write_text(w, "must be loopback without TLS");
        break;
    case SEGJOB_RULE_NO_VARIANT:
        sj_write_text(w, "has no FIPS or dual-stack form");
        break;
    }
}

/* Write " (HTTP 400, request 6f2c...)", as far as it is known. */
static void write_response(struct sj_writer *w, const struct segjob_error *e,
                           bool with_status)
{
    if (e->http_status == 0 || (!with_status && e->request_id.ptr == NULL)) {
        return;
    }
    sj_write_text(w, " (");
    if (with_status) {
        sj_write_text(w, "HTTP ");
        sj_write_int(w, e->http_status);
    }
    if (e->request_id.ptr != NULL) {
        sj_write_text(w, with_status ? ", request " : "request ");
        sj_write_shown(w, e->request_id);
    }
    sj_write_char(w, ')');
}

/* Without an error code, the line starts with the HTTP status. */
static void write_service(struct sj_writer *w, const struct segjob_error *e)
{
    bool has_code = e->code.ptr != NULL;

    if (has_code) {
        sj_write_shown(w, e->code);
    } else {
        sj_write_text(w, "HTTP ");
        sj_write_int(w, e->http_status);
    }
    write_response(w, e, has_code);
    if (e->message.len > 0) {
        sj_write_text(w, ": ");
        sj_write_shown(w, e->message);
    }
}

static void write_line(struct sj_writer *w, enum segjob_status status,
                       const struct segjob_error *e)
{
    if (e->field != SEGJOB_FIELD_NONE) {
        write_path(w, e);
        sj_write_text(w, ": ");
        write_rule(w, e);
        return;
    }
    if (status == SEGJOB_SERVICE) {
        write_service(w, e);
        return;
    }
    sj_write_text(w, segjob_status_text(status));
    if (status == SEGJOB_NO_SPACE) {
        sj_write_text(w, ": bytes needed: ");
        sj_write_int(w, (int64_t)e->size_needed);
    }
    write_response(w, e, true);
}

/* What the client wants instead of a call out of turn: by enum segjob_want. */
static const char wanted[] = "an operation\0credentials\0a connection\0"
                             "to send\0to receive\0to close\0"
                             "a random number\0a pause\0";

/* One pass writes what fits and measures the whole line. */
size_t segjob_explain(const struct segjob_client *c, char *buf, size_t cap)
{
    struct sj_writer w = {buf, cap, 0, NULL};

    if (c->op.out_of_turn) {
        sj_write_text(&w, segjob_status_text(SEGJOB_MISUSE));
        sj_write_text(&w, ": the client wants ");
        sj_write_text(&w, nth(wanted, c->want));
    } else {
        write_line(&w, segjob_get_status(c), &c->attempt.error);
    }
    if (cap > 0) {
        buf[w.len < cap ? w.len : cap - 1] = '\0';
    }
    return w.len;
}
