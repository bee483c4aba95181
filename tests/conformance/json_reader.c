/*
 * What the core reads in JSON texts: json_reader.py holds it against Python.
 *
 * A record is the bytes of the room for tokens, and a text. The answer is the
 * result's number and, if it is SJ_JSON_OK, a text that tells all values:
 *
 *   { names and values }, [ items ], s LENGTH : BYTES, n for null, and for
 *   the rest o, followed by i and the integer if it is one of 32 bits, by m
 *   and the milliseconds if it is a number that has them, and by a semicolon.
 *   An ! stands before a name by which the value behind it is not found.
 *
 * Text and room have memory of their exact size, so that a sanitizer sees
 * whatever is read or written beside them.
 */
#include <inttypes.h>

#include "records.h"
#include "sj_json.h"

#define TOLD_MAX 80 /* bytes for a value, beside its text */

/* What is told of one text; there is room for all of it. */
struct telling {
    const struct sj_json *json;
    char *bytes;
    size_t len;
};

static void tell(struct telling *t, const char *format, int64_t number)
{
    t->len += (size_t)sprintf(t->bytes + t->len, format, number);
}

static void tell_char(struct telling *t, char c)
{
    t->bytes[t->len++] = c;
}

static void tell_string(struct telling *t, struct segjob_str s)
{
    tell(t, "s%" PRId64 ":", (int64_t)s.len);
    memcpy(t->bytes + t->len, s.ptr, s.len);
    t->len += s.len;
}

static void tell_rest(struct telling *t, int value)
{
    int32_t number;
    int64_t ms;

    tell_char(t, 'o');
    if (sj_json_int32(t->json, value, &number)) {
        tell(t, "i%" PRId64, number);
    }
    if (sj_json_millis(t->json, value, &ms)) {
        tell(t, "m%" PRId64, ms);
    }
    tell_char(t, ';');
}

/* The name, and whether the object gives its value; NUL ends a C string. */
static void tell_name(struct telling *t, int object, int name)
{
    struct segjob_str s = sj_json_string(t->json, name);
    int value = sj_json_is_null(t->json, name + 1) ? SJ_JSON_NONE : name + 1;
    char *text;

    if (s.ptr == NULL) {
        tell_char(t, '?');
        return;
    }
    text = malloc(s.len + 1);
    require(text != NULL);
    memcpy(text, s.ptr, s.len);
    text[s.len] = '\0';
    if (strlen(text) == s.len &&
        sj_json_member(t->json, object, text) != value) {
        tell_char(t, '!');
    }
    free(text);
    tell_string(t, s);
}

static void tell_value(struct telling *t, int value)
{
    bool object = sj_json_is_object(t->json, value);

    if (object || sj_json_is_array(t->json, value)) {
        tell_char(t, object ? '{' : '[');
        for (int i = sj_json_first(t->json, value); i != SJ_JSON_NONE;
             i = sj_json_next(t->json, i)) {
            if (object) {
                tell_name(t, value, i);
            }
            tell_value(t, object ? i + 1 : i);
        }
        tell_char(t, object ? '}' : ']');
    } else if (sj_json_is_null(t->json, value)) {
        tell_char(t, 'n');
    } else if (sj_json_string(t->json, value).ptr != NULL) {
        tell_string(t, sj_json_string(t->json, value));
    } else {
        tell_rest(t, value);
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

static void answer(struct segjob_str text, char *room, size_t cap)
{
    char *copy = copy_of(text);
    struct telling t = {NULL, NULL, 0};
    struct segjob_str told;
    struct sj_json json;
    enum sj_json_result result =
        sj_json_parse(&json, copy, text.len, room, cap);

    put_number(stdout, (uint32_t)result);
    if (result == SJ_JSON_OK) {
        t.json = &json;
        t.bytes = malloc(text.len + (size_t)json.len * TOLD_MAX);
        require(t.bytes != NULL);
        tell_value(&t, SJ_JSON_ROOT);
        told.ptr = t.bytes;
        told.len = t.len;
        put_text(stdout, told);
        free(t.bytes);
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
        answer(text, room, cap);
        free(room);
    }
    free(all);
    return 0;
}
