/*
 * segjob: create Amazon Personalize batch segment jobs from small devices.
 *
 * This header is all that a user of the core reads. The core is a pure
 * machine: it does no I/O, owns no clock, no randomness and no memory, and
 * calls nothing back. A client says what it wants next, and whoever drives it
 * (port/segjob_run.h, or your own loop) gives it that:
 *
 *   segjob_init, segjob_create          the client takes the job on
 *   segjob_set_deadline                 how long it may try
 *   segjob_tick                         what time it is, before each ...
 *   segjob_want                         ... what it wants next
 *     SEGJOB_WANT_CREDENTIALS             segjob_set_credentials
 *     SEGJOB_WANT_CONNECTION              segjob_host, segjob_connected
 *     SEGJOB_WANT_SEND                    segjob_tx, segjob_sent
 *     SEGJOB_WANT_RECEIVE                 segjob_rx, segjob_received
 *     SEGJOB_WANT_CLOSE                   segjob_closed
 *     SEGJOB_WANT_RANDOM                  segjob_set_random
 *     SEGJOB_WANT_PAUSE                   nothing, until segjob_wake_ms
 *     SEGJOB_WANT_NOTHING                 it has ended: segjob_status;
 *                                         segjob_keeps_connection
 *
 * Text is a span of UTF-8 bytes and never assumed to end in NUL. `{0}` is a
 * valid beginning for every struct that a caller fills.
 *
 * A client has one user at a time: it holds no lock. Different clients share
 * nothing.
 */
#ifndef SEGJOB_H
#define SEGJOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SEGJOB_VERSION_MAJOR 0
#define SEGJOB_VERSION_MINOR 1
#define SEGJOB_VERSION_PATCH 0

#if defined(__GNUC__)
#define SEGJOB_MUST_CHECK __attribute__((warn_unused_result))
#else
#define SEGJOB_MUST_CHECK
#endif

/*
 * Text: `len` bytes at `ptr`, owned by whoever made it.
 *
 * `ptr` NULL means absent; `ptr` set and `len` 0 is present and empty.
 */
struct segjob_str {
    const char *ptr;
    size_t len;
};

/* Initializer of a span from a string literal. */
#define SEGJOB_STR(literal)            \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }

/* A span over a NUL-terminated string; NULL gives an absent one. */
static inline struct segjob_str segjob_str(const char *text)
{
    struct segjob_str s = {text, text == NULL ? 0 : strlen(text)};

    return s;
}

/* ------------------------------------------------------------- statuses */

/*
 * How an operation stands: 0 done, positive in progress, negative an error.
 *
 * Each row is the enumerator, its value, and its meaning in words.
 */
#define SEGJOB_STATUS_LIST(X)                                             \
    X(OK, 0, "done")                                                      \
    X(PENDING, 1, "in progress")                                          \
    X(INVALID, -1, "a parameter breaks a rule of the API")                \
    X(CONFIG, -2, "the configuration cannot be used")                     \
    X(NO_SPACE, -3, "the buffer is too small")                            \
    X(MISUSE, -4, "a function was called out of turn")                    \
    X(CLOCK, -5, "the clock cannot be right")                             \
    X(CRYPTO, -6, "the hash function failed")                             \
    X(RESOLVE, -7, "the host name cannot be resolved")                    \
    X(CONNECT, -8, "cannot connect")                                      \
    X(TLS, -9, "the TLS handshake failed")                                \
    X(CERTIFICATE, -10, "the certificate of the service was refused")     \
    X(CUT_OFF, -11, "the connection broke")                               \
    X(TIMEOUT, -12, "time ran out")                                       \
    X(CANCELLED, -13, "cancelled")                                        \
    X(PROTOCOL, -14, "the answer is not one that this service gives")     \
    X(REDIRECT, -15, "the answer is a redirect, which is never followed") \
    X(SERVICE, -16, "the service refused")                                \
    X(CONFLICT, -17, "another job has this name")                         \
    X(CREDENTIALS, -18, "there are no credentials")                       \
    X(SOURCE, -19, "the source of credentials failed")                    \
    X(PROXY, -20, "the proxy refused")

enum segjob_status {
#define SEGJOB_STATUS_ENUM(name, value, text) SEGJOB_##name = (value),
    SEGJOB_STATUS_LIST(SEGJOB_STATUS_ENUM)
#undef SEGJOB_STATUS_ENUM
};

/*
 * What became of the job, known for certain whatever the status is. That rests
 * on one assumption: no two jobs of an account and region have the same name.
 *
 *   SEGJOB_NOT_SENT  no byte of the request can have left
 *   SEGJOB_REFUSED   there is no job of this request, and none will come of it
 *   SEGJOB_MAYBE     the request may have arrived, or may yet: unknown
 *   SEGJOB_MADE      there is a job of this request
 */
