#include "sj_operation.h"

#include <string.h>

#include "sj_body.h"
#include "sj_check.h"
#include "sj_job.h"
#include "sj_json.h"
#include "sj_policy.h"
#include "sj_resource.h"
#include "sj_response.h"
#include "sj_scan.h"

/* The service accepts a date that is up to 5 minutes off (SigV4). */
#define SKEW_MAX_MS 300000u

/* Dates are in whole seconds; creating a job may take a moment. */
#define ROUNDING_MS 2000u
#define CREATING_MS 60000u

/* The operation ends with this. */
static void done(struct segjob_client *c, enum segjob_status status,
                 enum segjob_outcome outcome)
{
    sj_result(c, status, SJ_DONE, outcome);
}

/* ------------------------------------------------------------------ create */

static void write_create(struct sj_writer *w, const struct segjob_client *c)
{
    sj_body_write_create(w, c->op.request);
}

struct segjob_str sj_operation_read_arn(char *buf, size_t len, size_t cap)
{
    static const struct segjob_str absent = {NULL, 0};
    struct sj_json json;
    struct segjob_error unused;
    struct segjob_str arn;

    if (sj_json_parse(&json, buf, len, buf + len, cap - len) != SJ_JSON_OK) {
        return absent;
    }
    arn = sj_json_text(&json, SJ_JSON_ROOT, SJ_RESOURCE_ARN_MEMBER);
    if (!sj_check_arn(arn, SEGJOB_FIELD_JOB_ARN, &unused)) {
        return absent;
    }
    memmove(buf, arn.ptr, arn.len);
    arn.ptr = buf;
    return arn;
}

/*
 * The ARN at the buffer's start has another name. Describe its job: only if
 * that has the name is the ARN believed. Until then it is at the buffer's end.
 */
static void confirm(struct segjob_client *c, struct segjob_str arn)
{
    char *at = c->setup.buf + c->setup.cap - arn.len;

    memmove(at, c->setup.buf, arn.len);
    c->op.target_arn.ptr = at;
    c->op.target_arn.len = arn.len;
    c->op.tail_len = arn.len;
    c->op.name_taken = true;
    sj_result(c, SEGJOB_PROTOCOL, SJ_NAME_TAKEN, SEGJOB_UNKNOWN);
}

static void read_created(struct segjob_client *c)
{
    const struct segjob_str arn =
        sj_operation_read_arn(c->setup.buf, c->attempt.body_len, sj_room(c));
    const struct segjob_str name =
        sj_job_name(arn, c->op.request->solution_version_arn);

    if (name.ptr == NULL) {
        sj_response_invalid(c);
        return;
    }
    if (!sj_is_same(name, c->op.request->job_name)) {
        confirm(c, arn);
        return;
    }
    c->op.arn = arn;
    c->attempt.result_len = arn.len;
    done(c, SEGJOB_OK, SEGJOB_CREATED);
}

const struct sj_operation sj_operation_create = {
    SEGJOB_STR_INIT("AmazonPersonalize.Create" SJ_RESOURCE), write_create,
    read_created};

/* ---------------------------------------------------- responses about jobs */

static struct sj_json tokens_of(const struct segjob_client *c)
{
    struct sj_json json = {c->setup.buf, c->attempt.tokens,
                           c->attempt.tokens_len};

    return json;
}

/* Parse the response's body as JSON that is read later. */
static enum sj_json_result parse(struct segjob_client *c)
{
    char *buf = c->setup.buf;
    const size_t len = c->attempt.body_len;
    struct sj_json json = {buf, NULL, 0};
    enum sj_json_result result = SJ_JSON_NO_ROOM;

    if (!c->attempt.body_overflow) {
        result = sj_json_parse(&json, buf, len, buf + len, sj_room(c) - len);
    }
    if (result == SJ_JSON_OK) {
        c->attempt.tokens = json.tokens;
        c->attempt.tokens_len = json.len;
        c->attempt.result_len = sj_room(c);
    }
    return result;
}

