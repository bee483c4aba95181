/*
 * What is wrong with a key as somebody wrote it, in words for them.
 */
#ifndef SJ_FLAW_H
#define SJ_FLAW_H

#include "segjob.h"

/*
 * Why `text` can be no key, token or URI of AWS: "ends in white space", static;
 * NULL if it can, or is absent.
 */
const char *sj_flaw_of_text(struct segjob_str text);

/* The same of what a header is to hold: blanks may stand there. */
const char *sj_flaw_of_header(struct segjob_str text);

/*
 * The same of the keys in turn; `*which`, if there is a flaw, counts from 0:
 * access key id, secret access key, session token.
 */
const char *sj_flaw_of_keys(const struct segjob_credentials *keys,
                            size_t *which);

#endif
