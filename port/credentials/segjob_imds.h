/*
 * Credentials of an EC2 instance's role, from its metadata service, version 2:
 * a session's token first, then the name of the role, then its keys.
 *
 * The port needs a `plain` stream. A service that does not answer within a
 * second, or has no role, is SEGJOB_CREDENTIALS: this is no such instance.
 *
 * Source: Amazon EC2 User Guide, "Use IMDSv2" and "Retrieve security
 * credentials from instance metadata".
 */
#ifndef SEGJOB_IMDS_H
#define SEGJOB_IMDS_H

#include "segjob_source.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where the service is. */
#define SEGJOB_IMDS_HOST "169.254.169.254"
#define SEGJOB_IMDS_HOST_IPV6 "fd00:ec2::254"

struct segjob_imds {
    struct segjob_source source;
    struct segjob_str token;
    struct segjob_str role;
};

/*
 * Prepare the source, as segjob_source_init() does. `config` NULL stands for
 * SEGJOB_IMDS_HOST and port 80; else it is where the service is: `plain` at
 * these two hosts and on loopback, with TLS anywhere.
 *
 * Returns
 *   SEGJOB_OK      `imds->source.provider` can be given to a port
 *   SEGJOB_CONFIG  the host cannot be used; `imds->source.words` say why
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_imds_init(struct segjob_imds *imds,
                                    const struct segjob_config *config,
                                    void *buf, size_t cap);

#ifdef __cplusplus
}
#endif

#endif
