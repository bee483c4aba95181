#include "options.h"

#include <string.h>

#include "nearest.h"
#include "output.h"
#include "text.h"
#include "segjob.h"

static const struct {
    const char *name;
    enum takes takes;
    unsigned commands;
} rows[OPTION_COUNT] = {
#define OPTION_ROW(name, text, takes, commands) {text, takes, commands},
    OPTION_LIST(OPTION_ROW)
#undef OPTION_ROW
};

/* Options of the AWS CLI that are refused. */
static const struct {
    const char *name;
    const char *reason;
} refused[] = {
    {"--no-verify-ssl", "the service's certificate is always verified; "
                        "--ca-bundle names other authorities to trust"},
    {"--no-sign-request", "the service takes no request without a signature"},
    {"--cli-input-yaml", "segjob reads JSON alone, by --cli-input-json"},
    {"--cli-auto-prompt", "segjob asks no questions"},
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
    {API_CREATE, "create-batch-segment-job"},
    {API_DESCRIBE, "describe-batch-segment-job"},
    {API_LIST, "list-batch-segment-jobs"},
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

bool options_are_api(const struct options *options)
{
    return options->command & API_COMMAND;
}

bool options_want_sample(const struct options *options)
{
    const char *skeleton = options->value[OPTION_SKELETON];

    return skeleton && strcmp(skeleton, "output") == 0;
}

/*
 * The option whose name is the first `n` bytes of `text`. With a command of the
 * API they may also be the beginning of the name of one of its options alone.
 * Else OPTION_COUNT.
 */
static enum option find_option(const struct options *options, const char *text,
                               size_t n)
{
    enum option exact = OPTION_COUNT, longer = OPTION_COUNT;
    unsigned count = 0;

    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (strncmp(rows[i].name, text, n) != 0) {
            continue;
        }
        if (strlen(rows[i].name) == n) {
            exact = (enum option)i;
        } else if (n > 2 && options_are_api(options) &&
                   rows[i].commands & options->command) {
            longer = (enum option)i;
            count++;
        }
    }
    return count != 1 || (exact != OPTION_COUNT &&
                          rows[exact].commands & options->command)
               ? exact
               : longer;
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

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        if (strlen(refused[i].name) == n &&
            memcmp(refused[i].name, text, n) == 0) {
            return fail(EXIT_PARAMETER, "%s is refused: %s", refused[i].name,
                        refused[i].reason);
        }
    }
    if (n <= 2 || !is_name(text, n)) {
        return fail(EXIT_PARAMETER,
                    "argument %d is unknown; `segjob help COMMAND` lists the "
                    "options",
                    place);
    }
    text_format(what, sizeof(what), "unknown option %.*s", (int)n, text);
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
        text_format(what, sizeof(what), "'%s' is not a command", text);
    } else {
        text_format(what, sizeof(what), "argument %d is not a command", place);
    }
    return fail_name(what, nearest(text, n, command_at), "");
}

static int set_option(struct options *options, enum option option,
                      const char *value)
{
    options->value[option] = value;
    if ((option == OPTION_TAG || option == OPTION_TAGS) &&
        options->tags_len < OPTIONS_TAGS_CAP) {
        options->tags[options->tags_len++] = value;
    }
    return 0;
}

/*
 * Whether an argument can be the value of the option before it. For the AWS CLI
 * what begins with a minus sign is an option, unless it is a number or contains
 * a space.
 */
static bool is_value(const struct options *options, const char *text)
{
    if (!options_are_api(options)) {
        return strncmp(text, "--", 2) != 0;
    }
    return text[0] != '-' || text[1] == '\0' || strchr(text, ' ') ||
           text[1 + strspn(text + 1, "0123456789.")] == '\0';
}

/* Read the values at `argv[*i + 1]` and after it. */
static int read_values(int argc, char *const argv[], int *i, enum option option,
                       struct options *options)
{
    options->value[option] = "";
    options->tags_len = 0;
    while (*i + 1 < argc && is_value(options, argv[*i + 1])) {
        *i += 1;
        set_option(options, option, argv[*i]);
    }
    return 0;
}

/* Read the option at `argv[*i]`, and its value. */
static int read_option(int argc, char *const argv[], int *i,
                       struct options *options)
{
    const char *text = argv[*i];
    size_t n = strcspn(text, "=");
    enum option option = find_option(options, text, n);

    if (option == OPTION_COUNT) {
        return fail_option(text, n, *i);
    }
    if (rows[option].takes == NO_VALUE) {
        return text[n] == '\0' ? set_option(options, option, "")
                               : fail(EXIT_PARAMETER, "%s takes no value",
                                      rows[option].name);
    }
    if (text[n] == '=') {
        options->tags_len = option == OPTION_TAGS ? 0 : options->tags_len;
        return set_option(options, option, text + n + 1);
    }
    if (rows[option].takes == MANY_VALUES) {
        return read_values(argc, argv, i, option, options);
    }
    if (*i + 1 < argc && is_value(options, argv[*i + 1])) {
        *i += 1;
        return set_option(options, option, argv[*i]);
    }
    if (rows[option].takes == PERHAPS_VALUE) {
        return set_option(options, option, "input");
    }
    return *i + 1 == argc
               ? fail(EXIT_PARAMETER, "%s needs a value", rows[option].name)
               : fail(EXIT_PARAMETER,
                      "%s needs a value; one that begins with %s is written "
                      "%s=VALUE",
                      rows[option].name, options_are_api(options) ? "-" : "--",
                      rows[option].name);
}

