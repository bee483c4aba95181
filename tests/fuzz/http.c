/*
 * The HTTP reader: a response fed in pieces reads as the response fed whole.
 *
 * The input is a byte n, n lengths of pieces, which are used in turn, and the
 * response. An accepted response is checked independently: lines end in CR LF
 * and nothing else, no field is folded, the body is framed once, and is what
 * follows the head, or what the chunks contain. A good response made of the
 * same bytes is accepted.
 */
#include "fuzz.h"

#include "sj_http.h"

struct reading {
    struct sj_http http;
    enum sj_http_result result;
    bool complete;  /* after the connection was closed */
    size_t used;    /* bytes of the response */
    struct room to; /* the body */
    size_t body_len;
};

static void begin(struct reading *r, size_t n)
{
    sj_http_begin(&r->http);
    r->result = SJ_HTTP_MORE;
    r->complete = false;
    r->used = 0;
    r->to = room_make(n);
    r->body_len = 0;
}

static void keep_body(struct reading *r, struct segjob_str body)
{
    REQUIRE(body.len <= r->to.cap - r->body_len);
    memcpy(r->to.ptr + r->body_len, body.ptr, body.len);
    r->body_len += body.len;
}

/* Feed one piece, in memory of its own. */
static void feed(struct reading *r, const uint8_t *bytes, size_t n)
{
    struct room piece = room_copy(bytes, n);
    size_t at = 0;

    do {
        struct segjob_str body = {NULL, 0};
        size_t used = SIZE_MAX;

        r->result =
            sj_http_read(&r->http, piece.ptr + at, n - at, &used, &body);
        REQUIRE(used <= n - at);
        at += used;
        r->used += used;
        if (r->result == SJ_HTTP_BODY) {
            REQUIRE(body.len > 0 && body.len <= used);
            REQUIRE(body.ptr + body.len == piece.ptr + at);
            keep_body(r, body);
        }
    } while (r->result == SJ_HTTP_BODY);
    REQUIRE(r->result != SJ_HTTP_MORE || at == n);
    room_free(&piece);
}

/* After its end the reader stays at its end, and takes no bytes. */
static void feed_after_end(struct reading *r)
{
    enum sj_http_result before = r->result;
    size_t used = r->used;

    feed(r, (const uint8_t *)"HTTP/1.1 200 OK\r\n\r\n", 19);
    REQUIRE(r->result == before && r->used == used);
}

static void end(struct reading *r)
{
    if (r->result != SJ_HTTP_MORE) {
        feed_after_end(r);
    }
    r->complete = sj_http_end(&r->http);
    REQUIRE(r->complete || r->result != SJ_HTTP_DONE);
    REQUIRE(!r->complete || r->result != SJ_HTTP_BAD);
    REQUIRE(r->complete || !sj_http_keeps_alive(&r->http));
}

static void read_whole(struct reading *r, const uint8_t *bytes, size_t n)
{
    begin(r, n);
    feed(r, bytes, n);
    end(r);
}

static void read_pieces(struct reading *r, struct segjob_str lengths,
                        const uint8_t *bytes, size_t n)
{
    size_t at = 0;

    begin(r, n);
    for (size_t i = 0; at < n && r->result == SJ_HTTP_MORE; i++) {
        size_t piece =
            lengths.len == 0 ? 1 : (unsigned char)lengths.ptr[i % lengths.len];

        piece = piece < n - at ? piece : n - at;
        feed(r, bytes + at, piece == 0 ? 1 : piece);
        at += piece == 0 ? 1 : piece;
    }
    end(r);
}

static void require_same(const struct reading *a, const struct reading *b)
{
    REQUIRE(a->result == b->result);
    REQUIRE(a->complete == b->complete);
    REQUIRE(a->used == b->used);
    REQUIRE(a->body_len == b->body_len);
    REQUIRE(memcmp(a->to.ptr, b->to.ptr, a->body_len) == 0);
    REQUIRE(sj_http_status(&a->http) == sj_http_status(&b->http));
    REQUIRE(sj_http_keeps_alive(&a->http) == sj_http_keeps_alive(&b->http));
    REQUIRE(
        is_same(sj_http_request_id(&a->http), sj_http_request_id(&b->http)));
    REQUIRE(
        is_same(sj_http_error_type(&a->http), sj_http_error_type(&b->http)));
}

/* ----------------------------------------------------- independent check */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* `name` is in lower case and ends in its colon. */
static bool is_field(struct segjob_str line, const char *name)
{
    size_t n = strlen(name);

    for (size_t i = 0; i < n; i++) {
        if (i >= line.len || lower(line.ptr[i]) != name[i]) {
            return false;
        }
    }
    return true;
}

static void require_line(struct segjob_str line)
{
    for (size_t i = 0; i < line.len; i++) {
        unsigned char c = (unsigned char)line.ptr[i];

        REQUIRE((c >= 0x20 && c != 0x7f) || c == '\t');
    }
    REQUIRE(line.len == 0 || (line.ptr[0] != ' ' && line.ptr[0] != '\t'));
}

/* Take a line off, with its end. */
static struct segjob_str take_line(struct segjob_str *left)
{
    struct segjob_str line = {left->ptr, find(*left, segjob_cstr("\r\n"))};

    REQUIRE(line.len < left->len);
    require_line(line);
    left->ptr += line.len + 2;
    left->len -= line.len + 2;
    return line;
}

