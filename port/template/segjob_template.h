/*
 * An empty backend, to copy. Replace `template` by the name of your platform,
 * write each function of segjob_template.c, and add the state that they need to
 * the structs below. Unchanged, each function fails and says why.
 *
 * segjob_port.h has the contracts; the source repeats each of them where it
 * applies. A port never sees AWS, HTTP or JSON.
 */
#ifndef SEGJOB_TEMPLATE_H
#define SEGJOB_TEMPLATE_H

#include "segjob_connect.h"
#include "segjob_port.h"
#include "segjob_run.h"
#include "segjob_tls.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A TCP stream. The contract's struct comes first, your members follow. */
struct segjob_template_tcp {
    struct segjob_stream stream;
    struct segjob_connect connect; /* whose turn it is, while connecting */
    bool wants_write; /* whether the last call waits to write, else to read */
};

/* Clocks, random bytes and names. */
struct segjob_template_platform {
    struct segjob_platform platform;
};

struct segjob_template {
    struct segjob_port port; /* for segjob_step() and segjob_run() */
    struct segjob_template_platform platform;
    struct segjob_template_tcp tcp;
    struct segjob_tls tls; /* runs over `tcp` */
};

/*
 * Prepare a port that trusts `roots`. `roots` and `credentials` are borrowed.
 *
 * Returns
 *   SEGJOB_OK      `t->port` can be used
 *   SEGJOB_CONFIG  mbedTLS refused; `t->port.error` says why. Nothing is to be
 *                  freed.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_template_init(
    struct segjob_template *t, mbedtls_x509_crt *roots,
    const struct segjob_credentials *credentials);

/* Close, and free what mbedTLS allocated. */
void segjob_template_free(struct segjob_template *t);

#ifdef __cplusplus
}
#endif

#endif
