/*
 * The result of an attempt: sj_response.h makes it of a response or a failure,
 * sj_policy.h maps it to an action.
 */
#ifndef SJ_RESULT_H
#define SJ_RESULT_H

#include "segjob.h"

enum sj_event {
    SJ_FINAL,          /* the service's error: it would be the same again */
    SJ_TRANSIENT,      /* may pass */
    SJ_THROTTLED,      /* passes if there are fewer requests */
    SJ_EXPIRED,        /* new credentials are needed */
    SJ_SKEWED,         /* the clock was wrong, and is corrected now */
    SJ_NO_CREDENTIALS, /* their source failed, which may pass */
    SJ_UNCONFIRMED,    /* an error, perhaps a proxy's: a page, a redirect */
    SJ_STALE,          /* a kept connection was dead before it was used */
    SJ_NAME_TAKEN,     /* a job has this name: this operation's, or another */
    SJ_NOT_FOUND,      /* settling or a wait found no job */
    SJ_RUNNING,        /* a wait found a job whose status is not final */
    SJ_TOO_LARGE,      /* the response does not fit in the buffer */
    SJ_DONE,           /* the operation is over, well or not */
    SJ_ABORTED,        /* cancelled, timed out, or not possible */
    SJ_EVENTS
};

/* Set the result of the current attempt. */
void sj_result(struct segjob_client *c, enum segjob_status status,
               enum sj_event event, enum segjob_outcome outcome);

#endif
