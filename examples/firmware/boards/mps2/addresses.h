/*
 * MPS2 with AN385 (Cortex-M3) or AN386 (Cortex-M4). Source: these application
 * notes of Arm.
 */
#ifndef MPS2_ADDRESSES_H
#define MPS2_ADDRESSES_H

#define CPU_HZ 25000000u
#define UART0_BASE 0x40004000u
#define LAN9118_BASE 0x40200000u
#define ETHERNET_IRQ 13u

#endif
