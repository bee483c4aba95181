/*
 * The URIs of sources: http[s]://HOST[:PORT][/PATH] (RFC 3986).
 */
#ifndef SJ_URI_H
#define SJ_URI_H

#include "segjob.h"

/*
 * Split `*uri` into where to connect, whose `host` then points into it, and the
 * path with its query, which it becomes; `/` if there is none. What path and
 * host hold is judged where they are used.
 *
 * Returns NULL, or in words why it is refused.
 */
const char *sj_uri_read(struct segjob_str *uri, struct segjob_config *where);

#endif
