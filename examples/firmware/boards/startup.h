/*
 * What the boards share: their first steps in C, their stack as sections.ld
 * places it, and registers.
 */
#ifndef BOARDS_STARTUP_H
#define BOARDS_STARTUP_H

#include <stdint.h>

/* A device's register. */
static inline volatile uint32_t *reg(uintptr_t address)
{
    return (volatile uint32_t *)address; /* NOLINT: it is no pointer */
}

extern uint32_t board_stack_start[], board_stack_end[];

/* Fill RAM and run main(). The stack pointer is board_stack_end. */
__attribute__((noreturn)) void board_start(void);

#endif
