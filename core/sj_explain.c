/*
 * Words for people. An application that shows none does not link this file.
 */
#include "segjob.h"
#include "sj_writer.h"

const char *segjob_status_name(enum segjob_status status)
{
    switch (status) {
#define STATUS_NAME(name, value, text) \
    case SEGJOB_##name:                \
        return "SEGJOB_" #name;
        SEGJOB_STATUS_LIST(STATUS_NAME)
#undef STATUS_NAME
    }
    return "?";
}

const char *segjob_status_text(enum segjob_status status)
{
    switch (status) {
#define STATUS_TEXT(name, value, text) \
    case SEGJOB_##name:                \
        return text;
        SEGJOB_STATUS_LIST(STATUS_TEXT)
#undef STATUS_TEXT
    }
    return "?";
}

/* What the names in the field list's last column demand, with an example. */
#define DEMAND_ANY ""
#define DEMAND_NAME                                                  \
    "be letters, digits, - and _ behind a letter or digit, such as " \
    "nightly-2026"
#define DEMAND_ARN "be an ARN such as arn:aws:personalize:REGION:ACCOUNT:"
#define DEMAND_ROLE_ARN \
    "be an ARN such as arn:aws:iam::ACCOUNT:role/NAME, ACCOUNT of 12 digits"
#define DEMAND_PATH "be a URI such as s3://BUCKET/FOLDER/"
#define DEMAND_KMS_ARN   \
    "be an ARN such as " \
    "arn:aws:kms:REGION:ACCOUNT:key/ID, ACCOUNT of 12 digits"
#define DEMAND_TAG "be letters, digits, blanks and _.:/=+-@"
#define DEMAND_LABEL                                                         \
    "be letters, digits and hyphens: no hyphen at an end, not digits alone;" \
    " such as us-east-1"
#define DEMAND_HOST "be a host name or an IP address"
#define DEMAND_KEY_ID "be visible ASCII characters but ',' and '/'"
#define DEMAND_VISIBLE "be visible ASCII characters"
#define DEMAND_TEXT DEMAND_VISIBLE /* blanks are no reason */
#define DEMAND_DATE "be a time as of RFC 3339, such as 2026-01-01T00:00:00Z"

/* What the example of an ARN of this service ends in. */
static const char *resource(enum segjob_field field)
{
    switch ((int)field) {
    case SEGJOB_FIELD_SOLUTION_VERSION_ARN:
        return "solution/NAME/ID";
    case SEGJOB_FIELD_FILTER_ARN:
        return "filter/NAME";
    case SEGJOB_FIELD_JOB_ARN:
        return "batch-segment-job/NAME";
    default:
        return "";
    }
}

static const struct {
    const char *path;
    size_t min;
    size_t max;
    const char *demand;
} fields[] = {
#define FIELD(name, path, min, max, pattern) {path, min, max, DEMAND_##pattern},
    SEGJOB_FIELD_LIST(FIELD)
#undef FIELD
};

/* The path, with the tag's index in place between its brackets. */
static void write_path(struct sj_writer *w, const struct segjob_error *e)
{
    for (const char *at = fields[e->field].path; *at != '\0'; at++) {
        sj_write_char(w, *at);
        if (*at == '[') {
            sj_write_int(w, (int64_t)e->tag);
        }
    }
}

static void write_limit(struct sj_writer *w, const char *words, size_t limit,
                        enum segjob_field field)
{
    sj_write_text(w, words);
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
        sj_write_text(w, "must ");
        sj_write_text(w, fields[e->field].demand);
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

/* " (HTTP 400, request 6f2c...)", as far as it is known. */
static void write_answer(struct sj_writer *w, const struct segjob_error *e,
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

/* An error that names no code goes by its HTTP status. */
static void write_service(struct sj_writer *w, const struct segjob_error *e)
{
    bool has_code = e->code.ptr != NULL;

    if (has_code) {
        sj_write_shown(w, e->code);
    } else {
        sj_write_text(w, "HTTP ");
        sj_write_int(w, e->http_status);
    }
    write_answer(w, e, has_code);
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
    write_answer(w, e, true);
}

/* The line is measured by the pass that writes what there is room for. */
size_t segjob_explain(const struct segjob_client *c, char *buf, size_t cap)
{
    struct sj_writer w = {buf, cap, 0, NULL};

    write_line(&w, segjob_status(c), &c->error);
    if (cap > 0) {
        buf[w.len < cap ? w.len : cap - 1] = '\0';
    }
    return w.len;
}
