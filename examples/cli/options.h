/*
 * The command line: which options there are, and what was given.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each row: enumerator, name, whether it takes a value. */
#define OPTION_LIST(X)                                      \
    X(CLI_INPUT_JSON, "--cli-input-json", true)             \
    X(JOB_NAME, "--job-name", true)                         \
    X(SOLUTION_VERSION_ARN, "--solution-version-arn", true) \
    X(FILTER_ARN, "--filter-arn", true)                     \
    X(ROLE_ARN, "--role-arn", true)                         \
    X(INPUT_PATH, "--input-path", true)                     \
    X(INPUT_KMS_KEY_ARN, "--input-kms-key-arn", true)       \
    X(OUTPUT_PATH, "--output-path", true)                   \
    X(OUTPUT_KMS_KEY_ARN, "--output-kms-key-arn", true)     \
    X(NUM_RESULTS, "--num-results", true)                   \
    X(TAG, "--tag", true)                                   \
    X(DRY_RUN, "--dry-run", false)                          \
    X(REGION, "--region", true)                             \
    X(ENDPOINT_URL, "--endpoint-url", true)                 \
    X(CA_BUNDLE, "--ca-bundle", true)                       \
    X(PROFILE, "--profile", true)                           \
    X(TIMEOUT, "--timeout", true)                           \
    X(OUTPUT, "--output", true)                             \
    X(DEBUG, "--debug", false)                              \
    X(VERSION, "--version", false)                          \
    X(HELP, "--help", false)

enum option {
#define OPTION_ENUM(name, text, takes_value) OPTION_##name,
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
    bool create; /* the command is `create` */
    const char *value[OPTION_COUNT];
    const char *tags[OPTIONS_TAGS_CAP]; /* each KEY=VALUE */
    size_t tags_len;
    bool as_text;        /* --output text */
    uint32_t timeout_ms; /* --timeout, or its default */
};

#define OPTIONS_TIMEOUT_S 60        /* the default ... */
#define OPTIONS_TIMEOUT_MAX_S 86400 /* ... and the greatest --timeout */

/*
 * Read the arguments as main() has them, up to --help or --version.
 *
 * Returns 0, or the exit code after the failure was told.
 */
int options_read(int argc, char *const argv[], struct options *options);

/* An option's name, as it is written. */
const char *option_name(enum option option);

#endif
