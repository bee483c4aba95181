/*
 * What the command says: its answer on standard output, one line of failure
 * or lines of --debug on standard error, and its exit codes.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The AWS CLI's exit codes. */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_PARAMETER = 252, /* a bad option or parameter */
    EXIT_CONFIG = 253,    /* missing or bad configuration */
    EXIT_SERVICE = 254,   /* the service refused, or the job failed */
    EXIT_OTHER = 255      /* anything else, and what is unknown */
};

/*
 * Make sure that descriptors 0 to 2 are taken, so that no socket becomes one
 * of them and receives what is meant for the user.
 *
 * Returns 0, or the exit code after it was told that nothing can be written.
 */
int output_begin(void);

/* Where the answer is written to; it leaves as a whole, by output_end(). */
FILE *output(void);

/*
 * Write the answer on standard output, and close that. `job` is what a failure
 * tells of a job that was made, or "". If nobody reads any more, and there is
 * nothing to tell, the program ends by SIGPIPE without a word, as others do.
 *
 * Returns the exit code.
 */
int output_end(const char *job);

/*
 * End by a signal's default, for the parent to see; the shell shows 128 and its
 * number. Signal handlers may call it.
 */
void end_by(int signal_number);

/*
 * Write "segjob: " and the text as one line on standard error. Control
 * characters are shown as \xNN. Returns `code`.
 */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
int fail(enum exit_code code, const char *format, ...);

/* Write such a line that tells of no failure. */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
void tell(const char *format, ...);

/* Write the text in place of the line on the terminal; "" leaves it empty. */
void live(const char *text);

/* What takes the line of live() away, if there is one; for signal handlers. */
const char *live_end(void);

/* Milliseconds by the port's clock: it never runs back. 0 if it failed. */
uint64_t now_ms(void);

/* Let debug() write. */
void debug_begin(void);

/* Write "debug: ", the milliseconds since debug_begin(), and the text. */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
void debug(const char *format, ...);

/*
 * Write a text of `n` bytes with its control characters shown: as \xNN, or
 * as_json as JSON has them, quotes and backslashes too.
 */
void put_clean(FILE *file, const char *text, size_t n, bool as_json);

/* Write such a text into `buf`, cut if it is longer, and NUL-terminated. */
void clean(char *buf, size_t cap, const char *text, size_t n);

/* Length of a text of `n` bytes when cut to `max`, between two characters. */
size_t cut(const char *text, size_t n, size_t max);

/* Write `n` bytes of the answer as they are. */
void print_bytes(const char *bytes, size_t n);

#endif
