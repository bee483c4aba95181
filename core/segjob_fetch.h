/*
 * Fetch a document over HTTP with a client. Only sources of credentials, as in
 * port/credentials, need this.
 */
#ifndef SEGJOB_FETCH_H
#define SEGJOB_FETCH_H

#include "segjob.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A header field, none if `name` is NULL. `value`: visible ASCII and spaces. */
struct segjob_header {
    const char *name;
    struct segjob_str value;
};

/*
 * A request to a source of credentials. The path is the concatenation of the
 * parts in `path`, of visible ASCII, and starts with '/'; unused parts are
 * absent. Header values are treated as secrets.
 */
struct segjob_fetch_request {
    const char *method; /* "GET", or "PUT" without a body */
    struct segjob_str path[3];
    struct segjob_header headers[2];
};

/*
 * Start an operation that sends this request once, without a signature. It
 * wants no credentials, and the configuration needs no region if it has a host.
 * `request` and all it points to are borrowed until the operation ends, which
 * is at most `timeout_ms` after `now_ms`, on the clock of segjob_tick().
 *
 * Returns
 *   SEGJOB_PENDING   started: segjob_get_want() says what is next
 *   SEGJOB_INVALID   the path or a header breaks a rule; see segjob_get_error()
 *   SEGJOB_CONFIG    segjob_init() rejected the configuration
 *   SEGJOB_NO_SPACE  the buffer is too small
 *   SEGJOB_MISUSE    an operation is in progress
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_fetch(struct segjob_client *c,
                                const struct segjob_fetch_request *request,
                                uint64_t now_ms, uint32_t timeout_ms);

/*
 * Return the body of the response if segjob_fetch() ended as SEGJOB_OK; else an
 * absent text. Valid until the next call that changes the client.
 */
struct segjob_str segjob_fetched(const struct segjob_client *c);

/* The JSON in which a source returns credentials. */
enum segjob_credentials_format {
    SEGJOB_FORMAT_IOT,       /* {"credentials": {"accessKeyId": ...}} */
    SEGJOB_FORMAT_CONTAINER, /* {"AccessKeyId": ..., "Token": ...}; EC2 too */
    SEGJOB_FORMAT_PROCESS    /* {"Version": 1, ... "SessionToken": ...} */
};

/*
 * Read credentials from the first `len` bytes of the buffer that segjob_init()
 * got: the body that was fetched, or what the caller has put there. The rest of
 * the buffer is used to parse it. `*expiration` is in Unix seconds. The session
 * token is optional, and so is the expiration, which is then set to INT64_MAX.
 * The expiration may be in the past: EC2 returns such credentials while AWS
 * cannot issue new ones, and AWS's services accept them. The spans are valid as
 * long as that of segjob_fetched().
 *
 * Returns
 *   SEGJOB_OK        `credentials` and `*expiration` are set
 *   SEGJOB_SERVICE   it is an error of the source; see segjob_get_error()
 *   SEGJOB_PROTOCOL  it is not JSON, or a member is missing or invalid; see
 *                    segjob_get_error()
 *   SEGJOB_NO_SPACE  the buffer is too small to parse it
 *   SEGJOB_MISUSE    an operation is in progress, or the buffer has less bytes
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_read_credentials(
    struct segjob_client *c, size_t len, enum segjob_credentials_format format,
    struct segjob_credentials *credentials, int64_t *expiration);

#ifdef __cplusplus
}
#endif

#endif
