/*
 * Numbers and addresses are read as a whole or not at all, within their text.
 */
#include "segjob_text.h"

#include "proof.h"

void decimal_reads_within(void)
{
    const struct segjob_str s = any_text(BOUND);
    const uint32_t value = segjob_decimal(s);
    const size_t at = nondet_size();

    assert(value == SEGJOB_NO_DECIMAL || s.len > 0);
    assert(value == SEGJOB_NO_DECIMAL || at >= s.len ||
           segjob_is_digit(s.ptr[at]));
}

/* Stores at most 16 bytes; the shortest address is `::`. */
void ipv6_stores_within(void)
{
    const struct segjob_str s = any_text(BOUND);

    if (segjob_read_ipv6(s, (uint8_t *)any_bytes(16))) {
        assert(s.len >= 2);
    }
}
