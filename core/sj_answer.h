/*
 * What the body of an answer says.
 *
 * Each function reads `len` bytes at `buf`, the body, which is changed, and
 * uses the rest of the `cap` bytes there for tokens.
 */
#ifndef SJ_ANSWER_H
#define SJ_ANSWER_H

#include "segjob.h"

/*
 * Read the answer to CreateBatchSegmentJob. Returns the job's ARN, which then
 * stands at `buf`, or an absent span if the body holds no valid one.
 */
struct segjob_str sj_answer_arn(char *buf, size_t len, size_t cap);

/*
 * Read an error. `error->code` and `error->message` are found in the body, or
 * stay as they are: whatever a proxy answers is no failure.
 *
 * The code is what stands in `__type` or `code` before the first `:` and then
 * behind the first `#` (Smithy, AWS JSON 1.1, "Operation error serialization").
 */
void sj_answer_error(char *buf, size_t len, size_t cap,
                     struct segjob_error *error);

/* Bring an error's code, from wherever it was taken, to its bare name. */
struct segjob_str sj_answer_bare_code(struct segjob_str code);

/*
 * Rewrite `message`, which lies at `buf` or behind it in the same buffer, to
 * `buf` without secrets:
 *
 *   - it ends before the canonical string that a signature error quotes;
 *   - the session token becomes `***` wherever it stands (one of less than
 *     three bytes as many stars as it has);
 *   - a tag's key or value of four characters or more becomes `***` where it
 *     stands alone: neither side touches a character that a tag may hold, but
 *     blanks. Within an ARN it stays.
 *
 * Secrets that overlap become `***` together. `request` NULL has no tags.
 */
struct segjob_str sj_answer_clean(char *buf, struct segjob_str message,
                                  const struct segjob_create_request *request,
                                  struct segjob_str token);

#endif
