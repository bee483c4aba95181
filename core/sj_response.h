/*
 * What a complete response, or a failure to get one, means for the operation.
 */
#ifndef SJ_RESPONSE_H
#define SJ_RESPONSE_H

#include <string.h>

#include "segjob.h"
#include "sj_error.h"
#include "sj_result.h"

/*
 * Read the complete response. Sets the result, and in the client the details of
 * the error, the job, and the clock skew.
 */
void sj_response_read(struct segjob_client *c);

/* Set the result of an attempt that failed as `why`, without a response. */
void sj_response_failed(struct segjob_client *c, enum segjob_status why);

/* Set the result: not a response that this service gives. */
void sj_response_invalid(struct segjob_client *c);

/* Set the result: too large for the buffer. Estimates the size needed. */
void sj_response_too_large(struct segjob_client *c);

/*
 * Read code and message of an error into the client. The message then starts
 * the buffer, and does not contain `secret`.
 */
void sj_response_read_error(struct segjob_client *c, struct segjob_str secret);

/* Keep the code where the header's stood: the buffer will be rewritten. */
static inline void sj_response_keep_code(struct sj_attempt *a)
{
    struct segjob_str *code = &a->error.code;

    if (code->ptr == NULL) {
        return;
    }
    if (code->len > SJ_HTTP_ID_CAP) {
        code->len = SJ_HTTP_ID_CAP;
    }
    memmove(a->http.error, code->ptr, code->len);
    code->ptr = a->http.error;
}

/* Keep the error that the client has, in the same way. */
static inline void sj_response_keep_error(struct segjob_client *c,
                                          struct segjob_str secret)
{
    struct segjob_error *e = &c->attempt.error;

    sj_response_keep_code(&c->attempt);
    if (e->message.ptr != NULL) {
        e->message =
            sj_error_redact(c->setup.buf, e->message, c->op.request, secret);
        c->attempt.result_len = e->message.len;
    }
}

#endif