enum segjob_outcome {
    SEGJOB_NOT_SENT,
    SEGJOB_REFUSED,
    SEGJOB_MAYBE,
    SEGJOB_MADE
};

/*
 * What can be wrong with a value, and where.
 *
 * Each row of the field list is the enumerator, the path as the API spells it
 * (`[]` stands for the tag's index), the least and the greatest length in
 * Unicode scalar values (for `tags`, in items), and the pattern it must match.
 * In tags, characters that Unicode had not assigned when this library was made
 * match as well: the service judges them.
 * Source: API reference, CreateBatchSegmentJob, S3DataConfig and Tag; from
 * `region` on the rows are this library's configuration and limits of its own,
 * but for the ARN that is asked for.
 */
#define SEGJOB_FIELD_LIST(X)                                                  \
    X(NONE, "", 0, 0, ANY)                                                    \
    X(JOB_NAME, "jobName", 1, 63, NAME)                                       \
    X(SOLUTION_VERSION_ARN, "solutionVersionArn", 0, 256, ARN)                \
    X(FILTER_ARN, "filterArn", 0, 256, ARN)                                   \
    X(ROLE_ARN, "roleArn", 0, 256, ROLE_ARN)                                  \
    X(INPUT_PATH, "jobInput.s3DataSource.path", 0, 256, PATH)                 \
    X(INPUT_KMS_KEY_ARN, "jobInput.s3DataSource.kmsKeyArn", 0, 2048, KMS_ARN) \
    X(OUTPUT_PATH, "jobOutput.s3DataDestination.path", 0, 256, PATH)          \
    X(OUTPUT_KMS_KEY_ARN, "jobOutput.s3DataDestination.kmsKeyArn", 0, 2048,   \
      KMS_ARN)                                                                \
    X(NUM_RESULTS, "numResults", 0, 0, ANY)                                   \
    X(TAGS, "tags", 0, 200, ANY)                                              \
    X(TAG_KEY, "tags[].tagKey", 1, 128, TAG)                                  \
    X(TAG_VALUE, "tags[].tagValue", 0, 256, TAG)                              \
    X(REGION, "region", 1, 63, LABEL)                                         \
    X(ENDPOINT, "endpoint", 1, 253, HOST)                                     \
    X(ACCESS_KEY_ID, "accessKeyId", 1, 128, KEY_ID)                           \
    X(SECRET_ACCESS_KEY, "secretAccessKey", 1, SIZE_MAX, VISIBLE)             \
    X(SESSION_TOKEN, "sessionToken", 1, SIZE_MAX, VISIBLE)                    \
    X(JOB_ARN, "batchSegmentJobArn", 0, 256, ARN)                             \
    X(FETCH_PATH, "path", 1, SIZE_MAX, VISIBLE)                               \
    X(FETCH_HEADER, "header", 0, SIZE_MAX, TEXT)                              \
    X(EXPIRATION, "expiration", 0, SIZE_MAX, DATE)

enum segjob_field {
#define SEGJOB_FIELD_ENUM(name, path, min, max, pattern) SEGJOB_FIELD_##name,
    SEGJOB_FIELD_LIST(SEGJOB_FIELD_ENUM)
#undef SEGJOB_FIELD_ENUM
};

enum segjob_rule {
    SEGJOB_RULE_NONE,
    SEGJOB_RULE_REQUIRED,     /* the field is absent */
    SEGJOB_RULE_UTF8,         /* ill-formed UTF-8 */
    SEGJOB_RULE_TOO_SHORT,    /* shorter than the list's least length */
    SEGJOB_RULE_TOO_LONG,     /* longer than the list's greatest length */
    SEGJOB_RULE_PATTERN,      /* the whole value does not match the pattern */
    SEGJOB_RULE_RESERVED,     /* begins with `aws:` */
    SEGJOB_RULE_DUPLICATE,    /* a tag key that stood before */
    SEGJOB_RULE_NO_JOB_ARN,   /* no job's ARN follows from it */
    SEGJOB_RULE_DIFFERS,      /* not as in the job that has this name */
    SEGJOB_RULE_NOT_LOOPBACK, /* without TLS, and not on this device */
    SEGJOB_RULE_NO_VARIANT    /* a given host has no FIPS or dual-stack form */
};

