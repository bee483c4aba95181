/*
 * Reader of one HTTP/1.1 or HTTP/1.0 answer (RFC 9110, RFC 9112), fed in any
 * pieces.
 *
 * It is strict: what could be read in two ways is refused. The head is read as
 * it streams and not stored; of its fields only those that frame the body and
 * those named below are looked at, in their first SJ_HTTP_LINE_CAP bytes. A
 * name longer than that is refused, and so are a Content-Length from
 * SJ_DECIMAL_MAX on and a chunk of 4 GiB. Interim answers (1xx) are read over,
 * and so are chunk extensions that are as RFC 9112 section 7.1.1 has them.
 */
#ifndef SJ_HTTP_H
#define SJ_HTTP_H

#include "segjob.h"

/*
 * Most bytes of a head, interim answers included; of one chunk's size line;
 * of the trailers.
 */
#define SJ_HTTP_HEAD_MAX 65536u

enum sj_http_result {
    SJ_HTTP_MORE, /* all bytes are used: feed more */
    SJ_HTTP_BODY, /* a piece of the body was found: call again */
    SJ_HTTP_DONE, /* the answer is complete; bytes behind it are not used */
    SJ_HTTP_BAD   /* not an HTTP answer, or an ambiguous one */
};

/*
 * Begin to read an answer. Whoever sent CONNECT sets `h->tunnel` after it: then
 * a 2xx ends with its head.
 */
void sj_http_begin(struct sj_http *h);

/*
 * Take in some of the `n` bytes at `bytes` and tell in `*used` how many. After
 * SJ_HTTP_BODY, `*body` is a piece of the body, never empty, in those bytes.
 */
SEGJOB_MUST_CHECK
enum sj_http_result sj_http_read(struct sj_http *h, const char *bytes, size_t n,
                                 size_t *used, struct segjob_str *body);

/*
 * Tell that the connection was closed in good order. Returns true if that
 * completes the answer.
 */
SEGJOB_MUST_CHECK
bool sj_http_end(struct sj_http *h);

/*
 * Tell whether the answer is complete and its sender keeps the connection open
 * for another: by Connection, RFC 9112 section 9.3. Bytes behind the answer, if
 * any, forbid that whatever this says.
 */
bool sj_http_keeps_alive(const struct sj_http *h);

/* The status code, 0 as long as no final status line was read. */
int sj_http_status(const struct sj_http *h);

/*
 * X-Amzn-RequestId, else X-Amzn-Request-Id, else X-Amz-Request-Id; and
 * X-Amzn-Errortype. Absent if the head had none; cut at SJ_HTTP_ID_CAP bytes.
 * They live as long as the reader.
 */
struct segjob_str sj_http_request_id(const struct sj_http *h);
struct segjob_str sj_http_error_type(const struct sj_http *h);

/*
 * What a head advises stands in members of the reader: `date` (Date) in Unix
 * seconds; of Retry-After, either `retry_after` in seconds or `retry_at` in
 * Unix seconds; `retry_after_ms` (X-Amz-Retry-After) in milliseconds. A date
 * is 0 if there is none from 1970 to 2106, and a number SJ_NO_DECIMAL if there
 * is none; greater ones than SJ_DECIMAL_MAX count as it. A line of more than
 * SJ_HTTP_LINE_CAP bytes is as none. No sender may repeat these fields (RFC
 * 9110 section 5.3); of those that are, the first good value counts, as RFC
 * 9111 section 5.1 has it for Age. `has_age` tells that a cache has answered:
 * there is an Age field, whatever its value.
 */

#endif
