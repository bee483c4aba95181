#include "sj_request.h"

#include "sj_endpoint.h"
#include "sj_job.h"
#include "sj_match.h"
#include "sj_scan.h"
#include "sj_time.h"
#include "sj_unicode.h"

#define STRINGIFY(x) #x
#define TEXT_OF(x) STRINGIFY(x)
#define VERSION                   \
    TEXT_OF(SEGJOB_VERSION_MAJOR) \
    "." TEXT_OF(SEGJOB_VERSION_MINOR) "." TEXT_OF(SEGJOB_VERSION_PATCH)

/* ----------------------------------------------------------- constraints */

static bool is_ascii_from(struct segjob_str s, char first)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < first || s.ptr[i] > '~') {
            return false;
        }
    }
    return true;
}

static bool is_visible(struct segjob_str s)
{
    return is_ascii_from(s, '!');
}

/* What a field value may hold (RFC 9110 section 5.5), but tab and obs-text. */
static bool is_text(struct segjob_str s)
{
    return is_ascii_from(s, ' ');
}

/* A key's id stands between `Credential=` and `/`, and ends at neither. */
static bool is_key_id(struct segjob_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '/' || s.ptr[i] == ',') {
            return false;
        }
    }
    return is_visible(s);
}

struct constraint {
    bool (*match)(struct segjob_str s);
    uint16_t max; /* UINT16_MAX: any length */
    uint8_t min;
};

/* The matchers behind the names in the field list's last column. */
#define MATCH_ANY NULL
#define MATCH_NAME sj_match_name
#define MATCH_ARN sj_match_arn
#define MATCH_ROLE_ARN sj_match_role_arn
#define MATCH_PATH sj_match_path
#define MATCH_KMS_ARN sj_match_kms_arn
#define MATCH_TAG sj_match_tag
#define MATCH_LABEL sj_endpoint_is_region
#define MATCH_HOST sj_endpoint_is_host
#define MATCH_KEY_ID is_key_id
#define MATCH_VISIBLE is_visible
#define MATCH_TEXT is_text
#define MATCH_DATE NULL /* judged where it is read */

