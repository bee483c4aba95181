/*
 * The HTTP reader: each rule of RFC 9110 and RFC 9112 that a response can keep
 * or break; fed whole, in every two pieces, and byte by byte.
 */
#include "rows.h"

#include <stdlib.h>
#include <string.h>

#include "sj_http.h"
#include "sj_scan.h"

/* How a response ends. */
enum end {
    DONE,     /* complete */
    LEFT,     /* complete, and bytes after it are left over */
    AT_CLOSE, /* complete once the connection is closed */
    MORE,     /* unfinished */
    BAD
};

struct http_row {
    int line;
    const char *name;
    struct segjob_str bytes;
    enum end end;
    int status;
    const char *body;
    const char *id;
    const char *error;
};

#define OK "HTTP/1.1 200 OK\r\n"
#define LEN0 "Content-Length: 0\r\n"
#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"
#define TEN "0123456789"
#define FORTY TEN TEN TEN TEN
#define FORTY_ZEROS "0000000000000000000000000000000000000000"
#define LONG FORTY FORTY FORTY FORTY /* more than a line that is kept */

#define ROW_OF(name, bytes, end, status, body)                           \
    {                                                                    \
        __LINE__, name, SEGJOB_STR(bytes), end, status, body, NULL, NULL \
    }
#define BAD_ROW(name, bytes) ROW_OF(name, bytes, BAD, -1, "")
#define ID_ROW(name, fields, id)                                              \
    {                                                                         \
        __LINE__, name, SEGJOB_STR(OK LEN0 fields "\r\n"), DONE, 200, "", id, \
            NULL                                                              \
    }
#define ERROR_ROW(name, fields, error)                                    \
    {                                                                     \
        __LINE__, name, SEGJOB_STR(OK LEN0 fields "\r\n"), DONE, 200, "", \
            NULL, error                                                   \
    }

