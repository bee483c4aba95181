/*
 * A model of the service: a set of jobs, whose names are unique.
 *
 * There is no delete: a name that is taken stays taken.
 */
#ifndef SJ_SIMULATION_SERVICE_H
#define SJ_SIMULATION_SERVICE_H

#include "observer.h"
#include "world.h"

#define JOB_TEXT_CAP 1024
#define ARN_CAP 160

struct job {
    struct params params; /* spans of `text` */
    char text[JOB_TEXT_CAP];
    char arn[ARN_CAP];
    long creator;     /* the operation that created it; 0: another device */
    int64_t created;  /* when; before the world began if negative */
    uint64_t visible; /* to Describe, from then on */
    uint64_t running; /* when it is in progress, and when it ends */
    uint64_t final;
    bool fails;
    size_t bulk; /* bytes that it adds to a page of a list */
};

/* A reply: its status, and its error or result. */
struct reply {
    int http;
    const char *code; /* NULL: no readable error of the service */
    enum cause cause;
    const struct job *job; /* created or described, or NULL */
    bool is_proxys;        /* a proxy's, without a request id */
    const char *arn;       /* instead of the job's, or NULL */
    bool is_page;          /* of a list: of these jobs, those asked for ... */
    size_t from;
    size_t to;
    size_t next; /* ... and where the next page begins, 0: there is none */
};

#define TOKENS 4 /* session tokens that a device gets, one after another */

extern struct service {
    /* How it is in this world; all of it is set by the user. */
    int64_t epoch_ms; /* its clock when the world begins */
    uint64_t lag_min; /* until a new job can be described */
    uint64_t lag_max;
    uint64_t expiry[TOKENS]; /* when each token does */
    const char *refuses; /* every request to create, by this code; or NULL */
    enum cause refusal;  /* what that means */
    bool hides;          /* Describe is denied */
    bool fills_in;       /* a numResults that was absent */
    uint32_t rate;       /* of requests per second; 0: without limit */
    uint32_t burst;
    /* Its state. */
    struct job *jobs;
    size_t jobs_len;
    uint64_t requests;
    uint64_t throttled;
} service;

/* Begin without jobs, with room for `cap` of them. */
void service_begin(size_t cap);

/* Its clock, in milliseconds since 1970. */
int64_t service_clock(void);

/* The job of this name, or NULL. */
const struct job *service_find(struct segjob_str name);

/* Create a job, whose name must be free, as of the time `created`. */
struct job *service_create(const struct params *params, long creator,
                           int64_t created);

/* A job's status at a time. */
const char *job_status(const struct job *job, uint64_t at);
bool job_is_final(const struct job *job, uint64_t at);

/* Whether a request to list is for this job, and where its page begins. */
bool service_lists(const struct request *request, const struct job *job);
size_t service_page(const struct request *request);

/* Carry out a request of the operation `creator`. */
void service_respond(const struct request *request, long creator,
                     struct reply *reply);

#endif
