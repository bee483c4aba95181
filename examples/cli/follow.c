#define _XOPEN_SOURCE 700

#include "follow.h"

#include <stdio.h>
#include <string.h>

#include "json.h"
#include "progress.h"

#define REASON_MAX ((size_t)8192) /* bytes, so that the ARN is not cut off */

static struct segjob_str given_arn(const void *options)
{
    const struct options *o = options;

    return segjob_cstr(o->value[o->command == LIST ? OPTION_SOLUTION_VERSION_ARN
                                                   : OPTION_JOB_ARN]);
}

static enum segjob_status start_describe(struct segjob_client *client,
                                         const void *options)
{
    return segjob_describe(client, given_arn(options));
}

static enum segjob_status start_wait(struct segjob_client *client,
                                     const void *options)
{
    return segjob_wait(client, given_arn(options));
}

static enum segjob_status start_list(struct segjob_client *client,
                                     const void *options)
{
    return segjob_list(client, given_arn(options));
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
    struct segjob_job job;

    segjob_get_job(&s->client, &job);
    if (s->options->command == WAIT && follow_failed(&job)) {
        return follow_fail(s, &job, "");
    }
    if (s->options->as_text) {
        put_clean(output(), job.status.ptr, job.status.len, false);
        fputs("\n", output());
        return 0;
    }
    fputs("{\"batchSegmentJob\": ", output());
    json_job(output(), &job);
    fputs("}\n", output());
    return 0;
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

/* -------------------------------------------------------------------- list */

static void print_page(struct session *s, const char **before)
{
    struct segjob_job job;

    while (segjob_next_job(&s->client, &job)) {
        if (s->options->as_text) {
            json_text(output(), &job);
        } else {
            fputs(*before, output());
            json_job(output(), &job);
            *before = ", ";
        }
    }
}

/* All pages; nothing is written if one fails. */
static int print_list(struct session *s)
{
    const char *before = "";
    int code = 0;

    fputs(s->options->as_text ? "" : "{\"batchSegmentJobs\": [", output());
    print_page(s, &before);
    while (code == 0 && segjob_has_more(&s->client)) {
        if (segjob_list_more(&s->client) != SEGJOB_PENDING ||
            segjob_set_deadline(&s->client, s->deadline_ms) != SEGJOB_OK) {
            return session_fail(s);
        }
        code = session_run(s, NULL);
        print_page(s, &before);
    }
    fputs(s->options->as_text ? "" : "]}\n", output());
    return code;
}

/* --------------------------------------------------------------------- all */

int follow(struct session *s, const struct options *options)
{
    start_operation *const start = options->command == LIST   ? start_list
                                   : options->command == WAIT ? start_wait
                                                              : start_describe;
    int code = session_begin(s, options, start, options, options->timeout_ms);

    if (code || options->value[OPTION_DRY_RUN]) {
        return code ? code : session_dry_run(s);
    }
    code = options->command == WAIT ? run_wait(s) : session_run(s, NULL);
    if (code) {
        return code;
    }
    return options->command == LIST ? print_list(s) : print_described(s);
}
