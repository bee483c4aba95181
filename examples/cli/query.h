/*
 * JMESPath, the AWS CLI's --query, as python3-jmespath 1.0 has it
 * (https://jmespath.org/specification.html is what it is by and large).
 *
 * All of the grammar and all of its functions. What differs:
 *
 * - Refused when read: an unknown function, a wrong number of arguments, and
 *   `&` anywhere but before an argument that is an expression. In Python they
 *   fail when they are evaluated, if at all.
 * - merge() takes objects alone. NaN and Infinity are no JSON literals, nor is
 *   there an escape of U+0000 or of half a pair of surrogates.
 * - Numbers are compared as doubles; integers beyond 2^53 are not exact there.
 *   A number beyond all doubles is no result of a function.
 * - Depth and work have limits.
 */
#ifndef CLI_QUERY_H
#define CLI_QUERY_H

#include "value.h"

struct query;

/* Expressions in each other, or one after the other, at most. */
#define QUERY_DEPTH_MAX 500

/*
 * Read an expression; it lasts as long as the program, and so must the text.
 *
 * Returns NULL, with `*error` set, if it is none.
 */
struct query *query_read(const char *text, struct value_error *error);

/*
 * Evaluate. The result may share values with the document and the query; it is
 * nested at most VALUE_DEPTH_MAX deep.
 *
 * Returns NULL, with `*error` set, if a function or an operator cannot take a
 * value; `at` is its offset in the expression.
 */
struct value *query_run(const struct query *query, const struct value *document,
                        struct value_error *error);

#endif
