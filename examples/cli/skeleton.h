/*
 * What --generate-cli-skeleton prints: the members of an operation's input, or
 * of its output, with samples.
 */
#ifndef CLI_SKELETON_H
#define CLI_SKELETON_H

#include "session.h"

/* Print the input's members as JSON. Returns 0, or the exit code. */
int skeleton_print_input(enum command command);

/* Print a response as --output and --query ask. Returns 0, or the exit code. */
int skeleton_print_output(struct session *s, const struct options *options);

#endif
