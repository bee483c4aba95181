/*
 * A device: the library's client and runner over a link, with its credentials
 * and clocks, and what is observed of its operations from outside.
 */
#ifndef SJ_SIMULATION_DEVICE_H
#define SJ_SIMULATION_DEVICE_H

#include "network.h"
#include "segjob_run.h"

#define CLIENT_CAP 3072

/* A list that is read in pages. */
struct list {
    size_t known;  /* jobs when it began */
    uint64_t seen; /* jobs, each a bit */
    size_t next;   /* where the next page begins */
};

/* What an operation is to do, and what became of it. */
struct operation {
    long number; /* from 1 */
    enum kind kind;
    struct params params;
    struct segjob_create_request request;
    char arn[ARN_CAP];
    uint64_t begun;
    uint64_t deadline;   /* NEVER: none */
    unsigned sent;       /* requests of which something left */
    uint64_t first_sent; /* the first request to create; NEVER: none */
    bool ended;
    bool reported; /* to the application */
    enum segjob_status status;
    enum segjob_outcome outcome;
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
    struct observer seen; /* of it */
    struct list list;
    enum segjob_status status; /* of the last step */
    bool must_refresh;         /* the credentials before the next attempt */
    unsigned token;
    uint64_t turn; /* number of the next; earlier ones are void */
    uint64_t turn_at;
    unsigned cancel_in;              /* steps; 0: not at all */
    void (*ended)(struct device *d); /* its operation */
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
