#include "sj_verdict.h"

#include <string.h>

#include "sj_answer.h"
#include "sj_fetch.h"
#include "sj_http.h"
#include "sj_job.h"
#include "sj_json.h"
#include "sj_next.h"
#include "sj_request.h"

/* The service takes a date that is up to 5 minutes off. */
#define SKEW_MAX 300

/* What whole seconds of three clocks hide. */
#define ROUNDING 2

/* What is off by less is no reason for a service to refuse. */
#define SKEW_MIN 240

#define ALREADY_EXISTS "ResourceAlreadyExistsException"

/* ---------------------------------------------------------------- answers */

static void read_created(struct segjob_client *c)
{
    c->arn = sj_answer_arn(c->buf, c->body_len, sj_next_room(c));
    if (c->arn.ptr == NULL) {
        sj_next_failed(c, SEGJOB_PROTOCOL, SJ_CAUSE_TRANSIENT, false, 0);
        return;
    }
    c->outcome = SEGJOB_MADE;
    sj_next_end(c, SEGJOB_OK, c->arn.len);
}

static struct sj_json tokens_of(const struct segjob_client *c)
{
    struct sj_json json = {c->buf, c->tokens, c->tokens_len};

    return json;
}

/* Twice what came is a guess: a value has about as many bytes as its token. */
void sj_verdict_too_long(struct segjob_client *c)
{
    const uint64_t len = c->http.content_length;

    c->error.size_needed = 2 * c->cap;
    if (len > c->cap && len < SIZE_MAX / 2) {
        c->error.size_needed = (size_t)len * 2;
    }
    sj_next_end(c, SEGJOB_NO_SPACE, 0);
}

/* Read the answer's body as JSON that is looked at later. */
static enum sj_json_result parse(struct segjob_client *c)
{
    struct sj_json json = {c->buf, NULL, 0};
    enum sj_json_result result = SJ_JSON_NO_ROOM;

    if (!c->dropping) {
        result = sj_json_parse(&json, c->buf, c->body_len, c->buf + c->body_len,
                               sj_next_room(c) - c->body_len);
    }
    if (result == SJ_JSON_OK) {
        c->tokens = json.tokens;
        c->tokens_len = json.len;
    }
    return result;
}

/*
 * Whether the job found is this operation's own, not an older one. The service
 * took the look, whose date was then at most SKEW_MAX ahead of its clock; so
 * that clock showed no less than this bound when the first creation left.
 */
static bool is_own(const struct segjob_client *c, const struct segjob_job *job)
{
    const int64_t since_first = (int64_t)((c->now_ms - c->first_ms) / 1000);

    return job->creation_ms / 1000 >=
           c->sent_at + c->ahead - since_first - SKEW_MAX - ROUNDING;
}

/* There is a job of this name. */
static void judge(struct segjob_client *c, const struct segjob_job *job)
{
    static const struct segjob_str code = SEGJOB_STR(ALREADY_EXISTS);
    static const struct segjob_str message =
        SEGJOB_STR("the job with this name and these parameters is older");

    c->error.field = sj_job_difference(job, c->request);
    c->outcome = SEGJOB_REFUSED;
    if (c->error.field != SEGJOB_FIELD_NONE) {
        c->error.rule = SEGJOB_RULE_DIFFERS;
        sj_next_end(c, SEGJOB_CONFLICT, sj_next_room(c));
    } else if (c->operation == SJ_CREATE && job->creation_ms == 0) {
        c->outcome = SEGJOB_MAYBE; /* nobody can tell whose it is */
        sj_next_end(c, SEGJOB_PROTOCOL, 0);
    } else if (c->operation == SJ_CREATE && !is_own(c, job)) {
        c->error.code = code;
        c->error.message = message;
        sj_next_end(c, SEGJOB_SERVICE, sj_next_room(c));
    } else {
        c->outcome = SEGJOB_MADE;
        c->arn = job->batch_segment_job_arn;
        sj_next_end(c, SEGJOB_OK, sj_next_room(c));
    }
}

