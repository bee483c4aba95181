/*
 * Writes the bodies of requests, whose values have passed sj_check.h.
 */
#ifndef SJ_BODY_H
#define SJ_BODY_H

#include "segjob.h"
#include "sj_writer.h"

/* CreateBatchSegmentJob. */
void sj_body_write_create(struct sj_writer *w,
                          const struct segjob_create_request *r);

/*
 * DescribeBatchSegmentJob: for `arn`; if that is absent, for the ARN that is
 * derived from `r`.
 */
void sj_body_write_describe(struct sj_writer *w, struct segjob_str arn,
                            const struct segjob_create_request *r);

/* In place of a number of jobs: as many as the service likes. */
#define SJ_PAGE_ANY 101u

/* ListBatchSegmentJobs: the spans may be absent. */
void sj_body_write_list(struct sj_writer *w,
                        struct segjob_str solution_version_arn,
                        struct segjob_str next_token, uint32_t max_results);

#endif
