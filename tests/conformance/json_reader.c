/*
 * Read JSON texts with the core: json_reader.py compares the result with
 * Python.
 *
 * A record is the number of bytes for tokens, and a text. The output is the
 * result's number and, if that is SJ_JSON_OK, a dump of all values:
 *
 *   { names and values }, [ items ], s LENGTH : BYTES, n for null, and for the
 *   rest o, then i and the integer if it has 32 bits, m and the milliseconds
 *   if it is a number in their range, and a semicolon. An ! precedes a name if
 *   a search for it does not find its value.
 *
 * The memory for text and tokens has their exact size, so that sanitizers
 * detect every access outside.
 */
#include <inttypes.h>

#include "records.h"
#include "sj_json.h"

#define DUMP_MAX 80 /* bytes of a value, without its text */

/* The dump of one text; `bytes` is large enough for it. */
struct dump {
    const struct sj_json *json;
    char *bytes;
    size_t len;
};

static void dump_format(struct dump *d, const char *format, int64_t number)
{
    d->len += (size_t)sprintf(d->bytes + d->len, format, number);
}

static void dump_char(struct dump *d, char c)
{
    d->bytes[d->len++] = c;
}

static void dump_string(struct dump *d, struct segjob_str s)
{
    dump_format(d, "s%" PRId64 ":", (int64_t)s.len);
    memcpy(d->bytes + d->len, s.ptr, s.len);
    d->len += s.len;
}

static void dump_rest(struct dump *d, int value)
{
    int32_t number;
    int64_t ms;

    dump_char(d, 'o');
    if (sj_json_int32(d->json, value, &number)) {
        dump_format(d, "i%" PRId64, number);
    }
    if (sj_json_millis(d->json, value, &ms)) {
        dump_format(d, "m%" PRId64, ms);
    }
    dump_char(d, ';');
}

/* A name with NUL cannot be searched for: the search takes a C string. */
static void dump_name(struct dump *d, int object, int name)
{
    struct segjob_str s = sj_json_string(d->json, name);
    int value = sj_json_is_null(d->json, name + 1) ? SJ_JSON_NONE : name + 1;
    char *text;

    if (s.ptr == NULL) {
        dump_char(d, '?');
        return;
    }
    text = malloc(s.len + 1);
    require(text != NULL);
    memcpy(text, s.ptr, s.len);
    text[s.len] = '\0';
    if (strlen(text) == s.len &&
        sj_json_member(d->json, object, text) != value) {
        dump_char(d, '!');
    }
    free(text);
    dump_string(d, s);
}

static void dump_value(struct dump *d, int value)
{
    bool object = sj_json_is_object(d->json, value);

    if (object || sj_json_is_array(d->json, value)) {
        dump_char(d, object ? '{' : '[');
        for (int i = sj_json_first(d->json, value); i != SJ_JSON_NONE;
             i = sj_json_next(d->json, i)) {
            if (object) {
                dump_name(d, value, i);
            }
            dump_value(d, object ? i + 1 : i);
        }
        dump_char(d, object ? '}' : ']');
    } else if (sj_json_is_null(d->json, value)) {
        dump_char(d, 'n');
    } else if (sj_json_string(d->json, value).ptr != NULL) {
        dump_string(d, sj_json_string(d->json, value));
    } else {
        dump_rest(d, value);
    }
}

static char *copy_of(struct segjob_str s)
{
    char *copy = malloc(s.len);

    require(copy != NULL || s.len == 0);
    if (s.len > 0) {
        memcpy(copy, s.ptr, s.len);
    }
    return copy;
}

static void run(struct segjob_str text, char *room, size_t cap)
{
    char *copy = copy_of(text);
    struct dump d = {NULL, NULL, 0};
    struct segjob_str out;
    struct sj_json json;
    enum sj_json_result result =
        sj_json_parse(&json, copy, text.len, room, cap);

    put_number(stdout, (uint32_t)result);
    if (result == SJ_JSON_OK) {
        d.json = &json;
        d.bytes = malloc(text.len + (size_t)json.len * DUMP_MAX);
        require(d.bytes != NULL);
        dump_value(&d, SJ_JSON_ROOT);
        out.ptr = d.bytes;
        out.len = d.len;
        put_text(stdout, out);
        free(d.bytes);
    }
    free(copy);
}

int main(void)
{
    struct records r = records_read();
    char *all = r.at;

    while (r.left > 0) {
        size_t cap = get_number(&r);
        struct segjob_str text = get_text(&r);
        char *room = malloc(cap);

        require(room != NULL || cap == 0);
        run(text, room, cap);
        free(room);
    }
    free(all);
    return 0;
}
