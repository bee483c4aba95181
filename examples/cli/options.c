#include "options.h"

#include <stdio.h>
#include <string.h>

#include "nearest.h"
#include "output.h"
#include "segjob.h"

static const struct {
    const char *name;
    bool takes_value;
    unsigned commands;
} rows[OPTION_COUNT] = {
#define OPTION_ROW(name, text, takes_value, commands) \
    {text, takes_value, commands},
    OPTION_LIST(OPTION_ROW)
#undef OPTION_ROW
};

const char *option_name(enum option option)
{
    return rows[option].name;
}

static const struct {
    enum command command;
    const char *name;
} commands[] = {
    {CREATE, "create"},
    {DESCRIBE, "describe"},
    {LIST, "list"},
    {WAIT, "wait"},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

const char *command_name(enum command command)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        if (commands[i].command == command) {
            return commands[i].name;
        }
    }
    return "";
}

/* The option whose name is the first `n` bytes of `text`, or OPTION_COUNT. */
static enum option find_option(const char *text, size_t n)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (strlen(rows[i].name) == n && memcmp(rows[i].name, text, n) == 0) {
            return (enum option)i;
        }
    }
    return OPTION_COUNT;
}

static const char *option_at(size_t i)
{
    return i < OPTION_COUNT ? rows[i].name : NULL;
}

static const char *command_at(size_t i)
{
    return i < COMMANDS ? commands[i].name : i == COMMANDS ? "help" : NULL;
}

/* Whether the text can only be the name of an option or command. */
static bool is_name(const char *text, size_t n)
{
    return n <= 40 && strspn(text, "abcdefghijklmnopqrstuvwxyz-") >= n;
}

/* What a message about an unknown name ends in. */
static int fail_name(const char *what, const char *meant, const char *lists)
{
    return meant ? fail(EXIT_PARAMETER, "%s; did you mean %s?", what, meant)
                 : fail(EXIT_PARAMETER, "%s; `segjob help%s` lists them", what,
                        lists);
}

/*
 * An unknown word may be a part of a tag that was not quoted. So a message
 * shows it only if it can only be the name of an option.
 */
static int fail_option(const char *text, size_t n, int place)
{
    char what[80];

    if (n <= 2 || !is_name(text, n)) {
        return fail(EXIT_PARAMETER,
                    "argument %d is unknown; `segjob help COMMAND` lists the "
                    "options",
                    place);
    }
    snprintf(what, sizeof(what), "unknown option %.*s", (int)n, text);
    return fail_name(what, nearest(text, n, option_at), " COMMAND");
}

/* After an option, the word may be a part of its value. */
static int fail_command(const char *text, int place)
{
    const size_t n = strlen(text);
    char what[80];

    if (!is_name(text, n) || n == 0) {
        return fail(EXIT_PARAMETER,
                    "argument %d is not a command; `segjob help` lists them",
                    place);
    }
    if (place == 1) {
        snprintf(what, sizeof(what), "'%s' is not a command", text);
    } else {
        snprintf(what, sizeof(what), "argument %d is not a command", place);
    }
    return fail_name(what, nearest(text, n, command_at), "");
}

static int set_option(struct options *options, enum option option,
                      const char *value)
{
    options->value[option] = value;
    if (option == OPTION_TAG && options->tags_len < OPTIONS_TAGS_CAP) {
        options->tags[options->tags_len++] = value;
    }
    return 0;
}

/* Read the option at `argv[*i]`, and its value. */
static int read_option(int argc, char *const argv[], int *i,
                       struct options *options)
{
    const char *text = argv[*i];
    size_t n = strcspn(text, "=");
    enum option option = find_option(text, n);

    if (option == OPTION_COUNT) {
        return fail_option(text, n, *i);
    }
    if (!rows[option].takes_value) {
        return text[n] == '\0' ? set_option(options, option, "")
                               : fail(EXIT_PARAMETER, "%s takes no value",
                                      rows[option].name);
    }
    if (text[n] == '=') {
        return set_option(options, option, text + n + 1);
    }
    if (*i + 1 == argc) {
        return fail(EXIT_PARAMETER, "%s needs a value", rows[option].name);
    }
    if (strncmp(argv[*i + 1], "--", 2) == 0) {
        return fail(EXIT_PARAMETER,
                    "%s needs a value; one that begins with -- is written "
                    "%s=VALUE",
                    rows[option].name, rows[option].name);
    }
    *i += 1;
    return set_option(options, option, argv[*i]);
}

