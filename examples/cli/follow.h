/*
 * `segjob describe`, `segjob list` and `segjob wait`.
 */
#ifndef CLI_FOLLOW_H
#define CLI_FOLLOW_H

#include "session.h"

/* Do one of them. Returns the exit code. */
int follow(struct session *s, const struct options *options);

/*
 * Wait for the job with this ARN, in a session that has run an operation, and
 * report its status meanwhile. segjob_get_job() returns it afterwards, failed
 * or not.
 *
 * Returns 0, or the exit code after reporting the failure.
 */
int follow_wait(struct session *s, struct segjob_str arn);

/* Whether the job has failed. */
bool follow_failed(const struct segjob_job *job);

/*
 * Report that the job has failed, followed by `more` and the ARN of a job that
 * was created. Returns the exit code.
 */
int follow_fail(const struct session *s, const struct segjob_job *job,
                const char *more);

#endif
