/*
 * Failures of the library, with the option that sets the member, such as
 * `--job-name (jobName): is required`.
 */
#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H

#include "options.h"
#include "segjob_run.h"

/*
 * Write segjob_run_explain()'s line. An option is named if it was given, or if
 * the member is missing.
 */
void explain(const struct segjob_client *client, const struct segjob_port *port,
             const struct options *options, char *buf, size_t cap);

/* Report all required parameters that are missing: 0, or the exit code. */
int explain_missing(const struct options *options,
                    const struct segjob_create_request *request);

#endif
