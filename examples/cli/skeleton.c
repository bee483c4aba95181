#include "skeleton.h"

#include <string.h>

#include "format.h"
#include "output.h"
#include "result.h"

#define S3(name, path, key) \
    "{\"" name "\":{\"path\":\"" path "\",\"kmsKeyArn\":\"" key "\"}}"
#define NAMED(name) "\"" name "\":\"" name "\","

static const char create_input[] =
    "{\"jobName\":\"\",\"solutionVersionArn\":\"\",\"filterArn\":\"\","
    "\"numResults\":0,\"jobInput\":" S3(
        "s3DataSource", "",
        "") ","
            "\"jobOutput\":" S3("s3DataDestination", "",
                                "") ","
                                    "\"roleArn\":\"\",\"tags\":[{\"tagKey\":"
                                    "\"\",\"tagValue\":\"\"}]}";
static const char describe_input[] = "{\"batchSegmentJobArn\":\"\"}";
static const char list_input[] =
    "{\"solutionVersionArn\":\"\",\"nextToken\":\"\",\"maxResults\":0}";

static const char create_output[] =
    "{\"batchSegmentJobArn\":\"batchSegmentJobArn\"}";
static const char describe_output[] = "{\"batchSegmentJob\":{" NAMED("jobName")
    NAMED("batchSegmentJobArn") NAMED("filterArn") NAMED("failureReason") NAMED(
        "solutionVersionArn") "\"numResults\":0,"
                              "\"jobInput\":" S3(
                                  "s3DataSource", "path",
                                  "kmsKeyArn") ","
                                               "\"jobOutput\":" S3(
                                                   "s3DataDestination", "path",
                                                   "kmsKeyArn") "," NAMED("role"
                                                                          "Arn")
                                                   NAMED(
                                                       "status") "\"creationDat"
                                                                 "eTime\":\"%"
                                                                 "s\","
                                                                 "\"lastUpdated"
                                                                 "DateTime\":"
                                                                 "\"%s\"}}";
static const char list_output[] =
    "{\"batchSegmentJobs\":[{" NAMED("batchSegmentJobArn") NAMED("jobName")
        NAMED("status") "\"creationDateTime\":\"%s\",\"lastUpdatedDateTime\":"
                        "\"%s\"," NAMED(
                            "failureReason") "\"solutionVersionArn\":"
                                             "\"solutionVersionArn\"}],"
                                             "\"nextToken\":\"nextToken\"}";

static struct value *read_own(const char *text)
{
    struct value_error error;

    return value_read(text, strlen(text), &error);
}

int skeleton_print_input(enum command command)
{
    const struct value *input =
        read_own(command == API_CREATE     ? create_input
                 : command == API_DESCRIBE ? describe_input
                                           : list_input);

    return format_json(output(), input) ? 0 : EXIT_OTHER;
}

/* The epoch is in place of "%s". */
static void set_epochs(struct value *value, const char *epoch)
{
    for (struct value *v = value->first; v; v = v->next) {
        if (v->type == VALUE_STRING && value_is(v->text, "%s")) {
            v->text = segjob_cstr(epoch);
        } else {
            set_epochs(v, epoch);
        }
    }
}

int skeleton_print_output(struct session *s, const struct options *options)
{
    const char *text = options->command == API_CREATE     ? create_output
                       : options->command == API_DESCRIBE ? describe_output
                                                          : list_output;
    struct value *sample = read_own(text);
    int code = session_configure(s, options);

    if (code) {
        return code;
    }
    /* Where Python writes a date itself, it writes a space. */
    set_epochs(sample, result_is_json(s) ? "1970-01-01T00:00:00"
                                         : "1970-01-01 00:00:00");
    return result_write(s, sample);
}
