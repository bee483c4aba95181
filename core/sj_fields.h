/*
 * The fields that are checked, with their limits.
 *
 * Each row contains the enumerator, the path as the API spells it (`[]` for a
 * tag's index), the minimum and maximum length in Unicode scalar values (for
 * `tags`, in items), and the pattern that the value must match. Source: API
 * reference, CreateBatchSegmentJob, S3DataConfig, Tag and for the job's ARN
 * DescribeBatchSegmentJob. The other rows from `region` on are this library's
 * configuration, with limits of its own.
 */
#ifndef SJ_FIELDS_H
#define SJ_FIELDS_H

#include "segjob.h"
#include "sj_resource.h"

#define SJ_FIELD_LIST(X)                                                      \
    X(NONE, "", 0, 0, ANY)                                                    \
    X(JOB_NAME, "jobName", 1, 63, NAME)                                       \
    X(SOLUTION_VERSION_ARN, "solutionVersionArn", 0, 256, ARN)                \
    X(FILTER_ARN, "filterArn", 0, 256, ARN)                                   \
    X(ROLE_ARN, "roleArn", 0, 256, ROLE_ARN)                                  \
    X(INPUT_PATH, "jobInput.s3DataSource.path", 0, 256, PATH)                 \
    X(INPUT_KMS_KEY_ARN, "jobInput.s3DataSource.kmsKeyArn", 0, 2048, KMS_ARN) \
    X(OUTPUT_PATH, "jobOutput.s3DataDestination.path", 0, 256, PATH)          \
    X(OUTPUT_KMS_KEY_ARN, "jobOutput.s3DataDestination.kmsKeyArn", 0, 2048,   \
      KMS_ARN)                                                                \
    X(NUM_RESULTS, "numResults", 0, 0, ANY)                                   \
    X(TAGS, "tags", 0, 200, ANY)                                              \
    X(TAG_KEY, "tags[].tagKey", 1, 128, TAG)                                  \
    X(TAG_VALUE, "tags[].tagValue", 0, 256, TAG)                              \
    X(REGION, "region", 1, 63, LABEL)                                         \
    X(ENDPOINT, "endpoint", 1, 253, HOST)                                     \
    X(ACCESS_KEY_ID, "accessKeyId", 1, 128, KEY_ID)                           \
    X(SECRET_ACCESS_KEY, "secretAccessKey", 1, SIZE_MAX, VISIBLE)             \
    X(SESSION_TOKEN, "sessionToken", 1, SIZE_MAX, VISIBLE)                    \
    X(JOB_ARN, SJ_RESOURCE_ARN_MEMBER, 0, 256, ARN)                           \
    X(FETCH_PATH, "path", 1, SIZE_MAX, VISIBLE)                               \
    X(FETCH_HEADER, "header", 0, SIZE_MAX, TEXT)                              \
    X(EXPIRATION, "expiration", 0, SIZE_MAX, DATE)

/*
 * A request and a job both start with the same SJ_TEXT_FIELDS spans, in the
 * order of these fields: span `i` is the value of SJ_TEXT_FIELD(i).
 */
#define SJ_TEXT_FIELDS ((size_t)8)
#define SJ_TEXT_FIELD(i) ((enum segjob_field)(SEGJOB_FIELD_JOB_NAME + (i)))

/* Return whether one of these fields may be absent. */
static inline bool sj_field_is_optional(enum segjob_field field)
{
    return field == SEGJOB_FIELD_FILTER_ARN ||
           field == SEGJOB_FIELD_INPUT_KMS_KEY_ARN ||
           field == SEGJOB_FIELD_OUTPUT_KMS_KEY_ARN;
}

#endif
