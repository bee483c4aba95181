#include "impair.h"

#include <string.h>

#define LATE_MS 3000u
#define OVERTAKEN_MS 30u

/* Ethernet's header, and those of IPv4 and TCP without options. */
#define HEADERS 54u

enum impair_kind impair_named(const char *name)
{
    static const char *const names[] = {
#define IMPAIR_NAME(name, text) text,
        IMPAIR_LIST(IMPAIR_NAME)
#undef IMPAIR_NAME
    };
    unsigned i = 0;

    while (i < IMPAIR_KINDS && strcmp(names[i], name) != 0) {
        i++;
    }
    return (enum impair_kind)i;
}

/* SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number
 * generators", 2014. */
uint64_t impair_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static void flip_bit(uint8_t *bytes, size_t len, uint64_t random)
{
    const size_t bit = (size_t)(random % (len * 8));

    bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
}

/* After the fixed headers, options of TCP or payload begin at a 16-bit word. */
static void exchange_words(uint8_t *bytes, size_t len, uint64_t random)
{
    uint8_t word[2];
    uint8_t *at;

    if (len < HEADERS + 4) {
        return;
    }
    at = bytes + HEADERS + random % ((len - HEADERS) / 2 - 1) * 2;
    memcpy(word, at, 2);
    memcpy(at, at + 2, 2);
    memcpy(at + 2, word, 2);
}

static void apply(enum impair_kind kind, uint64_t random, uint8_t *bytes,
                  size_t len, struct impair_fate *fate)
{
    switch (kind) {
    case IMPAIR_DROP:
        fate->copies = 0;
        break;
    case IMPAIR_DUPLICATE:
        fate->copies = 2;
        fate->late_ms[1] = (uint32_t)(random % OVERTAKEN_MS);
        break;
    case IMPAIR_DELAY:
        fate->late_ms[0] = (uint32_t)(random % LATE_MS) + 1;
        break;
    case IMPAIR_REORDER:
        fate->late_ms[0] = (uint32_t)(random % OVERTAKEN_MS) + 1;
        break;
    case IMPAIR_CORRUPT:
        flip_bit(bytes, len, random);
        break;
    case IMPAIR_GARBLE:
        exchange_words(bytes, len, random);
        break;
    case IMPAIR_MIXED:
    case IMPAIR_KINDS:
    default:
        break;
    }
}

struct impair_fate impair_frame(struct impair *i, uint8_t *bytes, size_t len)
{
    struct impair_fate fate = {1, {0, 0}};
    /* Three numbers for each frame, whatever happens to it. */
    const uint64_t chance = impair_random(&i->state);
    const uint64_t which = impair_random(&i->state);
    const uint64_t random = impair_random(&i->state);

    if (chance % 100 >= i->percent) {
        return fate;
    }
    i->count++;
    apply(i->kind == IMPAIR_MIXED ? (enum impair_kind)(which % IMPAIR_GARBLE)
                                  : i->kind,
          random, bytes, len, &fate);
    return fate;
}
