/*
 * The texts of --help.
 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "options.h"

/* Write the help of a command, or of the program, on standard output. */
void help_print(enum command command);

#endif
