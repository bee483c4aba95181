/*
 * A message is cleaned in place: at most one byte is written for each one read.
 * In any state, look() reads only the rest of the message, and the secret that
 * it finds is in that. Any characters may be those of tags.
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
