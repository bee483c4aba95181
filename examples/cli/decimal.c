#include "decimal.h"

#include <stdint.h>
#include <string.h>

#include "segjob_text.h"

/* Of a double: the bits of its fraction, and its lowest exponent. */
#define FRACTION 52
#define LOWEST (-1074)

/* So many bits a shift takes at once: 10 * 2^27 has 31 bits. */
#define SHIFT_MAX 27

/* More digits before the point are infinite; more zeros after it are 0. */
#define POINT_MAX 400

/* An exponent beyond this is as good as infinite. */
#define EXPONENT_MAX 100000000

/* Leave out zeros at both ends, and digits that are too many. */
static void trim(struct decimal *d)
{
    int zeros = 0;

    while (zeros < d->n && d->digits[zeros] == '0') {
        zeros++;
    }
    d->n -= zeros;
    d->point -= zeros;
    memmove(d->digits, d->digits + zeros, (size_t)d->n);
    while (d->n > DECIMAL_DIGITS || (d->n > 0 && d->digits[d->n - 1] == '0')) {
        d->n--;
        d->is_more = d->is_more || d->digits[d->n] != '0';
    }
}

static void multiply(struct decimal *d, int bits)
{
    uint32_t carry = 0;

    d->n += DECIMAL_CARRY;
    d->point += DECIMAL_CARRY;
    for (int i = d->n - 1; i >= 0; i--) {
        if (i >= DECIMAL_CARRY) {
            carry += (uint32_t)(d->digits[i - DECIMAL_CARRY] - '0') << bits;
        }
        d->digits[i] = (char)('0' + carry % 10);
        carry /= 10;
    }
    trim(d);
}

static void divide(struct decimal *d, int bits)
{
    uint32_t rest = 0;
    int i = 0;

    for (; i < DECIMAL_DIGITS && (i < d->n || rest > 0); i++) {
        rest = 10 * rest + (i < d->n ? (uint32_t)(d->digits[i] - '0') : 0);
        d->digits[i] = (char)('0' + (rest >> bits));
        rest &= (1u << bits) - 1;
    }
    d->n = i;
    d->is_more = d->is_more || rest > 0;
    trim(d);
}

/* Multiply by 2^bits. */
static void shift(struct decimal *d, int bits)
{
    for (; bits > SHIFT_MAX; bits -= SHIFT_MAX) {
        multiply(d, SHIFT_MAX);
    }
    for (; bits < -SHIFT_MAX; bits += SHIFT_MAX) {
        divide(d, SHIFT_MAX);
    }
    if (bits < 0) {
        divide(d, -bits);
    } else {
        multiply(d, bits);
    }
}

static void set_whole(struct decimal *d, uint64_t number)
{
    char *const end = d->digits + SEGJOB_DECIMAL_DIGITS;
    const char *first = segjob_write_decimal(end, number);

    d->n = d->point = (int)(end - first);
    memmove(d->digits, first, (size_t)d->n);
    trim(d);
}

void decimal_of(struct decimal *d, double number)
{
    const uint64_t one = (uint64_t)1 << FRACTION;
    uint64_t bits;
    int exponent;

    memcpy(&bits, &number, sizeof(bits));
    *d = (struct decimal){.is_negative = bits >> 63};
    exponent = (int)(bits >> FRACTION & 0x7ff);
    set_whole(d, exponent > 0 ? bits % one + one : bits % one);
    shift(d, LOWEST + (exponent > 0 ? exponent - 1 : 0));
}

/* Whether, of the digits before `n`, the last is to be one more. */
static bool is_up(const struct decimal *d, int n)
{
    bool is_half;

    if (n < 0 || n >= d->n) {
        return false;
    }
    is_half = n == d->n - 1 && d->digits[n] == '5' && !d->is_more;
    return is_half ? n > 0 && d->digits[n - 1] % 2 : d->digits[n] >= '5';
}

void decimal_round(struct decimal *d, int n)
{
    const bool up = is_up(d, n);

    d->n = n < d->n ? n : d->n;
    d->is_more = false;
    if (!up) {
        return;
    }
    while (n > 0 && d->digits[n - 1] == '9') {
        d->digits[--n] = '0';
    }
    if (n > 0) {
        d->digits[n - 1]++;
    } else {
        d->digits[0] = '1';
        d->point++;
    }
}

void decimal_read(struct decimal *d, const char *text)
{
    bool is_fraction = false;
    int exponent = 0;
    char sign;

    *d = (struct decimal){.is_negative = *text == '-'};
    text += *text == '-' || *text == '+';
    for (; segjob_is_digit(*text) || *text == '.'; text++) {
        if (*text == '.') {
            is_fraction = true;
            continue;
        }
        if (d->n < DECIMAL_DIGITS && (d->n > 0 || *text != '0')) {
            d->digits[d->n++] = *text;
        } else {
            d->is_more = d->is_more || *text != '0';
        }
        d->point += (d->n > 0) - is_fraction;
    }
    sign = *text == 'e' || *text == 'E' ? *++text : '\0';
    text += sign == '-' || sign == '+';
    for (; segjob_is_digit(*text) && exponent < EXPONENT_MAX; text++) {
        exponent = 10 * exponent + (*text - '0');
    }
    d->point += sign == '-' ? -exponent : exponent;
    trim(d);
}

/* Bring a number to at least 1/2 and less than 1. Returns the power of 2. */
static int scale(struct decimal *d)
{
    int exponent = 0, bits;

    while (d->point > 0) {
        bits = d->point < 9 ? 3 * d->point : SHIFT_MAX; /* 8 is less than 10 */
        shift(d, -bits);
        exponent += bits;
    }
    while (d->point < 0 || d->digits[0] < '5') {
        bits = d->point > -9 ? 1 - 2 * d->point : SHIFT_MAX;
        shift(d, bits);
        exponent -= bits;
    }
    return exponent;
}

/* The nearest whole number. */
static uint64_t to_whole(const struct decimal *d)
{
    uint64_t whole = 0;

    for (int i = 0; i < d->point; i++) {
        whole = 10 * whole + (i < d->n ? (uint64_t)(d->digits[i] - '0') : 0);
    }
    return whole + is_up(d, d->point);
}

static uint64_t to_bits(struct decimal d)
{
    const uint64_t infinite = (uint64_t)0x7ff << FRACTION;
    int exponent, lowest;

    if (d.n == 0 || d.point < -POINT_MAX) {
        return 0;
    }
    if (d.point > POINT_MAX) {
        return infinite;
    }
    exponent = scale(&d);
    lowest = exponent - FRACTION - 1;
    lowest = lowest > LOWEST ? lowest : LOWEST;
    if (lowest - LOWEST >= 0x7ff - 1) {
        return infinite;
    }
    shift(&d, exponent - lowest);
    /* The highest bit of the fraction, which is left out, adds 1 to this. */
    return ((uint64_t)(lowest - LOWEST) << FRACTION) + to_whole(&d);
}

double decimal_double(const struct decimal *d)
{
    const uint64_t bits = to_bits(*d);
    double number;

    memcpy(&number, &bits, sizeof(number));
    return d->is_negative ? -number : number;
}
