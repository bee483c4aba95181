/*
 * Text by a format: C99's snprintf() for %s, %c, %d, %u and %x, with l and ll,
 * a precision of %s, and leading zeros, as in %02x. The C library's takes 13 KB
 * of a static program.
 */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stdarg.h>
#include <stddef.h>

/*
 * Write at most `cap` bytes, a NUL at the end included; none if `cap` is 0.
 * Returns the length that the whole text has.
 */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
size_t
text_format(char *buf, size_t cap, const char *format, ...);

#if defined(__GNUC__)
__attribute__((format(printf, 3, 0)))
#endif
size_t
text_format_list(char *buf, size_t cap, const char *format, va_list values);

#endif
