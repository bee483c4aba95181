/*
 * Whole exchanges: the status and outcome of each response, and sweeps over
 * them: every capacity, every split of the bytes in both directions, every
 * truncation.
 */
#include "exchange.h"

#include "rows_request.h"

#define ARN \
    "arn:aws:personalize:us-east-1:123456789012:batch-segment-job/nightly"
#define CREATED_BODY "{\"batchSegmentJobArn\":\"" ARN "\"}" /* 93 bytes */
#define CREATED_LENGTH "Content-Length: 93\r\n"
#define OK "HTTP/1.1 200 OK\r\n"
#define ID "x-amzn-RequestId: 6f2c\r\n"
#define BAD "HTTP/1.1 400 Bad Request\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"
/* The connection after the last byte of a response. */
enum fate {
    KEPT,
    CLOSED,
    AT_CLOSE /* the response ends when the service closes */
};

/* Responses that end with their last byte, or with the close after it. */
static const struct response {
    int line;
    const char *name;
    const char *bytes;
    enum fate fate;
    enum segjob_status status;
    enum segjob_outcome outcome;
    int http_status;
    const char *code;
    const char *message;
    const char *request_id;
} responses[] = {
#define CREATED(name, bytes, fate)                                         \
    {                                                                      \
        __LINE__, name, bytes, fate, SEGJOB_OK, SEGJOB_CREATED, 200, NULL, \
            NULL, "6f2c"                                                   \
    }
#define RESPONSE(name, bytes, fate, status, outcome, http, code, message)     \
    {                                                                         \
        __LINE__, name, bytes, fate, SEGJOB_##status, SEGJOB_##outcome, http, \
            code, message, NULL                                               \
    }
/* A response of the service has a request id, that of a gateway has none. */
#define ERROR(name, bytes, fate, outcome, http, code, message)               \
    {                                                                        \
        __LINE__, name, bytes, fate, SEGJOB_SERVICE, SEGJOB_##outcome, http, \
            code, message, "6f2c"                                            \
    }
    CREATED("created, by length", OK ID CREATED_LENGTH "\r\n" CREATED_BODY,
            KEPT),
    CREATED("created, chunked",
            OK CHUNKED ID
            "\r\n2a;ext=\"a;b\"\r\n{\"batchSegmentJobArn\":"
            "\"arn:aws:personalize\r\n33 ; b\r\n"
            ":us-east-1:123456789012:batch-segment-job/nightly\"}\r\n"
            "00;last\r\nTrailer: x\r\nContent-Length: 1\r\n\r\n",
            KEPT),
    CREATED("created, until close", OK ID "\r\n" CREATED_BODY, AT_CLOSE),
    CREATED("created, HTTP/1.0", "HTTP/1.0 200 OK\r\n" ID "\r\n" CREATED_BODY,
            AT_CLOSE),
    CREATED("created, HTTP/1.0 by length",
            "HTTP/1.0 200 OK\r\n" ID CREATED_LENGTH "\r\n" CREATED_BODY,
            CLOSED),
    CREATED("created, HTTP/1.0 kept alive",
            "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" ID CREATED_LENGTH
            "\r\n" CREATED_BODY,
            KEPT),
    CREATED("created, Connection: close",
            OK "Connection: close\r\n" ID CREATED_LENGTH "\r\n" CREATED_BODY,
            CLOSED),
    CREATED("created, after interim responses",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n"
            "Link: </a>\r\n\r\n" OK ID CREATED_LENGTH "\r\n" CREATED_BODY,
            KEPT),

    ERROR("code in __type",
          BAD ID
          "Content-Length: 54\r\n\r\n"
          "{\"__type\":\"ResourceInUseException\",\"message\":\"in use\"}",
          KEPT, REFUSED, 400, "ResourceInUseException", "in use"),
    ERROR("code in code, namespace, until close",
          BAD ID "\r\n{\"code\":\"com.amazonaws.personalize#InvalidInput"
                 "Exception:http://x/\",\"Message\":\"no\"}",
          AT_CLOSE, REFUSED, 400, "InvalidInputException", "no"),
    ERROR("code in the head, no body",
          BAD ID "Content-Length: 0\r\nX-Amzn-Errortype: "
                 "LimitExceededException:http://x/\r\n\r\n",
          KEPT, REFUSED, 400, "LimitExceededException", NULL),
    ERROR("code in body and head, chunked",
          BAD ID "X-Amzn-ErrorType: Head\r\n" CHUNKED
                 "\r\n11\r\n{\"__type\":\"Body\"}\r\n0\r\n\r\n",
          KEPT, REFUSED, 400, "Body", NULL),
    ERROR("code with 403",
          "HTTP/1.1 403 Forbidden\r\n" ID "Content-Length: 57\r\n\r\n"
          "{\"__type\":\"AccessDeniedException\",\"Message\":\"nobody may\"}",
          KEPT, REFUSED, 403, "AccessDeniedException", "nobody may"),
    ERROR("throttled",
          "HTTP/1.1 429 x\r\n" ID "Content-Length: 33\r\n\r\n"
          "{\"__type\":\"ThrottlingException\"} ",
          KEPT, REFUSED, 429, "ThrottlingException", NULL),
    RESPONSE("code that is no string",
             BAD "Content-Length: 26\r\n\r\n{\"__type\":7,\"message\":\"m\"}",
             KEPT, SERVICE, UNKNOWN, 400, NULL, "m"),
    RESPONSE("code of HTTP 500",
             "HTTP/1.1 500 x\r\nContent-Length: 41\r\n\r\n"
             "{\"__type\":\"InternalFailure\",\"message\":\"\"}",
             KEPT, SERVICE, UNKNOWN, 500, "InternalFailure", ""),
    RESPONSE("code of HTTP 503 in the head",
             "HTTP/1.1 503 x\r\nContent-Length: 0\r\n"
             "x-amzn-errortype: ServiceUnavailable\r\n\r\n",
             KEPT, SERVICE, UNKNOWN, 503, "ServiceUnavailable", NULL),
    ERROR("code of a transient error, 400",
          BAD ID "Content-Length: 28\r\n\r\n{\"__type\":\"InternalFailure\"}",
          KEPT, UNKNOWN, 400, "InternalFailure", NULL),
    ERROR("code of a transient error, 408",
          "HTTP/1.1 408 x\r\n" ID "Content-Length: 0\r\n"
          "X-Amzn-Errortype: RequestTimeoutException\r\n\r\n",
          KEPT, UNKNOWN, 408, "RequestTimeoutException", NULL),
    ERROR("a code of a request that was aborted",
          BAD ID "Content-Length: 36\r\n\r\n"
                 "{\"__type\":\"RequestAbortedException\"}",
          KEPT, UNKNOWN, 400, "RequestAbortedException", NULL),
    RESPONSE("code of a gateway, 400",
             BAD "Content-Length: 34\r\n\r\n"
                 "{\"__type\":\"InvalidInputException\"}",
             KEPT, SERVICE, UNKNOWN, 400, "InvalidInputException", NULL),
    RESPONSE("code of a gateway, 409",
             "HTTP/1.1 409 x\r\nContent-Length: 43\r\n\r\n"
             "{\"__type\":\"ResourceAlreadyExistsException\"}",
             KEPT, SERVICE, UNKNOWN, 409, "ResourceAlreadyExistsException",
             NULL),
    RESPONSE(
        "code of a gateway, 429",
        "HTTP/1.1 429 x\r\nContent-Length: 19\r\n\r\n{\"code\":\"Too many\"}",
        KEPT, SERVICE, UNKNOWN, 429, "Too many", NULL),
    RESPONSE(
        "HTML of a proxy, 403",
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 13\r\n\r\n<html></html>",
        KEPT, SERVICE, UNKNOWN, 403, NULL, NULL),
    RESPONSE("XML, 404",
             "HTTP/1.1 404 x\r\nContent-Length: 29\r\n\r\n"
             "<UnknownOperationException/>\n",
             KEPT, SERVICE, UNKNOWN, 404, NULL, NULL),
    RESPONSE("HTML of a proxy, 502",
             "HTTP/1.0 502 Bad Gateway\r\n\r\n<html></html>", AT_CLOSE, SERVICE,
             UNKNOWN, 502, NULL, NULL),
    RESPONSE("nothing of a proxy, 504",
             "HTTP/1.1 504 x\r\nContent-Length: 0\r\n\r\n", KEPT, SERVICE,
             UNKNOWN, 504, NULL, NULL),
    RESPONSE("nothing until close, 503", "HTTP/1.1 503 x\r\n\r\n", AT_CLOSE,
             SERVICE, UNKNOWN, 503, NULL, NULL),
    ERROR(
        "secrets in the message",
        BAD ID
        "Content-Length: 159\r\n\r\n{\"__type\":"
        "\"InvalidSignatureException\",\"message\":\"" EXCHANGE_TOKEN
        ", cost-centre hush-hush!\\n\\nThe Canonical String is " EXCHANGE_TOKEN
        "\"}",
        KEPT, REFUSED, 400, "InvalidSignatureException", "***, *** ***!"),

    RESPONSE("created, but 201",
             "HTTP/1.1 201 x\r\n" CREATED_LENGTH "\r\n" CREATED_BODY, KEPT,
             PROTOCOL, UNKNOWN, 201, NULL, NULL),
    RESPONSE("200 without a body", OK "Content-Length: 0\r\n\r\n", KEPT,
             PROTOCOL, UNKNOWN, 200, NULL, NULL),
    RESPONSE("200 with another body", OK "Content-Length: 2\r\n\r\n{}", KEPT,
             PROTOCOL, UNKNOWN, 200, NULL, NULL),
    RESPONSE("200 with HTML", OK "\r\n<html></html>", AT_CLOSE, PROTOCOL,
             UNKNOWN, 200, NULL, NULL),
    RESPONSE("200 with no ARN",
             OK "Content-Length: 26\r\n\r\n{\"batchSegmentJobArn\":\"a\"}",
             KEPT, PROTOCOL, UNKNOWN, 200, NULL, NULL),
    RESPONSE("200 with a foreign ARN",
             OK "Content-Length: 81\r\n\r\n"
                "{\"batchSegmentJobArn\":\"arn:aws:personalize:eu-west-9:"
                "999999999999:solution/evil\"}",
             KEPT, PROTOCOL, UNKNOWN, 200, NULL, NULL),
    RESPONSE("200 with an ARN of another type",
             OK "Content-Length: 84\r\n\r\n"
                "{\"batchSegmentJobArn\":\"arn:aws:personalize:us-east-1:"
                "123456789012:solution/nightly\"}",
             KEPT, PROTOCOL, UNKNOWN, 200, NULL, NULL),
    RESPONSE("200 with an ARN of another region",
             OK "Content-Length: 93\r\n\r\n"
                "{\"batchSegmentJobArn\":\"arn:aws:personalize:us-east-2:"
                "123456789012:batch-segment-job/nightly\"}",
             KEPT, PROTOCOL, UNKNOWN, 200, NULL, NULL),
    RESPONSE("200 with an ARN of another account",
             OK "Content-Length: 93\r\n\r\n"
                "{\"batchSegmentJobArn\":\"arn:aws:personalize:us-east-1:"
                "123456789013:batch-segment-job/nightly\"}",
             KEPT, PROTOCOL, UNKNOWN, 200, NULL, NULL),
    RESPONSE("200 with an ARN of another partition",
             OK "Content-Length: 96\r\n\r\n"
                "{\"batchSegmentJobArn\":\"arn:aws-cn:personalize:us-east-1:"
                "123456789012:batch-segment-job/nightly\"}",
             KEPT, PROTOCOL, UNKNOWN, 200, NULL, NULL),
    RESPONSE("200 with an ARN of another name",
             OK "Content-Length: 94\r\n\r\n"
                "{\"batchSegmentJobArn\":\"arn:aws:personalize:us-east-1:"
                "123456789012:batch-segment-job/nightly2\"}",
             KEPT, PROTOCOL, UNKNOWN, 200, NULL, NULL),
    RESPONSE("200 with an error type",
             OK "Content-Length: 2\r\nX-Amzn-Errortype: A\r\n\r\n{}", KEPT,
             PROTOCOL, UNKNOWN, 200, NULL, NULL),
    RESPONSE("204", "HTTP/1.1 204 x\r\n\r\n", KEPT, PROTOCOL, UNKNOWN, 204,
             NULL, NULL),
    RESPONSE("600", "HTTP/1.1 600 x\r\nContent-Length: 0\r\n\r\n", KEPT,
             PROTOCOL, UNKNOWN, 600, NULL, NULL),
    RESPONSE("300", "HTTP/1.1 300 x\r\nContent-Length: 0\r\n\r\n", KEPT,
             REDIRECT, UNKNOWN, 300, NULL, NULL),
    RESPONSE("307",
             "HTTP/1.1 307 x\r\nLocation: https://a/\r\n" CREATED_LENGTH
             "\r\n" CREATED_BODY,
             KEPT, REDIRECT, UNKNOWN, 307, NULL, NULL),
    RESPONSE("399", "HTTP/1.1 399 x\r\nContent-Length: 0\r\n\r\n", KEPT,
             REDIRECT, UNKNOWN, 399, NULL, NULL),
};

