/*
 * From reset to board_start(), and what becomes of faults. Source: RISC-V, The
 * Instruction Set Manual, Volume II.
 */
#include <stdint.h>

#include "board.h"
#include "print.h"
#include "virt.h"

void board_reset(void);

/* No interrupt is ever taken, see board_sleep(): a trap is a fault. */
__attribute__((noreturn, used)) static void fault(const uint32_t *sp,
                                                  uint32_t pc)
{
    if (sp < board_stack_start) {
        print("the stack of %u bytes overflowed\n",
              (unsigned)board_stack_size());
    } else {
        print("fault at 0x%x\n", (unsigned)pc);
    }
    board_exit(EXIT_FAULT);
}

/* Of a stack that overflowed nothing can be used: begin again at its top. */
__attribute__((naked, aligned(4))) static void trap(void)
{
    __asm__ volatile(".option arch, +zicsr\n"
                     "mv a0, sp\n"
                     "csrr a1, mepc\n"
                     "la sp, board_stack_end\n"
                     "j %0\n"
                     :
                     : "i"(fault));
}

/*
 * The first instructions of the image. Flash is read and run, but not written:
 * physical memory protection, locked (0x80), holds for machine mode too. 0x1D
 * is a naturally aligned power of two (0x18), to run (4) and to read (1).
 */
__attribute__((naked, section(".vectors"))) void board_reset(void)
{
    __asm__ volatile(".option arch, +zicsr\n"
                     "la sp, board_stack_end\n"
                     "la t0, %0\n"
                     "csrw mtvec, t0\n"
                     "la t0, board_flash_pmp\n"
                     "csrw pmpaddr0, t0\n"
                     "li t0, 0x80 | 0x1D\n"
                     "csrw pmpcfg0, t0\n"
                     "j board_start\n"
                     :
                     : "i"(trap));
}
