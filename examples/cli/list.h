/*
 * List jobs: all pages, or as many items as the AWS CLI's options ask for.
 */
#ifndef CLI_LIST_H
#define CLI_LIST_H

#include "session.h"

/* List, and write the result. Returns 0, or the exit code. */
int list(struct session *s, const struct options *options);

#endif
