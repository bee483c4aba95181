/*
 * The proxy: https_proxy or HTTPS_PROXY, and no_proxy or NO_PROXY. The name in
 * lower case has precedence, as in other programs; an empty one means none.
 */
#ifndef CLI_PROXY_H
#define CLI_PROXY_H

#include "segjob_posix.h"
#include "segjob_proxy.h"

/*
 * Connect the port's TLS through the proxy, if there is one. `*shown` is its
 * "HOST:PORT", else "": static.
 *
 * Returns 0, or the exit code after reporting the failure.
 */
int proxy_begin(struct segjob_posix *posix, const char **shown);

/* Overwrite its password. */
void proxy_wipe(void);

#endif