/*
 * What a status cannot say. Members that do not apply are zero.
 *
 * Spans point into the client or its buffer: they live until the next call
 * that changes the client. `code`, `message` and `request_id` are the
 * service's words. `message` may hold any character, control characters
 * included. It is cleaned of the session token, and of a tag's key or value of
 * four characters or more that is no part of a longer word or an ARN: `***` is
 * in their place.
 */
struct segjob_error {
    enum segjob_field field; /* the rejected field ... */
    enum segjob_rule rule;   /* ... and the rule it breaks */
    size_t tag;              /* for TAG_KEY and TAG_VALUE: the tag's index */
    size_t size_needed;      /* NO_SPACE: bytes the buffer must have */
    int http_status;         /* 0 if no status line was read */
    struct segjob_str code;
    struct segjob_str message;
    struct segjob_str request_id;
};

/* ------------------------------------------------------------- requests */

/* Where S3 data stands: `s3DataSource` or `s3DataDestination`. */
struct segjob_s3 {
    struct segjob_str path;        /* required */
    struct segjob_str kms_key_arn; /* optional */
};

struct segjob_tag {
    struct segjob_str key;   /* required */
    struct segjob_str value; /* required, may be empty */
};

/*
 * The parameters of CreateBatchSegmentJob. What is absent is left out.
 *
 * A path is a prefix for the service: let a folder end in `/`. The service's
 * default for `num_results` is 25; any number is sent as it is.
 */
struct segjob_create_request {
    struct segjob_str job_name;             /* required */
    struct segjob_str solution_version_arn; /* required */
    struct segjob_str filter_arn;
    struct segjob_str role_arn; /* required */
    struct segjob_s3 input;
    struct segjob_s3 output;
    bool has_num_results; /* `num_results` is sent only if true */
    int32_t num_results;
    const struct segjob_tag *tags; /* NULL: no `tags` member */
    size_t tags_len;
};

/*
 * A job as the service tells of it. What it does not tell is absent; the list
 * tells of fewer members than the description. Times are milliseconds since
 * 1970, 0 if absent.
 *
 * `status` is one of PENDING, IN PROGRESS, ACTIVE and CREATE FAILED, or another
 * word, which means that the job is still running.
 */
struct segjob_job {
    struct segjob_str job_name;
    struct segjob_str solution_version_arn;
    struct segjob_str filter_arn;
    struct segjob_str role_arn;
    struct segjob_s3 input;
    struct segjob_s3 output;
    struct segjob_str batch_segment_job_arn;
    struct segjob_str status;
    struct segjob_str failure_reason;
    bool has_num_results;
    int32_t num_results;
    int64_t creation_ms;
    int64_t last_updated_ms;
};

/*
 * Keys that sign a request. `session_token` is absent for long-lived keys and
 * may have any length.
 */
struct segjob_credentials {
    struct segjob_str access_key_id;
    struct segjob_str secret_access_key;
    struct segjob_str session_token;
};

/*
 * Where the service is.
 *
 * `region` is required, but for segjob_fetch(). With `host` absent the host
 * follows from it, by AWS's rules: then `fips` and `dual_stack` choose the
 * FIPS 140 endpoint, and the one that has IPv6 addresses too. `host` is a DNS
 * name, or an IPv4 or IPv6 address, the latter without brackets and zone.
 * `port` 0 means 443, or 80 if `plain`.
 *
 * `plain` stands for HTTP without TLS: the service is taken so on loopback
 * only (127.0.0.1, ::1, localhost and names below it), where it is a test's.
 * A transport knows the addresses of such a host (::1 and 127.0.0.1, RFC 6761
 * section 6.3) without a resolver, which could send the request anywhere;
 * segjob_run.h does.
 */
struct segjob_config {
    struct segjob_str region;
    struct segjob_str host;
    uint16_t port;
    bool plain;
    bool fips;
    bool dual_stack;
};

/* --------------------------------------------------------------- client */

struct segjob_client;

/* The least buffer for an answer, in bytes; the request may need more. */
#define SEGJOB_ANSWER_MIN 1024u

/*
 * Prepare a client that works in `cap` bytes at `buf`.
 *
 * The buffer holds the request and then the answer, and belongs to the client
 * until segjob_wipe(). 4096 bytes serve all but long tokens and many tags; a
 * status tells how many are needed. `config`'s spans are borrowed for as long.
 *
 * Returns
 *   SEGJOB_OK      ready for segjob_create()
 *   SEGJOB_CONFIG  region, host or flags are refused; segjob_error() tells
 *                  which and why
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_init(struct segjob_client *c,
                               const struct segjob_config *config, void *buf,
                               size_t cap);

/*
 * Take on the creation of a job; nothing is sent yet.
 *
 * `request` with all it points to is borrowed until the operation ends. An
 * operation that has ended, well or not, may be followed by another.
 *
 * Returns
 *   SEGJOB_PENDING  go on: ask segjob_want() what is next
 *   SEGJOB_INVALID  a field breaks a rule; segjob_error() tells which
 *   SEGJOB_CONFIG   segjob_init() has refused the configuration
 *   SEGJOB_MISUSE   an operation is going on
 */
