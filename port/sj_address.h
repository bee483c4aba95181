/*
 * Addresses as text, and hosts whose addresses need no resolver.
 */
#ifndef SJ_ADDRESS_H
#define SJ_ADDRESS_H

#include "segjob_port.h"

/*
 * Read an address: four decimal numbers without leading zeros, as inet_pton()
 * takes them, or IPv6 in hexadecimal groups alone (RFC 4291 section 2.2, forms
 * 1 and 2), without brackets and zone. Returns how many of the 16 bytes at
 * `bytes` it has, 4 or 16, in network byte order; 0 if `text` is no address.
 */
size_t sj_address_read(struct segjob_str text, uint8_t *bytes);

/*
 * Tell whether `host` is `name` or a name below it, without regard to case. A
 * dot at the end of either is the root (RFC 1034 section 3.1).
 */
bool sj_address_is_below(struct segjob_str host, struct segjob_str name);

/* How many addresses sj_address_of() writes at most. */
#define SJ_ADDRESS_OF_MAX 2u

/*
 * The addresses of a host that need no resolver: those of `localhost` and of
 * the names below it are ::1 and 127.0.0.1 (RFC 6761 section 6.3), and an
 * address has itself. Returns how many were written; 0: `host` is another name.
 */
size_t sj_address_of(struct segjob_str host, struct segjob_address *addresses);

#endif
