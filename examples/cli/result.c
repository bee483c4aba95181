#define _XOPEN_SOURCE 700

#include "result.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "format.h"

#define WIDTH 80u /* of a terminal that does not tell */

const char *operation_name(enum command command)
{
    switch ((int)command) {
    case CREATE:
    case API_CREATE:
        return "CreateBatchSegmentJob";
    case LIST:
    case API_LIST:
        return "ListBatchSegmentJobs";
    default:
        return "DescribeBatchSegmentJob";
    }
}

/* What people look at is a table by default, what programs read is JSON. */
static enum format format_of(const struct session *s)
{
    const char *output = s->config.output.text;
    const bool is_for_people = s->options->command & (DESCRIBE | LIST | WAIT) &&
                               !s->options->query && isatty(STDOUT_FILENO);

    if (!output) {
        return is_for_people ? FORMAT_TABLE : FORMAT_JSON;
    }
    return strcmp(output, "text") == 0    ? FORMAT_TEXT
           : strcmp(output, "table") == 0 ? FORMAT_TABLE
                                          : FORMAT_JSON;
}

bool result_is_text(const struct session *s)
{
    return format_of(s) == FORMAT_TEXT;
}

bool result_is_json(const struct session *s)
{
    return format_of(s) == FORMAT_JSON;
}

static size_t width(void)
{
    struct winsize size;

    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : WIDTH;
}

static bool has_colour(const struct session *s)
{
    const char *wanted = s->options->value[OPTION_COLOR];
    const char *no_color = getenv("NO_COLOR"); /* https://no-color.org */

    if (wanted && strcmp(wanted, "auto") != 0) {
        return strcmp(wanted, "on") == 0;
    }
    return isatty(STDOUT_FILENO) && !(no_color && *no_color);
}

int result_write(const struct session *s, struct value *document)
{
    struct value_error error = {0, ""};
    const struct value *value = document;
    const char *why;

    if (s->options->query) {
        value = query_run(s->options->query, document, &error);
    }
    if (!value) {
        return fail(EXIT_OTHER, "--query: at position %lu: %s%s",
                    (unsigned long)error.at + 1, error.what, s->made);
    }
    why = format_write(output(), format_of(s), value,
                       operation_name(s->options->command), width(),
                       has_colour(s));
    return why ? fail(EXIT_OTHER, "%s%s", why, s->made) : 0;
}
