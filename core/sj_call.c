#include "sj_call.h"

#include "sj_answer.h"
#include "sj_job.h"
#include "sj_json.h"
#include "sj_next.h"
#include "sj_request.h"
#include "sj_scan.h"
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

/*
 * Believe an ARN with another name only once Describe returns the job's own:
 * look at that one. It stands at the buffer's end meanwhile.
 */
static void confirm(struct segjob_client *c, struct segjob_str arn)
{
    c->asked.ptr = c->buf + c->cap - arn.len;
    c->asked.len = arn.len;
    memmove(c->buf + c->cap - arn.len, arn.ptr, arn.len);
    c->tail_len = arn.len;
    c->exists = true;
    no_answer(c);
}

static void read_created(struct segjob_client *c)
{
    const struct segjob_str arn =
        sj_answer_arn(c->buf, c->body_len, sj_next_room(c));
    const struct segjob_str name =
        sj_job_name(arn, c->request->solution_version_arn);

    if (name.ptr == NULL) {
        no_answer(c);
    } else if (!sj_is_same(name, c->request->job_name)) {
        confirm(c, arn);
    } else {
        c->outcome = SEGJOB_MADE;
        c->arn = arn;
        c->kept = arn.len;
        sj_next_end(c, SEGJOB_OK);
    }
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
 * Whether the job that was found is this operation's own (SEGJOB_MADE), an
 * older one (SEGJOB_REFUSED), or it is unknown (SEGJOB_MAYBE).
 *
 * The service took the look, whose date was then at most SKEW_MAX ahead of its
 * clock. Two clocks measure the time since the first creation left: one may
 * stand still while the device sleeps, the other may be set. So the job is own
 * if it is no older than either says, and older only if it is older than both
 * say and they agree.
 */
static enum segjob_outcome whose(const struct segjob_client *c,
                                 const struct segjob_job *job)
{
    const int64_t age = c->sent_at + c->ahead - SKEW_MAX - ROUNDING -
                        job->creation_ms / 1000; /* or more */
    const int64_t uptime = (int64_t)((c->sent_ms - c->first_ms) / 1000);
    const int64_t wall = c->sent_at - c->first_at;
    const bool agree = wall - uptime <= SKEW_MAX && uptime - wall <= SKEW_MAX;

    if (age <= 0 || (age <= uptime && age <= wall)) {
        return SEGJOB_MADE;
    }
    return agree && age + ROUNDING > uptime && age + ROUNDING > wall
               ? SEGJOB_REFUSED
               : SEGJOB_MAYBE;
}

/* There is a job of this name, with these parameters. */
static void claim(struct segjob_client *c, const struct segjob_job *job)
{
    static const struct segjob_str code = SEGJOB_STR(SJ_ALREADY_EXISTS);
    static const struct segjob_str message =
        SEGJOB_STR("the job with this name and these parameters is older");
    const bool has_time = job->creation_ms != 0;

    c->outcome = c->operation == SJ_ENSURE ? SEGJOB_MADE
                 : has_time                ? whose(c, job)
                                           : SEGJOB_MAYBE;
    if (c->outcome == SEGJOB_MADE) {
        c->arn = job->batch_segment_job_arn;
        sj_next_end(c, SEGJOB_OK);
    } else if (c->outcome == SEGJOB_REFUSED) {
        c->error.code = code;
        c->error.message = message;
        sj_next_end(c, SEGJOB_SERVICE);
    } else {
        sj_next_end(c, has_time ? SEGJOB_CLOCK : SEGJOB_PROTOCOL);
    }
}

/* The job is there that a creation may have made. */
static void settle(struct segjob_client *c, const struct segjob_job *job)
{
    if (c->asked.ptr != NULL &&
        !sj_is_same(job->job_name, c->request->job_name)) {
        c->asked = segjob_str(NULL); /* it is another's: go by the name */
        c->tail_len = 0;
        c->exists = false;
        no_answer(c);
        return;
    }
    c->error.field = sj_job_difference(job, c->request);
    if (c->error.field == SEGJOB_FIELD_NONE) {
        claim(c, job);
        return;
    }
    c->error.rule = SEGJOB_RULE_DIFFERS;
    c->outcome = SEGJOB_REFUSED;
    sj_next_end(c, SEGJOB_CONFLICT);
}

/* Whether the service described the job that was asked for. */
static bool is_described(const struct segjob_client *c, struct segjob_job *job)
{
    if (!segjob_job(c, job) || job->status.ptr == NULL) {
        return false;
    }
    if (c->asked.ptr != NULL) {
        return sj_is_same(job->batch_segment_job_arn, c->asked);
    }
    return sj_is_same(sj_job_name(job->batch_segment_job_arn,
                                  c->request->solution_version_arn),
                      c->request->job_name);
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
    if (!is_described(c, &job)) {
        no_answer(c);
        return;
    }
    if (c->request != NULL) {
        settle(c, &job);
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
        c->tail_len > 0 ? c->buf + sj_next_room(c) : NULL, c->tail_len};

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
