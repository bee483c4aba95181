/*
 * JSON values, in memory that lasts until the program ends.
 *
 * No function returns NULL for want of memory: the program ends then, after
 * saying so, and which job was created.
 */
#ifndef CLI_VALUE_H
#define CLI_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "segjob.h"

enum value_type {
    VALUE_NULL,
    VALUE_FALSE,
    VALUE_TRUE,
    VALUE_NUMBER,
    VALUE_STRING,
    VALUE_ARRAY,
    VALUE_OBJECT
};

/* A value is in one array or object at most: use value_copy() for another. */
struct value {
    enum value_type type;
    struct segjob_str text; /* a string's, in UTF-8; a number's, with a NUL */
    struct segjob_str name; /* of a member of an object */
    struct value *first;    /* the elements, or the members, by `next` */
    struct value *last;
    struct value *next;
};

/* `n` bytes of 0, aligned for any type. */
void *value_memory(size_t n);

struct value *value_new(enum value_type type);
struct value *value_bool(bool is_true);
struct value *value_integer(int64_t number);

/* A string. The bytes are copied. */
struct value *value_string(struct segjob_str text);
struct value *value_cstr(const char *text);

/* The same value, in no array or object; what is in it is shared. */
struct value *value_copy(const struct value *value);

/* Add an element at the end. */
void value_append(struct value *array, struct value *element);

/* Set a member: it replaces one of the same name in its place. */
void value_set(struct value *object, struct segjob_str name,
               struct value *member);

/* The member of this name; NULL if there is none, or this is no object. */
struct value *value_member(const struct value *object, struct segjob_str name);

/* The number of elements or members. */
size_t value_count(const struct value *value);

/* Whether a value is neither an array nor an object. */
bool value_is_scalar(const struct value *value);

/* Whether a string, or a name, has this text. */
bool value_is(struct segjob_str text, const char *other);

/* Where and why a text is no JSON. */
struct value_error {
    size_t at; /* offset in bytes */
    const char *what;
};

/* Arrays and objects in each other, at most. */
#define VALUE_DEPTH_MAX 64

/* Members of one object, at most: each name is compared with all before it. */
#define VALUE_MEMBERS_MAX 1000

/* What value_read() says, by its address, of a text that is nested deeper. */
extern const char value_too_deep[];

/*
 * Read `n` bytes that are one JSON value (RFC 8259); of members with the same
 * name the last counts. A string's \u0000 and unpaired surrogates are refused.
 *
 * Returns NULL, with `*error` set, if they are not.
 */
struct value *value_read(const char *text, size_t n, struct value_error *error);

#endif
