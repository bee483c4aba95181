/*
 * The matcher, with any pattern and any text: it reads within both, and ends.
 * tests/conformance compares its results with PCRE2.
 */
#include "../../core/sj_match.c"

#include "proof.h"

/* Any pattern in which `+` follows a letter. */
void match_reads_within(void)
{
    const struct segjob_str s = any_text(BOUND);
    const size_t len = any_up_to(BOUND);
    char *pattern = any_bytes(len + 1);

    for (size_t i = 0; i < len; i++) {
        ASSUME(pattern[i] != '\0');
        ASSUME(pattern[i] != '+' ||
               (i > 0 && pattern[i - 1] != '+' && pattern[i - 1] != '*'));
    }
    pattern[len] = '\0';
    match(pattern, s);
}

void name_reads_within(void)
{
    const struct segjob_str s = any_text(BOUND);

    if (sj_match_name(s)) {
        assert(s.len > 0 && s.ptr[0] != '-');
    }
}

void dots_reads_within(void)
{
    const struct segjob_str s = any_text(BOUND);

    if (is_dots(s)) {
        for (size_t i = 0; i < s.len; i++) {
            assert(s.ptr[i] != '\n' && s.ptr[i] != '\r');
        }
    }
}
