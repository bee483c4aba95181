/*
 * Reader of one JSON text (RFC 8259), in place. Only sj_json.c uses jsmn.
 *
 * jsmn accepts many texts that are not JSON. So this reader has a scanner of
 * its own, which checks grammar, UTF-8 and escapes, and stores jsmn's tokens as
 * it goes: each byte is scanned once. It rejects an object that repeats a name.
 * At the end it decodes strings in place.
 *
 * A value is identified by a number. SJ_JSON_NONE is no value: it has no type,
 * no members and no text. A member that is null counts as absent.
 */
#ifndef SJ_JSON_H
#define SJ_JSON_H

#include "segjob.h"

/* Deepest nesting of objects and arrays. */
#define SJ_JSON_DEPTH_MAX 31u

/*
 * Most members of an object. A name is compared with those before it, so the
 * time for an object would grow with the square of its members. A job, the
 * largest object of a response that is read, has 12.
 */
#define SJ_JSON_MEMBERS_MAX 64u

/* Most bytes of a text. */
#define SJ_JSON_LEN_MAX (INT32_MAX / 2)

/* Bytes of a token: there is one for each value and each member name. */
#define SJ_JSON_TOKEN 16u

#define SJ_JSON_NONE (-1)
#define SJ_JSON_ROOT 0

struct sj_json {
    char *text;
    void *tokens; /* the first one; each has the one after it in front of it */
    int len;      /* the number of tokens */
};

enum sj_json_result {
    SJ_JSON_OK,
    SJ_JSON_BAD,    /* not JSON, over a limit above, or a name is repeated */
    SJ_JSON_NO_ROOM /* the room is too small for the tokens */
};

/*
 * Parse `len` bytes at `text`. The tokens are stored at the end of the `cap`
 * bytes at `room`, downwards. Text and room are borrowed as long as `json` is
 * used. A text that is rejected is not changed.
 */
SEGJOB_MUST_CHECK
enum sj_json_result sj_json_parse(struct sj_json *json, char *text, size_t len,
                                  void *room, size_t cap);

/*
 * Find why a text was rejected. A scan starts as {text, SJ_JSON_VALUE, 1, json,
 * 0, SJ_JSON_NONE}, and does not change `json`. sj_json_scan() skips blanks and
 * reads one item that is expected. It returns false at the end of the text, and
 * at an unexpected item. At the end `expect` is what is missing: SJ_JSON_END if
 * the text is JSON. At an unexpected item `expect` is 0, and `left` begins
 * where the reader stopped.
 *
 * If the text is JSON, the last token of `json` is at fault, a name, which is
 * not decoded. It repeats another if sj_json_next() of it is not SJ_JSON_NONE;
 * else its object has too many members.
 */
enum { /* what may come next, combined by `|` */
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
    uint32_t open; /* a leading 1; a bit per open container, 1 for an object */
    struct sj_json *json;
    size_t cap;    /* tokens that there is room for; 0: no more are stored */
    int container; /* that tokens are added to, SJ_JSON_NONE if none */
};

bool sj_json_scan(struct sj_json_scan *s);

bool sj_json_is_object(const struct sj_json *json, int value);
bool sj_json_is_array(const struct sj_json *json, int value);
bool sj_json_is_null(const struct sj_json *json, int value);

/* Return the member's value, or SJ_JSON_NONE if it is absent or null. */
int sj_json_member(const struct sj_json *json, int object, const char *name);

/*
 * Return the first item of an array, or the first name of an object; and the
 * next one after `item`, which must not be SJ_JSON_NONE. SJ_JSON_NONE if there
 * is none. A name is a string, and the value of name `n` is `n + 1`.
 */
int sj_json_first(const struct sj_json *json, int container);
int sj_json_next(const struct sj_json *json, int item);

/* Return a string's decoded text; absent if `value` is not a string. */
struct segjob_str sj_json_string(const struct sj_json *json, int value);

/* Return the text of a member; absent unless the member is a string. */
struct segjob_str sj_json_text(const struct sj_json *json, int object,
                               const char *name);

/* Read a 32-bit integer. Returns false if `value` is anything else. */
SEGJOB_MUST_CHECK
bool sj_json_int32(const struct sj_json *json, int value, int32_t *number);

/*
 * Read a number of seconds, with any fraction and exponent, as milliseconds,
 * rounded towards zero. Returns false if `value` is not a number, or has a
 * magnitude of 10^18 milliseconds or more.
 */
SEGJOB_MUST_CHECK
bool sj_json_millis(const struct sj_json *json, int value, int64_t *ms);

#endif
