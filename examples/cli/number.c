#include "number.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "decimal.h"

#define DIGITS "0123456789"
#define SPACES " \t\n\v\f\r\x1c\x1d\x1e\x1f"

/* With so many a decimal is that of one double alone. */
#define DIGITS_MAX 17

/* From here on every double is whole. */
#define ALL_WHOLE 9007199254740992.0

bool number_is_integer(const struct value *number)
{
    return strpbrk(number->text.ptr, ".eE") == NULL;
}

double number_of(const struct value *number)
{
    struct decimal decimal;

    decimal_read(&decimal, number->text.ptr);
    return decimal_double(&decimal);
}

static bool is_finite(double number)
{
    return number >= -DBL_MAX && number <= DBL_MAX;
}

static struct value *new_number(const char *text)
{
    struct value *value = value_cstr(text);

    value->type = VALUE_NUMBER;
    return value;
}

/* Append digits, and zeros for those that are not there. */
static char *put_digits(char *to, const struct decimal *d, int from, int end)
{
    for (int i = from; i < end; i++) {
        *to++ = (char)(i >= 0 && i < d->n ? d->digits[i] : '0');
    }
    return to;
}

struct value *number_integer(double whole)
{
    char text[DBL_MAX_10_EXP + 8], *end = text;
    struct decimal decimal;

    if (!is_finite(whole)) {
        return NULL;
    }
    decimal_of(&decimal, whole);
    if (decimal.n == 0) {
        return new_number("0");
    }
    *end = '-';
    end = put_digits(end + decimal.is_negative, &decimal, 0, decimal.point);
    *end = '\0';
    return new_number(text);
}

/* The fewest digits that read back as this number. */
static void find_shortest(struct decimal *shortest, double number)
{
    struct decimal all;

    decimal_of(&all, number);
    for (int n = 1; n <= DIGITS_MAX; n++) {
        *shortest = all;
        decimal_round(shortest, n);
        if (decimal_double(shortest) == number) {
            return;
        }
        /*
         * Below a power of two doubles are closer to each other than above:
         * the next decimal may be it, though it is not the nearest one.
         */
        if (shortest->digits[n - 1] < '9') {
            shortest->digits[n - 1]++;
            if (decimal_double(shortest) == number) {
                return;
            }
        }
    }
}

/* As in 1e-05 or 1.25e+20. */
static void write_scientific(char *to, const struct decimal *d)
{
    const int exponent = d->point - 1, size = abs(exponent);

    *to++ = d->digits[0];
    if (d->n > 1) {
        *to++ = '.';
        to = put_digits(to, d, 1, d->n);
    }
    *to++ = 'e';
    *to++ = exponent < 0 ? '-' : '+';
    if (size >= 100) {
        *to++ = (char)('0' + size / 100);
    }
    *to++ = (char)('0' + size / 10 % 10);
    *to++ = (char)('0' + size % 10);
    *to = '\0';
}

/* As in 0.25 or 100.0. */
static void write_fixed(char *to, const struct decimal *d)
{
    const int point = d->point, after = d->n > point ? d->n : point + 1;

    to = put_digits(to, d, point < 1 ? point - 1 : 0, point);
    *to++ = '.';
    to = put_digits(to, d, point, after);
    *to = '\0';
}

struct value *number_real(double number)
{
    char text[40] = "-", *digits;
    struct decimal decimal;

    if (!is_finite(number)) {
        return NULL;
    }
    find_shortest(&decimal, number);
    digits = text + decimal.is_negative;
    if (decimal.point > -4 && decimal.point <= 16) {
        write_fixed(digits, &decimal);
    } else {
        write_scientific(digits, &decimal);
    }
    return new_number(text);
}

struct segjob_str number_text(const struct value *number)
{
    const struct value *real = NULL;

    if (value_is(number->text, "-0")) {
        return segjob_cstr("0");
    }
    if (!number_is_integer(number)) {
        real = number_real(number_of(number));
    }
    return real ? real->text : number->text;
}

struct segjob_str number_python_text(const struct value *number)
{
    const double real = number_of(number);

    if (number_is_integer(number) || is_finite(real)) {
        return number_text(number);
    }
    return segjob_cstr(real > 0 ? "inf" : "-inf");
}

static const char *skip(const char *text, const char *any)
{
    return text + strspn(text, any);
}

/* An unsigned decimal with digits before or after its point. */
static const char *skip_decimal(const char *text)
{
    const char *point = skip(text, DIGITS);
    const char *end = *point == '.' ? skip(point + 1, DIGITS) : point;
    const char *exponent = end + 1;

    if (end == text || (end == text + 1 && point == text)) {
        return NULL;
    }
    if (*end != 'e' && *end != 'E') {
        return end;
    }
    exponent += *exponent == '-' || *exponent == '+';
    end = skip(exponent, DIGITS);
    return end > exponent ? end : NULL;
}

static struct value *read_integer(const char *digits, bool is_negative)
{
    const char *most = skip(digits, "0");
    const size_t n = strspn(most, DIGITS);
    char *text = value_memory(n + 2);

    if (n == 0) {
        return new_number("0");
    }
    text[0] = '-';
    memcpy(text + is_negative, most, n);
    return new_number(text);
}

struct value *number_read(struct segjob_str text)
{
    const char *begin = skip(value_string(text)->text.ptr, SPACES);
    const char *digits = begin + (*begin == '-' || *begin == '+');
    const char *end = skip_decimal(digits);
    struct decimal decimal;

    if (!end || *skip(end, SPACES) != '\0') {
        return NULL;
    }
    if (skip(digits, DIGITS) == end) {
        return read_integer(digits, *begin == '-');
    }
    decimal_read(&decimal, begin);
    return number_real(decimal_double(&decimal));
}

double number_floor(double number)
{
    double whole;

    if (!(number > -ALL_WHOLE && number < ALL_WHOLE)) {
        return number;
    }
    whole = (double)(int64_t)number;
    return whole > number ? whole - 1 : whole;
}

double number_ceil(double number)
{
    return -number_floor(-number);
}