static const struct http_row rows[] = {
    /* The status line, RFC 9112 section 4 */
    ROW_OF("1.1", OK LEN0 "\r\n", DONE, 200, ""),
    ROW_OF("1.0", "HTTP/1.0 200 OK\r\n" LEN0 "\r\n", DONE, 200, ""),
    ROW_OF("no reason", "HTTP/1.1 503 \r\n" LEN0 "\r\n", DONE, 503, ""),
    ROW_OF("no reason, no space", "HTTP/1.1 404\r\n" LEN0 "\r\n", DONE, 404,
           ""),
    ROW_OF("reason of many words",
           "HTTP/1.1 599 a \t b\xc3\xbc\r\n" LEN0 "\r\n", DONE, 599, ""),
    ROW_OF("long reason", "HTTP/1.1 400 " LONG "\r\n" LEN0 "\r\n", DONE, 400,
           ""),
    ROW_OF("999", "HTTP/1.1 999 x\r\n" LEN0 "\r\n", DONE, 999, ""),
    BAD_ROW("HTTP/1.2", "HTTP/1.2 200 OK\r\n"),
    BAD_ROW("HTTP/2.0", "HTTP/2.0 200 OK\r\n"),
    BAD_ROW("HTTP/0.9", "<html>\r\n"),
    BAD_ROW("lower case", "http/1.1 200 OK\r\n"),
    BAD_ROW("ICY", "ICY 200 OK ok ok\r\n"),
    BAD_ROW("empty line first", "\r\n" OK LEN0 "\r\n"),
    BAD_ROW("space first", " " OK),
    BAD_ROW("two spaces", "HTTP/1.1  200 OK\r\n"),
    BAD_ROW("tab", "HTTP/1.1\t200 OK\r\n"),
    BAD_ROW("000", "HTTP/1.1 000 OK\r\n"),
    BAD_ROW("099", "HTTP/1.1 099 OK\r\n"),
    BAD_ROW("two digits", "HTTP/1.1 20 OK \r\n"),
    BAD_ROW("two digits, end", "HTTP/1.1 20\r\n"),
    BAD_ROW("four digits", "HTTP/1.1 2000 OK\r\n"),
    BAD_ROW("letter first", "HTTP/1.1 x00 OK\r\n"),
    BAD_ROW("letter in the middle", "HTTP/1.1 2x0 OK\r\n"),
    BAD_ROW("letter last", "HTTP/1.1 20x OK\r\n"),
    BAD_ROW("reason without space", "HTTP/1.1 200OK\r\n"),
    BAD_ROW("minor missing", "HTTP/1. 200 OK\r\n"),
    BAD_ROW("minor of two digits", "HTTP/1.10 200 OK\r\n"),

    /* Lines, RFC 9112 section 2.2; fields, RFC 9110 section 5.5 */
    BAD_ROW("bare LF after the status line", "HTTP/1.1 200 OK\n"),
    BAD_ROW("bare LF after a field", OK "A: b\n"),
    BAD_ROW("bare LF at the end of the head", OK LEN0 "\n"),
    BAD_ROW("bare CR in a field", OK "A: b\rc\r\n"),
    BAD_ROW("CR CR LF", OK "A: b\r\r\n"),
    BAD_ROW("NUL in a name", OK "A\0: b\r\n"),
    BAD_ROW("NUL in a value", OK "A: b\0c\r\n"),
    BAD_ROW("NUL in the status line", "HTTP/1.1 200 O\0K\r\n"),
    BAD_ROW("ESC in a value", OK "A: \x1b\r\n"),
    BAD_ROW("DEL in a value", OK "A: \x7f\r\n"),
    ROW_OF("tab and obs-text in a value", OK "A: b\t\x80\xff\r\n" LEN0 "\r\n",
           DONE, 200, ""),
    BAD_ROW("folded line", OK "A: b\r\n c\r\n"),
    BAD_ROW("folded line, tab", OK "A: b\r\n\tc\r\n"),
    BAD_ROW("line of a blank", OK " \r\n"),
    BAD_ROW("space before the colon", OK "A : b\r\n"),
    BAD_ROW("tab before the colon", OK "A\t: b\r\n"),
    BAD_ROW("no colon", OK "A\r\n"),
    BAD_ROW("no name", OK ": b\r\n"),
    BAD_ROW("name of no token", OK "A(b): c\r\n"),
    BAD_ROW("name not ASCII", OK "\xc3\xbc: c\r\n"),
    ROW_OF("every other token character",
           OK "!#$%&'*+-.^_`|~09azAZ: x\r\n" LEN0 "\r\n", DONE, 200, ""),
    ROW_OF("empty value", OK "A:\r\nB: \r\nC:\t \t\r\n" LEN0 "\r\n", DONE, 200,
           ""),
    ROW_OF("colons in a value", OK "A:::\r\n" LEN0 "\r\n", DONE, 200, ""),
    ROW_OF("long value", OK "A: " LONG "\r\n" LEN0 "\r\n", DONE, 200, ""),
    BAD_ROW("long name", OK LONG ": a\r\n"),
    BAD_ROW("second status line", OK OK),

    /* Content-Length, RFC 9110 section 8.6 */
    ROW_OF("length", OK "Content-Length: 3\r\n\r\nabc", DONE, 200, "abc"),
    ROW_OF("length, any case", OK "cONTENT-lENGTH:3\r\n\r\nabc", DONE, 200,
           "abc"),
    ROW_OF("length, white space", OK "Content-Length:\t 3 \t\r\n\r\nabc", DONE,
           200, "abc"),
    ROW_OF("length, leading zeros", OK "Content-Length: 003\r\n\r\nabc", DONE,
           200, "abc"),
    ROW_OF("length, the same again",
           OK "Content-Length: 3\r\nContent-Length: 03\r\n\r\nabc", DONE, 200,
           "abc"),
    ROW_OF("length, more follows", OK "Content-Length: 3\r\n\r\nabcd", LEFT,
           200, "abc"),
    ROW_OF("length, less follows", OK "Content-Length: 3\r\n\r\nab", MORE, 200,
           "ab"),
    ROW_OF("length, nothing follows", OK "Content-Length: 3\r\n\r\n", MORE, 200,
           ""),
    ROW_OF("greatest length", OK "Content-Length: 4294967293\r\n\r\na", MORE,
           200, "a"),
    BAD_ROW("greater length", OK "Content-Length: 4294967294\r\n"),
    ROW_OF("body of any bytes", OK "Content-Length: 5\r\n\r\n\r\n\0\xff\x1b",
           DONE, 200, "\r\n\0\xff\x1b"),
    BAD_ROW("length empty", OK "Content-Length:\r\n"),
    BAD_ROW("length signed", OK "Content-Length: +3\r\n"),
    BAD_ROW("length negative", OK "Content-Length: -3\r\n"),
    BAD_ROW("length in hex", OK "Content-Length: 0x3\r\n"),
    BAD_ROW("length with fraction", OK "Content-Length: 3.0\r\n"),
    BAD_ROW("length with words", OK "Content-Length: 3 bytes\r\n"),
    BAD_ROW("length list", OK "Content-Length: 3, 3\r\n"),
    BAD_ROW("length over 32 bits", OK "Content-Length: 4294967296\r\n"),
    BAD_ROW("length over 64 bits",
            OK "Content-Length: 18446744073709551616\r\n"),
    BAD_ROW("length far over",
            OK "Content-Length: 99999999999999999999999\r\n"),
    BAD_ROW("length cut", OK "Content-Length: 0" FORTY FORTY FORTY "\r\n"),
    BAD_ROW("two lengths", OK "Content-Length: 3\r\nContent-Length: 4\r\n"),
    ROW_OF("another name",
           OK "Content-Lengthy: 3\r\nX-Content-Length: 3\r\n" LEN0 "\r\n", DONE,
           200, ""),

    /* Transfer-Encoding, RFC 9112 sections 6.1 and 7.1 */
    ROW_OF("chunks", CHUNKED "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", DONE, 200,
           "abcde"),
    ROW_OF("no chunk", CHUNKED "0\r\n\r\n", DONE, 200, ""),
    ROW_OF("any case", OK "TRANSFER-encoding: ChunkeD\r\n\r\n0\r\n\r\n", DONE,
           200, ""),
    ROW_OF("hex in both cases",
           CHUNKED "a\r\n" TEN "\r\n0B\r\nx" TEN "\r\n000\r\n\r\n", DONE, 200,
           TEN "x" TEN),
    ROW_OF("extensions",
           CHUNKED "3;a\r\nabc\r\n2 ; b=\"c;d\"\r\nde\r\n0;e=" LONG "\r\n\r\n",
           DONE, 200, "abcde"),
    ROW_OF("blanks around ; and =",
           CHUNKED "3\t ; \ta\t = \tb ; c ;d =\"\" ;e\r\nabc\r\n0\r\n\r\n",
           DONE, 200, "abc"),
    ROW_OF("quoted values",
           CHUNKED "1;a=\" \t;=,\\\"\\\\\\a\x80\xff\\\xff\";b\r\na\r\n0;" LONG
                   "=\"" LONG "\"\r\n\r\n",
           DONE, 200, "a"),
    ROW_OF("a token's characters",
           CHUNKED "0;!#$%&'*+-.^_`|~09AZaz=!#$%&'*+-.^_`|~09AZaz\r\n\r\n",
           DONE, 200, ""),
    ROW_OF("chunk size of many zeros",
           CHUNKED "000" FORTY_ZEROS FORTY_ZEROS FORTY_ZEROS FORTY_ZEROS
                   "1\r\na\r\n0\r\n\r\n",
           DONE, 200, "a"),
    ROW_OF("trailers",
           CHUNKED "1\r\na\r\n0\r\nA: b\r\nContent-Length: 9\r\nX: " LONG
                   "\r\n\r\n",
           DONE, 200, "a"),
    ROW_OF("more follows the chunks", CHUNKED "1\r\na\r\n0\r\n\r\nH", LEFT, 200,
           "a"),
    ROW_OF("largest chunk", CHUNKED "ffffffff\r\na", MORE, 200, "a"),
    ROW_OF("chunks, nothing follows", CHUNKED, MORE, 200, ""),
    ROW_OF("chunk unfinished", CHUNKED "3\r\nab", MORE, 200, "ab"),
    ROW_OF("chunk without its end", CHUNKED "3\r\nabc", MORE, 200, "abc"),
    ROW_OF("no last chunk", CHUNKED "3\r\nabc\r\n", MORE, 200, "abc"),
    ROW_OF("no end of trailers", CHUNKED "0\r\n", MORE, 200, ""),
    BAD_ROW("chunk size over 32 bits", CHUNKED "100000000\r\n"),
    BAD_ROW("chunk size far over", CHUNKED "fffffffff\r\n"),
    BAD_ROW("chunk size over 64 bits", CHUNKED "10000000000000000\r\n"),
    BAD_ROW("chunk size farther over", CHUNKED "fffffffffffffffff\r\n"),
    BAD_ROW("chunk size empty", CHUNKED "\r\n"),
    BAD_ROW("chunk size of an extension", CHUNKED ";a\r\n"),
    BAD_ROW("chunk size with blank first", CHUNKED " 3\r\n"),
    BAD_ROW("chunk size signed", CHUNKED "+3\r\n"),
    BAD_ROW("chunk size negative", CHUNKED "-3\r\n"),
    BAD_ROW("chunk size as in C", CHUNKED "0x3\r\n"),
    BAD_ROW("chunk size no hex", CHUNKED "g\r\n"),
    BAD_ROW("chunk size and a word", CHUNKED "3 a\r\n"),
    BAD_ROW("chunk size, bare LF", CHUNKED "3\nabc\r\n"),
    BAD_ROW("blank after a size", CHUNKED "3 \r\n"),
    BAD_ROW("tab after the last size", CHUNKED "0\t\r\n"),
    BAD_ROW("a size far away", CHUNKED "3\t" LONG "\r\n"),
    BAD_ROW("extension without a name", CHUNKED "3;\r\n"),
    BAD_ROW("extension of blanks", CHUNKED "3; \t\r\n"),
    BAD_ROW("no name before the next", CHUNKED "3;;a\r\n"),
    BAD_ROW("no name before a value", CHUNKED "3;=a\r\n"),
    BAD_ROW("name in quotes", CHUNKED "3;\"a\"\r\n"),
    BAD_ROW("name of no token", CHUNKED "3;a/b\r\n"),
    BAD_ROW("name of no ASCII", CHUNKED "3;\xe4\r\n"),
    BAD_ROW("two names", CHUNKED "3;a b\r\n"),
    BAD_ROW("blank after a name", CHUNKED "3;a \r\n"),
    BAD_ROW("no value", CHUNKED "3;a=\r\n"),
    BAD_ROW("no value before the next", CHUNKED "3;a= ;b\r\n"),
    BAD_ROW("two equals signs", CHUNKED "3;a==b\r\n"),
    BAD_ROW("value of no token", CHUNKED "3;a=b:c\r\n"),
    BAD_ROW("two values", CHUNKED "3;a=b c\r\n"),
    BAD_ROW("value and quote", CHUNKED "3;a=b\"c\"\r\n"),
    BAD_ROW("quote and value", CHUNKED "3;a=\"b\"c\r\n"),
    BAD_ROW("two quotes", CHUNKED "3;a=\"b\"\"c\"\r\n"),
    BAD_ROW("blank after a value", CHUNKED "3;a=b \r\n"),
    BAD_ROW("blank after a quote", CHUNKED "3;a=\"b\"\t\r\n"),
    BAD_ROW("quote without end", CHUNKED "3;a=\"b\r\n"),
    BAD_ROW("quote without end, far away",
            CHUNKED "3;a=\"" LONG "\r\nabc\r\n0\r\n\r\n"),
    BAD_ROW("quote whose end is escaped", CHUNKED "3;a=\"b\\\"\r\n"),
    BAD_ROW("quote with a lone backslash", CHUNKED "3;a=\"b\\\r\n"),
    BAD_ROW("quote with a control character", CHUNKED "3;a=\"\1\"\r\n"),
    BAD_ROW("escaped control character", CHUNKED "3;a=\"\\\177\"\r\n"),
    BAD_ROW("chunk longer than its size", CHUNKED "3\r\nabcd\r\n"),
    BAD_ROW("chunk's end bare LF", CHUNKED "3\r\nabc\n"),
    BAD_ROW("chunk's end bare CR", CHUNKED "3\r\nabc\rx"),
    BAD_ROW("trailer without colon", CHUNKED "0\r\nA\r\n"),
    BAD_ROW("trailer folded", CHUNKED "0\r\nA: b\r\n c\r\n"),
    BAD_ROW("trailer with NUL", CHUNKED "0\r\nA: \0\r\n"),
    BAD_ROW("gzip", OK "Transfer-Encoding: gzip\r\n"),
    BAD_ROW("gzip and chunked", OK "Transfer-Encoding: gzip, chunked\r\n"),
    BAD_ROW("identity", OK "Transfer-Encoding: identity\r\n"),
    BAD_ROW("coding empty", OK "Transfer-Encoding:\r\n"),
    BAD_ROW("chunked twice",
            OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
    BAD_ROW("chunked, cut", OK "Transfer-Encoding: chunked, " LONG "\r\n"),
    BAD_ROW("chunked, far away", OK "Transfer-Encoding: " LONG "\r\n"),
    BAD_ROW("chunked in 1.0",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n"),
    BAD_ROW("length, then chunked",
            OK LEN0 "Transfer-Encoding: chunked\r\n\r\n"),
    BAD_ROW("chunked, then length",
            OK "Transfer-Encoding: chunked\r\n" LEN0 "\r\n"),

    /* How the body is delimited, RFC 9112 section 6.3 */
    ROW_OF("until close", OK "\r\nabc", AT_CLOSE, 200, "abc"),
    ROW_OF("until close, nothing", OK "\r\n", AT_CLOSE, 200, ""),
    ROW_OF("until close in 1.0", "HTTP/1.0 502 x\r\nA: b\r\n\r\n<html>",
           AT_CLOSE, 502, "<html>"),
    ROW_OF("204", "HTTP/1.1 204 x\r\n\r\n", DONE, 204, ""),
    ROW_OF("204 with a length",
           "HTTP/1.1 204 x\r\nContent-Length: 3\r\n\r\nabc", LEFT, 204, ""),
    ROW_OF("304", "HTTP/1.1 304 x\r\nContent-Length: 3\r\n\r\n", DONE, 304, ""),
    ROW_OF("304 chunked",
           "HTTP/1.1 304 x\r\nTransfer-Encoding: chunked\r\n\r\n", DONE, 304,
           ""),
    ROW_OF("head unfinished", OK "Content-Le", MORE, 200, ""),
    ROW_OF("head without its end", OK LEN0, MORE, 200, ""),
    ROW_OF("head without its last byte", OK LEN0 "\r", MORE, 200, ""),
    ROW_OF("status line unfinished", "HTTP/1.1 200 OK\r", MORE, 0, ""),
    ROW_OF("nothing", "", MORE, 0, ""),

    /* Interim responses, RFC 9110 section 15.2 */
    ROW_OF("100", "HTTP/1.1 100 Continue\r\n\r\n" OK LEN0 "\r\n", DONE, 200,
           ""),
    ROW_OF("102 and 103",
           "HTTP/1.1 102 x\r\n\r\nHTTP/1.1 103 x\r\nLink: <a>\r\n\r\n" OK LEN0
           "\r\n",
           DONE, 200, ""),
    ROW_OF("199, fields forgotten",
           "HTTP/1.1 199 x\r\nContent-Length: 9\r\nX-Amzn-RequestId: "
           "no\r\nX-Amzn-Errortype: no\r\n\r\n" OK LEN0 "\r\n",
           DONE, 200, ""),
    ROW_OF("interim chunked forgotten",
           "HTTP/1.1 100 x\r\nTransfer-Encoding: chunked\r\n\r\n" OK
           "Content-Length: 1\r\n\r\na",
           DONE, 200, "a"),
    ROW_OF("interim in 1.0", "HTTP/1.0 100 x\r\n\r\n" CHUNKED "0\r\n\r\n", DONE,
           200, ""),
    ROW_OF("interim alone", "HTTP/1.1 100 Continue\r\n\r\n", MORE, 0, ""),
    ROW_OF("interim unfinished", "HTTP/1.1 100 Continue\r\n", MORE, 0, ""),
    BAD_ROW("101", "HTTP/1.1 101 Switching Protocols\r\n\r\n"),
    BAD_ROW("interim, ambiguous",
            "HTTP/1.1 100 x\r\n" LEN0 "Transfer-Encoding: chunked\r\n\r\n"),
    BAD_ROW("interim with a body",
            "HTTP/1.1 100 x\r\nContent-Length: 1\r\n\r\na" OK),

    /* Request ids and error types */
    ID_ROW("x-amzn-RequestId", "x-amzn-RequestId: a-1\r\n", "a-1"),
    ID_ROW("x-amzn-request-id", "X-AMZN-REQUEST-ID: a-2\r\n", "a-2"),
    ID_ROW("x-amz-request-id", "x-amz-request-id:a-3\r\n", "a-3"),
    ID_ROW("best id first",
           "X-Amzn-RequestId: 1\r\nx-amzn-request-id: 2\r\nx-amz-request-id: "
           "3\r\n",
           "1"),
    ID_ROW("best id last",
           "x-amz-request-id: 3\r\nx-amzn-request-id: 2\r\nx-amzn-requestid: "
           "1\r\n",
           "1"),
    ID_ROW("second best id", "x-amz-request-id: 3\r\nx-amzn-request-id: 2\r\n",
           "2"),
    ID_ROW("id twice", "x-amzn-requestid: 1\r\nx-amzn-requestid: 2\r\n", "1"),
    ID_ROW("empty id", "x-amzn-requestid:\r\nx-amz-request-id: 3\r\n", "3"),
    ID_ROW("no id", "x-amz-id-2: 3\r\nrequestid: 4\r\n", NULL),
    ID_ROW("id of 64", "x-amzn-requestid: " FORTY TEN TEN "abcd\r\n",
           FORTY TEN TEN "abcd"),
    ID_ROW("id of 65", "x-amzn-requestid: " FORTY TEN TEN "abcde\r\n",
           FORTY TEN TEN "abcd"),
    ID_ROW("id longer than a line", "x-amzn-requestid: " LONG "\r\n",
           FORTY TEN TEN "0123"),
    ERROR_ROW("error type", "X-Amzn-Errortype: FooException:http://x/\r\n",
              "FooException:http://x/"),
    ERROR_ROW("error type, any case", "x-amzn-ErrorType: FooException \r\n",
              "FooException"),
    ERROR_ROW("error type empty", "x-amzn-ErrorType:\r\n", NULL),
    ERROR_ROW("error type long", "x-amzn-ErrorType: " LONG "\r\n",
              FORTY TEN TEN "0123"),
};

/* ---------------------------------------------------------------- reading */

/* A reader, and how it ended. */
struct reading {
    struct sj_http http;
    enum sj_http_result result;
    char body[512];
    size_t body_len;
    size_t used;
};

static void begin(struct reading *r)
{
    memset(&r->http, 0xff, sizeof(r->http));
    sj_http_begin(&r->http);
    r->result = SJ_HTTP_MORE;
    r->body_len = 0;
    r->used = 0;
}

/* Feed a piece, from memory of exactly its size. */
static void feed(struct reading *r, const char *bytes, size_t n)
{
    char *copy = malloc(n + (n == 0));
    size_t at = 0;

    if (n > 0) {
        memcpy(copy, bytes, n);
    }
    do {
        struct segjob_str piece = {NULL, 0};
        size_t used = 0;

        r->result = sj_http_read(&r->http, copy + at, n - at, &used, &piece);
        assert_true(used <= n - at);
        at += used;
        if (r->result == SJ_HTTP_BODY) {
            assert_true(piece.len > 0 && piece.len <= used);
            assert_true(piece.ptr == copy + at - piece.len);
            assert_true(r->body_len + piece.len <= sizeof(r->body));
            memcpy(r->body + r->body_len, piece.ptr, piece.len);
            r->body_len += piece.len;
        }
    } while (r->result == SJ_HTTP_BODY);
    assert_true(r->result != SJ_HTTP_MORE || at == n);
    r->used += at;
    free(copy);
}

static void check_result(struct reading *r, const struct http_row *row)
{
    bool at_end = r->used == row->bytes.len;

    switch (row->end) {
    case DONE:
        ROW(row, r->result == SJ_HTTP_DONE && at_end);
        break;
    case LEFT:
        ROW(row, r->result == SJ_HTTP_DONE && !at_end);
        break;
    case AT_CLOSE:
        ROW(row, r->result == SJ_HTTP_MORE && sj_http_end(&r->http));
        break;
    case MORE:
        ROW(row, r->result == SJ_HTTP_MORE && !sj_http_end(&r->http));
        break;
    case BAD:
        ROW(row, r->result == SJ_HTTP_BAD && !sj_http_end(&r->http));
        break;
    }
}

static void check(struct reading *r, const struct http_row *row)
{
    struct segjob_str body = {r->body, r->body_len};
    struct segjob_str expected = segjob_cstr(row->body);

    check_result(r, row);
    if (row->end == BAD) {
        const int status = sj_http_status(&r->http);

        ROW(row, status == 0 || (status >= 200 && status <= 999));
        return;
    }
    if (strcmp(row->name, "body of any bytes") == 0) {
        expected.len = 5; /* it holds a NUL */
    }
    ROW(row, is_text(body, expected));
    ROW(row, sj_http_status(&r->http) == row->status);
    ROW(row, is_string(sj_http_request_id(&r->http), row->id));
    ROW(row, is_string(sj_http_error_type(&r->http), row->error));
}

static void test_whole(void **state)
{
    struct reading r;

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        begin(&r);
        feed(&r, rows[i].bytes.ptr, rows[i].bytes.len);
        check(&r, &rows[i]);
    }
}

static void test_every_two_pieces(void **state)
{
    struct reading r;

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        for (size_t n = 0; n <= rows[i].bytes.len; n++) {
            begin(&r);
            feed(&r, rows[i].bytes.ptr, n);
            feed(&r, rows[i].bytes.ptr + n, rows[i].bytes.len - n);
            check(&r, &rows[i]);
        }
    }
}

