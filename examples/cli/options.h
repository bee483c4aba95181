/*
 * The command line: which options there are, and what was given.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is to be done; options say by these bits which of it they belong to. */
enum command {
    NO_COMMAND = 0,
    CREATE = 1,
    DESCRIBE = 2,
    LIST = 4,
    WAIT = 8,
    ANY_COMMAND = CREATE | DESCRIBE | LIST | WAIT
};

/* Each row: enumerator, name, whether it takes a value, whose it is. */
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
 * Tags that are kept: one more than the API's 200, so that the library sees
 * that there are too many.
 */
#define OPTIONS_TAGS_CAP 201

/*
 * What was given. `value` is the last one of an option, "" for one that takes
 * none, NULL if it was not given; all point into the arguments.
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

/* Seconds: the default; that of waiting for a job; the greatest --timeout. */
#define OPTIONS_TIMEOUT_S 60
#define OPTIONS_TIMEOUT_WAIT_S 10800
#define OPTIONS_TIMEOUT_MAX_S 86400

/*
 * Read the arguments as main() has them, up to --help or --version.
 *
 * Returns 0, or the exit code after the failure was told.
 */
int options_read(int argc, char *const argv[], struct options *options);

/* An option's name, and a command's, as they are written. */
const char *option_name(enum option option);
const char *command_name(enum command command);

#endif
