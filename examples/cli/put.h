/*
 * Texts and values of one result in a file, with their width in columns, as
 * the AWS CLI's text and table formats have them.
 */
#ifndef CLI_PUT_H
#define CLI_PUT_H

#include <stdio.h>

#include "value.h"

/*
 * What a result may have at most, in bytes. It is for memory: in a table a few
 * long texts of a hostile service would become a multiple of rows times
 * columns.
 */
#define PUT_MAX ((size_t)256 * 1024 * 1024)

/* Where to write; {.left = PUT_MAX} only measures. */
struct put {
    FILE *file;
    size_t left;       /* bytes that may follow */
    size_t width;      /* columns since it was 0 */
    bool is_full;      /* more than that was to be written: nothing follows */
    bool is_text;      /* line feeds and tabs are written as they are */
    const char *error; /* why the value cannot be shown, or NULL */
};

/* How many bytes at the start of a text are UTF-8. */
size_t utf8_len(struct segjob_str text);

/* ASCII characters. */
void put_bytes(struct put *put, const char *bytes, size_t n);
void put_cstr(struct put *put, const char *text);

/* A character, `n` times. */
void put_repeat(struct put *put, char c, size_t n);

/*
 * A text in UTF-8. Unlike the AWS CLI, which writes them as they are, this
 * shows the bytes of control characters (U+0000 to U+001F, U+007F to U+009F),
 * and bytes that are no UTF-8, as \xNN: a terminal must not obey the service.
 */
void put_text(struct put *put, struct segjob_str text);

/* Such a text as a string in JSON, control characters by an escape. */
void put_json_string(struct put *put, struct segjob_str text);

/*
 * Any value as Python's str() writes it: True, None, a string as it is, arrays
 * and objects as lists and dictionaries. Strings in these have quotes and
 * Python's escapes; but of the characters that Python calls not printable only
 * control characters are escaped.
 */
void put_value(struct put *put, const struct value *value);

/* The columns that put_value() would take. */
size_t value_width(const struct value *value);

#endif