static bool contains(const char *bytes, size_t n, const char *text)
{
    size_t len = strlen(text);

    for (size_t i = 0; i + len <= n; i++) {
        if (memcmp(bytes + i, text, len) == 0) {
            return true;
        }
    }
    return false;
}

/* The buffer holds none of the request's secrets any more. */
static bool is_clean(const struct exchange *x)
{
    return !contains(x->buf, x->cap, EXCHANGE_TOKEN) &&
           !contains(x->buf, x->cap, EXCHANGE_SECRET) &&
           !contains(x->buf, x->cap, "cost-centre") &&
           !contains(x->buf, x->cap, "hush-hush") &&
           !contains(x->buf, x->cap, "Signature=");
}

/* After its first `kept` bytes the buffer is zero. */
static bool is_wiped(const struct exchange *x, size_t kept)
{
    for (size_t i = kept; i < x->cap; i++) {
        if (x->buf[i] != 0) {
            return false;
        }
    }
    return true;
}

static void check(struct exchange *x, const struct response *row)
{
    const struct segjob_client *c = &x->client;
    const struct segjob_error *e = segjob_get_error(c);

    ROW(row, segjob_get_status(c) == row->status);
    ROW(row, segjob_get_outcome(c) == row->outcome);
    ROW(row, e->http_status == row->http_status);
    ROW(row, is_string(e->code, row->code));
    ROW(row, is_string(e->message, row->message));
    ROW(row, is_string(e->request_id, row->request_id));
    ROW(row, is_string(segjob_batch_segment_job_arn(c),
                       row->status == SEGJOB_OK ? ARN : NULL));
    ROW(row, is_clean(x));
    ROW(row, is_wiped(x, segjob_batch_segment_job_arn(c).len + e->message.len));
}

