#include "sj_http.h"

#include <string.h>

#include "sj_scan.h"
#include "sj_time.h"

enum state {
    STATUS_LINE,
    FIELD_LINE,
    BODY_OF_LENGTH,
    BODY_UNTIL_CLOSE,
    CHUNK_SIZE_LINE,
    CHUNK_DATA,
    CHUNK_END_LINE,
    TRAILER_LINE,
    DONE,
    BAD
};

void sj_http_begin(struct sj_http *h)
{
    memset(h, 0, sizeof(*h));
    h->state = STATUS_LINE;
    h->retry_after = SEGJOB_NO_DECIMAL;
    h->retry_after_ms = SEGJOB_NO_DECIMAL;
}

/* --------------------------------------------------------- characters */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* tchar, RFC 9110 section 5.6.2 */
static bool is_token_char(char c)
{
    return segjob_is_alnum(c) || sj_is_one_of(c, "!#$%&'*+-.^_`|~");
}

/* `name` is in lower case. */
static bool is_same_name(struct segjob_str s, const char *name)
{
    while (s.len > 0 && segjob_lower(s.ptr[0]) == *name) {
        sj_skip(&s, 1);
        name++;
    }
    return s.len == 0 && *name == '\0';
}

static struct segjob_str trim(struct segjob_str s)
{
    while (s.len > 0 && is_blank(s.ptr[0])) {
        sj_skip(&s, 1);
    }
    while (s.len > 0 && is_blank(s.ptr[s.len - 1])) {
        s.len--;
    }
    return s;
}

/* ------------------------------------------------------------- fields */

static bool is_cut(const struct sj_http *h)
{
    return h->line_len > SJ_HTTP_LINE_CAP;
}

/* The part of the line that is stored. */
static struct segjob_str kept_line(const struct sj_http *h)
{
    struct segjob_str line = {h->line,
                              is_cut(h) ? SJ_HTTP_LINE_CAP : h->line_len};

    return line;
}

/* RFC 9110 section 8.6: digits only. Repeated fields must have one value. */
static bool content_length(struct sj_http *h, struct segjob_str value)
{
    const uint32_t length = segjob_decimal(value);

    if (is_cut(h) || length >= SEGJOB_DECIMAL_MAX ||
        (h->has_length && h->content_length != length)) {
        return false;
    }
    h->has_length = true;
    h->content_length = length;
    return true;
}

/* RFC 9112 section 6.1. The request has no TE field: only chunked may come. */
static bool transfer_encoding(struct sj_http *h, struct segjob_str value)
{
    if (is_cut(h) || h->chunked || h->minor == 0 ||
        !is_same_name(value, "chunked")) {
        return false;
    }
    h->chunked = true;
    return true;
}

/* RFC 9110 section 7.6.1. The part that was cut off may contain `close`. */
static void connection(struct sj_http *h, struct segjob_str value)
{
    h->closes = h->closes || is_cut(h);
    while (value.len > 0) {
        struct segjob_str option = trim(sj_take_until(&value, ','));

        if (is_same_name(option, "close")) {
            h->closes = true;
        } else if (is_same_name(option, "keep-alive")) {
            h->keeps = true;
        }
    }
}

static uint8_t keep(char *to, struct segjob_str value)
{
    size_t n = value.len < SJ_HTTP_ID_CAP ? value.len : SJ_HTTP_ID_CAP;

    memcpy(to, value.ptr, n);
    return (uint8_t)n;
}

static void keep_id(struct sj_http *h, uint8_t rank, struct segjob_str value)
{
    if (rank > h->id_rank && value.len > 0) {
        h->id_rank = rank;
        h->id_len = keep(h->id, value);
    }
}

/*
 * The first valid value of a repeated field counts. A value that does not fit
 * becomes the greatest that does (RFC 9111 section 1.2.2).
 */
static void keep_delta(uint32_t *to, struct segjob_str value)
{
    if (*to == SEGJOB_NO_DECIMAL) {
        *to = segjob_decimal(value);
    }
}

static void keep_date(uint32_t *to, struct segjob_str value)
{
    int64_t time;

    if (*to == 0 && sj_time_parse_http(value, &time) && time <= UINT32_MAX) {
        *to = (uint32_t)time;
    }
}