static void test_byte_by_byte(void **state)
{
    struct reading r;

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        begin(&r);
        for (size_t n = 0; n < rows[i].bytes.len; n++) {
            feed(&r, rows[i].bytes.ptr + n, 1);
        }
        check(&r, &rows[i]);
    }
}

/* The beginning of a good response is unfinished, and a close does not complete
 * it. */
static void test_truncated(void **state)
{
    struct reading r;

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        for (size_t n = 0; rows[i].end == DONE && n < rows[i].bytes.len; n++) {
            begin(&r);
            feed(&r, rows[i].bytes.ptr, n);
            ROW(&rows[i], r.result == SJ_HTTP_MORE);
            ROW(&rows[i], !sj_http_end(&r.http));
        }
    }
}

/* ------------------------------------------------------------- keep-alive */

#define OLD "HTTP/1.0 200 OK\r\n"

/* RFC 9112 section 9.3, RFC 9110 section 7.6.1 */
static const struct {
    int line;
    const char *name; /* the response */
    bool keeps;
} connections[] = {
    {__LINE__, OK LEN0 "\r\n", true},
    {__LINE__, OK LEN0 "Connection: keep-alive\r\n\r\n", true},
    {__LINE__, OK LEN0 "Connection: close\r\n\r\n", false},
    {__LINE__, OK LEN0 "connection:CLOSE\r\n\r\n", false},
    {__LINE__, OK LEN0 "Connection: keep-alive, close\r\n\r\n", false},
    {__LINE__, OK LEN0 "Connection: close ,\tkeep-alive\r\n\r\n", false},
    {__LINE__, OK LEN0 "Connection: a,,close,\r\n\r\n", false},
    {__LINE__, OK LEN0 "Connection: a\r\nConnection: close\r\n\r\n", false},
    {__LINE__, OK LEN0 "Connection: closed, close-not\r\n\r\n", true},
    {__LINE__, OK LEN0 "Connection:\r\n\r\n", true},
    {__LINE__, OK LEN0 "Connection: " LONG ", close\r\n\r\n", false},
    {__LINE__, OK LEN0 "X-Connection: close\r\n\r\n", true},
    {__LINE__, OLD LEN0 "\r\n", false},
    {__LINE__, OLD LEN0 "Connection: Keep-Alive\r\n\r\n", true},
    {__LINE__, OLD LEN0 "Connection: keep-alive, close\r\n\r\n", false},
    {__LINE__, CHUNKED "0\r\n\r\n", true},
    {__LINE__, CHUNKED "0\r\nConnection: close\r\n\r\n", true}, /* trailer */
    {__LINE__, OK "Connection: keep-alive\r\n\r\nuntil close", false},
    {__LINE__, "HTTP/1.1 204 x\r\n\r\n", true},
    {__LINE__, "HTTP/1.1 204 x\r\nConnection: close\r\n\r\n", false},
    {__LINE__, "HTTP/1.1 100 x\r\nConnection: close\r\n\r\n" OK LEN0 "\r\n",
     true},
};