/* The response arrives in pieces: one of `first` bytes, others of `piece`. */
static void exchange_response(struct exchange *x, const struct response *row,
                              size_t first, size_t piece)
{
    static const enum segjob_want wants[] = {
        SEGJOB_WANT_NOTHING, SEGJOB_WANT_CLOSE, SEGJOB_WANT_RECEIVE};
    size_t len = strlen(row->bytes);
    size_t used;

    exchange_until(x, SEGJOB_WANT_RECEIVE);
    used = exchange_receive(x, row->bytes, first, first);
    used += exchange_receive(x, row->bytes + used, len - used, piece);
    ROW(row, used == len);
    ROW(row, segjob_get_want(&x->client) == wants[row->fate]);
    exchange_close(x);
    ROW(row, segjob_keep_alive(&x->client) == (row->fate == KEPT));
}

/* -------------------------------------------------------- arriving bytes */

static void test_responses(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(responses); i++) {
        struct exchange x;

        exchange_begin(&x, EXCHANGE_ROOMY);
        exchange_response(&x, &responses[i], 0, SIZE_MAX);
        check(&x, &responses[i]);
        exchange_end(&x);
    }
}

static void test_responses_in_every_two_pieces(void **state)
{
    struct exchange x;

    (void)state;
    exchange_begin(&x, EXCHANGE_ROOMY); /* one client for all, one by one */
    for (size_t i = 0; i < LENGTH(responses); i++) {
        for (size_t n = 1; n < strlen(responses[i].bytes); n++) {
            exchange_response(&x, &responses[i], n, SIZE_MAX);
            check(&x, &responses[i]);
        }
    }
    exchange_end(&x);
}

