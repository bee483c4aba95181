/*
 * The AWS CLI's shorthand for structures: `name=value,name={name=value}`.
 * https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html
 */
#ifndef CLI_SHORTHAND_H
#define CLI_SHORTHAND_H

#include "value.h"

/*
 * Read a text that is one structure. Its values are strings, arrays and
 * objects; each ends where the AWS CLI ends it, and is stripped of the spaces
 * after it.
 *
 * Returns an object; or NULL, with `*error` set.
 */
struct value *shorthand_read(const char *text, struct value_error *error);

#endif
