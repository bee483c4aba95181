#include "value.h"

#include <string.h>

#include "text.h"

/* ---------------------------------------------------------------- values */

struct value *value_new(enum value_type type)
{
    struct value *value = value_memory(sizeof(*value));

    value->type = type;
    return value;
}

struct value *value_bool(bool is_true)
{
    return value_new(is_true ? VALUE_TRUE : VALUE_FALSE);
}

static struct segjob_str text_copy(struct segjob_str text)
{
    char *bytes = value_memory(text.len + 1);
    const struct segjob_str copy = {bytes, text.len};

    if (text.len > 0) {
        memcpy(bytes, text.ptr, text.len);
    }
    return copy;
}

struct value *value_integer(int64_t number)
{
    struct value *value = value_new(VALUE_NUMBER);
    char text[24];

    text_format(text, sizeof(text), "%lld", (long long)number);
    value->text = text_copy(segjob_cstr(text));
    return value;
}

struct value *value_string(struct segjob_str text)
{
    struct value *value = value_new(VALUE_STRING);

    value->text = text_copy(text);
    return value;
}

struct value *value_cstr(const char *text)
{
    return value_string(segjob_cstr(text));
}

struct value *value_copy(const struct value *value)
{
    struct value *copy = value_new(value->type);

    *copy = *value;
    copy->name = (struct segjob_str){NULL, 0};
    copy->next = NULL;
    return copy;
}

void value_append(struct value *array, struct value *element)
{
    if (array->last) {
        array->last->next = element;
    } else {
        array->first = element;
    }
    array->last = element;
}

static bool is_same(struct segjob_str a, struct segjob_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

struct value *value_member(const struct value *object, struct segjob_str name)
{
    struct value *member = object->type == VALUE_OBJECT ? object->first : NULL;

    while (member && !is_same(member->name, name)) {
        member = member->next;
    }
    return member;
}

void value_set(struct value *object, struct segjob_str name,
               struct value *member)
{
    struct value *old = value_member(object, name);

    if (!old) {
        member->name = text_copy(name);
        value_append(object, member);
        return;
    }
    member->name = old->name;
    member->next = old->next;
    *old = *member;
}

size_t value_count(const struct value *value)
{
    size_t count = 0;

    for (const struct value *v = value->first; v; v = v->next) {
        count++;
    }
    return count;
}

bool value_is_scalar(const struct value *value)
{
    return value->type != VALUE_ARRAY && value->type != VALUE_OBJECT;
}

bool value_is(struct segjob_str text, const char *other)
{
    return is_same(text, segjob_cstr(other));
}

/* --------------------------------------------------------------- reading */

const char value_too_deep[] = "it is nested too deep";

struct reader {
    const char *begin, *p, *end;
    unsigned depth;
    const char *what; /* why it failed */
};

static struct value *read_value(struct reader *r);

static struct value *refuse(struct reader *r, const char *what)
{
    if (!r->what) {
        r->what = what;
    }
    return NULL;
}

static void skip_space(struct reader *r)
{
    while (r->p < r->end && strchr(" \t\r\n", *r->p) && *r->p != '\0') {
        r->p++;
    }
}

/* Skip spaces, and then this character if it is there. */
static bool take(struct reader *r, char c)
{
    skip_space(r);
    if (r->p == r->end || *r->p != c) {
        return false;
    }
    r->p++;
    return true;
}

static bool take_word(struct reader *r, const char *word)
{
    const size_t n = strlen(word);

    if ((size_t)(r->end - r->p) < n || memcmp(r->p, word, n) != 0) {
        return false;
    }
    r->p += n;
    return true;
}

/* Four hexadecimal digits; UINT32_MAX if they are not. */
static uint32_t read_hex(struct reader *r)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    uint32_t number = 0;

    for (int i = 0; i < 4; i++) {
        const char *digit =
            r->p < r->end && *r->p ? strchr(digits, *r->p) : NULL;

        if (!digit) {
            return UINT32_MAX;
        }
        number = number * 16 + (uint32_t)(digit - digits) % 16;
        r->p++;
    }
    return number;
}

static char *put_utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xc0 | c >> 6);
        *to++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *to++ = (char)(0xe0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    } else {
        *to++ = (char)(0xf0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 0x3f));
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    }
    return to;
}

/* What stands after \u, a pair of surrogates as one character. */
static char *read_unicode(struct reader *r, char *to)
{
    uint32_t c = read_hex(r);

    if (c >= 0xd800 && c < 0xdc00 && take_word(r, "\\u")) {
        const uint32_t low = read_hex(r);

        c = low >= 0xdc00 && low < 0xe000
                ? 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff)
                : UINT32_MAX;
    }
    if (c == 0 || c == UINT32_MAX || (c >= 0xd800 && c < 0xe000)) {
        refuse(r, "this escape is no character");
        return NULL;
    }
    return put_utf8(to, c);
}

