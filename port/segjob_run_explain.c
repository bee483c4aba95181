/*
 * Words for people. A program that shows none does not link this file.
 */
#include "segjob_run.h"
#include "segjob_text.h"

/* Write what fits of a text, and return the length of all. */
static size_t put(char *buf, size_t cap, size_t len, const char *text)
{
    for (; *text != '\0'; text++, len++) {
        if (len < cap) {
            buf[len] = *text;
        }
    }
    return len;
}

/* " (-30592)": `room` is the end of where it is written. */
static const char *number_of(int code, char *room)
{
    char *at = room;

    *--at = '\0';
    *--at = ')';
    at = segjob_write_decimal(at,
                              code < 0 ? 0 - (uint64_t)code : (uint64_t)code);
    if (code < 0) {
        *--at = '-';
    }
    *--at = '(';
    *--at = ' ';
    return at;
}

size_t segjob_run_explain(const struct segjob_client *c,
                          const struct segjob_port *port, char *buf, size_t cap)
{
    const struct segjob_port_error *e = &port->error;
    char room[SEGJOB_DECIMAL_DIGITS + 5];
    size_t len = segjob_explain(c, buf, cap);

    if (e->status == segjob_get_status(c)) {
        if (e->message != NULL) {
            len = put(buf, cap, len, ": ");
            len = put(buf, cap, len, e->message);
        }
        if (e->code != 0) {
            len = put(buf, cap, len, number_of(e->code, room + sizeof(room)));
        }
    }
    if (cap > 0) {
        buf[len < cap ? len : cap - 1] = '\0';
    }
    return len;
}