enum segjob_status segjob_create(struct segjob_client *c,
                                 const struct segjob_create_request *request);

/*
 * As segjob_create(), unless the job exists already: a job of this name with
 * these parameters is a success whoever made it, however long ago, so that a
 * device that lost its power may simply ask again. The parameters that the
 * service tells of are compared; tags are not among them. segjob_job() then
 * tells of the job: one that has failed keeps its name for ever.
 *
 * A solution version's ARN from which no job's ARN follows is SEGJOB_INVALID.
 * Without a deadline there is no look at the job: a name that is taken then
 * ends as SEGJOB_SERVICE with the outcome SEGJOB_MAYBE.
 */
enum segjob_status segjob_ensure(struct segjob_client *c,
                                 const struct segjob_create_request *request);

/*
 * Take on the description of the job with this ARN, which is borrowed until
 * the operation ends; segjob_job() then tells of it.
 *
 * Returns as segjob_create() does.
 */
enum segjob_status segjob_describe(struct segjob_client *c,
                                   struct segjob_str batch_segment_job_arn);

/*
 * As segjob_describe(), over and over until the job's status is final, ACTIVE
 * or CREATE FAILED: SEGJOB_OK either way. In between it pauses for a minute, or
 * as segjob_set_poll_interval() says. A job that is not there may have been
 * made just now; if it is not there after the next pause either, the operation
 * ends as SEGJOB_SERVICE.
 */
enum segjob_status segjob_wait(struct segjob_client *c,
                               struct segjob_str batch_segment_job_arn);

/*
 * Take on the list of jobs, newest first as the service gives them: of one
 * solution version, or of all if that is absent. It comes in pages as large as
 * the buffer allows: segjob_next_job() tells of one page's jobs.
 *
 * Returns as segjob_create() does.
 */
enum segjob_status segjob_list(struct segjob_client *c,
                               struct segjob_str solution_version_arn);

/*
 * Take on the page behind the one that was listed last. Call it only right
 * after a segjob_list() or segjob_list_more() that ended as SEGJOB_OK, and if
 * segjob_has_more().
 */
enum segjob_status segjob_list_more(struct segjob_client *c);

/*
 * A request to a source of credentials: what stands behind `port/credentials`.
 *
 * `path` is written as its parts follow one another, and begins with '/'. A
 * header with `name` NULL is left out; its value is visible ASCII and blanks.
 * What they hold is taken for a secret.
 */
struct segjob_header {
    const char *name;
    struct segjob_str value;
};

struct segjob_fetch_request {
    const char *method; /* "GET", or "PUT" without a body */
    struct segjob_str path[3];
    struct segjob_header headers[2];
};

/*
 * Take on one such request, without a signature and whatever comes of it:
 * nothing is tried again. `request` is borrowed until the operation ends. At
 * `now_ms`, by the clock of segjob_tick(), it has `timeout_ms`. Credentials are
 * not wanted, and the client's configuration needs no region.
 *
 * Returns
 *   SEGJOB_PENDING   go on: ask segjob_want() what is next
 *   SEGJOB_INVALID   path or header hold what no request may carry
 *   SEGJOB_CONFIG    segjob_init() has refused the configuration
 *   SEGJOB_NO_SPACE  the buffer is too small
 *   SEGJOB_MISUSE    an operation is going on
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_fetch(struct segjob_client *c,
                                const struct segjob_fetch_request *request,
                                uint64_t now_ms, uint32_t timeout_ms);

/*
 * The body of the answer to a segjob_fetch() that ended as SEGJOB_OK; else
 * absent. Lives in the client's buffer until the next call that changes the
 * client.
 */
struct segjob_str segjob_fetched(const struct segjob_client *c);

/* How sources spell the members of their JSON. */
enum segjob_keys_form {
    SEGJOB_KEYS_IOT,      /* {"credentials": {"accessKeyId": ...}} */
    SEGJOB_KEYS_CONTAINER /* {"AccessKeyId": ..., "Token": ...}, as EC2's */
};

