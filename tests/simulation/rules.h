/*
 * The rules that every operation holds, whatever happens: PROTOCOL's figures,
 * and the truth of what it tells. They are seen from outside: from the bytes
 * that leave, the answers that come, the times, and the service's jobs.
 */
#ifndef SJ_SIMULATION_RULES_H
#define SJ_SIMULATION_RULES_H

#include "device.h"

/* Begin with room for operations up to this number. */
void rules_begin(long operations);

/* One step of the runner is done, which found `before` wanted. */
void rules_step(struct device *d, enum segjob_want before);

/* The operation was taken on, or refused at once. */
void rules_taken_on(struct device *d, enum segjob_status status);

/* Nothing is under way any more: what was told must still be true. */
void rules_finish(void);

#endif
