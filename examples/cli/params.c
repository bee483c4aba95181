#define _XOPEN_SOURCE 700

#include "params.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "output.h"
#include "put.h"
#include "shorthand.h"
#include "text.h"

enum kind {
    TEXT,
    NUMBER,
    STRUCTURE,
    STRUCTURES
};

static const struct {
    enum option option;
    enum kind kind;
    const char *member;
} rows[] = {
    {OPTION_JOB_NAME, TEXT, "jobName"},
    {OPTION_SOLUTION_VERSION_ARN, TEXT, "solutionVersionArn"},
    {OPTION_FILTER_ARN, TEXT, "filterArn"},
    {OPTION_NUM_RESULTS, NUMBER, "numResults"},
    {OPTION_JOB_INPUT, STRUCTURE, "jobInput"},
    {OPTION_JOB_OUTPUT, STRUCTURE, "jobOutput"},
    {OPTION_ROLE_ARN, TEXT, "roleArn"},
    {OPTION_TAGS, STRUCTURES, "tags"},
    {OPTION_JOB_ARN, TEXT, "batchSegmentJobArn"},
    {OPTION_NEXT_TOKEN, TEXT, "nextToken"},
    {OPTION_MAX_RESULTS, NUMBER, "maxResults"},
};

/* ---------------------------------------------------------------- values */

/* The contents of file://NAME, with ~ for the home folder; or the value. */
static int load_text(enum option option, const char *value, const char **text)
{
    static char file[FILE_CAP];
    static const char prefix[] = "file://";
    const char *name = value + strlen(prefix), *home = getenv("HOME");
    char path[4096];
    size_t len;

    if (strncmp(value, "fileb://", 8) == 0) {
        return fail(EXIT_PARAMETER, "%s takes text, by file://, not fileb://",
                    option_name(option));
    }
    if (strncmp(value, prefix, strlen(prefix)) != 0) {
        *text = value;
        return 0;
    }
    if (strncmp(name, "~/", 2) == 0 && home) {
        if (text_format(path, sizeof(path), "%s%s", home, name + 1) >=
            sizeof(path)) {
            return fail(EXIT_PARAMETER, "%s: the path is too long",
                        option_name(option));
        }
        name = path;
    }
    if (!file_read(name, file, &len)) {
        return fail(EXIT_PARAMETER, "%s: %s: %s%s", option_name(option), name,
                    strerror(errno),
                    errno == EFBIG ? ", at most 1 MiB is read" : "");
    }
    if (memchr(file, '\0', len)) {
        return fail(EXIT_PARAMETER, "%s: %s: a NUL is in it",
                    option_name(option), name);
    }
    *text = value_string((struct segjob_str){file, len})->text.ptr;
    return 0;
}

/* JSON is UTF-8 (RFC 8259, 8.1). */
static int load(enum option option, const char *value, const char **text)
{
    const int code = load_text(option, value, text);
    struct segjob_str loaded;
    size_t len;

    if (code) {
        return code;
    }
    loaded = segjob_cstr(*text);
    len = utf8_len(loaded);
    return len == loaded.len
               ? 0
               : fail(EXIT_PARAMETER, "%s: byte %lu is not UTF-8",
                      option_name(option), (unsigned long)len + 1);
}

/* No message shows the text: it may be a tag's. */
static int fail_at(enum option option, const char *what,
                   const struct value_error *error)
{
    return fail(EXIT_PARAMETER, "%s: at position %lu of the %s: %s%s",
                option_name(option), (unsigned long)error->at + 1, what,
                strcmp(what, "shorthand") == 0 ? "expected " : "", error->what);
}

static int read_json(enum option option, const char *text, struct value **value)
{
    struct value_error error;

    *value = value_read(text, strlen(text), &error);
    return *value ? 0 : fail_at(option, "JSON", &error);
}

static bool is_json(const char *text)
{
    const char first = text[strspn(text, " \t\n\r")];

    return first == '{' || first == '[';
}

static int read_structure(enum option option, const char *text,
                          struct value **value)
{
    struct value_error error;

    if (is_json(text)) {
        return read_json(option, text, value);
    }
    *value = shorthand_read(text, &error);
    return *value ? 0 : fail_at(option, "shorthand", &error);
}

