/*
 * Nothing is stored outside of the buffer, and the length is the one needed.
 */
#include "sj_writer.h"

#include "sj_scan.h"

#include "proof.h"

static struct sj_writer any_writer(void)
{
    const size_t cap = any_up_to(BOUND);
    char *room =
        any_bytes(BOUND) + (BOUND - cap); /* at the end of the object */
    struct sj_writer w = {room, cap, nondet_size(), NULL};

    return w;
}

/* The sum, at most SIZE_MAX. */
static size_t sum(size_t a, size_t b)
{
    return b > SIZE_MAX - a ? SIZE_MAX : a + b;
}

void write_stores_within(void)
{
    struct sj_writer w = any_writer();
    const size_t before = w.len;
    const struct segjob_str s = any_text(BOUND);

    sj_write_str(&w, s);
    assert(w.len == sum(before, s.len));
}

void write_keeps_what_fits(void)
{
    struct sj_writer w = any_writer();
    const struct segjob_str s = any_text(BOUND);
    const size_t at = nondet_size();
    const size_t before = w.len;

    ASSUME(at < s.len && before < w.cap && at < w.cap - before);
    sj_write_str(&w, s);
    assert(w.buf[before + at] == s.ptr[at]);
}

void hex_stores_within(void)
{
    struct sj_writer w = any_writer();
    const size_t before = w.len;

    sj_write_hex(&w, nondet_byte());
    assert(w.len == sum(before, 2));
}

void json_string_stores_within(void)
{
    struct sj_writer w = any_writer();
    const struct segjob_str s = any_text(BOUND);

    w.len = 0;
    sj_write_json_string(&w, s);
    assert(w.len >= s.len + 2 && w.len <= 6 * s.len + 2);
}

/* A template with any marks, for an object of two spans. */
void template_stores_within(void)
{
    struct sj_writer w = any_writer();
    const struct segjob_str values[] = {any_text(1), any_text(1)};
    unsigned char template[BOUND + 1];

    for (size_t i = 0; i < BOUND; i++) {
        ASSUME(template[i] < 0x80 || template[i] == 0xff ||
               (template[i] & 0x1e) == 0);
    }
    template[BOUND] = '\0';
    sj_write_template(&w, (const char *)template, values);
}

void shown_stores_within(void)
{
    struct sj_writer w = any_writer();
    const struct segjob_str s = any_text(BOUND);

    w.len = 0;
    sj_write_shown(&w, s);
    assert(w.len >= s.len && w.len <= 4 * s.len);
}

void int_is_read_back(void)
{
    const int64_t number = nondet_int64();
    char digits[20];
    struct sj_writer w = {digits, sizeof(digits), 0, NULL};

    ASSUME(number >= 0 && number < 1000);
    sj_write_int(&w, number);
    assert(segjob_decimal((struct segjob_str){digits, w.len}) == number);
}
