/*
 * The progress of a wait, on standard error: on a terminal one line that is
 * updated, elsewhere a line for each change.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdint.h>

#include "session.h"

/* The wait begins now. */
void progress_begin(void);

/* Report a new status of the job; a look_on. */
uint64_t progress_look(struct session *s);

#endif
