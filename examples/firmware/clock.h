/*
 * The wall clock, which decides whether certificates are valid.
 *
 * It shows the latest time that anybody told: the build, the board's
 * real-time clock, SNTP. It is never set back, since neither a clock whose
 * battery was empty nor an SNTP answer, which nobody signs, may make a
 * certificate valid that has expired.
 */
#ifndef FIRMWARE_CLOCK_H
#define FIRMWARE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include <lwip/ip_addr.h>

/* Seconds since 1970, UTC. */
int64_t clock_now(void);

/* Somebody says that it is `unix_time`. An earlier time has no effect. */
void clock_tell(int64_t unix_time);

/* Ask this server, now and once an hour. lwIP does it. */
void clock_begin_sntp(const ip_addr_t *server, uint16_t port);

/* Whether it has answered. */
bool clock_has_sntp(void);

#endif
