/*
 * The one form of URL that an endpoint has: https://HOST[:PORT][/]
 */
#ifndef CLI_URL_H
#define CLI_URL_H

#include <stdint.h>

#include "segjob.h"

/*
 * Split `url`; `host` points into it, `port` is 0 if none is named. Whether
 * the host is a valid name is left to segjob_init().
 *
 * Returns NULL, or in words why it is refused.
 */
const char *url_read(const char *url, struct segjob_str *host, uint16_t *port);

#endif
