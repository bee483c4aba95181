#include "sj_no_proxy.h"

#include <string.h>

#include "sj_address.h"

/* The bytes of an address, perhaps in brackets: 4 or 16; 0: it is none. */
static size_t read_address(struct segjob_str s, uint8_t *bytes)
{
    if (s.len > 2 && s.ptr[0] == '[' && s.ptr[s.len - 1] == ']') {
        s.ptr++;
        s.len -= 2;
    }
    return sj_address_read(s, bytes);
}

static bool begins_alike(const uint8_t *one, const uint8_t *other, size_t bits)
{
    const size_t n = bits / 8;
    const uint8_t mask = (uint8_t)(0xff00u >> bits % 8);

    return memcmp(one, other, n) == 0 &&
           (bits % 8 == 0 || ((one[n] ^ other[n]) & mask) == 0);
}

/* Read a number of at most `max`; returns whether it is one. */
static bool read_bits(struct segjob_str s, size_t max, size_t *bits)
{
    size_t i;

    *bits = 0;
    for (i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9') {
            return false;
        }
        *bits = *bits * 10 + (size_t)(s.ptr[i] - '0');
        if (*bits > max) {
            return false;
        }
    }
    return s.len > 0;
}

/* Whether the entry is an address, perhaps with /BITS, that `host` fits. */
static bool fits_address(struct segjob_str entry, const uint8_t *host,
                         size_t len)
{
    const char *slash = memchr(entry.ptr, '/', entry.len);
    size_t bits = len * 8;
    uint8_t bytes[16];

    if (slash != NULL) {
        const size_t before = (size_t)(slash - entry.ptr);
        const struct segjob_str digits = {slash + 1, entry.len - before - 1};

        if (!read_bits(digits, bits, &bits)) {
            return false;
        }
        entry.len = before;
    }
    return read_address(entry, bytes) == len && begins_alike(bytes, host, bits);
}

/* Whether the entry is the host's name, or one that it ends in. */
static bool fits_name(struct segjob_str entry, struct segjob_str host)
{
    while (entry.len > 0 && *entry.ptr == '.') {
        entry.ptr++;
        entry.len--;
    }
    return sj_address_is_below(host, entry);
}

bool sj_no_proxy_has(const char *list, const char *host)
{
    static const char separators[] = ", \t";
    const struct segjob_str name = segjob_str(host);
    uint8_t bytes[16];
    const size_t len = read_address(name, bytes);
    struct segjob_str entry;

    for (; list != NULL && *list != '\0'; list += entry.len) {
        list += strspn(list, separators);
        entry.ptr = list;
        entry.len = strcspn(list, separators);
        if ((entry.len == 1 && *list == '*') ||
            (len > 0 ? fits_address(entry, bytes, len)
                     : fits_name(entry, name))) {
            return true;
        }
    }
    return false;
}
