/*
 * Within this board: Arm's MPS2 with the images AN385 (Cortex-M3) or AN386
 * (Cortex-M4). Source of addresses and numbers: their application notes.
 */
#ifndef MPS2_H
#define MPS2_H

#include <stdbool.h>
#include <stdint.h>

#define CPU_HZ 25000000u
#define UART0_BASE 0x40004000u
#define LAN9118_BASE 0x40200000u
#define ETHERNET_IRQ 13u

/* A device's register. */
static inline volatile uint32_t *reg(uintptr_t address)
{
    return (volatile uint32_t *)address; /* NOLINT: it is no pointer */
}

/* Handlers of the vector table. */
void systick(void);
void ethernet_interrupt(void);

/* Whether a frame has arrived that was not fetched. */
bool lan9118_has_frame(void);

#endif