/* The AWS CLI's word before a command. */
static const char service[] = "personalize";

static int read_command(const char *text, int place, struct options *options)
{
    if (!options->has_service && options->command == NO_COMMAND &&
        strcmp(text, service) == 0) {
        options->has_service = true;
        return 0;
    }
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

/*
 * `help`, `help COMMAND` and `COMMAND help` at argv[first], as in the AWS CLI.
 */
static bool asks_for_help(int argc, char *const argv[], int first)
{
    return argc > first && (strcmp(argv[first], "help") == 0 ||
                            (argc > first + 1 && argv[first][0] != '-' &&
                             strcmp(argv[first + 1], "help") == 0));
}

static int read_help(int argc, char *const argv[], int first,
                     struct options *options)
{
    const int place = first + (strcmp(argv[first], "help") == 0);

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

bool read_number(const char *text, int32_t *number)
{
    static const char spaces[] = " \t\n\r\v\f";
    bool is_negative;
    int64_t value = 0;

    text += strspn(text, spaces);
    is_negative = *text == '-';
    text += is_negative || *text == '+';
    if (*text < '0' || *text > '9') {
        return false;
    }
    for (; *text >= '0' && *text <= '9' && value <= INT32_MAX; text++) {
        value = value * 10 + (*text - '0');
    }
    if (text[strspn(text, spaces)] != '\0') {
        return false;
    }
    value = is_negative ? -value : value;
    *number = (int32_t)value;
    return value >= INT32_MIN && value <= INT32_MAX;
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

/* The longer one that is given counts, and for all of it; 0 is no limit. */
static int read_timeouts(struct options *options)
{
    static const enum option both[] = {OPTION_CONNECT_TIMEOUT,
                                       OPTION_READ_TIMEOUT};
    int32_t longest = 0;

    for (size_t i = 0; i < 2; i++) {
        const char *text = options->value[both[i]];
        int32_t seconds = 0;

        if (!text) {
            continue;
        }
        if (!read_number(text, &seconds) || seconds < 0) {
            return fail(EXIT_PARAMETER,
                        "%s must be a whole number of seconds, not '%.40s'",
                        rows[both[i]].name, text);
        }
        if (seconds == 0 || seconds > OPTIONS_TIMEOUT_MAX_S) {
            seconds = OPTIONS_TIMEOUT_MAX_S;
        }
        longest = seconds > longest ? seconds : longest;
    }
    options->timeout_ms =
        1000u * (longest > 0 ? (uint32_t)longest : OPTIONS_TIMEOUT_S);
    return 0;
}

static int read_query(struct options *options)
{
    const char *text = options->value[OPTION_QUERY];
    struct value_error error;

    if (text) {
        options->query = query_read(text, &error);
    }
    return !text || options->query
               ? 0
               : fail(EXIT_PARAMETER, "--query: at position %lu: %s",
                      (unsigned long)error.at + 1, error.what);
}

/* Report a value that is none of `choices`, which ends with NULL. */
static int check_choice(const struct options *options, enum option option,
                        const char *const choices[], const char *which)
{
    const char *text = options->value[option];

    for (size_t i = 0; text && choices[i]; i++) {
        if (strcmp(text, choices[i]) == 0) {
            return 0;
        }
    }
    return text ? fail(EXIT_PARAMETER, "%s must be %s, not '%.40s'",
                       rows[option].name, which, text)
                : 0;
}

static int check_choices(struct options *options)
{
    static const char *const formats[] = {"json", "text", "table", NULL};
    static const char *const colours[] = {"auto", "on", "off", NULL};
    static const char *const skeletons[] = {"input", "output", NULL};
    int code =
        check_choice(options, OPTION_OUTPUT, formats, "json, text or table");

    code =
        code ? code
             : check_choice(options, OPTION_COLOR, colours, "auto, on or off");
    code = code ? code
                : check_choice(options, OPTION_SKELETON, skeletons,
                               "input or output");
    return code ? code : read_query(options);
}

/* Check the values that the API does not have. */
static int read_own(struct options *options)
{
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
    return read_poll_interval(options, waits);
}

int options_read(int argc, char *const argv[], struct options *options)
{
    const int first = argc > 1 && strcmp(argv[1], service) == 0 ? 2 : 1;
    int code = 0;

    memset(options, 0, sizeof(*options));
    if (asks_for_help(argc, argv, first)) {
        return read_help(argc, argv, first, options);
    }
    for (int i = 1; i < argc && code == 0; i++) {
        code = argv[i][0] == '-' ? read_option(argc, argv, &i, options)
                                 : read_command(argv[i], i, options);
        if (options->value[OPTION_HELP] || options->value[OPTION_VERSION]) {
            return code;
        }
    }
    code = code ? code : check_commands(options);
    code = code ? code : check_choices(options);
    if (code) {
        return code;
    }
    return options_are_api(options) ? read_timeouts(options)
                                    : read_own(options);
}
