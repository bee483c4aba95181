/*
 * What lwIP asks of the compiler: little, for GCC.
 */
#ifndef FIRMWARE_ARCH_CC_H
#define FIRMWARE_ARCH_CC_H

#include <stdint.h>

uint32_t network_random(void);
__attribute__((noreturn)) void network_assertion_failed(unsigned line);

#define LWIP_RAND() network_random()
/* The texts of lwIP's assertions take 7 KB of flash. */
#define LWIP_PLATFORM_ASSERT(what) network_assertion_failed(__LINE__)
#define LWIP_PLATFORM_DIAG(what) /* no printf */

#endif
