/*
 * Reads a request from the API's JSON, by a table of members for each object;
 * and texts from any object.
 */
#include "segjob_json.h"

#include "sj_json.h"
#include "sj_scan.h"
#include "sj_unicode.h"
#include "sj_writer.h"

/* The state of reading a request. */
struct reader {
    struct sj_json json;
    struct segjob_tag *tags; /* at the start of the room ... */
    size_t tags_cap;         /* ... as many as fit before the tokens */
    struct sj_writer path;   /* of the current member, in the error */
    bool in_tag;             /* an unknown name may be a secret: omit it */
    enum segjob_status status;
    struct segjob_read_error *error;
};

static bool fail(struct reader *r, enum segjob_status status, const char *what)
{
    size_t last = sizeof(r->error->path) - 1;

    r->status = status;
    r->error->what = what;
    r->error->path[r->path.len < last ? r->path.len : last] = '\0';
    return false;
}

/* Append a member to the path. leave() removes it, with the value returned. */
static size_t enter(struct reader *r, struct segjob_str name)
{
    size_t mark = r->path.len;

    if (mark > 0) {
        sj_write_char(&r->path, '.');
    }
    sj_write_shown(&r->path, name);
    return mark;
}

static void leave(struct reader *r, size_t mark)
{
    r->path.len = mark;
}

/* Read `value`, which is not null, to `to`. */
typedef bool read_function(struct reader *r, int value, void *to);

struct member {
    const char *name;
    read_function *read;
    size_t offset; /* in the object's struct */
};

static bool read_member(struct reader *r, int name, const struct member *m,
                        void *object)
{
    struct segjob_str text = sj_json_string(&r->json, name);
    int value = name + 1;
    size_t mark;

    while (m->name != NULL && !sj_is_text(text, m->name)) {
        m++;
    }
    if (m->name == NULL && r->in_tag) {
        return fail(r, SEGJOB_INVALID, "must contain only tagKey and tagValue");
    }
    mark = enter(r, text);
    if (m->name == NULL) {
        return fail(r, SEGJOB_INVALID, "is not a member of the request");
    }
    if (!sj_json_is_null(&r->json, value) &&
        !m->read(r, value, (char *)object + m->offset)) {
        return false;
    }
    leave(r, mark);
    return true;
}

/* `members` ends with a row whose name is NULL. */
static bool read_object(struct reader *r, int value,
                        const struct member *members, void *object)
{
    if (!sj_json_is_object(&r->json, value)) {
        return fail(r, SEGJOB_INVALID, "must be an object");
    }
    for (int name = sj_json_first(&r->json, value); name != SJ_JSON_NONE;
         name = sj_json_next(&r->json, name)) {
        if (!read_member(r, name, members, object)) {
            return false;
        }
    }
    return true;
}

static bool read_string(struct reader *r, int value, void *to)
{
    struct segjob_str *s = to;

    *s = sj_json_string(&r->json, value);
    return s->ptr != NULL || fail(r, SEGJOB_INVALID, "must be a string");
}

static bool read_num_results(struct reader *r, int value, void *to)
{
    struct segjob_create_request *request = to;

    request->has_num_results = true;
    return sj_json_int32(&r->json, value, &request->num_results) ||
           fail(r, SEGJOB_INVALID, "must be an integer of 32 bits");
}

static bool read_s3_location(struct reader *r, int value, void *to)
{
    static const struct member members[] = {
        {"path", read_string, offsetof(struct segjob_s3, path)},
        {"kmsKeyArn", read_string, offsetof(struct segjob_s3, kms_key_arn)},
        {NULL, NULL, 0},
    };

    return read_object(r, value, members, to);
}

static bool read_input(struct reader *r, int value, void *to)
{
    static const struct member members[] = {
        {"s3DataSource", read_s3_location, 0},
        {NULL, NULL, 0},
    };

    return read_object(r, value, members, to);
}

static bool read_output(struct reader *r, int value, void *to)
{
    static const struct member members[] = {
        {"s3DataDestination", read_s3_location, 0},
        {NULL, NULL, 0},
    };

    return read_object(r, value, members, to);
}

static bool read_tag(struct reader *r, int value, void *to)
{
    static const struct member members[] = {
        {"tagKey", read_string, offsetof(struct segjob_tag, key)},
        {"tagValue", read_string, offsetof(struct segjob_tag, value)},
        {NULL, NULL, 0},
    };

    return read_object(r, value, members, to);
}

