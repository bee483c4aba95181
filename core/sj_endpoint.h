/*
 * A service's host in each region, and checks of region and host names.
 *
 * Source: AWS partitions and the endpoint rule set of the service model.
 */
#ifndef SJ_ENDPOINT_H
#define SJ_ENDPOINT_H

#include "sj_writer.h"

/*
 * Return whether `region` is one DNS label: 1 to 63 letters, digits and
 * hyphens, no hyphen first or last, not digits only.
 */
bool sj_endpoint_is_region(struct segjob_str region);

/*
 * Return whether `host` is a DNS name (RFC 1123 section 2.1), an IPv4 address,
 * or an IPv6 address that segjob_read_ipv6() can read; and whether it is such
 * an IPv6 address.
 */
bool sj_endpoint_is_host(struct segjob_str host);
bool sj_endpoint_is_ipv6(struct segjob_str host);

/*
 * Return whether a host is this device: 127.0.0.1, ::1, localhost or a name
 * below it, in upper or lower case (RFC 6761 section 6.3).
 */
bool sj_endpoint_is_loopback(struct segjob_str host);

/*
 * Write the name of a service's host in the region, which begins with
 * `service`. Ignores the configuration's `host`.
 */
void sj_endpoint_write_host(struct sj_writer *w,
                            const struct segjob_config *config,
                            const char *service);

#endif
