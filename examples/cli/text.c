#include "text.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "segjob_text.h"

struct text {
    char *buf;
    size_t cap;
    size_t len; /* of all, also of what did not fit */
    va_list values;
};

/* What is between % and the letter. */
struct conversion {
    size_t digits;    /* at least so many */
    size_t precision; /* at most so many bytes */
    unsigned longs;
};

static void put(struct text *t, const char *bytes, size_t n)
{
    const size_t left = t->len < t->cap ? t->cap - t->len : 0;

    if (left > 0) {
        memcpy(t->buf + t->len, bytes, n < left ? n : left);
    }
    t->len += n;
}

static size_t read_size(const char **format)
{
    size_t size = 0;

    for (; segjob_is_digit(**format); ++*format) {
        size = 10 * size + (size_t)(**format - '0');
    }
    return size;
}

static struct conversion read_conversion(struct text *t, const char **format)
{
    struct conversion conversion = {0, SIZE_MAX, 0};

    assert(**format < '1' || **format > '9'); /* no spaces are added */
    conversion.digits = read_size(format);
    if (**format == '.') {
        ++*format;
        if (**format == '*') {
            ++*format;
            conversion.precision = (size_t)va_arg(t->values, int);
        } else {
            conversion.precision = read_size(format);
        }
    }
    for (; **format == 'l'; ++*format) {
        conversion.longs++;
    }
    return conversion;
}

static uint64_t take_signed(struct text *t, unsigned longs)
{
    const int64_t number = longs == 0   ? va_arg(t->values, int)
                           : longs == 1 ? va_arg(t->values, long)
                                        : va_arg(t->values, long long);

    if (number >= 0) {
        return (uint64_t)number;
    }
    put(t, "-", 1);
    return 0 - (uint64_t)number;
}

static uint64_t take_unsigned(struct text *t, unsigned longs)
{
    return longs == 0   ? va_arg(t->values, unsigned)
           : longs == 1 ? va_arg(t->values, unsigned long)
                        : va_arg(t->values, unsigned long long);
}

static char *write_hex(char *end, uint64_t number)
{
    do {
        *--end = "0123456789abcdef"[number % 16];
        number /= 16;
    } while (number > 0);
    return end;
}

static void put_number(struct text *t, const struct conversion *c, char letter)
{
    char digits[SEGJOB_DECIMAL_DIGITS];
    char *const end = digits + sizeof(digits);
    const uint64_t number =
        letter == 'd' ? take_signed(t, c->longs) : take_unsigned(t, c->longs);
    char *first = letter == 'x' ? write_hex(end, number)
                                : segjob_write_decimal(end, number);

    assert(c->digits <= sizeof(digits));
    while (end - first < (ptrdiff_t)c->digits) {
        *--first = '0';
    }
    put(t, first, (size_t)(end - first));
}

static void put_string(struct text *t, size_t max)
{
    const char *string = va_arg(t->values, const char *);
    size_t n = 0;

    while (n < max && string[n]) {
        n++;
    }
    put(t, string, n);
}

static void put_converted(struct text *t, const char **format)
{
    const struct conversion conversion = read_conversion(t, format);
    const char letter = *(*format)++;
    char c;

    if (letter == 's') {
        put_string(t, conversion.precision);
    } else if (letter == 'c') {
        c = (char)va_arg(t->values, int);
        put(t, &c, 1);
    } else {
        assert(letter == 'd' || letter == 'u' || letter == 'x');
        put_number(t, &conversion, letter);
    }
}

size_t text_format_list(char *buf, size_t cap, const char *format,
                        va_list values)
{
    struct text t = {.buf = buf, .cap = cap > 0 ? cap - 1 : 0};

    va_copy(t.values, values);
    while (*format) {
        const size_t n = strcspn(format, "%");

        put(&t, format, n);
        format += n;
        if (*format) {
            format++;
            put_converted(&t, &format);
        }
    }
    va_end(t.values);
    if (cap > 0) {
        buf[t.len < t.cap ? t.len : t.cap] = '\0';
    }
    return t.len;
}

size_t text_format(char *buf, size_t cap, const char *format, ...)
{
    va_list values;
    size_t n;

    va_start(values, format);
    n = text_format_list(buf, cap, format, values);
    va_end(values);
    return n;
}
