/*
 * Append-only writer over a caller's buffer: the only code that stores into it.
 *
 * It stores what fits and nothing past `cap`, but keeps counting, so one pass
 * yields either the output or the capacity the output needs. A writer with
 * `cap` 0 measures.
 */
#ifndef SJ_WRITER_H
#define SJ_WRITER_H

#include "segjob.h"

struct sj_sha256;

struct sj_writer {
    char *buf;
    size_t cap;
    size_t len; /* bytes asked for so far; greater than `cap` once full */
    struct sj_sha256 *hash; /* takes in all that is asked for, or NULL */
};

/* Append `n` bytes; `bytes` may be NULL if `n` is 0. */
void sj_write(struct sj_writer *w, const char *bytes, size_t n);

void sj_write_char(struct sj_writer *w, char c);

/* Append a NUL-terminated string, without its NUL. */
void sj_write_text(struct sj_writer *w, const char *text);

void sj_write_str(struct sj_writer *w, struct segjob_str s);

/* Append a number in decimal. */
void sj_write_int(struct sj_writer *w, int64_t number);

/* Append a byte as two lower-case hexadecimal digits. */
void sj_write_hex(struct sj_writer *w, unsigned char byte);

/* Store `n` bytes as 2 * `n` such digits at `to`. */
void sj_hex(char *to, const unsigned char *bytes, size_t n);

/*
 * Append a JSON string with its quotes (RFC 8259 section 7). `s` is
 * well-formed UTF-8, which is copied; only what must be escaped is.
 */
void sj_write_json_string(struct sj_writer *w, struct segjob_str s);

/*
 * Append a form: ASCII text, and in it bytes that stand for values. `values`
 * points to an object that begins with spans, which are counted from 0.
 *
 *   0x80 + n  span n
 *   0xa0 + n  span n as a JSON string
 *   0xc0 + n  what follows, up to 0xff, is left out if span n is absent
 */
void sj_write_form(struct sj_writer *w, const char *form, const void *values);

/* Span `n` of those that an object begins with. */
static inline struct segjob_str sj_span(const void *values, size_t n)
{
    return ((const struct segjob_str *)values)[n];
}

/*
 * Append text from elsewhere in a form that does no harm on a terminal or in a
 * log: bytes of control characters and of ill-formed UTF-8 become \xNN.
 */
void sj_write_shown(struct sj_writer *w, struct segjob_str s);

#endif
