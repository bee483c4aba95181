/*
 * An empty backend, to copy: replace `template` by your platform's name, fill
 * in each function of segjob_template.c, and add what they need to remember to
 * the structs below. As it stands each function fails, and says so.
 *
 * The contracts are those of segjob_port.h; the source repeats them where they
 * are to be kept. A port never sees AWS, HTTP or JSON.
 */
#ifndef SEGJOB_TEMPLATE_H
#define SEGJOB_TEMPLATE_H

#include "segjob_port.h"
#include "segjob_run.h"
#include "segjob_tls.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A TCP stream. The contract's struct comes first, your members follow. */
struct segjob_template_tcp {
    struct segjob_stream stream;
    bool wants_write; /* what the last call waits for: else to read */
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
 *   SEGJOB_CONFIG  mbedTLS refused; `t->port.fault` says why. Nothing is to be
 *                  freed.
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_template_init(
    struct segjob_template *t, mbedtls_x509_crt *roots,
    const struct segjob_credentials *credentials);

/* Close, and give back what mbedTLS allocated. */
void segjob_template_free(struct segjob_template *t);

#ifdef __cplusplus
}
#endif

#endif