/*
 * Read the body that was fetched as credentials. The token may be missing, as
 * may the expiration: `*expiration`, Unix seconds, is INT64_MAX then. It may
 * have passed: EC2 gives such keys while AWS cannot make new ones, and AWS's
 * services take them. The spans point into the client's buffer as above.
 *
 * Returns
 *   SEGJOB_OK        `credentials` and `*expiration` are set
 *   SEGJOB_SERVICE   the source says in its JSON why there are none
 *   SEGJOB_PROTOCOL  not JSON, or a member is missing or cannot be;
 *                    segjob_error() tells which
 *   SEGJOB_NO_SPACE  the buffer is too small for it
 *   SEGJOB_MISUSE    there is no such body
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_fetched_credentials(
    struct segjob_client *c, enum segjob_keys_form form,
    struct segjob_credentials *credentials, int64_t *expiration);

/*
 * Give the operation that was just taken on, before credentials are given to
 * it, until `deadline_ms` by the clock of segjob_tick(). Until then failures
 * that may pass are tried again as AWS's SDKs do, in three attempts at most,
 * with pauses in between; and a creation of which it is unknown whether it
 * succeeded is settled by looks at the job. By then it ends: as
 * SEGJOB_TIMEOUT, or, where no time was left for another attempt, as the last
 * one did. A single request to create may take half of the time that is left,
 * so that the other half remains to find out what became of it.
 *
 * Without a deadline one request is sent, and its answer or failure is the
 * result; segjob_wait() alone sends as many as it takes.
 */
void segjob_set_deadline(struct segjob_client *c, uint64_t deadline_ms);

/*
 * Milliseconds between two looks of segjob_wait(): the default, which AWS's
 * sample of Amazon Personalize has too, and the least.
 */
#define SEGJOB_POLL_MS 60000u
#define SEGJOB_POLL_MIN_MS 1000u

/*
 * Set how long segjob_wait() pauses before it looks again at a job that is
 * still running: `ms` milliseconds, or SEGJOB_POLL_MIN_MS if that is longer.
 * After a look that failed in all its attempts it pauses for SEGJOB_POLL_MS at
 * least, to spare the service. A clock that jumps ahead ends one pause only.
 *
 * Call it at any time after segjob_init(), which sets the default. It holds
 * from the next pause on, for the operations that follow too.
 */
void segjob_set_poll_interval(struct segjob_client *c, uint32_t ms);

/*
 * Tell the time, in milliseconds by a clock that never runs backwards. Call it
 * before anything else is told, and when segjob_wake_ms() is reached. It may
 * change what is wanted. UINT64_MAX is the end of time, and of any operation.
 */
void segjob_tick(struct segjob_client *c, uint64_t now_ms);

/* When segjob_tick() is due at the latest; UINT64_MAX: never. */
uint64_t segjob_wake_ms(const struct segjob_client *c);

enum segjob_want {
    SEGJOB_WANT_NOTHING,     /* the operation has ended, or none began */
    SEGJOB_WANT_CREDENTIALS, /* segjob_set_credentials() */
    SEGJOB_WANT_CONNECTION,  /* a TLS connection to segjob_host() */
    SEGJOB_WANT_SEND,        /* send from segjob_tx(), say segjob_sent() */
    SEGJOB_WANT_RECEIVE,     /* fill segjob_rx(), say segjob_received() */
    SEGJOB_WANT_CLOSE,       /* close the connection, say segjob_closed() */
    SEGJOB_WANT_RANDOM,      /* segjob_set_random() */
    SEGJOB_WANT_PAUSE        /* wait until segjob_wake_ms() */
};

/* What the client wants next. */
enum segjob_want segjob_want(const struct segjob_client *c);

/*
 * Give the keys. They are borrowed until the operation ends.
 *
 * Returns
 *   SEGJOB_PENDING   go on
 *   SEGJOB_CONFIG    a key or the token is absent where required, or holds a
 *                    byte that no header may carry; nothing was sent
 *   SEGJOB_NO_SPACE  the buffer is too small; segjob_error() tells what the
 *                    request and its answer need
 *   SEGJOB_MISUSE    not wanted now
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_set_credentials(
    struct segjob_client *c, const struct segjob_credentials *credentials);

/*
 * Whether the service said that the credentials given last have expired, so
 * that others are wanted.
 */
bool segjob_wants_new_credentials(const struct segjob_client *c);

/*
 * The time that the service's clock shows when the device's shows `unix_time`,
 * as far as the client has learnt that they differ. Unix seconds.
 */
int64_t segjob_service_time(const struct segjob_client *c, int64_t unix_time);

/*
 * The host to connect to, NUL-terminated, for name resolution, SNI and the
 * check of the certificate. Valid only while a connection is wanted.
 */
const char *segjob_host(const struct segjob_client *c);

/* Whether the connection is TCP without TLS. */
bool segjob_is_plain(const struct segjob_client *c);

