/*
 * The part that is taken is the front of the text; nothing after it is read.
 */
#include "sj_scan.h"

#include "proof.h"

/* `rest` is the end of `all`. */
static bool is_rest(struct segjob_str rest, struct segjob_str all)
{
    return rest.len <= all.len && rest.ptr == all.ptr + (all.len - rest.len);
}

void take_until_reads_within(void)
{
    const struct segjob_str s = any_text(BOUND);
    const char end = (char)nondet_byte();
    const size_t at = nondet_size();
    struct segjob_str left = s;
    const struct segjob_str part = sj_take_until(&left, end);

    assert(part.ptr == s.ptr && is_rest(left, s));
    assert(part.len == s.len || s.ptr[part.len] == end);
    assert(at >= part.len || s.ptr[at] != end);
}

void take_reads_within(void)
{
    const struct segjob_str s = any_text(BOUND);
    struct segjob_str left = s;

    if (sj_take_text(&left, "+0")) {
        assert(left.len + 2 == s.len && s.ptr[0] == '+' && s.ptr[1] == '0');
    }
    if (sj_take(&left, 'Z')) {
        assert(s.len - left.len == 1 || s.len - left.len == 3);
    }
    sj_take_digits(&left);
    assert(is_rest(left, s) &&
           (left.len == 0 || !segjob_is_digit(left.ptr[0])));
}
