/*
 * Doubles (IEEE 754) as decimals and back, exactly: C99's strtod() and "%.*e".
 * The C library's are ten times as large in a static program.
 */
#ifndef CLI_DECIMAL_H
#define CLI_DECIMAL_H

#include <stdbool.h>

/* No double, and no number halfway between two, has more digits. */
#define DECIMAL_DIGITS 800

/* Digits more that the product with 2^27 may have. */
#define DECIMAL_CARRY 9

/* 0.DIGITS * 10^point. The first digit is not 0; 0 has none. */
struct decimal {
    bool is_negative;
    bool is_more; /* digits that are not 0 follow, and are left out */
    int point;
    int n; /* of digits, DECIMAL_DIGITS at most */
    char digits[DECIMAL_DIGITS + DECIMAL_CARRY];
};

/* The value of a number that is not infinite. */
void decimal_of(struct decimal *d, double number);

/* Round to `n` digits, of two that are as near to the even one. */
void decimal_round(struct decimal *d, int n);

/* Read a sign, digits with a point, and an exponent, where there are such. */
void decimal_read(struct decimal *d, const char *text);

/* The nearest double, of two the even one; infinite if it is beyond all. */
double decimal_double(const struct decimal *d);

#endif