/* The TCP port to connect to. */
uint16_t segjob_tcp_port(const struct segjob_client *c);

/*
 * Tell that the connection stands and its peer is verified; the request is
 * written and signed now. `unix_time` is UTC in seconds since 1970.
 *
 * Returns
 *   SEGJOB_PENDING  go on
 *   SEGJOB_CLOCK    the time is before 1970 or after 9999
 *   SEGJOB_CRYPTO   the hash function failed
 *   SEGJOB_MISUSE   not wanted now; or the credentials have changed their
 *                   length, which ends the operation
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_connected(struct segjob_client *c, int64_t unix_time);

/*
 * The bytes still to be sent, never none while SEGJOB_WANT_SEND holds. They
 * stay the same, at the same place, until segjob_sent() takes some away.
 */
struct segjob_str segjob_tx(const struct segjob_client *c);

/*
 * Tell that the first `n` bytes of segjob_tx() were sent.
 *
 * Returns
 *   SEGJOB_PENDING  go on
 *   SEGJOB_MISUSE   not wanted now, or `n` is more than was offered
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_sent(struct segjob_client *c, size_t n);

/* Room of `len` bytes at `ptr`. */
struct segjob_room {
    char *ptr;
    size_t len;
};

/* Where to receive to, never empty while SEGJOB_WANT_RECEIVE holds. */
struct segjob_room segjob_rx(const struct segjob_client *c);

/*
 * Tell that `n` bytes were placed in the room that segjob_rx() gave.
 *
 * `n` 0 means that the peer closed the connection in good order: with TLS, by
 * a close_notify. Any other end is told to segjob_failed() as SEGJOB_CUT_OFF.
 *
 * Returns
 *   SEGJOB_PENDING  go on; the connection may have to be closed first, so the
 *                   result is read from segjob_status() when nothing is wanted
 *   SEGJOB_MISUSE   not wanted now, or `n` is more than the room
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_received(struct segjob_client *c, size_t n);

/*
 * Give any random number: pauses differ by it, so that devices which failed
 * together do not come back together.
 */
void segjob_set_random(struct segjob_client *c, uint32_t random);

/*
 * Tell that what the client wanted cannot be had, and why: `why` becomes the
 * operation's status, unless it is tried again. Has no effect on an operation
 * that has its result.
 *
 * Any negative status may be given, and any other counts as SEGJOB_MISUSE; the
 * runner gives RESOLVE, CONNECT, TLS, CERTIFICATE, CUT_OFF, TIMEOUT, CONFIG,
 * CREDENTIALS and SOURCE.
 */
void segjob_failed(struct segjob_client *c, enum segjob_status why);

/*
 * End the operation now, as SEGJOB_CANCELLED; the connection is still to be
 * closed. Called from where the client is driven, at any moment.
 */
void segjob_cancel(struct segjob_client *c);

/* Tell that the connection is closed, whether that was wanted or not. */
void segjob_closed(struct segjob_client *c);

/*
 * Tell whether the connection of the operation that has ended was left open,
 * to serve the next one (RFC 9112, section 9.3). If it still stands when that
 * wants a connection, say segjob_connected() at once; else make a new one. A
 * connection that has been idle for long may be dead without a sign of it.
 */
bool segjob_keeps_connection(const struct segjob_client *c);

/*
 * How the operation stands: SEGJOB_PENDING until nothing is wanted, then its
 * result, the same until the next segjob_create(). SEGJOB_MISUSE before the
 * first one.
 */
enum segjob_status segjob_status(const struct segjob_client *c);

/* What became of the job. */
enum segjob_outcome segjob_outcome(const struct segjob_client *c);

/* What the status cannot say; never NULL. */
const struct segjob_error *segjob_error(const struct segjob_client *c);

/*
 * The job's ARN after SEGJOB_OK, else absent. Lives in the client's buffer
 * until the next call that changes the client.
 */
struct segjob_str segjob_batch_segment_job_arn(const struct segjob_client *c);

/*
 * Tell of the job after segjob_describe(), segjob_wait() and, if the job had
 * existed before, segjob_ensure(); and as it was seen last while segjob_wait()
 * wants a pause, or was ended in one. Its spans live in the client's buffer
 * until the next call that changes the client.
 *
 * Returns false, and leaves `*job` empty, if there is none to tell of.
 */
bool segjob_job(const struct segjob_client *c, struct segjob_job *job);

/*
 * Tell of the next job of a page that was listed, as segjob_job() does; false
 * behind the last one. segjob_has_more() tells whether there is another page.
 */
