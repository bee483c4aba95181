/*
 * Within the boards that are images for Arm's MPS2. What differs between them
 * is in the `addresses.h` of each.
 */
#ifndef MPS2_H
#define MPS2_H

#include <stdbool.h>
#include <stdint.h>

#include <addresses.h> /* the board's, not this folder's */

#include "boards/startup.h"

/* Handlers of the vector table. */
void systick(void);
void ethernet_interrupt(void);

/* Whether a frame has arrived that was not fetched. */
bool lan9118_has_frame(void);

#endif
