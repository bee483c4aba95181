#include "explain.h"

#include <string.h>

#include "output.h"
#include "text.h"

/* The options that set a member, in the order of the library's fields. */
static const struct {
    enum segjob_field field;
    enum option own, api;
} rows[] = {
    {SEGJOB_FIELD_JOB_NAME, OPTION_JOB_NAME, OPTION_JOB_NAME},
    {SEGJOB_FIELD_SOLUTION_VERSION_ARN, OPTION_SOLUTION_VERSION_ARN,
     OPTION_SOLUTION_VERSION_ARN},
    {SEGJOB_FIELD_FILTER_ARN, OPTION_FILTER_ARN, OPTION_FILTER_ARN},
    {SEGJOB_FIELD_ROLE_ARN, OPTION_ROLE_ARN, OPTION_ROLE_ARN},
    {SEGJOB_FIELD_INPUT_PATH, OPTION_INPUT_PATH, OPTION_JOB_INPUT},
    {SEGJOB_FIELD_INPUT_KMS_KEY_ARN, OPTION_INPUT_KMS_KEY_ARN,
     OPTION_JOB_INPUT},
    {SEGJOB_FIELD_OUTPUT_PATH, OPTION_OUTPUT_PATH, OPTION_JOB_OUTPUT},
    {SEGJOB_FIELD_OUTPUT_KMS_KEY_ARN, OPTION_OUTPUT_KMS_KEY_ARN,
     OPTION_JOB_OUTPUT},
    {SEGJOB_FIELD_NUM_RESULTS, OPTION_NUM_RESULTS, OPTION_NUM_RESULTS},
    {SEGJOB_FIELD_TAGS, OPTION_TAG, OPTION_TAGS},
    {SEGJOB_FIELD_TAG_KEY, OPTION_TAG, OPTION_TAGS},
    {SEGJOB_FIELD_TAG_VALUE, OPTION_TAG, OPTION_TAGS},
    {SEGJOB_FIELD_JOB_ARN, OPTION_JOB_ARN, OPTION_JOB_ARN},
};

/* The command's option of a field, or OPTION_COUNT. */
static enum option option_of(const struct options *options,
                             enum segjob_field field)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].field == field) {
            return options_are_api(options) ? rows[i].api : rows[i].own;
        }
    }
    return OPTION_COUNT;
}

void explain(const struct segjob_client *client, const struct segjob_port *port,
             const struct options *options, char *buf, size_t cap)
{
    const struct segjob_error *error = segjob_get_error(client);
    const enum option option = option_of(options, error->field);
    const bool is_missing = error->field == SEGJOB_FIELD_JOB_ARN &&
                            error->rule == SEGJOB_RULE_REQUIRED;
    char line[512];
    size_t n;

    segjob_run_explain(client, port, buf, cap);
    if (option != OPTION_COUNT && (is_missing || options->value[option])) {
        segjob_explain(client, line, sizeof(line));
        n = strcspn(line, ":");
        text_format(buf, cap, "%s (%.*s)%s", option_name(option), (int)n, line,
                    line + n);
    }
}

int explain_missing(const struct options *options,
                    const struct segjob_create_request *request)
{
    const struct {
        enum segjob_field field;
        struct segjob_str value;
    } required[] = {
        {SEGJOB_FIELD_JOB_NAME, request->job_name},
        {SEGJOB_FIELD_SOLUTION_VERSION_ARN, request->solution_version_arn},
        {SEGJOB_FIELD_ROLE_ARN, request->role_arn},
        {SEGJOB_FIELD_INPUT_PATH, request->input.path},
        {SEGJOB_FIELD_OUTPUT_PATH, request->output.path},
    };
    char line[512] = "";
    size_t missing = 0;

    for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
        const size_t len = strlen(line);

        if (!required[i].value.ptr) {
            text_format(line + len, sizeof(line) - len, "%s%s (%s)",
                        missing++ > 0 ? ", " : "",
                        option_name(option_of(options, required[i].field)),
                        segjob_field_path(required[i].field));
        }
    }
    return missing == 0 ? 0
                        : fail(EXIT_PARAMETER, "%s: %s required", line,
                               missing == 1 ? "is" : "are");
}
