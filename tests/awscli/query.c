/*
 * Evaluate JMESPath expressions, for test_query.py. A line of standard input is
 *
 *     {"expression": TEXT, "document": VALUE}
 *
 * and its answer is a line of JSON, one of
 *
 *     {"result": VALUE}
 *     {"error": OFFSET, "what": TEXT}   it is no expression
 *     {"failed": TEXT, "at": OFFSET}    it cannot be evaluated
 */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "query.h"

static void print_string(struct segjob_str s)
{
    putchar('"');
    for (size_t i = 0; i < s.len; i++) {
        const unsigned char c = (unsigned char)s.ptr[i];

        if (c == '"' || c == '\\' || c < ' ') {
            printf("\\u%04x", (unsigned)c);
        } else {
            putchar(c);
        }
    }
    putchar('"');
}

static void print_value(const struct value *value)
{
    static const char *const words[] = {
        [VALUE_NULL] = "null", [VALUE_FALSE] = "false", [VALUE_TRUE] = "true"};
    const bool is_object = value->type == VALUE_OBJECT;

    if (value->type <= VALUE_TRUE) {
        fputs(words[value->type], stdout);
    } else if (value->type == VALUE_NUMBER) {
        fputs(value->text.ptr, stdout);
    } else if (value->type == VALUE_STRING) {
        print_string(value->text);
    } else {
        putchar(is_object ? '{' : '[');
        for (const struct value *v = value->first; v; v = v->next) {
            if (is_object) {
                print_string(v->name);
                putchar(':');
            }
            print_value(v);
            fputs(v->next ? "," : "", stdout);
        }
        putchar(is_object ? '}' : ']');
    }
}

static void answer(const struct value *line)
{
    const struct value *text = value_member(line, segjob_cstr("expression"));
    struct value_error error = {0, NULL};
    const struct query *query = query_read(text->text.ptr, &error);
    const struct value *result = NULL;

    if (!query) {
        printf("{\"error\":%zu,\"what\":", error.at);
        print_string(segjob_cstr(error.what));
        printf("}\n");
        return;
    }
    result =
        query_run(query, value_member(line, segjob_cstr("document")), &error);
    if (!result) {
        printf("{\"failed\":");
        print_string(segjob_cstr(error.what));
        printf(",\"at\":%zu}\n", error.at);
        return;
    }
    printf("{\"result\":");
    print_value(result);
    printf("}\n");
}

int main(void)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;

    while ((n = getline(&line, &cap, stdin)) > 0) {
        struct value_error error = {0, NULL};
        const struct value *value = value_read(line, (size_t)n, &error);

        if (!value || !value_member(value, segjob_cstr("expression")) ||
            !value_member(value, segjob_cstr("document"))) {
            return fail(EXIT_PARAMETER, "not such a line, at %zu: %s", error.at,
                        error.what ? error.what : "members are missing");
        }
        answer(value);
    }
    free(line);
    return 0;
}
