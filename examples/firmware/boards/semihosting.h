/*
 * Semihosting: what the emulator, or a debugger, does for the program.
 * Source: Arm, Semihosting for AArch32 and AArch64; RISC-V Semihosting.
 */
#ifndef BOARDS_SEMIHOSTING_H
#define BOARDS_SEMIHOSTING_H

#include <stdint.h>

#define SYS_OPEN 0x01u          /* {name, mode, length of name} */
#define SYS_READ 0x06u          /* {handle, room, n}: bytes not read */
#define SYS_TIME 0x11u          /* seconds since 1970 */
#define SYS_GET_CMDLINE 0x15u   /* {room, cap}: 0 if it fits */
#define SYS_EXIT_EXTENDED 0x20u /* {reason, status} */

#define APPLICATION_EXIT 0x20026u /* the reason of an ordinary end */

static inline uint32_t semihosting(uint32_t operation, const void *block)
{
#if defined(__riscv)
    register uint32_t result __asm__("a0") = operation;
    register const void *argument __asm__("a1") = block;

    /* Three instructions that say it, not compressed, on one page. */
    __asm__ volatile(".option push\n"
                     ".option norvc\n"
                     ".balign 16\n"
                     "slli x0, x0, 0x1f\n"
                     "ebreak\n"
                     "srai x0, x0, 7\n"
                     ".option pop\n"
                     : "+r"(result)
                     : "r"(argument)
                     : "memory");
#else
    register uint32_t result __asm__("r0") = operation;
    register const void *argument __asm__("r1") = block;

    __asm__ volatile("bkpt 0xAB" : "+r"(result) : "r"(argument) : "memory");
#endif
    return result;
}

#endif