static void test_keep_alive(void **state)
{
    struct reading r;

    (void)state;
    for (size_t i = 0; i < LENGTH(connections); i++) {
        begin(&r);
        for (const char *at = connections[i].name; *at != '\0'; at++) {
            ROW(&connections[i], !sj_http_keeps_alive(&r.http));
            feed(&r, at, 1);
        }
        ROW(&connections[i], sj_http_end(&r.http));
        ROW(&connections[i],
            sj_http_keeps_alive(&r.http) == connections[i].keeps);
    }
}

/* ------------------------------------------- clocks, and when to come back */

#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"
#define AT 784111777 /* RFC 9110 section 5.6.7 */
#define LATER "Sun Nov  6 08:49:38 1994"
#define FIELDS(fields) OK fields LEN0 "\r\n"
#define NEVER 0
#define NONE SEGJOB_NO_DECIMAL
#define MOST SEGJOB_DECIMAL_MAX

static const struct {
    int line;
    const char *name; /* the response */
    bool has_age;
    uint32_t date, retry_after, retry_at, retry_after_ms;
} times[] = {
    {__LINE__, FIELDS(""), false, NEVER, NONE, NEVER, NONE},

    {__LINE__, FIELDS("Date: " DATE "\r\n"), false, AT, NONE, NEVER, NONE},
    {__LINE__, FIELDS("dATE:\t" LATER " \r\n"), false, AT + 1, NONE, NEVER,
     NONE},
    {__LINE__, FIELDS("Date: Sunday, 06-Nov-94 08:49:37 GMT\r\n"), false, AT,
     NONE, NEVER, NONE},
    {__LINE__, FIELDS("Date:\r\n"), false, NEVER, NONE, NEVER, NONE},
    {__LINE__, FIELDS("Date: 784111777\r\n"), false, NEVER, NONE, NEVER, NONE},
    {__LINE__, FIELDS("Date: Sun, 07 Feb 2106 06:28:15 GMT\r\n"), false,
     UINT32_MAX, NONE, NEVER, NONE},
    {__LINE__, FIELDS("Date: Sun, 07 Feb 2106 06:28:16 GMT\r\n"), false, NEVER,
     NONE, NEVER, NONE},
    {__LINE__, FIELDS("Date: " DATE ", " DATE "\r\n"), false, NEVER, NONE,
     NEVER, NONE},
    {__LINE__, FIELDS("Date: " DATE "\r\nDate: " LATER "\r\n"), false, AT, NONE,
     NEVER, NONE},
    {__LINE__, FIELDS("Date: x\r\nDate: " LATER "\r\nDate: x\r\n"), false,
     AT + 1, NONE, NEVER, NONE},
    {__LINE__, FIELDS("Dates: " DATE "\r\nX-Date: " DATE "\r\n"), false, NEVER,
     NONE, NEVER, NONE},

    {__LINE__, FIELDS("Age: 0\r\n"), true, NEVER, NONE, NEVER, NONE},
    {__LINE__, FIELDS("AGE: x\r\nDate: " DATE "\r\n"), true, AT, NONE, NEVER,
     NONE},
    {__LINE__, FIELDS("Age:\r\n"), true, NEVER, NONE, NEVER, NONE},
    {__LINE__, FIELDS("Age: " LONG "\r\n"), true, NEVER, NONE, NEVER, NONE},
    {__LINE__, FIELDS("Aged: 1\r\n"), false, NEVER, NONE, NEVER, NONE},

    {__LINE__, FIELDS("Retry-After: 0\r\n"), false, NEVER, 0, NEVER, NONE},
    {__LINE__, FIELDS("retry-AFTER:0120\r\n"), false, NEVER, 120, NEVER, NONE},
    {__LINE__, FIELDS("Retry-After: 2147483648\r\n"), false, NEVER, 2147483648,
     NEVER, NONE},
    {__LINE__, FIELDS("Retry-After: 4294967293\r\n"), false, NEVER, MOST - 1,
     NEVER, NONE},
    {__LINE__, FIELDS("Retry-After: 4294967294\r\n"), false, NEVER, MOST, NEVER,
     NONE},
    {__LINE__, FIELDS("Retry-After: 4294967295\r\n"), false, NEVER, MOST, NEVER,
     NONE},
    {__LINE__, FIELDS("Retry-After: 4294967296\r\n"), false, NEVER, MOST, NEVER,
     NONE},
    {__LINE__, FIELDS("Retry-After: 9" FORTY FORTY "\r\n"), false, NEVER, MOST,
     NEVER, NONE},
    {__LINE__, FIELDS("Retry-After: " DATE "\r\n"), false, NEVER, NONE, AT,
     NONE},
    {__LINE__, FIELDS("Retry-After: " LATER "\r\nDate: " DATE "\r\n"), false,
     AT, NONE, AT + 1, NONE},
    {__LINE__, FIELDS("Retry-After:\r\n"), false, NEVER, NONE, NEVER, NONE},
    {__LINE__, FIELDS("Retry-After: -1\r\n"), false, NEVER, NONE, NEVER, NONE},
    {__LINE__, FIELDS("Retry-After: +1\r\n"), false, NEVER, NONE, NEVER, NONE},
    {__LINE__, FIELDS("Retry-After: 1.5\r\n"), false, NEVER, NONE, NEVER, NONE},
    {__LINE__, FIELDS("Retry-After: 1s\r\n"), false, NEVER, NONE, NEVER, NONE},
    {__LINE__, FIELDS("Retry-After: 1, 1\r\n"), false, NEVER, NONE, NEVER,
     NONE},
    {__LINE__, FIELDS("Retry-After: 0x1\r\n"), false, NEVER, NONE, NEVER, NONE},
    {__LINE__, FIELDS("Retry-After: " LONG "\r\n"), false, NEVER, NONE, NEVER,
     NONE},
    {__LINE__, FIELDS("Retry-After: 1\r\nRetry-After: 2\r\n"), false, NEVER, 1,
     NEVER, NONE},
    {__LINE__, FIELDS("Retry-After: x\r\nRetry-After: 2\r\n"), false, NEVER, 2,
     NEVER, NONE},
    {__LINE__, FIELDS("Retry-After: 1\r\nRetry-After: " DATE "\r\n"), false,
     NEVER, 1, NEVER, NONE},
    {__LINE__, FIELDS("Retry-After: " DATE "\r\nRetry-After: 1\r\n"), false,
     NEVER, NONE, AT, NONE},

    {__LINE__, FIELDS("X-Amz-Retry-After: 0\r\n"), false, NEVER, NONE, NEVER,
     0},
    {__LINE__, FIELDS("x-amz-retry-after: 1500\r\n"), false, NEVER, NONE, NEVER,
     1500},
    {__LINE__, FIELDS("x-amz-retry-after: 99999999999\r\n"), false, NEVER, NONE,
     NEVER, MOST},
    {__LINE__, FIELDS("x-amz-retry-after: " DATE "\r\n"), false, NEVER, NONE,
     NEVER, NONE},
    {__LINE__, FIELDS("x-amz-retry-after: -5\r\n"), false, NEVER, NONE, NEVER,
     NONE},
    {__LINE__, FIELDS("x-amz-retry-after: " LONG "\r\n"), false, NEVER, NONE,
     NEVER, NONE},
    {__LINE__, FIELDS("x-amz-retry-after: 7\r\nx-amz-retry-after: 8\r\n"),
     false, NEVER, NONE, NEVER, 7},
    {__LINE__, FIELDS("Retry-After: 3\r\nX-Amz-Retry-After: 4\r\n"), false,
     NEVER, 3, NEVER, 4},

    /* trailers and interim responses do not count */
    {__LINE__,
     CHUNKED "0\r\nDate: " DATE "\r\nAge: 1\r\nRetry-After: 1\r\n"
             "X-Amz-Retry-After: 1\r\n\r\n",
     false, NEVER, NONE, NEVER, NONE},
    {__LINE__,
     "HTTP/1.1 103 x\r\nDate: " DATE "\r\nAge: 1\r\nRetry-After: 1\r\n"
     "X-Amz-Retry-After: 1\r\n\r\n" FIELDS(""),
     false, NEVER, NONE, NEVER, NONE},
};