/* One JSON array; or a structure in each value. */
static int read_structures(const struct options *options, enum option option,
                           struct value **value)
{
    const char *text = options->tags_len == 1 ? options->tags[0] : "";
    int code = load(option, text, &text);

    if (code || text[strspn(text, " \t\n\r")] == '[') {
        return code ? code : read_json(option, text, value);
    }
    *value = value_new(VALUE_ARRAY);
    for (size_t i = 0; i < options->tags_len && code == 0; i++) {
        struct value *element = NULL;

        code = read_structure(option, options->tags[i], &element);
        if (code == 0) {
            value_append(*value, element);
        }
    }
    return code;
}

static int read_integer(enum option option, const char *text,
                        struct value **value)
{
    int32_t number;

    if (!read_number(text, &number)) {
        return fail(EXIT_PARAMETER,
                    "%s must be a whole number of 32 bits, such as 25",
                    option_name(option));
    }
    *value = value_integer(number);
    return 0;
}

static int read_value(const struct options *options, enum option option,
                      enum kind kind, struct value **value)
{
    const char *text = "";
    int code;

    if (kind == STRUCTURES) {
        return read_structures(options, option, value);
    }
    code = load(option, options->value[option], &text);
    if (code) {
        return code;
    }
    switch (kind) {
    case NUMBER:
        return read_integer(option, text, value);
    case STRUCTURE:
        return read_structure(option, text, value);
    case TEXT:
    case STRUCTURES:
    default:
        *value = value_cstr(text);
        return 0;
    }
}

/* -------------------------------------------------------------- reading */

static int read_input(const struct options *options, struct value **params)
{
    const enum option option = OPTION_CLI_INPUT_JSON;
    const char *text = "";
    int code;

    *params = value_new(VALUE_OBJECT);
    if (!options->value[option]) {
        return 0;
    }
    code = load(option, options->value[option], &text);
    code = code ? code : read_json(option, text, params);
    if (code == 0 && *params && (*params)->type != VALUE_OBJECT) {
        return fail(EXIT_PARAMETER, "%s must be a JSON object",
                    option_name(option));
    }
    return code;
}

/* Whether a null is in it; it is nested VALUE_DEPTH_MAX deep at most. */
static bool has_null(const struct value *value)
{
    for (const struct value *v = value->first; v; v = v->next) {
        if (v->type == VALUE_NULL || has_null(v)) {
            return true;
        }
    }
    return false;
}

int params_read(const struct options *options, struct value **params)
{
    int code = read_input(options, params);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && code == 0; i++) {
        struct value *value = NULL;

        if (!options->value[rows[i].option]) {
            continue;
        }
        code = read_value(options, rows[i].option, rows[i].kind, &value);
        if (code == 0) {
            value_set(*params, segjob_cstr(rows[i].member), value);
        }
    }
    return code == 0 && has_null(*params)
               ? fail(EXIT_PARAMETER, "a parameter must not be null")
               : code;
}

int params_check(const struct value *params, const char *const names[])
{
    for (const struct value *v = params->first; v; v = v->next) {
        size_t i = 0;

        while (names[i] && !value_is(v->name, names[i])) {
            i++;
        }
        if (!names[i]) {
            return fail(EXIT_PARAMETER, "%.*s: is unknown",
                        (int)(v->name.len < 80 ? v->name.len : 80),
                        v->name.ptr);
        }
    }
    return 0;
}

int params_text(const struct value *params, const char *name,
                struct segjob_str *text)
{
    const struct value *v = value_member(params, segjob_cstr(name));

    *text = (struct segjob_str){NULL, 0};
    if (!v) {
        return 0;
    }
    *text = v->text;
    return v->type == VALUE_STRING
               ? 0
               : fail(EXIT_PARAMETER, "%s: must be a string", name);
}

int params_number(const struct value *params, const char *name, bool *is_given,
                  int32_t *number)
{
    const struct value *v = value_member(params, segjob_cstr(name));

    *is_given = v != NULL;
    return !v || (v->type == VALUE_NUMBER && read_number(v->text.ptr, number))
               ? 0
               : fail(EXIT_PARAMETER, "%s: must be a whole number of 32 bits",
                      name);
}
