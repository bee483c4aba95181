#include "print.h"

#include <stdarg.h>
#include <string.h>

#include "board.h"

static void print_number(unsigned value, unsigned base)
{
    char digits[10];
    size_t at = sizeof(digits);

    do {
        digits[--at] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    board_print(digits + at, sizeof(digits) - at);
}

/* Print one argument; `format` points after `%`. Returns its end. */
static const char *convert(const char *format, va_list *args)
{
    const bool has_len = *format == '.';

    if (*format == 'u' || *format == 'x') {
        print_number(va_arg(*args, unsigned), *format == 'u' ? 10 : 16);
    } else if (has_len || *format == 's') {
        const int len = has_len ? va_arg(*args, int) : -1;
        const char *text = va_arg(*args, const char *);

        board_print(text, has_len ? (size_t)len : strlen(text));
    }
    return format + (has_len ? 3 : 1);
}

void print(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    while (*format != '\0') {
        if (*format == '%') {
            format = convert(format + 1, &args);
        } else {
            board_print(format++, 1);
        }
    }
    va_end(args);
}
