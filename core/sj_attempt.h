/*
 * One exchange with the service: write and sign the request, offer its bytes,
 * take in those of the response. The source has the functions of segjob.h that
 * drive this: segjob_connected(), segjob_tx(), segjob_sent(), segjob_rx() and
 * segjob_received().
 */
#ifndef SJ_ATTEMPT_H
#define SJ_ATTEMPT_H

#include "segjob.h"

/*
 * Write the request but for its signature, and want a connection. Returns
 * SEGJOB_PENDING, or SEGJOB_NO_SPACE: the buffer is too small.
 */
enum segjob_status sj_attempt_prepare(struct segjob_client *c);

#endif