/* Whether the service told of a job at all. */
static bool is_told(const struct segjob_client *c, struct segjob_job *job)
{
    struct segjob_error unused;

    return segjob_job(c, job) && job->status.ptr != NULL &&
           sj_request_check_arn(job->batch_segment_job_arn,
                                SEGJOB_FIELD_JOB_ARN, &unused);
}

static void read_described(struct segjob_client *c)
{
    const enum sj_json_result result = parse(c);
    struct segjob_job job;

    if (result == SJ_JSON_NO_ROOM) {
        sj_verdict_too_long(c);
        return;
    }
    if (result == SJ_JSON_OK) {
        const struct sj_json json = tokens_of(c);

        c->job = sj_json_member(&json, SJ_JSON_ROOT, "batchSegmentJob");
    }
    if (!is_told(c, &job)) {
        c->tokens = NULL;
        sj_next_failed(c, SEGJOB_PROTOCOL, SJ_CAUSE_TRANSIENT, false, 0);
        return;
    }
    if (c->request != NULL) {
        judge(c, &job);
    } else if (c->operation == SJ_WAIT && !sj_job_is_final(&job)) {
        sj_next_poll(c, sj_next_room(c));
    } else {
        c->arn = job.batch_segment_job_arn;
        sj_next_end(c, SEGJOB_OK, sj_next_room(c));
    }
}

/* What a page too long for the buffer holds is asked for in smaller pages. */
static void read_listed(struct segjob_client *c)
{
    const enum sj_json_result result = parse(c);
    struct sj_json json;
    int jobs;

    if (result == SJ_JSON_NO_ROOM && c->page > 1 && sj_next_has_deadline(c)) {
        c->page /= 2;
        c->retry.attempts = 0;
        sj_next_leave(c, SJ_START, 0);
        return;
    }
    if (result == SJ_JSON_NO_ROOM) {
        sj_verdict_too_long(c);
        return;
    }
    json = tokens_of(c);
    jobs = result == SJ_JSON_OK
               ? sj_json_member(&json, SJ_JSON_ROOT, "batchSegmentJobs")
               : SJ_JSON_NONE;
    if (!sj_json_is_array(&json, jobs)) {
        c->tokens = NULL;
        sj_next_failed(c, SEGJOB_PROTOCOL, SJ_CAUSE_TRANSIENT, false, 0);
        return;
    }
    c->job = sj_json_first(&json, jobs);
    sj_next_end(c, SEGJOB_OK, sj_next_room(c));
}

static void read_success(struct segjob_client *c)
{
    sj_retry_give(&c->retry);
    switch ((enum sj_call)c->call) {
    case SJ_CALL_CREATE:
        read_created(c);
        break;
    case SJ_CALL_DESCRIBE:
        read_described(c);
        break;
    case SJ_CALL_LIST:
        read_listed(c);
        break;
    }
}

/* Keep the code where the header's stood: the buffer will be rewritten. */
static void keep_code(struct segjob_client *c)
{
    struct segjob_str *code = &c->error.code;

    if (code->ptr == NULL) {
        return;
    }
    if (code->len > SJ_HTTP_ID_CAP) {
        code->len = SJ_HTTP_ID_CAP;
    }
    memmove(c->http.error, code->ptr, code->len);
    code->ptr = c->http.error;
}

void sj_verdict_read_error(struct segjob_client *c, struct segjob_str secret)
{
    static const struct segjob_create_request no_request = {.tags = NULL};
    struct segjob_error *e = &c->error;

    e->code = sj_answer_bare_code(sj_http_error_type(&c->http));
    sj_answer_error(c->buf, c->body_len, sj_next_room(c), e);
    keep_code(c);
    if (e->message.ptr != NULL) {
        e->message = sj_answer_clean(
            c->buf, sj_next_room(c), e->message,
            c->request != NULL ? c->request : &no_request, secret);
    }
}

