#include "shorthand.h"

#include <string.h>

/*
 * `member` is a name and its value. A value without quotation marks may contain
 * other characters where it begins, where it goes on, and in a list without
 * brackets: there an equals sign ends it, since it was a name.
 *
 *   structure  member *("," member)
 *   member     name "=" (list / hash / plain *("," plain))
 *   list       "[" *((list / hash / plain) ",") "]"
 *   hash       "{" *(name "=" (list / hash / plain) ",") "}"
 */
struct reader {
    const char *begin, *p;
    unsigned depth;
    const char *what; /* why it failed */
};

static struct value *read_inner(struct reader *r);

static struct value *refuse(struct reader *r, const char *what)
{
    r->what = what;
    return NULL;
}

/* Python's, of ASCII. */
#define SPACES " \t\n\r\v\f\x1c\x1d\x1e\x1f"

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c);
}

static void skip_space(struct reader *r)
{
    r->p += strspn(r->p, " \t\n\r\v\f");
}

/* Skip spaces on both sides of this character. */
static bool take(struct reader *r, char c)
{
    skip_space(r);
    if (*r->p != c) {
        return false;
    }
    r->p++;
    skip_space(r);
    return true;
}

static struct segjob_str read_name(struct reader *r)
{
    static const char set[] = "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789-_.#/:";
    const struct segjob_str name = {r->p, strspn(r->p, set)};

    r->p += name.len;
    return name;
}

/* The part of a text without quotation marks, with `\,` for a comma. */
static struct value *copy_plain(const char *begin, const char *end)
{
    char *bytes = value_memory((size_t)(end - begin) + 1);
    size_t len = 0;

    for (const char *p = begin; p < end; p++) {
        if (*p == '\\' && p + 1 < end && p[1] == ',') {
            p++;
        }
        bytes[len++] = *p;
    }
    while (len > 0 && is_one_of(bytes[len - 1], SPACES)) {
        len--;
    }
    return value_string((struct segjob_str){bytes, len});
}

/*
 * Whether a text without quotation marks ends here: before a character of
 * `ends`, a control character, or one beyond Unicode's first plane, as the AWS
 * CLI has it; and where it begins, before a space.
 */
static bool is_end(char c, bool is_first, const char *ends)
{
    if (is_one_of(c, SPACES)) {
        return is_first;
    }
    return (unsigned char)c < 0x20 || (unsigned char)c >= 0xf0 ||
           is_one_of(c, is_first ? "\"',=[{" : ends);
}

static struct value *read_plain(struct reader *r, const char *ends)
{
    const char *begin = r->p;

    while (*r->p != '\0') {
        if (r->p[0] == '\\' && r->p[1] == ',') {
            r->p += 2;
        } else if (is_end(*r->p, r->p == begin, ends)) {
            break;
        } else {
            r->p++;
        }
    }
    return copy_plain(begin, r->p);
}

/*
 * The quotation mark that ends the text at `p`: the first without a backslash
 * before it; or the last one, if each has one. NULL if there is none.
 */
static const char *find_end(const char *p, char mark)
{
    const char *last = NULL;

    for (; *p != '\0' && *p != mark; p++) {
        if (*p == '\\' && (p[1] == mark || p[1] == '\\')) {
            p++;
            last = *p == mark ? p : last;
        }
    }
    return *p == mark ? p : last;
}

/* A text in quotation marks, in which a backslash precedes one, or itself. */
static struct value *read_quoted(struct reader *r)
{
    const char mark = *r->p;
    const char *p = r->p + 1, *end = find_end(p, mark);
    char *bytes;
    size_t len = 0;

    if (!end) {
        return refuse(r, "the quotation mark that ends it");
    }
    bytes = value_memory((size_t)(end - p) + 1);
    while (p < end) {
        if (*p == '\\' && p + 1 < end && (p[1] == mark || p[1] == '\\')) {
            p++;
        }
        bytes[len++] = *p++;
    }
    r->p = end + 1;
    return value_string((struct segjob_str){bytes, len});
}

/* A value, the first where there may be several; it may be empty. */
static struct value *read_first(struct reader *r)
{
    if (is_one_of(*r->p, "'\"")) {
        return read_quoted(r);
    }
    return read_plain(r, "\"',]}");
}

