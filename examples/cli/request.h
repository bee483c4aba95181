/*
 * The parameters of the job: --cli-input-json, and the options over it.
 */
#ifndef CLI_REQUEST_H
#define CLI_REQUEST_H

#include "options.h"
#include "segjob.h"

/*
 * Fill `request`; what it points to lives as long as the program.
 *
 * Returns 0, or the exit code after the failure was told.
 */
int request_read(const struct options *options,
                 struct segjob_create_request *request);

#endif