static int read_command(const char *text, int place, struct options *options)
{
    if (options->command != NO_COMMAND) {
        return fail(EXIT_PARAMETER,
                    "argument %d belongs to no option; a value with spaces "
                    "needs quotes",
                    place);
    }
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(text, commands[i].name) == 0) {
            options->command = commands[i].command;
            return 0;
        }
    }
    return fail_command(text, place);
}

/* `help`, `help COMMAND`, and `COMMAND help`, as in the AWS CLI. */
static bool asks_for_help(int argc, char *const argv[])
{
    return argc > 1 &&
           (strcmp(argv[1], "help") == 0 ||
            (argc > 2 && argv[1][0] != '-' && strcmp(argv[2], "help") == 0));
}

static int read_help(int argc, char *const argv[], struct options *options)
{
    const int place = strcmp(argv[1], "help") == 0 ? 2 : 1;

    options->value[OPTION_HELP] = "";
    if (place == argc || argv[place][0] == '-' ||
        strcmp(argv[place], "help") == 0) {
        return 0; /* of the program */
    }
    return read_command(argv[place], place, options);
}

/* Seconds with at most three decimals, such as 1.5; false if they are not. */
static bool read_seconds(const char *text, uint32_t *ms)
{
    static const char digits[] = "0123456789";
    size_t whole = strspn(text, digits);
    bool has_point = text[whole] == '.';
    size_t decimals = has_point ? strspn(text + whole + 1, digits) : 0;

    if (whole == 0 || whole > 5 || decimals > 3 ||
        has_point != (decimals > 0) ||
        text[whole + has_point + decimals] != '\0') {
        return false;
    }
    *ms = 0;
    for (size_t i = 0; i < whole + 3; i++) {
        size_t at = i < whole ? i : i + 1; /* over the point */
        bool has_digit = i < whole + decimals;

        *ms = *ms * 10 + (has_digit ? (uint32_t)(text[at] - '0') : 0);
    }
    return *ms > 0 && *ms <= OPTIONS_TIMEOUT_MAX_S * 1000u;
}

/* Report an option that does not belong to the command. */
static int check_commands(const struct options *options)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (options->value[i] && options->command != NO_COMMAND &&
            !(rows[i].commands & options->command)) {
            return fail(EXIT_PARAMETER, "%s takes no %s",
                        command_name(options->command), rows[i].name);
        }
    }
    return 0;
}

static int read_poll_interval(struct options *options, bool waits)
{
    const char *text = options->value[OPTION_POLL_INTERVAL];

    options->poll_ms = SEGJOB_POLL_MS;
    if (text && !waits) {
        return fail(EXIT_PARAMETER, "--poll-interval needs --wait");
    }
    if (text && (!read_seconds(text, &options->poll_ms) ||
                 options->poll_ms < SEGJOB_POLL_MIN_MS)) {
        return fail(EXIT_PARAMETER,
                    "--poll-interval must be a number of seconds, at least 1 "
                    "and at most %d, such as 10",
                    OPTIONS_TIMEOUT_MAX_S);
    }
    return 0;
}

/* Check the values that the API does not have. */
static int read_own(struct options *options)
{
    const char *output = options->value[OPTION_OUTPUT];
    const char *timeout = options->value[OPTION_TIMEOUT];
    bool waits = options->command == WAIT || options->value[OPTION_WAIT];

    options->timeout_ms =
        1000u * (waits ? OPTIONS_TIMEOUT_WAIT_S : OPTIONS_TIMEOUT_S);
    if (timeout && !read_seconds(timeout, &options->timeout_ms)) {
        return fail(EXIT_PARAMETER,
                    "--timeout must be a number of seconds above 0 and at "
                    "most %d, such as 30 or 0.5, not '%.40s'",
                    OPTIONS_TIMEOUT_MAX_S, timeout);
    }
    options->as_text = output && strcmp(output, "text") == 0;
    if (output && !options->as_text && strcmp(output, "json") != 0) {
        return fail(EXIT_PARAMETER,
                    "--output must be json or text, not '%.40s'", output);
    }
    return read_poll_interval(options, waits);
}

int options_read(int argc, char *const argv[], struct options *options)
{
    int code = 0;

    memset(options, 0, sizeof(*options));
    if (asks_for_help(argc, argv)) {
        return read_help(argc, argv, options);
    }
    for (int i = 1; i < argc && code == 0; i++) {
        code = argv[i][0] == '-' ? read_option(argc, argv, &i, options)
                                 : read_command(argv[i], i, options);
        if (options->value[OPTION_HELP] || options->value[OPTION_VERSION]) {
            return code;
        }
    }
    code = code ? code : check_commands(options);
    return code ? code : read_own(options);
}
