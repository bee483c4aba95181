/*
 * What the command adds to a port while an operation runs: signal handlers that
 * report whether the job exists, a limit for blocking name resolution, and
 * --debug.
 */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include <stdint.h>

#include "segjob_port.h"

/*
 * From now on SIGHUP, SIGINT (Ctrl-C) and SIGTERM end the program at once,
 * after a line that says what is known about the job, unless that is being
 * written.
 * Signals that were ignored when the program began (by nohup, or in the
 * background of a shell) stay ignored. SIGPIPE and SIGXFSZ do not end it: the
 * write fails instead.
 */
void watch_signals(void);

/* What that line says about the job from now on: its end, or "". */
void watch_job(const char *message);

/* Replace the stream and resolver of `port` by watching ones. */
void watch_begin(struct segjob_port *port);

/*
 * From now on name resolution that lasts until `deadline_ms`, by now_ms(), ends
 * the program after reporting that.
 */
void watch_deadline(uint64_t deadline_ms);

#endif
