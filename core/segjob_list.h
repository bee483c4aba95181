/*
 * One page of a list, of a chosen size, from a token on: for the command. Other
 * programs need segjob_list() and segjob_list_more() alone.
 */
#ifndef SEGJOB_LIST_H
#define SEGJOB_LIST_H

#include "segjob.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The most jobs in a page, by the API. */
#define SEGJOB_PAGE_MAX 100u

/*
 * As segjob_list(), but with the page that `next_token` begins, or the first if
 * that is absent or empty, and at most `max_results` jobs, 1 to
 * SEGJOB_PAGE_MAX; with 0 the service chooses their number. A page that does
 * not fit in the buffer is asked for again with half as many. The token is
 * copied to the buffer's end: SEGJOB_NO_SPACE if it is longer than that.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_list_page(struct segjob_client *c,
                                    struct segjob_str solution_version_arn,
                                    uint32_t max_results,
                                    struct segjob_str next_token);

/* The token of the next page; absent if there is none, or this is no list. */
struct segjob_str segjob_next_token(const struct segjob_client *c);

#ifdef __cplusplus
}
#endif

#endif