/* RFC 9110 section 10.2.3: seconds, or a date. */
static void retry_after(struct sj_http *h, struct segjob_str value)
{
    if (h->retry_at == 0) {
        keep_delta(&h->retry_after, value);
    }
    if (h->retry_after == SEGJOB_NO_DECIMAL) {
        keep_date(&h->retry_at, value);
    }
}

/* The fields that are read, in the order of the names in field_of(). */
enum field {
    CONTENT_LENGTH,
    TRANSFER_ENCODING,
    CONNECTION,
    ERROR_TYPE,
    REQUEST_ID_1, /* the preferred one last */
    REQUEST_ID_2,
    REQUEST_ID_3,
    AGE,
    DATE,
    RETRY_AFTER,
    RETRY_AFTER_MS
};

static unsigned field_of(struct segjob_str name)
{
    static const char names[] = "content-length\0"
                                "transfer-encoding\0"
                                "connection\0"
                                "x-amzn-errortype\0"
                                "x-amz-request-id\0"
                                "x-amzn-request-id\0"
                                "x-amzn-requestid\0"
                                "age\0"
                                "date\0"
                                "retry-after\0"
                                "x-amz-retry-after\0";
    const char *at = names;
    unsigned field = 0;

    while (at < names + sizeof(names) - 1 && !is_same_name(name, at)) {
        at = sj_next_text(at);
        field++;
    }
    return field;
}

/* Fields that contain a time or a delay. Invalid values are ignored. */
static void time_field(struct sj_http *h, unsigned field,
                       struct segjob_str value)
{
    if (is_cut(h)) {
        return;
    }
    if (field == DATE) {
        keep_date(&h->date, value);
    } else if (field == RETRY_AFTER) {
        retry_after(h, value);
    } else if (field == RETRY_AFTER_MS) {
        keep_delta(&h->retry_after_ms, value);
    }
}

static bool take_field(struct sj_http *h, unsigned field,
                       struct segjob_str value)
{
    switch (field) {
    case CONTENT_LENGTH:
        return content_length(h, value);
    case TRANSFER_ENCODING:
        return transfer_encoding(h, value);
    case CONNECTION:
        connection(h, value);
        return true;
    case ERROR_TYPE:
        h->error_len = keep(h->error, value);
        return true;
    case REQUEST_ID_1:
    case REQUEST_ID_2:
    case REQUEST_ID_3:
        keep_id(h, (uint8_t)(field - REQUEST_ID_1 + 1), value);
        return true;
    case AGE:
        h->has_age = true; /* whatever its value */
        return true;
    default:
        time_field(h, field, value);
        return true;
    }
}

/*
 * Split a field line. White space at the start, of a folded line, and before
 * the colon is rejected (RFC 9112 section 5).
 */
static bool split_field(const struct sj_http *h, struct segjob_str *name,
                        struct segjob_str *value)
{
    struct segjob_str line = kept_line(h);

    name->ptr = line.ptr;
    while (line.len > 0 && is_token_char(line.ptr[0])) {
        sj_skip(&line, 1);
    }
    name->len = (size_t)(line.ptr - name->ptr);
    if (name->len == 0 || !sj_take(&line, ':')) {
        return false;
    }
    *value = trim(line);
    return true;
}

/* -------------------------------------------------------- chunk lines */

/*
 * The part of a chunk size line that was read last: the size, or a part of an
 * extension, which is skipped (RFC 9112 section 7.1). The line may end after
 * SIZE and the parts below it.
 */
enum part {
    NOTHING, /* none yet; or the byte was an error */
    BLANKS,  /* only `;` may follow */
    NAME_BEGIN,
    NAME_END, /* blanks: only `;` or `=` may follow */
    VALUE_BEGIN,
    QUOTED,
    ESCAPED,
    SIZE,
    NAME,
    VALUE,
    QUOTE_END
};

