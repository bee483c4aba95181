/*
 * What every test includes: cmocka, and an assertion that names the row of a
 * table.
 */
#ifndef SJ_TEST_ROWS_H
#define SJ_TEST_ROWS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "segjob.h"

/* `row` has the members `line` and `name`. */
#define ROW(row, truth)                                                   \
    do {                                                                  \
        if (!(truth)) {                                                   \
            fail_msg("line %d, row \"%s\": %s", (row)->line, (row)->name, \
                     #truth);                                             \
        }                                                                 \
    } while (0)

#define TEXT_OF_NUMBER(x) #x
#define TEXT_OF(x) TEXT_OF_NUMBER(x)
#define VERSION_TEXT              \
    TEXT_OF(SEGJOB_VERSION_MAJOR) \
    "." TEXT_OF(SEGJOB_VERSION_MINOR) "." TEXT_OF(SEGJOB_VERSION_PATCH)

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static inline bool is_text(struct segjob_str s, struct segjob_str other)
{
    if (s.ptr == NULL || other.ptr == NULL) {
        return s.ptr == other.ptr;
    }
    for (size_t i = 0; i < s.len && s.len == other.len; i++) {
        if (s.ptr[i] != other.ptr[i]) {
            return false;
        }
    }
    return s.len == other.len;
}

/* Whether `s` equals the string; NULL equals absent. */
static inline bool is_string(struct segjob_str s, const char *text)
{
    return is_text(s, segjob_cstr(text));
}

/* `n` letters, A to Z repeated: a long value of known text. */
static inline void fill_letters(char *at, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        at[i] = (char)('A' + i % 26);
    }
}

#endif
