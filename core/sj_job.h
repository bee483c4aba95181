/*
 * A job: its ARN, reading one from JSON, and comparing one with a request.
 */
#ifndef SJ_JOB_H
#define SJ_JOB_H

#include "segjob.h"
#include "sj_json.h"
#include "sj_writer.h"

/*
 * Write the ARN of the job with this name, whether the job exists or not:
 * arn:PARTITION:personalize:REGION:ACCOUNT:batch-segment-job/NAME. Partition,
 * region and account are those of `solution_version_arn`. Both arguments are
 * valid values of their fields, so the ARN needs no escapes in JSON.
 *
 * Returns false and writes nothing if `solution_version_arn` has no region or
 * no account of 12 digits (the published pattern allows that), or if the job's
 * ARN would be longer than an ARN may be.
 */
bool sj_job_write_arn(struct sj_writer *w,
                      struct segjob_str solution_version_arn,
                      struct segjob_str job_name);

/*
 * Returns the name in a job's ARN. It is absent if the ARN is not a job's, or
 * has another partition, region or account than `solution_version_arn`; empty
 * parts there match any. `arn` may be absent.
 */
struct segjob_str sj_job_name(struct segjob_str arn,
                              struct segjob_str solution_version_arn);

/*
 * Read a `batchSegmentJob`, or an item of `batchSegmentJobs`, into `*job`.
 * Members that are null or of another type count as absent. The spans are valid
 * as long as the JSON text.
 */
void sj_job_read(const struct sj_json *json, int value, struct segjob_job *job);

/* Whether the job's status is final: ACTIVE or CREATE FAILED. */
bool sj_job_is_final(const struct segjob_job *job);

/*
 * Compare a job, as reported by the service, with a valid request. Required
 * members and numResults are compared only if the job has them; filterArn and
 * kmsKeyArn must be present in both or absent in both. A request without
 * numResults matches any number.
 *
 * Returns the first member that differs, or SEGJOB_FIELD_NONE.
 */
enum segjob_field sj_job_difference(const struct segjob_job *job,
                                    const struct segjob_create_request *r);

#endif
