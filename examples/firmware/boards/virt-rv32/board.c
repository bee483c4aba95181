/*
 * Clock, sleep and console.
 */
#include "board.h"

#include "print.h"
#include "virt.h"

/* ---------------------------------------------------------------- clock */

#define MTIMECMP (CLINT_BASE + 0x4000u)
#define MTIME (CLINT_BASE + 0xBFF8u)

#define TICKS_PER_MS (MTIME_HZ / 1000u)
#define NS_PER_TICK (1000000000u / MTIME_HZ)

static uint64_t begun;  /* ticks at board_begin() */
static uint64_t asleep; /* ticks */

/* Ticks since the reset. The clock has two halves: the upper may change. */
static uint64_t mtime(void)
{
    uint32_t high;
    uint32_t low;

    do {
        high = *reg(MTIME + 4);
        low = *reg(MTIME);
    } while (high != *reg(MTIME + 4));
    return (uint64_t)high << 32 | low;
}

uint64_t board_ms(void)
{
    return (mtime() - begun) / TICKS_PER_MS;
}

uint64_t board_busy_ns(void)
{
    return (mtime() - begun - asleep) * NS_PER_TICK;
}

/* ---------------------------------------------------------------- sleep */

#define PLIC_PRIORITY (PLIC_BASE + 0x0u) /* words, by interrupt */
#define PLIC_ENABLE (PLIC_BASE + 0x2000u)
#define PLIC_CLAIM (PLIC_BASE + 0x200004u)

#define MIE_TIMER (1u << 7)
#define MIE_EXTERNAL (1u << 11)

void board_wake_by(uint32_t irq)
{
    *reg(PLIC_PRIORITY + 4 * irq) = 1;
    *reg(PLIC_ENABLE) = 1u << irq;
}

/* The upper half is out of reach while the lower one is not set. */
static void wake_at(uint64_t ticks)
{
    *reg(MTIMECMP + 4) = UINT32_MAX;
    *reg(MTIMECMP) = (uint32_t)ticks;
    *reg(MTIMECMP + 4) = (uint32_t)(ticks >> 32);
}

/* A board whose interrupt is not connected works, but late. */
static void say_once(const char *text)
{
    static bool said;

    if (!said) {
        said = true;
        print("%s\n", text);
    }
}

/*
 * Interrupts stay off (mstatus), but `wfi` ends at a pending one that mie
 * names: a frame that comes after the look at the driver ends it at once. The
 * interrupt is acknowledged before the next look, and not after it.
 */
void board_sleep(uint64_t until_ms)
{
    const uint64_t until = begun + until_ms * TICKS_PER_MS;

    wake_at(until);
    while (!virtio_net_has_news() && mtime() < until) {
        const uint64_t begin = mtime();

        __asm__ volatile("wfi" : : : "memory");
        asleep += mtime() - begin;
        virtio_net_acknowledge();
        *reg(PLIC_CLAIM) = *reg(PLIC_CLAIM); /* claimed, and completed */
        if (mtime() < until) {
            say_once("a frame ended a sleep");
        }
    }
}

/* -------------------------------------------------------------- console */

#define UART_DATA (UART0_BASE + 0u)
#define UART_DIVISOR_HIGH (UART0_BASE + 1u)
#define UART_LINE (UART0_BASE + 3u)
#define UART_LINE_8N1 3u
#define UART_LINE_DIVISOR (1u << 7)
#define UART_STATE (UART0_BASE + 5u)
#define UART_STATE_TX_EMPTY (1u << 5)

void board_print(const char *text, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++) {
        while ((*reg8(UART_STATE) & UART_STATE_TX_EMPTY) == 0) {
        }
        *reg8(UART_DATA) = (unsigned char)text[i];
    }
}

void board_begin(void)
{
    *reg8(UART_LINE) = UART_LINE_DIVISOR;
    *reg8(UART_DATA) = UART0_HZ / 16 / 115200;
    *reg8(UART_DIVISOR_HIGH) = 0;
    *reg8(UART_LINE) = UART_LINE_8N1;
    begun = mtime();
    __asm__ volatile(".option arch, +zicsr\n"
                     "csrw mie, %0\n"
                     :
                     : "r"(MIE_TIMER | MIE_EXTERNAL));
}