static void test_responses_byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(responses); i++) {
        struct exchange x;

        exchange_begin(&x, strlen(request_bytes));
        exchange_response(&x, &responses[i], 0, 1);
        check(&x, &responses[i]);
        exchange_end(&x);
    }
}

/* A truncated response is never a success, and leaves the outcome unknown. */
static void check_truncated(const struct exchange *x,
                            const struct response *row)
{
    ROW(row, segjob_get_status(&x->client) < 0);
    ROW(row, segjob_get_outcome(&x->client) == SEGJOB_UNKNOWN);
    ROW(row, segjob_batch_segment_job_arn(&x->client).ptr == NULL);
    ROW(row, is_clean(x));
}

static void test_responses_truncated_by_a_close(void **state)
{
    struct exchange x;

    (void)state;
    exchange_begin(&x, EXCHANGE_ROOMY);
    for (size_t i = 0; i < LENGTH(responses); i++) {
        const struct response *row = &responses[i];

        for (size_t n = 0; n < strlen(row->bytes); n++) {
            exchange_until(&x, SEGJOB_WANT_RECEIVE);
            ROW(row, exchange_receive(&x, row->bytes, n, n) == n);
            ROW(row, segjob_get_want(&x.client) == SEGJOB_WANT_RECEIVE);
            exchange_close(&x);
            check_truncated(&x, row);
            ROW(row, row->fate == AT_CLOSE || segjob_get_status(&x.client) ==
                                                  SEGJOB_CONNECTION_CLOSED);
        }
    }
    exchange_end(&x);
}

