/*
 * The world of the simulation: its time, its random numbers, and its events.
 *
 * Time is virtual, in milliseconds since the world began: it jumps from one
 * event to the next. All random numbers come from the seed, so a world is the
 * same on every run.
 */
#ifndef SJ_SIMULATION_WORLD_H
#define SJ_SIMULATION_WORLD_H

#include "rule.h"

#define SECOND UINT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

struct world {
    uint64_t now;
    uint64_t seed;
    unsigned broken; /* rules that were broken in this world */
    bool traced;     /* print what happens */
};

extern struct world world;

/* Begin a world without events. */
void world_begin(uint64_t seed);

/*
 * Call `happen` with `subject` at the time `at`, or now if that is past. By
 * `stamp` it can tell that it is void.
 */
typedef void happening(void *subject, uint64_t stamp);
void world_at(uint64_t at, happening *happen, void *subject, uint64_t stamp);

/*
 * Let the next event happen. Returns false if there is none, or after too many
 * broken rules.
 */
bool world_step(void);

/* ---------------------------------------------------------------- random */

uint32_t any_number(void);

/* From 0 to `n` - 1; `n` is not 0. */
uint64_t below(uint64_t n);

/* From `least` to `most`. */
uint64_t between(uint64_t least, uint64_t most);

/* True in `percent` of the calls. */
bool chance(unsigned percent);

/* ----------------------------------------------------------------- output */

/* Print a line if the world is traced. */
#define TRACE(...) (world.traced ? trace_line(__VA_ARGS__) : (void)0)
LIKE_PRINTF void trace_line(const char *format, ...);

#endif
