/*
 * The rules that every operation follows: limits and figures, and that what it
 * reports is true. They are checked from outside: from the bytes sent, the
 * responses, the times, and the service's jobs.
 */
#ifndef SJ_SIMULATION_RULES_H
#define SJ_SIMULATION_RULES_H

#include "device.h"

/* Begin with room for operations up to this number. */
void rules_begin(long operations);

/* An attempt begins: the client wants credentials, by `force_refresh` others
 * than before. */
void rules_attempt(struct device *d, bool force_refresh);

/* The runner took a step; `before` was wanted before it. */
void rules_step(struct device *d, enum segjob_want before);

/* The operation started, or was rejected at once. */
void rules_started(struct device *d, enum segjob_status status);

/* Nothing is under way any more: what was reported must still be true. */
void rules_finish(void);

#endif
