/*
 * A session: what every command needs to have an operation done, and how it
 * goes from the options to the operation's end.
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "config.h"
#include "keys.h"
#include "options.h"
#include "output.h"
#include "segjob_posix.h"

/*
 * Bytes for request and answer. The least is enough for all but many tags or
 * a long token; a greater need is told by the library and given, as far as
 * the greatest, which holds 200 tags of four-byte characters and a token of
 * half a megabyte.
 */
#define SESSION_WORK_MIN ((size_t)32 * 1024)
#define SESSION_WORK_MAX ((size_t)1024 * 1024)

struct session {
    const struct options *options;
    struct config config;
    struct keys keys;
    struct segjob_client client;
    struct segjob_posix posix;
    bool has_port;
    uint64_t deadline_ms;
    const char *maybe; /* said of a failure if the job may exist */
    const char *made;  /* said of a failure after the creation; or "" */
    bool polls;        /* it pauses between two looks, not two attempts */
    const char *proxy; /* "HOST:PORT"; or "" */
    char peer[640];    /* "HOST:PORT", with the proxy's behind it */
    char work[SESSION_WORK_MAX];
};

/* Takes an operation on, such as segjob_create() with what it is given. */
typedef enum segjob_status take_on(struct segjob_client *client,
                                   const void *given);

/*
 * Read the configuration, have the operation judged before the credentials (who
 * has a typing error should not have to find a key first), and give it those.
 * It has `timeout_ms` from now on.
 *
 * Returns 0, or the exit code after the failure was told.
 */
int session_begin(struct session *s, const struct options *options,
                  take_on *begins, const void *given, uint32_t timeout_ms);

/* The one session of the program, empty. */
struct session *session_new(void);

/* Print the bytes that would be sent. Returns the exit code. */
int session_dry_run(struct session *s);

/*
 * Called after each step of an operation; returns when to be called again at
 * the latest, by the monotonic clock.
 */
typedef uint64_t look_on(struct session *s);

/*
 * Do the operation that was taken on; `looks` may be NULL.
 *
 * Returns 0, or the exit code after the failure was told.
 */
int session_run(struct session *s, look_on *looks);

/* The creation was done: from now on each failure ends with the job's ARN. */
void session_made(struct session *s);

/* Tell why the operation failed: the service's words, or the port's. */
int session_fail(const struct session *s);

/* End the session, and write its answer. Returns the exit code. */
int session_end(struct session *s, int code);

#endif
