/*
 * The world of the simulation: its time, its chance, and what is yet to happen.
 *
 * Time is virtual, in milliseconds since the world began: it passes only from
 * one happening to the next. All chance comes from the seed, so a world is
 * the same whenever it is run.
 */
#ifndef SJ_SIMULATION_WORLD_H
#define SJ_SIMULATION_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NEVER UINT64_MAX
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define SECOND UINT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

struct world {
    uint64_t now;
    uint64_t seed;
    unsigned broken; /* rules of this world that did not hold */
    bool traced;     /* what happens is printed */
};

extern struct world world;

/* Begin a world, in which nothing is yet to happen. */
void world_begin(uint64_t seed);

/*
 * What `happen` does to `subject` at the time `at`, or now if that is past.
 * `stamp` lets it find out that it is no longer meant.
 */
typedef void happening(void *subject, uint64_t stamp);
void world_at(uint64_t at, happening *happen, void *subject, uint64_t stamp);

/*
 * Let the next thing happen. Returns false if there is none, or if the world
 * is broken beyond repair.
 */
bool world_go_on(void);

/* ---------------------------------------------------------------- chance */

uint32_t any_number(void);

/* From 0 to `n` - 1; `n` is not 0. */
uint64_t below(uint64_t n);

/* From `least` to `most`. */
uint64_t between(uint64_t least, uint64_t most);

/* True so many times of a hundred. */
bool chance(unsigned percent);

/* ---------------------------------------------------------------- telling */

#if defined(__GNUC__)
#define LIKE_PRINTF __attribute__((format(printf, 1, 2)))
#else
#define LIKE_PRINTF
#endif

/* Print a line of what happens, if the world is traced. */
#define TRACE(...) (world.traced ? trace_line(__VA_ARGS__) : (void)0)
LIKE_PRINTF void trace_line(const char *format, ...);

/* A rule does not hold: print how, with the seed. */
#define RULE(truth, ...) ((truth) ? (void)0 : break_rule(__VA_ARGS__))
LIKE_PRINTF void break_rule(const char *format, ...);

#endif
