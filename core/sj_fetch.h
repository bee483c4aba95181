/*
 * Fetching from a source of credentials: what differs from the requests that
 * the service gets. A program without such sources does not link it.
 */
#ifndef SJ_FETCH_H
#define SJ_FETCH_H

#include "segjob.h"
#include "sj_call.h"

extern const struct sj_call sj_call_fetch;

/* Check a request, as sj_request_check() does. */
SEGJOB_MUST_CHECK
bool sj_fetch_check(const struct segjob_fetch_request *request,
                    struct segjob_error *e);

#endif
