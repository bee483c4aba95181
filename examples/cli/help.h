/*
 * What --help says.
 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <stdbool.h>

/* The help of `segjob create`, or of the program; each ends in a newline. */
const char *help_text(bool create);

#endif
