/*
 * TCP over the BSD sockets API alone: the system's, or lwIP's socket layer. It
 * opens no files, resolves no names and has no clock: the platform does that.
 *
 * It raises no SIGPIPE, allocates nothing and keeps all state in its struct.
 */
#ifndef SEGJOB_SOCKETS_H
#define SEGJOB_SOCKETS_H

#include "segjob_connect.h"
#include "segjob_port.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A TCP stream over a non-blocking socket. Addresses are tried in turn, as
 * segjob_connect.h says.
 */
struct segjob_sockets_tcp {
    struct segjob_stream stream;
    struct segjob_platform *platform;
    int fd;                        /* -1: none */
    struct segjob_connect connect; /* while connecting */
    bool wants_write; /* whether the last call waits to write, else to read */
};

/*
 * Make a stream that is not open yet. `platform` is borrowed for as long as the
 * stream is used. Only its `monotonic_ms` is called, first by the stream's
 * `open`.
 */
void segjob_sockets_tcp_init(struct segjob_sockets_tcp *tcp,
                             struct segjob_platform *platform);

/*
 * What a platform's `wait` is to do: sleep until the socket of `tcp` is as
 * `wants` says, or until `wants->wake_ms`. It may return early.
 */
void segjob_sockets_wait(const struct segjob_sockets_tcp *tcp,
                         const struct segjob_wants *wants);

#ifdef __cplusplus
}
#endif

#endif