static char *read_escape(struct reader *r, char *to)
{
    static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char *name = r->p < r->end && *r->p ? strchr(names, *r->p) : NULL;

    if (name) {
        r->p++;
        *to++ = meant[name - names];
        return to;
    }
    if (take_word(r, "u")) {
        return read_unicode(r, to);
    }
    refuse(r, "there is no such escape");
    return NULL;
}

/* The bytes up to the quotation mark that ends a string, or to the end. */
static size_t raw_len(const struct reader *r)
{
    const char *p = r->p;

    while (p < r->end && *p != '"') {
        p += *p == '\\' && p + 1 < r->end ? 2 : 1;
    }
    return (size_t)(p - r->p);
}

/* What stands after the first quotation mark; decoded, it is never longer. */
static bool read_text(struct reader *r, struct segjob_str *text)
{
    char *begin = value_memory(raw_len(r) + 1);
    char *to = begin;

    while (to && r->p < r->end && *r->p != '"') {
        if ((unsigned char)*r->p < 0x20) {
            refuse(r, "a control character must be escaped");
            return false;
        }
        if (*r->p != '\\') {
            *to++ = *r->p++;
        } else {
            r->p++;
            to = read_escape(r, to);
        }
    }
    if (!to) {
        return false;
    }
    if (r->p == r->end) {
        refuse(r, "a string does not end");
        return false;
    }
    r->p++;
    *text = (struct segjob_str){begin, (size_t)(to - begin)};
    return true;
}

static size_t skip_digits(struct reader *r)
{
    const char *begin = r->p;

    while (r->p < r->end && *r->p >= '0' && *r->p <= '9') {
        r->p++;
    }
    return (size_t)(r->p - begin);
}

static struct value *read_number(struct reader *r)
{
    const char *begin = r->p;
    struct value *value;

    take_word(r, "-");
    if (!take_word(r, "0") && skip_digits(r) == 0) {
        return refuse(r, "a JSON value is expected");
    }
    if (take_word(r, ".") && skip_digits(r) == 0) {
        return refuse(r, "a digit is expected");
    }
    if (take_word(r, "e") || take_word(r, "E")) {
        if (!take_word(r, "-")) {
            take_word(r, "+");
        }
        if (skip_digits(r) == 0) {
            return refuse(r, "a digit is expected");
        }
    }
    value = value_new(VALUE_NUMBER);
    value->text = text_copy((struct segjob_str){begin, (size_t)(r->p - begin)});
    return value;
}

static struct value *read_array(struct reader *r)
{
    struct value *array = value_new(VALUE_ARRAY);

    if (take(r, ']')) {
        return array;
    }
    do {
        struct value *element = read_value(r);

        if (!element) {
            return NULL;
        }
        value_append(array, element);
    } while (take(r, ','));
    return take(r, ']') ? array : refuse(r, "a comma or ] is expected");
}

static struct value *read_member(struct reader *r, struct value *object)
{
    struct segjob_str name;
    struct value *member;

    if (!take(r, '"')) {
        return refuse(r, "a name in quotation marks is expected");
    }
    if (!read_text(r, &name)) {
        return NULL;
    }
    if (!take(r, ':')) {
        return refuse(r, "a colon is expected");
    }
    member = read_value(r);
    if (member) {
        value_set(object, name, member);
    }
    return member;
}

static struct value *read_object(struct reader *r)
{
    struct value *object = value_new(VALUE_OBJECT);
    unsigned members = 0;

    if (take(r, '}')) {
        return object;
    }
    do {
        if (members++ == VALUE_MEMBERS_MAX) {
            return refuse(r, "it has too many members");
        }
        if (!read_member(r, object)) {
            return NULL;
        }
    } while (take(r, ','));
    return take(r, '}') ? object : refuse(r, "a comma or } is expected");
}

static struct value *read_nested(struct reader *r, bool is_array)
{
    struct value *value;

    if (r->depth == VALUE_DEPTH_MAX) {
        return refuse(r, value_too_deep);
    }
    r->depth++;
    value = is_array ? read_array(r) : read_object(r);
    r->depth--;
    return value;
}

static struct value *read_value(struct reader *r)
{
    struct value *value;

    skip_space(r);
    if (take_word(r, "null")) {
        return value_new(VALUE_NULL);
    }
    if (take_word(r, "true")) {
        return value_bool(true);
    }
    if (take_word(r, "false")) {
        return value_bool(false);
    }
    if (take_word(r, "[")) {
        return read_nested(r, true);
    }
    if (take_word(r, "{")) {
        return read_nested(r, false);
    }
    if (take_word(r, "\"")) {
        value = value_new(VALUE_STRING);
        return read_text(r, &value->text) ? value : NULL;
    }
    return read_number(r);
}

struct value *value_read(const char *text, size_t n, struct value_error *error)
{
    struct reader r = {.begin = text, .p = text, .end = text + n};
    struct value *value = read_value(&r);

    skip_space(&r);
    if (value && r.p != r.end) {
        value = refuse(&r, "more follows the value");
    }
    if (!value) {
        error->at = (size_t)(r.p - r.begin);
        error->what = r.what;
    }
    return value;
}
