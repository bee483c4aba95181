/*
 * What the processor runs at reset, at faults and at interrupts.
 */
#include <stdint.h>

#include "board.h"
#include "mps2.h"
#include "print.h"

/*
 * `frame` is what the processor has stored, or has tried to: r0-r3, r12, lr,
 * pc, xpsr.
 */
__attribute__((noreturn, used)) static void fault(const uint32_t *frame)
{
    if (frame < board_stack_start + 16) {
        print("the stack of %u bytes overflowed\n",
              (unsigned)board_stack_size());
    } else {
        print("fault at 0x%x\n", (unsigned)frame[6]);
    }
    board_exit(EXIT_FAULT);
}

/* Of a stack that overflowed nothing can be used: begin again at its top. */
__attribute__((naked)) static void hard_fault(void)
{
    __asm__ volatile("mrs r0, msp\n"
                     "ldr r1, =board_stack_end\n"
                     "msr msp, r1\n"
                     "b %c0\n"
                     :
                     : "i"(fault));
}

/*
 * The vector table, as far as anything in it can happen. The other faults are
 * not enabled, and so are HardFault's.
 */
__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    void (*exceptions[15])(void);
    void (*interrupts[ETHERNET_IRQ + 1])(void);
} vectors = {
    .stack = board_stack_end,
    .exceptions = {[0] = board_start, [2] = hard_fault, [14] = systick},
    .interrupts = {[ETHERNET_IRQ] = ethernet_interrupt},
};
