/*
 * What mbedTLS does not verify of a peer's chain, or not as the RFCs have it:
 *
 * - dates, by the clock of the platform (RFC 5280, 4.1.2.5);
 * - that names are those of subjectAltName, never the subject's common name
 *   (RFC 9525, section 2), and an address among them;
 * - the extended key usage of authorities (RFC 5280, 4.2.1.12);
 * - their name constraints (RFC 5280, 4.2.1.10), for DNS names, addresses and
 *   directory names. Where those of another form apply to a name, it is
 *   refused; and mbedTLS reads no certificate in which they are critical.
 *
 * All of this holds for roots as well.
 */
#ifndef SJ_TLS_VERIFY_H
#define SJ_TLS_VERIFY_H

#include "segjob_tls.h"

/*
 * For mbedtls_ssl_conf_verify(), with a struct segjob_tls as `arg`. mbedTLS
 * calls it for each certificate of a chain, the root first, the peer's last.
 */
int sj_tls_verify(void *arg, mbedtls_x509_crt *crt, int depth, uint32_t *flags);

/* Why a chain was refused, the most telling reason first. */
const char *sj_tls_refusal(uint32_t flags);

#endif
