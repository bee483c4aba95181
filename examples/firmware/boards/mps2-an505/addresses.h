/*
 * MPS2 with AN505 (Cortex-M33), as secure code sees it. Source: this
 * application note of Arm.
 */
#ifndef MPS2_AN505_ADDRESSES_H
#define MPS2_AN505_ADDRESSES_H

#define CPU_HZ 20000000u
#define UART0_BASE 0x50200000u
#define LAN9118_BASE 0x52000000u
#define ETHERNET_IRQ 48u

#endif