bool segjob_next_job(struct segjob_client *c, struct segjob_job *job);
bool segjob_has_more(const struct segjob_client *c);

/*
 * Overwrite all that the client and its buffer hold, keys included. The
 * client must be initialized again before it is used.
 */
void segjob_wipe(struct segjob_client *c);

/* ---------------------------------------------------------------- words */

/* "SEGJOB_TIMEOUT", and "time ran out"; for an unknown value "?". */
const char *segjob_status_name(enum segjob_status status);
const char *segjob_status_text(enum segjob_status status);

/*
 * Write into `buf` one line that says what went wrong, such as
 *   tags[3].tagKey: must be at most 128 characters
 *   ResourceInUseException (HTTP 400, request 6f2c...): Solution is ...
 * Nothing of a parameter's value is in it; control characters of the
 * service's message are shown as \xNN. NUL-terminated if `cap` is not 0.
 *
 * Returns the length of the whole line in bytes without the NUL; if that is
 * `cap` or more, the line was cut.
 */
size_t segjob_explain(const struct segjob_client *c, char *buf, size_t cap);

/* ------------------------------------------------- the API's JSON, read */

/*
 * Why a text is not a request: `what` in words, `path` the member at fault as
 * the API spells it, cut if longer, NUL-terminated, empty if the text as a
 * whole is at fault. Where a text is not JSON, is nested too deep or gives a
 * member twice, line and column, in characters, tell where; else they are 0.
 * Both count from 1.
 */
struct segjob_read_error {
    const char *what;
    char path[96];
    size_t line;
    size_t column;
};

/*
 * Read the request syntax of CreateBatchSegmentJob, as the AWS CLI takes it
 * for --cli-input-json, into `request`, which is overwritten.
 *
 * `text` is changed: escapes are decoded where they stand, and the request's
 * spans point into it. `room`, aligned as for a pointer, takes the tags, which
 * stay there, and beyond them one small token for each value and member name
 * of the text, needed only during the call. Both are borrowed for as long as
 * the request is used. A byte order mark at the start of the text is passed
 * over (RFC 8259, section 8.1). Members that are null are absent. Values are
 * not judged here: segjob_create() does that.
 *
 * Returns
 *   SEGJOB_OK        `request` is filled
 *   SEGJOB_INVALID   not JSON, or an unknown, repeated or ill-typed member
 *   SEGJOB_NO_SPACE  `cap` bytes of room are too few for the text
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_read_create_request(
    char *text, size_t len, void *room, size_t cap,
    struct segjob_create_request *request, struct segjob_read_error *error);

/* ---------------------------------------------------------------- private
 *
 * What follows is here so that a caller can give a client its memory. Read
 * and write it through the functions above only.
 */

/* Longest line of an answer's head that is looked at; longer fields that do
 * not matter are read over. */
#define SJ_HTTP_LINE_CAP 128u
/* Longest request id and error code that are kept from a head. */
#define SJ_HTTP_ID_CAP 64u

/* Reader of one HTTP answer: core/sj_http.h. */
struct sj_http {
    uint32_t left; /* bytes left of the body or of the chunk */
    uint32_t content_length;
    uint32_t head_len; /* bytes of head, chunk lines and trailers so far */
    int status;
    uint8_t state;
    uint8_t part;  /* of a chunk's line */
    uint8_t minor; /* HTTP/1.minor */
    bool has_length;
    bool chunked;
    bool after_cr;
    bool tunnel; /* the answer is one to CONNECT */
    bool closes; /* Connection: close, or the body ends at the close */
    bool keeps;  /* Connection: keep-alive */
    bool has_age;
    uint8_t id_rank;
    uint8_t id_len;
    uint8_t error_len;
    uint32_t retry_after;    /* Retry-After: seconds, UINT32_MAX without ... */
    uint32_t retry_after_ms; /* X-Amz-Retry-After, UINT32_MAX without */
    uint32_t retry_at;       /* ... or a date, 0 without */
    uint32_t date;           /* Date, 0 without a good one */
    size_t line_len;         /* of the whole line, more than is kept once cut */
    char line[SJ_HTTP_LINE_CAP];
    char id[SJ_HTTP_ID_CAP];
    char error[SJ_HTTP_ID_CAP];
};

/* SHA-256's state behind one block: core/sj_sha256.h. */
struct sj_sha256_state {
    uint32_t words[8];
};

/* The states behind the pads of an HMAC key, RFC 2104. */
struct sj_hmac_key {
    struct sj_sha256_state inner;
    struct sj_sha256_state outer;
};

/*
 * A SigV4 signing key and what it was derived from, but for the client's
 * region: core/sj_sigv4.h.
 */
