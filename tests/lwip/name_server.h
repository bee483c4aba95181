/*
 * A name server on lwIP's raw UDP, at 127.0.0.1. It answers at once, or when it
 * is told to. All of it is called with lwIP's lock held, where there is one.
 */
#ifndef SJ_TEST_NAME_SERVER_H
#define SJ_TEST_NAME_SERVER_H

#include <stdbool.h>
#include <stdint.h>

extern struct name_server {
    bool is_silent; /* queries are kept for name_server_answer() */
    bool has_a;     /* every name has the address `a`, for 9 seconds */
    bool has_aaaa;  /* and ::1 */
    uint8_t a[4];
    unsigned queries;
} name_server;

/* Once, after lwIP's start; lwIP is told of the server. */
void name_server_start(void);

/* Forget what it was told; `a` becomes 10.0.0.`last`. */
void name_server_reset(uint8_t last);

/* Answer the query of this number, from 0; the last 16 are kept. */
void name_server_answer(unsigned number);

#endif
