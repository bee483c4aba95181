/*
 * UTF-8 by RFC 3629 section 4, written here a second time.
 */
#include "sj_unicode.h"

#include "proof.h"

static bool is_tail(unsigned char c)
{
    return c >= 0x80 && c <= 0xbf;
}

/* The length of the character at the front of `n` bytes; 0 for none. */
static size_t length_of(const unsigned char *b, size_t n)
{
    if (b[0] <= 0x7f) {
        return 1;
    }
    if (n >= 2 && b[0] >= 0xc2 && b[0] <= 0xdf) {
        return is_tail(b[1]) ? 2 : 0;
    }
    if (n >= 3 && b[0] >= 0xe0 && b[0] <= 0xef) {
        return is_tail(b[1]) && is_tail(b[2]) &&
                       !(b[0] == 0xe0 && b[1] < 0xa0) &&
                       !(b[0] == 0xed && b[1] > 0x9f)
                   ? 3
                   : 0;
    }
    if (n >= 4 && b[0] >= 0xf0 && b[0] <= 0xf4) {
        return is_tail(b[1]) && is_tail(b[2]) && is_tail(b[3]) &&
                       !(b[0] == 0xf0 && b[1] < 0x90) &&
                       !(b[0] == 0xf4 && b[1] > 0x8f)
                   ? 4
                   : 0;
    }
    return 0;
}

void next_is_rfc_3629(void)
{
    struct segjob_str s = any_text(BOUND);
    const struct segjob_str whole = s;
    uint32_t c = 0;
    size_t length;

    ASSUME(s.len > 0);
    length = length_of((const unsigned char *)s.ptr, s.len);
    if (sj_utf8_next(&s, &c)) {
        assert(length > 0 && s.ptr == whole.ptr + length);
        assert(s.len == whole.len - length);
        assert(c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff));
    } else {
        assert(length == 0 && s.ptr == whole.ptr && s.len == whole.len);
    }
}
