#include "request.h"

#include <string.h>

#define DEPTH_MAX 3

const char *const member_paths[MEMBERS] = {
#define MEMBER_PATH(name, path) path,
    MEMBER_LIST(MEMBER_PATH)
#undef MEMBER_PATH
};

const char *const target_names[TARGETS] = {"nothing", "CreateBatchSegmentJob",
                                           "DescribeBatchSegmentJob",
                                           "ListBatchSegmentJobs"};

bool same_text(struct segjob_str a, struct segjob_str b)
{
    return (a.ptr == NULL) == (b.ptr == NULL) && a.len == b.len &&
           (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

enum member params_difference(const struct params *a, const struct params *b)
{
    int i = 0;

    while (i < MEMBERS && same_text(a->of[i], b->of[i])) {
        i++;
    }
    return (enum member)i;
}

/* ------------------------------------------------------------------- text */

struct reader {
    const char *at;
    const char *end;
    struct segjob_str names[DEPTH_MAX]; /* of the members around a value */
    struct request *request;
};

static bool take(struct reader *r, const char *text)
{
    const size_t n = strlen(text);

    if ((size_t)(r->end - r->at) < n || memcmp(r->at, text, n) != 0) {
        return false;
    }
    r->at += n;
    return true;
}

/* Take the text before `stop`, and `stop`. */
static bool take_until(struct reader *r, char stop, struct segjob_str *taken)
{
    const char *at = memchr(r->at, stop, (size_t)(r->end - r->at));

    if (at == NULL) {
        return false;
    }
    taken->ptr = r->at;
    taken->len = (size_t)(at - r->at);
    r->at = at + 1;
    return true;
}

/* ------------------------------------------------------------------- JSON */

/* The place for the current value; NULL if its member is unknown. */
static struct segjob_str *place_of(struct reader *r, int depth)
{
    char path[128];
    size_t len = 0;

    for (int i = 0; i < depth; i++) {
        const struct segjob_str name = r->names[i];

        if (len + name.len + 2 > sizeof(path)) {
            return NULL;
        }
        if (i > 0) {
            path[len++] = '.';
        }
        memcpy(path + len, name.ptr, name.len);
        len += name.len;
    }
    path[len] = '\0';
    for (int i = 0; i < MEMBERS; i++) {
        if (strcmp(path, member_paths[i]) == 0) {
            return &r->request->params.of[i];
        }
    }
    if (strcmp(path, "maxResults") == 0) {
        return &r->request->max_results;
    }
    if (strcmp(path, "nextToken") == 0) {
        return &r->request->next_token;
    }
    return strcmp(path, "batchSegmentJobArn") == 0 ? &r->request->arn : NULL;
}

static bool read_string(struct reader *r, struct segjob_str *text)
{
    return take(r, "\"") && take_until(r, '"', text) &&
           memchr(text->ptr, '\\', text->len) == NULL;
}

/* Lists are kept as JSON; the strings of tags contain no `]`. */
static bool read_plain(struct reader *r, struct segjob_str *value)
{
    if (r->at < r->end && *r->at == '"') {
        return read_string(r, value);
    }
    if (r->at < r->end && *r->at == '[') {
        if (!take_until(r, ']', value)) {
            return false;
        }
        value->len++;
        return true;
    }
    value->ptr = r->at;
    while (r->at < r->end &&
           (*r->at == '-' || (*r->at >= '0' && *r->at <= '9'))) {
        r->at++;
    }
    value->len = (size_t)(r->at - value->ptr);
    return value->len > 0;
}

static bool read_object(struct reader *r, int depth)
{
    do {
        struct segjob_str *place;

        if (depth == DEPTH_MAX || !read_string(r, &r->names[depth]) ||
            !take(r, ":")) {
            return false;
        }
        if (take(r, "{")) {
            if (!read_object(r, depth + 1)) {
                return false;
            }
            continue;
        }
        place = place_of(r, depth + 1);
        if (place == NULL || place->ptr != NULL || !read_plain(r, place)) {
            return false;
        }
    } while (take(r, ","));
    return take(r, "}");
}

/* ------------------------------------------------------------------- head */

int64_t days_to(int64_t year, int64_t month, int64_t day)
{
    const int64_t y = month > 2 ? year : year - 1; /* from March to February */
    const int64_t m = month > 2 ? month - 3 : month + 9;

    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 -
           719468;
}

static int64_t number(const char *digits, int n)
{
    int64_t value = 0;

    for (int i = 0; i < n; i++) {
        value = value * 10 + (digits[i] - '0');
    }
    return value;
}

/* YYYYMMDDTHHMMSSZ */
static bool read_date(struct segjob_str s, int64_t *date)
{
    if (s.len != 16 || s.ptr[8] != 'T' || s.ptr[15] != 'Z') {
        return false;
    }
    *date =
        days_to(number(s.ptr, 4), number(s.ptr + 4, 2), number(s.ptr + 6, 2)) *
            86400 +
        number(s.ptr + 9, 2) * 3600 + number(s.ptr + 11, 2) * 60 +
        number(s.ptr + 13, 2);
    return true;
}

static enum target read_target(struct segjob_str s)
{
    static const char service[] = "AmazonPersonalize.";
    const size_t front = sizeof(service) - 1;
    int target = TARGETS;

    if (s.len < front || memcmp(s.ptr, service, front) != 0) {
        return NO_TARGET;
    }
    s.ptr += front;
    s.len -= front;
    while (--target > NO_TARGET &&
           !same_text(s, segjob_cstr(target_names[target]))) {
    }
    return (enum target)target;
}

static bool read_field(struct reader *r, size_t *content_length)
{
    struct segjob_str name, value;

    if (!take_until(r, ':', &name) || !take(r, " ") ||
        !take_until(r, '\r', &value) || !take(r, "\n")) {
        return false;
    }
    if (same_text(name, segjob_cstr("X-Amz-Target"))) {
        r->request->target = read_target(value);
    } else if (same_text(name, segjob_cstr("X-Amz-Date"))) {
        return read_date(value, &r->request->date);
    } else if (same_text(name, segjob_cstr("X-Amz-Security-Token"))) {
        r->request->token = value;
    } else if (same_text(name, segjob_cstr("Content-Length"))) {
        *content_length = (size_t)number(value.ptr, (int)value.len);
    }
    return true;
}

bool request_read(struct segjob_str bytes, struct request *request)
{
    struct reader r = {.at = bytes.ptr, .end = bytes.ptr + bytes.len};
    size_t content_length = 0;

    memset(request, 0, sizeof(*request));
    request->date = INT64_MIN;
    r.request = request;
    if (!take(&r, "POST / HTTP/1.1\r\n")) {
        return false;
    }
    while (!take(&r, "\r\n")) {
        if (!read_field(&r, &content_length)) {
            return false;
        }
    }
    return request->target != NO_TARGET && request->date != INT64_MIN &&
           content_length == (size_t)(r.end - r.at) && take(&r, "{") &&
           read_object(&r, 0) && r.at == r.end;
}
