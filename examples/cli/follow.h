/*
 * `segjob describe`, `segjob list` and `segjob wait`.
 */
#ifndef CLI_FOLLOW_H
#define CLI_FOLLOW_H

#include "session.h"

/* Do one of them. Returns the exit code. */
int follow(struct session *s, const struct options *options);

/*
 * Wait for the job with this ARN, over a session that has done an operation,
 * and tell meanwhile how it is. segjob_job() then tells of it, failed or not.
 *
 * Returns 0, or the exit code after the failure was told.
 */
int follow_wait(struct session *s, struct segjob_str arn);

/*
 * Whether the job has failed; and tell so, with what it means, `more`, and the
 * ARN of a job that was made. Returns the exit code.
 */
bool follow_failed(const struct segjob_job *job);
int follow_fail(const struct session *s, const struct segjob_job *job,
                const char *more);

#endif
