/*
 * The JSON reader: grammar and tokens by one step from any state, the rest with
 * any text. sj_unicode.c proves sj_utf8_next().
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
    struct sj_json json = {(char *)text.ptr, NULL, 0};
    struct sj_json_scan s = {
        text, nondet_byte() % 64, (uint32_t)nondet_int64(), &json,
        0,    SJ_JSON_NONE};
    unsigned next;

    ASSUME(text.len > 0 && is_sound(s.expect, s.open));
    next = scan_one(&s);
    assert(s.left.len <= text.len);
    assert(s.left.ptr == text.ptr + (text.len - s.left.len));
    assert(next == 0 || (s.left.len < text.len && is_sound(next, s.open)));
}

void escape_reads_within(void)
{
    const struct segjob_str text = any_text(BOUND);
    struct segjob_str left = text;
    const uint32_t c = take_char(&left);

    if (c != NO_CHAR) {
        assert(left.len < text.len);
        assert(c <= 0x10ffff && (c < 0xd800 || c > 0xdfff));
    }
    assert(left.ptr == text.ptr + (text.len - left.len));
}

static bool is_container(const jsmntok_t *t)
{
    return t->type == JSMN_OBJECT || t->type == JSMN_ARRAY;
}

/* A link leads from token `from` to a later one, of `len`, or nowhere. */
static bool is_link(int link, int from, int len)
{
    return link == SJ_JSON_NONE || (link > from && link < len);
}

/* Token `i` has its place in the text, or in a container. */
static bool is_token(const struct sj_json *json, int i, int text_len)
{
    const jsmntok_t *t = token(json, i);

    if (!is_link(t->size, i, json->len)) {
        return false;
    }
    if (is_container(t)) {
        return t->start >= SJ_JSON_NONE && t->start < i &&
               is_link(t->end, i, json->len);
    }
    return t->start >= 0 && t->start <= t->end && t->end <= text_len;
}

/* The first `len` of TOKENS tokens, of an arbitrary text. */
static struct sj_json any_json(jsmntok_t *tokens, int len,
                               struct segjob_str text)
{
    struct sj_json json = {(char *)text.ptr, tokens + TOKENS - 1, len};

    for (int i = 0; i < len; i++) {
        ASSUME(is_token(&json, i, (int)text.len));
    }
    return json;
}

/*
 * From any state, a step stores within the room, and all links stay sound. A
 * name is linked as an item of an array is; names_are_compared_within() has the
 * rest.
 */
void push_stores_within(void)
{
    const struct segjob_str text = any_text(BOUND);
    const size_t cap = any_up_to(TOKENS);
    const int len = (int)any_up_to(cap);
    jsmntok_t tokens[TOKENS];
    struct sj_json json = any_json(tokens, len, text);
    struct sj_json_scan s = {text,  SJ_JSON_VALUE, (uint32_t)nondet_int64(),
                             &json, cap,           (int)any_up_to(TOKENS) - 1};
    const jsmntype_t type = (jsmntype_t)any_up_to(JSMN_PRIMITIVE);
    const size_t taken = any_up_to(text.len);

    ASSUME(s.container < len);
    ASSUME(s.container == SJ_JSON_NONE
               ? (s.open & 1) != 0
               : is_container(token(&json, s.container)));
    ASSUME(type != JSMN_STRING || taken >= 2);
    sj_skip(&s.left, taken);
    assert(push(&s, type, text.ptr));
    assert(json.len == len + (s.cap > 0));
    assert(s.container >= SJ_JSON_NONE && s.container < json.len);
    for (int i = 0; i < json.len; i++) {
        assert(is_token(&json, i, (int)text.len));
    }
}

/* Two names, in any places of any text. */
void names_are_compared_within(void)
{
    jsmntok_t tokens[TOKENS];
    const struct sj_json json = any_json(tokens, 2, any_text(BOUND));

    is_same_string(&json, 0, 1);
}

void decode_stores_within(void)
{
    const struct segjob_str text = any_text(BOUND);

    assert(decode((char *)text.ptr, text.len) <= text.ptr + text.len);
}

void tokens_are_within(void)
{
    const size_t cap = any_up_to(4 * BOUND * sizeof(jsmntok_t));
    char *room = any_bytes(cap + sizeof(int)) + any_up_to(sizeof(int) - 1);
    struct sj_json json;
    const size_t n = begin_tokens(&json, room, cap);

    if (n > 0) {
        assert((char *)token(&json, 0) + sizeof(jsmntok_t) <= room + cap);
        assert((char *)token(&json, (int)n - 1) >= room);
        assert((uintptr_t)json.tokens % sizeof(int) == 0);
    }
}

void names_are_sought_within(void)
{
    jsmntok_t tokens[TOKENS];
    const struct sj_json json = any_json(tokens, TOKENS, any_text(BOUND));
    const int value = (int)any_up_to(TOKENS - 1);
    const int first = sj_json_first(&json, value);
    const int next = sj_json_next(&json, value);

    assert(is_link(first, value, json.len));
    assert(is_link(next, value, json.len));
}

void numbers_are_read_within(void)
{
    jsmntok_t tokens[TOKENS];
    const struct sj_json json = any_json(tokens, 1, any_text(BOUND));
    const jsmntok_t *primitive = token(&json, 0);
    int32_t number;
    int64_t ms;

    ASSUME(primitive->type == JSMN_PRIMITIVE);
    ASSUME(primitive->start < primitive->end);
    sj_json_int32(&json, 0, &number);
    if (sj_json_millis(&json, 0, &ms)) {
        assert(ms > -INT64_C(1000000000000000000));
        assert(ms < INT64_C(1000000000000000000));
    }
}
