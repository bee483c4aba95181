/*
 * A message is cleaned in place, a byte written for each that is read at most:
 * whatever was read so far, a look at the rest reads within it, and what is to
 * be hidden is of it. Which characters tags are of is left open.
 */
#include "../../core/sj_error.c"

#include "proof.h"

bool sj_match_tag(struct segjob_str s)
{
    assert(s.len >= 1 && s.len <= 4);
    return nondet_byte() % 2 == 0;
}

void secrets_are_within(void)
{
    const struct segjob_str left = any_text(BOUND);
    const struct segjob_tag tag = {any_text(BOUND), {NULL, 0}};
    const struct segjob_create_request request = {.tags = &tag, .tags_len = 1};
    struct reading r = {left, &request, any_up_to(left.len),
                        nondet_byte() % 2 == 0, nondet_byte() % 2 == 0};

    ASSUME(left.len > 0);
    look(&r);
    assert(r.secret <= left.len);
    assert(r.left.ptr == left.ptr && r.left.len == left.len);
}
