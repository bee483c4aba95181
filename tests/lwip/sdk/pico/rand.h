/* What segjob_pico.c calls of pico_rand on RP2350: see test_pico.c. */
#ifndef SJ_TEST_RAND_H
#define SJ_TEST_RAND_H

#include <stdint.h>

#define PICO_RAND_ENTROPY_SRC_TRNG 1

uint64_t get_rand_64(void);

#endif
