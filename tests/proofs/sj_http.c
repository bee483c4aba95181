/*
 * The HTTP reader, by induction: from any state that keeps the invariant below,
 * any next bytes lead to a state that keeps it.
 */
#include "../../core/sj_http.c"

#include "proof.h"

static bool is_of_line(char c)
{
    return ((unsigned char)c >= 0x20 && c != 0x7f) || c == '\t';
}

static bool is_sound(const struct sj_http *h)
{
    return h->state <= BAD && h->part <= QUOTE_END &&
           h->id_len <= SJ_HTTP_ID_CAP && h->error_len <= SJ_HTTP_ID_CAP &&
           h->minor <= 1 &&
           (h->state == BAD || h->head_len <= SJ_HTTP_HEAD_MAX);
}

/* At the end of a line of up to BOUND bytes. */
static struct sj_http any_state(void)
{
    struct sj_http h;

    ASSUME(is_sound(&h) && h.state != BAD && h.line_len <= BOUND);
    for (size_t i = 0; i < h.line_len; i++) {
        ASSUME(is_of_line(h.line[i]));
    }
    return h;
}

void begin_is_sound(void)
{
    struct sj_http h;

    sj_http_begin(&h);
    assert(is_sound(&h) && h.line_len == 0);
}

/* Replaced by its contract, which sj_time.c proves. */
bool sj_time_parse_http(struct segjob_str text, int64_t *unix_time)
{
    assert(__CPROVER_r_ok(text.ptr, text.len));
    *unix_time = nondet_int64();
    return nondet_byte() % 2 == 0;
}

/* A byte of a line of any length, except the last byte. */
void line_byte_stores_within(void)
{
    struct sj_http h;
    const size_t before = h.line_len;

    ASSUME(is_sound(&h) && h.state != BAD);
    h.after_cr = false;
    h.state = (uint8_t)line_byte(&h, (char)nondet_byte());
    assert(is_sound(&h));
    assert(h.line_len == before || before >= SJ_HTTP_LINE_CAP ||
           is_of_line(h.line[before]));
}

void status_line_reads_within(void)
{
    struct sj_http h = any_state();
    const int before = h.status;

    h.state = (uint8_t)status_line(&h);
    assert(is_sound(&h));
    assert(h.state == BAD ? h.status == before
                          : h.status >= 100 && h.status <= 999);
}

static bool is_within(struct segjob_str part, struct segjob_str all)
{
    return __CPROVER_same_object(part.ptr, all.ptr) && part.ptr >= all.ptr &&
           part.len <= (size_t)(all.ptr + all.len - part.ptr);
}

void split_field_reads_within(void)
{
    struct sj_http h = any_state();
    struct segjob_str name, value;

    if (split_field(&h, &name, &value)) {
        assert(name.len > 0 && is_within(name, kept_line(&h)));
        assert(is_within(value, kept_line(&h)));
    }
}

void field_of_reads_within(void)
{
    const struct segjob_str name = any_text(BOUND);

    for (size_t i = 0; i < name.len; i++) {
        ASSUME(is_token_char(name.ptr[i])); /* as split_field() returns it */
    }
    assert(field_of(name) <= RETRY_AFTER_MS + 1);
}

/* The functions that take_field() calls. */
void fields_keep_within(void)
{
    struct sj_http h = any_state();
    const struct segjob_str value = any_text(BOUND);

    content_length(&h, value);
    transfer_encoding(&h, value);
    h.error_len = keep(h.error, value);
    keep_id(&h, nondet_byte(), value);
    time_field(&h, nondet_byte(), value);
    assert(is_sound(&h));
}

void connection_reads_within(void)
{
    struct sj_http h = any_state();

    connection(&h, any_text(BOUND));
    assert(is_sound(&h));
}

void chunk_lines_read_within(void)
{
    struct sj_http h = any_state();

    h.state = (uint8_t)chunk_size_line(&h);
    assert(is_sound(&h) && (h.state != CHUNK_DATA || h.left > 0));
    h.state = (uint8_t)chunk_end_line(&h);
    h.state = (uint8_t)trailer_line(&h);
    assert(is_sound(&h));
}

/* Many bytes of a body at once: the piece is part of them, and not empty. */
void body_is_of_the_bytes(void)
{
    struct sj_http h;
    const struct segjob_str bytes = any_text(BOUND);
    const uint64_t left = h.left;
    struct segjob_str body;

    ASSUME(is_in_body(&h) && h.left > 0 && bytes.len > 0);
    body = body_piece(&h, bytes.ptr, bytes.len);
    assert(body.ptr == bytes.ptr && body.len > 0 && body.len <= bytes.len);
    assert(h.state == BODY_UNTIL_CLOSE || body.len <= left);
}