bool sj_operation_job(const struct segjob_client *c, struct segjob_job *job)
{
    const struct sj_json json = tokens_of(c);

    if (c->attempt.tokens == NULL ||
        !sj_json_is_object(&json, c->attempt.job)) {
        return false;
    }
    sj_job_read(&json, c->attempt.job, job);
    return true;
}

/* ---------------------------------------------------------------- describe */

static void write_describe(struct sj_writer *w, const struct segjob_client *c)
{
    sj_body_write_describe(w, c->op.target_arn, c->op.request);
}

/* Whether `ms` is from `before` ms before 0 to `after` ms after it. */
static bool is_within(int64_t ms, uint32_t before, uint32_t after)
{
    return (uint64_t)(ms + before) <= before + after;
}

/* Whether a request with this date may have created the job. */
static bool is_near(const struct sj_date *date, const struct segjob_job *job)
{
    return is_within(job->creation_ms - date->s * 1000,
                     SKEW_MAX_MS + ROUNDING_MS, SKEW_MAX_MS + CREATING_MS);
}

/* Whether clock and uptime have advanced alike since that date. */
static bool is_reliable(const struct segjob_client *c,
                        const struct sj_date *date)
{
    const int64_t now_s = c->attempt.sent_s + c->session.clock_skew_s;
    const uint64_t uptime_ms = c->attempt.sent_ms - date->ms;

    return is_within((now_s - date->s) * 1000 - (int64_t)uptime_ms, SKEW_MAX_MS,
                     SKEW_MAX_MS);
}

/*
 * Returns SEGJOB_REFUSED if no request of this operation can have created the
 * job: none has a date near its creation. If one has, SEGJOB_CREATED; but
 * SEGJOB_UNKNOWN if that date may have been wrong, and so was refused.
 */
static enum segjob_outcome whose(const struct segjob_client *c,
                                 const struct segjob_job *job)
{
    enum segjob_outcome outcome = SEGJOB_REFUSED;

    if (c->op.is_ensure) {
        return SEGJOB_CREATED;
    }
    if (job->creation_ms == 0) {
        return SEGJOB_UNKNOWN;
    }
    for (unsigned i = 0; i < c->op.unknown_outcomes; i++) {
        if (i == SJ_DATES) {
            return SEGJOB_UNKNOWN; /* this date and the next were not kept */
        }
        if (is_near(&c->times.dates[i], job)) {
            if (is_reliable(c, &c->times.dates[i])) {
                return SEGJOB_CREATED;
            }
            outcome = SEGJOB_UNKNOWN;
        }
    }
    return outcome;
}

/* A job has this name and these parameters. */
static void claim(struct segjob_client *c, const struct segjob_job *job)
{
    static const struct segjob_str code =
        SEGJOB_STR_INIT("ResourceAlreadyExistsException");
    static const struct segjob_str message =
        SEGJOB_STR_INIT("another request created the same job");
    const enum segjob_outcome outcome = whose(c, job);
    enum segjob_status status = SEGJOB_OK;

    if (outcome == SEGJOB_CREATED) {
        c->op.arn = job->batch_segment_job_arn;
    } else if (outcome == SEGJOB_REFUSED) {
        c->attempt.error.code = code;
        c->attempt.error.message = message;
        status = SEGJOB_SERVICE;
    } else {
        status = job->creation_ms == 0 ? SEGJOB_PROTOCOL : SEGJOB_CLOCK;
    }
    done(c, status, outcome);
}

/* The job exists that a request to create may have created. */
static void settle(struct segjob_client *c, const struct segjob_job *job)
{
    struct segjob_error *e = &c->attempt.error;

    if (c->op.target_arn.ptr != NULL &&
        !sj_is_same(job->job_name, c->op.request->job_name)) {
        c->op.target_arn = segjob_cstr(NULL); /* another's: go by the name */
        c->op.tail_len = 0;
        c->op.name_taken = false;
        sj_response_invalid(c);
        return;
    }
    e->field = sj_job_difference(job, c->op.request);
    if (e->field == SEGJOB_FIELD_NONE) {
        claim(c, job);
        return;
    }
    e->rule = SEGJOB_RULE_DIFFERS;
    done(c, SEGJOB_CONFLICT, SEGJOB_REFUSED);
}

