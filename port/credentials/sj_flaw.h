/*
 * What is wrong with credentials as a person wrote them.
 */
#ifndef SJ_FLAW_H
#define SJ_FLAW_H

#include "segjob.h"

/*
 * Why `text` cannot be a credential, a token or a URI, such as "ends in white
 * space": static text. NULL if it can, or is absent.
 */
const char *sj_flaw_of_text(struct segjob_str text);

/* As above for the value of a header, which may contain blanks. */
const char *sj_flaw_of_header(struct segjob_str text);

/*
 * The first flaw of the credentials. `*which` is then its place: 0 for the
 * access key id, 1 for the secret access key, 2 for the session token.
 */
const char *sj_flaw_of_credentials(const struct segjob_credentials *credentials,
                                   size_t *which);

#endif
