/*
 * Read shorthand as the command does. For each line of standard input, a JSON
 * string, a line is printed: the structure as JSON, or "expected ...".
 */
#define _XOPEN_SOURCE 700

#include <stdio.h>
#include <string.h>

#include "format.h"
#include "shorthand.h"

static void answer(const char *line)
{
    struct value_error error;
    const struct value *text = value_read(line, strlen(line), &error);
    const struct value *read =
        text ? shorthand_read(text->text.ptr, &error) : NULL;
    char json[65536] = "";
    FILE *file = fmemopen(json, sizeof(json), "w");

    if (!read) {
        printf("expected %s\n", error.what);
    } else if (file && format_json(file, read)) {
        fflush(file);
        for (char *p = json; *p; p++) {
            putchar(*p == '\n' ? ' ' : *p);
        }
        putchar('\n');
    }
    if (file) {
        fclose(file);
    }
}

int main(void)
{
    static char line[65536];

    while (fgets(line, sizeof(line), stdin)) {
        answer(line);
    }
    return 0;
}
