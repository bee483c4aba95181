/*
 * `segjob create`.
 */
#ifndef CLI_CREATE_H
#define CLI_CREATE_H

#include "options.h"

/* Create the job, or show the request. Returns the exit code. */
int create(const struct options *options);

#endif
