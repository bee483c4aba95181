#include "segjob_list.h"

#include <string.h>

#include "sj_body.h"
#include "sj_check.h"
#include "sj_operation.h"
#include "sj_transition.h"

/* Typical bytes of a listed job with its tokens. */
#define LISTED_JOB 1024u

static const struct segjob_str none = {NULL, 0};

/* The token is kept at the buffer's end until the next page has come. */
static enum segjob_status begin(struct segjob_client *c,
                                struct segjob_str solution_version_arn,
                                uint32_t page_size, struct segjob_str token)
{
    enum segjob_status status;

    if (c->want == SEGJOB_WANT_NOTHING && token.len > 0 &&
        token.len <= c->setup.cap) {
        memmove(c->setup.buf + c->setup.cap - token.len, token.ptr, token.len);
    }
    status = sj_transition_begin(c, SJ_READING, &sj_operation_list);
    if (status != SEGJOB_OK) {
        return status;
    }
    if (solution_version_arn.ptr != NULL &&
        !sj_check_arn(solution_version_arn, SEGJOB_FIELD_SOLUTION_VERSION_ARN,
                      &c->attempt.error)) {
        return sj_transition_end(c, SEGJOB_INVALID);
    }
    if (token.len > c->setup.cap) {
        c->attempt.error.size_needed = token.len + SEGJOB_RESPONSE_MIN;
        return sj_transition_end(c, SEGJOB_NO_SPACE);
    }
    c->op.target_arn = solution_version_arn;
    c->op.page_size = page_size;
    c->op.tail_len = token.len;
    return sj_transition_start(c);
}

enum segjob_status segjob_list(struct segjob_client *c,
                               struct segjob_str solution_version_arn)
{
    const size_t page = c->setup.cap / LISTED_JOB;

    return begin(c, solution_version_arn,
                 page == 0                ? 1
                 : page < SEGJOB_PAGE_MAX ? (uint32_t)page
                                          : SEGJOB_PAGE_MAX,
                 none);
}

enum segjob_status segjob_list_more(struct segjob_client *c)
{
    if (!segjob_has_more(c)) {
        return sj_transition_misuse(c);
    }
    return begin(c, c->op.target_arn, c->op.page_size,
                 sj_operation_next_token(c));
}

enum segjob_status segjob_list_page(struct segjob_client *c,
                                    struct segjob_str solution_version_arn,
                                    uint32_t max_results,
                                    struct segjob_str next_token)
{
    return begin(c, solution_version_arn,
                 max_results == 0                ? SJ_PAGE_ANY
                 : max_results < SEGJOB_PAGE_MAX ? max_results
                                                 : SEGJOB_PAGE_MAX,
                 next_token);
}

bool segjob_next_job(struct segjob_client *c, struct segjob_job *job)
{
    memset(job, 0, sizeof(*job));
    return sj_is_list(c) && sj_operation_next_job(c, job);
}

struct segjob_str segjob_next_token(const struct segjob_client *c)
{
    return sj_is_list(c) ? sj_operation_next_token(c) : none;
}

bool segjob_has_more(const struct segjob_client *c)
{
    return segjob_next_token(c).len > 0;
}