/* A failure does not complete a response that a close would complete. */
static void test_responses_cut_off(void **state)
{
    struct exchange x;

    (void)state;
    exchange_begin(&x, EXCHANGE_ROOMY);
    for (size_t i = 0; i < LENGTH(responses); i++) {
        const struct response *row = &responses[i];
        size_t last = strlen(row->bytes) - (row->fate == AT_CLOSE ? 0 : 1);

        for (size_t n = 0; n <= last; n++) {
            exchange_until(&x, SEGJOB_WANT_RECEIVE);
            ROW(row, exchange_receive(&x, row->bytes, n, n) == n);
            segjob_failed(&x.client, SEGJOB_CONNECTION_CLOSED);
            exchange_close(&x);
            check_truncated(&x, row);
            ROW(row, segjob_get_status(&x.client) == SEGJOB_CONNECTION_CLOSED);
        }
    }
    exchange_end(&x);
}

/* If the bytes are not HTTP, the exchange ends at the first wrong byte. */
static void test_not_http(void **state)
{
    static const struct {
        int line;
        const char *name;
        int http_status;
    } rows[] = {
        {__LINE__, "SSH-2.0-OpenSSH_9.2\r\n", 0},
        {__LINE__, "\x15\x03\x01", 0},
        {__LINE__, "HTTP/1.1 101 x\r\n\r\n", 0},
        {__LINE__, OK "Content-Length: 1\r\nContent-Length: 2\r\n", 200},
        {__LINE__, OK ID CHUNKED "\r\n1\r\n{x\r\n", 200},
        {__LINE__, "HTTP/1.1 400 x\r\nX-Amzn-Errortype: A\r\n folded\r\n", 400},
    };
    struct exchange x;

    (void)state;
    exchange_begin(&x, EXCHANGE_ROOMY);
    for (size_t i = 0; i < LENGTH(rows); i++) {
        exchange_until(&x, SEGJOB_WANT_RECEIVE);
        (void)exchange_receive(&x, rows[i].name, strlen(rows[i].name), 1);
        ROW(&rows[i], segjob_get_want(&x.client) == SEGJOB_WANT_CLOSE);
        exchange_close(&x);
        ROW(&rows[i], segjob_get_status(&x.client) == SEGJOB_PROTOCOL);
        ROW(&rows[i], segjob_get_outcome(&x.client) == SEGJOB_UNKNOWN);
        ROW(&rows[i],
            segjob_get_error(&x.client)->http_status == rows[i].http_status);
        ROW(&rows[i], is_clean(&x));
    }
    exchange_end(&x);
}

static void test_bytes_after_the_response(void **state)
{
    struct exchange x;
    const char *bytes =
        OK ID CREATED_LENGTH "\r\n" CREATED_BODY "HTTP/1.1 500 x";

    (void)state;
    exchange_begin(&x, EXCHANGE_ROOMY);
    exchange_until(&x, SEGJOB_WANT_RECEIVE);
    (void)exchange_receive(&x, bytes, strlen(bytes), SIZE_MAX);
    assert_int_equal(segjob_get_want(&x.client), SEGJOB_WANT_CLOSE);
    exchange_close(&x);
    assert_false(segjob_keep_alive(&x.client));
    check(&x, &responses[0]);
    exchange_end(&x);
}

/* -------------------------------------------------------- leaving bytes */

