/*
 * What the client offers: RFC 9325 (BCP 195), sections 4.1 and 4.2.
 *
 * TLS 1.2 and 1.3; ECDHE with AES-GCM or ChaCha20-Poly1305 and no other cipher
 * suite; no SHA-1, and no group or curve of less than 224 bits.
 */
#ifndef SJ_TLS_OFFER_H
#define SJ_TLS_OFFER_H

#include "segjob_tls.h"

/* Take out of mbedTLS's defaults for clients what is not to be offered. */
void sj_tls_offer(mbedtls_ssl_config *config);

#endif
