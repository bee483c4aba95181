/*
 * Check the caller's values against the rules of sj_fields.h.
 *
 * Each function returns true if no rule is broken. Otherwise it returns false,
 * and sets in `e` the first field that breaks a rule, and the rule.
 */
#ifndef SJ_CHECK_H
#define SJ_CHECK_H

#include "segjob.h"

SEGJOB_MUST_CHECK
bool sj_check_request(const struct segjob_create_request *r,
                      struct segjob_error *e);

/* Check that the job's ARN can be derived from a request, which is valid. */
SEGJOB_MUST_CHECK
bool sj_check_derivable(const struct segjob_create_request *r,
                        struct segjob_error *e);

/* Check an ARN of this service, which is required. */
SEGJOB_MUST_CHECK
bool sj_check_arn(struct segjob_str arn, enum segjob_field field,
                  struct segjob_error *e);

/* Check a configuration: for the service if `is_service`, else for a fetch. */
SEGJOB_MUST_CHECK
bool sj_check_config(const struct segjob_config *config, bool is_service,
                     struct segjob_error *e);

SEGJOB_MUST_CHECK
bool sj_check_credentials(const struct segjob_credentials *credentials,
                          struct segjob_error *e);

/* Check any other text, which may be absent. */
SEGJOB_MUST_CHECK
bool sj_check_text(struct segjob_str text, enum segjob_field field,
                   struct segjob_error *e);

#endif
