#include "sj_json.h"

#define JSMN_HEADER /* its token, without its parser */
#include <jsmn.h>

#include "sj_scan.h"
#include "sj_unicode.h"

/* ------------------------------------------------- characters, numbers */

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

#define NO_CHAR UINT32_MAX

/* Take four hexadecimal digits: their value, or NO_CHAR. */
static uint32_t take_hex4(struct segjob_str *s)
{
    uint32_t value = 0;

    for (int i = 0; i < 4; i++) {
        const unsigned digit = segjob_hex_value(peek(*s));

        if (digit > 15) {
            return NO_CHAR;
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
static uint32_t take_unicode(struct segjob_str *s)
{
    const uint32_t high = take_hex4(s);
    uint32_t low;

    if (high >> 10 != 0xd800 >> 10) {
        return high >> 10 != 0xdc00 >> 10 ? high : NO_CHAR;
    }
    low = sj_take_text(s, "\\u") ? take_hex4(s) : 0;
    if (low >> 10 != 0xdc00 >> 10) {
        return NO_CHAR;
    }
    return (high << 10) + low + (0x10000u - (0xd800u << 10) - 0xdc00u);
}

/* Take what follows a backslash. */
static uint32_t take_escape(struct segjob_str *s)
{
    static const char escapes[] = "\"\"\\\\//b\bf\fn\nr\rt\t";

    if (sj_take(s, 'u')) {
        return take_unicode(s);
    }
    for (const char *at = escapes; *at != '\0'; at += 2) {
        if (sj_take(s, at[0])) {
            return (unsigned char)at[1];
        }
    }
    return NO_CHAR;
}

/* Take a character of a string, as it is or as an escape; or NO_CHAR. */
static uint32_t take_char(struct segjob_str *s)
{
    uint32_t c;

    if ((unsigned char)peek(*s) < 0x20) { /* or at the end */
        return NO_CHAR;
    }
    if (sj_take(s, '\\')) {
        return take_escape(s);
    }
    return sj_utf8_next(s, &c) ? c : NO_CHAR;
}

static bool take_string(struct segjob_str *s)
{
    sj_skip(s, 1);
    while (!sj_take(s, '"')) {
        if (take_char(s) == NO_CHAR) {
            return false;
        }
    }
    return true;
}

/* -------------------------------------------------------------- tokens */

/*
 * Each token is stored in front of the one before it. jsmn's names mean:
 *
 *          of a text        of an object or array
 *   start  its first byte   the container around it
 *   end    after its last   its last item or name
 *   size   the next item or name in the same container
 *
 * SJ_JSON_NONE is for what there is not. The type of null is JSMN_UNDEFINED.
 */
typedef char
    sj_json_token_has_this_size[sizeof(jsmntok_t) == SJ_JSON_TOKEN ? 1 : -1];

static jsmntok_t *token(const struct sj_json *json, int value)
{
    return (jsmntok_t *)json->tokens - value;
}

static bool is_type(const struct sj_json *json, int value, jsmntype_t type)
{
    return value != SJ_JSON_NONE && token(json, value)->type == type;
}

/* The text of a value of this type; absent if it has another. */
static struct segjob_str text_of(const struct sj_json *json, int value,
                                 jsmntype_t type)
{
    struct segjob_str s = {NULL, 0};

    if (is_type(json, value, type)) {
        s.ptr = json->text + token(json, value)->start;
        s.len = (size_t)(token(json, value)->end - token(json, value)->start);
    }
    return s;
}

/* Whether two strings are the same; they are not decoded yet. */
static bool is_same_string(const struct sj_json *json, int one, int other)
{
    struct segjob_str a = sj_json_string(json, one);
    struct segjob_str b = sj_json_string(json, other);
    uint32_t in_a;
    uint32_t in_b;

    do {
        in_a = take_char(&a);
        in_b = take_char(&b);
    } while (in_a == in_b && in_a != NO_CHAR);
    return in_a == in_b;
}

/*
 * Whether an object may have one name more, the last token. If it has this name
 * already, it becomes the next one after the last token.
 */
static bool is_new(const struct sj_json *json, int object)
{
    const int name = json->len - 1;
    unsigned left = SJ_JSON_MEMBERS_MAX;

    for (int i = sj_json_first(json, object); i != SJ_JSON_NONE;
         i = sj_json_next(json, i)) {
        if (is_same_string(json, i, name)) {
            token(json, name)->size = i;
            return false;
        }
        if (--left == 0) {
            return false;
        }
    }
    return true;
}

/* Make the last token the last item of a container. */
static void link_to(const struct sj_json *json, int container)
{
    jsmntok_t *c = token(json, container);

    if (c->end != SJ_JSON_NONE) {
        token(json, c->end)->size = json->len - 1;
    }
    c->end = json->len - 1;
}

/*
 * Store the item from `at` to `left`, if there is room for it and was for those
 * before. Returns false if it is a name that the object may not have.
 */
static bool push(struct sj_json_scan *s, jsmntype_t type, const char *at)
{
    struct sj_json *json = s->json;
    const int container = s->container;
    const bool is_name = (s->expect & SJ_JSON_NAME) != 0;
    jsmntok_t *t;

    if ((size_t)json->len >= s->cap) {
        s->cap = 0;
        s->container = SJ_JSON_NONE;
        return true;
    }
    t = token(json, json->len);
    t->type = type;
    t->start = (int)(at - json->text);
    t->end = (int)(s->left.ptr - json->text);
    t->size = SJ_JSON_NONE;
    if (type == JSMN_STRING) {
        t->start++;
        t->end--;
    } else if (type == JSMN_OBJECT || type == JSMN_ARRAY) {
        t->start = container;
        t->end = SJ_JSON_NONE;
        s->container = json->len;
    }
    json->len++;
    if (is_name && !is_new(json, container)) {
        return false;
    }
    if (is_name || (s->open & 1) == 0) { /* the rest are values of names */
        link_to(json, container);
    }
    return true;
}

/* ------------------------------------------------------------- grammar */

static unsigned after_value(const struct sj_json_scan *s)
{
    return s->open == 1 ? SJ_JSON_END : SJ_JSON_COMMA | SJ_JSON_CLOSER;
}

/* Enter a container, unless it is nested too deep. */
static unsigned scan_opener(struct sj_json_scan *s)
{
    const bool is_object = s->left.ptr[0] == '{';

    if (s->open >> SJ_JSON_DEPTH_MAX != 0) {
        return 0;
    }
    push(s, is_object ? JSMN_OBJECT : JSMN_ARRAY, s->left.ptr);
    sj_skip(&s->left, 1);
    s->open = s->open << 1 | is_object;
    return (is_object ? SJ_JSON_NAME : SJ_JSON_VALUE) | SJ_JSON_CLOSER;
}

static unsigned scan_closer(struct sj_json_scan *s)
{
    s->open >>= 1;
    if (s->container != SJ_JSON_NONE) {
        s->container = token(s->json, s->container)->start;
    }
    return after_value(s);
}

static bool take_primitive(struct segjob_str *s)
{
    return sj_take_text(s, "true") || sj_take_text(s, "false") ||
           sj_take_text(s, "null") || take_number(s);
}

static bool scan_text(struct sj_json_scan *s)
{
    const char *at = s->left.ptr;

    if (*at == '"') {
        return take_string(&s->left) && push(s, JSMN_STRING, at);
    }
    return (s->expect & SJ_JSON_VALUE) != 0 && take_primitive(&s->left) &&
           push(s, *at == 'n' ? JSMN_UNDEFINED : JSMN_PRIMITIVE, at);
}

/* Take one item that is expected. Returns what may follow it. */
static unsigned scan_one(struct sj_json_scan *s)
{
    const bool in_object = (s->open & 1) != 0;
    const char first = s->left.ptr[0];
    const bool is_name = (s->expect & SJ_JSON_NAME) != 0;

    if ((s->expect & SJ_JSON_COMMA) != 0 && sj_take(&s->left, ',')) {
        return in_object ? SJ_JSON_NAME : SJ_JSON_VALUE;
    }
    if ((s->expect & SJ_JSON_CLOSER) != 0 &&
        sj_take(&s->left, in_object ? '}' : ']')) {
        return scan_closer(s);
    }
    if ((s->expect & SJ_JSON_COLON) != 0) {
        return sj_take(&s->left, ':') ? SJ_JSON_VALUE : 0;
    }
    if ((s->expect & SJ_JSON_VALUE) != 0 && (first == '{' || first == '[')) {
        return scan_opener(s);
    }
    if ((s->expect & (SJ_JSON_NAME | SJ_JSON_VALUE)) == 0 || !scan_text(s)) {
        return 0;
    }
    return is_name ? SJ_JSON_COLON : after_value(s);
}

bool sj_json_scan(struct sj_json_scan *s)
{
    while (sj_is_one_of(peek(s->left), " \t\n\r")) {
        sj_skip(&s->left, 1);
    }
    if (s->left.len == 0) {
        return false;
    }
    s->expect = scan_one(s);
    return s->expect != 0;
}

/* Encode as UTF-8. Returns the end. */
static char *put_utf8(char *to, uint32_t c)
{
    unsigned lead = 0;
    unsigned shift = 0;

    if (c >= 0x80) {
        lead = 0xc0;
        shift = 6;
    }
    if (c >= 0x800) {
        lead = 0xe0;
        shift = 12;
    }
    if (c >= 0x10000) {
        lead = 0xf0;
        shift = 18;
    }
    *to++ = (char)(lead | c >> shift);
    while (shift > 0) {
        shift -= 6;
        *to++ = (char)(0x80 | (c >> shift & 0x3f));
    }
    return to;
}

/* Decode in place: an escape is never shorter than its character in UTF-8. */
static char *decode(char *text, size_t len)
{
    struct segjob_str left = {text, len};
    uint32_t c;

    for (c = take_char(&left); c != NO_CHAR; c = take_char(&left)) {
        text = put_utf8(text, c);
    }
    return text;
}

static void decode_strings(struct sj_json *json)
{
    for (int i = 0; i < json->len; i++) {
        jsmntok_t *t = token(json, i);

        if (t->type == JSMN_STRING) {
            t->end = (int)(decode(json->text + t->start,
                                  (size_t)(t->end - t->start)) -
                           json->text);
        }
    }
}

/* Set where the tokens begin. Returns how many the room can have. */
static size_t begin_tokens(struct sj_json *json, char *room, size_t cap)
{
    const size_t rest = ((uintptr_t)room + cap) % sizeof(int);

    json->tokens = NULL;
    json->len = 0;
    if (cap < sizeof(jsmntok_t) + rest) {
        return 0;
    }
    json->tokens = room + cap - rest - sizeof(jsmntok_t);
    return (cap - rest) / sizeof(jsmntok_t);
}

enum sj_json_result sj_json_parse(struct sj_json *json, char *text, size_t len,
                                  void *room, size_t cap)
{
    struct sj_json_scan s = {{text, len}, SJ_JSON_VALUE, 1, json,
                             0,           SJ_JSON_NONE};

    json->text = text;
    s.cap = begin_tokens(json, room, cap);
    while (len <= SJ_JSON_LEN_MAX && sj_json_scan(&s)) {
    }
    if (s.expect != SJ_JSON_END) {
        return SJ_JSON_BAD;
    }
    if (s.cap == 0) {
        return SJ_JSON_NO_ROOM;
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
    return is_type(json, value, JSMN_UNDEFINED);
}

int sj_json_first(const struct sj_json *json, int container)
{
    const jsmntok_t *t = token(json, container);

    return container != SJ_JSON_NONE &&
                   (t->type == JSMN_OBJECT || t->type == JSMN_ARRAY) &&
                   t->end != SJ_JSON_NONE
               ? container + 1
               : SJ_JSON_NONE;
}

int sj_json_next(const struct sj_json *json, int item)
{
    return token(json, item)->size;
}

int sj_json_member(const struct sj_json *json, int object, const char *name)
{
    int i = SJ_JSON_NONE;

    if (sj_json_is_object(json, object)) {
        i = sj_json_first(json, object);
    }
    for (; i != SJ_JSON_NONE; i = sj_json_next(json, i)) {
        if (sj_is_text(sj_json_string(json, i), name)) {
            return sj_json_is_null(json, i + 1) ? SJ_JSON_NONE : i + 1;
        }
    }
    return SJ_JSON_NONE;
}

struct segjob_str sj_json_string(const struct sj_json *json, int value)
{
    return text_of(json, value, JSMN_STRING);
}

struct segjob_str sj_json_text(const struct sj_json *json, int object,
                               const char *name)
{
    return sj_json_string(json, sj_json_member(json, object, name));
}

bool sj_json_int32(const struct sj_json *json, int value, int32_t *number)
{
    struct segjob_str s = text_of(json, value, JSMN_PRIMITIVE);
    const bool negative = sj_take(&s, '-');
    const uint32_t sum = segjob_decimal(s);

    if (sum > (uint32_t)INT32_MAX + negative) {
        return false; /* true, a fraction, an exponent, or too large */
    }
    *number = (int32_t)(negative ? -(int64_t)sum : sum);
    return true;
}

/* Take an exponent, if there is one; one that is larger becomes LEN_MAX. */
static int take_exponent(struct segjob_str *s)
{
    bool negative;
    uint32_t exponent;

    if (s->len == 0) {
        return 0;
    }
    sj_skip(s, 1); /* e */
    negative = sj_take(s, '-');
    sj_take(s, '+');
    exponent = segjob_decimal(*s);
    if (exponent > SJ_JSON_LEN_MAX) {
        exponent = SJ_JSON_LEN_MAX;
    }
    return negative ? -(int)exponent : (int)exponent;
}

bool sj_json_millis(const struct sj_json *json, int value, int64_t *ms)
{
    struct segjob_str s = text_of(json, value, JSMN_PRIMITIVE);
    const bool negative = sj_take(&s, '-');
    struct segjob_str digits = s;
    int places = (int)sj_take_digits(&s) + 3; /* whole ones, and of ms */
    uint64_t sum = 0;

    if (places == 3) { /* no number */
        return false;
    }
    if (sj_take(&s, '.')) {
        sj_take_digits(&s);
    }
    digits.len -= s.len;
    for (places += take_exponent(&s); places > 0; places--) {
        unsigned digit = 0;

        sj_take(&digits, '.');
        if (digits.len > 0) {
            digit = (unsigned char)digits.ptr[0] - '0';
            sj_skip(&digits, 1);
        } else if (sum == 0) {
            break;
        }
        if (sum >= UINT64_C(100000000000000000)) {
            return false;
        }
        sum = sum * 10 + digit;
    }
    *ms = negative ? -(int64_t)sum : (int64_t)sum;
    return true;
}
