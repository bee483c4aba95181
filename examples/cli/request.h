/*
 * The parameters of the job: --cli-input-json, and the options over it.
 */
#ifndef CLI_REQUEST_H
#define CLI_REQUEST_H

#include "options.h"
#include "segjob.h"

/*
 * Set `*request`; what it points to is static, or in the arguments.
 *
 * Returns 0, or the exit code after reporting the failure.
 */
int request_read(const struct options *options,
                 struct segjob_create_request *request);

#endif