/* Whether the clock was to blame: then it is corrected from now on. */
static bool learn_skew(struct segjob_client *c)
{
    int64_t ahead;

    if (!sj_retry_skew(&c->http, c->sent_at, c->now_ms - c->sent_ms, &ahead) ||
        (ahead - c->ahead < SKEW_MIN && c->ahead - ahead < SKEW_MIN)) {
        return false;
    }
    c->ahead = ahead;
    return true;
}

static enum sj_cause cause_of_error(struct segjob_client *c)
{
    const enum sj_cause cause =
        sj_retry_cause(c->error.http_status, c->error.code);

    if (cause == SJ_CAUSE_SKEW && !learn_skew(c)) {
        return SJ_CAUSE_FINAL;
    }
    if (cause == SJ_CAUSE_EXPIRED) {
        const bool again = !c->renewed;

        c->renewed = true;
        c->expired = again;
        return again ? cause : SJ_CAUSE_FINAL;
    }
    return cause;
}

static void read_error(struct segjob_client *c)
{
    enum sj_cause cause;
    bool certain;

    sj_verdict_read_error(c, c->credentials->session_token);
    cause = cause_of_error(c);
    certain = c->error.code.ptr != NULL && c->error.http_status < 500;
    if (c->call == SJ_CALL_CREATE && sj_next_is_error(c, ALREADY_EXISTS) &&
        (c->maybe || c->operation == SJ_ENSURE)) {
        c->exists = true;
        certain = false; /* before it is known whose job it is */
    }
    if (c->operation == SJ_WAIT && sj_next_is_error(c, SJ_NOT_FOUND)) {
        cause = SJ_CAUSE_TRANSIENT; /* it may have been made just now */
    }
    sj_next_failed(c, SEGJOB_SERVICE, cause, certain, c->error.message.len);
}

void sj_verdict(struct segjob_client *c)
{
    const int status = c->error.http_status;

    if (c->fetching != NULL) {
        c->fetching->judge(c);
    } else if (status == 200) {
        read_success(c);
    } else if (status >= 300 && status <= 399) {
        sj_next_failed(c, SEGJOB_REDIRECT, SJ_CAUSE_FINAL, false, 0);
    } else if (status >= 400 && status <= 599) {
        read_error(c);
    } else {
        sj_next_failed(c, SEGJOB_PROTOCOL, SJ_CAUSE_TRANSIENT, false, 0);
    }
}

/* ------------------------------------------------------------------ jobs */

static const struct segjob_job no_job = {.num_results = 0};

bool segjob_job(const struct segjob_client *c, struct segjob_job *job)
{
    const struct sj_json json = tokens_of(c);

    *job = no_job;
    if (c->tokens == NULL || !sj_json_is_object(&json, c->job)) {
        return false;
    }
    sj_job_read(&json, c->job, job);
    return true;
}

bool segjob_next_job(struct segjob_client *c, struct segjob_job *job)
{
    const struct sj_json json = tokens_of(c);
    bool is_job = false;

    *job = no_job;
    /* An item that is no job is passed over. */
    while (c->operation == SJ_LIST && !is_job && c->tokens != NULL &&
           c->job != SJ_JSON_NONE) {
        is_job = segjob_job(c, job);
        c->job = sj_json_next(&json, c->job);
    }
    return is_job;
}

struct segjob_str sj_verdict_next_token(const struct segjob_client *c)
{
    const struct sj_json json = tokens_of(c);
    struct segjob_str token = {NULL, 0};

    if (c->operation == SJ_LIST && c->tokens != NULL) {
        token = sj_json_string(
            &json, sj_json_member(&json, SJ_JSON_ROOT, "nextToken"));
    }
    return token;
}

bool segjob_has_more(const struct segjob_client *c)
{
    return sj_verdict_next_token(c).len > 0;
}