/* The next part, by the last part and the kind of the byte that follows it. */
static const uint8_t next_parts[][7] = {
    [NOTHING] = {0},
    [BLANKS] = {BLANKS, NAME_BEGIN},
    [NAME_BEGIN] = {NAME_BEGIN, 0, 0, 0, 0, NAME},
    [NAME_END] = {NAME_END, NAME_BEGIN, VALUE_BEGIN},
    [VALUE_BEGIN] = {VALUE_BEGIN, 0, 0, QUOTED, 0, VALUE},
    [QUOTED] = {QUOTED, QUOTED, QUOTED, QUOTE_END, ESCAPED, QUOTED, QUOTED},
    [ESCAPED] = {QUOTED, QUOTED, QUOTED, QUOTED, QUOTED, QUOTED, QUOTED},
    [SIZE] = {BLANKS, NAME_BEGIN},
    [NAME] = {NAME_END, NAME_BEGIN, VALUE_BEGIN, 0, 0, NAME},
    [VALUE] = {BLANKS, NAME_BEGIN, 0, 0, 0, VALUE},
    [QUOTE_END] = {BLANKS, NAME_BEGIN},
};

/* 0 to 4: the place in `kinds`; 5: another token character; 6: any other. */
static unsigned kind_of(char c)
{
    static const char kinds[] = {' ', ';', '=', '"', '\\'};
    unsigned kind = 0;

    while (kind < sizeof(kinds) && c != kinds[kind]) {
        kind++;
    }
    return kind < sizeof(kinds) || is_token_char(c) ? kind : kind + 1;
}

/*
 * Read one byte of a chunk size line. Returns false if the grammar does not
 * allow it there, or the size is too large.
 */
static bool chunk_byte(struct sj_http *h, char c)
{
    const unsigned digit = segjob_hex_value(c);

    if (digit < 16 && (h->part == NOTHING || h->part == SIZE)) {
        if (h->left > UINT32_MAX >> 4) {
            return false;
        }
        h->left = h->left << 4 | digit;
        h->part = SIZE;
        return true;
    }
    h->part = next_parts[h->part][kind_of(is_blank(c) ? ' ' : c)];
    return h->part != NOTHING;
}

/* -------------------------------------------------- a function per line */

/* "HTTP/1.1 200 OK"; the reason and the space before it may be missing. */
static enum state status_line(struct sj_http *h)
{
    struct segjob_str line = kept_line(h);
    struct segjob_str code;
    uint32_t status;

    if (!sj_take_text(&line, "HTTP/1.")) {
        return BAD;
    }
    h->minor = sj_take(&line, '1');
    if ((h->minor == 0 && !sj_take(&line, '0')) || !sj_take(&line, ' ')) {
        return BAD;
    }
    code = sj_take_until(&line, ' ');
    status = segjob_decimal(code);
    if (code.len != 3 || status < 100 || status == SEGJOB_NO_DECIMAL) {
        return BAD;
    }
    h->status = (int)status;
    return FIELD_LINE;
}

/* How the body is delimited, RFC 9112 section 6.3. */
static enum state head_end(struct sj_http *h)
{
    if (h->tunnel && h->status >= 200 && h->status < 300) {
        return DONE; /* whatever the fields are, RFC 9110 section 9.3.6 */
    }
    if (h->chunked && h->has_length) {
        return BAD; /* response splitting, RFC 9112 section 11.1 */
    }
    if (h->status == 101) {
        return BAD; /* the request has no Upgrade field */
    }
    if (h->status < 200) {
        uint32_t head_len = h->head_len;
        bool tunnel = h->tunnel;

        sj_http_begin(h);
        h->head_len = head_len;
        h->tunnel = tunnel;
        return STATUS_LINE;
    }
    if (h->status == 204 || h->status == 304) {
        return DONE;
    }
    if (h->chunked) {
        h->head_len = 0;
        return CHUNK_SIZE_LINE;
    }
    if (!h->has_length) {
        h->closes = true;
        return BODY_UNTIL_CLOSE;
    }
    h->left = h->content_length;
    return h->left > 0 ? BODY_OF_LENGTH : DONE;
}

static enum state field_line(struct sj_http *h)
{
    struct segjob_str name;
    struct segjob_str value;

    if (h->line_len == 0) {
        return head_end(h);
    }
    if (!split_field(h, &name, &value) ||
        !take_field(h, field_of(name), value)) {
        return BAD;
    }
    return FIELD_LINE;
}

/* Before this line `left` was 0: no chunk, or the previous one, was read. */
static enum state chunk_size_line(struct sj_http *h)
{
    if (h->part < SIZE) {
        return BAD;
    }
    h->part = NOTHING;
    h->head_len = 0;
    return h->left > 0 ? CHUNK_DATA : TRAILER_LINE;
}

