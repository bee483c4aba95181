#include "sj_check.h"

#include <assert.h>

#include "sj_endpoint.h"
#include "sj_fields.h"
#include "sj_job.h"
#include "sj_match.h"
#include "sj_scan.h"
#include "sj_unicode.h"

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

/* A field value (RFC 9110 section 5.5), without tabs and obs-text. */
static bool is_text(struct segjob_str s)
{
    return is_ascii_from(s, ' ');
}

/* In the Authorization field an access key id ends at `/`, and items at `,`. */
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

/* The matchers for the patterns in the last column of SJ_FIELD_LIST. */
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
#define MATCH_DATE NULL /* checked where it is read */

static const struct constraint constraints[] = {
#define CONSTRAINT(name, path, min, max, pattern) \
    [SEGJOB_FIELD_##name] = {MATCH_##pattern, (uint16_t)(max), min},
    SJ_FIELD_LIST(CONSTRAINT)
#undef CONSTRAINT
};

static bool reject(struct segjob_error *e, enum segjob_field field,
                   enum segjob_rule rule)
{
    e->field = field;
    e->rule = rule;
    return false;
}

/* Return the rule that a value breaks. The value is present. */
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
    assert(c->match != NULL); /* ANY is for what is no text */
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

/* A request begins with the first texts of SJ_FIELD_LIST, in that order. */
typedef char sj_request_is_as_listed
    [offsetof(struct segjob_create_request, output.kms_key_arn) ==
                 (SEGJOB_FIELD_OUTPUT_KMS_KEY_ARN - SEGJOB_FIELD_JOB_NAME) *
                     sizeof(struct segjob_str) &&
             offsetof(struct segjob_create_request, has_num_results) ==
                 SJ_TEXT_FIELDS * sizeof(struct segjob_str)
         ? 1
         : -1];

bool sj_check_request(const struct segjob_create_request *r,
                      struct segjob_error *e)
{
    for (size_t i = 0; i < SJ_TEXT_FIELDS; i++) {
        const enum segjob_field field = SJ_TEXT_FIELD(i);
        const struct segjob_str text = sj_span(r, i);

        if ((text.ptr != NULL || !sj_field_is_optional(field)) &&
            !check_required(text, field, e)) {
            return false;
        }
    }
    return check_tags(r, e);
}

bool sj_check_derivable(const struct segjob_create_request *r,
                        struct segjob_error *e)
{
    struct sj_writer w = {NULL, 0, 0, NULL};

    return sj_job_write_arn(&w, r->solution_version_arn, r->job_name) ||
           reject(e, SEGJOB_FIELD_SOLUTION_VERSION_ARN, SEGJOB_RULE_NO_JOB_ARN);
}

bool sj_check_arn(struct segjob_str arn, enum segjob_field field,
                  struct segjob_error *e)
{
    return check_required(arn, field, e);
}

bool sj_check_text(struct segjob_str text, enum segjob_field field,
                   struct segjob_error *e)
{
    return check_optional(text, field, e);
}

/* AWS's rules have no FIPS or dual-stack variant of a host that is given. */
static bool check_endpoint(const struct segjob_config *config,
                           struct segjob_error *e)
{
    if (config->plain && !sj_endpoint_is_loopback(config->host)) {
        return reject(e, SEGJOB_FIELD_ENDPOINT, SEGJOB_RULE_NOT_LOOPBACK);
    }
    return config->host.ptr == NULL || (!config->fips && !config->dual_stack) ||
           reject(e, SEGJOB_FIELD_ENDPOINT, SEGJOB_RULE_NO_VARIANT);
}

bool sj_check_config(const struct segjob_config *config, bool is_service,
                     struct segjob_error *e)
{
    if ((is_service || config->host.ptr == NULL) &&
        config->region.ptr == NULL) {
        return reject(e, SEGJOB_FIELD_REGION, SEGJOB_RULE_REQUIRED);
    }
    return check_optional(config->region, SEGJOB_FIELD_REGION, e) &&
           check_optional(config->host, SEGJOB_FIELD_ENDPOINT, e) &&
           (!is_service || check_endpoint(config, e));
}

bool sj_check_credentials(const struct segjob_credentials *credentials,
                          struct segjob_error *e)
{
    return check_required(credentials->access_key_id,
                          SEGJOB_FIELD_ACCESS_KEY_ID, e) &&
           check_required(credentials->secret_access_key,
                          SEGJOB_FIELD_SECRET_ACCESS_KEY, e) &&
           check_optional(credentials->session_token,
                          SEGJOB_FIELD_SESSION_TOKEN, e);
}
