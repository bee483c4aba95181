/*
 * The JSON reader with jsmn's own code: the grammar by one step from any state,
 * jsmn and the rest with any text. sj_unicode.c proves sj_utf8_next().
 */
#define sj_utf8_next any_character
#include "../../core/sj_json.c"

#include "proof.h"

#define TOKENS 3

/* Any character, of any length that UTF-8 has, or none. */
bool any_character(struct segjob_str *s, uint32_t *code_point)
{
    const uint32_t c = (uint32_t)any_up_to(0x10ffff);
    const size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    assert(s->len > 0);
    ASSUME(c >> 11 != 0xd800 >> 11);
    if (n > s->len || nondet_byte() % 2 == 0) {
        return false;
    }
    sj_skip(s, n);
    *code_point = c;
    return true;
}

/* Commas and closers are only in containers. */
static bool is_sound(unsigned expect, uint32_t open)
{
    return open > ((expect & (SJ_JSON_COMMA | SJ_JSON_CLOSER)) != 0);
}

/* From any state, a step reads within the text, and at least one byte. */
void scan_reads_within(void)
{
    const struct segjob_str text = any_text(BOUND);
    struct sj_json_scan s = {text, nondet_byte() % 64,
                             (uint32_t)nondet_int64()};
    unsigned next;

    ASSUME(is_sound(s.expect, s.open));
    next = scan_one(&s);
    assert(s.left.len <= text.len);
    assert(s.left.ptr == text.ptr + (text.len - s.left.len));
    assert(next == 0 || (s.left.len < text.len && is_sound(next, s.open)));
}

void escape_reads_within(void)
{
    const struct segjob_str text = any_text(BOUND);
    struct segjob_str left = text;
    uint32_t c;

    ASSUME(text.len > 0);
    if (take_char(&left, &c)) {
        assert(left.len < text.len);
        assert(c <= 0x10ffff && (c < 0xd800 || c > 0xdfff));
    }
    assert(left.ptr == text.ptr + (text.len - left.len));
}

/* A token has its place in the text, and its container. */
static bool is_token(const jsmntok_t *t, int len, int text_len)
{
    return t->start >= 0 && t->start <= t->end && t->end <= text_len &&
           t->parent >= -1 && t->parent < len && t->size >= 0;
}

void jsmn_stores_within(void)
{
    const struct segjob_str text = any_text(BOUND);
    const size_t cap = any_up_to(BOUND);
    jsmntok_t room[BOUND];
    jsmntok_t *tokens = room + (BOUND - cap); /* at the end of the object */
    struct sj_json json = {(char *)text.ptr, NULL, 0};

    if (tokenize(&json, text.len, tokens, (unsigned)cap)) {
        assert(json.len <= (int)cap);
        for (int i = 0; i < json.len; i++) {
            assert(is_token(&tokens[i], i, (int)text.len));
        }
    }
}

void decode_stores_within(void)
{
    const struct segjob_str text = any_text(BOUND);

    assert(decode((char *)text.ptr, text.len) <= text.len);
}

void tokens_are_within(void)
{
    const size_t cap = any_up_to(4 * BOUND * sizeof(jsmntok_t));
    const size_t len = any_up_to(BOUND);
    char *room = any_bytes(cap + sizeof(int)) + any_up_to(sizeof(int) - 1);
    char *tokens = tokens_at(room, cap, len);

    if (tokens != NULL) {
        assert(tokens >= room);
        assert(tokens + len * sizeof(jsmntok_t) <= room + cap);
        assert((uintptr_t)tokens % sizeof(int) == 0);
    }
}

/* Any tokens that jsmn may return, of an arbitrary text. */
static struct sj_json any_json(jsmntok_t *tokens, int len)
{
    const struct segjob_str text = any_text(BOUND);
    struct sj_json json = {(char *)text.ptr, tokens, len};

    for (int i = 0; i < len; i++) {
        ASSUME(is_token(&tokens[i], i, (int)text.len));
    }
    return json;
}

void names_are_sought_within(void)
{
    jsmntok_t tokens[TOKENS];
    const struct sj_json json = any_json(tokens, TOKENS);
    const int value = (int)any_up_to(TOKENS - 1);
    int next;

    next = sj_json_next(&json, value);
    assert(next == SJ_JSON_NONE || (next > value && next < json.len));
}

void numbers_are_read_within(void)
{
    jsmntok_t primitive;
    const struct sj_json json = any_json(&primitive, 1);
    int32_t number;
    int64_t ms;

    ASSUME(primitive.type == JSMN_PRIMITIVE);
    ASSUME(primitive.start < primitive.end);
    sj_json_int32(&json, 0, &number);
    if (sj_json_millis(&json, 0, &ms)) {
        assert(ms > -INT64_C(1000000000000000000));
        assert(ms < INT64_C(1000000000000000000));
    }
}
