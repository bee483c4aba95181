#include "number.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    return strtod(number->text.ptr, NULL);
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

struct value *number_integer(double whole)
{
    char text[DBL_MAX_10_EXP + 8];

    if (!is_finite(whole)) {
        return NULL;
    }
    snprintf(text, sizeof(text), "%.0f", whole + 0.0); /* no -0 */
    return new_number(text);
}

/* The fewest digits that read back as this number, as in -1.25e-05. */
static void write_shortest(char text[40], double number)
{
    for (int digits = 0; digits < DIGITS_MAX; digits++) {
        char *last;

        snprintf(text, 40, "%.*e", digits, number);
        if (strtod(text, NULL) == number) {
            return;
        }
        /*
         * Below a power of two doubles are closer to each other than above:
         * the next decimal may be it, though it is not the nearest one.
         */
        last = strchr(text, 'e') - 1;
        if (*last < '9') {
            ++*last;
            if (strtod(text, NULL) == number) {
                return;
            }
        }
    }
}

struct value *number_real(double number)
{
    char text[40];
    const char *e, *point;
    long exponent, decimals;

    if (!is_finite(number)) {
        return NULL;
    }
    write_shortest(text, number);
    e = strchr(text, 'e');
    point = strchr(text, '.');
    exponent = strtol(e + 1, NULL, 10);
    if (exponent >= -4 && exponent < 16) {
        decimals = (point ? e - point - 1 : 0) - exponent;
        snprintf(text, sizeof(text), "%.*f", decimals < 1 ? 1 : (int)decimals,
                 number);
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
    char *text = value_memory(n + 3);

    snprintf(text, n + 3, "%s%.*s", is_negative && n > 0 ? "-" : "",
             n > 0 ? (int)n : 1, n > 0 ? most : "0");
    return new_number(text);
}

struct value *number_read(struct segjob_str text)
{
    const char *begin = skip(value_string(text)->text.ptr, SPACES);
    const char *digits = begin + (*begin == '-' || *begin == '+');
    const char *end = skip_decimal(digits);

    if (!end || *skip(end, SPACES) != '\0') {
        return NULL;
    }
    if (skip(digits, DIGITS) == end) {
        return read_integer(digits, *begin == '-');
    }
    return number_real(strtod(begin, NULL));
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
