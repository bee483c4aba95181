#include "world.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define BREAKS_SHOWN 3u /* of one world */

struct world world;

/* A heap with the soonest event at the top. */
struct event {
    uint64_t at;
    uint64_t order; /* among events of the same time */
    happening *happen;
    void *subject;
    uint64_t stamp;
};

static struct event *events;
static size_t events_len, events_cap;
static uint64_t ordered;
static uint64_t state; /* of the random numbers */

void world_begin(uint64_t seed)
{
    const bool traced = world.traced;

    world = (struct world){.seed = seed, .traced = traced};
    events_len = 0;
    ordered = 0;
    state = seed * UINT64_C(0xd1342543de82ef95) + 1;
}

/* ----------------------------------------------------------------- events */

static bool is_sooner(const struct event *a, const struct event *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

void world_at(uint64_t at, happening *happen, void *subject, uint64_t stamp)
{
    const struct event e = {at < world.now ? world.now : at, ordered++, happen,
                            subject, stamp};
    size_t i = events_len++;

    if (events_len > events_cap) {
        events_cap = events_len * 2;
        events = realloc(events, events_cap * sizeof(*events));
        if (events == NULL) {
            abort();
        }
    }
    for (; i > 0 && is_sooner(&e, &events[(i - 1) / 2]); i = (i - 1) / 2) {
        events[i] = events[(i - 1) / 2];
    }
    events[i] = e;
}

static struct event take_soonest(void)
{
    const struct event soonest = events[0];
    const struct event last = events[--events_len];
    size_t i = 0;

    for (size_t k = 1; k < events_len; k = 2 * i + 1) {
        k += k + 1 < events_len && is_sooner(&events[k + 1], &events[k]);
        if (!is_sooner(&events[k], &last)) {
            break;
        }
        events[i] = events[k];
        i = k;
    }
    events[i] = last;
    return soonest;
}

bool world_step(void)
{
    struct event e;

    if (events_len == 0 || world.broken >= BREAKS_SHOWN) {
        return false;
    }
    e = take_soonest();
    world.now = e.at;
    e.happen(e.subject, e.stamp);
    return true;
}

/* ----------------------------------------------------------------- random */

/* SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number
 * generators", 2014. */
static uint64_t next_number(void)
{
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint32_t any_number(void)
{
    return (uint32_t)(next_number() >> 32);
}

uint64_t below(uint64_t n)
{
    return next_number() % n;
}

uint64_t between(uint64_t least, uint64_t most)
{
    return least + below(most - least + 1);
}

bool chance(unsigned percent)
{
    return percent > 0 && below(100) < percent;
}

/* ----------------------------------------------------------------- output */

static void print_line(const char *front, const char *format, va_list arguments)
{
    printf("%s%6" PRIu64 ".%03" PRIu64 "  ", front, world.now / 1000,
           world.now % 1000);
    vprintf(format, arguments);
    printf("\n");
}

void trace_line(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print_line("", format, arguments);
    va_end(arguments);
}

void break_rule(const char *format, ...)
{
    va_list arguments;

    if (world.broken++ >= BREAKS_SHOWN) {
        return;
    }
    printf("seed %" PRIu64, world.seed);
    va_start(arguments, format);
    print_line(" BROKEN ", format, arguments);
    va_end(arguments);
}
