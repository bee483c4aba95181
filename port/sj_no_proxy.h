/*
 * The list of hosts that need no proxy: `no_proxy` in segjob_proxy.h.
 */
#ifndef SJ_NO_PROXY_H
#define SJ_NO_PROXY_H

#include <stdbool.h>

/* Whether `list`, which may be NULL, matches `host`; both NUL-terminated. */
bool sj_no_proxy_has(const char *list, const char *host);

#endif