static bool read_tag_at(struct reader *r, int value, size_t index)
{
    static const struct segjob_tag no_tag = {{NULL, 0}, {NULL, 0}};
    size_t mark = r->path.len;

    if (index == r->tags_cap) {
        return fail(r, SEGJOB_NO_SPACE, "has too many items for the room");
    }
    sj_write_char(&r->path, '[');
    sj_write_int(&r->path, (int64_t)index);
    sj_write_char(&r->path, ']');
    r->tags[index] = no_tag;
    r->in_tag = true;
    if (!read_tag(r, value, &r->tags[index])) {
        return false;
    }
    r->in_tag = false;
    leave(r, mark);
    return true;
}

static bool read_tags(struct reader *r, int value, void *to)
{
    struct segjob_create_request *request = to;
    size_t n = 0;

    if (!sj_json_is_array(&r->json, value)) {
        return fail(r, SEGJOB_INVALID, "must be an array");
    }
    for (int item = sj_json_first(&r->json, value); item != SJ_JSON_NONE;
         item = sj_json_next(&r->json, item)) {
        if (!read_tag_at(r, item, n++)) {
            return false;
        }
    }
    request->tags = r->tags;
    request->tags_len = n;
    return true;
}

#define REQUEST_OFFSET(member) offsetof(struct segjob_create_request, member)

static bool read_request(struct reader *r,
                         struct segjob_create_request *request)
{
    static const struct member members[] = {
        {"jobName", read_string, REQUEST_OFFSET(job_name)},
        {"solutionVersionArn", read_string,
         REQUEST_OFFSET(solution_version_arn)},
        {"filterArn", read_string, REQUEST_OFFSET(filter_arn)},
        {"roleArn", read_string, REQUEST_OFFSET(role_arn)},
        {"jobInput", read_input, REQUEST_OFFSET(input)},
        {"jobOutput", read_output, REQUEST_OFFSET(output)},
        {"numResults", read_num_results, 0},
        {"tags", read_tags, 0},
        {NULL, NULL, 0},
    };

    return read_object(r, SJ_JSON_ROOT, members, request);
}

/* Tags are stored at the start of the room; the tokens are at its end. */
static bool divide_room(struct reader *r, char *room)
{
    size_t pad = (uintptr_t)room % sizeof(void *);
    size_t offset = pad == 0 ? 0 : sizeof(void *) - pad;
    size_t left = (size_t)((char *)r->json.tokens - room) -
                  (size_t)(r->json.len - 1) * SJ_JSON_TOKEN;

    if (left < offset) {
        return false;
    }
    r->tags = (struct segjob_tag *)(void *)(room + offset);
    r->tags_cap = (left - offset) / sizeof(struct segjob_tag);
    return true;
}

/* ------------------------------------------------------ errors in the text */

/* Set line and column of `at` in the text, which is UTF-8 up to there. */
static void locate(struct segjob_read_error *error, const char *text,
                   const char *at)
{
    error->line = 1;
    error->column = 1;
    for (; text < at; text++) {
        if (*text == '\n') {
            error->line++;
            error->column = 1;
        } else if ((*text & 0xc0) != 0x80) { /* once for each character */
            error->column++;
        }
    }
}

static char peek(struct segjob_str s)
{
    return s.len > 0 ? s.ptr[0] : '\0';
}

#define NOT_JSON "is not JSON: "

/* What is wrong in a string, where its scan stopped. */
static const char *bad_string(struct segjob_str left)
{
    if (left.len == 0) {
        return NOT_JSON "a string has no closing quote";
    }
    return (unsigned char)left.ptr[0] < 0x20
               ? NOT_JSON "a control character in a string is not escaped"
               : NOT_JSON "there is no such escape sequence";
}

static const char *unexpected(const struct sj_json_scan *s)
{
    const bool in_object = (s->open & 1) != 0;

    switch (s->expect) {
    case SJ_JSON_NAME:
        return NOT_JSON "expected a member's name in double quotes";
    case SJ_JSON_NAME | SJ_JSON_CLOSER:
        return NOT_JSON "expected a member's name in double quotes, or }";
    case SJ_JSON_COLON:
        return NOT_JSON "expected a colon";
    case SJ_JSON_COMMA | SJ_JSON_CLOSER:
        return in_object ? NOT_JSON "expected a comma or }"
                         : NOT_JSON "expected a comma or ]";
    case SJ_JSON_VALUE | SJ_JSON_CLOSER:
        return NOT_JSON "expected a value or ]";
    case SJ_JSON_END:
        return NOT_JSON "expected the end of the text";
    default:
        return NOT_JSON "expected a value";
    }
}

