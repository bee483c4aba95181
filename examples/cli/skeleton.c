#include "skeleton.h"

#include <string.h>

#include "document.h"
#include "format.h"
#include "output.h"
#include "result.h"

static const char create_input[] =
    "{\"jobName\":\"\",\"solutionVersionArn\":\"\",\"filterArn\":\"\","
    "\"numResults\":0,"
    "\"jobInput\":{\"s3DataSource\":{\"path\":\"\",\"kmsKeyArn\":\"\"}},"
    "\"jobOutput\":{\"s3DataDestination\":{\"path\":\"\",\"kmsKeyArn\":\"\"}},"
    "\"roleArn\":\"\",\"tags\":[{\"tagKey\":\"\",\"tagValue\":\"\"}]}";
static const char describe_input[] = "{\"batchSegmentJobArn\":\"\"}";
static const char list_input[] =
    "{\"solutionVersionArn\":\"\",\"nextToken\":\"\",\"maxResults\":0}";

/* A job whose texts are the names of its members. */
static const struct segjob_job sample = {
    .job_name = SEGJOB_STR_INIT("jobName"),
    .batch_segment_job_arn = SEGJOB_STR_INIT("batchSegmentJobArn"),
    .filter_arn = SEGJOB_STR_INIT("filterArn"),
    .failure_reason = SEGJOB_STR_INIT("failureReason"),
    .solution_version_arn = SEGJOB_STR_INIT("solutionVersionArn"),
    .has_num_results = true,
    .input = {SEGJOB_STR_INIT("path"), SEGJOB_STR_INIT("kmsKeyArn")},
    .output = {SEGJOB_STR_INIT("path"), SEGJOB_STR_INIT("kmsKeyArn")},
    .role_arn = SEGJOB_STR_INIT("roleArn"),
    .status = SEGJOB_STR_INIT("status"),
    .creation_ms = 1,
    .last_updated_ms = 1,
};

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

    (void)format_json(output(), input); /* it is small */
    return 0;
}

static struct value *with_epoch(struct value *job, const char *epoch)
{
    value_set(job, segjob_cstr("creationDateTime"), value_cstr(epoch));
    value_set(job, segjob_cstr("lastUpdatedDateTime"), value_cstr(epoch));
    return job;
}

static struct value *sample_response(enum command command, const char *epoch)
{
    struct value *jobs, *list;

    if (command == API_CREATE) {
        return document_created(sample.batch_segment_job_arn,
                                (struct segjob_str){NULL, 0});
    }
    if (command == API_DESCRIBE) {
        return document_of("batchSegmentJob",
                           with_epoch(document_job(&sample, true), epoch));
    }
    jobs = value_new(VALUE_ARRAY);
    value_append(jobs, with_epoch(document_summary(&sample, true), epoch));
    list = document_of("batchSegmentJobs", jobs);
    value_set(list, segjob_cstr("nextToken"), value_cstr("nextToken"));
    return list;
}

int skeleton_print_output(struct session *s, const struct options *options)
{
    int code = session_configure(s, options);

    /* Where Python writes a date itself, it writes a space. */
    return code ? code
                : result_write(s, sample_response(options->command,
                                                  result_is_json(s)
                                                      ? "1970-01-01T00:00:00"
                                                      : "1970-01-01 00:00:00"));
}
