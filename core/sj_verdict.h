/*
 * What an answer means for the operation.
 */
#ifndef SJ_VERDICT_H
#define SJ_VERDICT_H

#include "segjob.h"

/* Read the answer that is complete, and go on by it. */
void sj_verdict(struct segjob_client *c);

/* The answer does not fit: end the operation, and guess what is needed. */
void sj_verdict_too_long(struct segjob_client *c);

/*
 * Read code and message of the service's error into `c->error`; the message
 * then stands at the start of the buffer, and `secret` is not in it.
 */
void sj_verdict_read_error(struct segjob_client *c, struct segjob_str secret);

#endif
