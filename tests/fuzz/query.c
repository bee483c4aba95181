/*
 * JMESPath: the first line is the expression, and the rest is the document, or
 * null if that is no JSON. And shorthand: all of it.
 *
 * Whatever they are, reading and evaluating end. An error has a text and an
 * offset in the expression. A result is nested as little as value_read()
 * allows, and its JSON reads as the same value. Every piece of memory has
 * watched bounds.
 */
#include "fuzz.h"

#include "output.h"
#include "query.h"
#include "shorthand.h"

#define PRINTED_MAX 200000u /* bytes; of more, not all is printed */

/* ---------------------------------------------------------------- memory */

union piece {
    union piece *before;
    int64_t number;
    double real;
};

static union piece *pieces;

void *value_memory(size_t n)
{
    union piece *piece = NULL;

    REQUIRE(n < SIZE_MAX / 2);
    piece = calloc(1, sizeof(*piece) + n);
    REQUIRE(piece != NULL);
    piece->before = pieces;
    pieces = piece;
    return piece + 1;
}

static void free_all(void)
{
    while (pieces != NULL) {
        union piece *before = pieces->before;

        free(pieces);
        pieces = before;
    }
}

/* --------------------------------------------------------------- printing */

struct printer {
    char *text;
    size_t len, cap;
};

static void print(struct printer *p, const char *s, size_t n)
{
    if (n <= p->cap - p->len) {
        memcpy(p->text + p->len, s, n);
        p->len += n;
    } else {
        p->cap = p->len;
    }
}

static void print_string(struct printer *p, struct segjob_str s)
{
    print(p, "\"", 1);
    for (size_t i = 0; i < s.len; i++) {
        const unsigned char c = (unsigned char)s.ptr[i];
        char escape[8];

        if (c < ' ' || c == '"' || c == '\\') {
            snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)c);
            print(p, escape, 6);
        } else {
            print(p, s.ptr + i, 1);
        }
    }
    print(p, "\"", 1);
}

static void print_value(struct printer *p, const struct value *value,
                        unsigned depth)
{
    static const char *const words[] = {"null", "false", "true"};
    const bool is_object = value->type == VALUE_OBJECT;

    if (value->type == VALUE_STRING) {
        print_string(p, value->text);
    } else if (value->type == VALUE_NUMBER) {
        REQUIRE(value->text.len == strlen(value->text.ptr));
        print(p, value->text.ptr, value->text.len);
    } else if (value->type < VALUE_NUMBER) {
        print(p, words[value->type], strlen(words[value->type]));
    } else {
        REQUIRE(depth < VALUE_DEPTH_MAX);
        print(p, is_object ? "{" : "[", 1);
        for (const struct value *v = value->first; v && p->len < p->cap;
             v = v->next) {
            if (is_object) {
                print_string(p, v->name);
                print(p, ":", 1);
            }
            print_value(p, v, depth + 1);
            print(p, ",", v->next != NULL);
            REQUIRE(v->next != NULL || v == value->last);
        }
        print(p, is_object ? "}" : "]", 1);
    }
}

static struct printer printed(const struct value *value)
{
    struct printer p = {malloc(PRINTED_MAX), 0, PRINTED_MAX};

    REQUIRE(p.text != NULL);
    print_value(&p, value, 0);
    return p;
}

/* ------------------------------------------------------------------ checks */

static void check_result(const struct value *result)
{
    struct printer once = printed(result);
    struct value_error error;
    const struct value *again;

    if (once.len < once.cap) {
        struct printer twice;

        again = value_read(once.text, once.len, &error);
        REQUIRE(again != NULL);
        twice = printed(again);
        REQUIRE(twice.len == once.len);
        REQUIRE(memcmp(twice.text, once.text, once.len) == 0);
        free(twice.text);
    }
    free(once.text);
}

static void check(const char *expression, size_t n,
                  const struct value *document)
{
    struct value_error error;
    const struct query *query = query_read(expression, &error);
    const struct value *result;

    REQUIRE((query == NULL) == (error.what != NULL));
    REQUIRE(error.at <= n);
    if (query == NULL) {
        return;
    }
    result = query_run(query, document, &error);
    REQUIRE((result == NULL) == (error.what != NULL));
    REQUIRE(error.at <= n);
    if (result != NULL) {
        check_result(result);
    }
}

static void check_shorthand(const char *text, size_t n)
{
    char *copy = malloc(n + 1);
    struct value_error error;
    const struct value *structure;

    REQUIRE(copy != NULL);
    if (n > 0) {
        memcpy(copy, text, n);
    }
    copy[n] = '\0';
    structure = shorthand_read(copy, &error);
    if (structure != NULL) {
        REQUIRE(structure->type == VALUE_OBJECT);
        check_result(structure);
    } else {
        REQUIRE(error.what != NULL && error.at <= strlen(copy));
    }
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const char *text = (const char *)bytes;
    const char *end = n > 0 ? memchr(text, '\n', n) : NULL;
    const size_t line = end ? (size_t)(end - text) : n;
    const size_t rest = end ? n - line - 1 : 0;
    char *expression = malloc(line + 1);
    struct value_error error;
    const struct value *document = NULL;

    REQUIRE(expression != NULL);
    if (line > 0) {
        memcpy(expression, text, line);
    }
    expression[line] = '\0';
    if (rest > 0) {
        document = value_read(end + 1, rest, &error);
    }
    check(expression, strlen(expression),
          document ? document : value_new(VALUE_NULL));
    check_shorthand(text, n);
    free(expression);
    free_all();
    return 0;
}
