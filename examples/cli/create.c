#include "create.h"

#include <stdio.h>
#include <string.h>

#include "follow.h"
#include "json.h"
#include "request.h"

#define CREATION_MS 60000u /* at most, if the job is waited for after it */

static enum segjob_status take_on_create(struct segjob_client *client,
                                         const void *request)
{
    return segjob_create(client, request);
}

static enum segjob_status take_on_ensure(struct segjob_client *client,
                                         const void *request)
{
    return segjob_ensure(client, request);
}

/* What had existed before has a status: a failed one is of no use. */
static int print_created(struct session *s)
{
    struct segjob_job job = {.num_results = 0};

    if (s->options->value[OPTION_ENSURE] && segjob_job(&s->client, &job) &&
        follow_failed(&job)) {
        return follow_fail(&job, "; its name stays taken");
    }
    json_arn(stdout, segjob_batch_segment_job_arn(&s->client), job.status,
             s->options->as_text);
    return 0;
}

/* The ARN must outlive the buffer that it stands in. */
static int wait_for_it(struct session *s)
{
    static char arn[4 * 256 + 1], made[sizeof(arn) + 32];
    const struct segjob_str told = segjob_batch_segment_job_arn(&s->client);
    struct segjob_job job;
    int code;

    snprintf(arn, sizeof(arn), "%.*s", (int)told.len, told.ptr);
    snprintf(made, sizeof(made), "; the job was made: %s", arn);
    s->made = made;
    code = follow_wait(s, segjob_str(arn));
    if (code == 0) {
        segjob_job(&s->client, &job);
        json_arn(stdout, job.batch_segment_job_arn, job.status,
                 s->options->as_text);
    }
    return code;
}

int create(struct session *s, const struct options *options)
{
    static struct segjob_create_request request;
    const bool waits = options->value[OPTION_WAIT];
    const uint64_t begun = now_ms();
    const uint32_t ms = waits && options->timeout_ms > CREATION_MS
                            ? CREATION_MS
                            : options->timeout_ms;
    int code = request_read(options, &request);

    if (code == 0) {
        code = session_begin(s, options,
                             options->value[OPTION_ENSURE] ? take_on_ensure
                                                           : take_on_create,
                             &request, ms);
    }
    if (code || options->value[OPTION_DRY_RUN]) {
        return code ? code : session_dry_run(s);
    }
    code = session_run(s, NULL);
    if (code) {
        return code;
    }
    s->made = "; the job was made";
    s->deadline_ms = begun + options->timeout_ms;
    return waits ? wait_for_it(s) : print_created(s);
}
