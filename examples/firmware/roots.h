/*
 * The certificates that are trusted to sign, from the files that the build
 * was given in SEGJOB_ROOTS: roots.py writes the table.
 */
#ifndef FIRMWARE_ROOTS_H
#define FIRMWARE_ROOTS_H

#include <stddef.h>

struct root {
    const unsigned char *der;
    size_t len;
};

extern const struct root roots_der[];
extern const size_t roots_der_len;

#endif
