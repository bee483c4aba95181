#include "sj_job.h"

#include <string.h>

#include "sj_endpoint.h"
#include "sj_fields.h"
#include "sj_resource.h"
#include "sj_scan.h"

#define ARN_MAX 256u /* characters, of any ARN of this service */
#define ACCOUNT_LEN 12u

/* --------------------------------------------------------------------- ARN */

static bool is_account(struct segjob_str s)
{
    return s.len == ACCOUNT_LEN && segjob_decimal(s) != SEGJOB_NO_DECIMAL;
}

bool sj_job_write_arn(struct sj_writer *w,
                      struct segjob_str solution_version_arn,
                      struct segjob_str job_name)
{
    struct segjob_str prefix = solution_version_arn; /* up to the account */
    struct segjob_str left = solution_version_arn;
    struct segjob_str region = {NULL, 0};

    for (int i = 0; i < 4; i++) { /* arn, partition, service, region */
        region = sj_take_until(&left, ':');
    }
    if (!sj_endpoint_is_region(region) ||
        !is_account(sj_take_until(&left, ':'))) {
        return false;
    }
    prefix.len -= left.len;
    if (prefix.len + sizeof(SJ_RESOURCE_TYPE) - 1 + job_name.len > ARN_MAX) {
        return false;
    }
    sj_write_str(w, prefix);
    sj_write_text(w, SJ_RESOURCE_TYPE);
    sj_write_str(w, job_name);
    return true;
}

struct segjob_str sj_job_name(struct segjob_str arn,
                              struct segjob_str solution_version_arn)
{
    static const struct segjob_str none = {NULL, 0};

    for (int i = 0; i < 5; i++) { /* arn to account */
        const struct segjob_str part = sj_take_until(&arn, ':');
        const struct segjob_str wanted =
            sj_take_until(&solution_version_arn, ':');

        if (wanted.len > 0 && !sj_is_same(part, wanted)) {
            return none;
        }
    }
    return sj_take_text(&arn, SJ_RESOURCE_TYPE) ? arn : none;
}

/* ----------------------------------------------------------------- reading */

/*
 * Read members into spans that follow one another as their names do. `>` before
 * a name enters that object, and `<` goes back to the job.
 */
static void read_texts(const struct sj_json *json, int job, const char *names,
                       struct segjob_str *to)
{
    int object = job;

    for (; *names != '\0'; names = sj_next_text(names)) {
        if (*names == '<') {
            object = job;
            names++;
        }
        if (*names == '>') {
            object = sj_json_member(json, object, names + 1);
        } else {
            *to++ = sj_json_text(json, object, names);
        }
    }
}

static void read_time(const struct sj_json *json, int job, const char *name,
                      int64_t *ms)
{
    if (!sj_json_millis(json, sj_json_member(json, job, name), ms)) {
        *ms = 0;
    }
}

#define LAST_TEXT (SJ_TEXT_FIELDS + 2)

typedef char
    sj_job_begins_with_texts[offsetof(struct segjob_job, failure_reason) ==
                                     LAST_TEXT * sizeof(struct segjob_str)
                                 ? 1
                                 : -1];

void sj_job_read(const struct sj_json *json, int value, struct segjob_job *job)
{
    static const char names[] =
        "jobName\0solutionVersionArn\0filterArn\0roleArn\0"
        ">jobInput\0>s3DataSource\0path\0kmsKeyArn\0"
        "<>jobOutput\0>s3DataDestination\0path\0kmsKeyArn\0"
        "<" SJ_RESOURCE_ARN_MEMBER "\0status\0failureReason\0";

    memset(job, 0, sizeof(*job));
    read_texts(json, value, names, (struct segjob_str *)(void *)job);
    job->has_num_results = sj_json_int32(
        json, sj_json_member(json, value, "numResults"), &job->num_results);
    read_time(json, value, "creationDateTime", &job->creation_ms);
    read_time(json, value, "lastUpdatedDateTime", &job->last_updated_ms);
}

bool sj_job_is_final(const struct segjob_job *job)
{
    return sj_is_listed(job->status, "ACTIVE\0CREATE FAILED\0");
}

/* --------------------------------------------------------------- comparing */

typedef char sj_job_begins_as_a_request
    [offsetof(struct segjob_job, output.kms_key_arn) ==
             offsetof(struct segjob_create_request, output.kms_key_arn)
         ? 1
         : -1];

/* Absent is not the same as empty. */
static bool differs(struct segjob_str reported, struct segjob_str wanted,
                    bool optional)
{
    if (reported.ptr == NULL) {
        return optional && wanted.ptr != NULL;
    }
    return wanted.ptr == NULL || !sj_is_same(reported, wanted);
}

enum segjob_field sj_job_difference(const struct segjob_job *job,
                                    const struct segjob_create_request *r)
{
    for (size_t i = 0; i < SJ_TEXT_FIELDS; i++) {
        if (differs(sj_span(job, i), sj_span(r, i),
                    sj_field_is_optional(SJ_TEXT_FIELD(i)))) {
            return SJ_TEXT_FIELD(i);
        }
    }
    if (job->has_num_results && r->has_num_results &&
        job->num_results != r->num_results) {
        return SEGJOB_FIELD_NUM_RESULTS;
    }
    return SEGJOB_FIELD_NONE;
}
