#define _XOPEN_SOURCE 700

#include "list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "document.h"
#include "params.h"
#include "put.h"
#include "result.h"
#include "segjob_list.h"
#include "skeleton.h"

/*
 * How pages are followed, as botocore does it. The AWS CLI's own tokens contain
 * a service's token and how many items of its page were printed before.
 */
struct paging {
    struct segjob_str solution_version_arn;
    struct segjob_str token; /* of the page that is asked for */
    uint32_t page_size;      /* 0: the service chooses */
    bool is_one;             /* one page, with its token as it is */
    bool has_max;
    int32_t max_items;
    int32_t to_skip; /* items of the first page */
};

static const char items_name[] = "batchSegmentJobs";
static const char token_name[] = "nextToken";
static const char skipped_name[] = "boto_truncate_amount";

/* --------------------------------------------------------------- options */

static int read_count(const struct options *options, enum option option,
                      int32_t least, int32_t most, int32_t *count)
{
    const char *text = options->value[option];

    return !text || (read_number(text, count) && *count >= least &&
                     *count <= most)
               ? 0
               : fail(EXIT_PARAMETER,
                      "%s must be a whole number from %ld to %ld, not '%.40s'",
                      option_name(option), (long)least, (long)most, text);
}

/* A text that is no such token is the service's own. */
static void read_starting_token(const char *text, struct paging *paging)
{
    struct value_error error;
    struct segjob_str json;
    struct value *token = NULL;
    const struct value *service, *skipped;

    paging->token = segjob_cstr(text);
    if (base64_decode(paging->token, &json)) {
        token = value_read(json.ptr, json.len, &error);
    }
    if (!token || token->type != VALUE_OBJECT) {
        return;
    }
    service = value_member(token, segjob_cstr(token_name));
    skipped = value_member(token, segjob_cstr(skipped_name));
    paging->token = (struct segjob_str){NULL, 0};
    if (service && service->type == VALUE_STRING) {
        paging->token = service->text;
    }
    if (skipped && skipped->type == VALUE_NUMBER) {
        (void)read_number(skipped->text.ptr, &paging->to_skip);
    }
}

static int check_no_paging(const struct options *options)
{
    static const enum option all[] = {OPTION_STARTING_TOKEN, OPTION_PAGE_SIZE,
                                      OPTION_MAX_ITEMS};

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (options->value[all[i]]) {
            return fail(EXIT_PARAMETER,
                        "%s needs pages to be followed: not with "
                        "--no-paginate, --next-token or --max-results",
                        option_name(all[i]));
        }
    }
    return 0;
}

/* The members of the request; some of them ask for one page. */
static int read_members(const struct options *options, struct paging *paging)
{
    static const char *const names[] = {"solutionVersionArn", token_name,
                                        "maxResults", NULL};
    struct value *params;
    bool has_max_results = false;
    int32_t max_results = 0;
    int code = params_read(options, &params);

    code = code ? code : params_check(params, names);
    code = code ? code
                : params_text(params, names[0], &paging->solution_version_arn);
    code = code ? code : params_text(params, names[1], &paging->token);
    code =
        code ? code
             : params_number(params, names[2], &has_max_results, &max_results);
    if (code == 0 && has_max_results &&
        (max_results < 1 || max_results > (int32_t)SEGJOB_PAGE_MAX)) {
        code = fail(EXIT_PARAMETER, "maxResults: must be from 1 to %u",
                    SEGJOB_PAGE_MAX);
    }
    if (code == 0 && paging->token.ptr && paging->token.len == 0) {
        code = fail(EXIT_PARAMETER, "nextToken: must not be empty");
    }
    paging->page_size = (uint32_t)max_results;
    paging->is_one = has_max_results || paging->token.ptr ||
                     options->value[OPTION_NO_PAGINATE];
    return code;
}

static int read_paging(const struct options *options, struct paging *paging)
{
    int32_t size = 0;
    int code = read_members(options, paging);

    if (code || paging->is_one) {
        return code ? code : check_no_paging(options);
    }
    code = read_count(options, OPTION_PAGE_SIZE, 1, (int32_t)SEGJOB_PAGE_MAX,
                      &size);
    code = code ? code
                : read_count(options, OPTION_MAX_ITEMS, 0, INT32_MAX,
                             &paging->max_items);
    paging->page_size = (uint32_t)size;
    paging->has_max = options->value[OPTION_MAX_ITEMS] != NULL;
    if (options->value[OPTION_STARTING_TOKEN]) {
        if (!options->value[OPTION_STARTING_TOKEN][0]) {
            return fail(EXIT_PARAMETER, "%s must not be empty",
                        option_name(OPTION_STARTING_TOKEN));
        }
        read_starting_token(options->value[OPTION_STARTING_TOKEN], paging);
    }
    return code;
}

/* ----------------------------------------------------------------- pages */

static enum segjob_status start(struct segjob_client *client,
                                const void *paging)
{
    const struct paging *p = paging;

    return segjob_list_page(client, p->solution_version_arn, p->page_size,
                            p->token);
}

/* The page that has come, and the token of the next. */
static struct value *read_page(struct session *s, struct segjob_str *next)
{
    struct value *items = value_new(VALUE_ARRAY);
    struct segjob_job job;

    while (segjob_next_job(&s->client, &job)) {
        value_append(items, document_summary(&job, s->config.has_wire_times));
    }
    *next = segjob_next_token(&s->client);
    if (next->len > 0) {
        *next = value_string(*next)->text; /* it outlives the buffer */
    }
    return items;
}

