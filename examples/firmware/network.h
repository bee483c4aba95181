/*
 * lwIP in a main loop: one Ethernet interface, IPv4 by DHCP.
 */
#ifndef FIRMWARE_NETWORK_H
#define FIRMWARE_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

/* Bring lwIP and the interface up, and ask for an address. */
void network_begin(void);

bool network_has_link(void);

bool network_has_address(void);

/* The address as text, until the next call. */
const char *network_address(void);

/*
 * Sleep until a frame arrives, lwIP has something to do, or `ms` milliseconds
 * are over; then have lwIP do it.
 */
void network_rest(uint64_t ms);

#endif