static void test_request(void **state)
{
    struct exchange x;
    struct segjob_str tx;

    (void)state;
    exchange_begin(&x, EXCHANGE_ROOMY);
    exchange_until(&x, SEGJOB_WANT_SEND);
    tx = segjob_tx(&x.client);
    assert_int_equal(tx.len, strlen(request_bytes));
    assert_memory_equal(tx.ptr, request_bytes, tx.len);
    exchange_end(&x);
}

/* Send `n` bytes; the rest stays in place. */
static void send_some(struct segjob_client *c, size_t n)
{
    struct segjob_str before = segjob_tx(c);

    assert_true(n <= before.len);
    assert_int_equal(segjob_sent(c, n), SEGJOB_PENDING);
    if (n < before.len) {
        assert_true(segjob_tx(c).ptr == before.ptr + n);
        assert_int_equal(segjob_tx(c).len, before.len - n);
        assert_memory_equal(segjob_tx(c).ptr,
                            request_bytes + strlen(request_bytes) -
                                (before.len - n),
                            before.len - n);
    }
}

static void test_request_sent_in_every_two_pieces(void **state)
{
    struct exchange x;
    size_t len = strlen(request_bytes);

    (void)state;
    exchange_begin(&x, EXCHANGE_ROOMY);
    for (size_t n = 0; n <= len; n++) {
        exchange_until(&x, SEGJOB_WANT_SEND);
        send_some(&x.client, n);
        if (n < len) {
            assert_int_equal(segjob_get_want(&x.client), SEGJOB_WANT_SEND);
            send_some(&x.client, len - n);
        }
        assert_int_equal(segjob_get_want(&x.client), SEGJOB_WANT_RECEIVE);
        assert_true(is_clean(&x));
        (void)exchange_receive(&x, responses[0].bytes,
                               strlen(responses[0].bytes), SIZE_MAX);
        exchange_close(&x);
        check(&x, &responses[0]);
    }
    exchange_end(&x);
}

static void test_request_sent_byte_by_byte(void **state)
{
    struct exchange x;

    (void)state;
    exchange_begin(&x, EXCHANGE_ROOMY);
    exchange_until(&x, SEGJOB_WANT_SEND);
    for (size_t n = 0; n < strlen(request_bytes); n++) {
        assert_int_equal(segjob_get_want(&x.client), SEGJOB_WANT_SEND);
        send_some(&x.client, 1);
    }
    assert_int_equal(segjob_get_want(&x.client), SEGJOB_WANT_RECEIVE);
    exchange_end(&x);
}

/* Cancelled after each number of bytes: from 1 on the outcome is unknown. */
static void test_cancelled_while_sending(void **state)
{
    struct exchange x;

    (void)state;
    exchange_begin(&x, EXCHANGE_ROOMY);
    for (size_t n = 0; n < strlen(request_bytes); n++) {
        exchange_until(&x, SEGJOB_WANT_SEND);
        send_some(&x.client, n);
        segjob_cancel(&x.client);
        assert_true(is_clean(&x));
        exchange_close(&x);
        assert_int_equal(segjob_get_status(&x.client), SEGJOB_CANCELLED);
        assert_int_equal(segjob_get_outcome(&x.client), SEGJOB_UNKNOWN);
    }
    exchange_end(&x);
}

/* ------------------------------------------------------------- capacities */

/* Set the credentials of a client with this capacity, which is too small.
 * Returns the size needed. */
static size_t refused_size(size_t cap)
{
    struct exchange x;
    struct segjob_client *c = &x.client;
    size_t size;

    exchange_begin(&x, cap);
    exchange_until(&x, SEGJOB_WANT_CREDENTIALS);
    assert_int_equal(segjob_set_credentials(c, &exchange_credentials),
                     SEGJOB_NO_SPACE);
    assert_int_equal(segjob_get_want(c), SEGJOB_WANT_NOTHING);
    assert_int_equal(segjob_get_status(c), SEGJOB_NO_SPACE);
    assert_int_equal(segjob_get_outcome(c), SEGJOB_NOT_SENT);
    size = segjob_get_error(c)->size_needed;
    exchange_end(&x);
    return size;
}

static void test_every_capacity_too_small(void **state)
{
    size_t needed = strlen(request_bytes);

    (void)state;
    assert_true(needed > SEGJOB_RESPONSE_MIN);
    for (size_t cap = 0; cap < needed; cap++) {
        assert_int_equal(refused_size(cap), needed);
    }
}

