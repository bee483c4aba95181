#include "sj_address.h"

#include <string.h>

#include "segjob_run.h"
#include "segjob_text.h"

/* ----------------------------------------------------------------- as text */

/*
 * Take a decimal number of a byte off the front. Some readers take digits after
 * a 0 for an octal number, so there may be none.
 */
static bool take_byte(struct segjob_str *s, uint8_t *byte)
{
    struct segjob_str digits = {s->ptr, 0};
    uint32_t number;

    while (digits.len < s->len && segjob_is_digit(s->ptr[digits.len])) {
        digits.len++;
    }
    if (digits.len == 0) {
        return false;
    }
    s->ptr += digits.len;
    s->len -= digits.len;
    number = segjob_decimal(digits);
    *byte = (uint8_t)number;
    return number <= 255 && (digits.len == 1 || digits.ptr[0] != '0');
}

static bool take_dot(struct segjob_str *s)
{
    if (s->len == 0 || *s->ptr != '.') {
        return false;
    }
    s->ptr++;
    s->len--;
    return true;
}

static bool read_ipv4(struct segjob_str s, uint8_t *bytes)
{
    size_t i;

    for (i = 0; i < 4; i++) {
        if ((i > 0 && !take_dot(&s)) || !take_byte(&s, &bytes[i])) {
            return false;
        }
    }
    return s.len == 0;
}

size_t sj_address_read(struct segjob_str text, uint8_t *bytes)
{
    if (read_ipv4(text, bytes)) {
        return 4;
    }
    return segjob_read_ipv6(text, bytes) ? 16 : 0;
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
    size_t before;

    cut_root(&host);
    cut_root(&name);
    if (name.len == 0 || name.len > host.len) {
        return false;
    }
    before = host.len - name.len;
    return segjob_is_same_caseless(host.ptr + before, name.ptr, name.len) &&
           (before == 0 || host.ptr[before - 1] == '.');
}

/* ------------------------------------------------------------------- hosts */

static const struct segjob_address loopback[SJ_ADDRESS_OF_MAX] = {
    {.bytes = {[15] = 1}, .is_ipv6 = true},
    {.bytes = {127, 0, 0, 1}},
};

size_t sj_address_of(struct segjob_str host, struct segjob_address *addresses)
{
    static const struct segjob_str localhost = SEGJOB_STR_INIT("localhost");
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
