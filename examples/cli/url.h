/*
 * The URL of an endpoint: https://HOST[:PORT][/], and http:// to loopback.
 */
#ifndef CLI_URL_H
#define CLI_URL_H

#include "segjob.h"

/*
 * Split `url` into host, port (0 if none is named) and whether it is plain;
 * the host points into it. Whether it is a valid one is left to segjob_init().
 *
 * Returns NULL, or why it is refused.
 */
const char *url_read(const char *url, struct segjob_config *config);

#endif