static const struct constraint constraints[] = {
#define CONSTRAINT(name, path, min, max, pattern) \
    {MATCH_##pattern, (uint16_t)(max), min},
    SEGJOB_FIELD_LIST(CONSTRAINT)
#undef CONSTRAINT
};

static bool reject(struct segjob_error *e, enum segjob_field field,
                   enum segjob_rule rule)
{
    e->field = field;
    e->rule = rule;
    return false;
}

/* The rule that a value, which is present, breaks. */
static enum segjob_rule broken_rule(const struct constraint *c,
                                    struct segjob_str s)
{
    size_t count;

    if (!sj_utf8_count(s, &count)) {
        return SEGJOB_RULE_UTF8;
    }
    if (count < c->min) {
        return SEGJOB_RULE_TOO_SHORT;
    }
    if (count > c->max && c->max != UINT16_MAX) {
        return SEGJOB_RULE_TOO_LONG;
    }
    return c->match(s) ? SEGJOB_RULE_NONE : SEGJOB_RULE_PATTERN;
}

static bool check_optional(struct segjob_str s, enum segjob_field field,
                           struct segjob_error *e)
{
    enum segjob_rule rule;

    if (s.ptr == NULL) {
        return true;
    }
    rule = broken_rule(&constraints[field], s);
    return rule == SEGJOB_RULE_NONE || reject(e, field, rule);
}

static bool check_required(struct segjob_str s, enum segjob_field field,
                           struct segjob_error *e)
{
    if (s.ptr == NULL) {
        return reject(e, field, SEGJOB_RULE_REQUIRED);
    }
    return check_optional(s, field, e);
}

/* ------------------------------------------------------------------ tags */

static bool check_tag_text(struct segjob_str s, enum segjob_field field,
                           struct segjob_error *e)
{
    if (!check_required(s, field, e)) {
        return false;
    }
    if (sj_take_text(&s, "aws:")) {
        return reject(e, field, SEGJOB_RULE_RESERVED);
    }
    return true;
}

static bool check_tag_is_new(const struct segjob_tag *tags, size_t i,
                             struct segjob_error *e)
{
    for (size_t k = 0; k < i; k++) {
        if (sj_is_same(tags[k].key, tags[i].key)) {
            return reject(e, SEGJOB_FIELD_TAG_KEY, SEGJOB_RULE_DUPLICATE);
        }
    }
    return true;
}

static bool check_tags(const struct segjob_create_request *r,
                       struct segjob_error *e)
{
    if (r->tags == NULL) {
        return r->tags_len == 0 ||
               reject(e, SEGJOB_FIELD_TAGS, SEGJOB_RULE_REQUIRED);
    }
    if (r->tags_len > constraints[SEGJOB_FIELD_TAGS].max) {
        return reject(e, SEGJOB_FIELD_TAGS, SEGJOB_RULE_TOO_LONG);
    }
    for (size_t i = 0; i < r->tags_len; i++) {
        e->tag = i;
        if (!check_tag_text(r->tags[i].key, SEGJOB_FIELD_TAG_KEY, e) ||
            !check_tag_is_new(r->tags, i, e) ||
            !check_tag_text(r->tags[i].value, SEGJOB_FIELD_TAG_VALUE, e)) {
            return false;
        }
    }
    e->tag = 0;
    return true;
}

/* ---------------------------------------------------------------- checks */

/* The texts that a request begins with are the list's first fields. */
typedef char sj_request_is_as_listed[offsetof(struct segjob_create_request,
                                              output.kms_key_arn) ==
                                             (SEGJOB_FIELD_OUTPUT_KMS_KEY_ARN -
                                              SEGJOB_FIELD_JOB_NAME) *
                                                 sizeof(struct segjob_str)
                                         ? 1
                                         : -1];

bool sj_request_is_optional(enum segjob_field field)
{
    return field == SEGJOB_FIELD_FILTER_ARN ||
           field == SEGJOB_FIELD_INPUT_KMS_KEY_ARN ||
           field == SEGJOB_FIELD_OUTPUT_KMS_KEY_ARN;
}

bool sj_request_check(const struct segjob_create_request *r,
                      struct segjob_error *e)
{
    for (size_t i = 0; i < SJ_REQUEST_TEXTS; i++) {
        const enum segjob_field field = SJ_REQUEST_FIELD(i);
        const struct segjob_str text = sj_span(r, i);

        if ((text.ptr != NULL || !sj_request_is_optional(field)) &&
            !check_required(text, field, e)) {
            return false;
        }
    }
    return check_tags(r, e);
}

bool sj_request_check_derivable(const struct segjob_create_request *r,
                                struct segjob_error *e)
{
    struct sj_writer w = {NULL, 0, 0, NULL};

    return sj_job_write_arn(&w, r->solution_version_arn, r->job_name) ||
           reject(e, SEGJOB_FIELD_SOLUTION_VERSION_ARN, SEGJOB_RULE_NO_JOB_ARN);
}

bool sj_request_check_arn(struct segjob_str arn, enum segjob_field field,
                          struct segjob_error *e)
{
    return check_required(arn, field, e);
}

bool sj_request_check_text(struct segjob_str text, enum segjob_field field,
                           struct segjob_error *e)
{
    return check_optional(text, field, e);
}

/* AWS's rule set has no variants of an endpoint that is given. */
static bool check_endpoint(const struct segjob_config *config,
                           struct segjob_error *e)
{
    if (config->plain && !sj_endpoint_is_loopback(config->host)) {
        return reject(e, SEGJOB_FIELD_ENDPOINT, SEGJOB_RULE_NOT_LOOPBACK);
    }
    return config->host.ptr == NULL || (!config->fips && !config->dual_stack) ||
           reject(e, SEGJOB_FIELD_ENDPOINT, SEGJOB_RULE_NO_VARIANT);
}

bool sj_request_check_config(const struct segjob_config *config,
                             bool is_service, struct segjob_error *e)
{
    if ((is_service || config->host.ptr == NULL) &&
        config->region.ptr == NULL) {
        return reject(e, SEGJOB_FIELD_REGION, SEGJOB_RULE_REQUIRED);
    }
    return check_optional(config->region, SEGJOB_FIELD_REGION, e) &&
           check_optional(config->host, SEGJOB_FIELD_ENDPOINT, e) &&
           (!is_service || check_endpoint(config, e));
}

bool sj_request_check_credentials(const struct segjob_credentials *credentials,
                                  struct segjob_error *e)
{
    return check_required(credentials->access_key_id,
                          SEGJOB_FIELD_ACCESS_KEY_ID, e) &&
           check_required(credentials->secret_access_key,
                          SEGJOB_FIELD_SECRET_ACCESS_KEY, e) &&
           check_optional(credentials->session_token,
                          SEGJOB_FIELD_SESSION_TOKEN, e);
}

/* ------------------------------------------------------------------ body */

static void write_tags(struct sj_writer *w, const struct segjob_tag *tags,
                       size_t n)
{
    sj_write_text(w, ",\"tags\":[");
    for (size_t i = 0; i < n; i++) {
        sj_write_text(w, i == 0 ? "" : ",");
        sj_write_form(w, "{\"tagKey\":\xa0,\"tagValue\":\xa1}", &tags[i]);
    }
    sj_write_char(w, ']');
}

void sj_request_write_body(struct sj_writer *w,
                           const struct segjob_create_request *r)
{
    sj_write_form(w,
                  "{\"jobName\":\xa0,\"solutionVersionArn\":\xa1"
                  "\xc2,\"filterArn\":\xa2\xff",
                  r);
    if (r->has_num_results) {
        sj_write_text(w, ",\"numResults\":");
        sj_write_int(w, r->num_results);
    }
    sj_write_form(w,
                  ",\"jobInput\":{\"s3DataSource\":{\"path\":\xa4"
                  "\xc5,\"kmsKeyArn\":\xa5\xff}}"
                  ",\"jobOutput\":{\"s3DataDestination\":{\"path\":\xa6"
                  "\xc7,\"kmsKeyArn\":\xa7\xff}}"
                  ",\"roleArn\":\xa3",
                  r);
    if (r->tags != NULL) {
        write_tags(w, r->tags, r->tags_len);
    }
    sj_write_char(w, '}');
}

void sj_request_write_describe(struct sj_writer *w, struct segjob_str arn,
                               const struct segjob_create_request *r)
{
    if (arn.ptr != NULL) {
        sj_write_form(w, "{\"batchSegmentJobArn\":\xa0}", &arn);
        return;
    }
    sj_write_text(w, "{\"batchSegmentJobArn\":\"");
    sj_job_write_arn(w, r->solution_version_arn, r->job_name);
    sj_write_text(w, "\"}");
}

void sj_request_write_list(struct sj_writer *w,
                           struct segjob_str solution_version_arn,
                           struct segjob_str next_token, uint32_t max_results)
{
    const struct segjob_str texts[] = {solution_version_arn, next_token};

    sj_write_text(w, "{\"maxResults\":");
    sj_write_int(w, max_results);
    sj_write_form(w,
                  "\xc0,\"solutionVersionArn\":\xa0\xff"
                  "\xc1,\"nextToken\":\xa1\xff}",
                  texts);
}

/* ------------------------------------------------------------------ head */

uint16_t sj_request_default_port(const struct segjob_config *config)
{
    return config->plain ? 80 : 443;
}

void sj_request_write_host(struct sj_writer *w,
                           const struct segjob_config *config)
{
    if (config->host.ptr != NULL) {
        sj_write_str(w, config->host);
    } else {
        sj_endpoint_write_host(w, config);
    }
}

/* The value of Host: a port other than the scheme's own stands in it. */
static void write_authority(struct sj_writer *w,
                            const struct segjob_config *config)
{
    const bool is_ipv6 = sj_endpoint_is_ipv6(config->host);

    sj_write_text(w, is_ipv6 ? "[" : ""); /* RFC 3986 section 3.2.2 */
    sj_request_write_host(w, config);
    sj_write_text(w, is_ipv6 ? "]" : "");
    if (config->port != 0 && config->port != sj_request_default_port(config)) {
        sj_write_char(w, ':');
        sj_write_int(w, config->port);
    }
}

static void write_field(struct sj_writer *w, const char *name,
                        struct segjob_str value)
{
    sj_write_text(w, name);
    sj_write_text(w, ": ");
    sj_write_str(w, value);
    sj_write_text(w, "\r\n");
}

void sj_request_write_fetch(struct sj_writer *w,
                            const struct segjob_config *config,
                            const struct segjob_fetch_request *fetch)
{
    sj_write_text(w, fetch->method);
    sj_write_char(w, ' ');
    for (size_t i = 0; i < sizeof(fetch->path) / sizeof(fetch->path[0]); i++) {
        sj_write_str(w, fetch->path[i]);
    }
    sj_write_text(w, " HTTP/1.1\r\nHost: ");
    write_authority(w, config);
    sj_write_text(w, "\r\nAccept: */*\r\nUser-Agent: segjob/" VERSION "\r\n");
    if (fetch->method[0] == 'P') {
        sj_write_text(w, "Content-Length: 0\r\n"); /* RFC 9110, 8.6 */
    }
    for (size_t i = 0; i < sizeof(fetch->headers) / sizeof(fetch->headers[0]);
         i++) {
        if (fetch->headers[i].name != NULL) {
            write_field(w, fetch->headers[i].name, fetch->headers[i].value);
        }
    }
    sj_write_text(w, "\r\n");
}

/*
 * The signature needs the host as it is sent, which is taken from where it was
 * just written.
 */
bool sj_request_write_head(struct sj_writer *w,
                           const struct segjob_config *config,
                           struct sj_sigv4 *s, struct sj_signing_key *key)
{
    size_t host_at;

    s->region = config->region;
    s->day.ptr = s->date.ptr;
    s->day.len = SJ_DATE_LEN;
    s->signature.ptr = NULL;
    s->signature.len = SJ_HEX_LEN;
    sj_write_text(w, "POST / HTTP/1.1\r\nHost: ");
    host_at = w->len;
    write_authority(w, config);
    if (key != NULL) {
        s->host.ptr = w->buf + host_at;
        s->host.len = w->len - host_at;
        if (!sj_sigv4_sign(s, key)) {
            return false;
        }
    }
    sj_write_form(w,
                  "\r\nContent-Type: " SJ_CONTENT_TYPE
                  "\r\nX-Amz-Target: " SJ_TARGET "\r\nX-Amz-Date: " SJ_DATE
                  "\r\n" SJ_IF_TOKEN "X-Amz-Security-Token: " SJ_TOKEN
                  "\r\n" SJ_END_IF "Content-Length: ",
                  s);
    sj_write_int(w, (int64_t)s->body.len);
    sj_write_form(w,
                  "\r\nUser-Agent: segjob/" VERSION
                  "\r\nAuthorization: " SJ_AUTHORIZATION "\r\n\r\n",
                  s);
    return true;
}