/* A line of exactly the length that is kept, and one that is a byte longer. */
static void check_kept(const char *name, size_t spaces, bool kept)
{
    struct reading r;

    begin(&r);
    feed(&r, OK, strlen(OK));
    feed(&r, name, strlen(name));
    for (size_t n = 0; n < spaces; n++) {
        feed(&r, " ", 1);
    }
    feed(&r, "7\r\n", 3);
    assert_int_equal(r.http.retry_after_ms, kept ? 7 : NONE);
}

static void test_times(void **state)
{
    struct reading r;

    (void)state;
    for (size_t i = 0; i < LENGTH(times); i++) {
        begin(&r);
        feed(&r, times[i].name, strlen(times[i].name));
        ROW(&times[i], r.result == SJ_HTTP_DONE);
        ROW(&times[i], r.http.has_age == times[i].has_age);
        ROW(&times[i], r.http.date == times[i].date);
        ROW(&times[i], r.http.retry_after == times[i].retry_after);
        ROW(&times[i], r.http.retry_at == times[i].retry_at);
        ROW(&times[i], r.http.retry_after_ms == times[i].retry_after_ms);
    }
}

static void test_longest_time_line(void **state)
{
    static const char name[] = "X-Amz-Retry-After:";

    (void)state;
    check_kept(name, SJ_HTTP_LINE_CAP - strlen(name) - 1, true);
    check_kept(name, SJ_HTTP_LINE_CAP - strlen(name), false);
}

