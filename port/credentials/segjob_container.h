/*
 * Credentials from the endpoint of a container: Amazon ECS, Amazon EKS, and the
 * token exchange service of AWS IoT Greengrass v2. Containers and components
 * find its URI in their environment.
 *
 * http:// is allowed to loopback and to the addresses of ECS and EKS only, and
 * needs the port's `plain` stream. https:// is allowed to any host, which is
 * verified as the service is.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Container credential provider";
 * AWS IoT Greengrass v2 Developer Guide, "Token exchange service".
 */
#ifndef SEGJOB_CONTAINER_H
#define SEGJOB_CONTAINER_H

#include "segjob_source.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The host of a relative URI (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI). */
#define SEGJOB_CONTAINER_HOST "169.254.170.2"

struct segjob_container {
    struct segjob_source source;
    struct segjob_str path; /* of the URI, with its query */
    /* The Authorization header; absent: none. May change between requests. */
    struct segjob_str authorization;
    /*
     * Update `authorization` before a request. May be NULL. Returns NULL, or
     * an error message, which must stay valid until the next call.
     */
    const char *(*authorize)(struct segjob_container *c);
};

/*
 * Initialize the source; segjob_source_init() describes `buf` and `cap`.
 *
 * `uri` has the scheme http:// or https:// and a host, or is a path, which
 * begins with '/', at SEGJOB_CONTAINER_HOST. It is borrowed as `buf` is. If
 * there is an `authorization`, set it after this call.
 *
 * Returns
 *   SEGJOB_OK      set a port's `provider` to `&container->source.provider`
 *   SEGJOB_CONFIG  the URI cannot be used; `container->source.message` says why
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_container_init(struct segjob_container *container,
                                         struct segjob_str uri, void *buf,
                                         size_t cap);

#ifdef __cplusplus
}
#endif

#endif
