/*
 * What is told on standard error while a job is waited for: on a terminal a
 * line that lives, elsewhere a line for each change.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdint.h>

#include "session.h"

/* The waiting begins now. */
void progress_begin(void);

/* Tell how the job is, if there is something to tell; a look_on. */
uint64_t progress_look(struct session *s);

#endif
