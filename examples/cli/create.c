#include "create.h"

#include <stdio.h>
#include <string.h>

#include "document.h"
#include "follow.h"
#include "request.h"
#include "result.h"
#include "skeleton.h"

#define CREATION_MS 60000u /* at most, if the job is waited for after it */

static enum segjob_status start_create(struct segjob_client *client,
                                       const void *request)
{
    return segjob_create(client, request);
}

static enum segjob_status start_ensure(struct segjob_client *client,
                                       const void *request)
{
    return segjob_ensure(client, request);
}

/*
 * What to do if the job may exist: --ensure, unless it is refused since the
 * job's ARN cannot be derived.
 */
static const char *maybe(const struct session *s,
                         const struct segjob_create_request *request)
{
    static struct segjob_client probe;

    return segjob_init(&probe, &s->config.client, NULL, 0) == SEGJOB_OK &&
                   segjob_ensure(&probe, request) == SEGJOB_PENDING
               ? "; the job may exist: `segjob create --ensure` settles it"
               : "; the job may exist";
}

/* If the job's status is known, a failed job is a failure. */
static int print_created(struct session *s, struct segjob_str arn)
{
    struct segjob_job job = {.num_results = 0};

    if ((s->options->value[OPTION_ENSURE] || s->options->value[OPTION_WAIT]) &&
        segjob_get_job(&s->client, &job) && follow_failed(&job)) {
        return follow_fail(s, &job, "; its name stays taken");
    }
    return result_write(s, document_created(arn, job.status));
}

/* The ARN is copied: the wait uses the buffer that contains it. */
static int wait_for_it(struct session *s)
{
    static char kept[4 * 256];
    struct segjob_str arn = segjob_batch_segment_job_arn(&s->client);
    int code;

    memcpy(kept, arn.ptr, arn.len); /* the library limits it */
    arn.ptr = kept;
    code = follow_wait(s, arn);
    return code ? code : print_created(s, arn);
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

    if (code == 0 && options_want_sample(options)) {
        return skeleton_print_output(s, options);
    }
    if (code == 0) {
        code = session_begin(s, options,
                             options->value[OPTION_ENSURE] ? start_ensure
                                                           : start_create,
                             &request, ms);
    }
    if (code || options->value[OPTION_DRY_RUN]) {
        return code ? code : session_dry_run(s);
    }
    s->maybe = maybe(s, &request);
    code = session_run(s, NULL);
    if (code) {
        return code;
    }
    session_made(s);
    s->deadline_ms = begun + options->timeout_ms;
    return waits ? wait_for_it(s)
                 : print_created(s, segjob_batch_segment_job_arn(&s->client));
}
