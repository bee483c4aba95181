#include "put.h"

#include <string.h>

#include "number.h"
#include "text.h"
#include "width_tables.h"

void put_bytes(struct put *put, const char *bytes, size_t n)
{
    put->width += n;
    if (n > put->left) {
        put->left = 0;
        put->is_full = true;
        return;
    }
    put->left -= n;
    if (put->file && n > 0) {
        fwrite(bytes, 1, n, put->file);
    }
}

void put_cstr(struct put *put, const char *text)
{
    put_bytes(put, text, strlen(text));
}

void put_repeat(struct put *put, char c, size_t n)
{
    char bytes[64];

    memset(bytes, c, sizeof(bytes));
    for (; n > sizeof(bytes) && !put->is_full; n -= sizeof(bytes)) {
        put_bytes(put, bytes, sizeof(bytes));
    }
    put_bytes(put, bytes, n < sizeof(bytes) ? n : sizeof(bytes));
}

/* ------------------------------------------------------------ characters */

#define NO_CHARACTER UINT32_MAX

/*
 * The first character, with its length in bytes in `*n`. NO_CHARACTER, and 1,
 * for a byte that begins none (The Unicode Standard, table 3-7).
 */
static uint32_t decode(struct segjob_str text, size_t *n)
{
    static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *at = (const unsigned char *)text.ptr;
    const size_t len = at[0] < 0x80   ? 1
                       : at[0] < 0xc0 ? 0
                       : at[0] < 0xe0 ? 2
                       : at[0] < 0xf0 ? 3
                       : at[0] < 0xf8 ? 4
                                      : 0;
    uint32_t c = len < 2 ? at[0] : at[0] & 0x7fu >> len;

    *n = 1;
    if (len == 0 || len > text.len) {
        return NO_CHARACTER;
    }
    for (size_t i = 1; i < len; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return NO_CHARACTER;
        }
        c = c << 6 | (at[i] & 0x3fu);
    }
    if (c < lowest[len] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
        return NO_CHARACTER;
    }
    *n = len;
    return c;
}

size_t utf8_len(struct segjob_str text)
{
    const char *begin = text.ptr;

    for (size_t n; text.len > 0 && decode(text, &n) != NO_CHARACTER;) {
        text.ptr += n;
        text.len -= n;
    }
    return (size_t)(text.ptr - begin);
}

/* Two columns for ambiguous characters, too: the AWS CLI counts them so. */
static size_t char_width(uint32_t c)
{
    const unsigned char *run = wide_runs;
    uint32_t end = 0;
    bool is_wide = true;

    while (end <= c && run < wide_runs + sizeof(wide_runs)) {
        uint32_t length = 0;

        while (*run & 0x80) {
            length = length << 7 | (*run++ & 0x7fu);
        }
        end += length << 7 | *run++;
        is_wide = !is_wide;
    }
    return end > c && is_wide ? 2 : 1;
}

/* Bytes at the start that are printable ASCII and none of `special`. */
static size_t plain_len(struct segjob_str text, const char *special)
{
    size_t n = 0;

    while (n < text.len && text.ptr[n] >= ' ' && text.ptr[n] < 0x7f &&
           !strchr(special, text.ptr[n])) {
        n++;
    }
    return n;
}

static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

static void put_hex(struct put *put, const char *format, unsigned number)
{
    char text[16];

    text_format(text, sizeof(text), format, number);
    put_cstr(put, text);
}

/* How a text shows what must not be written as it is. */
typedef void escape_function(struct put *put, uint32_t c, const char *bytes,
                             size_t n);

/* Texts of ASCII in pieces, others by characters. */
static void put_escaped(struct put *put, struct segjob_str text,
                        const char *special, escape_function *escape)
{
    size_t n;

    for (; text.len > 0 && !put->is_full; text.ptr += n, text.len -= n) {
        const size_t width = put->width;
        uint32_t c;

        n = plain_len(text, special);
        if (n > 0) {
            put_bytes(put, text.ptr, n);
            continue;
        }
        c = decode(text, &n);
        if (c < 0x7f || is_control(c) || c == NO_CHARACTER) {
            escape(put, c, text.ptr, n);
            continue;
        }
        put_bytes(put, text.ptr, n);
        put->width = width + char_width(c);
    }
}

