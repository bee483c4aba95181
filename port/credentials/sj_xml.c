#include "sj_xml.h"

#include <string.h>

#include "segjob_text.h"

#define CODE_POINT_MAX 0x10ffffu

struct reader {
    char *at;
    const char *end;
    struct segjob_str open[SJ_XML_DEPTH]; /* names of the open elements */
    size_t depth;
    struct segjob_str text; /* the text before `at`, up to the last tag */
    bool is_leaf;           /* that tag began an element */
    struct sj_xml_text *texts;
    size_t texts_len;
};

/* ------------------------------------------------------------- characters */

/* XML 1.0, production 2. */
static bool is_char(uint32_t c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= ' ' && c < 0xd800) ||
           (c > 0xdfff && c < 0xfffe) || (c > 0xffff && c <= CODE_POINT_MAX);
}

static bool are_chars(struct segjob_str s)
{
    uint32_t c;

    while (s.len > 0) {
        if (!segjob_utf8_next(&s, &c) || !is_char(c)) {
            return false;
        }
    }
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_same(struct segjob_str a, struct segjob_str b)
{
    return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

static bool is_text(struct segjob_str s, const char *text)
{
    return is_same(s, segjob_cstr(text));
}

/* ------------------------------------------------------------------ tokens */

/* The byte at `at`, NUL at the end. No document contains a NUL. */
static char peek(const struct reader *r)
{
    return r->at < r->end ? *r->at : '\0';
}

static bool begins_with(const struct reader *r, const char *text)
{
    const size_t n = strlen(text);

    return (size_t)(r->end - r->at) >= n && memcmp(r->at, text, n) == 0;
}

static bool take(struct reader *r, const char *text)
{
    if (!begins_with(r, text)) {
        return false;
    }
    r->at += strlen(text);
    return true;
}

static bool take_blanks(struct reader *r)
{
    const char *begin = r->at;

    while (is_blank(peek(r))) {
        r->at++;
    }
    return r->at > begin;
}

static bool take_name(struct reader *r, struct segjob_str *name)
{
    const char first = peek(r);

    name->ptr = r->at;
    while (segjob_is_alnum(peek(r)) || peek(r) == '_' || peek(r) == '-' ||
           peek(r) == '.') {
        r->at++;
    }
    name->len = (size_t)(r->at - name->ptr);
    return name->len > 0 && !segjob_is_digit(first) && first != '-' &&
           first != '.';
}

/* -------------------------------------------------------------- references */

/* Write a character, in fewer bytes than its reference has. */
static char *put(char *to, uint32_t c)
{
    unsigned shift = c < 0x80 ? 0 : c < 0x800 ? 6 : c < 0x10000 ? 12 : 18;
    static const unsigned char leads[] = {0, 0xc0, 0xe0, 0xf0};

    *to++ = (char)(leads[shift / 6] | c >> shift);
    while (shift > 0) {
        shift -= 6;
        *to++ = (char)(0x80u | (c >> shift & 0x3fu));
    }
    return to;
}

/* The number of a character, after `&#`. */
static bool take_number(struct reader *r, uint32_t *c)
{
    const unsigned base = take(r, "x") ? 16 : 10;
    const char *begin = r->at;

    *c = 0;
    while (segjob_hex_value(peek(r)) < base && *c <= CODE_POINT_MAX) {
        *c = *c * base + segjob_hex_value(peek(r));
        r->at++;
    }
    return r->at > begin && is_char(*c);
}

/* A reference, after its `&`. */
static bool take_reference(struct reader *r, uint32_t *c)
{
    static const struct {
        const char *name;
        char c;
    } entities[] = {
        {"amp;", '&'},  {"lt;", '<'},    {"gt;", '>'},
        {"quot;", '"'}, {"apos;", '\''},
    };
    size_t i;

    if (take(r, "#")) {
        return take_number(r, c) && take(r, ";");
    }
    for (i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
        if (take(r, entities[i].name)) {
            *c = (unsigned char)entities[i].c;
            return true;
        }
    }
    return false;
}

/* -------------------------------------------------------------------- text */

/* Copy one character to `*to`, which is at or before `at`. */
static bool take_char(struct reader *r, char **to)
{
    uint32_t c;

    if (take(r, "&")) {
        if (!take_reference(r, &c)) {
            return false;
        }
        *to = put(*to, c);
        return true;
    }
    c = (unsigned char)*r->at;
    if (!take(r, "\r\n")) {
        r->at++;
    }
    /* A line ends in LF, CR LF or CR (section 2.11). */
    *(*to)++ = c == '\r' ? '\n' : (char)c;
    return true;
}

/* Decode text up to `end`, which does not belong to it. */
static bool take_text(struct reader *r, char end, struct segjob_str *text)
{
    char *const begin = r->at;
    char *to = begin;

    while (peek(r) != end) {
        if (peek(r) == '\0' || peek(r) == '<' ||
            (end == '<' && begins_with(r, "]]>")) || !take_char(r, &to)) {
            return false;
        }
    }
    text->ptr = begin;
    text->len = (size_t)(to - begin);
    return true;
}

static bool take_attribute(struct reader *r, struct segjob_str *name,
                           struct segjob_str *value)
{
    char quote;

    if (!take_name(r, name)) {
        return false;
    }
    (void)take_blanks(r);
    if (!take(r, "=")) {
        return false;
    }
    (void)take_blanks(r);
    quote = peek(r);
    if (quote != '"' && quote != '\'') {
        return false;
    }
    r->at++;
    if (!take_text(r, quote, value)) {
        return false;
    }
    r->at++;
    return true;
}

/* ---------------------------------------------------------------- document */

static const struct {
    const char *name;
    const char *values[2];
} declared[] = {
    {"version", {"1.0", "1.0"}},
    {"encoding", {"UTF-8", "utf-8"}},
    {"standalone", {"yes", "no"}},
};

#define DECLARED (sizeof(declared) / sizeof(declared[0]))

/* Take a value of the declaration, number `*i` or later. */
static bool take_declared(struct reader *r, size_t *i)
{
    struct segjob_str name, value;

    if (!take_attribute(r, &name, &value)) {
        return false;
    }
    while (*i < DECLARED && !is_text(name, declared[*i].name)) {
        ++*i;
    }
    return *i < DECLARED && value.ptr + value.len + 1 == r->at && /* literal */
           (is_text(value, declared[*i].values[0]) ||
            is_text(value, declared[*i].values[1]));
}

static bool take_declaration(struct reader *r)
{
    bool has_version = false;
    size_t i = 0;

    if (!take(r, "<?xml")) {
        return true;
    }
    while (take_blanks(r) && peek(r) != '?') {
        if (!take_declared(r, &i)) {
            return false;
        }
        has_version = has_version || i == 0;
        i++;
    }
    return has_version && take(r, "?>");
}

/* Whether the open elements are those of this path. */
static bool is_at(const struct reader *r, const char *path)
{
    size_t i;

    for (i = 0; i < r->depth; i++) {
        const struct segjob_str name = r->open[i];

        if (strncmp(path, name.ptr, name.len) != 0 ||
            path[name.len] != (i + 1 < r->depth ? '/' : '\0')) {
            return false;
        }
        path += name.len + 1;
    }
    return true;
}

static bool close_element(struct reader *r)
{
    size_t i;

    for (i = 0; i < r->texts_len; i++) {
        struct sj_xml_text *wanted = &r->texts[i];

        if (is_at(r, wanted->path)) {
            if (!r->is_leaf || wanted->text.ptr != NULL) {
                return false;
            }
            wanted->text = r->text;
        }
    }
    r->is_leaf = false;
    r->depth--;
    return true;
}

/* Open an element, after its name; close it as well if it is empty. */
static bool open_element(struct reader *r, struct segjob_str name)
{
    struct segjob_str attribute, value;

    if (r->depth == SJ_XML_DEPTH) {
        return false;
    }
    r->open[r->depth++] = name;
    r->is_leaf = true;
    if (take_blanks(r) && peek(r) != '>' && peek(r) != '/' &&
        !take_attribute(r, &attribute, &value)) {
        return false;
    }
    (void)take_blanks(r);
    if (take(r, "/>")) {
        r->text.ptr = r->at;
        r->text.len = 0;
        return close_element(r);
    }
    return take(r, ">");
}

static bool take_tag(struct reader *r)
{
    struct segjob_str name;

    if (!take(r, "</")) {
        return take(r, "<") && take_name(r, &name) && open_element(r, name);
    }
    if (r->depth == 0 || !take_name(r, &name) ||
        !is_same(name, r->open[r->depth - 1])) {
        return false;
    }
    (void)take_blanks(r);
    return take(r, ">") && close_element(r);
}

static bool take_root(struct reader *r)
{
    do {
        if (!take_tag(r)) {
            return false;
        }
    } while (r->depth > 0 && take_text(r, '<', &r->text));
    return r->depth == 0;
}

static bool take_document(struct reader *r)
{
    if (!take_declaration(r)) {
        return false;
    }
    (void)take_blanks(r);
    if (!take_root(r)) {
        return false;
    }
    (void)take_blanks(r);
    return r->at == r->end;
}

static void set_absent(struct sj_xml_text *texts, size_t n)
{
    const struct segjob_str absent = {NULL, 0};
    size_t i;

    for (i = 0; i < n; i++) {
        texts[i].text = absent;
    }
}

bool sj_xml_read(char *buf, size_t len, struct sj_xml_text *texts, size_t n)
{
    const struct segjob_str document = {buf, len};
    struct reader r = {.at = buf, .end = buf + len, .texts = texts};

    r.texts_len = n;
    set_absent(texts, n);
    if (!are_chars(document) || !take_document(&r)) {
        set_absent(texts, n);
        return false;
    }
    return true;
}
