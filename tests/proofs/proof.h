/*
 * For harnesses: arbitrary values, and memory of an exact size.
 */
#ifndef PROOF_H
#define PROOF_H

#include <assert.h>
#include <stdlib.h>

#include "segjob.h"

size_t nondet_size(void);
int64_t nondet_int64(void);
unsigned char nondet_byte(void);

#define ASSUME(condition) __CPROVER_assume(condition)

/* A length of at most `max`. */
static inline size_t any_up_to(size_t max)
{
    const size_t n = nondet_size();

    ASSUME(n <= max);
    return n;
}

/* `n` arbitrary bytes; accesses after them are detected. */
static inline char *any_bytes(size_t n)
{
    char *bytes = malloc(n);

    ASSUME(bytes != NULL);
    return bytes;
}

/* Text of at most `max` bytes, at the end of an object of exactly `max`. */
static inline struct segjob_str any_text(size_t max)
{
    const size_t n = any_up_to(max);
    const struct segjob_str text = {any_bytes(max) + (max - n), n};

    return text;
}

#endif
