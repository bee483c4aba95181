/*
 * What the application needs from a board. For other hardware, write these
 * functions, start-up code and a linker script in a folder like boards/mps2,
 * and nothing else.
 */
#ifndef FIRMWARE_BOARD_H
#define FIRMWARE_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lwip/err.h>
#include <lwip/netif.h>

/* Start clock and console. Called first. */
void board_begin(void);

/* Milliseconds since board_begin(); never runs backwards, never wraps. */
uint64_t board_ms(void);

/*
 * Nanoseconds since board_begin() without sleep, to print the cost of a
 * connection; 0 if the board does not know.
 */
uint64_t board_busy_ns(void);

/*
 * Sleep until a frame has arrived or board_ms() has reached `until_ms`,
 * whichever comes first; may return early. A frame that arrives between the
 * last board_ethernet_poll() and this call must not be slept through.
 */
void board_sleep(uint64_t until_ms);

/*
 * Fill `n` bytes from a cryptographic source: the keys of every TLS connection
 * depend on it. Returns false if there is none; then no connection is made.
 */
bool board_random(void *bytes, size_t n);

/* What board_random() is, for the console. */
extern const char board_random_source[];

/* The real-time clock in seconds since 1970, UTC; 0 if there is none. */
int64_t board_rtc(void);

/* lwIP's `init` of netif_add(): prepare the interface and its driver. */
err_t board_ethernet_begin(struct netif *netif);

/*
 * Pass the received frames to lwIP, and the changes of the link
 * (netif_set_link_up, netif_set_link_down).
 */
void board_ethernet_poll(struct netif *netif);

/*
 * Write the parameters, parameters.h, into the `cap` bytes at `text`,
 * NUL-terminated. A product has them in its flash. Returns false if they do not
 * fit.
 */
bool board_parameters(char *text, size_t cap);

/* Bytes of the stack, and the most that were in use so far. */
size_t board_stack_size(void);
size_t board_stack_peak(void);

/* Write to the console. */
void board_print(const char *text, size_t n);

/* Say `exit STATUS` and stop. A product restarts here. */
__attribute__((noreturn)) void board_exit(int status);

/* What board_exit() is given beside a negated segjob_status. */
#define EXIT_PARAMETERS 64 /* a parameter is malformed */
#define EXIT_ARENA 65      /* mbedTLS asked for more than its arena had */
#define EXIT_LINK 66       /* no cable, when something else failed */
#define EXIT_HEAP 67       /* somebody called the C library's heap */
#define EXIT_FAULT 68      /* a processor fault */
#define EXIT_LWIP 69       /* an assertion of lwIP */

#endif
