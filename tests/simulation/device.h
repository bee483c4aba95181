/*
 * A device: the library's client and runner over a link, with the keys and the
 * clock that it has, and what is seen of its operations from outside.
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
    DESCRIBING
};

/* What is asked for, and what was seen of it so far. */
struct operation {
    long number; /* from 1 */
    enum kind kind;
    struct params params;
    struct segjob_create_request request;
    char arn[ARN_CAP];
    uint64_t begun;
    uint64_t deadline; /* NEVER: none */
    bool cancelled;
    /* Seen. */
    unsigned attempts;  /* since it began, or since the last poll */
    unsigned creations; /* attempts to create ... */
    unsigned left;      /* ... of which something may have left */
    unsigned sent;      /* requests of which something left */
    unsigned renewals;  /* attempts with keys that replaced expired ones */
    unsigned pauses;    /* in a row */
    bool paused;        /* since the last attempt, until then: */
    uint64_t pause_until;
    bool doubt;             /* a creation left and got no certain answer */
    bool looked;            /* and since then Describe has said no */
    bool name_taken;        /* the service said so, and it is to be settled */
    const char *confirming; /* ARN that a creation was answered with, or NULL */
    bool absent;            /* a wait has not found its job, a poll ago */
    bool over;              /* the last answer was a certain end */
    bool gave_up;           /* for a pause there was no time */
    bool connected;         /* for a creation */
    uint64_t first_sent;    /* when the first creation was, NEVER: none was */
    bool trying;            /* an attempt is under way ... */
    bool creating;          /* ... to create */
    bool ended;
    bool told; /* to the application */
    enum segjob_status status;
    enum segjob_outcome outcome;
    struct exchange last; /* attempt that has ended ... */
    size_t last_taken;    /* ... and the bytes of its answer */
};

struct device {
    struct segjob_client client;
    struct segjob_config config;
    struct segjob_credentials credentials;
    struct segjob_port port;
    struct link link;
    bool on;               /* it has power */
    uint64_t asleep_until; /* and does nothing before */
    struct operation op;
    enum segjob_status status; /* of the last step */
    bool renews;               /* the keys before the next attempt */
    unsigned token;
    uint64_t turn; /* that is still meant */
    uint64_t turn_at;
    unsigned cancel_in;              /* steps; 0: not at all */
    void (*ended)(struct device *d); /* its operation */
    /* What its client should have. */
    int bucket;
    int last_cost;
    int64_t correction; /* of its clock, in seconds */
    bool has_candidate; /* for a correction */
    int64_t candidate;
    uint64_t poll_ms; /* between two looks of a wait */
    char buf[CLIENT_CAP];
};

/* A device without a past is powered on; `up` ms ago by its clock. */
void device_boot(struct device *d, uint64_t up);

/* It sleeps for `ms`, in which its monotonic clock stands still. */
void device_sleep(struct device *d, uint64_t ms);

/* It loses its power. */
void device_die(struct device *d);

/*
 * Take on an operation, of which number, kind, params or arn, and deadline are
 * set.
 */
void device_begin(struct device *d, const struct operation *op);

/* Cancel what is going on so many steps later, whatever it waits for then. */
void device_cancel(struct device *d, unsigned steps);

/* Let it look at jobs every `ms` milliseconds, but not more often than each
 * second. */
void device_poll(struct device *d, uint32_t ms);

/* Fill a request from parameters. Tags are those of `tags_of()`. */
void request_fill(const struct params *params,
                  struct segjob_create_request *request);

#endif
