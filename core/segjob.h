/*
 * segjob: create Amazon Personalize batch segment jobs from small devices.
 *
 * The core is a pure machine: it does no I/O, has no clock, randomness or
 * memory of its own, and calls nothing back. A client says what it wants next,
 * and its driver supplies it. Programs with sockets or lwIP use the runner,
 * port/segjob_run.h; to use your own transport, drive the core directly:
 *
 *   status = segjob_create(&client, &request);
 *   if (status == SEGJOB_PENDING) {
 *       status = segjob_set_deadline(&client, now_ms() + 120000);
 *   }
 *   while (segjob_get_status(&client) == SEGJOB_PENDING) {
 *       segjob_tick(&client, now_ms());
 *       switch (segjob_get_want(&client)) {
 *       case SEGJOB_WANT_CREDENTIALS:
 *           status = segjob_set_credentials(&client, &credentials);
 *           break;
 *       case SEGJOB_WANT_CONNECTION:    // verified TLS, or segjob_failed()
 *           connect_to(segjob_host(&client), segjob_tcp_port(&client));
 *           status = segjob_connected(&client, unix_time());
 *           break;
 *       case SEGJOB_WANT_SEND:          // segjob_tx(), then segjob_sent()
 *       case SEGJOB_WANT_RECEIVE:       // segjob_rx(), then segjob_received()
 *           move_some_bytes(&client);   // or segjob_failed()
 *           break;
 *       case SEGJOB_WANT_CLOSE:
 *           close_connection();
 *           segjob_closed(&client);
 *           break;
 *       case SEGJOB_WANT_RANDOM:
 *           segjob_set_random(&client, random_number());
 *           break;
 *       case SEGJOB_WANT_PAUSE:
 *           sleep_until(segjob_wake_ms(&client));
 *           break;
 *       case SEGJOB_WANT_NOTHING:
 *           break;
 *       }
 *   }
 *
 * Requests, credentials and configuration are borrowed, not copied: they and
 * all that they point to must stay valid and unchanged until the operation
 * ends, not only until the function that starts it returns. Debug builds (no
 * NDEBUG) assert that, and that no function is called out of turn.
 *
 * Text is a span of UTF-8 bytes and is not NUL-terminated. `{0}` is a valid
 * initial value for every struct that a caller fills.
 *
 * Use a client from one thread at a time. Different clients share nothing.
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

/* For `#if`: 10203 is version 1.2.3. */
#define SEGJOB_VERSION_NUMBER                                    \
    (SEGJOB_VERSION_MAJOR * 10000 + SEGJOB_VERSION_MINOR * 100 + \
     SEGJOB_VERSION_PATCH)

#if defined(__GNUC__)
#define SEGJOB_MUST_CHECK __attribute__((warn_unused_result))
#else
#define SEGJOB_MUST_CHECK
#endif

/*
 * Text: `len` bytes at `ptr`, which the span does not own.
 *
 * `ptr` NULL means absent; `ptr` set and `len` 0 means present and empty.
 */
struct segjob_str {
    const char *ptr;
    size_t len;
};

/*
 * A span over a string literal. Where a compiler allows only constants, in the
 * initializer of a static object under -pedantic, SEGJOB_STR_INIT serves.
 */
#ifdef __cplusplus
#define SEGJOB_STR(literal) (segjob_str{"" literal "", sizeof(literal) - 1})
#else
#define SEGJOB_STR(literal) \
    ((struct segjob_str){"" literal "", sizeof(literal) - 1})
#endif
#define SEGJOB_STR_INIT(literal)           \
    {                                      \
        "" literal "", sizeof(literal) - 1 \
    }

/* A span over a NUL-terminated string; NULL gives an absent one. */
static inline struct segjob_str segjob_cstr(const char *text)
{
    struct segjob_str s = {text, text == NULL ? 0 : strlen(text)};

    return s;
}

/* ------------------------------------------------------------- statuses */

/* The state of an operation: 0 done, positive in progress, negative failed. */
enum segjob_status {
    SEGJOB_OK = 0,
    SEGJOB_PENDING = 1, /* in progress */