/* ----------------------------------------------------------------- limits */

/* Feed `fill` repeatedly. Returns how many bytes the reader accepts. */
static size_t taken(const char *start, const char *fill)
{
    struct reading r;

    begin(&r);
    feed(&r, start, strlen(start));
    while (r.result == SJ_HTTP_MORE) {
        for (const char *at = fill; *at != '\0' && r.result == SJ_HTTP_MORE;
             at++) {
            feed(&r, at, 1);
        }
    }
    assert_int_equal(r.result, SJ_HTTP_BAD);
    return r.used - 1; /* the byte that is too many */
}

static void test_limits(void **state)
{
    (void)state;
    assert_int_equal(taken("", "HTTP/1.1 100 x\r\n\r\n"), SJ_HTTP_HEAD_MAX);
    assert_int_equal(taken(OK, "A: b\r\n"), SJ_HTTP_HEAD_MAX);
    assert_int_equal(taken(OK "A: ", "b"), SJ_HTTP_HEAD_MAX);
    assert_int_equal(taken("HTTP/1.1 200 ", "b"), SJ_HTTP_HEAD_MAX);
    assert_int_equal(taken(CHUNKED "1;", "b"),
                     strlen(CHUNKED) + SJ_HTTP_HEAD_MAX);
    assert_int_equal(taken(CHUNKED "0\r\n", "A: b\r\n"),
                     strlen(CHUNKED "0\r\n") + SJ_HTTP_HEAD_MAX);
}

