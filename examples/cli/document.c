#define _XOPEN_SOURCE 700

#include "document.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "number.h"
#include "segjob_text.h"
#include "text.h"

static void set(struct value *object, const char *name, struct value *member)
{
    if (member) {
        value_set(object, segjob_cstr(name), member);
    }
}

static struct value *text(struct segjob_str bytes)
{
    return bytes.ptr ? value_string(bytes) : NULL;
}

struct value *document_of(const char *name, struct value *member)
{
    struct value *object = value_new(VALUE_OBJECT);

    set(object, name, member);
    return object;
}

/* ----------------------------------------------------------- time stamps */

/* As segjob_unix_time() takes it. */
static void read_date(const struct tm *tm, uint32_t date[6])
{
    date[0] = (uint32_t)(tm->tm_year + 1900);
    date[1] = (uint32_t)(tm->tm_mon + 1);
    date[2] = (uint32_t)tm->tm_mday;
    date[3] = (uint32_t)tm->tm_hour;
    date[4] = (uint32_t)tm->tm_min;
    date[5] = (uint32_t)tm->tm_sec;
}

/* As Python's isoformat() with the local time zone; NULL if it has none, or the
 * year has more than four digits. */
static struct value *iso_time(int64_t ms)
{
    const int64_t fraction = (ms % 1000 + 1000) % 1000;
    const time_t seconds = (time_t)((ms - fraction) / 1000);
    char micros[12] = "", all[80];
    uint32_t date[6];
    struct tm tm;
    int ahead; /* of UTC, in minutes */

    if (!localtime_r(&seconds, &tm) || tm.tm_year < -1900 ||
        tm.tm_year > 9999 - 1900) {
        return NULL;
    }
    read_date(&tm, date);
    ahead = (int)((segjob_unix_time(date) - seconds) / 60);
    if (fraction != 0) {
        text_format(micros, sizeof(micros), ".%03u000", (unsigned)fraction);
    }
    text_format(all, sizeof(all), "%04u-%02u-%02uT%02u:%02u:%02u%s%c%02d:%02d",
                date[0], date[1], date[2], date[3], date[4], date[5], micros,
                ahead < 0 ? '-' : '+', abs(ahead) / 60, abs(ahead) % 60);
    return value_cstr(all);
}

static struct value *time_stamp(int64_t ms, bool is_wire)
{
    struct value *time = is_wire || ms == 0 ? NULL : iso_time(ms);

    return time || ms == 0 ? time : number_real((double)ms / 1000);
}

/* ------------------------------------------------------------------ jobs */

struct value *document_created(struct segjob_str arn, struct segjob_str status)
{
    struct value *object = document_of("batchSegmentJobArn", text(arn));

    set(object, "status", text(status));
    return object;
}

static struct value *location(const char *name, const struct segjob_s3 *s3)
{
    struct value *object;

    if (!s3->path.ptr && !s3->kms_key_arn.ptr) {
        return NULL;
    }
    object = value_new(VALUE_OBJECT);
    set(object, "path", text(s3->path));
    set(object, "kmsKeyArn", text(s3->kms_key_arn));
    return document_of(name, object);
}

struct value *document_job(const struct segjob_job *job, bool has_wire_times)
{
    struct value *o = document_of("jobName", text(job->job_name));

    set(o, "batchSegmentJobArn", text(job->batch_segment_job_arn));
    set(o, "filterArn", text(job->filter_arn));
    set(o, "failureReason", text(job->failure_reason));
    set(o, "solutionVersionArn", text(job->solution_version_arn));
    if (job->has_num_results) {
        set(o, "numResults", value_integer(job->num_results));
    }
    set(o, "jobInput", location("s3DataSource", &job->input));
    set(o, "jobOutput", location("s3DataDestination", &job->output));
    set(o, "roleArn", text(job->role_arn));
    set(o, "status", text(job->status));
    set(o, "creationDateTime", time_stamp(job->creation_ms, has_wire_times));
    set(o, "lastUpdatedDateTime",
        time_stamp(job->last_updated_ms, has_wire_times));
    return o;
}

struct value *document_summary(const struct segjob_job *job,
                               bool has_wire_times)
{
    struct value *o =
        document_of("batchSegmentJobArn", text(job->batch_segment_job_arn));

    set(o, "jobName", text(job->job_name));
    set(o, "status", text(job->status));
    set(o, "creationDateTime", time_stamp(job->creation_ms, has_wire_times));
    set(o, "lastUpdatedDateTime",
        time_stamp(job->last_updated_ms, has_wire_times));
    set(o, "failureReason", text(job->failure_reason));
    set(o, "solutionVersionArn", text(job->solution_version_arn));
    return o;
}
