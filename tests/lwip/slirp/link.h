/*
 * The Ethernet between lwIP and libslirp (host.h), and the clock of both.
 *
 * Every frame in either direction takes LINK_MS and may be impaired (impair.h).
 * The clock is virtual: it stops while frames are due or the process at the
 * other end works, and then jumps to the next event, so that minutes of
 * retransmission pass in milliseconds and a stalled host uses up no deadline.
 * Only link_wait() moves it.
 *
 * There is one link, since there is one lwIP in a process.
 */
#ifndef SJ_TEST_LINK_H
#define SJ_TEST_LINK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "impair.h"

#define LINK_MS 5u

/*
 * Start lwIP and libslirp, with the link between them up. `peer` is the
 * process on the host's loopback that responds.
 *
 * Returns false if libslirp or lwIP would not start.
 */
bool link_start(enum impair_kind kind, unsigned percent, uint64_t seed,
                pid_t peer);

/* Take the link down, and free libslirp; lwIP stays. */
void link_stop(void);

/* Milliseconds; more than 0. */
uint64_t link_now_ms(void);

/*
 * Move all frames that are due; if there are none, let time pass until there
 * may be, or until `until_ms`. Call it repeatedly.
 */
void link_wait(uint64_t until_ms);

/* How many frames there were in both directions, and how many were impaired. */
unsigned link_frames(void);
unsigned link_impaired(void);

#endif
