/*
 * `segjob create`.
 */
#ifndef CLI_CREATE_H
#define CLI_CREATE_H

#include "session.h"

/* Create the job, or show the request. Returns the exit code. */
int create(struct session *s, const struct options *options);

#endif
