/*
 * Semihosting: what the emulator, or a debugger, does for the program.
 * Source: Arm, Semihosting for AArch32 and AArch64.
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
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = block;

    __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

#endif
