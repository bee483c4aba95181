#include "sj_body.h"

#include "sj_job.h"
#include "sj_resource.h"

static void write_tags(struct sj_writer *w, const struct segjob_tag *tags,
                       size_t n)
{
    sj_write_text(w, ",\"tags\":[");
    for (size_t i = 0; i < n; i++) {
        sj_write_text(w, i == 0 ? "" : ",");
        sj_write_template(w, "{\"tagKey\":\xa0,\"tagValue\":\xa1}", &tags[i]);
    }
    sj_write_char(w, ']');
}

void sj_body_write_create(struct sj_writer *w,
                          const struct segjob_create_request *r)
{
    sj_write_template(w,
                      "{\"jobName\":\xa0,\"solutionVersionArn\":\xa1"
                      "\xc2,\"filterArn\":\xa2\xff",
                      r);
    if (r->has_num_results) {
        sj_write_text(w, ",\"numResults\":");
        sj_write_int(w, r->num_results);
    }
    sj_write_template(w,
                      ",\"jobInput\":{\"s3DataSource\":{\"path\":\xa4"
                      "\xc5,\"kmsKeyArn\":\xa5\xff}}"
                      ",\"jobOutput\":{\"s3DataDestination\":{\"path\":\xa6"
                      "\xc7,\"kmsKeyArn\":\xa7\xff}}"
                      ",\"roleArn\":\xa3",
                      r);
    if (r->tags != NULL) {
        write_tags(w, r->tags, r->tags_len);
    }
    sj_write_char(w, '}');
}

void sj_body_write_describe(struct sj_writer *w, struct segjob_str arn,
                            const struct segjob_create_request *r)
{
    if (arn.ptr != NULL) {
        sj_write_template(w, "{\"" SJ_RESOURCE_ARN_MEMBER "\":\xa0}", &arn);
        return;
    }
    sj_write_text(w, "{\"" SJ_RESOURCE_ARN_MEMBER "\":\"");
    sj_job_write_arn(w, r->solution_version_arn, r->job_name);
    sj_write_text(w, "\"}");
}

/* Returns what precedes the next member. */
static const char *write_member(struct sj_writer *w, const char *before,
                                const char *template, struct segjob_str text)
{
    if (text.ptr == NULL) {
        return before;
    }
    sj_write_text(w, before);
    sj_write_template(w, template, &text);
    return ",";
}

void sj_body_write_list(struct sj_writer *w,
                        struct segjob_str solution_version_arn,
                        struct segjob_str next_token, uint32_t max_results)
{
    const char *before = "";

    sj_write_char(w, '{');
    if (max_results != SJ_PAGE_ANY) {
        sj_write_text(w, "\"maxResults\":");
        sj_write_int(w, max_results);
        before = ",";
    }
    before = write_member(w, before, "\"solutionVersionArn\":\xa0",
                          solution_version_arn);
    (void)write_member(w, before, "\"nextToken\":\xa0", next_token);
    sj_write_char(w, '}');
}
