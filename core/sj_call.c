#include "sj_call.h"

#include "sj_answer.h"
#include "sj_job.h"
#include "sj_json.h"
#include "sj_next.h"
#include "sj_request.h"
#include "sj_verdict.h"

/* The service takes a date that is up to 5 minutes off. */
#define SKEW_MAX 300

/* What whole seconds of three clocks hide. */
#define ROUNDING 2

/* The answer is none that the service gives; another may be. */
static void no_answer(struct segjob_client *c)
{
    c->tokens = NULL;
    c->kept = 0;
    sj_next_failed(c, SEGJOB_PROTOCOL, SJ_CAUSE_TRANSIENT, false);
}

/* ------------------------------------------------------------------ create */

static void write_create(struct sj_writer *w, const struct segjob_client *c)
{
    sj_request_write_body(w, c->request);
}

static void read_created(struct segjob_client *c)
{
    c->arn = sj_answer_arn(c->buf, c->body_len, sj_next_room(c));
    if (c->arn.ptr == NULL) {
        no_answer(c);
        return;
    }
    c->outcome = SEGJOB_MADE;
    c->kept = c->arn.len;
    sj_next_end(c, SEGJOB_OK);
}

const struct sj_call sj_call_create = {
    SEGJOB_STR("AmazonPersonalize.CreateBatchSegmentJob"), write_create,
    read_created};

/* ------------------------------------------------------- what tells of jobs */

static struct sj_json tokens_of(const struct segjob_client *c)
{
    struct sj_json json = {c->buf, c->tokens, c->tokens_len};

    return json;
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
        c->kept = sj_next_room(c);
    }
    return result;
}

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

/* ---------------------------------------------------------------- describe */

static void write_describe(struct sj_writer *w, const struct segjob_client *c)
{
    sj_request_write_describe(w, c->asked, c->request);
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
    static const struct segjob_str code = SEGJOB_STR(SJ_ALREADY_EXISTS);
    static const struct segjob_str message =
        SEGJOB_STR("the job with this name and these parameters is older");

    c->error.field = sj_job_difference(job, c->request);
    c->outcome = SEGJOB_REFUSED;
    if (c->error.field != SEGJOB_FIELD_NONE) {
        c->error.rule = SEGJOB_RULE_DIFFERS;
        sj_next_end(c, SEGJOB_CONFLICT);
    } else if (c->operation == SJ_CREATE && job->creation_ms == 0) {
        c->outcome = SEGJOB_MAYBE; /* nobody can tell whose it is */
        sj_next_end(c, SEGJOB_PROTOCOL);
    } else if (c->operation == SJ_CREATE && !is_own(c, job)) {
        c->error.code = code;
        c->error.message = message;
        sj_next_end(c, SEGJOB_SERVICE);
    } else {
        c->outcome = SEGJOB_MADE;
        c->arn = job->batch_segment_job_arn;
        sj_next_end(c, SEGJOB_OK);
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
        no_answer(c);
        return;
    }
    if (c->request != NULL) {
        judge(c, &job);
    } else if (c->operation == SJ_WAIT && !sj_job_is_final(&job)) {
        sj_next_poll(c);
    } else {
        c->arn = job.batch_segment_job_arn;
        sj_next_end(c, SEGJOB_OK);
    }
}

const struct sj_call sj_call_describe = {
    SEGJOB_STR("AmazonPersonalize.DescribeBatchSegmentJob"), write_describe,
    read_described};

/* -------------------------------------------------------------------- list */

static void write_list(struct sj_writer *w, const struct segjob_client *c)
{
    const struct segjob_str token = {
        c->token_len > 0 ? c->buf + sj_next_room(c) : NULL, c->token_len};

    sj_request_write_list(w, c->asked, token, c->page);
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
        sj_next_leave(c, SJ_START);
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
        no_answer(c);
        return;
    }
    c->job = sj_json_first(&json, jobs);
    sj_next_end(c, SEGJOB_OK);
}

const struct sj_call sj_call_list = {
    SEGJOB_STR("AmazonPersonalize.ListBatchSegmentJobs"), write_list,
    read_listed};

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

struct segjob_str sj_call_next_token(const struct segjob_client *c)
{
    const struct sj_json json = tokens_of(c);
    struct segjob_str token = {NULL, 0};

    if (c->operation == SJ_LIST && c->tokens != NULL) {
        token = sj_json_text(&json, SJ_JSON_ROOT, "nextToken");
    }
    return token;
}

bool segjob_has_more(const struct segjob_client *c)
{
    return sj_call_next_token(c).len > 0;
}
