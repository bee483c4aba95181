/*
 * The command line: the options, and the arguments.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The commands; an option has the bits of those that it belongs to. */
enum command {
    NO_COMMAND = 0,
    CREATE = 1,
    DESCRIBE = 2,
    LIST = 4,
    WAIT = 8,
    ANY_COMMAND = CREATE | DESCRIBE | LIST | WAIT
};

/* Each row: enumerator, name, whether it takes a value, its commands. */
#define OPTION_LIST(X)                                                     \
    X(CLI_INPUT_JSON, "--cli-input-json", true, CREATE)                    \
    X(JOB_NAME, "--job-name", true, CREATE)                                \
    X(SOLUTION_VERSION_ARN, "--solution-version-arn", true, CREATE | LIST) \
    X(FILTER_ARN, "--filter-arn", true, CREATE)                            \
    X(ROLE_ARN, "--role-arn", true, CREATE)                                \
    X(INPUT_PATH, "--input-path", true, CREATE)                            \
    X(INPUT_KMS_KEY_ARN, "--input-kms-key-arn", true, CREATE)              \
    X(OUTPUT_PATH, "--output-path", true, CREATE)                          \
    X(OUTPUT_KMS_KEY_ARN, "--output-kms-key-arn", true, CREATE)            \
    X(NUM_RESULTS, "--num-results", true, CREATE)                          \
    X(TAG, "--tag", true, CREATE)                                          \
    X(ENSURE, "--ensure", false, CREATE)                                   \
    X(WAIT, "--wait", false, CREATE)                                       \
    X(POLL_INTERVAL, "--poll-interval", true, CREATE | WAIT)               \
    X(JOB_ARN, "--batch-segment-job-arn", true, DESCRIBE | WAIT)           \
    X(DRY_RUN, "--dry-run", false, ANY_COMMAND)                            \
    X(REGION, "--region", true, ANY_COMMAND)                               \
    X(ENDPOINT_URL, "--endpoint-url", true, ANY_COMMAND)                   \
    X(CA_BUNDLE, "--ca-bundle", true, ANY_COMMAND)                         \
    X(PROFILE, "--profile", true, ANY_COMMAND)                             \
    X(TIMEOUT, "--timeout", true, ANY_COMMAND)                             \
    X(OUTPUT, "--output", true, ANY_COMMAND)                               \
    X(DEBUG, "--debug", false, ANY_COMMAND)                                \
    X(VERSION, "--version", false, ANY_COMMAND)                            \
    X(HELP, "--help", false, ANY_COMMAND)

enum option {
#define OPTION_ENUM(name, text, takes_value, commands) OPTION_##name,
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
    const char *value[OPTION_COUNT];
    const char *tags[OPTIONS_TAGS_CAP]; /* each KEY=VALUE */
    size_t tags_len;
    bool as_text;        /* --output text */
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

/* An option's name, and a command's, as they are written. */
const char *option_name(enum option option);
const char *command_name(enum command command);

#endif
