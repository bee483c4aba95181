/*
 * A device: the library's client and runner over a link, with its credentials
 * and clocks, and what is observed of its operations from outside.
 */
#ifndef SJ_SIMULATION_DEVICE_H
#define SJ_SIMULATION_DEVICE_H

#include "network.h"
#include "segjob_run.h"

#define CLIENT_CAP 3072

enum kind {
    CREATING,
    ENSURING,
    WAITING,
    DESCRIBING,
    LISTING,
    LISTING_MORE
};

/* A list that is read in pages. */
struct list {
    size_t known;           /* jobs when it began */
    uint64_t seen;          /* jobs, each a bit */
    size_t next;            /* where the next page begins */
    unsigned long max_jobs; /* of the page asked for last, 0: none was */
    bool is_too_large;      /* the last page was */
};

/* What an operation is to do, and what was observed of it so far. */
struct operation {
    long number; /* from 1 */
    enum kind kind;
    struct params params;
    struct segjob_create_request request;
    char arn[ARN_CAP];
    uint64_t begun;
    uint64_t deadline; /* NEVER: none */
    bool cancelled;
    /* Observed. */
    unsigned attempts;  /* since it began, or since the last poll */
    unsigned creations; /* attempts to create ... */
    unsigned left;      /* ... of which something may have left */
    unsigned sent;      /* requests of which something left */
    unsigned
        refreshes; /* attempts with credentials that replaced expired ones */
    unsigned backoffs; /* in a row */
    bool paused;       /* since the last attempt, until: */
    uint64_t pause_until;
    bool outcome_unknown;   /* of a request to create that left */
    bool looked;            /* and since then Describe found no job */
    bool name_taken;        /* the service said so: settle whose job it is */
    const char *confirming; /* ARN from a creation's response, or NULL */
    bool expired;           /* the credentials are, and not refreshed yet */
    bool not_found_before;  /* a wait did not find its job, a poll ago */
    bool over;              /* the last response was a definitive end */
    bool gave_up;           /* no time was left for backoff */
    bool connected;         /* to create */
    uint64_t first_sent;    /* the first request to create; NEVER: none */
    bool trying;            /* an attempt is under way ... */
    bool creating;          /* ... to create */
    bool ended;
    bool reported; /* to the application */
    enum segjob_status status;
    enum segjob_outcome outcome;
    struct exchange last; /* attempt that has ended ... */
    size_t last_taken;    /* ... and the bytes of its response */
};

struct device {
    struct segjob_client client;
    struct segjob_config config;
    struct segjob_credentials credentials;
    struct segjob_port port;
    struct segjob_provider provider;
    uint64_t supply_at; /* when the provider has credentials or fails */
    struct link link;
    bool on;               /* it has power */
    uint64_t asleep_until; /* and does nothing before */
    struct operation op;
    struct list list;
    enum segjob_status status; /* of the last step */
    bool must_refresh;         /* the credentials before the next attempt */
    unsigned token;
    uint64_t turn; /* number of the next; earlier ones are void */
    uint64_t turn_at;
    unsigned cancel_in;              /* steps; 0: not at all */
    void (*ended)(struct device *d); /* its operation */
    /* What its client should have, by the rules. */
    int quota; /* tokens left */
    int last_cost;
    int64_t clock_skew; /* seconds */
    bool has_candidate; /* for the clock skew */
    int64_t candidate;
    uint64_t poll_ms; /* between two looks of a wait */
    char buf[CLIENT_CAP];
};

/*
 * Power on a device without state, `up` ms ago by its monotonic clock. Its
 * client is configured to make `max_attempts`.
 */
void device_boot(struct device *d, uint64_t up, unsigned max_attempts);

/* Let it sleep for `ms`; its monotonic clock stands still meanwhile. */
void device_sleep(struct device *d, uint64_t ms);

/* Power it off. */
void device_die(struct device *d);

/*
 * Start an operation: `*op` with its number, kind, params or arn, and deadline
 * set.
 */
void device_begin(struct device *d, const struct operation *op);

/* Cancel the operation so many steps later, whatever it waits for then. */
void device_cancel(struct device *d, unsigned steps);

/* Set the poll interval to `ms`, at least a second. */
void device_poll(struct device *d, uint32_t ms);

/* Fill a request from parameters. */
void request_fill(const struct params *params,
                  struct segjob_create_request *request);

#endif
