#include "base64.h"

#include <string.h>

#include "value.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "abcdefghijklmnopqrstuvwxyz0123456789+/";

struct segjob_str base64_encode(struct segjob_str bytes)
{
    char *text = value_memory((bytes.len + 2) / 3 * 4 + 1);
    size_t len = 0;

    for (size_t i = 0; i < bytes.len; i += 3) {
        uint32_t bits = 0;

        for (size_t k = 0; k < 3; k++) {
            bits = bits << 8 |
                   (i + k < bytes.len ? (unsigned char)bytes.ptr[i + k] : 0);
        }
        for (size_t k = 0; k < 4; k++) {
            text[len++] =
                i + k > bytes.len ? '=' : digits[bits >> (18 - 6 * k) & 63];
        }
    }
    return (struct segjob_str){text, len};
}

bool base64_decode(struct segjob_str text, struct segjob_str *bytes)
{
    char *out = value_memory(text.len + 1);
    size_t len = 0, padding = 0;
    uint32_t bits = 0;

    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        const char *digit = c ? strchr(digits, c) : NULL;

        if (c == '=' && i + 2 >= text.len) {
            padding++;
        } else if (!digit || padding > 0) {
            return false;
        }
        bits = bits << 6 | (digit ? (uint32_t)(digit - digits) : 0);
        if (i % 4 == 3) {
            out[len++] = (char)(bits >> 16);
            out[len++] = (char)(bits >> 8 & 255);
            out[len++] = (char)(bits & 255);
            bits = 0;
        }
    }
    *bytes = (struct segjob_str){out, len - padding};
    return text.len % 4 == 0 && padding <= len;
}
