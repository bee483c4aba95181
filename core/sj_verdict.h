/*
 * What an answer means for the operation.
 */
#ifndef SJ_VERDICT_H
#define SJ_VERDICT_H

#include "segjob.h"

/* Read the answer that is complete, and go on by it. */
void sj_verdict(struct segjob_client *c);

/* A list's token for its next page; absent if there is none. */
struct segjob_str sj_verdict_next_token(const struct segjob_client *c);

#endif
