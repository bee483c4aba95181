/*
 * The JSON reader against Jansson: the input is a text.
 *
 * Both accept it or both refuse it, and both read the same values; except for
 * known limits: this reader nests SJ_JSON_DEPTH_MAX deep, and an object has at
 * most SJ_JSON_MEMBERS_MAX members; Jansson accepts no name with a NUL and no
 * number beyond a double, and Jansson 2.14 skips a NUL byte after a number,
 * which JSON does not allow. A text that is read as a request, written and read
 * again, is the same request.
 */
#include "fuzz.h"

#include <float.h>
#include <math.h>

#include <jansson.h>

#include "sj_json.h"
#include "segjob_json.h"
#include "sj_body.h"
#include "sj_check.h"

#define TOKEN SJ_JSON_TOKEN
#define TEXT_MAX 4096

#define JANSSON_FLAGS \
    (JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL)

/* A text read by us, in memory of its own. */
struct document {
    struct room text;
    struct room room;
    struct sj_json json;
    enum sj_json_result result;
};

static void open_document(struct document *d, struct segjob_str s, size_t cap)
{
    d->text = room_copy(s.ptr, s.len);
    d->room = room_make(cap);
    d->result =
        sj_json_parse(&d->json, d->text.ptr, s.len, d->room.ptr, d->room.cap);
}

static void close_document(struct document *d)
{
    room_free(&d->text);
    room_free(&d->room);
}

/* --------------------------------------------------------------- Jansson */

/* Sets `*unknown` if it refuses a text that may be good. */
static json_t *load(struct segjob_str s, bool *unknown)
{
    json_error_t error;
    json_t *theirs = json_loadb(s.ptr, s.len, JANSSON_FLAGS, &error);

    *unknown = false;
    if (theirs == NULL &&
        json_error_code(&error) == json_error_numeric_overflow) {
        theirs = json_loadb(s.ptr, s.len,
                            JANSSON_FLAGS | JSON_DECODE_INT_AS_REAL, &error);
    }
    if (theirs == NULL) {
        *unknown = json_error_code(&error) == json_error_numeric_overflow ||
                   json_error_code(&error) == json_error_null_byte_in_key;
    }
    return theirs;
}

/* Whether an object in it has more than SJ_JSON_MEMBERS_MAX members. */
static bool is_crowded(const json_t *value)
{
    bool crowded = json_object_size(value) > SJ_JSON_MEMBERS_MAX;
    const char *name;
    json_t *item;
    size_t i;

    json_object_foreach((json_t *)(uintptr_t)value, name, item)
    {
        crowded = crowded || is_crowded(item);
    }
    json_array_foreach(value, i, item)
    {
        crowded = crowded || is_crowded(item);
    }
    return crowded;
}

static unsigned depth_of(const json_t *value)
{
    unsigned most = 0;
    unsigned depth;
    const char *name;
    json_t *item;
    size_t i;

    if (json_is_object(value)) {
        json_object_foreach((json_t *)(uintptr_t)value, name, item)
        {
            depth = depth_of(item);
            most = depth > most ? depth : most;
        }
        return most + 1;
    }
    json_array_foreach(value, i, item)
    {
        depth = depth_of(item);
        most = depth > most ? depth : most;
    }
    return json_is_array(value) ? most + 1 : 0;
}

/* --------------------------------------------------------------- numbers */

/*
 * Seconds in milliseconds to the precision of long double, for which the text
 * is read by the C library.
 */
static void require_millis(const struct sj_json *json, int value,
                           struct segjob_str text)
{
    struct room copy = room_make(text.len + 1);
    long double theirs;
    int64_t ms = 0;
    bool ours = sj_json_millis(json, value, &ms);
    long double slack;

    memcpy(copy.ptr, text.ptr, text.len);
    copy.ptr[text.len] = '\0';
    theirs = strtold(copy.ptr, NULL) * 1000.0L;
    slack = 1.0L + 4.0L * fabsl(theirs) * LDBL_EPSILON;
    if (ours) {
        REQUIRE(fabsl(theirs - (long double)ms) <= slack);
        REQUIRE(ms == 0 || (ms < 0) == (theirs < 0));
        REQUIRE(fabsl(theirs) + slack >= fabsl((long double)ms));
    } else {
        REQUIRE(!(fabsl(theirs) < 1e18L - slack));
    }
    room_free(&copy);
}

