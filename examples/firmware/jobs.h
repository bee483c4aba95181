/*
 * segjob over lwIP, from a main loop.
 */
#ifndef FIRMWARE_JOBS_H
#define FIRMWARE_JOBS_H

#include "parameters.h"

/*
 * Create the jobs of the parameters. Network and clock are ready.
 *
 * Returns 0; or the exit status after reporting the failure on the console.
 */
int jobs_create(const struct parameters *p);

#endif
