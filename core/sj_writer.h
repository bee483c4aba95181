/*
 * Append-only writer to a caller's buffer. All output goes through it.
 *
 * The writer stores what fits, never past `cap`, and counts all bytes. So one
 * pass yields either the output or the capacity that it needs. A writer with
 * `cap` 0 measures.
 */
#ifndef SJ_WRITER_H
#define SJ_WRITER_H

#include "segjob.h"

struct sj_sha256;

struct sj_writer {
    char *buf;
    size_t cap;
    size_t len; /* bytes appended; more than `cap` if some did not fit */
    struct sj_sha256 *hash; /* hashes all bytes, or NULL */
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

/* Store `n` bytes as 2 * `n` such digits at `to`, without a NUL. */
void sj_hex(char *to, const unsigned char *bytes, size_t n);

/*
 * Append a JSON string with its quotes (RFC 8259 section 7). `s` must be
 * well-formed UTF-8. Only those characters are escaped that must be.
 */
void sj_write_json_string(struct sj_writer *w, struct segjob_str s);

/*
 * Append a template: ASCII text with marks, which are bytes that refer to
 * values. `values` points to an object that begins with spans, numbered from 0.
 *
 *   0x80 + n  append span n
 *   0xa0 + n  append span n as a JSON string
 *   0xc0 + n  if span n is absent, skip everything up to 0xff
 *   0xff      end of the part that 0xc0 + n may skip
 */
void sj_write_template(struct sj_writer *w, const char *template,
                       const void *values);

/* Return span `n` of an object that begins with spans. */
static inline struct segjob_str sj_span(const void *values, size_t n)
{
    return ((const struct segjob_str *)values)[n];
}

/*
 * Append text that may contain anything, made safe for terminals and logs: each
 * byte of a control character and of ill-formed UTF-8 becomes \xNN.
 */
void sj_write_shown(struct sj_writer *w, struct segjob_str s);

#endif
