/*
 * What the service tells of jobs, and how a job compares with a request.
 */
#ifndef SJ_JOB_H
#define SJ_JOB_H

#include "segjob.h"
#include "sj_json.h"
#include "sj_writer.h"

/*
 * Write the ARN that the job of this name has or will have:
 * arn:PARTITION:personalize:REGION:ACCOUNT:batch-segment-job/NAME, partition,
 * region and account as in `solution_version_arn`. Both are valid values of
 * their fields, so nothing of it must be escaped in JSON.
 *
 * Returns false, and writes nothing, if that ARN does not name a region and an
 * account of 12 digits, as the published pattern allows; or if the job's would
 * have more characters than an ARN may.
 */
bool sj_job_write_arn(struct sj_writer *w,
                      struct segjob_str solution_version_arn,
                      struct segjob_str job_name);

/*
 * The name in a job's ARN; absent if the ARN is of another type, or of another
 * partition, region or account than `solution_version_arn`, as far as that
 * names them. `arn` may be absent.
 */
struct segjob_str sj_job_name(struct segjob_str arn,
                              struct segjob_str solution_version_arn);

/*
 * Read a `batchSegmentJob`, or an item of `batchSegmentJobs`, into `*job`.
 * Members that are unknown, null or ill-typed are as absent. The spans live as
 * long as the text that was read.
 */
void sj_job_read(const struct sj_json *json, int value, struct segjob_job *job);

/* Whether the job's status is one that stays: ACTIVE or CREATE FAILED. */
bool sj_job_is_final(const struct segjob_job *job);

/*
 * Compare what the service tells of a job with a valid request for it. What
 * the job does not tell of a required member or of numResults is not compared;
 * an absent filterArn or kmsKeyArn must be absent there, a given one given; an
 * absent numResults matches any.
 *
 * Returns the first member that differs, SEGJOB_FIELD_NONE if none does.
 */
enum segjob_field sj_job_difference(const struct segjob_job *job,
                                    const struct segjob_create_request *r);

#endif