static void test_every_response_in_just_enough(void **state)
{
    (void)state;
    for (size_t cap = strlen(request_bytes); cap < strlen(request_bytes) + 8;
         cap++) {
        for (size_t i = 0; i < LENGTH(responses); i++) {
            struct exchange x;

            exchange_begin(&x, cap);
            exchange_response(&x, &responses[i], 0, SIZE_MAX);
            check(&x, &responses[i]);
            exchange_end(&x);
        }
    }
}

/* A request that is shorter than the minimum buffer for a response. */
static void test_least_capacity(void **state)
{
    struct segjob_credentials credentials = exchange_credentials;
    struct segjob_create_request request = exchange_request;

    (void)state;
    credentials.session_token = segjob_cstr(NULL);
    request.tags = NULL;
    request.tags_len = 0;
    for (size_t cap = SEGJOB_RESPONSE_MIN - 1; cap <= SEGJOB_RESPONSE_MIN;
         cap++) {
        struct exchange x;
        bool enough = cap == SEGJOB_RESPONSE_MIN;

        exchange_begin(&x, cap);
        assert_int_equal(segjob_create(&x.client, &request), SEGJOB_PENDING);
        assert_int_equal(segjob_set_credentials(&x.client, &credentials),
                         enough ? SEGJOB_PENDING : SEGJOB_NO_SPACE);
        assert_int_equal(segjob_get_error(&x.client)->size_needed,
                         enough ? 0 : SEGJOB_RESPONSE_MIN);
        exchange_end(&x);
    }
}

/* The same inside other memory, for builds without the address sanitizer. */
static void test_nothing_beyond_the_buffer(void **state)
{
    char guarded[64 + EXCHANGE_ROOMY + 64];
    char guard[64];

    (void)state;
    memset(guard, '#', sizeof(guard));
    for (size_t i = 0; i < LENGTH(responses); i++) {
        struct exchange x = {.buf = guarded + 64, .cap = strlen(request_bytes)};

        memset(guarded, '#', sizeof(guarded));
        assert_int_equal(segjob_init(&x.client, &exchange_config, x.buf, x.cap),
                         SEGJOB_OK);
        exchange_response(&x, &responses[i], 0, 7);
        segjob_wipe(&x.client);
        assert_memory_equal(guarded, guard, sizeof(guard));
        assert_memory_equal(x.buf + x.cap, guard, sizeof(guard));
        for (size_t k = 0; k < x.cap; k++) {
            assert_int_equal(x.buf[k], 0);
        }
    }
}

/* ---------------------------------------------------------- large bodies */

/* A body of `n` bytes: `start`, and then `fill` repeated. */
static void receive_large(struct exchange *x, const char *head, size_t n,
                          const char *start, char fill, size_t piece)
{
    char *bytes = malloc(strlen(head) + n);

    assert_true(strlen(start) <= n);
    memcpy(bytes, head, strlen(head));
    memset(bytes + strlen(head), fill, n);
    memcpy(bytes + strlen(head), start, strlen(start));
    exchange_until(x, SEGJOB_WANT_RECEIVE);
    assert_int_equal(exchange_receive(x, bytes, strlen(head) + n, piece),
                     strlen(head) + n);
    exchange_close(x);
    free(bytes);
}

#define MEGABYTE 1048576

static const struct response large[] = {
    RESPONSE("502 by length",
             "HTTP/1.1 502 x\r\nContent-Length: 1048576\r\n\r\n", KEPT, SERVICE,
             UNKNOWN, 502, NULL, NULL),
    RESPONSE("502 until close", "HTTP/1.0 502 x\r\n\r\n", AT_CLOSE, SERVICE,
             UNKNOWN, 502, NULL, NULL),
    RESPONSE("403", "HTTP/1.1 403 x\r\nContent-Length: 1048576\r\n\r\n", KEPT,
             SERVICE, UNKNOWN, 403, NULL, NULL),
    ERROR("400 with its code in the head",
          BAD ID "X-Amzn-Errortype: InvalidInputException:\r\n"
                 "Content-Length: 1048576\r\n\r\n",
          KEPT, REFUSED, 400, "InvalidInputException", NULL),
    RESPONSE("200", OK "Content-Length: 1048576\r\n\r\n", KEPT, PROTOCOL,
             UNKNOWN, 200, NULL, NULL),
    RESPONSE("307", "HTTP/1.1 307 x\r\nContent-Length: 1048576\r\n\r\n", KEPT,
             REDIRECT, UNKNOWN, 307, NULL, NULL),
};

