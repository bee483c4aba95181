/*
 * Clock, sleep and console.
 */
#include "board.h"

#include "mps2.h"

/* ---------------------------------------------------------------- clock */

#define SYST_CSR 0xE000E010u
#define SYST_RVR 0xE000E014u
#define SYST_CVR 0xE000E018u
#define NVIC_ISER (0xE000E100u + ETHERNET_IRQ / 32 * 4)
#define NVIC_ICER (0xE000E180u + ETHERNET_IRQ / 32 * 4)
#define ETHERNET_BIT (1u << ETHERNET_IRQ % 32)
#define ICSR 0xE000ED04u
#define ICSR_PENDSTSET (1u << 26)

#define PERIOD (CPU_HZ / 1000u) /* ticks in a millisecond */
#define NS_PER_TICK (1000000000u / CPU_HZ)

static volatile uint64_t periods; /* that have passed: milliseconds */
static uint64_t asleep;           /* ticks */

void systick(void)
{
    periods++;
}

static uint32_t interrupts_off(void)
{
    uint32_t before;

    __asm__ volatile("mrs %0, primask; cpsid i" : "=r"(before) : : "memory");
    return before;
}

static void interrupts_as(uint32_t before)
{
    __asm__ volatile("msr primask, %0" : : "r"(before) : "memory");
}

/*
 * Ticks since the start. SysTick counts down, says so at 0 and reloads one
 * tick later: 0 is the first tick of a period. Interrupts are off meanwhile,
 * so a period may have ended that was not counted; and the emulator may say so
 * a moment late, which must not turn the clock back.
 */
static uint64_t ticks(void)
{
    static uint64_t last;
    const uint32_t before = interrupts_off();
    uint32_t left = *reg(SYST_CVR);
    uint64_t whole = periods;
    uint64_t now;

    if ((*reg(ICSR) & ICSR_PENDSTSET) != 0) {
        left = *reg(SYST_CVR);
        whole++;
    }
    now = whole * PERIOD + (left == 0 ? 0 : PERIOD - left);
    last = now > last ? now : last;
    interrupts_as(before);
    return last;
}

uint64_t board_ms(void)
{
    return ticks() / PERIOD;
}

uint64_t board_busy_ns(void)
{
    return (ticks() - asleep) * NS_PER_TICK;
}

/* ---------------------------------------------------------------- sleep */

/* It has woken the processor. It stays pending until the frame is fetched. */
void ethernet_interrupt(void)
{
    *reg(NVIC_ICER) = ETHERNET_BIT;
}

/*
 * `wfi` ends at a pending interrupt even while interrupts are off: a frame
 * that comes after the look at the driver ends it at once.
 */
void board_sleep(uint64_t until_ms)
{
    while (!lan9118_has_frame() && board_ms() < until_ms) {
        const uint32_t before = interrupts_off();
        uint64_t begin;

        *reg(NVIC_ISER) = ETHERNET_BIT;
        begin = ticks();
        __asm__ volatile("dsb; wfi" : : : "memory");
        asleep += ticks() - begin;
        interrupts_as(before);
    }
}

/* -------------------------------------------------------------- console */

#define UART_DATA (UART0_BASE + 0x00u)
#define UART_STATE (UART0_BASE + 0x04u)
#define UART_STATE_TX_FULL 1u
#define UART_CTRL (UART0_BASE + 0x08u)
#define UART_CTRL_TX 1u
#define UART_BAUDDIV (UART0_BASE + 0x10u)

void board_print(const char *text, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++) {
        while ((*reg(UART_STATE) & UART_STATE_TX_FULL) != 0) {
        }
        *reg(UART_DATA) = (unsigned char)text[i];
    }
}

void board_begin(void)
{
    *reg(UART_BAUDDIV) = CPU_HZ / 115200u;
    *reg(UART_CTRL) = UART_CTRL_TX;
    *reg(SYST_RVR) = PERIOD - 1;
    *reg(SYST_CVR) = 0;
    *reg(SYST_CSR) = 7; /* the processor's clock, interrupt, go */
}