    /* No request was sent, or no other after those that the outcome is of. */
    SEGJOB_INVALID = -1,  /* a parameter breaks a rule of the API */
    SEGJOB_CONFIG = -2,   /* the configuration cannot be used */
    SEGJOB_NO_SPACE = -3, /* the buffer is too small; also for a response */
    SEGJOB_MISUSE = -4,   /* a function was called out of turn */
    SEGJOB_CLOCK = -5,    /* the device's clock cannot be right */
    SEGJOB_CRYPTO = -6,   /* the hash function failed */

    /* From the port: the connection. */
    SEGJOB_RESOLVE = -7,            /* the host name cannot be resolved */
    SEGJOB_CONNECT = -8,            /* cannot connect */
    SEGJOB_TLS = -9,                /* the TLS handshake failed */
    SEGJOB_CERTIFICATE = -10,       /* the certificate cannot be trusted */
    SEGJOB_CONNECTION_CLOSED = -11, /* the connection broke */
    SEGJOB_TIMEOUT = -12,           /* the deadline or a limit has passed */
    SEGJOB_CANCELLED = -13,         /* by segjob_cancel() */

    /* From the response. */
    SEGJOB_PROTOCOL = -14, /* not a response that this service gives */
    SEGJOB_REDIRECT = -15, /* a redirect, which is never followed */
    SEGJOB_SERVICE = -16,  /* the service returned an error */
    SEGJOB_CONFLICT = -17, /* another job has this name */

    /* From the source of credentials, or a proxy. */
    SEGJOB_CREDENTIALS = -18,             /* there are no credentials */
    SEGJOB_CREDENTIALS_UNAVAILABLE = -19, /* their source failed for now */
    SEGJOB_PROXY = -20                    /* the proxy refused */
};

/*
 * Whether the job exists. All but SEGJOB_UNKNOWN are certain, if no two jobs of
 * an account and region have the same name.
 */
enum segjob_outcome {
    SEGJOB_NOT_APPLICABLE, /* the operation creates nothing, or none started */
    SEGJOB_NOT_SENT,       /* no byte of the request left the device */
    SEGJOB_REFUSED,        /* no job was created, and none will be */
    SEGJOB_UNKNOWN,        /* the request may have arrived, or may yet */
    SEGJOB_CREATED         /* the job exists */
};

/* A value that can be rejected. segjob_field_path() gives the API's name. */
enum segjob_field {
    SEGJOB_FIELD_NONE,
    SEGJOB_FIELD_JOB_NAME,             /* 1 to 63 characters, as all lengths */
    SEGJOB_FIELD_SOLUTION_VERSION_ARN, /* at most 256 */
    SEGJOB_FIELD_FILTER_ARN,           /* at most 256 */
    SEGJOB_FIELD_ROLE_ARN,             /* at most 256 */
    SEGJOB_FIELD_INPUT_PATH,           /* at most 256 */
    SEGJOB_FIELD_INPUT_KMS_KEY_ARN,    /* at most 2048 */
    SEGJOB_FIELD_OUTPUT_PATH,          /* at most 256 */
    SEGJOB_FIELD_OUTPUT_KMS_KEY_ARN,   /* at most 2048 */
    SEGJOB_FIELD_NUM_RESULTS,          /* any number */
    SEGJOB_FIELD_TAGS,                 /* at most 200 items */
    SEGJOB_FIELD_TAG_KEY,              /* 1 to 128 */
    SEGJOB_FIELD_TAG_VALUE,            /* at most 256 */
    SEGJOB_FIELD_REGION,               /* one DNS label: 1 to 63 */
    SEGJOB_FIELD_ENDPOINT,             /* host name or address: 1 to 253 */
    SEGJOB_FIELD_ACCESS_KEY_ID,        /* 1 to 128 */
    SEGJOB_FIELD_SECRET_ACCESS_KEY,    /* at least 1 */
    SEGJOB_FIELD_SESSION_TOKEN,        /* at least 1 */
    SEGJOB_FIELD_JOB_ARN,              /* batchSegmentJobArn: at most 256 */
    SEGJOB_FIELD_FETCH_PATH,           /* segjob_fetch.h */
    SEGJOB_FIELD_FETCH_HEADER,         /* segjob_fetch.h */
    SEGJOB_FIELD_EXPIRATION            /* of fetched credentials */
};

