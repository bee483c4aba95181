/*
 * The runner: does what a client wants, over a port.
 *
 * segjob_step() is for event loops and bare metal, segjob_run() for programs
 * that may block.
 *
 * Both connect to ::1 and then 127.0.0.1 for `localhost` and the names below it
 * (RFC 6761 section 6.3), and read addresses themselves: the platform resolves
 * other names only. A client without TLS (segjob_is_plain()) needs one of these
 * as its host, else the operation ends as SEGJOB_CONFIG; no proxy is used then.
 *
 * In an event loop, call segjob_get_wants() after each segjob_step(), and wait
 * for the port's descriptor (segjob_posix_descriptor()) and the time that it
 * returns. segjob_step(), segjob_run(), segjob_disconnect() and the port's own
 * functions may close the descriptor and open another one, perhaps with the
 * same number. So ask for it after each of these calls, and set the events to
 * wait for again. epoll and kqueue drop a closed descriptor by themselves: with
 * epoll, call EPOLL_CTL_MOD, and if that fails with ENOENT, EPOLL_CTL_ADD.
 * Other sets keep it: remove it before the call.
 */
#ifndef SEGJOB_RUN_H
#define SEGJOB_RUN_H

#include "segjob_port.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Milliseconds that a connection is kept for the same client's next operation,
 * if the service allows it. A connection that is idle for longer may be dead
 * without a sign of it.
 */
#define SEGJOB_IDLE_MS 20000u

/*
 * Do one thing that the client wants, without blocking (except in a resolver
 * that blocks, as POSIX's does).
 *
 * segjob_set_deadline() limits the operation, by the platform's monotonic
 * clock. To end it before, call segjob_cancel() from where this function is
 * called, and step on until the status is not SEGJOB_PENDING: that closes the
 * connection.
 *
 * When nothing is wanted, it closes a kept connection if the service closed it,
 * or after SEGJOB_IDLE_MS. Without such calls the next operation does that.
 *
 * Returns segjob_get_status(). While that is SEGJOB_PENDING, segjob_get_wants()
 * says when to call again. If the port failed, `port->error` says why.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_step(struct segjob_client *c,
                               struct segjob_port *port);

/*
 * What the last step waits for, for event loops. After the end of the operation
 * that is the end of a kept connection, or nothing.
 */
struct segjob_wants segjob_get_wants(const struct segjob_client *c,
                                     const struct segjob_port *port);

/*
 * Step until the operation that was just started ends, at the latest in
 * `timeout_ms` milliseconds: the deadline of segjob_set_deadline(). Sleeps in
 * the platform's `wait` between two steps. A resolver that blocks can make it
 * return later, but nothing is sent then.
 *
 * Returns the operation's status, never SEGJOB_PENDING:
 *   SEGJOB_CLOCK   also if the monotonic clock failed
 *   SEGJOB_MISUSE  also if the operation was stepped before and has its
 *                  credentials: it stays in progress, unchanged. Continue with
 *                  segjob_step(). Debug builds assert.
 * If no operation is in progress, or segjob_cancel() ended it, it returns the
 * status of the last one, and sends nothing.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_run(struct segjob_client *c, struct segjob_port *port,
                              uint32_t timeout_ms);

/*
 * Write one line about how the operation failed into `buf`: segjob_explain()'s
 * line and, if the port failed, `message` and `code` of `port->error`:
 *   cannot connect: Connection refused (111)
 * It contains no secret. NUL-terminated if `cap` is not 0.
 *
 * Returns the length of the whole line in bytes without the NUL; the line was
 * cut if that is `cap` or more.
 */
size_t segjob_run_explain(const struct segjob_client *c,
                          const struct segjob_port *port, char *buf,
                          size_t cap);

/*
 * Close a kept connection: before the device sleeps, or before the client or
 * the stream is given up. Do not call it while an operation is in progress.
 */
void segjob_disconnect(struct segjob_port *port);

/*
 * Whether a connection to `host` stays on this device: `localhost` or a name
 * below it, an address in 127.0.0.0/8, or ::1. Not an IPv4 address inside an
 * IPv6 one (::ffff:127.0.0.1): some stacks send that to a router.
 */
bool segjob_is_loopback(struct segjob_str host);

#ifdef __cplusplus
}
#endif

#endif
