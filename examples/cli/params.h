/*
 * The parameters of the API's commands, as the AWS CLI takes them: options with
 * texts, numbers, shorthand and JSON, each also as file://NAME, over those of
 * --cli-input-json.
 */
#ifndef CLI_PARAMS_H
#define CLI_PARAMS_H

#include "options.h"
#include "value.h"

/*
 * Read them into an object with the operation's members. A value's kind is
 * checked here only where an option says what it is.
 *
 * Returns 0, or the exit code after reporting the failure.
 */
int params_read(const struct options *options, struct value **params);

/*
 * Get a text, or a number, of such an object, if it is there. They return 0, or
 * the exit code after reporting that the member is of another kind.
 */
int params_text(const struct value *params, const char *name,
                struct segjob_str *text);
int params_number(const struct value *params, const char *name, bool *is_given,
                  int32_t *number);

/* Report a member that is none of `names`, which ends with NULL. */
int params_check(const struct value *params, const char *const names[]);

#endif