/* What can be wrong with it. */
enum segjob_rule {
    SEGJOB_RULE_NONE,
    SEGJOB_RULE_REQUIRED,     /* the field is absent */
    SEGJOB_RULE_UTF8,         /* ill-formed UTF-8 */
    SEGJOB_RULE_TOO_SHORT,    /* shorter than the minimum length */
    SEGJOB_RULE_TOO_LONG,     /* longer than the maximum length */
    SEGJOB_RULE_PATTERN,      /* the value does not match the API's pattern */
    SEGJOB_RULE_RESERVED,     /* begins with `aws:` */
    SEGJOB_RULE_DUPLICATE,    /* an earlier tag has the same key */
    SEGJOB_RULE_NO_JOB_ARN,   /* the job's ARN cannot be derived from it */
    SEGJOB_RULE_DIFFERS,      /* the existing job has another value */
    SEGJOB_RULE_NOT_LOOPBACK, /* plain HTTP to another device */
    SEGJOB_RULE_NO_VARIANT /* a given host has no FIPS or dual-stack variant */
};

/*
 * Details of an error. Members that do not apply are zero.
 *
 * Spans point into the client or its buffer and are valid until the next call
 * that changes the client. `code`, `message` and `request_id` come from the
 * service. `message` may contain any character, control characters included.
 * Secrets in it are replaced by `***`: the session token; and each tag key or
 * tag value of four characters or more, unless it is part of a longer word or
 * of an ARN.
 */
struct segjob_error {
    enum segjob_field field; /* the rejected field ... */
    enum segjob_rule rule;   /* ... and the rule that it breaks */
    size_t tag;              /* TAG_KEY and TAG_VALUE: the tag's index */
    size_t size_needed;      /* NO_SPACE: bytes that the buffer must have */
    int http_status;         /* 0 if no status line was read */
    struct segjob_str code;
    struct segjob_str message;
    struct segjob_str request_id;
};

/* ------------------------------------------------------------- requests */

/* An S3 location: `s3DataSource` or `s3DataDestination`. */
struct segjob_s3 {
    struct segjob_str path;        /* required */
    struct segjob_str kms_key_arn; /* optional */
};

struct segjob_tag {
    struct segjob_str key;   /* required */
    struct segjob_str value; /* required, may be empty */
};

/*
 * The parameters of CreateBatchSegmentJob. Absent members are not sent.
 * Source: API reference, CreateBatchSegmentJob, S3DataConfig and Tag.
 *
 * The service takes a path as a prefix: let a folder end in `/`. The service's
 * default for `num_results` is 25; any number is sent as it is. Characters of
 * tags that Unicode assigned after this release are checked by the service.
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
 * A job as reported by the service. Omitted members are absent; a list omits
 * more than a description. Times are milliseconds since 1970, 0 if absent.
 *
 * `status` is PENDING, IN PROGRESS, ACTIVE or CREATE FAILED. Any other value
 * means that the job is still running.
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

/* Credentials that sign a request. Long-lived ones have no session token. */
struct segjob_credentials {
    struct segjob_str access_key_id;
    struct segjob_str secret_access_key;
    struct segjob_str session_token; /* any length */
};

/*
 * Where the service is.
 *
 * `region` is required. If `host` is absent, the host follows from the region
 * by AWS's rules: `fips` selects the FIPS 140 endpoint, `dual_stack` the one
 * that also has IPv6 addresses. `host` is a DNS name, an IPv4 address, or an
 * IPv6 address without brackets and zone. `port` 0 means 443, or 80 if plain.
 *
 * `plain` means HTTP without TLS, for a test's service on this device:
 * 127.0.0.1, ::1, localhost and names below it, else SEGJOB_CONFIG. Connect to
 * ::1 and 127.0.0.1 for these names (RFC 6761 section 6.3) without asking a
 * resolver, which could send the request anywhere; segjob_run.h does so.
 */
struct segjob_config {
    struct segjob_str region;
    struct segjob_str host;
    uint16_t port;
    bool plain;
    bool fips;
    bool dual_stack;
    uint8_t max_attempts; /* of an operation with a deadline; 0 means 3 */
};

/* --------------------------------------------------------------- client */

struct segjob_client; /* segjob_private.h has its layout */

/* The minimum buffer for a response, in bytes; a request may need more. */
#define SEGJOB_RESPONSE_MIN 1024u

