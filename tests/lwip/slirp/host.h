/*
 * The Ethernet that lwIP is on, and the host at its other end: libslirp. lwIP
 * is 10.0.2.15; 10.0.2.2 is the host's loopback. There is one, since there is
 * one lwIP in a process.
 */
#ifndef SJ_TEST_HOST_H
#define SJ_TEST_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lwip/netif.h"

#define HOST_FRAME_CAP 1514u

/* What takes the frames of both, of at most HOST_FRAME_CAP bytes. */
struct host_wires {
    void (*from_host)(uint8_t *bytes, size_t len);
    void (*from_lwip)(uint8_t *bytes, size_t len);
    int64_t (*clock_ns)(void *unused); /* libslirp's clock */
};

/*
 * Start libslirp, and add the interface to lwIP, which runs already; `input`
 * takes its frames. Returns false if either refuses.
 */
bool host_start(const struct host_wires *wires, netif_input_fn input);

/* Remove the interface, and free libslirp; lwIP stays. */
void host_stop(void);

/* Give a frame to either. */
void host_give(const uint8_t *bytes, size_t len);
void host_give_lwip(const uint8_t *bytes, size_t len);

/*
 * Let libslirp work, after at most `real_ms` without an event. Returns whether
 * there was one; `*due_ms` is how long it may be left alone.
 */
bool host_poll(int real_ms, uint32_t *due_ms);

#endif
