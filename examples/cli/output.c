#define _XOPEN_SOURCE 700

#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "segjob_posix.h"
#include "text.h"

static volatile sig_atomic_t is_live; /* live() wrote the current line */
static bool debugging;
static uint64_t debugging_since;

/* What output_end() writes on standard output. */
static FILE *result;
static char *result_text;
static size_t result_len;

int output_begin(void)
{
    static char buffer[4096];
    bool can_write = fcntl(STDOUT_FILENO, F_GETFL) >= 0;

    /* A line leaves as a whole; put_line() flushes. */
    setvbuf(stderr, buffer, _IOFBF, sizeof(buffer));
    for (int fd = 0; fd <= STDERR_FILENO; fd++) {
        /* Opened for the other direction: using it stays an error. */
        if (fcntl(fd, F_GETFL) < 0 &&
            open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd) {
            can_write = false;
        }
    }
    if (!can_write) {
        return fail(EXIT_OTHER, "standard output is closed");
    }
    result = open_memstream(&result_text, &result_len);
    return result ? 0 : fail(EXIT_OTHER, "%s", strerror(errno));
}

FILE *output(void)
{
    return result;
}

/* Length of the control character at `text`, 0 if it is none. */
static size_t control_len(const char *text, size_t n)
{
    unsigned char first = (unsigned char)text[0];

    if (first < 0x20 || first == 0x7f) {
        return 1;
    }
    /* U+0080 to U+009F: terminals interpret them, too. */
    if (first == 0xc2 && n > 1 && (unsigned char)text[1] < 0xa0) {
        return 2;
    }
    return 0;
}

/* Show the next character, of `n` bytes. Returns how many bytes it has. */
static size_t show(const char *text, size_t n, char shown[9])
{
    const size_t len = control_len(text, n);

    shown[0] = *text;
    shown[1] = '\0';
    for (size_t i = 0; i < len; i++) {
        text_format(shown + 4 * i, 5, "\\x%02x",
                    (unsigned)(unsigned char)text[i]);
    }
    return len > 0 ? len : 1;
}

void put_clean(FILE *file, const char *text, size_t n)
{
    char shown[9];

    for (size_t len; n > 0; text += len, n -= len) {
        len = show(text, n, shown);
        fputs(shown, file);
    }
}

void clean(char *buf, size_t cap, const char *text, size_t n)
{
    char shown[9];

    buf[0] = '\0';
    for (size_t len; n > 0; text += len, n -= len) {
        const size_t used = strlen(buf);

        len = show(text, n, shown);
        text_format(buf + used, cap - used, "%s", shown);
    }
}

size_t cut(const char *text, size_t n, size_t max)
{
    size_t len = n < max ? n : max;

    while (len > 0 && len < n && ((unsigned char)text[len] & 0xc0) == 0x80) {
        len--;
    }
    return len;
}

const char *live_end(void)
{
    return is_live ? "\r\x1b[K" : ""; /* K: to the end of the line */
}

/* Write one line; a text that is too long is cut. */
static void put_line(const char *before, const char *format, va_list values)
{
    static char line[16384];
    const size_t len = text_format_list(line, sizeof(line), format, values);
    const bool cut = len >= sizeof(line);

    fputs(live_end(), stderr);
    is_live = false;
    fputs(before, stderr);
    put_clean(stderr, line, cut ? sizeof(line) - 1 : strlen(line));
    fputs(cut ? "...\n" : "\n", stderr);
    fflush(stderr);
}

int fail(enum exit_code code, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    put_line("segjob: ", format, values);
    va_end(values);
    return (int)code;
}

static const char *made = "";

void output_made(const char *message)
{
    made = message;
}

void fail_memory(void)
{
    exit(fail(EXIT_OTHER, "out of memory%s", made));
}

int fail_api(enum exit_code code, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    put_line("\n", format, values);
    va_end(values);
    return (int)code;
}

void notice(const char *format, ...)
{
    va_list values;

    va_start(values, format);
    put_line("segjob: ", format, values);
    va_end(values);
}

void live(const char *text)
{
    fputs(live_end(), stderr);
    put_clean(stderr, text, strlen(text));
    is_live = *text != '\0';
    fflush(stderr);
}

uint64_t now_ms(void)
{
    static struct segjob_posix_platform posix; /* for its clock alone */

    if (!posix.platform.monotonic_ms) {
        segjob_posix_platform_init(&posix, NULL);
    }
    return posix.platform.monotonic_ms(&posix.platform);
}

void debug_begin(void)
{
    debugging = true;
    debugging_since = now_ms();
}

void debug(const char *format, ...)
{
    char before[40];
    va_list values;

    if (!debugging) {
        return;
    }
    text_format(before, sizeof(before),
                "debug: %ld ms: ", (long)(now_ms() - debugging_since));
    va_start(values, format);
    put_line(before, format, values);
    va_end(values);
}

void print_bytes(const char *bytes, size_t n)
{
    fwrite(bytes, 1, n, result);
}

/* Returns false, and errno says why, if not all could be written. */
static bool write_result(void)
{
    const bool is_whole = !ferror(result);

    if (fclose(result) != 0 || !is_whole) {
        errno = ENOMEM;
        return false;
    }
    /* Some file systems report only at close that the disk is full. */
    return fwrite(result_text, 1, result_len, stdout) == result_len &&
           fclose(stdout) == 0;
}

int output_end(const char *job)
{
    const bool is_written = write_result();
    const int why = errno;

    free(result_text);
    if (is_written) {
        return EXIT_DONE;
    }
    if (why == EPIPE && !*job) {
        end_by(SIGPIPE);
    }
    return fail(EXIT_OTHER, "cannot write to standard output: %s%s",
                strerror(why), job);
}

void end_by(int signal_number)
{
    struct sigaction action;

    memset(&action, 0, sizeof(action));
    action.sa_handler = SIG_DFL;
    sigemptyset(&action.sa_mask);
    sigaction(signal_number, &action, NULL);
    raise(signal_number);
    _exit(128 + signal_number); /* raise() does not end process 1 */
}
