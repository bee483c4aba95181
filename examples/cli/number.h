/*
 * Numbers of JSON values: a value keeps its text, and this is arithmetic.
 *
 * As in Python, a number without point and exponent is an integer. Integers
 * beyond 2^53 lose their last digits in arithmetic.
 */
#ifndef CLI_NUMBER_H
#define CLI_NUMBER_H

#include <stdbool.h>

#include "value.h"

bool number_is_integer(const struct value *number);

/* The nearest double; infinite if the number is beyond all. */
double number_of(const struct value *number);

/* A value with a NUL after its text. NULL if `number` is not finite. */
struct value *number_integer(double whole);
struct value *number_real(double number);

/*
 * The number as Python's json module writes it: the shortest decimal that reads
 * back equal, as 0.1, 1.0, 1e-05. One beyond all doubles stays as it is.
 */
struct segjob_str number_text(const struct value *number);

/* As number_text(), but Python's "inf" or "-inf" for one beyond all doubles. */
struct segjob_str number_python_text(const struct value *number);

/*
 * What the text of a number is in Python, spaces around and a plus sign
 * included; NULL if it is none. Other than in Python, "inf", "nan", digits
 * beyond ASCII and underscores are no numbers.
 */
struct value *number_read(struct segjob_str text);

/* The whole number that is not above, or not below. */
double number_floor(double number);
double number_ceil(double number);

#endif
