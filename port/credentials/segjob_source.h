/*
 * A source of credentials that change: the common part of segjob_iot.h,
 * segjob_container.h, segjob_imds.h, segjob_process.h, segjob_sts.h,
 * segjob_anywhere.h and segjob_sso.h.
 *
 * The source sends HTTP requests over the port that it serves, with a client of
 * its own and the runner, or gets them by a struct segjob_source_way. It
 * requests new credentials when an operation wants credentials and
 * - there are none, or they expire within SEGJOB_SOURCE_EARLY_S, or
 * - the service said that they have expired.
 *
 * If new credentials cannot be had, the old ones are used on, and the next
 * request follows SEGJOB_SOURCE_RETRY_MS later. So are expired ones ("static
 * stability": EC2 returns them while AWS cannot make new ones, and AWS's
 * services accept them; or a clock is wrong), with the next request after
 * SEGJOB_SOURCE_EXPIRED_RETRY_MS to twice as long, at random, as AWS's SDKs do.
 * Credentials that the service called expired are not used again until the
 * source returns them once more. Credentials without an expiration last.
 *
 * The buffer contains one set of credentials, which the next set overwrites,
 * and before it the request and response that bring the next set. It needs
 * twice the length of the longest of these, and 512 bytes. AWS's tokens have 1
 * to 4 KB, and no maximum. If a response does not fit, `size_needed` is set,
 * but not for the output of a program, whose length is not known.
 */
#ifndef SEGJOB_SOURCE_H
#define SEGJOB_SOURCE_H

#include "segjob_fetch.h"
#include "segjob_port.h"
#include "segjob_run.h"