static void test_large_bodies(void **state)
{
    static const size_t pieces[] = {97, 1000, SIZE_MAX};

    (void)state;
    for (size_t i = 0; i < LENGTH(large); i++) {
        for (size_t k = 0; k < LENGTH(pieces); k++) {
            struct exchange x;

            exchange_begin(&x, EXCHANGE_ROOMY);
            receive_large(&x, large[i].bytes, MEGABYTE, "<html>", 'x',
                          pieces[k]);
            check(&x, &large[i]);
            exchange_end(&x);
        }
    }
}

/*
 * A body with the job's ARN and white space, about as long as fits with three
 * tokens of 16 bytes: created or a protocol error, nothing else.
 */
static void test_bodies_around_what_fits(void **state)
{
    (void)state;
    for (size_t n = EXCHANGE_ROOMY - 100; n < EXCHANGE_ROOMY + 100; n++) {
        struct exchange x;
        bool fits = (n + 3) / 4 * 4 + 3 * 16 <= EXCHANGE_ROOMY;

        exchange_begin(&x, EXCHANGE_ROOMY);
        receive_large(&x, OK ID "\r\n", n, CREATED_BODY, ' ', SIZE_MAX);
        assert_int_equal(segjob_get_status(&x.client),
                         fits ? SEGJOB_OK : SEGJOB_PROTOCOL);
        assert_int_equal(segjob_get_outcome(&x.client),
                         fits ? SEGJOB_CREATED : SEGJOB_UNKNOWN);
        exchange_end(&x);
    }
}

/* An error that does not fit, and one that does, with the same buffer. */
static void test_errors_around_what_fits(void **state)
{
    (void)state;
    for (size_t n = EXCHANGE_ROOMY - 100; n < EXCHANGE_ROOMY + 100; n++) {
        struct exchange x;
        bool fits = (n + 3) / 4 * 4 + 3 * 16 <= EXCHANGE_ROOMY;

        exchange_begin(&x, EXCHANGE_ROOMY);
        receive_large(&x, BAD ID "X-Amzn-Errortype: Head\r\n\r\n", n,
                      "{\"__type\":\"Body\"}", ' ', SIZE_MAX);
        assert_int_equal(segjob_get_status(&x.client), SEGJOB_SERVICE);
        assert_int_equal(segjob_get_outcome(&x.client), SEGJOB_REFUSED);
        assert_true(is_string(segjob_get_error(&x.client)->code,
                              fits ? "Body" : "Head"));
        exchange_end(&x);
    }
}

/* A code longer than is kept, and one without its colon. */
static void test_long_code(void **state)
{
    static const char kept[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRST"
                               "UVWXYZABCDEFGHIJKL";
    struct exchange x;
    char body[128] = "{\"__type\":\"";

    (void)state;
    fill_letters(body + strlen(body), 80);
    strcat(body, "\"}");
    exchange_begin(&x, EXCHANGE_ROOMY);
    receive_large(&x, BAD "\r\n", strlen(body), body, ' ', SIZE_MAX);
    assert_true(is_string(segjob_get_error(&x.client)->code, kept));
    exchange_end(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_responses),
        cmocka_unit_test(test_responses_in_every_two_pieces),
        cmocka_unit_test(test_responses_byte_by_byte),
        cmocka_unit_test(test_responses_truncated_by_a_close),
        cmocka_unit_test(test_responses_cut_off),
        cmocka_unit_test(test_not_http),
        cmocka_unit_test(test_bytes_after_the_response),
        cmocka_unit_test(test_request),
        cmocka_unit_test(test_request_sent_in_every_two_pieces),
        cmocka_unit_test(test_request_sent_byte_by_byte),
        cmocka_unit_test(test_cancelled_while_sending),
        cmocka_unit_test(test_every_capacity_too_small),
        cmocka_unit_test(test_every_response_in_just_enough),
        cmocka_unit_test(test_least_capacity),
        cmocka_unit_test(test_nothing_beyond_the_buffer),
        cmocka_unit_test(test_large_bodies),
        cmocka_unit_test(test_bodies_around_what_fits),
        cmocka_unit_test(test_errors_around_what_fits),
        cmocka_unit_test(test_long_code),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