/*
 * Prepare a client that works in `cap` bytes at `buf`.
 *
 * The buffer holds the request and then the response, and belongs to the
 * client until segjob_wipe(). 4096 bytes are enough unless tokens are long or
 * tags are many; SEGJOB_NO_SPACE says how many are needed. The spans of
 * `config` are borrowed for as long.
 *
 * Returns
 *   SEGJOB_OK      ready to start an operation
 *   SEGJOB_CONFIG  region, host or flags are invalid; see segjob_get_error()
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_init(struct segjob_client *c,
                               const struct segjob_config *config, void *buf,
                               size_t cap);

/*
 * Start a CreateBatchSegmentJob operation. Sends nothing yet.
 *
 * `request` and all it points to are borrowed until the operation ends. When
 * it has ended, well or not, the next one can start.
 *
 * Returns
 *   SEGJOB_PENDING  started: segjob_get_want() says what is next
 *   SEGJOB_INVALID  a field breaks a rule; see segjob_get_error()
 *   SEGJOB_CONFIG   segjob_init() rejected the configuration
 *   SEGJOB_MISUSE   an operation is in progress
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_create(struct segjob_client *c,
                                 const struct segjob_create_request *request);

/*
 * As segjob_create(), but succeed if the job exists already, even if another
 * client created it. After a power loss, a device just calls it again. All
 * parameters that the service reports must be the same; tags are not among
 * them. segjob_get_job() has the job's status: a job that failed keeps its name
 * for ever.
 *
 * A solution version ARN that the job's ARN cannot be derived from is
 * SEGJOB_INVALID. Without a deadline the job is not described: a name that is
 * taken then ends as SEGJOB_SERVICE with the outcome SEGJOB_UNKNOWN.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_ensure(struct segjob_client *c,
                                 const struct segjob_create_request *request);

/*
 * Start a DescribeBatchSegmentJob operation for this ARN, which is borrowed
 * until the operation ends. Returns as segjob_create() does.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_describe(struct segjob_client *c,
                                   struct segjob_str batch_segment_job_arn);

/*
 * As segjob_describe(), repeated until the job's status is final, ACTIVE or
 * CREATE FAILED: SEGJOB_OK either way. Between two looks it pauses for the
 * poll interval. A job that is not found may have been created just now; if it
 * is still missing after the next pause, the operation ends as SEGJOB_SERVICE.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_wait(struct segjob_client *c,
                               struct segjob_str batch_segment_job_arn);

/*
 * Start a ListBatchSegmentJobs operation: the jobs of one solution version, or
 * all if that is absent, in no particular order. They come in pages as large as
 * the buffer allows; read a page by segjob_next_job(). The ARN is borrowed
 * until the last page has come. Returns as segjob_create() does.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_list(struct segjob_client *c,
                               struct segjob_str solution_version_arn);

/*
 * Start to list the next page. Call it right after a segjob_list() or
 * segjob_list_more() that ended as SEGJOB_OK, and only if segjob_has_more():
 * else SEGJOB_MISUSE.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_list_more(struct segjob_client *c);

/*
 * Limit the operation that was just started: it ends by `deadline_ms` on the
 * clock of segjob_tick(). Until then, failures that may pass are retried as
 * AWS's SDKs do (standard mode: at most `max_attempts`, with backoff), and a
 * creation whose outcome is unknown is settled by looking at the job. It ends
 * as SEGJOB_TIMEOUT or, if no time is left for another attempt, as the last one
 * did. One attempt to create may use half of the time, so that the other half
 * remains to find out what became of it.
 *
 * Without a deadline one request is sent, and its response or failure is the
 * result; only segjob_wait() sends as many as it takes. Connecting is limited
 * to 5 seconds, and a response to 15 seconds, with and without a deadline.
 *
 * Returns
 *   SEGJOB_OK      the deadline is set
 *   SEGJOB_MISUSE  the operation has its credentials, or there is none
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_set_deadline(struct segjob_client *c,
                                       uint64_t deadline_ms);

/* Poll intervals of segjob_wait(), in ms: the default, and the minimum. */
#define SEGJOB_POLL_MS 60000u
#define SEGJOB_POLL_MIN_MS 1000u

