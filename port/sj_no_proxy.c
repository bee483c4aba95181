#include "sj_no_proxy.h"

#include <string.h>

#include "segjob_text.h"
#include "sj_address.h"

/* Read an address, perhaps in brackets. Returns 4 or 16 bytes, else 0. */
static size_t read_address(struct segjob_str s, uint8_t *bytes)
{
    if (s.len > 2 && s.ptr[0] == '[' && s.ptr[s.len - 1] == ']') {
        s.ptr++;
        s.len -= 2;
    }
    return sj_address_read(s, bytes);
}

static bool has_prefix(const uint8_t *one, const uint8_t *other, size_t bits)
{
    const size_t n = bits / 8;
    const uint8_t mask = (uint8_t)(0xff00u >> bits % 8);

    return memcmp(one, other, n) == 0 &&
           (bits % 8 == 0 || ((one[n] ^ other[n]) & mask) == 0);
}

/* Whether the entry is an address, perhaps with /BITS, that matches. */
static bool matches_address(struct segjob_str entry, const uint8_t *host,
                            size_t len)
{
    const char *slash = memchr(entry.ptr, '/', entry.len);
    size_t bits = len * 8;
    uint8_t bytes[16];

    if (slash != NULL) {
        const size_t before = (size_t)(slash - entry.ptr);
        const struct segjob_str digits = {slash + 1, entry.len - before - 1};

        bits = segjob_decimal(digits);
        if (bits > len * 8) {
            return false;
        }
        entry.len = before;
    }
    return read_address(entry, bytes) == len && has_prefix(bytes, host, bits);
}

/* Whether the entry is the host's name, or a name above it. */
static bool matches_name(struct segjob_str entry, struct segjob_str host)
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
    const struct segjob_str name = segjob_cstr(host);
    uint8_t bytes[16];
    const size_t len = read_address(name, bytes);
    struct segjob_str entry;

    for (; list != NULL && *list != '\0'; list += entry.len) {
        list += strspn(list, separators);
        entry.ptr = list;
        entry.len = strcspn(list, separators);
        if ((entry.len == 1 && *list == '*') ||
            (len > 0 ? matches_address(entry, bytes, len)
                     : matches_name(entry, name))) {
            return true;
        }
    }
    return false;
}
