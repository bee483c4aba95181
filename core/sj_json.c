#include "sj_json.h"

#include <limits.h>
#include <string.h>

#define JSMN_STATIC
#define JSMN_PARENT_LINKS
#include <jsmn.h>

#include "sj_unicode.h"

#define EXPONENT_MAX INT64_C(0x100000000) /* more than INT_MAX digits */

/* ------------------------------------------------------------- grammar */

enum expect {
    A_VALUE,
    A_VALUE_OR_END, /* behind `[` */
    A_NAME,
    A_NAME_OR_END, /* behind `{` */
    A_COLON,
    A_COMMA_OR_END,
    THE_END,
    AN_ERROR
};

struct scan {
    struct segjob_str left;
    enum expect expect;
    unsigned depth;
    uint32_t objects; /* bit `depth` - 1: the innermost is an object */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char peek(const struct scan *s)
{
    return s->left.len > 0 ? s->left.ptr[0] : '\0';
}

static void skip(struct scan *s, size_t n)
{
    s->left.ptr += n;
    s->left.len -= n;
}

static bool take(struct scan *s, char c)
{
    if (s->left.len == 0 || s->left.ptr[0] != c) {
        return false;
    }
    skip(s, 1);
    return true;
}

static bool take_literal(struct scan *s, const char *literal)
{
    size_t n = strlen(literal);

    if (s->left.len < n || memcmp(s->left.ptr, literal, n) != 0) {
        return false;
    }
    skip(s, n);
    return true;
}

static bool take_digits(struct scan *s)
{
    if (!is_digit(peek(s))) {
        return false;
    }
    while (is_digit(peek(s))) {
        skip(s, 1);
    }
    return true;
}

/* RFC 8259 section 6 */
static bool take_number(struct scan *s)
{
    take(s, '-');
    if (!take(s, '0') && !take_digits(s)) {
        return false;
    }
    if (take(s, '.') && !take_digits(s)) {
        return false;
    }
    if (take(s, 'e') || take(s, 'E')) {
        if (!take(s, '+')) {
            take(s, '-');
        }
        return take_digits(s);
    }
    return true;
}

/* The value of four hexadecimal digits, or UINT32_MAX. */
static uint32_t hex4(const char *digits)
{
    uint32_t value = 0;

    for (size_t i = 0; i < 4; i++) {
        char c = digits[i];
        char lower = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;

        if (!is_digit(c) && !(lower >= 'a' && lower <= 'f')) {
            return UINT32_MAX;
        }
        value =
            value << 4 | (uint32_t)(is_digit(c) ? c - '0' : lower - 'a' + 10);
    }
    return value;
}

/*
 * Take what follows `\u`: four digits, or a surrogate pair of two escapes. A
 * lone surrogate stands for no character, so it is refused.
 */
static bool take_unicode(struct scan *s, uint32_t *code_point)
{
    uint32_t high = s->left.len >= 4 ? hex4(s->left.ptr) : UINT32_MAX;
    uint32_t low;

    if (high == UINT32_MAX || (high >= 0xdc00 && high <= 0xdfff)) {
        return false;
    }
    skip(s, 4);
    *code_point = high;
    if (high < 0xd800 || high > 0xdbff) {
        return true;
    }
    if (s->left.len < 6 || !take_literal(s, "\\u")) {
        return false;
    }
    low = hex4(s->left.ptr);
    if (low < 0xdc00 || low > 0xdfff) {
        return false;
    }
    skip(s, 4);
    *code_point = 0x10000 + ((high - 0xd800) << 10 | (low - 0xdc00));
    return true;
}

/* Take what follows a backslash. */
static bool take_escape(struct scan *s, uint32_t *code_point)
{
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";

    if (take(s, 'u')) {
        return take_unicode(s, code_point);
    }
    for (size_t i = 0; i < sizeof(names) - 1; i++) {
        if (take(s, names[i])) {
            *code_point = (unsigned char)values[i];
            return true;
        }
    }
    return false;
}

static bool take_string(struct scan *s)
{
    uint32_t ignored;

    if (!take(s, '"')) {
        return false;
    }
    while (!take(s, '"')) {
        if (s->left.len == 0 || (unsigned char)s->left.ptr[0] < 0x20) {
            return false;
        }
        if (take(s, '\\') ? !take_escape(s, &ignored)
                          : !sj_utf8_next(&s->left, &ignored)) {
            return false;
        }
    }
    return true;
}

static bool in_object(const struct scan *s)
{
    return (s->objects >> (s->depth - 1) & 1) != 0;
}

static enum expect after_value(const struct scan *s)
{
    return s->depth == 0 ? THE_END : A_COMMA_OR_END;
}

static enum expect open_container(struct scan *s, bool object)
{
    uint32_t bit;

