/*
 * A response as bytes.
 */
#ifndef SJ_SIMULATION_RESPONSE_H
#define SJ_SIMULATION_RESPONSE_H

#include "network.h"

/* How it is written. */
struct manner {
    enum fault fault;
    unsigned variant;
};

/*
 * Apply a fault to the service's reply. response_instead() comes first, with
 * `*reply` empty: it returns true if the fault keeps the request from the
 * service.
 */
bool response_instead(const struct manner *m, struct reply *reply);
void response_spoil(const struct manner *m, struct reply *reply);

/*
 * Write the response to the link's request into its `out`, and set the link's
 * advice, lengths and how the connection ends.
 */
void response_write(struct link *l, const struct manner *m,
                    const struct reply *reply);

#endif