static void escape_text(struct put *put, uint32_t c, const char *bytes,
                        size_t n)
{
    if (put->is_text && (c == '\n' || c == '\t')) {
        put_bytes(put, bytes, n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        put_hex(put, "\\x%02x", (unsigned char)bytes[i]);
    }
}

void put_text(struct put *put, struct segjob_str text)
{
    put_escaped(put, text, "", escape_text);
}

/* A backslash before one of `chars`, with the letter for it. */
static bool put_letter(struct put *put, uint32_t c, const char *chars,
                       const char *letters)
{
    const char *at = c > 0 && c < 0x7f ? strchr(chars, (int)c) : NULL;

    if (!at) {
        return false;
    }
    put_bytes(put, "\\", 1);
    put_bytes(put, letters + (at - chars), 1);
    return true;
}

static void escape_json(struct put *put, uint32_t c, const char *bytes,
                        size_t n)
{
    (void)bytes;
    (void)n;
    if (!put_letter(put, c, "\"\\\b\f\n\r\t", "\"\\bfnrt")) {
        put_hex(put, "\\u%04x", c == NO_CHARACTER ? 0xfffd : (unsigned)c);
    }
}

void put_json_string(struct put *put, struct segjob_str text)
{
    put_bytes(put, "\"", 1);
    put_escaped(put, text, "\"\\", escape_json);
    put_bytes(put, "\"", 1);
}

/* ---------------------------------------------------------------- Python */

static void escape_python(struct put *put, uint32_t c, const char *bytes,
                          size_t n)
{
    (void)n;
    if (!put_letter(put, c, "'\\\n\r\t", "'\\nrt")) {
        put_hex(put, "\\x%02x",
                c == NO_CHARACTER ? (unsigned char)*bytes : (unsigned)c);
    }
}

/* A string in the quotes that need no escape, if there are such. */
static void put_quoted(struct put *put, struct segjob_str text)
{
    const bool has_single = text.len > 0 && memchr(text.ptr, '\'', text.len);
    const bool has_double = text.len > 0 && memchr(text.ptr, '"', text.len);
    const char *quote = has_single && !has_double ? "\"" : "'";

    put_cstr(put, quote);
    put_escaped(put, text, *quote == '"' ? "\\" : "'\\", escape_python);
    put_cstr(put, quote);
}

static void put_repr(struct put *put, const struct value *value)
{
    const bool is_object = value->type == VALUE_OBJECT;

    if (value->type == VALUE_STRING) {
        put_quoted(put, value->text);
        return;
    }
    if (value_is_scalar(value)) {
        put_value(put, value);
        return;
    }
    put_cstr(put, is_object ? "{" : "[");
    for (const struct value *v = value->first; v; v = v->next) {
        if (is_object) {
            put_quoted(put, v->name);
            put_cstr(put, ": ");
        }
        put_repr(put, v);
        put_cstr(put, v->next ? ", " : "");
    }
    put_cstr(put, is_object ? "}" : "]");
}

void put_value(struct put *put, const struct value *value)
{
    switch (value->type) {
    case VALUE_NULL:
        put_cstr(put, "None");
        return;
    case VALUE_FALSE:
        put_cstr(put, "False");
        return;
    case VALUE_TRUE:
        put_cstr(put, "True");
        return;
    case VALUE_NUMBER:
        put_text(put, number_python_text(value));
        return;
    case VALUE_STRING:
        put_text(put, value->text);
        return;
    case VALUE_ARRAY:
    case VALUE_OBJECT:
        break;
    }
    put_repr(put, value);
}

size_t value_width(const struct value *value)
{
    struct put measure = {.left = PUT_MAX};

    put_value(&measure, value);
    return measure.width;
}
