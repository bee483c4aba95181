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

#define SEGJOB_FETCH_HEADERS 5u

/*
 * A request to a source of credentials. The path is the concatenation of the
 * parts in `path`, of visible ASCII, and starts with '/'; unused parts are
 * absent. The headers end with the first without a name. The body may be
 * absent. `secret`, if it is not empty, is replaced in error messages by `***`.
 */
struct segjob_fetch_request {
    const char *method; /* "GET", "PUT" or "POST" */
    struct segjob_str path[3];
    struct segjob_header headers[SEGJOB_FETCH_HEADERS];
    struct segjob_str body;
    struct segjob_str secret;
};

/*
 * Start an operation that sends this request once, as it is. It wants no
 * credentials, and the configuration needs no region if it has a host.
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
 * Return the body of the response if segjob_fetch() ended as SEGJOB_OK, which
 * means HTTP status 200 or 201; or as SEGJOB_SERVICE, with a body that fits in
 * the buffer and is not JSON with a message. Else an absent text. Valid until
 * the next call that changes the client.
 */
struct segjob_str segjob_fetched(const struct segjob_client *c);

/*
 * After SEGJOB_SERVICE: set the error that the caller has read from a body that
 * is not JSON. Both texts are in the body, or absent. `secret` is replaced in
 * the message. Do not call segjob_fetched() afterwards.
 */
void segjob_fetch_set_error(struct segjob_client *c, struct segjob_str code,
                            struct segjob_str message,
                            struct segjob_str secret);

/* What SEGJOB_SERVICE means for the next request. */
enum segjob_fetch_error {
    SEGJOB_FETCH_FINAL,     /* the same request would fail again */
    SEGJOB_FETCH_TRANSIENT, /* it may succeed later */
    SEGJOB_FETCH_EXPIRED,   /* its credentials have expired */
    SEGJOB_FETCH_SKEWED     /* its date may be wrong, if it is signed */
};

/* Classify the error by HTTP status and code, as AWS's SDKs do. */
enum segjob_fetch_error segjob_fetch_classify(const struct segjob_client *c);

/*
 * Set `*clock_skew_s` to the service's clock minus the device's, in seconds, by
 * the Date of the response. Returns false if there is none that can be right.
 */
bool segjob_fetched_clock_skew(const struct segjob_client *c,
                               int64_t *clock_skew_s);

/*
 * Write the name of the host of another service in a region, such as
 * sts.eu-west-1.amazonaws.com: `service`, then what follows from region, FIPS
 * and dual-stack in `config`. Its `host` is ignored. `host` is NUL-terminated;
 * what does not fit is cut. Source: the services' endpoint rule sets.
 */
void segjob_write_host(const struct segjob_config *config, const char *service,
                       char *host, size_t cap);

/* The JSON in which a source returns credentials. */
enum segjob_credentials_format {
    SEGJOB_FORMAT_IOT,       /* {"credentials": {"accessKeyId": ...}} */
    SEGJOB_FORMAT_CONTAINER, /* {"AccessKeyId": ..., "Token": ...}; EC2 too */
    SEGJOB_FORMAT_PROCESS,   /* {"Version": 1, ... "SessionToken": ...} */
    SEGJOB_FORMAT_ANYWHERE,  /* {"credentialSet": [{"credentials": ...}]} */
    SEGJOB_FORMAT_SSO        /* {"roleCredentials": ...}, in milliseconds */
};

/*
 * Read credentials from the first `len` bytes of the buffer that segjob_init()
 * got: the body that was fetched, or what the caller has put there. The rest of
 * the buffer is used to parse it. `*expiration` is in Unix seconds. The session
 * token is optional, and so is the expiration, except SSO's; without one it is
 * set to INT64_MAX.
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

/*
 * Check credentials that the caller has read otherwise, and read their
 * expiration, in RFC 3339 or absent, as above.
 *
 * Returns SEGJOB_OK, or SEGJOB_PROTOCOL; see segjob_get_error().
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_check_credentials(
    struct segjob_client *c, const struct segjob_credentials *credentials,
    struct segjob_str expiration_text, int64_t *expiration);

/*
 * Set `*expiration`, in Unix seconds, to a time in RFC 3339; or to INT64_MAX if
 * the text is absent. Returns false if it is neither.
 */
SEGJOB_MUST_CHECK
bool segjob_read_expiration(struct segjob_str text, int64_t *expiration);

#ifdef __cplusplus
}
#endif

#endif
