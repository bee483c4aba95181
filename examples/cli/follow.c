#define _XOPEN_SOURCE 700

#include "follow.h"

#include <stdio.h>
#include <string.h>

#include "document.h"
#include "params.h"
#include "progress.h"
#include "result.h"
#include "skeleton.h"

#define REASON_MAX ((size_t)8192) /* bytes, so that the ARN is not cut off */

static enum segjob_status start_describe(struct segjob_client *client,
                                         const void *arn)
{
    return segjob_describe(client, *(const struct segjob_str *)arn);
}

static enum segjob_status start_wait(struct segjob_client *client,
                                     const void *arn)
{
    return segjob_wait(client, *(const struct segjob_str *)arn);
}

/* --------------------------------------------------------- jobs that failed */

bool follow_failed(const struct segjob_job *job)
{
    static const char failed[] = "CREATE FAILED";

    return job->status.len == strlen(failed) &&
           memcmp(job->status.ptr, failed, job->status.len) == 0;
}

int follow_fail(const struct session *s, const struct segjob_job *job,
                const char *more)
{
    const struct segjob_str why = job->failure_reason;

    return fail(EXIT_SERVICE, "the job has failed%s%.*s%s%s",
                why.len > 0 ? ": " : "", (int)cut(why.ptr, why.len, REASON_MAX),
                why.ptr ? why.ptr : "", more, s->made);
}

/* ---------------------------------------------------------------- describe */

static int print_described(struct session *s)
{
    struct value *document;
    struct segjob_job job;

    segjob_get_job(&s->client, &job);
    if (s->options->command == WAIT && follow_failed(&job)) {
        return follow_fail(s, &job, "");
    }
    document = document_job(&job, s->config.has_wire_times);
    return result_write(s, document_of("batchSegmentJob", document));
}

/* -------------------------------------------------------------------- wait */

/* Run the wait that was started. */
static int run_wait(struct session *s)
{
    int code;

    progress_begin();
    code = session_run(s, progress_look);
    live("");
    return code;
}

int follow_wait(struct session *s, struct segjob_str arn)
{
    if (segjob_wait(&s->client, arn) != SEGJOB_PENDING ||
        segjob_set_deadline(&s->client, s->deadline_ms) != SEGJOB_OK) {
        return session_fail(s);
    }
    return run_wait(s);
}

/* --------------------------------------------------------------------- all */

/* The job's ARN: of the option, or of --cli-input-json. */
static int read_arn(const struct options *options, struct segjob_str *arn)
{
    static const char *const names[] = {"batchSegmentJobArn", NULL};
    struct value *params;
    int code = params_read(options, &params);

    code = code ? code : params_check(params, names);
    return code ? code : params_text(params, names[0], arn);
}

int follow(struct session *s, const struct options *options)
{
    const bool waits = options->command == WAIT;
    struct segjob_str arn;
    int code = read_arn(options, &arn);

    if (code == 0 && options_want_sample(options)) {
        return arn.ptr ? skeleton_print_output(s, options)
                       : fail(EXIT_PARAMETER, "%s: is required",
                              option_name(OPTION_JOB_ARN));
    }
    code = code ? code
                : session_begin(s, options, waits ? start_wait : start_describe,
                                &arn, options->timeout_ms);
    if (code || options->value[OPTION_DRY_RUN]) {
        return code ? code : session_dry_run(s);
    }
    code = waits ? run_wait(s) : session_run(s, NULL);
    return code ? code : print_described(s);
}
