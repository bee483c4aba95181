/*
 * Credentials of an EC2 instance's role, from its metadata service (IMDSv2):
 * first the token of a session, then the role's name, then its credentials.
 *
 * The port needs a `plain` stream. If the service does not respond within a
 * second or has no role, this is no EC2 instance with a role, and the operation
 * ends as SEGJOB_CREDENTIALS.
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

/* The addresses of the service. */
#define SEGJOB_IMDS_HOST "169.254.169.254"
#define SEGJOB_IMDS_HOST_IPV6 "fd00:ec2::254"

struct segjob_imds {
    struct segjob_source source;
    struct segjob_str token;
    struct segjob_str role;
};

/*
 * Initialize the source; segjob_source_init() describes `buf` and `cap`.
 *
 * `config` is where the service is; NULL means SEGJOB_IMDS_HOST and port 80.
 * `plain` is allowed at the two addresses above and on loopback only.
 *
 * Returns
 *   SEGJOB_OK      set a port's `provider` to `&imds->source.provider`
 *   SEGJOB_CONFIG  the host cannot be used; `imds->source.message` says why
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_imds_init(struct segjob_imds *imds,
                                    const struct segjob_config *config,
                                    void *buf, size_t cap);

#ifdef __cplusplus
}
#endif

#endif