/* The text of a number, for which the reader has no function. */
static struct segjob_str number_text(const char *at, const char *end)
{
    struct segjob_str s = {at, 0};

    while (at + s.len < end && strchr("+-.0123456789eE", at[s.len]) != NULL &&
           at[s.len] != '\0') {
        s.len++;
    }
    return s;
}

static void require_int32(const struct sj_json *json, int value,
                          const json_t *theirs)
{
    int32_t number = 0;
    bool ours = sj_json_int32(json, value, &number);
    json_int_t n = json_integer_value(theirs);

    if (json_is_integer(theirs)) {
        REQUIRE(ours == (n >= INT32_MIN && n <= INT32_MAX));
        REQUIRE(!ours || number == n);
    } else if (ours) { /* all were read as real numbers */
        REQUIRE(json_is_real(theirs));
        REQUIRE(json_real_value(theirs) == (double)number);
    }
}

/* ---------------------------------------------------------------- values */

static void require_same(const struct document *d, int value,
                         const json_t *theirs);

static void require_same_object(const struct document *d, int value,
                                const json_t *theirs)
{
    size_t n = 0;

    REQUIRE(json_is_object(theirs));
    for (int i = sj_json_first(&d->json, value); i != SJ_JSON_NONE;
         i = sj_json_next(&d->json, i)) {
        struct segjob_str name = sj_json_string(&d->json, i);
        const json_t *item = json_object_getn(theirs, name.ptr, name.len);

        REQUIRE(item != NULL);
        require_same(d, i + 1, item);
        n++;
    }
    REQUIRE(n == json_object_size(theirs));
}

static void require_same_array(const struct document *d, int value,
                               const json_t *theirs)
{
    size_t n = 0;

    REQUIRE(json_is_array(theirs));
    for (int i = sj_json_first(&d->json, value); i != SJ_JSON_NONE;
         i = sj_json_next(&d->json, i)) {
        REQUIRE(n < json_array_size(theirs));
        require_same(d, i, json_array_get(theirs, n++));
    }
    REQUIRE(n == json_array_size(theirs));
}

static void require_same_string(struct segjob_str ours, const json_t *theirs)
{
    struct segjob_str s = {json_string_value(theirs),
                           json_string_length(theirs)};

    REQUIRE(is_same(ours, s));
}

static void require_same(const struct document *d, int value,
                         const json_t *theirs)
{
    struct segjob_str s = sj_json_string(&d->json, value);
    int64_t ms;

    REQUIRE((s.ptr != NULL) == json_is_string(theirs));
    REQUIRE(sj_json_is_null(&d->json, value) == json_is_null(theirs));
    REQUIRE(json_is_number(theirs) || !sj_json_millis(&d->json, value, &ms));
    require_int32(&d->json, value, theirs);
    if (s.ptr != NULL) {
        require_same_string(s, theirs);
    } else if (sj_json_is_object(&d->json, value)) {
        require_same_object(d, value, theirs);
    } else if (sj_json_is_array(&d->json, value)) {
        require_same_array(d, value, theirs);
    } else {
        REQUIRE(!json_is_object(theirs) && !json_is_array(theirs));
    }
}

/* A text that is one number, and one that is an object's only value. */
static void check_number(const struct document *d, const json_t *theirs,
                         struct segjob_str s)
{
    size_t at = 0;

    while (at < s.len && strchr(" \t\r\n", s.ptr[at]) != NULL &&
           s.ptr[at] != '\0') {
        at++;
    }
    if (json_is_number(theirs)) {
        require_millis(&d->json, SJ_JSON_ROOT,
                       number_text(s.ptr + at, s.ptr + s.len));
    }
}

/* It needs exactly the room of its tokens. */
static void require_room(const struct document *d, struct segjob_str s)
{
    size_t needed = (size_t)d->json.len * TOKEN;
    struct document other;

    open_document(&other, s, needed);
    REQUIRE(other.result == SJ_JSON_OK);
    REQUIRE((char *)other.json.tokens >= other.room.ptr);
    close_document(&other);
    open_document(&other, s, needed - 1);
    REQUIRE(other.result == SJ_JSON_NO_ROOM);
    close_document(&other);
}

