/*
 * The requests that a client makes: how each is written, and its answer read.
 * What a program does not ask for is not linked.
 */
#ifndef SJ_CALL_H
#define SJ_CALL_H

#include "segjob.h"
#include "sj_writer.h"

struct sj_call {
    struct segjob_str target; /* X-Amz-Target; absent if it is a fetch */
    /* The body; of a fetch, which has none, the head. */
    void (*write)(struct sj_writer *w, const struct segjob_client *c);
    /* The answer, which is complete: with status 200, or to a fetch any. */
    void (*read)(struct segjob_client *c);
};

extern const struct sj_call sj_call_create;
extern const struct sj_call sj_call_describe;
extern const struct sj_call sj_call_list;

static inline bool sj_call_is_fetch(const struct segjob_client *c)
{
    return c->call->target.ptr == NULL;
}

/* A list's token for its next page; absent if there is none. */
struct segjob_str sj_call_next_token(const struct segjob_client *c);

#endif
