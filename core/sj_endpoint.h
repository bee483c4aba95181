/*
 * Where the service of a region is.
 *
 * Source: AWS partitions and the endpoint rule set of the service model.
 */
#ifndef SJ_ENDPOINT_H
#define SJ_ENDPOINT_H

#include "sj_writer.h"

/*
 * Tell whether `region` is one DNS label: 1 to 63 letters, digits and hyphens,
 * no hyphen at either end, not digits alone.
 */
bool sj_endpoint_is_region(struct segjob_str region);

/*
 * Tell whether `host` is a DNS name (RFC 1123 section 2.1), an IPv4 address or
 * an IPv6 address; and whether it is the latter, in hexadecimal groups alone,
 * without brackets and zone.
 */
bool sj_endpoint_is_host(struct segjob_str host);
bool sj_endpoint_is_ipv6(struct segjob_str s);

/*
 * Tell whether a host is this device: localhost or a name below it, without
 * regard to case (RFC 6761 section 6.3), 127.0.0.1 or ::1.
 */
bool sj_endpoint_is_loopback(struct segjob_str host);

/* Write the service's host name in a region; `host` is not looked at. */
void sj_endpoint_write_host(struct sj_writer *w,
                            const struct segjob_config *config);

#endif
