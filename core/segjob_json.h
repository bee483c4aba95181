/*
 * Read a request from JSON, as people write it for the AWS CLI; and members of
 * any JSON object.
 */
#ifndef SEGJOB_JSON_H
#define SEGJOB_JSON_H

#include "segjob.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Why a text is not a request. `what` is a static message. `path` is the path
 * of the member at fault, as the API spells it: NUL-terminated, cut if longer,
 * empty if the whole text is at fault. `line` and `column` count lines and
 * characters from 1, to where the text is not JSON, is nested too deep, repeats
 * a member or has more than 64 members in an object; else they are 0.
 */
struct segjob_read_error {
    const char *what;
    char path[96];
    size_t line;
    size_t column;
};

/*
 * Read the request syntax of CreateBatchSegmentJob, as the AWS CLI takes it
 * for --cli-input-json, into `request`, which is overwritten.
 *
 * `text` is changed: escapes are decoded in place, and the request's spans
 * point into it. `room` receives the tags, aligned as for a pointer, and during
 * the call 16 bytes for each value and each member name. Both are borrowed as
 * long as the request is used. A byte order mark at the start is skipped (RFC
 * 8259 section 8.1). Members that are null become absent. Values are not
 * checked here: segjob_create() does that.
 *
 * Returns
 *   SEGJOB_OK        `request` is set
 *   SEGJOB_INVALID   not JSON; an unknown, repeated or ill-typed member; or
 *                    more than 64 members in an object
 *   SEGJOB_NO_SPACE  `cap` bytes of room are too few for the text
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_read_create_request(
    char *text, size_t len, void *room, size_t cap,
    struct segjob_create_request *request, struct segjob_read_error *error);

/*
 * Read `n` members of a JSON object: set `texts[i]` to the text of the member
 * `names[i]`. It is absent if the object does not have it, or it is not a
 * string. `text` is changed, and `room` used, as above; the texts point into
 * `text`. No byte order mark is skipped.
 *
 * Returns
 *   SEGJOB_OK        all texts are set
 *   SEGJOB_INVALID   not JSON, not an object, or one that repeats a member or
 *                    has more than 64
 *   SEGJOB_NO_SPACE  `cap` bytes of room are too few for the text
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_read_members(char *text, size_t len, void *room,
                                       size_t cap, const char *const *names,
                                       struct segjob_str *texts, size_t n);

#ifdef __cplusplus
}
#endif

#endif
