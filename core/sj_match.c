#include "sj_match.h"

#include <string.h>

#include "sj_scan.h"
#include "sj_unicode.h"

/* LF, CR, U+0085, U+2028 and U+2029; the last two differ in one bit. */
static bool is_line_break(const char *at, size_t n)
{
    return at[0] == '\n' || at[0] == '\r' ||
           (n >= 2 && memcmp(at, "\xc2\x85", 2) == 0) ||
           (n >= 3 && memcmp(at, "\xe2\x80", 2) == 0 &&
            (at[2] & ~1) == (char)0xa8);
}

/* Whether all of `s` matches `.*`. */
static bool is_dots(struct segjob_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        const bool may_be = (signed char)s.ptr[i] <= '\r'; /* or not ASCII */

        if (may_be && is_line_break(s.ptr + i, s.len - i)) {
            return false;
        }
    }
    return true;
}

/* Whether `c` matches a letter of a pattern: a class, or the letter itself. */
static bool fits(char letter, char c)
{
    switch (letter) {
    case 'D':
        return segjob_is_digit(c);
    case 'P':
        return (c >= 'a' && c <= 'z') || segjob_is_digit(c) || c == '-';
    case 'N':
        return segjob_is_alnum(c) || sj_is_one_of(c, "-_");
    case 'R':
        return segjob_is_alnum(c) || sj_is_one_of(c, "_+=,.@-/");
    case '?':
        return true;
    default:
        return letter == c;
    }
}

/*
 * Whether all of `s` matches. `*` matches any run of bytes. `+` repeats the
 * letter before it as often as possible; no byte matches both that letter and
 * the next. After a mismatch the last `*` takes one byte more. Earlier ones
 * need not: they matched as early as possible.
 */
static bool match(const char *pattern, struct segjob_str s)
{
    const char *star = NULL; /* after the last `*` ... */
    size_t taken = 0;        /* ... which has taken the bytes before this */
    size_t i = 0;

    while (i < s.len || *pattern != '\0') {
        if (*pattern == '*') {
            star = ++pattern;
            taken = i;
            if (*star == '\0') {
                return true;
            }
        } else if (i < s.len && *pattern != '\0' && fits(*pattern, s.ptr[i])) {
            i++;
            if (pattern[1] != '+') {
                pattern++;
            } else if (i == s.len || !fits(*pattern, s.ptr[i])) {
                pattern += 2;
            }
        } else if (star != NULL && taken < s.len) {
            pattern = star;
            i = ++taken;
        } else {
            return false;
        }
    }
    return true;
}

/* ^[a-zA-Z0-9][a-zA-Z0-9\-_]* */
bool sj_match_name(struct segjob_str s)
{
    return match("N+", s) && segjob_is_alnum(s.ptr[0]);
}

/* arn:([a-z\d-]+):personalize:.*:.*:.+ */
bool sj_match_arn(struct segjob_str s)
{
    return is_dots(s) && match("arn:P+:personalize:*:*:?*", s);
}

/*
 * arn:([a-z\d-]+):iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+
 *
 * The class contains `/`, so the optional one need not be matched.
 */
bool sj_match_role_arn(struct segjob_str s)
{
    return match("arn:P+:iam::DDDDDDDDDDDD:roleR+", s);
}

/* (s3|http|https)://.+ */
bool sj_match_path(struct segjob_str s)
{
    return is_dots(s) && (match("s3://?*", s) || match("http://?*", s) ||
                          match("https://?*", s));
}

/* arn:aws.*:kms:.*:[0-9]{12}:key/.* */
bool sj_match_kms_arn(struct segjob_str s)
{
    return is_dots(s) && match("arn:aws*:kms:*:DDDDDDDDDDDD:key/*", s);
}

/*
 * ^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$
 *
 * Unassigned code points match too: a newer Unicode may make them letters.
 */
bool sj_match_tag(struct segjob_str s)
{
    uint32_t c;

    while (s.len > 0) {
        if (!sj_utf8_next(&s, &c)) {
            return false;
        }
        if (!sj_unicode_is_word(c) &&
            !(c < 0x80 && sj_is_one_of((char)c, "_.:/=+-@"))) {
            return false;
        }
    }
    return true;
}
