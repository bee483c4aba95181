/*
 * Within this board: QEMU's `virt` with a 32-bit RISC-V. Source of addresses
 * and numbers: the device tree that it passes (-M virt,dumpdtb=FILE).
 */
#ifndef VIRT_H
#define VIRT_H

#include <stdbool.h>
#include <stdint.h>

#include "boards/startup.h"

#define CLINT_BASE 0x02000000u
#define MTIME_HZ 10000000u
#define PLIC_BASE 0x0C000000u
#define UART0_BASE 0x10000000u
#define UART0_HZ 3686400u
#define VIRTIO_BASE 0x10001000u /* of the first of so many, so far apart */
#define VIRTIO_COUNT 8u
#define VIRTIO_STEP 0x1000u
#define VIRTIO_IRQ 1u /* of the first */

/* A register of a byte. */
static inline volatile uint8_t *reg8(uintptr_t address)
{
    return (volatile uint8_t *)address; /* NOLINT: it is no pointer */
}

/* Have this interrupt, 1 to 31, end a sleep. */
void board_wake_by(uint32_t irq);

/* Whether there is something for board_ethernet_poll(). */
bool virtio_net_has_news(void);

/* End the device's interrupt, before a look at its news. */
void virtio_net_acknowledge(void);

#endif
