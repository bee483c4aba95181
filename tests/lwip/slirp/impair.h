/*
 * How frames are impaired, which depends on a seed alone.
 *
 * The n-th frame of a direction is impaired in the same way in every run with
 * the same seed, whatever the other direction does.
 */
#ifndef SJ_TEST_IMPAIR_H
#define SJ_TEST_IMPAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Each row is the enumerator, its name, and what it does to a frame.
 *
 * The checksums of IP and TCP find one flipped bit always, and two exchanged
 * 16-bit words never (RFC 1071, 2: the sum is the same in any order).
 */
#define IMPAIR_LIST(X)                                                     \
    X(DROP, "drop")           /* lost */                                   \
    X(DUPLICATE, "duplicate") /* arrives twice, the second time late */    \
    X(DELAY, "delay")         /* arrives late by up to 3 seconds */        \
    X(REORDER, "reorder")     /* arrives after frames sent after it */     \
    X(CORRUPT, "corrupt")     /* one bit is flipped */                     \
    X(GARBLE, "garble")       /* words of the TCP payload are exchanged */ \
    X(MIXED, "mixed")         /* one of the first five */

enum impair_kind {
#define IMPAIR_ENUM(name, text) IMPAIR_##name,
    IMPAIR_LIST(IMPAIR_ENUM)
#undef IMPAIR_ENUM
    IMPAIR_KINDS
};

/* One direction. Set `kind`, `percent` and `state`, the seed, before use. */
struct impair {
    enum impair_kind kind;
    unsigned percent; /* of the frames, 0 to 100 */
    uint64_t state;
    unsigned count; /* frames impaired so far */
};

/* How often a frame arrives, and by how many milliseconds late each time. */
struct impair_fate {
    size_t copies;
    uint32_t late_ms[2];
};

/* The kind of that name; IMPAIR_KINDS if there is none. */
enum impair_kind impair_named(const char *name);

/* The next pseudo-random number after `*state`, which it changes. */
uint64_t impair_random(uint64_t *state);

/* Decide about the next frame, whose `len` bytes at `bytes` may change. */
struct impair_fate impair_frame(struct impair *i, uint8_t *bytes, size_t len);

#endif