/*
 * Set the poll interval of segjob_wait() to `ms`, at least SEGJOB_POLL_MIN_MS.
 * The default is that of AWS's sample code for Amazon Personalize.
 * After a look that failed in all its attempts the pause is at least
 * SEGJOB_POLL_MS, to spare the service.
 *
 * Call it at any time after segjob_init(), which sets the default. It takes
 * effect at the next pause and stays for later operations.
 */
void segjob_set_poll_interval(struct segjob_client *c, uint32_t ms);

/*
 * Tell the time, in milliseconds by a clock that never runs backwards. Call it
 * before any other function of the loop, and when segjob_wake_ms() is reached.
 * It may change what is wanted. A clock that jumps ahead ends one pause only.
 */
void segjob_tick(struct segjob_client *c, uint64_t now_ms);

/* When segjob_tick() is due at the latest; UINT64_MAX: never. */
uint64_t segjob_wake_ms(const struct segjob_client *c);

/* What the client wants next. */
enum segjob_want {
    SEGJOB_WANT_NOTHING,     /* the operation has ended, or none started */
    SEGJOB_WANT_CREDENTIALS, /* segjob_set_credentials() */
    SEGJOB_WANT_CONNECTION,  /* a TLS connection to segjob_host() */
    SEGJOB_WANT_SEND,        /* send from segjob_tx(), call segjob_sent() */
    SEGJOB_WANT_RECEIVE,     /* fill segjob_rx(), call segjob_received() */
    SEGJOB_WANT_CLOSE,       /* close the connection, call segjob_closed() */
    SEGJOB_WANT_RANDOM,      /* segjob_set_random() */
    SEGJOB_WANT_PAUSE        /* wait until segjob_wake_ms() */
};

enum segjob_want segjob_get_want(const struct segjob_client *c);

/*
 * Supply the credentials, borrowed until the operation ends.
 *
 * Returns
 *   SEGJOB_PENDING   continue
 *   SEGJOB_CONFIG    a required part is absent, or contains a byte that no
 *                    header may contain; nothing was sent
 *   SEGJOB_NO_SPACE  the buffer is too small; segjob_get_error() has the size
 *                    that request and response need
 *   SEGJOB_MISUSE    not wanted now
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_set_credentials(
    struct segjob_client *c, const struct segjob_credentials *credentials);

/*
 * Whether the service said that the last credentials have expired, so that
 * new ones must be fetched from their source.
 */
bool segjob_refresh_needed(const struct segjob_client *c);

/*
 * The time on the service's clock when the device's shows `unix_time`, as far
 * as the client has learnt that they differ. Unix seconds.
 */
int64_t segjob_service_time(const struct segjob_client *c, int64_t unix_time);

/*
 * The host to connect to, for name resolution, SNI and the check of the
 * certificate, NUL-terminated and "" unless SEGJOB_WANT_CONNECTION holds; the
 * TCP port; and whether to connect without TLS.
 */
const char *segjob_host(const struct segjob_client *c);
uint16_t segjob_tcp_port(const struct segjob_client *c);
bool segjob_is_plain(const struct segjob_client *c);

/*
 * Report that the connection is open and its peer verified. The request is
 * written and signed now. `unix_time` is UTC in seconds since 1970.
 *
 * Returns
 *   SEGJOB_PENDING  continue
 *   SEGJOB_CLOCK    the time is before 1970 or after 9999
 *   SEGJOB_CRYPTO   the hash function failed
 *   SEGJOB_MISUSE   not wanted now; or credentials changed their length,
 *                   which ends the operation
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_connected(struct segjob_client *c, int64_t unix_time);

/*
 * The bytes still to be sent, at least one while SEGJOB_WANT_SEND holds. They
 * do not change or move until segjob_sent() is called.
 */
struct segjob_str segjob_tx(const struct segjob_client *c);

/*
 * Report that the first `n` bytes of segjob_tx() were sent.
 *
 * Returns
 *   SEGJOB_PENDING  continue
 *   SEGJOB_MISUSE   not wanted now, or `n` is more than was offered
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_sent(struct segjob_client *c, size_t n);

/* Memory of `len` bytes at `ptr`, to write to. */
struct segjob_buffer {
    char *ptr;
    size_t len;
};

/* Where to receive to, at least one byte while SEGJOB_WANT_RECEIVE holds. */
struct segjob_buffer segjob_rx(const struct segjob_client *c);

