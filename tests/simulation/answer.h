/*
 * An answer as bytes.
 */
#ifndef SJ_SIMULATION_ANSWER_H
#define SJ_SIMULATION_ANSWER_H

#include "network.h"

/* How it is written. */
struct manner {
    enum fault fault;
    unsigned variant;
};

/*
 * Turn what the service answers into what the fault makes of it. Before the
 * service is asked, `*reply` is empty: returns true if it need not be.
 */
bool answer_instead(const struct manner *m, struct reply *reply);
void answer_spoil(const struct manner *m, struct reply *reply);

/*
 * Write the answer to the request at hand into the link's `out`, and what it
 * advises and how it ends into the link.
 */
void answer_write(struct link *l, const struct manner *m,
                  const struct reply *reply);

#endif
