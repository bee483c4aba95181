/*
 * Checks what is to be sent, and writes it: body and signed head.
 */
#ifndef SJ_REQUEST_H
#define SJ_REQUEST_H

#include "segjob.h"
#include "sj_sigv4.h"
#include "sj_writer.h"

/* A request and a job begin with the same texts, which are these fields. */
#define SJ_REQUEST_TEXTS ((size_t)8)
#define SJ_REQUEST_FIELD(i) ((enum segjob_field)(SEGJOB_FIELD_JOB_NAME + (i)))

/* Whether one of these fields may be absent. */
bool sj_request_is_optional(enum segjob_field field);

/*
 * Check a request, an ARN of this service, the configuration, and credentials
 * against the rules of SEGJOB_FIELD_LIST. Each returns true, or tells in `e`
 * the first field that breaks a rule, and the rule. An absent ARN breaks one.
 */
SEGJOB_MUST_CHECK
bool sj_request_check(const struct segjob_create_request *r,
                      struct segjob_error *e);
SEGJOB_MUST_CHECK
bool sj_request_check_arn(struct segjob_str arn, enum segjob_field field,
                          struct segjob_error *e);
SEGJOB_MUST_CHECK
bool sj_request_check_config(const struct segjob_config *config,
                             bool is_service, struct segjob_error *e);
SEGJOB_MUST_CHECK
bool sj_request_check_credentials(const struct segjob_credentials *credentials,
                                  struct segjob_error *e);

SEGJOB_MUST_CHECK
bool sj_request_check_text(struct segjob_str text, enum segjob_field field,
                           struct segjob_error *e);

/*
 * Check that the ARN of the job follows from a valid request for it. Returns
 * as sj_request_check() does.
 */
SEGJOB_MUST_CHECK
bool sj_request_check_derivable(const struct segjob_create_request *r,
                                struct segjob_error *e);

/*
 * Write the body of CreateBatchSegmentJob; of DescribeBatchSegmentJob, for
 * `arn`, or if that is absent for the ARN that follows from `r`; and of
 * ListBatchSegmentJobs, whose texts may be absent. What is written has passed
 * the checks.
 */
void sj_request_write_body(struct sj_writer *w,
                           const struct segjob_create_request *r);
void sj_request_write_describe(struct sj_writer *w, struct segjob_str arn,
                               const struct segjob_create_request *r);
void sj_request_write_list(struct sj_writer *w,
                           struct segjob_str solution_version_arn,
                           struct segjob_str next_token, uint32_t max_results);

/* The port of the scheme, which stands in no Host field. */
uint16_t sj_request_default_port(const struct segjob_config *config);

/* Write the host to connect to. */
void sj_request_write_host(struct sj_writer *w,
                           const struct segjob_config *config);

/* Write the request that a fetch sends, which has passed its check. */
void sj_request_write_fetch(struct sj_writer *w,
                            const struct segjob_config *config,
                            const struct segjob_fetch_request *fetch);

/*
 * Write a request's head, signed with `key`, for which the writer must have
 * room. `s` tells credentials, target, date and body; the rest of it is filled
 * in. `key` NULL measures, with a writer that has none: then date and body need
 * but their lengths.
 *
 * Returns false if the hash function failed.
 */
SEGJOB_MUST_CHECK
bool sj_request_write_head(struct sj_writer *w,
                           const struct segjob_config *config,
                           struct sj_sigv4 *s, struct sj_signing_key *key);

#endif
