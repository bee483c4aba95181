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

/* Tell whether `host` is a DNS name (RFC 1123 section 2.1) or IPv4 address. */
bool sj_endpoint_is_host(struct segjob_str host);

/* Write the service's host name in a region. */
void sj_endpoint_write_host(struct sj_writer *w, struct segjob_str region);

#endif
