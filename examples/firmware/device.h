/*
 * The device's identity, a certificate of its own, and the credentials that AWS
 * IoT Core's credentials provider or IAM Roles Anywhere returns for it.
 */
#ifndef FIRMWARE_DEVICE_H
#define FIRMWARE_DEVICE_H

#include "parameters.h"
#include "segjob_lwip.h"

/*
 * Set the port's certificate, which only IoT Core asks for, and its provider of
 * credentials from the parameters. Called for each port; the credentials
 * outlive it.
 *
 * Returns NULL, or an error message.
 */
const char *device_begin(const struct parameters *p, struct segjob_lwip *lwip);

/* Overwrite the credentials. */
void device_end(void);

#endif
