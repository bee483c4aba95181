/*
 * What the command adds to a port while an operation runs: Ctrl-C that tells
 * the truth, a limit for the name resolution that blocks, and --debug.
 */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include <stdint.h>

#include "segjob_port.h"

/*
 * From now on Ctrl-C ends the program at once with 130, and SIGPIPE no longer
 * does. What was ignored when the program began (a job in the background of a
 * shell) stays so.
 */
void watch_signals(void);

/* What is known of the job now, for who is interrupted. */
void watch_outcome(enum segjob_outcome now);

/*
 * The job was made, and this is its ARN. Returns the words that say so, as they
 * end a line.
 */
const char *watch_made(struct segjob_str arn);

/* Put a watching stream and resolver into `port`. */
void watch_begin(struct segjob_port *port);

/*
 * From now on name resolution that goes on at `deadline_ms`, by now_ms(), ends
 * the program with its failure told.
 */
void watch_deadline(uint64_t deadline_ms);

#endif
