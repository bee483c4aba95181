#include "sj_json.h"

#include <limits.h>

#define JSMN_STATIC
#define JSMN_PARENT_LINKS
#include <jsmn.h>

#include "sj_scan.h"
#include "sj_unicode.h"

/* ------------------------------------------------------------- grammar */

static char peek(struct segjob_str s)
{
    return s.len > 0 ? s.ptr[0] : '\0';
}

/* RFC 8259 section 6 */
static bool take_number(struct segjob_str *s)
{
    sj_take(s, '-');
    if (!sj_take(s, '0') && sj_take_digits(s) == 0) {
        return false;
    }
    if (sj_take(s, '.') && sj_take_digits(s) == 0) {
        return false;
    }
    if (sj_take(s, 'e') || sj_take(s, 'E')) {
        if (!sj_take(s, '+')) {
            sj_take(s, '-');
        }
        return sj_take_digits(s) > 0;
    }
    return true;
}

/* Take four hexadecimal digits: their value, or UINT32_MAX. */
static uint32_t take_hex4(struct segjob_str *s)
{
    uint32_t value = 0;

    for (int i = 0; i < 4; i++) {
        const unsigned digit = segjob_hex_value(peek(*s));

        if (digit > 15) {
            return UINT32_MAX;
        }
        value = value << 4 | digit;
        sj_skip(s, 1);
    }
    return value;
}

/*
 * Take what follows `\u`: four digits, or a surrogate pair of two escapes. A
 * lone surrogate is not a character, so it is rejected.
 */
static bool take_unicode(struct segjob_str *s, uint32_t *code_point)
{
    uint32_t low;

    *code_point = take_hex4(s);
    if (*code_point >> 10 != 0xd800 >> 10) {
        return *code_point >> 10 != 0xdc00 >> 10 && *code_point != UINT32_MAX;
    }
    low = sj_take_text(s, "\\u") ? take_hex4(s) : 0;
    *code_point = 0x10000 + ((*code_point & 0x3ff) << 10 | (low & 0x3ff));
    return low >> 10 == 0xdc00 >> 10;
}

/* Take what follows a backslash. */
static bool take_escape(struct segjob_str *s, uint32_t *code_point)
{
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";

    if (sj_take(s, 'u')) {
        return take_unicode(s, code_point);
    }
    for (size_t i = 0; i < sizeof(names) - 1; i++) {
        if (sj_take(s, names[i])) {
            *code_point = (unsigned char)values[i];
            return true;
        }
    }
    return false;
}

/* Take a character of a string, as it is or as an escape. */
static bool take_char(struct segjob_str *s, uint32_t *code_point)
{
    return sj_take(s, '\\') ? take_escape(s, code_point)
                            : sj_utf8_next(s, code_point);
}

static bool take_string(struct segjob_str *s)
{
    uint32_t ignored;

    if (!sj_take(s, '"')) {
        return false;
    }
    while (!sj_take(s, '"')) {
        if ((unsigned char)peek(*s) < 0x20 || /* or at the end */
            !take_char(s, &ignored)) {
            return false;
        }
    }
    return true;
}

static unsigned after_value(const struct sj_json_scan *s)
{
    return s->open == 1 ? SJ_JSON_END : SJ_JSON_COMMA | SJ_JSON_CLOSER;
}

/* Enter a container. It may begin with `first`, or with its closer. */
static unsigned open_container(struct sj_json_scan *s, unsigned first)
{
    if (s->open >> SJ_JSON_DEPTH_MAX != 0) {
        return 0;
    }
    s->open = s->open << 1 | (first == SJ_JSON_NAME);
    return first | SJ_JSON_CLOSER;
}

static unsigned scan_value(struct sj_json_scan *s)
{
    struct segjob_str *left = &s->left;

    if (sj_take(left, '{')) {
        return open_container(s, SJ_JSON_NAME);
    }
    if (sj_take(left, '[')) {
        return open_container(s, SJ_JSON_VALUE);
    }
    if (peek(*left) == '"' /* after a part of a bad string, try no number */
            ? take_string(left)
            : sj_take_text(left, "true") || sj_take_text(left, "false") ||
                  sj_take_text(left, "null") || take_number(left)) {
        return after_value(s);
    }
    return 0;
}

/* Take one item that is expected. Returns what may follow it. */
static unsigned scan_one(struct sj_json_scan *s)
{
    const bool in_object = (s->open & 1) != 0;

    if ((s->expect & SJ_JSON_COMMA) != 0 && sj_take(&s->left, ',')) {
        return in_object ? SJ_JSON_NAME : SJ_JSON_VALUE;
    }
    if ((s->expect & SJ_JSON_CLOSER) != 0 &&
        sj_take(&s->left, in_object ? '}' : ']')) {
        s->open >>= 1;
        return after_value(s);
    }
    if ((s->expect & SJ_JSON_COLON) != 0) {
        return sj_take(&s->left, ':') ? SJ_JSON_VALUE : 0;
    }
    if ((s->expect & SJ_JSON_NAME) != 0) {
        return take_string(&s->left) ? SJ_JSON_COLON : 0;
    }
    return (s->expect & SJ_JSON_VALUE) != 0 ? scan_value(s) : 0;
}

bool sj_json_scan(struct sj_json_scan *s)
{
    while (sj_is_one_of(peek(s->left), " \t\n\r")) {
        sj_skip(&s->left, 1);
    }
    if (s->left.len > 0) {
        s->expect = scan_one(s);
        return s->expect != 0;
    }
    return false;
}

