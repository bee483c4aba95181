/*
 * Base64 of any user and password has RFC 4648's length, and fits its buffer.
 */
#include "../../core/segjob_tunnel.c"

#include "proof.h"

void base64_stores_within(void)
{
    const size_t cap = any_up_to(2 * BOUND);
    struct sj_writer w = {any_bytes(2 * BOUND) + (2 * BOUND - cap), cap, 0,
                          NULL};
    struct base64 b = {&w, 0, 0};
    const struct segjob_str one = any_text(BOUND), other = any_text(BOUND);

    put(&b, one);
    put(&b, other);
    put_end(&b);
    assert(w.len == (one.len + other.len + 2) / 3 * 4);
}
