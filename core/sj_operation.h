/*
 * The operations of the API: for each how its request is written and its
 * response is read. What a program does not use is not linked.
 */
#ifndef SJ_OPERATION_H
#define SJ_OPERATION_H

#include "segjob.h"
#include "sj_result.h"
#include "sj_writer.h"

struct sj_operation {
    struct segjob_str target; /* X-Amz-Target; absent: a fetch */
    /* Write the request's body; of a fetch, the head and the body. */
    void (*write)(struct sj_writer *w, const struct segjob_client *c);
    /*
     * Read the complete response and set the result. Called for HTTP status
     * 200; for a fetch, whatever the status is.
     */
    void (*read)(struct segjob_client *c);
};

extern const struct sj_operation sj_operation_create;
extern const struct sj_operation sj_operation_describe;
extern const struct sj_operation sj_operation_list;

/* Comparing `operation` would link sj_operation_list into every program. */
static inline bool sj_is_list(const struct segjob_client *c)
{
    return c->op.page_size > 0;
}

/* Bytes of the buffer that an attempt may use. */
static inline size_t sj_room(const struct segjob_client *c)
{
    return c->setup.cap - c->op.tail_len;
}

/*
 * Read the response to CreateBatchSegmentJob: the `len` bytes at `buf`, which
 * are changed; the rest of the `cap` bytes there is used for tokens. Returns
 * the job's ARN, moved to `buf`, or an absent span if there is no valid one.
 */
struct segjob_str sj_operation_read_arn(char *buf, size_t len, size_t cap);

/*
 * The current job in the last response: segjob_get_job(). The next item of a
 * list: segjob_next_job(). Both set `*job` only if they return true. A list's
 * token for its next page; absent if there is none.
 */
bool sj_operation_job(const struct segjob_client *c, struct segjob_job *job);
bool sj_operation_next_job(struct segjob_client *c, struct segjob_job *job);
struct segjob_str sj_operation_next_token(const struct segjob_client *c);

#endif
