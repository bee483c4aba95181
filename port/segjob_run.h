/*
 * The runner: does what a client wants, over a port.
 *
 * segjob_step() is for event loops and bare metal, segjob_run() for programs
 * that may wait.
 *
 * Both connect to ::1 and then 127.0.0.1 for `localhost` and the names below it
 * (RFC 6761 section 6.3), and to an address for itself: the platform resolves
 * other names only. They fail with SEGJOB_CONFIG if a client that wants no TLS
 * (segjob_is_plain()) has another name for its host, and connect such a client
 * to the host itself, whatever proxy its stream has.
 */
#ifndef SEGJOB_RUN_H
#define SEGJOB_RUN_H

#include "segjob_port.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A connection is kept for the same client's next operation if the service
 * lets it, for at most this long: an idle one may die without a sign of it.
 */
#define SEGJOB_IDLE_MS 20000u

/*
 * Do one thing that the client wants, without waiting for anything (a resolver
 * that blocks, as POSIX's, excepted).
 *
 * It has as long as segjob_set_deadline() gives it, by the platform's monotonic
 * clock. To give up before, call segjob_cancel() from where this is called, and
 * step on until the operation has ended: that closes the connection.
 *
 * When nothing is wanted, a kept connection is looked after: it is closed when
 * the service closes it, or after SEGJOB_IDLE_MS. Who does not call then finds
 * that out at the next operation.
 *
 * Returns segjob_status(): SEGJOB_PENDING as long as there is more to do. Then
 * segjob_wants() tells when to call again. If the port failed, `port->fault`
 * says why.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_step(struct segjob_client *c,
                               struct segjob_port *port);

/*
 * What the last step waits for; for event loops. Once the operation has ended
 * that is the end of a kept connection, or nothing.
 */
struct segjob_wants segjob_wants(const struct segjob_client *c,
                                 const struct segjob_port *port);

/*
 * Step until the operation ends, with a deadline in `timeout_ms` milliseconds,
 * as segjob_set_deadline() has it. The platform's `wait` sleeps in between. A
 * resolver that blocks can make it return later, but nothing is sent then.
 *
 * Returns the operation's status, never SEGJOB_PENDING; SEGJOB_CLOCK also if
 * the monotonic clock failed.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_run(struct segjob_client *c, struct segjob_port *port,
                              uint32_t timeout_ms);

/*
 * Close a connection that is kept, as before a device sleeps, or the client or
 * the stream goes. Not while an operation is going on.
 */
void segjob_disconnect(struct segjob_port *port);

/*
 * Tell whether a connection to `host` stays on this device: `localhost` or a
 * name below it, an address in 127.0.0.0/8, or ::1. An IPv4 address inside an
 * IPv6 one (::ffff:127.0.0.1) does not: some stacks send that to a router.
 */
bool segjob_is_loopback(struct segjob_str host);

#ifdef __cplusplus
}
#endif

#endif
