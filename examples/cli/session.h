/*
 * A session: what every command needs to run an operation, from the options to
 * the operation's end.
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "config.h"
#include "credentials.h"
#include "options.h"
#include "output.h"
#include "segjob_posix.h"

/*
 * Bytes for request and response. The minimum is enough unless tags are many or
 * the token is long; the library says if more are needed. The maximum is enough
 * for 200 tags of four-byte characters and a token of half a megabyte.
 */
#define SESSION_WORK_MIN ((size_t)32 * 1024)
#define SESSION_WORK_MAX ((size_t)1024 * 1024)

struct session {
    const struct options *options;
    struct config config;
    struct segjob_chain chain; /* of the credentials */
    struct segjob_client client;
    struct segjob_posix posix;
    bool has_port;
    uint64_t deadline_ms;
    const char *maybe; /* appended to a failure if the job may exist */
    const char *made;  /* appended to a failure after the creation; or "" */
    unsigned retries;  /* of this run */
    bool polls;        /* it pauses between two looks, not two attempts */
    const char *proxy; /* "HOST:PORT"; or "" */
    char peer[640];    /* "HOST:PORT", followed by the proxy's */
    char work[SESSION_WORK_MAX];
};

/* Start an operation, such as segjob_create() with what it is given. */
typedef enum segjob_status start_operation(struct segjob_client *client,
                                           const void *given);

/*
 * Read the configuration.
 *
 * Returns 0, or the exit code after reporting the failure.
 */
int session_configure(struct session *s, const struct options *options);

/*
 * Read the configuration, start the operation, and then find the credentials
 * and pass them on: an error in the parameters is reported first. The operation
 * ends in `timeout_ms` from now.
 *
 * Returns 0, or the exit code after reporting the failure.
 */
int session_begin(struct session *s, const struct options *options,
                  start_operation *start, const void *given,
                  uint32_t timeout_ms);

/* The one session of the program, empty. */
struct session *session_new(void);

/* Print the bytes that would be sent. Returns the exit code. */
int session_dry_run(struct session *s);

/*
 * Called after each step of an operation. Returns when to call it again at the
 * latest, by the monotonic clock.
 */
typedef uint64_t look_on(struct session *s);

/*
 * Run the operation that was started; `looks` may be NULL.
 *
 * Returns 0, or the exit code after reporting the failure.
 */
int session_run(struct session *s, look_on *looks);

/* The job was created: from now on each failure ends with its ARN. */
void session_made(struct session *s);

/* Report why the operation failed. Returns the exit code. */
int session_fail(const struct session *s);

/* End the session, and write its output. Returns the exit code. */
int session_end(struct session *s, int code);

#endif
