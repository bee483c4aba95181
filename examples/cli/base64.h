/*
 * Base64 (RFC 4648, section 4), for tokens of the AWS CLI.
 */
#ifndef CLI_BASE64_H
#define CLI_BASE64_H

#include "segjob.h"

/* NUL-terminated, in memory of value_memory(). */
struct segjob_str base64_encode(struct segjob_str bytes);

/* Returns false if it is no base64 with its padding. */
bool base64_decode(struct segjob_str text, struct segjob_str *bytes);

#endif
