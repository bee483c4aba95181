/*
 * The format in which these programs exchange data with their Python scripts: a
 * stream of numbers, 32 bits in the machine's byte order, and of texts, each
 * its length as a number and then its bytes. ABSENT is the length of an absent
 * text.
 */
#ifndef SJ_TEST_RECORDS_H
#define SJ_TEST_RECORDS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "segjob.h"

#define ABSENT UINT32_MAX

/* The rest of the input. */
struct records {
    char *at;
    size_t left;
};

/* Exit unless `truth`: the input is not in that format. */
static inline void require(bool truth)
{
    if (!truth) {
        fputs("the input is not made of whole records\n", stderr);
        exit(2);
    }
}

/* All of standard input, which stays in memory. */
static inline struct records records_read(void)
{
    struct records r = {NULL, 0};
    size_t cap = 1u << 20;
    size_t n;

    do {
        cap *= 2;
        r.at = realloc(r.at, cap);
        require(r.at != NULL);
        n = fread(r.at + r.left, 1, cap - r.left, stdin);
        r.left += n;
    } while (n > 0);
    return r;
}

static inline char *get_bytes(struct records *r, size_t n)
{
    char *bytes = r->at;

    require(n <= r->left);
    r->at += n;
    r->left -= n;
    return bytes;
}

static inline uint32_t get_number(struct records *r)
{
    uint32_t number;

    memcpy(&number, get_bytes(r, sizeof(number)), sizeof(number));
    return number;
}

static inline struct segjob_str get_text(struct records *r)
{
    struct segjob_str s = {NULL, get_number(r)};

    if (s.len == ABSENT) {
        s.len = 0;
    } else {
        s.ptr = get_bytes(r, s.len);
    }
    return s;
}

static inline void put_number(FILE *out, uint32_t number)
{
    fwrite(&number, sizeof(number), 1, out);
}

static inline void put_text(FILE *out, struct segjob_str s)
{
    put_number(out, s.ptr == NULL ? ABSENT : (uint32_t)s.len);
    if (s.len > 0) {
        fwrite(s.ptr, 1, s.len, out);
    }
}

#endif
