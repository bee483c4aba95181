#define _XOPEN_SOURCE 700

#include "json.h"

#include <string.h>
#include <time.h>

#include "output.h"

/* `before` is the text before the next member. */
struct object {
    FILE *file;
    const char *before;
};

static struct object begin(FILE *file)
{
    struct object o = {file, "{"};

    return o;
}

static void end(struct object *o)
{
    fputs(*o->before == '{' ? "{}" : "}", o->file);
}

static void name(struct object *o, const char *text)
{
    fprintf(o->file, "%s\"%s\": ", o->before, text);
    o->before = ", ";
}

static void text(struct object *o, const char *member, struct segjob_str value)
{
    if (value.ptr) {
        name(o, member);
        putc('"', o->file);
        put_clean(o->file, value.ptr, value.len, true);
        putc('"', o->file);
    }
}

/* Seconds since 1970, as the service writes them. */
static void seconds(struct object *o, const char *member, int64_t ms)
{
    const uint64_t n = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;

    if (ms != 0) {
        name(o, member);
        fprintf(o->file, "%s%llu.%03u", ms < 0 ? "-" : "",
                (unsigned long long)(n / 1000), (unsigned)(n % 1000));
    }
}

static void location(struct object *o, const char *member, const char *kind,
                     const struct segjob_s3 *s3)
{
    struct object inner = begin(o->file);

    if (s3->path.ptr || s3->kms_key_arn.ptr) {
        name(o, member);
        fprintf(o->file, "{\"%s\": ", kind);
        text(&inner, "path", s3->path);
        text(&inner, "kmsKeyArn", s3->kms_key_arn);
        end(&inner);
        putc('}', o->file);
    }
}

void json_job(FILE *file, const struct segjob_job *job)
{
    struct object o = begin(file);

    text(&o, "jobName", job->job_name);
    text(&o, "batchSegmentJobArn", job->batch_segment_job_arn);
    text(&o, "filterArn", job->filter_arn);
    text(&o, "failureReason", job->failure_reason);
    text(&o, "solutionVersionArn", job->solution_version_arn);
    if (job->has_num_results) {
        name(&o, "numResults");
        fprintf(file, "%ld", (long)job->num_results);
    }
    location(&o, "jobInput", "s3DataSource", &job->input);
    location(&o, "jobOutput", "s3DataDestination", &job->output);
    text(&o, "roleArn", job->role_arn);
    text(&o, "status", job->status);
    seconds(&o, "creationDateTime", job->creation_ms);
    seconds(&o, "lastUpdatedDateTime", job->last_updated_ms);
    end(&o);
}

void json_arn(FILE *file, struct segjob_str arn, struct segjob_str status,
              bool as_text)
{
    struct object o = begin(file);

    if (as_text) {
        put_clean(file, arn.ptr, arn.len, false);
        if (status.ptr) {
            putc('\t', file);
            put_clean(file, status.ptr, status.len, false);
        }
    } else {
        text(&o, "batchSegmentJobArn", arn);
        text(&o, "status", status);
        end(&o);
    }
    putc('\n', file);
}

void json_text(FILE *file, const struct segjob_job *job)
{
    const time_t at = (time_t)(job->creation_ms / 1000);
    struct tm tm;
    char date[40] = "";

    if (job->creation_ms != 0 && gmtime_r(&at, &tm)) {
        strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &tm);
    }
    put_clean(file, job->batch_segment_job_arn.ptr,
              job->batch_segment_job_arn.len, false);
    putc('\t', file);
    put_clean(file, job->status.ptr, job->status.len, false);
    fprintf(file, "\t%s\n", date);
}
