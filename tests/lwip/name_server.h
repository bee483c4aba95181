/*
 * A name server on lwIP's raw UDP, at 127.0.0.1. It answers at once, or when
 * name_server_answer() is called. Call its functions with lwIP's lock held, if
 * there is one.
 */
#ifndef SJ_TEST_NAME_SERVER_H
#define SJ_TEST_NAME_SERVER_H

#include <stdbool.h>
#include <stdint.h>

extern struct name_server {
    bool is_silent; /* queries are kept for name_server_answer() */
    bool has_a;     /* every name has the address `a`, TTL 9 s */
    bool has_aaaa;  /* and ::1 */
    uint8_t a[4];
    unsigned queries;
} name_server;

/* Call once, after lwIP's start. Makes it lwIP's name server. */
void name_server_start(void);

/* Reset all settings; `a` becomes 10.0.0.`last`. */
void name_server_reset(uint8_t last);

/* Answer the query of this number, from 0; the last 16 are kept. */
void name_server_answer(unsigned number);

#endif