/* Whether the service described the job that was asked for. */
static bool is_described(const struct segjob_client *c, struct segjob_job *job)
{
    if (!sj_operation_job(c, job) || job->status.ptr == NULL) {
        return false;
    }
    if (c->op.target_arn.ptr != NULL) {
        return sj_is_same(job->batch_segment_job_arn, c->op.target_arn);
    }
    return sj_is_same(sj_job_name(job->batch_segment_job_arn,
                                  c->op.request->solution_version_arn),
                      c->op.request->job_name);
}

static void read_described(struct segjob_client *c)
{
    const enum sj_json_result result = parse(c);
    struct segjob_job job;

    if (result == SJ_JSON_NO_ROOM) {
        sj_response_too_large(c);
        return;
    }
    if (result == SJ_JSON_OK) {
        const struct sj_json json = tokens_of(c);

        c->attempt.job =
            sj_json_member(&json, SJ_JSON_ROOT, SJ_RESOURCE_MEMBER);
    }
    if (!is_described(c, &job)) {
        sj_response_invalid(c);
        return;
    }
    if (c->op.request != NULL) {
        settle(c, &job);
        return;
    }
    if (c->op.phase == SJ_WAITING && !sj_job_is_final(&job)) {
        sj_result(c, SEGJOB_PENDING, SJ_RUNNING, SEGJOB_NOT_APPLICABLE);
        return;
    }
    c->op.arn = job.batch_segment_job_arn;
    done(c, SEGJOB_OK, SEGJOB_NOT_APPLICABLE);
}

const struct sj_operation sj_operation_describe = {
    SEGJOB_STR_INIT("AmazonPersonalize.Describe" SJ_RESOURCE), write_describe,
    read_described};

/* -------------------------------------------------------------------- list */

static void write_list(struct sj_writer *w, const struct segjob_client *c)
{
    const struct segjob_str token = {
        c->op.tail_len > 0 ? c->setup.buf + sj_room(c) : NULL, c->op.tail_len};

    sj_body_write_list(w, c->op.target_arn, token, c->op.page_size);
}

static void read_listed(struct segjob_client *c)
{
    const enum sj_json_result result = parse(c);
    const struct sj_json json = tokens_of(c);
    int jobs = SJ_JSON_NONE;

    if (result == SJ_JSON_NO_ROOM) {
        sj_response_too_large(c);
        return;
    }
    if (result == SJ_JSON_OK) {
        jobs = sj_json_member(&json, SJ_JSON_ROOT, SJ_RESOURCE_MEMBER "s");
    }
    if (!sj_json_is_array(&json, jobs)) {
        sj_response_invalid(c);
        return;
    }
    c->attempt.job = sj_json_first(&json, jobs);
    done(c, SEGJOB_OK, SEGJOB_NOT_APPLICABLE);
}

const struct sj_operation sj_operation_list = {
    SEGJOB_STR_INIT("AmazonPersonalize.List" SJ_RESOURCE "s"), write_list,
    read_listed};

/* An item that is no job is skipped. */
bool sj_operation_next_job(struct segjob_client *c, struct segjob_job *job)
{
    const struct sj_json json = tokens_of(c);
    bool is_job = false;

    while (!is_job && c->attempt.tokens != NULL &&
           c->attempt.job != SJ_JSON_NONE) {
        is_job = sj_operation_job(c, job);
        c->attempt.job = sj_json_next(&json, c->attempt.job);
    }
    return is_job;
}

struct segjob_str sj_operation_next_token(const struct segjob_client *c)
{
    const struct sj_json json = tokens_of(c);
    struct segjob_str token = {NULL, 0};

    if (c->attempt.tokens != NULL) {
        token = sj_json_text(&json, SJ_JSON_ROOT, "nextToken");
    }
    return token;
}
