/*
 * Read the error in a response's body, and remove secrets from its message.
 */
#ifndef SJ_ERROR_H
#define SJ_ERROR_H

#include "segjob.h"

/*
 * Read an error from the body, the first `len` of the `cap` bytes at `buf`.
 * Changes the body, and uses the rest of the buffer for tokens. Sets
 * `error->code` and `error->message` if the body contains them.
 *
 * The code is the part of `__type` or `code` before the first `:`, and of that
 * the part after the first `#` (Smithy, AWS JSON 1.1, "Operation error
 * serialization").
 */
void sj_error_read(char *buf, size_t len, size_t cap,
                   struct segjob_error *error);

/* Return the bare name in an error code of a body or a header. */
struct segjob_str sj_error_bare_code(struct segjob_str code);

/*
 * Copy `message` to `buf` without secrets, and return the copy. `message` must
 * begin at `buf` or after it in the same buffer.
 *
 *   - The copy ends before the canonical string that a signature error quotes.
 *   - The session token becomes `***` (a token of one or two bytes: as many
 *     stars).
 *   - A tag's key or value of four characters or more becomes `***`, unless it
 *     is part of a longer word or of an ARN. Words consist of the characters
 *     that a tag may contain, except for spaces.
 *
 * Secrets that overlap become one `***`. `request` NULL means no tags.
 */
struct segjob_str sj_error_redact(char *buf, struct segjob_str message,
                                  const struct segjob_create_request *request,
                                  struct segjob_str token);

#endif
