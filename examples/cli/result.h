/*
 * The result of a command, on standard output, as --query and --output ask.
 */
#ifndef CLI_RESULT_H
#define CLI_RESULT_H

#include "session.h"

/* Whether it is text, which has a result for each page of a list. */
bool result_is_text(const struct session *s);

bool result_is_json(const struct session *s);

/* Write a response, or a page of one. Returns 0, or the exit code. */
int result_write(const struct session *s, struct value *document);

/* The name of the command's operation of the API. */
const char *operation_name(enum command command);

#endif