static bool is_json(const char *text, size_t len)
{
    struct sj_json_scan s = {{text, len}, SJ_JSON_VALUE, 1};

    while (sj_json_scan(&s)) {
    }
    return s.expect == SJ_JSON_END;
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

/* Decode in place: an escape is never shorter than its character in UTF-8. */
static size_t decode(char *text, size_t len)
{
    struct segjob_str left = {text, len};
    uint32_t c;
    size_t n = 0;

    while (left.len > 0 && take_char(&left, &c)) {
        n += put_utf8(text + n, c);
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

/* Whether two strings are the same; they are not decoded yet. */
static bool is_same_string(struct segjob_str a, struct segjob_str b)
{
    uint32_t in_a;
    uint32_t in_b;

    while (a.len > 0 && b.len > 0) {
        if (!take_char(&a, &in_a) || !take_char(&b, &in_b) || in_a != in_b) {
            return false;
        }
    }
    return a.len == b.len;
}

/* Return the next name of the object that is the same as `name`. */
static int repeated(const struct sj_json *json, int name)
{
    int i = sj_json_next(json, name);

    while (i != SJ_JSON_NONE &&
           !is_same_string(token_text(json, i), token_text(json, name))) {
        i = sj_json_next(json, i);
    }
    return i;
}

int sj_json_repeated(const struct sj_json *json)
{
    int second = SJ_JSON_NONE;

    for (int i = 1; i < json->len && second == SJ_JSON_NONE; i++) {
        if (is_type(json, token(json, i)->parent, JSMN_OBJECT)) {
            second = repeated(json, i);
        }
    }
    return second;
}

/* Where `len` tokens begin, at the aligned end of the room; NULL: no room. */
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

/* Have jsmn write up to `cap` tokens, or count them if `tokens` is NULL. */
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

    json->text = text;
    if (len > INT_MAX || !is_json(text, len) || !tokenize(json, len, NULL, 0)) {
        return SJ_JSON_BAD;
    }
    tokens = tokens_at(room, cap, (size_t)json->len);
    if (tokens == NULL) {
        return SJ_JSON_NO_ROOM;
    }
    if (!tokenize(json, len, tokens, (unsigned)json->len) ||
        sj_json_repeated(json) != SJ_JSON_NONE) {
        return SJ_JSON_BAD;
    }
    decode_strings(json);
    return SJ_JSON_OK;
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
 * An item's tokens precede the next token with the same parent. Decoding moves
 * no token's start and no container's end.
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
        if (sj_is_text(token_text(json, i), name)) {
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

struct segjob_str sj_json_text(const struct sj_json *json, int object,
                               const char *name)
{
    return sj_json_string(json, sj_json_member(json, object, name));
}

bool sj_json_int32(const struct sj_json *json, int value, int32_t *number)
{
    struct segjob_str s;
    uint32_t sum;
    bool negative;

    if (!is_type(json, value, JSMN_PRIMITIVE)) {
        return false;
    }
    s = token_text(json, value);
    negative = sj_take(&s, '-');
    sum = segjob_decimal(s);
    if (sum > (uint32_t)INT32_MAX + negative) {
        return false; /* true, a fraction, an exponent, or too large */
    }
    *number = (int32_t)(negative ? -(int64_t)sum : sum);
    return true;
}

/*
 * Take an exponent; returns 0 if there is none. An exponent greater than
 * SEGJOB_DECIMAL_MAX becomes that. The number is too large or too small either
 * way: no text has enough digits to offset such an exponent.
 */
static int64_t take_exponent(struct segjob_str *s)
{
    bool negative;
    int64_t exponent;

    if (!sj_take(s, 'e') && !sj_take(s, 'E')) {
        return 0;
    }
    negative = sj_take(s, '-');
    sj_take(s, '+');
    exponent = segjob_decimal(*s);
    return negative ? -exponent : exponent;
}

/* Take a number without its exponent. `*whole`: digits before the point. */
static struct segjob_str take_mantissa(struct segjob_str *s, size_t *whole)
{
    struct segjob_str mantissa = *s;

    *whole = sj_take_digits(s);
    if (sj_take(s, '.')) {
        sj_take_digits(s);
    }
    mantissa.len -= s->len;
    return mantissa;
}

/*
 * Read the first `places` digits of a mantissa as a number, with zeros in place
 * of digits that are missing. Returns false if that needs more than 18 digits.
 */
static bool read_digits(struct segjob_str mantissa, int64_t places,
                        int64_t *number)
{
    int64_t sum = 0;

    for (; places > 0 && (mantissa.len > 0 || sum > 0); places--) {
        sj_take(&mantissa, '.');
        if (sum >= INT64_C(100000000000000000)) {
            return false;
        }
        sum *= 10;
        if (mantissa.len > 0) {
            sum += mantissa.ptr[0] - '0';
            sj_skip(&mantissa, 1);
        }
    }
    *number = sum;
    return true;
}

bool sj_json_millis(const struct sj_json *json, int value, int64_t *ms)
{
    struct segjob_str s;
    struct segjob_str mantissa;
    size_t whole;
    bool negative;

    if (!is_type(json, value, JSMN_PRIMITIVE)) {
        return false;
    }
    s = token_text(json, value);
    negative = sj_take(&s, '-');
    mantissa = take_mantissa(&s, &whole);
    if (whole == 0 || /* true, false or null */
        !read_digits(mantissa, (int64_t)whole + 3 + take_exponent(&s), ms)) {
        return false;
    }
    *ms = negative ? -*ms : *ms;
    return true;
}
