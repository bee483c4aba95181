/*
 * What the command writes: its result on standard output, one line about a
 * failure or lines of --debug on standard error; and its exit codes.
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
 * Make sure that descriptors 0 to 2 are open, so that no socket gets one of
 * these numbers and receives what is meant for the user.
 *
 * Returns 0, or the exit code after reporting that nothing can be written.
 */
int output_begin(void);

/* The file to write the result to; output_end() copies it to stdout. */
FILE *output(void);

/*
 * Write the result on standard output, and close that. `job`, or "", is what a
 * failure says about a job that was created. If nobody reads standard output,
 * and `job` is "", the program ends by SIGPIPE silently, as others do.
 *
 * Returns the exit code.
 */
int output_end(const char *job);

/*
 * End by the signal's default action, which the parent sees; a shell shows 128
 * plus its number. Signal handlers may call it.
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

/* As the AWS CLI does: an empty line, and the text alone. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
int fail_api(enum exit_code code, const char *format, ...);

/* What fail_memory() says about a job that was created; else "". */
void output_made(const char *message);

/* Say that memory is used up, and end the program. */
#if defined(__GNUC__)
__attribute__((noreturn))
#endif
void fail_memory(void);

/* Write such a line about no failure. */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
void notice(const char *format, ...);

/* Replace the line on the terminal by the text; "" clears it. */
void live(const char *text);

/* What clears the line of live(), if there is one; for signal handlers. */
const char *live_end(void);

/* Milliseconds by the port's monotonic clock; 0 if it failed. */
uint64_t now_ms(void);

/* Enable debug(). */
void debug_begin(void);

/* Write "debug: ", the milliseconds since debug_begin(), and the text. */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
void debug(const char *format, ...);

/* Write a text of `n` bytes with its control characters as \xNN. */
void put_clean(FILE *file, const char *text, size_t n);

/* Write such a text into `buf`, cut if it is longer, and NUL-terminated. */
void clean(char *buf, size_t cap, const char *text, size_t n);

/* Length of a text of `n` bytes when cut to `max`, between two characters. */
size_t cut(const char *text, size_t n, size_t max);

/* Write `n` bytes of the result as they are. */
void print_bytes(const char *bytes, size_t n);

#endif