/* A further value of a list without brackets; NULL if this is none. */
static struct value *read_second(struct reader *r)
{
    const char *begin = r->p;
    struct value *value;

    if (is_one_of(*r->p, "'\"")) {
        return read_quoted(r);
    }
    value = read_plain(r, "\"',=");
    return r->p > begin ? value : NULL;
}

/* What follows is a name: the AWS CLI reads on at the last comma before it. */
static void back_to_comma(struct reader *r)
{
    while (*r->p != ',') {
        r->p--;
    }
}

/* A value, or several: `a,b,c=d` has two, and a comma before the next name. */
static struct value *read_values(struct reader *r)
{
    struct value *first = read_first(r);
    struct value *list = value_new(VALUE_ARRAY);

    skip_space(r);
    if (!first || *r->p != ',') {
        return first;
    }
    value_append(list, value_copy(first));
    while (*r->p == ',') {
        struct value *next;

        take(r, ',');
        next = read_second(r);
        skip_space(r);
        if (!next || (*r->p != '\0' && *r->p != ',')) {
            if (*r->p == '\0') {
                return refuse(r, "a value after the comma");
            }
            r->what = NULL;
            back_to_comma(r);
            break;
        }
        value_append(list, next);
    }
    return value_count(list) == 1 ? first : list;
}

static struct value *read_list(struct reader *r)
{
    struct value *list = value_new(VALUE_ARRAY);

    take(r, '[');
    while (*r->p != ']') {
        struct value *element = *r->p ? read_inner(r) : NULL;

        if (!element) {
            return r->what ? NULL : refuse(r, "a ]");
        }
        value_append(list, element);
        if (!take(r, ',') && *r->p != ']') {
            return refuse(r, "a comma or a ]");
        }
    }
    r->p++;
    return list;
}

static struct value *read_hash(struct reader *r)
{
    struct value *hash = value_new(VALUE_OBJECT);
    unsigned members = 0;

    take(r, '{');
    while (*r->p != '}') {
        const struct segjob_str name = read_name(r);
        struct value *member;

        if (!take(r, '=')) {
            return refuse(r, "a name and an equals sign, or a }");
        }
        if (members++ == VALUE_MEMBERS_MAX) {
            return refuse(r, "fewer members");
        }
        member = *r->p ? read_inner(r) : NULL;
        if (!member) {
            return r->what ? NULL : refuse(r, "a value");
        }
        value_set(hash, name, member);
        if (!take(r, ',') && *r->p != '}') {
            return refuse(r, "a comma or a }");
        }
    }
    r->p++;
    return hash;
}

/* A value in brackets or braces, or one inside of them. */
static struct value *read_inner(struct reader *r)
{
    struct value *value;

    if (!is_one_of(*r->p, "[{")) {
        return read_first(r);
    }
    if (r->depth == VALUE_DEPTH_MAX) {
        return refuse(r, "fewer brackets in each other");
    }
    r->depth++;
    value = *r->p == '[' ? read_list(r) : read_hash(r);
    r->depth--;
    return value;
}

static bool read_member(struct reader *r, struct value *structure)
{
    const struct segjob_str name = read_name(r);
    struct value *member;

    if (!take(r, '=')) {
        refuse(r, "a name and an equals sign");
        return false;
    }
    if (value_member(structure, name)) {
        refuse(r, "another name: this one was there before");
        return false;
    }
    member = is_one_of(*r->p, "[{") ? read_inner(r) : read_values(r);
    if (member) {
        value_set(structure, name, member);
    }
    return member != NULL;
}

struct value *shorthand_read(const char *text, struct value_error *error)
{
    struct reader r = {.begin = text, .p = text, .depth = 1};
    struct value *structure = value_new(VALUE_OBJECT);
    unsigned members = 0;

    while (read_member(&r, structure)) {
        if (members++ == VALUE_MEMBERS_MAX) {
            refuse(&r, "fewer members");
            break;
        }
        if (*r.p == '\0') {
            return structure;
        }
        if (!take(&r, ',')) {
            refuse(&r, "a comma");
            break;
        }
    }
    *error = (struct value_error){(size_t)(r.p - r.begin), r.what};
    return NULL;
}