/* Those from the `skip`-th on, `most` at most. */
static struct value *slice(struct value *items, int64_t skip, int64_t most)
{
    struct value *some = value_new(VALUE_ARRAY);
    struct value *next;

    for (struct value *v = items->first; v; v = next) {
        next = v->next;
        v->next = NULL;
        if (skip-- <= 0 && most-- > 0) {
            value_append(some, v);
        }
    }
    return some;
}

/* A token of the AWS CLI: the service's token, which is absent at first. */
static struct value *make_token(struct segjob_str service, bool has_skipped,
                                int64_t skipped)
{
    char *json = NULL;
    size_t len = 0;
    struct put put = {.file = open_memstream(&json, &len), .left = PUT_MAX};
    struct value *token;

    if (!put.file) {
        fail_memory();
    }
    put_cstr(&put, "{");
    put_json_string(&put, segjob_cstr(token_name));
    put_cstr(&put, ": ");
    if (service.len > 0) {
        put_json_string(&put, service);
    } else {
        put_cstr(&put, "null");
    }
    if (has_skipped) {
        put_cstr(&put, ", ");
        put_json_string(&put, segjob_cstr(skipped_name));
        put_cstr(&put, ": ");
        put_value(&put, value_integer(skipped));
    }
    put_cstr(&put, "}");
    if (fclose(put.file) != 0) {
        fail_memory();
    }
    token = value_string(base64_encode((struct segjob_str){json, len}));
    free(json);
    return token;
}

/* ------------------------------------------------------------------ list */

/* The pages so far. */
struct pages {
    struct value *items; /* of all pages, unless each is written */
    int64_t count;
    struct value *resume; /* the token for what is left, or NULL */
};

static int next_page(struct session *s, const struct paging *paging)
{
    enum segjob_status status = start(&s->client, paging);

    if (status != SEGJOB_PENDING ||
        segjob_set_deadline(&s->client, s->deadline_ms) != SEGJOB_OK) {
        return session_fail(s);
    }
    return session_run(s, NULL);
}

static int add_page(struct session *s, struct pages *pages, struct value *items)
{
    struct value *next;

    if (result_is_text(s)) {
        return result_write(s, document_of(items_name, items));
    }
    for (struct value *v = items->first; v; v = next) {
        next = v->next;
        v->next = NULL;
        value_append(pages->items, v);
    }
    return 0;
}

/* Take the page that has come. Returns whether another is to follow. */
static bool take_page(struct session *s, struct paging *paging,
                      struct pages *pages, int *code)
{
    struct segjob_str next;
    struct value *items = read_page(s, &next);
    const int64_t skip = paging->to_skip;
    int64_t count, left;

    paging->to_skip = 0;
    count = (int64_t)value_count(items) - skip;
    if (count < 0) {
        *code = fail(EXIT_OTHER, "the page is smaller than when the token was "
                                 "made: begin without a token");
        return false;
    }
    items = slice(items, skip, INT64_MAX);
    left = paging->has_max ? paging->max_items - pages->count : count;
    if (count > left) {
        pages->resume = make_token(paging->token, true, left + skip);
        *code = add_page(s, pages, slice(items, 0, left));
        return false;
    }
    pages->count += count;
    *code = add_page(s, pages, items);
    if (*code || next.len == 0) {
        return false;
    }
    if (paging->has_max && pages->count == paging->max_items) {
        pages->resume = make_token(next, false, 0);
        return false;
    }
    if (next.len == paging->token.len &&
        memcmp(next.ptr, paging->token.ptr, next.len) == 0) {
        *code = fail(EXIT_OTHER, "the service gave the same next token twice");
        return false;
    }
    paging->token = next;
    return true;
}

static int follow_pages(struct session *s, struct paging *paging)
{
    struct pages pages = {value_new(VALUE_ARRAY), 0, NULL};
    struct value *document;
    int code = session_run(s, NULL);

    while (code == 0 && take_page(s, paging, &pages, &code)) {
        code = next_page(s, paging);
    }
    if (code || (result_is_text(s) && !pages.resume)) {
        return code;
    }
    if (result_is_text(s)) {
        document = document_of("NextToken", pages.resume);
        return result_write(s, document_of("NextToken", document));
    }
    document = document_of(items_name, pages.items);
    if (pages.resume) {
        value_set(document, segjob_cstr("NextToken"), pages.resume);
    }
    return result_write(s, document);
}

static int one_page(struct session *s)
{
    struct segjob_str next;
    struct value *document;
    int code = session_run(s, NULL);

    if (code) {
        return code;
    }
    document = document_of(items_name, read_page(s, &next));
    if (next.len > 0) {
        value_set(document, segjob_cstr(token_name), value_string(next));
    }
    return result_write(s, document);
}

int list(struct session *s, const struct options *options)
{
    struct paging paging = {.page_size = 0};
    int code = read_paging(options, &paging);

    if (code == 0 && options_want_sample(options)) {
        return skeleton_print_output(s, options);
    }
    code = code
               ? code
               : session_begin(s, options, start, &paging, options->timeout_ms);
    if (code || options->value[OPTION_DRY_RUN]) {
        return code ? code : session_dry_run(s);
    }
    return paging.is_one ? one_page(s) : follow_pages(s, &paging);
}
