/*
 * Connect to the addresses of a host in turn. The `open` of a TCP stream makes
 * the attempts; this says which address is next, how long it may take, and
 * which failure to report once all have failed.
 */
#ifndef SEGJOB_CONNECT_H
#define SEGJOB_CONNECT_H

#include "segjob_port.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Why an attempt failed. A later value says more about the host. */
enum segjob_connect_failure {
    SEGJOB_CONNECT_NO_ADDRESS, /* none, or none that the system can use */
    SEGJOB_CONNECT_NO_ROUTE,   /* there is no route to the address */
    SEGJOB_CONNECT_NO_ANSWER   /* refused, timed out, or anything else */
};

/*
 * Assign {0} when the stream is made and when it is closed. Set `end_ms` to 0
 * once it is connected.
 */
struct segjob_connect {
    size_t next;     /* index of the address to try next */
    uint64_t end_ms; /* when the attempt in progress ends; 0: no limit */
    enum segjob_connect_failure failure; /* the one to report */
};

/*
 * Milliseconds for each address but the last. The core allows 5 seconds for
 * all of them.
 */
#define SEGJOB_CONNECT_TRY_MS 2000u

/*
 * Return the address to try next, NULL after the last one. Each attempt but
 * the last may take SEGJOB_CONNECT_TRY_MS from `now_ms` on, the monotonic
 * clock; the last one has no limit of its own.
 */
const struct segjob_address *segjob_connect_next(struct segjob_connect *c,
                                                 const struct segjob_peer *peer,
                                                 uint64_t now_ms);

/* Whether the attempt in progress has used up its time. */
bool segjob_connect_expired(const struct segjob_connect *c, uint64_t now_ms);

/* Call it after each failure. Returns whether to report this one. */
bool segjob_connect_failed(struct segjob_connect *c,
                           enum segjob_connect_failure failure);

/* For the stream's `wants`: wake up when the attempt ends. */
void segjob_connect_wants(const struct segjob_connect *c,
                          struct segjob_wants *wants);

#ifdef __cplusplus
}
#endif

#endif