/* Take off a head. Returns true if it is the final one, not an interim one. */
static bool take_head(struct segjob_str *left)
{
    struct segjob_str line = take_line(left);
    bool counts;
    bool has_length = false;
    bool has_coding = false;

    REQUIRE(line.len >= 12 && begins_with(line, segjob_cstr("HTTP/1.")));
    counts = line.ptr[9] != '1';
    while ((line = take_line(left)).len > 0) {
        has_length = has_length || is_field(line, "content-length:");
        has_coding = has_coding || is_field(line, "transfer-encoding:");
    }
    REQUIRE(!has_length || !has_coding);
    return counts;
}

/* Take off the chunks, which must contain the body, and trailers. */
static void take_chunks(struct segjob_str *left, struct segjob_str body)
{
    unsigned long long size;

    while ((size = strtoull(take_line(left).ptr, NULL, 16)) > 0) {
        REQUIRE(size <= body.len && size <= left->len);
        REQUIRE(memcmp(left->ptr, body.ptr, (size_t)size) == 0);
        body.ptr += size;
        body.len -= (size_t)size;
        left->ptr += size;
        left->len -= (size_t)size;
        REQUIRE(take_line(left).len == 0);
    }
    REQUIRE(body.len == 0);
    while (take_line(left).len > 0) {
        continue;
    }
}

static void require_sound(const struct reading *r, const uint8_t *bytes)
{
    struct segjob_str left = {(const char *)bytes, r->used};
    struct segjob_str body = {r->to.ptr, r->body_len};
    int status = sj_http_status(&r->http);

    REQUIRE(status == 0 || (status >= 200 && status <= 999));
    if (!r->complete) {
        return;
    }
    while (!take_head(&left)) {
        continue;
    }
    REQUIRE(status != 0);
    if (r->http.chunked && status != 204 && status != 304) {
        take_chunks(&left, body);
    } else {
        REQUIRE(is_same(left, body));
        left.len = 0;
    }
    REQUIRE(left.len == 0);
    if (r->http.has_length && status != 204 && status != 304) {
        REQUIRE(r->http.content_length == r->body_len);
    }
}

/* The response ends with its last byte, and not before. */
static void require_end(const struct reading *r, const uint8_t *bytes)
{
    struct reading front;

    if (r->result != SJ_HTTP_DONE) {
        return;
    }
    begin(&front, r->used);
    feed(&front, bytes, r->used - 1);
    REQUIRE(front.result == SJ_HTTP_MORE);
    feed(&front, bytes + r->used - 1, 1);
    end(&front);
    require_same(r, &front);
    room_free(&front.to);
}

/* ------------------------------------------------------- good responses */

static void append(struct room *to, size_t *len, const void *bytes, size_t n)
{
    REQUIRE(n <= to->cap - *len);
    memcpy(to->ptr + *len, bytes, n);
    *len += n;
}

static void append_text(struct room *to, size_t *len, const char *text)
{
    append(to, len, text, strlen(text));
}

/* Make chunks of the bytes, by the rules of RFC 9112 section 7.1. */
static void append_chunks(struct room *to, size_t *len,
                          struct segjob_str lengths, struct input body)
{
    char size[32];

    for (size_t i = 0; body.left > 0; i++) {
        size_t n = lengths.len == 0
                       ? body.left
                       : (unsigned char)lengths.ptr[i % lengths.len] + 1u;
        struct segjob_str chunk = take_bytes(&body, n);

        snprintf(size, sizeof(size), "%zX\r\n", chunk.len);
        append_text(to, len, size);
        append(to, len, chunk.ptr, chunk.len);
        append_text(to, len, "\r\n");
    }
    append_text(to, len, "0\r\n\r\n");
}

/* A response with this body is read, whatever the body contains. */
static void require_body(struct segjob_str lengths, struct input body,
                         bool chunked)
{
    struct room response = room_make(200 + 8 * body.left);
    size_t len = 0;
    struct reading r;
    char head[80];

    append_text(&response, &len, "HTTP/1.1 200 OK\r\n");
    if (chunked) {
        append_text(&response, &len, "Transfer-Encoding: chunked\r\n\r\n");
        append_chunks(&response, &len, lengths, body);
    } else {
        snprintf(head, sizeof(head), "Content-Length: %zu\r\n\r\n", body.left);
        append_text(&response, &len, head);
        append(&response, &len, body.at, body.left);
    }
    read_whole(&r, (const uint8_t *)response.ptr, len);
    REQUIRE(r.result == SJ_HTTP_DONE && r.used == len);
    REQUIRE(sj_http_status(&r.http) == 200 && sj_http_keeps_alive(&r.http));
    REQUIRE(r.body_len == body.left);
    REQUIRE(memcmp(r.to.ptr, body.at, body.left) == 0);
    room_free(&r.to);
    room_free(&response);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct input in = {bytes, n};
    struct segjob_str lengths = take_bytes(&in, take_byte(&in));
    struct reading whole;
    struct reading pieces;

    read_whole(&whole, in.at, in.left);
    read_pieces(&pieces, lengths, in.at, in.left);
    require_same(&whole, &pieces);
    require_sound(&whole, in.at);
    require_end(&whole, in.at);
    require_body(lengths, in, false);
    require_body(lengths, in, true);
    room_free(&whole.to);
    room_free(&pieces.to);
    return 0;
}
