/*
 * Write values in the command's output formats.
 *
 * Reads a line of JSON for each: {"format": "text", "title": "ListJobs",
 * "width": 80, "colour": false, "value": ...}. Writes the number of bytes and a
 * newline, and the bytes; -1 and a newline if the format cannot show it.
 */
#define _XOPEN_SOURCE 700

#include <stdio.h>
#include <stdlib.h>

#include "format.h"
#include "number.h"

static const struct value *member(const struct value *object, const char *name)
{
    const struct value *value = value_member(object, segjob_cstr(name));

    if (!value) {
        fprintf(stderr, "a line lacks \"%s\"\n", name);
        exit(EXIT_FAILURE);
    }
    return value;
}

static enum format format_of(const struct value *line)
{
    const struct segjob_str name = member(line, "format")->text;

    return value_is(name, "json")   ? FORMAT_JSON
           : value_is(name, "text") ? FORMAT_TEXT
                                    : FORMAT_TABLE;
}

static void write_line(const struct value *line)
{
    char *text = NULL;
    size_t n = 0;
    FILE *file = open_memstream(&text, &n);
    bool is_done;

    if (!file) {
        exit(EXIT_FAILURE);
    }
    is_done = format_write(file, format_of(line), member(line, "value"),
                           member(line, "title")->text.ptr,
                           (size_t)number_of(member(line, "width")),
                           member(line, "colour")->type == VALUE_TRUE) == NULL;
    if (fclose(file) != 0) {
        exit(EXIT_FAILURE);
    }
    if (is_done) {
        printf("%zu\n", n);
        fwrite(text, 1, n, stdout);
    } else {
        puts("-1");
    }
    free(text);
}

int main(void)
{
    char *text = NULL;
    size_t cap = 0;
    ssize_t n;

    while ((n = getline(&text, &cap, stdin)) > 0) {
        struct value_error error;
        const struct value *line = value_read(text, (size_t)n, &error);

        if (!line) {
            fprintf(stderr, "byte %zu: %s\n", error.at, error.what);
            return EXIT_FAILURE;
        }
        write_line(line);
    }
    free(text);
    return ferror(stdin) || fflush(stdout) != 0 ? EXIT_FAILURE : 0;
}