/* What is wrong in the item at `s`, after which a scan stopped at `stopped`. */
static const char *bad_text(const struct sj_json_scan *s,
                            struct segjob_str stopped)
{
    struct segjob_str left = stopped;
    uint32_t ignored;

    if (left.len > 0 && !sj_utf8_next(&left, &ignored)) {
        return "is not UTF-8";
    }
    if (peek(s->left) == '"' &&
        (s->expect & (SJ_JSON_VALUE | SJ_JSON_NAME)) != 0) {
        return bad_string(stopped);
    }
    return stopped.len < s->left.len ? NOT_JSON "expected a digit"
                                     : unexpected(s);
}

/* A scan stops at an opening bracket only if it is nested too deep. */
static bool is_too_deep(const struct sj_json_scan *s)
{
    return (s->expect & SJ_JSON_VALUE) != 0 &&
           (peek(s->left) == '{' || peek(s->left) == '[');
}

static void explain(struct sj_json *json, struct segjob_str text,
                    struct segjob_read_error *error)
{
    struct sj_json_scan next = {text, SJ_JSON_VALUE, 1, json, 0, SJ_JSON_NONE};
    struct sj_json_scan s;
    const int last = json->len - 1;

    do {
        while (sj_is_one_of(peek(next.left), " \t\r\n")) {
            sj_skip(&next.left, 1);
        }
        s = next;
    } while (sj_json_scan(&next));
    if (is_too_deep(&s)) {
        error->what = "is nested too deep";
        locate(error, text.ptr, s.left.ptr);
    } else if (next.expect != SJ_JSON_END) {
        error->what = bad_text(&s, next.left);
        locate(error, text.ptr, next.left.ptr);
    } else {
        error->what = sj_json_next(json, last) != SJ_JSON_NONE
                          ? "gives a member twice"
                          : "has more than 64 members in an object";
        locate(error, text.ptr, sj_json_string(json, last).ptr - 1);
    }
}

enum segjob_status segjob_read_create_request(
    char *text, size_t len, void *room, size_t cap,
    struct segjob_create_request *request, struct segjob_read_error *error)
{
    static const struct segjob_create_request empty = {.tags = NULL};
    struct reader r = {.path = {error->path, sizeof(error->path), 0, NULL},
                       .error = error};
    struct segjob_str body = {text, len};
    enum sj_json_result result = SJ_JSON_NO_ROOM; /* if over LEN_MAX */

    *request = empty;
    error->what = "";
    error->path[0] = '\0';
    error->line = 0;
    error->column = 0;
    sj_take_text(&body, "\xef\xbb\xbf"); /* RFC 8259 section 8.1 */
    text += len - body.len;
    if (body.len <= SJ_JSON_LEN_MAX) {
        result = sj_json_parse(&r.json, text, body.len, room, cap);
    }
    switch (result) {
    case SJ_JSON_OK:
        break;
    case SJ_JSON_BAD:
        explain(&r.json, body, error);
        return SEGJOB_INVALID;
    case SJ_JSON_NO_ROOM:
        fail(&r, SEGJOB_NO_SPACE, "has too many values for the room");
        return r.status;
    }
    if (!divide_room(&r, room)) {
        fail(&r, SEGJOB_NO_SPACE, "has too many values for the room");
        return r.status;
    }
    if (read_request(&r, request)) {
        error->path[0] = '\0'; /* reading wrote each member's path there */
    }
    return r.status;
}

/* ----------------------------------------------------------------- members */

enum segjob_status segjob_read_members(char *text, size_t len, void *room,
                                       size_t cap, const char *const *names,
                                       struct segjob_str *texts, size_t n)
{
    struct sj_json json = {NULL, NULL, 0};

    switch (sj_json_parse(&json, text, len, room, cap)) {
    case SJ_JSON_OK:
        break;
    case SJ_JSON_NO_ROOM:
        return SEGJOB_NO_SPACE;
    case SJ_JSON_BAD:
    default:
        return SEGJOB_INVALID;
    }
    if (!sj_json_is_object(&json, SJ_JSON_ROOT)) {
        return SEGJOB_INVALID;
    }
    for (size_t i = 0; i < n; i++) {
        texts[i] = sj_json_text(&json, SJ_JSON_ROOT, names[i]);
    }
    return SEGJOB_OK;
}
