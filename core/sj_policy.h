/*
 * What follows an attempt: the only file that decides it. Two ends need no
 * decision: the deadline, and a request that cannot be written.
 */
#ifndef SJ_POLICY_H
#define SJ_POLICY_H

#include "segjob.h"
#include "sj_result.h"

#define SJ_NEVER UINT64_MAX

/* What the operation is doing. */
enum sj_phase {
    SJ_CREATING, /* asking the service to create the job */
    SJ_SETTLING, /* describing the job: was it created? */
    SJ_READING,  /* describing a job, or listing jobs */
    SJ_WAITING,  /* describing a job until its status is final */
    SJ_FETCHING, /* asking a source of credentials */
    SJ_PHASES
};

enum sj_action {
    SJ_END,           /* the operation has its result */
    SJ_RETRY,         /* the same request again, after backoff */
    SJ_RETRY_OR_POLL, /* the same; if no retry is left, SJ_POLL */
    SJ_RESEND,        /* the same request again at once, not counted */
    SJ_POLL,          /* the same request again after the poll interval */
    SJ_SHRINK,        /* the same request for fewer jobs */
    SJ_SETTLE,        /* look at the job, after backoff */
    SJ_SETTLE_NOW,    /* look at the job at once */
    SJ_CREATE,        /* the job does not exist: create it at once */
    SJ_NONE,          /* cannot happen; like SJ_END if it does */
    SJ_ACTIONS
};

bool sj_policy_has_deadline(const struct segjob_client *c);

/* What follows the attempt, whose result is set. Changes nothing. */
enum sj_action sj_policy(const struct segjob_client *c);

#endif
