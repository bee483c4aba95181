/*
 * What follows a request: the end, another try, or a look at what became of a
 * creation. Whether and when is decided here; segjob.c does it.
 */
#ifndef SJ_NEXT_H
#define SJ_NEXT_H

#include "segjob.h"
#include "sj_retry.h"

#define SJ_NEVER UINT64_MAX

/* What was taken on. */
enum sj_operation {
    SJ_CREATE,
    SJ_ENSURE,
    SJ_DESCRIBE,
    SJ_WAIT,
    SJ_LIST,
    SJ_FETCH
};

/* What follows it. */
enum sj_next {
    SJ_END,   /* the operation is over */
    SJ_PAUSE, /* for as long as `cause` asks, and then start */
    SJ_POLL,  /* pause as long as a wait does, and then start */
    SJ_START  /* the request that `call` names */
};

/* Bytes of the buffer without what is kept at its end. */
size_t sj_next_room(const struct segjob_client *c);

/* The end of `n` more milliseconds, or `limit` if that is sooner. */
uint64_t sj_next_after(const struct segjob_client *c, uint32_t n,
                       uint64_t limit);

bool sj_next_has_deadline(const struct segjob_client *c);

#define SJ_NOT_FOUND "ResourceNotFoundException"
#define SJ_ALREADY_EXISTS "ResourceAlreadyExistsException"

/*
 * Whether the last response was this error, from the service itself: without
 * a request id it is a gateway's.
 */
bool sj_next_is_error(const struct segjob_client *c, const char *code);

/* Begin the request that `c->call` names. */
void sj_next_start(struct segjob_client *c);

/* The connection is closed or kept: do what is next. */
void sj_next_turn(struct segjob_client *c);

/*
 * The request at hand is over, and `next` follows once its connection is
 * closed or kept. All of the buffer but what results point into is wiped.
 */
void sj_next_leave(struct segjob_client *c, enum sj_next next);

/* End the operation with `status`, which is returned. */
enum segjob_status sj_next_end(struct segjob_client *c,
                               enum segjob_status status);

/* Pause until the next look at a job that is still running. */
void sj_next_poll(struct segjob_client *c);

/*
 * The request at hand failed as `status`, for this cause. `certain`: the
 * service said no to it, so that it made no job.
 */
void sj_next_failed(struct segjob_client *c, enum segjob_status status,
                    enum sj_cause cause, bool certain);

#endif
