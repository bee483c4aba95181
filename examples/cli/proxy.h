/*
 * The proxy: https_proxy or HTTPS_PROXY, and no_proxy or NO_PROXY. The name in
 * lower case comes first, as other programs have it; an empty one is none.
 */
#ifndef CLI_PROXY_H
#define CLI_PROXY_H

#include "segjob_posix.h"
#include "segjob_proxy.h"

/*
 * Have the port's TLS go through the proxy, if there is one. `*shown` is then
 * "HOST:PORT" of it, else empty; it lives as long as the program.
 *
 * Returns 0, or the exit code after the failure was told.
 */
int proxy_begin(struct segjob_posix *posix, const char **shown);

/* Overwrite its password. */
void proxy_wipe(void);

#endif
