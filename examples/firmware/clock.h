/*
 * The wall clock, which decides whether certificates are valid.
 *
 * It shows the latest time of all sources: the build, the board's real-time
 * clock, and SNTP. It is never set back: neither a clock whose battery was
 * empty nor an SNTP response, which has no signature, may make an expired
 * certificate valid.
 */
#ifndef FIRMWARE_CLOCK_H
#define FIRMWARE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include <lwip/ip_addr.h>

/* Seconds since 1970, UTC. */
int64_t clock_now(void);

/* Set the clock to `unix_time`. An earlier time has no effect. */
void clock_tell(int64_t unix_time);

/* Query this server through lwIP, now and once an hour. */
void clock_begin_sntp(const ip_addr_t *server, uint16_t port);

/* Whether the server has responded. */
bool clock_has_sntp(void);

#endif
