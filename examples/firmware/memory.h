/*
 * The one arena that mbedTLS allocates from, and how far all memory was used.
 */
#ifndef FIRMWARE_MEMORY_H
#define FIRMWARE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Give mbedTLS the first `cap` bytes of the arena; 0 is all of it. */
void memory_begin(size_t cap);

/*
 * Whether mbedTLS asked for more than there was. To be looked at before any
 * other explanation of a failure: mbedTLS may show it as a certificate that
 * is not trusted, or a signature that is wrong.
 */
bool memory_ran_out(void);

/* Bytes of the arena. */
size_t memory_cap(void);

/* Print the peaks: arena, stack, lwIP's heap and pools. */
void memory_print_peaks(void);

#endif
