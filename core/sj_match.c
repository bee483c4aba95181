#include "sj_match.h"

#include <string.h>

#include "sj_unicode.h"

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
    return is_lower(c) || (c >= 'A' && c <= 'Z') || is_digit(c);
}

static bool is_one_of(char c, const char *set)
{
    while (*set != '\0' && *set != c) {
        set++;
    }
    return *set != '\0';
}

static bool is_line_break(const char *at, size_t n)
{
    return at[0] == '\n' || at[0] == '\r' ||
           (n >= 2 && memcmp(at, "\xc2\x85", 2) == 0) ||
           (n >= 3 && memcmp(at, "\xe2\x80\xa8", 3) == 0) ||
           (n >= 3 && memcmp(at, "\xe2\x80\xa9", 3) == 0);
}

/* Whether all of `s` matches `.*`. */
static bool is_dots(struct segjob_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (is_line_break(s.ptr + i, s.len - i)) {
            return false;
        }
    }
    return true;
}

static void skip(struct segjob_str *s, size_t n)
{
    s->ptr += n;
    s->len -= n;
}

/* Take `literal` off the front. */
static bool take(struct segjob_str *s, const char *literal)
{
    size_t n = strlen(literal);

    if (s->len < n || memcmp(s->ptr, literal, n) != 0) {
        return false;
    }
    skip(s, n);
    return true;
}

/* Take all up to the first `literal`, and the literal itself. */
static bool take_through(struct segjob_str *s, const char *literal)
{
    while (s->len > 0) {
        if (take(s, literal)) {
            return true;
        }
        skip(s, 1);
    }
    return false;
}

/* Take \d{12}, the account. */
static bool take_account(struct segjob_str *s)
{
    if (s->len < 12) {
        return false;
    }
    for (size_t i = 0; i < 12; i++) {
        if (!is_digit(s->ptr[i])) {
            return false;
        }
    }
    skip(s, 12);
    return true;
}

/* Take arn:([a-z\d-]+), the partition. */
static bool take_partition(struct segjob_str *s)
{
    size_t n = 0;

    if (!take(s, "arn:")) {
        return false;
    }
    while (n < s->len &&
           (is_lower(s->ptr[n]) || is_digit(s->ptr[n]) || s->ptr[n] == '-')) {
        n++;
    }
    skip(s, n);
    return n > 0;
}

/* ^[a-zA-Z0-9][a-zA-Z0-9\-_]* */
bool sj_match_name(struct segjob_str s)
{
    if (s.len == 0 || !is_alnum(s.ptr[0])) {
        return false;
    }
    for (size_t i = 1; i < s.len; i++) {
        if (!is_alnum(s.ptr[i]) && !is_one_of(s.ptr[i], "-_")) {
            return false;
        }
    }
    return true;
}

/*
 * arn:([a-z\d-]+):personalize:.*:.*:.+
 *
 * If any two colons fit the pattern, the first two after `personalize:` do.
 */
bool sj_match_arn(struct segjob_str s)
{
    return is_dots(s) && take_partition(&s) && take(&s, ":personalize:") &&
           take_through(&s, ":") && take_through(&s, ":") && s.len > 0;
}

/*
 * arn:([a-z\d-]+):iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+
 *
 * The class holds `/` too, so the optional one needs no place of its own.
 */
bool sj_match_role_arn(struct segjob_str s)
{
    if (!take_partition(&s) || !take(&s, ":iam::") || !take_account(&s) ||
        !take(&s, ":role") || s.len == 0) {
        return false;
    }
    for (size_t i = 0; i < s.len; i++) {
        if (!is_alnum(s.ptr[i]) && !is_one_of(s.ptr[i], "_+=,.@-/")) {
            return false;
        }
    }
    return true;
}

/* (s3|http|https)://.+ */
bool sj_match_path(struct segjob_str s)
{
    return is_dots(s) &&
           (take(&s, "s3://") || take(&s, "http://") || take(&s, "https://")) &&
           s.len > 0;
}

/*
 * arn:aws.*:kms:.*:[0-9]{12}:key/.*
 *
 * If any `:kms:` fits the pattern, the first one does. The colon before the
 * account may stand right behind it, or after more.
 */
bool sj_match_kms_arn(struct segjob_str s)
{
    if (!is_dots(s) || !take(&s, "arn:aws") || !take_through(&s, ":kms:")) {
        return false;
    }
    while (take_through(&s, ":")) {
        if (take_account(&s) && take(&s, ":key/")) {
            return true; /* an account that is taken holds no colon */
        }
    }
    return false;
}

/* ^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$ */
bool sj_match_tag(struct segjob_str s)
{
    uint32_t c;

    while (s.len > 0) {
        if (!sj_utf8_next(&s, &c)) {
            return false;
        }
        if (!sj_unicode_is_word(c) &&
            !(c < 0x80 && is_one_of((char)c, "_.:/=+-@"))) {
            return false;
        }
    }
    return true;
}
