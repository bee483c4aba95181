/*
 * A model of the service: a set of jobs, whose names are unique.
 *
 * There is no delete: a name that is taken stays taken.
 */
#ifndef SJ_SIMULATION_SERVICE_H
#define SJ_SIMULATION_SERVICE_H

#include "request.h"
#include "world.h"

#define ACCOUNT "123456789012"
#define JOB_ARN_FRONT \
    "arn:aws:personalize:us-east-1:" ACCOUNT ":batch-segment-job/"

#define JOB_TEXT_CAP 1024
#define ARN_CAP 160

struct job {
    struct params params; /* spans of `text` */
    char text[JOB_TEXT_CAP];
    char arn[ARN_CAP];
    long maker; /* the operation whose request made it; another device's: 0 */
    int64_t created;  /* when; before the world began if negative */
    uint64_t visible; /* to Describe, from then on */
    uint64_t running; /* when it is in progress, and when it ends */
    uint64_t final;
    bool fails;
};

/* What an answer's code is to the next attempt: PROTOCOL's classes. */
enum cause {
    FINAL,
    TRANSIENT,
    THROTTLED,
    SKEWED,
    EXPIRED
};

/* An answer: its status, and its error or what it tells. */
struct reply {
    int http;
    const char *code; /* NULL: no service error that can be read */
    enum cause cause;
    const struct job *job; /* that was made or is told of, or NULL */
    bool is_gateways;      /* and not the service's: without a request id */
    const char *arn;       /* what takes the place of the job's, or NULL */
};

#define TOKENS 4 /* credentials that a device gets, one after another */

extern struct service {
    /* How it is in this world; all of it is set by the user. */
    int64_t epoch_ms; /* its clock when the world begins */
    uint64_t lag_min; /* until a new job can be described */
    uint64_t lag_max;
    uint64_t expiry[TOKENS]; /* when each token does */
    const char *refuses;     /* every creation, with this code; or NULL */
    enum cause refusal;      /* what that is */
    bool hides;              /* no Describe is allowed */
    bool fills_in;           /* numResults, where it was absent */
    uint32_t rate;           /* of requests per second; 0: without limit */
    uint32_t burst;
    /* How it stands. */
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

/* Make a job, whose name must be free, as of `created`. */
const struct job *service_make(const struct params *params, long maker,
                               int64_t created);

/* The word for a job's status at a time. */
const char *job_status(const struct job *job, uint64_t at);
bool job_is_final(const struct job *job, uint64_t at);

/* Do what a request asks for; `maker` is the operation that sent it. */
void service_answer(const struct request *request, long maker,
                    struct reply *reply);

#endif