/*
 * Report that `n` bytes were written to segjob_rx().
 *
 * `n` 0 means that the peer closed the connection properly: with TLS, by a
 * close_notify. Report any other end to segjob_failed() as
 * SEGJOB_CONNECTION_CLOSED.
 *
 * Returns
 *   SEGJOB_PENDING  continue; the connection may have to be closed first, so
 *                   read the result when nothing is wanted any more
 *   SEGJOB_MISUSE   not wanted now, or `n` is more than there was room for
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_received(struct segjob_client *c, size_t n);

/*
 * Supply any random number: backoff differs by it, so that devices which
 * failed together do not come back together. Ignored if not wanted.
 */
void segjob_set_random(struct segjob_client *c, uint32_t random);

/*
 * Report that what the client wants cannot be had: `why`, negative, becomes
 * the operation's status unless it is retried. Any other value counts as
 * SEGJOB_MISUSE. Ignored when the operation has its result.
 */
void segjob_failed(struct segjob_client *c, enum segjob_status why);

/*
 * End the operation now, as SEGJOB_CANCELLED; the connection is still to be
 * closed. Call it from where the client is driven, at any time.
 */
void segjob_cancel(struct segjob_client *c);

/* Report that the connection is closed, whether that was wanted or not. */
void segjob_closed(struct segjob_client *c);

/*
 * Whether the connection was left open for the next operation (RFC 9112 section
 * 9.3). If it is still open when that wants one, call segjob_connected() at
 * once. A connection that was idle for long may be dead without a sign of it.
 */
bool segjob_keep_alive(const struct segjob_client *c);

/* --------------------------------------------------------------- results */

/*
 * The state of the operation: SEGJOB_PENDING until nothing is wanted, then its
 * result, until the next operation starts. Before the first: SEGJOB_MISUSE.
 */
enum segjob_status segjob_get_status(const struct segjob_client *c);

/* Whether the job exists; SEGJOB_NOT_APPLICABLE unless create or ensure. */
enum segjob_outcome segjob_get_outcome(const struct segjob_client *c);

/* Details of the error; never NULL. */
const struct segjob_error *segjob_get_error(const struct segjob_client *c);

/*
 * The job's ARN after SEGJOB_OK of create, ensure, describe or wait; else
 * absent. Valid until the next call that changes the client.
 */
struct segjob_str segjob_batch_segment_job_arn(const struct segjob_client *c);

/*
 * Get the job that the last response described: after describe and wait, and
 * while segjob_wait() pauses; after create and ensure only if the job was
 * looked at (after SEGJOB_CONFLICT it is the other job). Never after a list.
 * Its spans are valid until the next call that changes the client.
 *
 * Returns false and sets `*job` to zeros if there is none.
 */
bool segjob_get_job(const struct segjob_client *c, struct segjob_job *job);

/*
 * Get the next job of a listed page, with spans as above; false after the last
 * one. segjob_has_more() says whether there is another page.
 */
bool segjob_next_job(struct segjob_client *c, struct segjob_job *job);
bool segjob_has_more(const struct segjob_client *c);

/*
 * Overwrite all that the client and its buffer contain, credentials included.
 * Call segjob_init() before the client is used again.
 */
void segjob_wipe(struct segjob_client *c);

/* "SEGJOB_TIMEOUT", and "time ran out"; "?" for an unknown value. */
const char *segjob_status_name(enum segjob_status status);
const char *segjob_status_text(enum segjob_status status);

/* The field as the API spells it: "tags[].tagKey". */
const char *segjob_field_path(enum segjob_field field);

/*
 * Write one line about how the operation failed into `buf`, such as
 *   tags[3].tagKey: must be at most 128 characters
 *   ResourceInUseException (HTTP 400, request 6f2c...): Solution is ...
 * and after a call out of turn, what the client wants instead. It contains no
 * parameter's value; control characters of the service's message are shown as
 * \xNN. NUL-terminated if `cap` is not 0. segjob_run_explain() adds the reason
 * of the port.
 *
 * Returns the length of the whole line in bytes without the NUL; the line was
 * cut if that is `cap` or more.
 */
size_t segjob_explain(const struct segjob_client *c, char *buf, size_t cap);

#ifdef __cplusplus
}
#endif

#include "segjob_private.h"

#endif
