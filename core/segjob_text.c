#include "segjob_text.h"

#include <string.h>

#include "sj_scan.h"

/* -------------------------------------------------------------- characters */

bool segjob_is_alnum(char c)
{
    return segjob_is_digit(c) || ((unsigned char)c | 0x20u) - 'a' < 26;
}

unsigned segjob_hex_value(char c)
{
    const unsigned letter = ((unsigned char)c | 0x20u) - 'a';

    if (segjob_is_digit(c)) {
        return (unsigned)(c - '0');
    }
    return letter < 6 ? letter + 10 : 16;
}

/* ----------------------------------------------------------------- numbers */

uint32_t segjob_decimal(struct segjob_str s)
{
    uint32_t sum = s.len > 0 ? 0 : SEGJOB_NO_DECIMAL;

    for (; s.len > 0; sj_skip(&s, 1)) {
        const unsigned digit = (unsigned char)s.ptr[0] - '0';

        if (digit > 9) {
            return SEGJOB_NO_DECIMAL;
        }
        sum = sum <= (SEGJOB_DECIMAL_MAX - digit) / 10 ? sum * 10 + digit
                                                       : SEGJOB_DECIMAL_MAX;
    }
    return sum;
}

/*
 * Divide by 10; returns the remainder. 2^32 is 10 * 429496729 + 6: so it takes
 * no division of 64 bits, which is 900 bytes of a library on a Cortex-M.
 */
static unsigned divide_by_10(uint64_t *number)
{
    const uint32_t high = (uint32_t)(*number >> 32);
    const uint32_t low = (uint32_t)*number;
    const uint32_t rest = high % 10 * 6 + low % 10;

    *number = (uint64_t)(high / 10) << 32;
    *number += UINT64_C(429496729) * (high % 10) + low / 10 + rest / 10;
    return rest % 10;
}

char *segjob_write_decimal(char *end, uint64_t number)
{
    do {
        *--end = (char)('0' + divide_by_10(&number));
    } while (number > 0);
    return end;
}

/* --------------------------------------------------------------- addresses */

/* Take a group of 1 to 4 hexadecimal digits. */
static bool take_group(struct segjob_str *s, uint8_t *bytes)
{
    unsigned group = 0, digit, n = 0;

    for (; n < 4 && s->len > 0; n++) {
        digit = segjob_hex_value(s->ptr[0]);
        if (digit > 15) {
            break;
        }
        group = group << 4 | digit;
        sj_skip(s, 1);
    }
    bytes[0] = (uint8_t)(group >> 8);
    bytes[1] = (uint8_t)group;
    return n > 0;
}

/* Eight groups separated by colons; one `::` replaces groups of zeros. */
bool segjob_read_ipv6(struct segjob_str s, uint8_t bytes[16])
{
    uint8_t *const end = bytes + 16;
    uint8_t *at = bytes, *gap = end; /* where `::` is, `end` if nowhere */

    while (s.len > 0) {
        if (at == end) {
            return false;
        }
        if (gap == end && sj_take_text(&s, "::")) {
            gap = at;
            continue;
        }
        if ((at > bytes && at != gap && !sj_take(&s, ':')) ||
            !take_group(&s, at)) {
            return false;
        }
        at += 2;
    }
    if (gap < end) {
        memmove(end - (at - gap), gap, (size_t)(at - gap));
        memset(gap, 0, (size_t)(end - at));
    }
    return (at < end) == (gap < end);
}
