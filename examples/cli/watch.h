/*
 * What the command adds to a port while an operation runs: signals that tell
 * the truth, a limit for the name resolution that blocks, and --debug.
 */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include <stdint.h>

#include "segjob_port.h"

/*
 * From now on SIGHUP, SIGINT (Ctrl-C) and SIGTERM end the program at once, but
 * tell before what is known of the job; a second one tells nothing. What was
 * ignored when the program began (by nohup, or in the background of a shell)
 * stays so. SIGPIPE and SIGXFSZ no longer end it: the write that fails tells.
 */
void watch_signals(void);

/* What is told of the job from now on: words at the end of a line, or "". */
void watch_job(const char *words);

/* Put a watching stream and resolver into `port`. */
void watch_begin(struct segjob_port *port);

/*
 * From now on name resolution that goes on at `deadline_ms`, by now_ms(), ends
 * the program with its failure told.
 */
void watch_deadline(uint64_t deadline_ms);

#endif