struct sj_signing_key {
    unsigned char secret[64]; /* HMAC block of "AWS4" and the secret */
    char day[8];
    bool valid;
    struct sj_hmac_key hmac;
};

/* What is left to try: core/sj_retry.h. */
struct sj_retry {
    uint16_t spent;   /* tokens gone from the bucket */
    uint8_t cost;     /* of the last retry, to be given back by a success */
    uint8_t attempts; /* requests of the operation that were begun */
    uint8_t pauses;   /* made in a row, for their growth */
};

struct sj_call; /* core/sj_call.h */

struct segjob_client {
    char *buf;
    size_t cap;
    struct segjob_config config;
    const struct segjob_create_request *request; /* to create, or NULL */
    struct segjob_str asked; /* ARN to describe, or whose jobs to list */
    const struct segjob_fetch_request *fetch;
    const struct segjob_credentials *credentials;
    enum segjob_want want;
    enum segjob_status result;
    enum segjob_outcome outcome;
    struct segjob_error error;
    const struct sj_call *call; /* the request at hand */
    uint8_t operation;          /* what was taken on: enum sj_operation ... */
    uint8_t next;      /* ... and what follows the request: enum sj_next */
    uint8_t cause;     /* of the pause */
    uint8_t creations; /* that may have left */
    bool maybe;        /* a creation was sent of which nothing is certain */
    bool exists;       /* the name is known to be taken */
    bool renewed;      /* new credentials were asked for ... */
    bool expired;      /* ... and are still to be given */
    bool absent;       /* a wait has not found its job at its last look */
    bool reused;       /* the connection may have served before */
    bool dropping;     /* the answer's body does not fit and is read over */
    bool keeps;        /* the connection is left open for the next request */
    size_t head_len;   /* of the request, at the start of `buf` ... */
    size_t body_len;   /* ... and its body behind; then of the answer's body */
    size_t kept;       /* then of what results point into */
    size_t sent;
    uint64_t now_ms;
    uint64_t deadline_ms; /* UINT64_MAX: none */
    uint64_t share_ms;    /* until when the request may take */
    uint64_t until_ms;    /* until when what is wanted may take */
    uint64_t first_ms;    /* when the first creation may have left ... */
    int64_t first_at;     /* ... by the device's clock */
    uint64_t sent_ms;     /* when the request at hand was signed ... */
    int64_t sent_at;      /* ... by the device's clock */
    int64_t ahead;        /* seconds of the service's clock before that */
    struct segjob_str arn;
    void *tokens; /* of the answer about jobs, NULL if there is none ... */
    int tokens_len;
    int job; /* ... and the job at hand there */
    /* At the end of `buf`: a list's nextToken, or the ARN that a creation was
     * answered with, as long as Describe has not confirmed it. */
    size_t tail_len;
    uint32_t page;    /* jobs of a list that are asked for at once */
    uint32_t poll_ms; /* between two looks of a wait */
    struct sj_retry retry;
    struct sj_http http;
    struct sj_signing_key key;
};

/* ------------------------------------------------- tunnels through proxies
 *
 * What a stream says to an HTTP proxy before it is one to somebody else: see
 * port/segjob_proxy.h.
 */

/* Reader of the answer to CONNECT. Its member is private. */
struct segjob_tunnel {
    struct sj_http http;
};

/*
 * Write into `buf` the request for a tunnel to `host` (NUL-terminated, IPv6
 * addresses without brackets) and `port` (RFC 9110, section 9.3.6), with
 * `user` and `password` (RFC 7617) unless `user` is absent.
 *
 * Returns the request's length in bytes; if that is more than `cap`, nothing of
 * use was written. 0 if `user` holds a colon, or either a control character,
 * or `host` what no host does.
 */
size_t segjob_tunnel_write(char *buf, size_t cap, const char *host,
                           uint16_t port, struct segjob_str user,
                           struct segjob_str password);

void segjob_tunnel_begin(struct segjob_tunnel *t);

/*
 * Take in what the proxy has sent.
 *
 * Returns
 *   SEGJOB_PENDING   there is more to come
 *   SEGJOB_OK        the tunnel stands, and nothing came behind the answer
 *   SEGJOB_CONNECT   the proxy cannot reach the host: 5xx
 *   SEGJOB_PROXY     any other answer, or none; or bytes behind the answer
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_tunnel_read(struct segjob_tunnel *t,
                                      const char *bytes, size_t n);

/* The proxy's HTTP status, 0 if it gave none. */
int segjob_tunnel_status(const struct segjob_tunnel *t);

#ifdef __cplusplus
}
#endif

#endif