static void check_text(struct segjob_str s)
{
    bool unknown;
    json_t *theirs = load(s, &unknown);
    struct document d;

    open_document(&d, s, (s.len + 2) * TOKEN);
    REQUIRE(d.result != SJ_JSON_NO_ROOM);
    REQUIRE(d.result == SJ_JSON_OK || memcmp(d.text.ptr, s.ptr, s.len) == 0);
    if (memchr(s.ptr, '\0', s.len) != NULL) {
        REQUIRE(d.result == SJ_JSON_BAD);
    } else if (!unknown) {
        REQUIRE((d.result == SJ_JSON_OK) ==
                (theirs != NULL && depth_of(theirs) <= SJ_JSON_DEPTH_MAX &&
                 !is_crowded(theirs)));
    }
    if (d.result == SJ_JSON_OK && theirs != NULL) {
        require_same(&d, SJ_JSON_ROOT, theirs);
        check_number(&d, theirs, s);
    }
    if (d.result == SJ_JSON_OK) {
        require_room(&d, s);
    }
    close_document(&d);
    json_decref(theirs);
}

/* --------------------------------------------------------------- request */

struct request {
    struct room text;
    struct room room;
    struct segjob_create_request request;
    struct segjob_read_error error;
    enum segjob_status status;
};

static void open_request(struct request *r, struct segjob_str s, size_t cap)
{
    r->text = room_copy(s.ptr, s.len);
    r->room = room_make(cap);
    memset(&r->error, '#', sizeof(r->error));
    r->status = segjob_read_create_request(r->text.ptr, s.len, r->room.ptr,
                                           r->room.cap, &r->request, &r->error);
    REQUIRE(memchr(r->error.path, '\0', sizeof(r->error.path)) != NULL);
    REQUIRE(r->status != SEGJOB_OK || r->error.path[0] == '\0');
    REQUIRE((r->error.line > 0) == (r->error.column > 0));
    REQUIRE(r->error.line + r->error.column <= s.len + 2);
    REQUIRE(r->error.line == 0 ||
            (r->status == SEGJOB_INVALID && r->error.path[0] == '\0'));
}

static void close_request(struct request *r)
{
    room_free(&r->text);
    room_free(&r->room);
}

static struct room write_body(const struct segjob_create_request *request)
{
    struct sj_writer measure = {NULL, 0, 0, NULL};
    struct sj_writer w = {NULL, 0, 0, NULL};
    struct room body;

    sj_body_write_create(&measure, request);
    body = room_make(measure.len);
    w.buf = body.ptr;
    w.cap = body.cap;
    sj_body_write_create(&w, request);
    REQUIRE(w.len == measure.len);
    return body;
}

/* A request that has all required members. */
static bool is_whole(const struct segjob_create_request *r)
{
    for (size_t i = 0; i < r->tags_len; i++) {
        if (r->tags[i].key.ptr == NULL) {
            return false;
        }
    }
    return r->job_name.ptr != NULL && r->input.path.ptr != NULL &&
           r->output.path.ptr != NULL;
}

static void check_request(struct segjob_str s)
{
    struct request first;
    struct request second;

    open_request(&first, s, (s.len + 2) * 2 * sizeof(struct segjob_tag));
    if (first.status == SEGJOB_OK && is_whole(&first.request)) {
        struct room body = write_body(&first.request);
        struct segjob_str written = {body.ptr, body.cap};
        struct room again;

        open_request(&second, written,
                     (body.cap + 2) * 2 * sizeof(struct segjob_tag));
        REQUIRE(second.status == SEGJOB_OK);
        again = write_body(&second.request);
        REQUIRE(again.cap == body.cap);
        REQUIRE(memcmp(again.ptr, body.ptr, body.cap) == 0);
        close_request(&second);
        room_free(&again);
        room_free(&body);
    }
    close_request(&first);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct segjob_str s = {(const char *)bytes, n};

    if (n <= TEXT_MAX && n > 0) {
        check_text(s);
        check_request(s);
    }
    return 0;
}
