/*
 * Reader of one HTTP/1.1 or HTTP/1.0 response (RFC 9110, RFC 9112), fed in
 * pieces of any size.
 *
 * The reader is strict: it rejects a response that could be read in two ways.
 * It reads the head as it streams and does not store it. Of the fields it reads
 * those that frame the body and those named below, in their first
 * SJ_HTTP_LINE_CAP bytes. It rejects a field name that is longer, a
 * Content-Length of SEGJOB_DECIMAL_MAX or more, and a chunk of 4 GiB or more.
 * It skips interim responses (1xx) and chunk extensions, which must be
 * well-formed (RFC 9112 section 7.1.1).
 */
#ifndef SJ_HTTP_H
#define SJ_HTTP_H

#include "segjob.h"

/*
 * The maximum length in bytes of a head, interim responses included; also that
 * of one chunk size line, and that of all trailers.
 */
#define SJ_HTTP_HEAD_MAX 65536u

enum sj_http_result {
    SJ_HTTP_MORE, /* all bytes are used: feed more */
    SJ_HTTP_BODY, /* a piece of the body was found: call again */
    SJ_HTTP_DONE, /* the response is complete; bytes after it are not used */
    SJ_HTTP_BAD   /* not an HTTP response, or an ambiguous one */
};

/*
 * Begin to read a response. If the request was CONNECT, set `h->tunnel`
 * afterwards: a 2xx response then ends with its head.
 */
void sj_http_begin(struct sj_http *h);

/*
 * Read some of the `n` bytes at `bytes` and set `*used` to their number. After
 * SJ_HTTP_BODY, `*body` is a piece of the body among those bytes, never empty.
 */
SEGJOB_MUST_CHECK
enum sj_http_result sj_http_read(struct sj_http *h, const char *bytes, size_t n,
                                 size_t *used, struct segjob_str *body);

/*
 * Report that the peer closed the connection properly. Returns true if that
 * completes the response.
 */
SEGJOB_MUST_CHECK
bool sj_http_end(struct sj_http *h);

/*
 * Return whether the response is complete and its sender keeps the connection
 * open for another request (RFC 9112 section 9.3). If bytes follow the
 * response, the connection must be closed in any case.
 */
bool sj_http_keeps_alive(const struct sj_http *h);

/* Return the status code, 0 until a final status line was read. */
int sj_http_status(const struct sj_http *h);

/*
 * Return the value of X-Amzn-RequestId, else of X-Amzn-Request-Id, else of
 * X-Amz-Request-Id; and that of X-Amzn-Errortype. Absent if the head has no
 * such field; cut at SJ_HTTP_ID_CAP bytes. Valid as long as the reader.
 */
struct segjob_str sj_http_request_id(const struct sj_http *h);
struct segjob_str sj_http_error_type(const struct sj_http *h);

/*
 * Members of the reader contain the other fields:
 *
 *   date            Date, in Unix seconds
 *   retry_after     Retry-After, if it is a number of seconds
 *   retry_at        Retry-After, if it is a date, in Unix seconds
 *   retry_after_ms  X-Amz-Retry-After, in milliseconds
 *   has_age         whether there is an Age field: the response is a cache's
 *
 * A date is 0 unless the field has one from 1970 to 2106. A number is
 * SEGJOB_NO_DECIMAL unless the field has one; greater ones than
 * SEGJOB_DECIMAL_MAX become that. The value of Age is not read. Of the other
 * fields, a line of more than SJ_HTTP_LINE_CAP bytes is ignored. No sender may
 * repeat these fields (RFC 9110 section 5.3). If one does, the first valid
 * value counts, as RFC 9111 section 5.1 specifies for Age.
 */

#endif
