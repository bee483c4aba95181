/*
 * The URIs of endpoints, sources and proxies (RFC 3986), taken apart:
 *
 *   http[s]://[USER[:PASSWORD]@]HOST[:PORT][/PATH...]
 */
#ifndef SEGJOB_URI_H
#define SEGJOB_URI_H

#include "segjob.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The parts: spans into the text, not decoded. What host, user and path hold is
 * for their users to judge.
 */
struct segjob_uri {
    bool plain;                 /* http:// */
    struct segjob_str user;     /* absent if there is none ... */
    struct segjob_str password; /* ... and likewise */
    struct segjob_str host;     /* an IPv6 address without its brackets */
    uint16_t port;              /* 0 if there is none */
    struct segjob_str rest;     /* path, query, fragment; empty for a mere / */
};

/*
 * Read a URI; or what stands behind its scheme, of which `plain` is not set.
 *
 * Each returns NULL, or why it is none in words that hold nothing of it.
 */
const char *segjob_uri_read(struct segjob_str text, struct segjob_uri *uri);
const char *segjob_uri_read_authority(struct segjob_str text,
                                      struct segjob_uri *uri);

#ifdef __cplusplus
}
#endif

#endif
