#include "sj_address.h"

#include <string.h>

#include "segjob_run.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* ----------------------------------------------------------------- as text */

static uint32_t digit_value(char c)
{
    c = lower(c);
    if (c >= '0' && c <= '9') {
        return (uint32_t)(c - '0');
    }
    return c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a') + 10 : 16;
}

/* Take a number of 1 to `digits` digits in base 10 or 16 off the front. */
static bool take_number(struct segjob_str *s, uint32_t base, size_t digits,
                        uint32_t *number)
{
    const char first = s->len > 0 ? *s->ptr : '\0';
    size_t n;

    *number = 0;
    for (n = 0; s->len > 0 && n < digits && digit_value(*s->ptr) < base; n++) {
        *number = *number * base + digit_value(*s->ptr);
        s->ptr++;
        s->len--;
    }
    /* Some readers take decimal digits behind a 0 for an octal number. */
    return n == 1 || (n > 1 && (base != 10 || first != '0'));
}

static bool take(struct segjob_str *s, char c)
{
    if (s->len == 0 || *s->ptr != c) {
        return false;
    }
    s->ptr++;
    s->len--;
    return true;
}

static bool read_ipv4(struct segjob_str s, uint8_t *bytes)
{
    size_t i;
    uint32_t number;

    for (i = 0; i < 4; i++) {
        if ((i > 0 && !take(&s, '.')) || !take_number(&s, 10, 3, &number) ||
            number > 255) {
            return false;
        }
        bytes[i] = (uint8_t)number;
    }
    return s.len == 0;
}

/* `::` stands once, for at least one group. */
static bool read_ipv6(struct segjob_str s, uint8_t *bytes)
{
    size_t len = 0, gap = 17; /* of bytes; where `::` stands */
    bool more = true;
    uint32_t number;

    if (take(&s, ':')) {
        if (!take(&s, ':')) {
            return false;
        }
        gap = 0;
        more = s.len > 0;
    }
    while (more && len < 16) {
        if (!take_number(&s, 16, 4, &number)) {
            return false;
        }
        bytes[len++] = (uint8_t)(number >> 8);
        bytes[len++] = (uint8_t)number;
        more = take(&s, ':');
        if (more && gap > 16 && take(&s, ':')) {
            gap = len;
            more = s.len > 0;
        }
    }
    if (more || s.len > 0 || (len == 16) != (gap > 16)) {
        return false;
    }
    if (gap <= 16) {
        memmove(bytes + 16 - (len - gap), bytes + gap, len - gap);
        memset(bytes + gap, 0, 16 - len);
    }
    return true;
}

size_t sj_address_read(struct segjob_str text, uint8_t *bytes)
{
    if (read_ipv4(text, bytes)) {
        return 4;
    }
    return read_ipv6(text, bytes) ? 16 : 0;
}

/* ------------------------------------------------------------------- names */

static void cut_root(struct segjob_str *s)
{
    if (s->len > 0 && s->ptr[s->len - 1] == '.') {
        s->len--;
    }
}

bool sj_address_is_below(struct segjob_str host, struct segjob_str name)
{
    size_t before, i;

    cut_root(&host);
    cut_root(&name);
    if (name.len == 0 || name.len > host.len) {
        return false;
    }
    before = host.len - name.len;
    for (i = 0; i < name.len; i++) {
        if (lower(host.ptr[before + i]) != lower(name.ptr[i])) {
            return false;
        }
    }
    return before == 0 || host.ptr[before - 1] == '.';
}

/* ------------------------------------------------------------------- hosts */

static const struct segjob_address loopback[SJ_ADDRESS_OF_MAX] = {
    {.bytes = {[15] = 1}, .is_ipv6 = true},
    {.bytes = {127, 0, 0, 1}},
};

size_t sj_address_of(struct segjob_str host, struct segjob_address *addresses)
{
    static const struct segjob_str localhost = SEGJOB_STR("localhost");
    struct segjob_address own = {.scope = 0};
    size_t len;

    if (sj_address_is_below(host, localhost)) {
        memcpy(addresses, loopback, sizeof(loopback));
        return SJ_ADDRESS_OF_MAX;
    }
    len = sj_address_read(host, own.bytes);
    own.is_ipv6 = len == 16;
    *addresses = own;
    return len > 0 ? 1 : 0;
}

bool segjob_is_loopback(struct segjob_str host)
{
    struct segjob_address first[SJ_ADDRESS_OF_MAX];

    if (sj_address_of(host, first) == 0) {
        return false;
    }
    return first->is_ipv6 ? memcmp(first->bytes, loopback[0].bytes, 16) == 0
                          : first->bytes[0] == 127;
}
