/*
 * Write the heads of requests.
 */
#ifndef SJ_HEAD_H
#define SJ_HEAD_H

#include "segjob.h"
#include "segjob_fetch.h"
#include "sj_sigv4.h"
#include "sj_writer.h"

/* Return the scheme's default port, which the Host field omits. */
uint16_t sj_head_default_port(const struct segjob_config *config);

/* Write the host to connect to; and the value of the Host field. */
void sj_head_write_host(struct sj_writer *w,
                        const struct segjob_config *config);
void sj_head_write_authority(struct sj_writer *w,
                             const struct segjob_config *config);

/* Write the request of a fetch, which must be valid: head and body. */
void sj_head_write_fetch(struct sj_writer *w,
                         const struct segjob_config *config,
                         const struct segjob_fetch_request *fetch);

/*
 * Write a head, signed with `key`. The writer must have room for all of it. The
 * caller sets credentials, target, date and body in `s`; this function sets the
 * rest. If `key` is NULL, the head is not signed but only measured: the writer
 * needs no room, and date and body need only their lengths.
 *
 * Returns false if the hash function failed.
 */
SEGJOB_MUST_CHECK
bool sj_head_write(struct sj_writer *w, const struct segjob_config *config,
                   struct sj_sigv4 *s, struct sj_signing_key *key);

#endif
