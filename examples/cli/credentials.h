/*
 * The credentials, from the first source that is configured, in the AWS CLI's
 * order, which segjob_chain.h says. --profile names the profile.
 */
#ifndef CLI_CREDENTIALS_H
#define CLI_CREDENTIALS_H

#include "config.h"
#include "segjob_chain.h"

/*
 * Find the source. What `chain` points to is valid until segjob_chain_wipe()
 * and config_wipe().
 *
 * Returns 0, or the exit code after reporting the failure.
 */
int credentials_find(struct segjob_chain *chain, const struct options *options,
                     struct config *config);

/* What to append to the message if the source fails. */
const char *credentials_hint(const struct segjob_chain *chain);

#endif
