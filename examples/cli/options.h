/*
 * The command line: the options, and the arguments.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "query.h"

/*
 * The commands; an option has the bits of those that it belongs to. Those of
 * the API are called, and print, as with the AWS CLI.
 */
enum command {
    NO_COMMAND = 0,
    CREATE = 1,
    DESCRIBE = 2,
    LIST = 4,
    WAIT = 8,
    OWN_COMMAND = CREATE | DESCRIBE | LIST | WAIT,
    API_CREATE = 16,
    API_DESCRIBE = 32,
    API_LIST = 64,
    API_COMMAND = API_CREATE | API_DESCRIBE | API_LIST,
    ANY_COMMAND = OWN_COMMAND | API_COMMAND
};

/* What follows an option. */
enum takes {
    NO_VALUE,
    ONE_VALUE,
    PERHAPS_VALUE,
    MANY_VALUES
};

/* Each row: enumerator, name, what it takes, its commands. */
#define OPTION_LIST(X)                                                     \
    X(CLI_INPUT_JSON, "--cli-input-json", ONE_VALUE, CREATE | API_COMMAND) \
    X(SKELETON, "--generate-cli-skeleton", PERHAPS_VALUE, API_COMMAND)     \
    X(JOB_NAME, "--job-name", ONE_VALUE, CREATE | API_CREATE)              \
    X(SOLUTION_VERSION_ARN, "--solution-version-arn", ONE_VALUE,           \
      CREATE | LIST | API_CREATE | API_LIST)                               \
    X(FILTER_ARN, "--filter-arn", ONE_VALUE, CREATE | API_CREATE)          \
    X(ROLE_ARN, "--role-arn", ONE_VALUE, CREATE | API_CREATE)              \
    X(INPUT_PATH, "--input-path", ONE_VALUE, CREATE)                       \
    X(INPUT_KMS_KEY_ARN, "--input-kms-key-arn", ONE_VALUE, CREATE)         \
    X(OUTPUT_PATH, "--output-path", ONE_VALUE, CREATE)                     \
    X(OUTPUT_KMS_KEY_ARN, "--output-kms-key-arn", ONE_VALUE, CREATE)       \
    X(JOB_INPUT, "--job-input", ONE_VALUE, API_CREATE)                     \
    X(JOB_OUTPUT, "--job-output", ONE_VALUE, API_CREATE)                   \
    X(NUM_RESULTS, "--num-results", ONE_VALUE, CREATE | API_CREATE)        \
    X(TAG, "--tag", ONE_VALUE, CREATE)                                     \
    X(TAGS, "--tags", MANY_VALUES, API_CREATE)                             \
    X(ENSURE, "--ensure", NO_VALUE, CREATE)                                \
    X(WAIT, "--wait", NO_VALUE, CREATE)                                    \
    X(POLL_INTERVAL, "--poll-interval", ONE_VALUE, CREATE | WAIT)          \
    X(JOB_ARN, "--batch-segment-job-arn", ONE_VALUE,                       \
      DESCRIBE | WAIT | API_DESCRIBE)                                      \
    X(NEXT_TOKEN, "--next-token", ONE_VALUE, API_LIST)                     \
    X(MAX_RESULTS, "--max-results", ONE_VALUE, API_LIST)                   \
    X(STARTING_TOKEN, "--starting-token", ONE_VALUE, API_LIST)             \
    X(PAGE_SIZE, "--page-size", ONE_VALUE, API_LIST)                       \
    X(MAX_ITEMS, "--max-items", ONE_VALUE, API_LIST)                       \
    X(DRY_RUN, "--dry-run", NO_VALUE, OWN_COMMAND)                         \
    X(REGION, "--region", ONE_VALUE, ANY_COMMAND)                          \
    X(ENDPOINT_URL, "--endpoint-url", ONE_VALUE, ANY_COMMAND)              \
    X(CA_BUNDLE, "--ca-bundle", ONE_VALUE, ANY_COMMAND)                    \
    X(PROFILE, "--profile", ONE_VALUE, ANY_COMMAND)                        \
    X(TIMEOUT, "--timeout", ONE_VALUE, OWN_COMMAND)                        \
    X(OUTPUT, "--output", ONE_VALUE, ANY_COMMAND)                          \
    X(QUERY, "--query", ONE_VALUE, ANY_COMMAND)                            \
    X(COLOR, "--color", ONE_VALUE, ANY_COMMAND)                            \
    X(NO_PAGINATE, "--no-paginate", NO_VALUE, API_COMMAND)                 \
    X(READ_TIMEOUT, "--cli-read-timeout", ONE_VALUE, API_COMMAND)          \
    X(CONNECT_TIMEOUT, "--cli-connect-timeout", ONE_VALUE, API_COMMAND)    \
    X(BINARY_FORMAT, "--cli-binary-format", ONE_VALUE, API_COMMAND)        \
    X(NO_PAGER, "--no-cli-pager", NO_VALUE, ANY_COMMAND)                   \
    X(NO_AUTO_PROMPT, "--no-cli-auto-prompt", NO_VALUE, API_COMMAND)       \
    X(DEBUG, "--debug", NO_VALUE, ANY_COMMAND)                             \
    X(VERSION, "--version", NO_VALUE, ANY_COMMAND)                         \
    X(HELP, "--help", NO_VALUE, ANY_COMMAND)

enum option {
#define OPTION_ENUM(name, text, takes, commands) OPTION_##name,
    OPTION_LIST(OPTION_ENUM)
#undef OPTION_ENUM
    OPTION_COUNT
};

/*
 * Tags that are kept: one more than the API's 200, so that the library rejects
 * what is too many.
 */
#define OPTIONS_TAGS_CAP 201

/*
 * The arguments. `value` is an option's last one, "" for one that takes none,
 * NULL if the option was not given. The values point into the arguments.
 */
struct options {
    enum command command;
    bool has_service; /* "personalize" precedes the command */
    const char *value[OPTION_COUNT];
    const char *tags[OPTIONS_TAGS_CAP]; /* of --tag and --tags */
    size_t tags_len;
    struct query *query; /* --query, or NULL */
    uint32_t timeout_ms; /* --timeout, or its default */
    uint32_t poll_ms;    /* --poll-interval, or its default */
};

/* Seconds: the default, the default for a wait, and the maximum --timeout. */
#define OPTIONS_TIMEOUT_S 60
#define OPTIONS_TIMEOUT_WAIT_S 10800
#define OPTIONS_TIMEOUT_MAX_S 86400

/*
 * Read the arguments of main(), up to --help or --version.
 *
 * Returns 0, or the exit code after reporting the failure.
 */
int options_read(int argc, char *const argv[], struct options *options);

/* Whether the command is one of the API. */
bool options_are_api(const struct options *options);

/* Whether --generate-cli-skeleton output asks for a sample of the response. */
bool options_want_sample(const struct options *options);

/* An option's name, and a command's, as they are written. */
const char *option_name(enum option option);
const char *command_name(enum command command);

/* A whole number of 32 bits, spaces around it; false if the text is none. */
bool read_number(const char *text, int32_t *number);

#endif
