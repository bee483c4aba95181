/*
 * From reset to main(), and what becomes of faults.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "board.h"
#include "mps2.h"
#include "print.h"

int main(void);
void board_reset(void);

/* The linker script's. What it calls a size is the address of its symbol. */
extern uint32_t board_stack_start[], board_stack_end[];
extern char BOARD_STACK_SIZE[];
extern char board_data_start[], board_data_size[];
extern const char board_data_load[];
extern char board_bss_start[], board_bss_size[];

/* Fills the stack, to see later how far it was used. */
#define PAINT 0x5AFE57ACu

void board_reset(void)
{
    const uint32_t *here = __builtin_frame_address(0);
    uint32_t *p;

    memcpy(board_data_start, board_data_load, (size_t)board_data_size);
    memset(board_bss_start, 0, (size_t)board_bss_size);
    for (p = board_stack_start; p < here - 64; p++) {
        *p = PAINT;
    }
    board_exit(main());
}

size_t board_stack_size(void)
{
    return (size_t)BOARD_STACK_SIZE;
}

size_t board_stack_peak(void)
{
    size_t left = 0; /* words that were never used */

    while (board_stack_start[left] == PAINT) {
        left++;
    }
    return board_stack_size() - left * sizeof(uint32_t);
}

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
    .exceptions = {[0] = board_reset, [2] = hard_fault, [14] = systick},
    .interrupts = {[ETHERNET_IRQ] = ethernet_interrupt},
};