/* The limit applies to the head, not to all heads and chunk lines together. */
static void test_head_of_greatest_length_before_chunks(void **state)
{
    static const char rest[] = "\r\nTransfer-Encoding: chunked\r\n\r\n";
    struct reading r;

    (void)state;
    begin(&r);
    feed(&r, OK "A: ", strlen(OK "A: "));
    while (r.used < SJ_HTTP_HEAD_MAX - strlen(rest)) {
        feed(&r, "b", 1);
    }
    feed(&r, rest, strlen(rest));
    assert_int_equal(r.used, SJ_HTTP_HEAD_MAX);
    assert_int_equal(r.result, SJ_HTTP_MORE);
    for (size_t i = 0; i < 50000; i++) {
        feed(&r, "1\r\na\r\n", 6);
        r.body_len = 0;
    }
    feed(&r, "0\r\n\r\n", 5);
    assert_int_equal(r.result, SJ_HTTP_DONE);
}

/* After the end, or after an error, the reader takes no bytes. */
static void test_sticky(void **state)
{
    struct reading r;
    struct segjob_str piece;
    size_t used = 1;

    (void)state;
    begin(&r);
    feed(&r, "x\r\n", 3);
    assert_int_equal(sj_http_read(&r.http, OK, 5, &used, &piece), SJ_HTTP_BAD);
    assert_int_equal(used, 0);
    begin(&r);
    feed(&r, OK LEN0 "\r\n", strlen(OK LEN0 "\r\n"));
    assert_int_equal(sj_http_read(&r.http, OK, 5, &used, &piece), SJ_HTTP_DONE);
    assert_int_equal(used, 0);
    assert_true(sj_http_end(&r.http));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_every_two_pieces),
        cmocka_unit_test(test_byte_by_byte),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_keep_alive),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_longest_time_line),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_head_of_greatest_length_before_chunks),
        cmocka_unit_test(test_sticky),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
