/*
 * Who the device is, and the keys that it gets for that: a certificate of its
 * own, and AWS IoT Core's credentials provider.
 */
#ifndef FIRMWARE_DEVICE_H
#define FIRMWARE_DEVICE_H

#include "parameters.h"
#include "segjob_lwip.h"

/*
 * Have the port show the device's certificate, and ask for keys where the
 * parameters say. Called for each port that is made; the keys stay.
 *
 * Returns NULL, or what failed in words.
 */
const char *device_begin(const struct parameters *p, struct segjob_lwip *lwip);

/* Overwrite the keys. */
void device_end(void);

#endif