static enum state chunk_end_line(struct sj_http *h)
{
    return h->line_len == 0 ? CHUNK_SIZE_LINE : BAD;
}

/* Trailers are skipped: they must not change the response. */
static enum state trailer_line(struct sj_http *h)
{
    struct segjob_str name;
    struct segjob_str value;

    if (h->line_len == 0) {
        return DONE;
    }
    return split_field(h, &name, &value) ? TRAILER_LINE : BAD;
}

/* Called at the end of a line, in the states that read lines. */
static enum state (*const line_ends[])(struct sj_http *h) = {
    [STATUS_LINE] = status_line,         [FIELD_LINE] = field_line,
    [CHUNK_SIZE_LINE] = chunk_size_line, [CHUNK_END_LINE] = chunk_end_line,
    [TRAILER_LINE] = trailer_line,
};

/* ---------------------------------------------------------------- bytes */

/*
 * Read one byte of a line. Lines end in CR LF. A CR or LF alone is rejected
 * (RFC 9112 section 2.2), and so are control characters other than the tab
 * (RFC 9110 section 5.5).
 */
static enum state line_byte(struct sj_http *h, char c)
{
    enum state next = (enum state)h->state;

    if (h->head_len++ >= SJ_HTTP_HEAD_MAX) {
        return BAD;
    }
    if (h->after_cr) {
        h->after_cr = false;
        next = c == '\n' ? line_ends[h->state](h) : BAD;
        h->line_len = 0;
        return next;
    }
    if (c == '\r') {
        h->after_cr = true;
        return next;
    }
    if (((unsigned char)c < 0x20 && c != '\t') || c == 0x7f) {
        return BAD;
    }
    if (h->state == CHUNK_SIZE_LINE && !chunk_byte(h, c)) {
        return BAD;
    }
    if (h->line_len < SJ_HTTP_LINE_CAP) {
        h->line[h->line_len] = c;
    }
    h->line_len++;
    return next;
}

/* Return the bytes at the start of `bytes` that belong to the body. */
static struct segjob_str body_piece(struct sj_http *h, const char *bytes,
                                    size_t n)
{
    struct segjob_str piece = {bytes, n};

    if (h->state == BODY_UNTIL_CLOSE) {
        return piece;
    }
    if (h->left < n) {
        piece.len = h->left;
    }
    h->left -= (uint32_t)piece.len;
    if (h->left == 0) {
        h->state = h->state == CHUNK_DATA ? CHUNK_END_LINE : DONE;
    }
    return piece;
}

static bool is_in_body(const struct sj_http *h)
{
    return h->state == BODY_OF_LENGTH || h->state == BODY_UNTIL_CLOSE ||
           h->state == CHUNK_DATA;
}

enum sj_http_result sj_http_read(struct sj_http *h, const char *bytes, size_t n,
                                 size_t *used, struct segjob_str *body)
{
    *used = 0;
    while (*used < n && h->state != DONE && h->state != BAD) {
        if (is_in_body(h)) {
            *body = body_piece(h, bytes + *used, n - *used);
            *used += body->len;
            return SJ_HTTP_BODY;
        }
        h->state = (uint8_t)line_byte(h, bytes[(*used)++]);
    }
    if (h->state == BAD) {
        return SJ_HTTP_BAD;
    }
    return h->state == DONE ? SJ_HTTP_DONE : SJ_HTTP_MORE;
}

bool sj_http_end(struct sj_http *h)
{
    if (h->state == BODY_UNTIL_CLOSE) {
        h->state = DONE;
    }
    return h->state == DONE;
}

bool sj_http_keeps_alive(const struct sj_http *h)
{
    return h->state == DONE && !h->closes && (h->minor == 1 || h->keeps);
}

int sj_http_status(const struct sj_http *h)
{
    return h->status < 200 ? 0 : h->status;
}

struct segjob_str sj_http_request_id(const struct sj_http *h)
{
    struct segjob_str id = {h->id_rank > 0 ? h->id : NULL, h->id_len};

    return id;
}

struct segjob_str sj_http_error_type(const struct sj_http *h)
{
    struct segjob_str type = {h->error_len > 0 ? h->error : NULL, h->error_len};

    return type;
}
