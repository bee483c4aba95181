/*
 * Characters, numbers, addresses and dates as text, for core and ports. ASCII
 * only, in any locale.
 */
#ifndef SEGJOB_TEXT_H
#define SEGJOB_TEXT_H

#include "segjob.h"

#ifdef __cplusplus
extern "C" {
#endif

static inline bool segjob_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Return a letter in lower case, and any other character unchanged. */
static inline char segjob_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Return whether `n` bytes are the same, regardless of the case of letters. */
static inline bool segjob_is_same_caseless(const void *a, const void *b,
                                           size_t n)
{
    const char *one = (const char *)a, *other = (const char *)b;

    while (n > 0 && segjob_lower(one[n - 1]) == segjob_lower(other[n - 1])) {
        n--;
    }
    return n == 0;
}

/* Return whether `c` is a letter or a digit. */
bool segjob_is_alnum(char c);

/* Return the value of a hexadecimal digit of either case, 16 if `c` is none. */
unsigned segjob_hex_value(char c);

/* segjob_decimal() of any greater number, and of a text that is no number. */
#define SEGJOB_DECIMAL_MAX (UINT32_MAX - 1)
#define SEGJOB_NO_DECIMAL UINT32_MAX

/* Return the value of a text that consists of decimal digits, at least one. */
uint32_t segjob_decimal(struct segjob_str s);

/* The maximum number of digits that segjob_write_decimal() writes. */
#define SEGJOB_DECIMAL_DIGITS 20u

/*
 * Write `number` in decimal, without a NUL, into the bytes before `end`.
 * Returns where its first digit is.
 */
char *segjob_write_decimal(char *end, uint64_t number);

/*
 * Read an IPv6 address in hexadecimal groups (RFC 4291 section 2.2, forms 1
 * and 2) into `bytes`, in network byte order. Brackets, a zone and an embedded
 * IPv4 address are not part of these forms.
 *
 * Returns false, with `bytes` undefined, if `s` is anything else.
 */
bool segjob_read_ipv6(struct segjob_str s, uint8_t bytes[16]);

/*
 * Take one character of UTF-8 from the start of `s`, which must not be empty.
 *
 * Returns false, and does not change `s`, if it does not begin with a
 * well-formed one (The Unicode Standard, table 3-7).
 */
SEGJOB_MUST_CHECK
bool segjob_utf8_next(struct segjob_str *s, uint32_t *code_point);

/*
 * Return the Unix time of a UTC date: year (0 to 9999), month and day (from 1),
 * hour, minute and second, by the Gregorian calendar. Negative before 1970.
 */
int64_t segjob_unix_time(const uint32_t date[6]);

/* Overwrite `n` bytes with zeros, even if they are never read again. */
void segjob_wipe_bytes(void *bytes, size_t n);

#ifdef __cplusplus
}
#endif

#endif
