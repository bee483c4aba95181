/*
 * What the library says of a member, with the option that sets it before it,
 * such as `--job-name (jobName): is required`.
 */
#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H

#include "options.h"
#include "segjob.h"

/*
 * Write segjob_explain()'s line. An option is named if it was given, or if the
 * member is missing.
 */
void explain(const struct segjob_client *client, const struct options *options,
             char *buf, size_t cap);

/* Tell all required parameters that are missing: 0, or the exit code. */
int explain_missing(const struct segjob_create_request *request);

#endif
