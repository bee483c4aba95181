/*
 * What is observed of a client's operation, and the rules that all of them
 * follow, whatever their world: attempts and their limits, the clock skew,
 * backoff and its tokens, and that what is reported follows from it.
 *
 * It is plain data, so that it can be copied with its client. All times are in
 * milliseconds, of one clock; all pointers are to what lasts as long as the
 * operation.
 */
#ifndef SJ_SIMULATION_OBSERVER_H
#define SJ_SIMULATION_OBSERVER_H

#include "request.h"
#include "rule.h"
#include "segjob.h"

#define ACCOUNT "123456789012"
#define ARN_FRONT "arn:aws:personalize:us-east-1:" ACCOUNT ":"
#define JOB_ARN_FRONT ARN_FRONT "batch-segment-job/"

/* The figures of the standard retry mode and of segjob.h. */
#define ATTEMPTS 3 /* if none are configured */
#define QUOTA 500
#define POLL_MS 60000
#define RESPONSE_MS 15000

#define ALREADY_EXISTS "ResourceAlreadyExistsException"
#define NOT_FOUND "ResourceNotFoundException"

enum kind {
    CREATING,
    ENSURING,
    WAITING,
    DESCRIBING,
    LISTING,
    LISTING_MORE
};

/* What a response means to the next attempt. */
enum cause {
    NOTHING, /* there is none */
    GOOD,    /* the result: a page, or the job of the name */
    LARGE,   /* a result that is larger than the buffer */
    BAD,     /* HTTP, but not the result */
    FINAL,
    TRANSIENT,
    THROTTLED,
    EXPIRED,
    SKEWED
};

/* Whose job has the name, as the service knows. */
enum owner {
    NOBODY,
    OURS,  /* this operation's */
    SAME,  /* an earlier operation's, with the same parameters */
    OLD,   /* the same, but from before this operation */
    OTHERS /* with other parameters */
};

/* An attempt: it begins when the client wants credentials. */
struct attempt {
    /* The world says: */
    bool reused;    /* the connection was kept */
    bool dead;      /* it failed before a byte of the response */
    bool heard;     /* the whole response was received ... */
    bool keeps;     /* ... and the connection can be used again */
    bool is_done;   /* the job in the result has its last status */
    bool has_id;    /* a request id: it is not a proxy's */
    bool learns;    /* the response has a good Date */
    bool is_partly; /* read: the delays may have been, or not */
    int8_t failure; /* of credentials or connection; SEGJOB_OK: none */
    uint8_t cause;  /* enum cause */
    int16_t http;
    const char *code; /* of the error, or the ARN of the result; or NULL */
    uint32_t retry_after_ms;
    uint32_t x_retry_after_ms;
    int64_t wall; /* the device's clock when it connected */
    int64_t date; /* in the response */
    /* Observed: */
    bool supplied; /* the client has its credentials ... */
    bool connected;
    uint8_t target;
    uint64_t begun; /* ... since then */
    uint64_t connected_at;
};

/* What a client keeps from one operation to the next. */
struct session {
    uint8_t max_attempts;
    uint32_t poll_ms; /* between two looks of a wait */
    int16_t quota;    /* tokens left */
    int8_t last_cost;
    uint8_t page;       /* of a list: the jobs that were asked for ... */
    bool too_large;     /* ... which were too many */
    bool has_candidate; /* for the clock skew */
    int64_t candidate;
    int64_t skew; /* seconds */
};

struct observer {
    struct session session;
    uint8_t kind; /* enum kind */
    const struct params *asked;
    uint64_t deadline; /* NEVER: none */
    uint16_t attempts; /* since it began, or since the last poll */
    uint8_t creations; /* attempts to create ... */
    uint8_t left;      /* ... of which something may have left */
    uint8_t refreshes; /* attempts with credentials that replaced expired ones
                        */
    uint16_t backoffs; /* in a row */
    bool trying;       /* an attempt is under way ... */
    bool creating;     /* ... to create */
    bool paused;       /* since the last attempt, until: */
    bool outcome_unknown;   /* of a request to create that left */
    bool looked;            /* and since then Describe found no job */
    bool name_taken;        /* the service said so: settle whose job it is */
    bool connected;         /* to create */
    bool expired;           /* the credentials are, and not refreshed yet */
    bool not_found_before;  /* a wait did not find its job, a poll ago */
    bool over;              /* the last response was a definitive end */
    bool gave_up;           /* no time was left for backoff */
    bool cancelled;         /* the world says so */
    const char *confirming; /* ARN from a creation's response, or NULL */
    uint64_t pause_until;
    struct attempt x;
    struct attempt last; /* that has ended */
};

/* A step of the client, by which it no longer wants `before`. */
struct step {
    const struct segjob_client *client;
    enum segjob_want before;
    uint64_t now;
    uint64_t wake;   /* when it wants to be called; NEVER: it does not */
    uint32_t random; /* the last number that it got */
};

/* A client is new. */
void observer_boot(struct observer *o, unsigned max_attempts);

/* An operation begins; `asked` are its parameters. */
void observer_begin(struct observer *o, enum kind kind,
                    const struct params *asked, uint64_t deadline);

/* An attempt begins, by `refresh` with other credentials than before. */
void observer_attempt(struct observer *o, uint64_t now, bool refresh);

/* A request is about to leave. `arn`: of the job of the name, or NULL. */
void observer_request(struct observer *o, const struct request *r,
                      const char *arn);

/* The client took a step; o->x is as the world knows. */
void observer_step(struct observer *o, const struct step *s);

/* The operation ended, while the job of the name was `owner`s. */
void observer_end(struct observer *o, const struct step *s, enum owner owner,
                  const char *arn);

bool creates(const struct observer *o);
bool lists(const struct observer *o);
bool is_cause(const struct attempt *x, enum cause cause);

/* When the attempt must have been given up. */
uint64_t attempt_limit(const struct observer *o, const struct attempt *x);

#endif
