/*
 * The session that a TLS stream remembers.
 *
 * It is in one place at a time: in mbedTLS's context as long as a connection
 * is open, in `tls->session` between two (and in both only if it was saved in
 * the meantime). A connection that fails loses it, so that the next handshake
 * is a full one, whatever was wrong.
 *
 * Saved, it is a SHA-256; then a struct segjob_tls_bounds; then what mbedTLS
 * makes of it, which begins with its version and configuration. The SHA-256 is
 * that of these two, the DER of the roots in their order, a zero, the DER of
 * the device's certificates, a zero, and the pins.
 */
#ifndef SJ_TLS_SESSION_H
#define SJ_TLS_SESSION_H

#include "segjob_tls.h"

/*
 * Offer the session in the handshake that begins, if it is one with the same
 * host and in the time for which its chain was verified. It is gone then.
 *
 * Returns 0, or mbedTLS's error; the handshake cannot go on after that.
 */
SEGJOB_MUST_CHECK
int sj_tls_session_offer(struct segjob_tls *tls, const char *host);

/* Note the validity of a verified certificate of this handshake. */
void sj_tls_session_verified(struct segjob_tls *tls, int64_t from, int64_t to);

/*
 * Copy the session out of an open connection, if there is one that can be
 * resumed. Without memory for it there is none.
 */
void sj_tls_session_keep(struct segjob_tls *tls);

/* Wipe the session, and save none of the open connection. */
void sj_tls_session_drop(struct segjob_tls *tls);

#endif
