/*
 * Reader of the URIs of endpoints, sources of credentials and proxies (RFC
 * 3986):
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
 * The parts, as spans into the text that are not decoded. The caller checks
 * their content.
 */
struct segjob_uri {
    bool plain;                 /* http:// */
    struct segjob_str user;     /* absent if the URI has none */
    struct segjob_str password; /* absent if the URI has none */
    struct segjob_str host;     /* an IPv6 address without brackets */
    uint16_t port;              /* 0 if the URI has none */
    struct segjob_str rest;     /* path, query, fragment; empty for "/" */
};

/*
 * Read a URI; or one without its scheme, which leaves `plain` false.
 *
 * Returns NULL, or why the text is no such URI: static, without any part of it.
 */
const char *segjob_uri_read(struct segjob_str text, struct segjob_uri *uri);
const char *segjob_uri_read_authority(struct segjob_str text,
                                      struct segjob_uri *uri);

/*
 * Read the URI of an endpoint, http[s]://HOST[:PORT][/], into `host`, `port`
 * and `plain` of the configuration; the host points into `text`. segjob_init()
 * checks its content.
 *
 * Returns NULL, or why the text is no such URI: static.
 */
const char *segjob_uri_read_endpoint(struct segjob_str text,
                                     struct segjob_config *config);

#ifdef __cplusplus
}
#endif

#endif
