/*
 * segjob_run_explain(): the core's line, and the port's reason if the port
 * failed.
 */
#include "rows.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "segjob_run.h"

#define ERROR(status, message, code) \
    {                                \
        status, message, code        \
    }
#define NO_ERROR ERROR(SEGJOB_OK, NULL, 0)

static const struct {
    int line;
    const char *name; /* the line */
    enum segjob_status status;
    struct segjob_port_error error;
} rows[] = {
    {__LINE__, "cannot connect", SEGJOB_CONNECT, NO_ERROR},
    {__LINE__, "cannot connect: Connection refused (111)", SEGJOB_CONNECT,
     ERROR(SEGJOB_CONNECT, "Connection refused", 111)},
    {__LINE__, "the host name cannot be resolved: no such name", SEGJOB_RESOLVE,
     ERROR(SEGJOB_RESOLVE, "no such name", 0)},
    {__LINE__, "the TLS handshake failed (-30592)", SEGJOB_TLS,
     ERROR(SEGJOB_TLS, NULL, -0x7780)},
    {__LINE__, "cannot connect: a (2147483647)", SEGJOB_CONNECT,
     ERROR(SEGJOB_CONNECT, "a", INT_MAX)},
    {__LINE__, "cannot connect: a (-2147483648)", SEGJOB_CONNECT,
     ERROR(SEGJOB_CONNECT, "a", INT_MIN)},
    {__LINE__, "cannot connect", SEGJOB_CONNECT,
     ERROR(SEGJOB_CONNECT, NULL, 0)},
    {__LINE__, "time ran out: while connecting", SEGJOB_TIMEOUT,
     ERROR(SEGJOB_TIMEOUT, "while connecting", 0)},

    /* An earlier attempt's port error, or a time-out's, is not the reason. */
    {__LINE__, "HTTP 0", SEGJOB_SERVICE,
     ERROR(SEGJOB_CONNECT, "Connection refused", 111)},
    {__LINE__, "cancelled", SEGJOB_CANCELLED,
     ERROR(SEGJOB_TIMEOUT, "while connecting", 0)},
    {__LINE__, "done", SEGJOB_OK, NO_ERROR},
};

/* Every capacity: stores what fits, NUL-terminated; returns the full length. */
static void test_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const size_t len = strlen(rows[i].name);
        const struct segjob_port port = {.error = rows[i].error};
        struct segjob_client c;

        memset(&c, 0, sizeof(c));
        c.op.status = (int8_t)rows[i].status;
        for (size_t cap = 0; cap <= len + 2; cap++) {
            const size_t shown = cap == 0 ? 0 : len < cap ? len : cap - 1;
            char *buf = malloc(cap + 1);

            memset(buf, '@', cap + 1);
            ROW(&rows[i], segjob_run_explain(&c, &port, buf, cap) == len);
            ROW(&rows[i], memcmp(buf, rows[i].name, shown) == 0);
            ROW(&rows[i], buf[shown] == (cap == 0 ? '@' : '\0'));
            ROW(&rows[i], buf[cap] == '@');
            free(buf);
        }
        ROW(&rows[i], segjob_run_explain(&c, &port, NULL, 0) == len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
