#include "sj_writer.h"

#include <string.h>

#include "segjob_text.h"
#include "sj_sha256.h"
#include "sj_unicode.h"

void sj_write(struct sj_writer *w, const char *bytes, size_t n)
{
    size_t room = w->len < w->cap ? w->cap - w->len : 0;

    if (n < room) {
        room = n;
    }
    if (room > 0) { /* memcpy may not be given NULL, even for no bytes */
        memcpy(w->buf + w->len, bytes, room);
    }
    if (w->hash != NULL) {
        sj_sha256_update(w->hash, bytes, n);
    }
    w->len = n > SIZE_MAX - w->len ? SIZE_MAX : w->len + n;
}

void sj_write_char(struct sj_writer *w, char c)
{
    sj_write(w, &c, 1);
}

void sj_write_text(struct sj_writer *w, const char *text)
{
    sj_write(w, text, strlen(text));
}

void sj_write_str(struct sj_writer *w, struct segjob_str s)
{
    sj_write(w, s.ptr, s.len);
}

void sj_write_int(struct sj_writer *w, int64_t number)
{
    char digits[20]; /* of 2^63, and the sign */
    char *const end = digits + sizeof(digits);
    char *at = segjob_write_decimal(
        end, number < 0 ? (uint64_t) - (number + 1) + 1 : (uint64_t)number);

    if (number < 0) {
        *--at = '-';
    }
    sj_write(w, at, (size_t)(end - at));
}

void sj_hex(char *to, const unsigned char *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        *to++ = digits[bytes[i] >> 4];
        *to++ = digits[bytes[i] & 15];
    }
}

void sj_write_hex(struct sj_writer *w, unsigned char byte)
{
    char digits[2];

    sj_hex(digits, &byte, 1);
    sj_write(w, digits, sizeof(digits));
}

static bool must_escape(unsigned char c)
{
    return (c <= '"' && (c < 0x20 || c == '"')) || c == '\\';
}

static void write_escaped(struct sj_writer *w, unsigned char c)
{
    sj_write_char(w, '\\');
    if (c >= 0x20) {
        sj_write_char(w, (char)c);
        return;
    }
    sj_write_text(w, "u00");
    sj_write_hex(w, c);
}

void sj_write_json_string(struct sj_writer *w, struct segjob_str s)
{
    size_t plain = 0; /* bytes at `s.ptr` that need no escape */

    sj_write_char(w, '"');
    while (plain < s.len) {
        const unsigned char c = (unsigned char)s.ptr[plain];

        if (!must_escape(c)) {
            plain++;
            continue;
        }
        sj_write(w, s.ptr, plain);
        write_escaped(w, c);
        s.ptr += plain + 1;
        s.len -= plain + 1;
        plain = 0;
    }
    sj_write(w, s.ptr, plain);
    sj_write_char(w, '"');
}

void sj_write_template(struct sj_writer *w, const char *template,
                       const void *values)
{
    bool written = true;

    while (*template != '\0') {
        const unsigned char mark = (unsigned char)*template;
        size_t n = 1;

        if (mark == 0xff) {
            written = true;
        } else if (mark >= 0xc0) {
            written = sj_span(values, mark & 0x1fu).ptr != NULL;
        } else if (mark >= 0xa0 && written) {
            sj_write_json_string(w, sj_span(values, mark & 0x1fu));
        } else if (mark >= 0x80 && written) {
            sj_write_str(w, sj_span(values, mark & 0x1fu));
        } else if (mark < 0x80) {
            while ((signed char)template[n] > 0) { /* no mark, nor the end */
                n++;
            }
            sj_write(w, template, written ? n : 0);
        }
        template += n;
    }
}

/* Control characters (C0, DEL and C1) and ill-formed UTF-8 are escaped. */
static bool is_shown(bool is_utf8, uint32_t c)
{
    return is_utf8 && c >= 0x20 && (c < 0x7f || c > 0x9f);
}

void sj_write_shown(struct sj_writer *w, struct segjob_str s)
{
    while (s.len > 0) {
        const char *at = s.ptr;
        uint32_t c = 0;
        bool is_utf8 = sj_utf8_next(&s, &c);

        if (!is_utf8) {
            s.ptr++;
            s.len--;
        }
        if (is_shown(is_utf8, c)) {
            sj_write(w, at, (size_t)(s.ptr - at));
            continue;
        }
        for (; at < s.ptr; at++) {
            sj_write_text(w, "\\x");
            sj_write_hex(w, (unsigned char)*at);
        }
    }
}
