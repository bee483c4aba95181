/*
 * Credentials from the endpoint that a container has for them: Amazon ECS and
 * EKS, and the token exchange service of AWS IoT Greengrass v2, whose
 * components find it in their environment.
 *
 * Plain HTTP is taken only to loopback and to the addresses that ECS and EKS
 * use; https:// to any host, verified as the service is. The port needs a
 * `plain` stream for the former.
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

/* Where a relative URI, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, leads. */
#define SEGJOB_CONTAINER_HOST "169.254.170.2"

struct segjob_container {
    struct segjob_source source;
    struct segjob_str path; /* of the URI, with its query */
    /* What Authorization says; absent: nothing. It may change at any time. */
    struct segjob_str authorization;
    /*
     * Called before each request, to set `authorization` anew; NULL: it stays.
     * Returns NULL, or why there is none: text that lives until it is called
     * again.
     */
    const char *(*authorize)(struct segjob_container *c);
};

/*
 * Prepare the source, as segjob_source_init() does. `uri` is http:// or
 * https:// with a host, or begins with '/': then SEGJOB_CONTAINER_HOST has it.
 * It is borrowed for as long. Set `authorization` after it, if there is one.
 *
 * Returns
 *   SEGJOB_OK      `container->source.provider` can be given to a port
 *   SEGJOB_CONFIG  the URI cannot be used; `container->source.words` say why
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_container_init(struct segjob_container *container,
                                         struct segjob_str uri, void *buf,
                                         size_t cap);

#ifdef __cplusplus
}
#endif

#endif
