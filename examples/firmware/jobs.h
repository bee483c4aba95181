/*
 * What the device is for: segjob over lwIP, from a main loop.
 */
#ifndef FIRMWARE_JOBS_H
#define FIRMWARE_JOBS_H

#include "parameters.h"

/*
 * Create the jobs that the parameters tell; the network and the clock are up.
 *
 * Returns 0; or the exit status, after the failure was told on the console.
 */
int jobs_create(const struct parameters *p);

#endif
