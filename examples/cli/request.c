#define _XOPEN_SOURCE 700

#include "request.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "explain.h"
#include "file.h"
#include "format.h"
#include "output.h"
#include "params.h"
#include "text.h"
#include "segjob_json.h"

/* Room for 200 tags and, while the text is read, its values and names. */
#define ROOM_CAP (256u * 1024)

#define JSON "--cli-input-json: "

/*
 * Split the tag at index `i`. No message shows its text. No tag contains a
 * comma: that is another program's syntax, such as Key=a,Value=b.
 */
static int split_tag(const char *text, size_t i, struct segjob_tag *tag)
{
    size_t n = strcspn(text, "=");

    if (text[n] == '\0' || strchr(text, ',')) {
        return fail(EXIT_PARAMETER,
                    "--tag (tags[%lu]): must be KEY=VALUE, without a comma, "
                    "such as team=films; --tag again gives another",
                    (unsigned long)i);
    }
    tag->key.ptr = text;
    tag->key.len = n;
    tag->value = segjob_cstr(text + n + 1);
    return 0;
}

static int read_tags(const struct options *options,
                     struct segjob_create_request *request)
{
    static struct segjob_tag tags[OPTIONS_TAGS_CAP];
    int code = 0;

    for (size_t i = 0; i < options->tags_len && code == 0; i++) {
        code = split_tag(options->tags[i], i, &tags[i]);
    }
    if (options->tags_len > 0) {
        request->tags = tags;
        request->tags_len = options->tags_len;
    }
    return code;
}

static int read_options(const struct options *options,
                        struct segjob_create_request *request)
{
    const struct {
        enum option option;
        struct segjob_str *member;
    } members[] = {
        {OPTION_JOB_NAME, &request->job_name},
        {OPTION_SOLUTION_VERSION_ARN, &request->solution_version_arn},
        {OPTION_FILTER_ARN, &request->filter_arn},
        {OPTION_ROLE_ARN, &request->role_arn},
        {OPTION_INPUT_PATH, &request->input.path},
        {OPTION_INPUT_KMS_KEY_ARN, &request->input.kms_key_arn},
        {OPTION_OUTPUT_PATH, &request->output.path},
        {OPTION_OUTPUT_KMS_KEY_ARN, &request->output.kms_key_arn},
    };
    const char *num_results = options->value[OPTION_NUM_RESULTS];

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (options->value[members[i].option]) {
            *members[i].member = segjob_cstr(options->value[members[i].option]);
        }
    }
    if (num_results) {
        request->has_num_results = true;
        if (!read_number(num_results, &request->num_results)) {
            return fail(EXIT_PARAMETER,
                        "--num-results (numResults): must be a whole number of "
                        "32 bits, such as 25, not '%.40s'",
                        num_results);
        }
    }
    return read_tags(options, request);
}

static int fail_json(const char *before, const struct segjob_read_error *error)
{
    const char *between = error->path[0] ? ": " : "";

    if (error->line > 0) {
        return fail(EXIT_PARAMETER, "%sline %lu, column %lu: %s", before,
                    (unsigned long)error->line, (unsigned long)error->column,
                    error->what);
    }
    return fail(EXIT_PARAMETER, "%s%s%s%s", before, error->path, between,
                error->what);
}

/* `text` has `len` bytes, which are changed. */
static int read_text(const char *before, char *text, size_t len,
                     struct segjob_create_request *request)
{
    static union {
        void *alignment;
        char bytes[ROOM_CAP];
    } room;
    struct segjob_read_error error;

    return segjob_read_create_request(text, len, room.bytes, sizeof(room.bytes),
                                      request, &error) == SEGJOB_OK
               ? 0
               : fail_json(before, &error);
}

/* Read the API's own JSON from a file, `file://` before it or not, or `-`. */
static int read_json(const char *name, struct segjob_create_request *request)
{
    static char text[FILE_CAP];
    const char *path = strncmp(name, "file://", 7) == 0 ? name + 7 : name;
    char before[sizeof(JSON) + 4096];
    size_t len;

    if (strcmp(name, "-") == 0) {
        name = "standard input";
        path = NULL;
    }
    if (!file_read(path, text, &len)) {
        return fail(EXIT_PARAMETER, JSON "%s: %s%s", name, strerror(errno),
                    errno == EFBIG ? ", at most 1 MiB is read" : "");
    }
    text_format(before, sizeof(before), JSON "%s: ", name);
    return read_text(before, text, len, request);
}

/* The parameters as the AWS CLI takes them, by way of their JSON. */
static int read_params(const struct options *options,
                       struct segjob_create_request *request)
{
    static char *text; /* the request points into it */
    size_t len = 0;
    FILE *file;
    struct value *params;
    int code = params_read(options, &params);

    if (code) {
        return code;
    }
    file = open_memstream(&text, &len);
    if (!file || !format_json(file, params) || fclose(file) != 0) {
        fail_memory();
    }
    return read_text("", text, len, request);
}

int request_read(const struct options *options,
                 struct segjob_create_request *request)
{
    const char *json = options->value[OPTION_CLI_INPUT_JSON];
    int code = 0;

    memset(request, 0, sizeof(*request));
    if (options_are_api(options)) {
        code = read_params(options, request);
    } else {
        code = json ? read_json(json, request) : 0;
        code = code ? code : read_options(options, request);
    }
    return code ? code : explain_missing(options, request);
}