    if (s->depth == SJ_JSON_DEPTH_MAX) {
        return AN_ERROR;
    }
    bit = UINT32_C(1) << s->depth++;
    s->objects = object ? s->objects | bit : s->objects & ~bit;
    return object ? A_NAME_OR_END : A_VALUE_OR_END;
}

static enum expect close_container(struct scan *s)
{
    s->depth--;
    return after_value(s);
}

static enum expect scan_value(struct scan *s)
{
    if (take(s, '{')) {
        return open_container(s, true);
    }
    if (take(s, '[')) {
        return open_container(s, false);
    }
    if (peek(s) == '"') { /* a bad one is taken in part: no number follows */
        return take_string(s) ? after_value(s) : AN_ERROR;
    }
    if (take_literal(s, "true") || take_literal(s, "false") ||
        take_literal(s, "null") || take_number(s)) {
        return after_value(s);
    }
    return AN_ERROR;
}

static enum expect scan_comma_or_end(struct scan *s)
{
    if (take(s, ',')) {
        return in_object(s) ? A_NAME : A_VALUE;
    }
    return take(s, in_object(s) ? '}' : ']') ? close_container(s) : AN_ERROR;
}

static enum expect scan_one(struct scan *s)
{
    switch (s->expect) {
    case A_VALUE_OR_END:
        return take(s, ']') ? close_container(s) : scan_value(s);
    case A_VALUE:
        return scan_value(s);
    case A_NAME_OR_END:
        if (take(s, '}')) {
            return close_container(s);
        }
        return take_string(s) ? A_COLON : AN_ERROR;
    case A_NAME:
        return take_string(s) ? A_COLON : AN_ERROR;
    case A_COLON:
        return take(s, ':') ? A_VALUE : AN_ERROR;
    case A_COMMA_OR_END:
        return scan_comma_or_end(s);
    case THE_END:
    case AN_ERROR:
        break;
    }
    return AN_ERROR; /* something behind the end */
}

static bool is_json(const char *text, size_t len)
{
    struct scan s = {{text, len}, A_VALUE, 0, 0};

    for (;;) {
        while (peek(&s) == ' ' || peek(&s) == '\t' || peek(&s) == '\n' ||
               peek(&s) == '\r') {
            skip(&s, 1);
        }
        if (s.left.len == 0 || s.expect == AN_ERROR) {
            return s.expect == THE_END;
        }
        s.expect = scan_one(&s);
    }
}

/* -------------------------------------------------------------- tokens */

static jsmntok_t *token(const struct sj_json *json, int value)
{
    return (jsmntok_t *)json->tokens + value;
}

static struct segjob_str token_text(const struct sj_json *json, int value)
{
    const jsmntok_t *t = token(json, value);
    struct segjob_str s = {json->text + t->start, (size_t)(t->end - t->start)};

    return s;
}

static bool is_type(const struct sj_json *json, int value, jsmntype_t type)
{
    return value != SJ_JSON_NONE && token(json, value)->type == type;
}

/* Encode as UTF-8; returns the bytes written. */
static size_t put_utf8(char *to, uint32_t c)
{
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};

