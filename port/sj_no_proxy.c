#include "sj_no_proxy.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* An entry of the list, or a host: `n` bytes. */
struct text {
    const char *at;
    size_t n;
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_same(const char *one, const char *other, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++) {
        if (lower(one[i]) != lower(other[i])) {
            return false;
        }
    }
    return true;
}

/* --------------------------------------------------------------- addresses */

/* Take a number of at most `max` off the front, in base 10 or 16. */
static bool take_number(struct text *t, uint32_t base, uint32_t max,
                        uint32_t *number)
{
    size_t n = 0;

    *number = 0;
    for (; n < t->n; n++) {
        const char c = lower(t->at[n]);
        uint32_t digit = 16;

        if (c >= '0' && c <= '9') {
            digit = (uint32_t)(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            digit = (uint32_t)(c - 'a') + 10;
        }
        if (digit >= base) {
            break;
        }
        *number = *number * base + digit;
        if (*number > max) {
            return false;
        }
    }
    t->at += n;
    t->n -= n;
    return n > 0;
}

static bool take(struct text *t, char c)
{
    if (t->n == 0 || *t->at != c) {
        return false;
    }
    t->at++;
    t->n--;
    return true;
}

static bool read_ipv4(struct text t, uint8_t *bytes)
{
    size_t i;
    uint32_t number;

    for (i = 0; i < 4; i++) {
        if ((i > 0 && !take(&t, '.')) || !take_number(&t, 10, 255, &number)) {
            return false;
        }
        bytes[i] = (uint8_t)number;
    }
    return t.n == 0;
}

/* RFC 4291, section 2.2, forms 1 and 2; `::` once, for at least one group. */
static bool read_ipv6(struct text t, uint8_t *bytes)
{
    size_t len = 0, gap = 17; /* of bytes; where `::` stands */
    uint32_t number;

    if (t.n >= 2 && t.at[0] == ':' && t.at[1] == ':') {
        gap = 0;
        t.at += 2;
        t.n -= 2;
    }
    while (t.n > 0 && len < 16) {
        if (!take_number(&t, 16, 0xffff, &number)) {
            return false;
        }
        bytes[len++] = (uint8_t)(number >> 8);
        bytes[len++] = (uint8_t)number;
        if (t.n > 0 && !take(&t, ':')) {
            return false;
        }
        if (t.n > 0 && *t.at == ':' && gap > 16) {
            gap = len;
            (void)take(&t, ':');
        }
    }
    if (t.n > 0 || (len == 16) != (gap > 16)) {
        return false;
    }
    if (gap <= 16) {
        memmove(bytes + 16 - (len - gap), bytes + gap, len - gap);
        memset(bytes + gap, 0, 16 - len);
    }
    return true;
}

/* The bytes of an address, 4 or 16; 0: it is none. */
static size_t read_address(struct text t, uint8_t *bytes)
{
    if (t.n > 2 && t.at[0] == '[' && t.at[t.n - 1] == ']') {
        t.at++;
        t.n -= 2;
    }
    if (read_ipv4(t, bytes)) {
        return 4;
    }
    return read_ipv6(t, bytes) ? 16 : 0;
}

static bool begins_alike(const uint8_t *one, const uint8_t *other, size_t bits)
{
    const size_t n = bits / 8;
    const uint8_t mask = (uint8_t)(0xff00u >> bits % 8);

    return memcmp(one, other, n) == 0 &&
           (bits % 8 == 0 || ((one[n] ^ other[n]) & mask) == 0);
}

/* Whether the entry is an address, perhaps with /BITS, that `host` fits. */
static bool fits_address(struct text entry, const uint8_t *host, size_t len)
{
    const char *slash = memchr(entry.at, '/', entry.n);
    uint32_t bits = (uint32_t)(len * 8);
    uint8_t bytes[16];

    if (slash != NULL) {
        struct text digits = {slash + 1,
                              entry.n - (size_t)(slash + 1 - entry.at)};

        if (!take_number(&digits, 10, bits, &bits) || digits.n > 0) {
            return false;
        }
        entry.n = (size_t)(slash - entry.at);
    }
    return read_address(entry, bytes) == len && begins_alike(bytes, host, bits);
}

/* ------------------------------------------------------------------- names */

/* Whether the entry is the host's name, or one that it ends in. */
static bool fits_name(struct text entry, struct text host)
{
    size_t before;

    while (entry.n > 0 && *entry.at == '.') {
        entry.at++;
        entry.n--;
    }
    if (entry.n > 0 && entry.at[entry.n - 1] == '.') {
        entry.n--; /* the root, RFC 1034 section 3.1 */
    }
    if (entry.n == 0 || entry.n > host.n) {
        return false;
    }
    before = host.n - entry.n;
    return is_same(host.at + before, entry.at, entry.n) &&
           (before == 0 || host.at[before - 1] == '.');
}

bool sj_no_proxy_has(const char *list, const char *host)
{
    static const char separators[] = ", \t";
    struct text name = {host, strlen(host)};
    uint8_t bytes[16];
    const size_t len = read_address(name, bytes);
    struct text entry;

    if (name.n > 0 && host[name.n - 1] == '.') {
        name.n--;
    }
    for (; list != NULL && *list != '\0'; list += entry.n) {
        list += strspn(list, separators);
        entry.at = list;
        entry.n = strcspn(list, separators);
        if ((entry.n == 1 && *list == '*') ||
            (len > 0 ? fits_address(entry, bytes, len)
                     : fits_name(entry, name))) {
            return true;
        }
    }
    return false;
}
