/*
 * Reader of one JSON text (RFC 8259), in place: the only code that knows jsmn.
 *
 * The text's grammar, its UTF-8 and its escapes are checked first, since jsmn
 * lets much through; only then are jsmn's tokens believed. An object that
 * repeats a name is refused. Strings are decoded where they stand.
 *
 * A value is named by a number; SJ_JSON_NONE names no value, and has no type,
 * no members and no text. A member that is null counts as absent.
 */
#ifndef SJ_JSON_H
#define SJ_JSON_H

#include "segjob.h"

/* Deepest nesting of objects and arrays. */
#define SJ_JSON_DEPTH_MAX 31u

#define SJ_JSON_NONE (-1)
#define SJ_JSON_ROOT 0

struct sj_json {
    char *text;
    void *tokens; /* at the end of the room */
    int len;      /* of the tokens */
};

enum sj_json_result {
    SJ_JSON_OK,
    SJ_JSON_BAD,    /* not JSON, too deep, or a name stands twice */
    SJ_JSON_NO_ROOM /* the room does not hold the tokens */
};

/*
 * Read `len` bytes at `text`. The `cap` bytes at `room` take 20 bytes for each
 * value and each member name at their end; `json->tokens` tells where they
 * begin. Text and room are borrowed for as long as `json` is used. A text that
 * is refused stays as it is.
 */
SEGJOB_MUST_CHECK
enum sj_json_result sj_json_parse(struct sj_json *json, char *text, size_t len,
                                  void *room, size_t cap);

/*
 * Why a text was refused. A scan begins as {text, SJ_JSON_VALUE, 1} and takes
 * blanks and one thing that is expected behind them; false at the end of the
 * text, which is one of JSON if SJ_JSON_END was expected, and where it is not
 * as expected: then `expect` is 0, and `left` is where the reader stopped.
 *
 * Of a text that is JSON, but for a name that stands twice in an object,
 * sj_json_repeated() tells the second one, before it is decoded.
 */
enum { /* what may come next: a set */
    SJ_JSON_VALUE = 1,
    SJ_JSON_NAME = 2,
    SJ_JSON_COLON = 4,
    SJ_JSON_COMMA = 8,
    SJ_JSON_CLOSER = 16, /* the bracket that closes the container */
    SJ_JSON_END = 32
};

struct sj_json_scan {
    struct segjob_str left;
    unsigned expect;
    uint32_t open; /* a bit per container, set for objects, below a set one */
};

bool sj_json_scan(struct sj_json_scan *s);
int sj_json_repeated(const struct sj_json *json);

bool sj_json_is_object(const struct sj_json *json, int value);
bool sj_json_is_array(const struct sj_json *json, int value);
bool sj_json_is_null(const struct sj_json *json, int value);

/* The member's value, SJ_JSON_NONE if it is absent or null. */
int sj_json_member(const struct sj_json *json, int object, const char *name);

/*
 * The first item of an array or name of an object, and the one behind `item`,
 * which is a value; SJ_JSON_NONE if there is none. A name is a string, and its
 * value has the number that is one greater.
 */
int sj_json_first(const struct sj_json *json, int container);
int sj_json_next(const struct sj_json *json, int item);

/* A string's decoded text; absent if `value` is no string. */
struct segjob_str sj_json_string(const struct sj_json *json, int value);

/* The text of the member of that name, if it is a string. */
struct segjob_str sj_json_text(const struct sj_json *json, int object,
                               const char *name);

/* Read an integer of 32 bits; false if `value` is anything else. */
SEGJOB_MUST_CHECK
bool sj_json_int32(const struct sj_json *json, int value, int32_t *number);

/*
 * Read a number of seconds, with any fraction and exponent, as milliseconds;
 * what is smaller than one is cut off, towards zero. False if `value` is no
 * number, or one of 10^18 milliseconds or more either way.
 */
SEGJOB_MUST_CHECK
bool sj_json_millis(const struct sj_json *json, int value, int64_t *ms);

#endif