#ifdef __cplusplus
extern "C" {
#endif

/* New credentials are requested so many seconds before the old ones expire. */
#define SEGJOB_SOURCE_EARLY_S 300

/* Milliseconds between two requests while credentials are valid; and the
 * minimum, half of the maximum, while they are expired. */
#define SEGJOB_SOURCE_RETRY_MS 60000u
#define SEGJOB_SOURCE_EXPIRED_RETRY_MS 300000u

/* Bytes of the longest error message, with its NUL; longer ones are cut. */
#define SEGJOB_SOURCE_MESSAGE_MAX 256u

struct segjob_source;

/*
 * How a source gets its credentials, other than by HTTP. `begin` starts, and
 * `resume` continues, at least every SEGJOB_SOURCE_POLL_MS after WOULD_BLOCK;
 * they return OK after segjob_source_read(), and FAILED if `s->error` says why
 * or segjob_source_read() has failed. `end` follows at any time, and releases
 * what `begin` has taken.
 */
struct segjob_source_way {
    enum segjob_io (*begin)(struct segjob_source *s, struct segjob_port *port);
    enum segjob_io (*resume)(struct segjob_source *s, struct segjob_port *port);
    void (*end)(struct segjob_source *s);
};

#define SEGJOB_SOURCE_POLL_MS 10u

/* How to read responses that are not JSON; their `len` bytes may be changed. */
struct segjob_source_reader {
    /*
     * Set the credentials, and the text of their expiration. They point into
     * the body, or are absent if it does not have them.
     */
    void (*credentials)(char *body, size_t len,
                        struct segjob_credentials *credentials,
                        struct segjob_str *expiration);
    /* Set an error's code and message in the same way. */
    void (*error)(char *body, size_t len, struct segjob_str *code,
                  struct segjob_str *message);
};

/* What differs between the kinds of sources. */
struct segjob_source_kind {
    const char *name; /* for error messages */
    enum segjob_credentials_format format;
    uint32_t timeout_ms; /* of one request */
    bool may_be_absent;  /* no response to the first request: there is none */
    bool is_signed;      /* the request: an error may be that of the clock */
    /* Addresses other than loopback that http:// is allowed to, then NULL. */
    const char *const *plain_hosts;
    /*
     * Prepare the request number `s->step`, from 0; `fetched` is the response
     * to the one before. Returns false if that contains the credentials. A
     * request that is signed is dated `s->now`.
     */
    bool (*next_request)(struct segjob_source *s, struct segjob_str fetched);
    const struct segjob_source_reader *reader; /* NULL: JSON, in `format` */
    /* What to do about an error of the service, or NULL. May be NULL. */
    const char *(*remedy)(struct segjob_source *s);
    const struct segjob_source_way *way; /* NULL: by HTTP, with the above */
};

/*
 * Set a port's `provider` to `&provider`. After a failure `message` says which
 * source failed and why, NUL-terminated; `size_needed`, if not 0, is the size
 * in bytes that the buffer must have. All other members are private.
 */
struct segjob_source {
    struct segjob_provider provider;
    const struct segjob_source_kind *kind;
    struct segjob_config config; /* where the source is */
    struct segjob_fetch_request request;
    struct segjob_client client;
    struct segjob_platform *platform; /* of the port that it serves */
    char *buf;
    size_t cap;
    size_t size_needed;
    char message[SEGJOB_SOURCE_MESSAGE_MAX];
    const char *error; /* why the next request cannot be sent, or NULL */
    enum segjob_status failed;    /* SEGJOB_CREDENTIALS_UNAVAILABLE: for now */
    struct segjob_provider *base; /* of what signs the request, or NULL ... */
    const struct segjob_credentials *base_credentials; /* ... and what it got */
    int64_t now;            /* to sign, in Unix seconds */
    int64_t clock_skew_s;   /* the service's clock minus the device's, or 0 */
    size_t credentials_len; /* bytes of credentials at the end of `buf` ... */
    size_t kept;            /* ... and with what is kept before them */
    struct segjob_credentials credentials; /* absent if there are none */
    int64_t expiration; /* in Unix seconds; INT64_MAX: none */
    uint64_t retry_ms;  /* no request before this time */
    uint8_t step;
    bool awaits_base;
    /* In this fetch: the service called the base's credentials expired; it
     * told the time. */
    bool base_is_expired;
    bool is_clock_corrected;
    bool is_expired; /* the service called these credentials expired */
    bool is_fetching;
    bool moved;
};

/*
 * Initialize a source that has no credentials yet. `buf`, `cap` bytes, and the
 * spans of the configuration and of later requests are borrowed until
 * segjob_source_wipe().
 */
void segjob_source_init(struct segjob_source *s,
                        const struct segjob_source_kind *kind,
                        const struct segjob_config *config, void *buf,
                        size_t cap);

/*
 * For the init function of a kind: check the configuration, or reject it with
 * the reason `why`, which is copied to `message`.
 *
 * Returns
 *   SEGJOB_OK      the configuration can be used
 *   SEGJOB_CONFIG  it cannot; `message` says why
 */
enum segjob_status segjob_source_check(struct segjob_source *s);
enum segjob_status segjob_source_refuse(struct segjob_source *s,
                                        const char *why);

/*
 * Copy `text`, a part of a response, to where it is kept until the credentials
 * arrive. Returns the copy; absent if there is no room.
 */
struct segjob_str segjob_source_keep(struct segjob_source *s,
                                     struct segjob_str text);

/*
 * For a way of its own: the free part of the buffer, before the first byte of
 * the credentials in use. `*cap` is its length.
 */
char *segjob_source_room(struct segjob_source *s, size_t *cap);

/*
 * Read the credentials in the first `len` bytes of that part, in the format of
 * the kind, and keep them.
 *
 * Returns OK, or FAILED if they are malformed or incomplete.
 */
enum segjob_io segjob_source_read(struct segjob_source *s, size_t len);

/*
 * Overwrite the credentials and all else in the buffer. The source can be used
 * further, and requests new credentials then. A source whose credentials sign
 * for this one is to be wiped as well.
 */
void segjob_source_wipe(struct segjob_source *s);

#ifdef __cplusplus
}
#endif

#endif
