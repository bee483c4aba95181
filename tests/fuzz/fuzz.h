/*
 * What every fuzz target includes: its entry point, the input as a source of
 * choices, and memory with watched bounds.
 *
 * A target asserts properties with REQUIRE, which ends the program. The same
 * entry point serves libFuzzer and replay.c.
 */
#ifndef SJ_FUZZ_H
#define SJ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "segjob.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FUZZ_POISONS
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define FUZZ_POISONS
#endif
#if defined(FUZZ_POISONS)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, n) ((void)(at), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(at, n) ((void)(at), (void)(n))
#endif

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

#define REQUIRE(truth) \
    ((truth) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #truth))

static inline void fuzz_fail(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

/* ----------------------------------------------------------------- input */

struct input {
    const uint8_t *at;
    size_t left;
};

/* The next byte; 0 after the last. */
static inline unsigned take_byte(struct input *in)
{
    if (in->left == 0) {
        return 0;
    }
    in->left--;
    return *in->at++;
}

static inline unsigned take_16(struct input *in)
{
    unsigned high = take_byte(in);

    return high << 8 | take_byte(in);
}

static inline uint32_t take_32(struct input *in)
{
    uint32_t high = take_16(in);

    return high << 16 | take_16(in);
}

/* The next `n` bytes, or as many as there are. They stay in the input. */
static inline struct segjob_str take_bytes(struct input *in, size_t n)
{
    struct segjob_str s = {(const char *)in->at, n < in->left ? n : in->left};

    in->at += s.len;
    in->left -= s.len;
    return s;
}

/* ---------------------------------------------------------------- memory */

#define GUARD 32 /* bytes before and after, which must not change */

struct room {
    char *ptr;
    size_t cap;
};

static inline struct room room_make(size_t cap)
{
    char *all = malloc(cap + 2 * GUARD);
    struct room r = {all + GUARD, cap};

    REQUIRE(all != NULL);
    memset(all, '#', cap + 2 * GUARD);
    ASAN_POISON_MEMORY_REGION(all, GUARD);
    ASAN_POISON_MEMORY_REGION(r.ptr + cap, GUARD);
    return r;
}

static inline struct room room_copy(const void *bytes, size_t n)
{
    struct room r = room_make(n);

    if (n > 0) {
        memcpy(r.ptr, bytes, n);
    }
    return r;
}

static inline void room_free(struct room *r)
{
    ASAN_UNPOISON_MEMORY_REGION(r->ptr - GUARD, GUARD);
    ASAN_UNPOISON_MEMORY_REGION(r->ptr + r->cap, GUARD);
    for (size_t i = 0; i < GUARD; i++) {
        REQUIRE(r->ptr[r->cap + i] == '#');
        REQUIRE(r->ptr[-1 - (ptrdiff_t)i] == '#');
    }
    free(r->ptr - GUARD);
}

/* ----------------------------------------------------------------- texts */

static inline bool is_same(struct segjob_str a, struct segjob_str b)
{
    return (a.ptr == NULL) == (b.ptr == NULL) && a.len == b.len &&
           (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool begins_with(struct segjob_str s, struct segjob_str front)
{
    return front.len <= s.len &&
           (front.len == 0 || memcmp(s.ptr, front.ptr, front.len) == 0);
}

/* The first position of `part` in `s`; the length of `s` if none. */
static inline size_t find(struct segjob_str s, struct segjob_str part)
{
    struct segjob_str rest = s;

    while (rest.len > 0 && part.len > 0) {
        const char *at = memchr(rest.ptr, part.ptr[0], rest.len);

        if (at == NULL) {
            break;
        }
        rest.len -= (size_t)(at - rest.ptr);
        rest.ptr = at;
        if (begins_with(rest, part)) {
            return (size_t)(at - s.ptr);
        }
        rest.ptr++;
        rest.len--;
    }
    return s.len;
}

static inline bool contains(struct segjob_str s, const char *part)
{
    return find(s, segjob_cstr(part)) < s.len;
}

/* ---------------------------------------------------------------- client */

/*
 * The line of segjob_explain(), which is the same with any capacity, but cut.
 * To be freed by the caller.
 */
static inline struct room room_explain(const struct segjob_client *c)
{
    size_t n = segjob_explain(c, NULL, 0);
    struct room whole = room_make(n + 1);
    struct room part = room_make(n / 2 + 1);

    REQUIRE(segjob_explain(c, whole.ptr, n + 1) == n);
    REQUIRE(whole.ptr[n] == '\0' && strlen(whole.ptr) == n);
    REQUIRE(segjob_explain(c, part.ptr, n / 2 + 1) == n);
    REQUIRE(part.ptr[n / 2] == '\0' && memcmp(part.ptr, whole.ptr, n / 2) == 0);
    room_free(&part);
    return whole;
}

#endif