    for (size_t i = n; i-- > 1;) {
        to[i] = (char)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    to[0] = (char)(leads[n] | c);
    return n;
}

/* Decode in place: an escape is never shorter than what it stands for. */
static size_t decode(char *text, size_t len)
{
    struct scan s = {{text, len}, A_VALUE, 0, 0};
    uint32_t c;
    size_t n = 0;

    while (s.left.len > 0) {
        if (!take(&s, '\\')) {
            text[n++] = s.left.ptr[0];
            skip(&s, 1);
        } else if (take_escape(&s, &c)) {
            n += put_utf8(text + n, c);
        }
    }
    return n;
}

static void decode_strings(struct sj_json *json)
{
    for (int i = 0; i < json->len; i++) {
        jsmntok_t *t = token(json, i);

        if (t->type == JSMN_STRING) {
            t->end = t->start + (int)decode(json->text + t->start,
                                            (size_t)(t->end - t->start));
        }
    }
}

static bool is_same(struct segjob_str a, struct segjob_str b)
{
    /* memcmp may not be given NULL, even for no bytes */
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Whether `name` stands again behind it in the same object. */
static bool is_repeated(const struct sj_json *json, int name)
{
    for (int i = sj_json_next(json, name); i != SJ_JSON_NONE;
         i = sj_json_next(json, i)) {
        if (is_same(token_text(json, i), token_text(json, name))) {
            return true;
        }
    }
    return false;
}

static bool has_repeated_name(const struct sj_json *json)
{
    for (int i = 1; i < json->len; i++) {
        if (is_type(json, token(json, i)->parent, JSMN_OBJECT) &&
            is_repeated(json, i)) {
            return true;
        }
    }
    return false;
}

/* Where the tokens begin, at the aligned end of the room; NULL if nowhere. */
static void *tokens_at(void *room, size_t cap, size_t len)
{
    size_t pad = (uintptr_t)room % sizeof(int);
    size_t offset = pad == 0 ? 0 : sizeof(int) - pad;

    if (cap < offset || (cap - offset) / sizeof(jsmntok_t) < len) {
        return NULL;
    }
    cap = (cap - offset) / sizeof(int) * sizeof(int);
    return (char *)room + offset + cap - len * sizeof(jsmntok_t);
}

/* Have jsmn write `cap` tokens to `tokens`, or count them if that is NULL. */
static bool tokenize(struct sj_json *json, size_t len, jsmntok_t *tokens,
                     unsigned cap)
{
    jsmn_parser parser;

    jsmn_init(&parser);
    json->tokens = tokens;
    json->len = jsmn_parse(&parser, json->text, len, tokens, cap);
    return json->len > 0;
}

enum sj_json_result sj_json_parse(struct sj_json *json, char *text, size_t len,
                                  void *room, size_t cap)
{
    void *tokens;
    bool good;

    json->text = text;
    if (len > INT_MAX || !is_json(text, len) || !tokenize(json, len, NULL, 0)) {
        return SJ_JSON_BAD;
    }
    tokens = tokens_at(room, cap, (size_t)json->len);
    if (tokens == NULL) {
        return SJ_JSON_NO_ROOM;
    }
    good = tokenize(json, len, tokens, (unsigned)json->len);
    decode_strings(json);
    return good && !has_repeated_name(json) ? SJ_JSON_OK : SJ_JSON_BAD;
}

/* -------------------------------------------------------------- values */

bool sj_json_is_object(const struct sj_json *json, int value)
{
    return is_type(json, value, JSMN_OBJECT);
}

bool sj_json_is_array(const struct sj_json *json, int value)
{
    return is_type(json, value, JSMN_ARRAY);
}

bool sj_json_is_null(const struct sj_json *json, int value)
{
    return is_type(json, value, JSMN_PRIMITIVE) &&
           json->text[token(json, value)->start] == 'n';
}

int sj_json_first(const struct sj_json *json, int container)
{
    if (!sj_json_is_object(json, container) &&
        !sj_json_is_array(json, container)) {
        return SJ_JSON_NONE;
    }
    return token(json, container)->size > 0 ? container + 1 : SJ_JSON_NONE;
}

/*
 * All of an item stands before the next value of the same parent. Decoding
 * leaves every token's start, and every container's end, where it was.
 */
int sj_json_next(const struct sj_json *json, int item)
{
    int parent = token(json, item)->parent;

    for (int i = item + 1; i < json->len && parent != -1 &&
                           token(json, i)->start < token(json, parent)->end;
         i++) {
        if (token(json, i)->parent == parent) {
            return i;
        }
    }
    return SJ_JSON_NONE;
}

int sj_json_member(const struct sj_json *json, int object, const char *name)
{
    if (!sj_json_is_object(json, object)) {
        return SJ_JSON_NONE;
    }
    for (int i = sj_json_first(json, object); i != SJ_JSON_NONE;
         i = sj_json_next(json, i)) {
        if (is_same(token_text(json, i), segjob_str(name))) {
            return sj_json_is_null(json, i + 1) ? SJ_JSON_NONE : i + 1;
        }
    }
    return SJ_JSON_NONE;
}

struct segjob_str sj_json_string(const struct sj_json *json, int value)
{
    struct segjob_str none = {NULL, 0};

    return is_type(json, value, JSMN_STRING) ? token_text(json, value) : none;
}

bool sj_json_int32(const struct sj_json *json, int value, int32_t *number)
{
    struct segjob_str s;
    int64_t sum = 0;
    bool negative;

    if (!is_type(json, value, JSMN_PRIMITIVE)) {
        return false;
    }
    s = token_text(json, value);
    negative = s.ptr[0] == '-';
    for (size_t i = negative ? 1 : 0; i < s.len; i++) {
        if (!is_digit(s.ptr[i]) || sum > INT32_MAX) {
            return false; /* true, a fraction, an exponent, or too large */
        }
        sum = sum * 10 + (s.ptr[i] - '0');
    }
    sum = negative ? -sum : sum;
    if (sum < INT32_MIN || sum > INT32_MAX) {
        return false;
    }
    *number = (int32_t)sum;
    return true;
}

static bool is_number(const struct sj_json *json, int value)
{
    char first;

    if (!is_type(json, value, JSMN_PRIMITIVE)) {
        return false;
    }
    first = json->text[token(json, value)->start];
    return first == '-' || is_digit(first);
}

/*
 * Take an exponent, 0 if there is none. No text is long enough for its digits
 * to make up for one of EXPONENT_MAX, so a greater one need not be told apart.
 */
static int64_t take_exponent(struct scan *s)
{
    int64_t sum = 0;
    bool negative;

    if (!take(s, 'e') && !take(s, 'E')) {
        return 0;
    }
    negative = take(s, '-');
    take(s, '+');
    for (; s->left.len > 0; skip(s, 1)) {
        sum = sum < EXPONENT_MAX ? sum * 10 + (peek(s) - '0') : EXPONENT_MAX;
    }
    return negative ? -sum : sum;
}

static bool append_digit(int64_t *sum, int digit)
{
    if (*sum > (INT64_MAX - digit) / 10) {
        return false;
    }
    *sum = *sum * 10 + digit;
    return true;
}

/*
 * Of a number's digits, point or not, those before the shifted point count:
 * `n` of them, which is less than none for a very small number. Missing ones
 * are zeros, of which 19 are too many unless nothing stands before them.
 */
static bool take_shifted(struct scan *s, int64_t n, int64_t *sum)
{
    *sum = 0;
    for (; n > 0 && (is_digit(peek(s)) || peek(s) == '.'); skip(s, 1)) {
        if (peek(s) != '.') {
            if (!append_digit(sum, peek(s) - '0')) {
                return false;
            }
            n--;
        }
    }
    for (; n > 0 && *sum > 0; n--) {
        if (!append_digit(sum, 0)) {
            return false;
        }
    }
    return true;
}

bool sj_json_millis(const struct sj_json *json, int value, int64_t *ms)
{
    struct scan digits = {{NULL, 0}, A_VALUE, 0, 0};
    struct scan s;
    bool negative;
    int64_t n;
    int64_t sum;

    if (!is_number(json, value)) {
        return false;
    }
    digits.left = token_text(json, value);
    negative = take(&digits, '-');
    s = digits;
    take_digits(&s);
    n = (int64_t)(digits.left.len - s.left.len) + 3; /* 3: seconds to ms */
    if (take(&s, '.')) {
        take_digits(&s);
    }
    if (!take_shifted(&digits, n + take_exponent(&s), &sum)) {
        return false;
    }
    *ms = negative ? -sum : sum;
    return true;
}
