/*
 * Text on the board's console. The C library's printf takes 10 KB of flash,
 * and some of its kind take the heap.
 */
#ifndef FIRMWARE_PRINT_H
#define FIRMWARE_PRINT_H

/* printf, as far as it is used here: %s, %.*s, %u, %x. */
__attribute__((format(printf, 1, 2))) void print(const char *format, ...);

#endif
