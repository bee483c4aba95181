/*
 * Clock, sleep, console, and what semihosting gives: random bytes, the time
 * of day, the parameters, the end. On other hardware the last four are a few
 * lines each, and so is the first: see board.h.
 */
#include "board.h"

#include <string.h>

#include "mps2.h"
#include "print.h"
#include "semihosting.h"

/* ---------------------------------------------------------------- clock */

#define SYST_CSR 0xE000E010u
#define SYST_RVR 0xE000E014u
#define SYST_CVR 0xE000E018u
#define NVIC_ISER 0xE000E100u
#define NVIC_ICER 0xE000E180u
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
    *reg(NVIC_ICER) = 1u << ETHERNET_IRQ;
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

        *reg(NVIC_ISER) = 1u << ETHERNET_IRQ;
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

/* ---------------------------------------------------------- semihosting */

const char board_random_source[] =
    "THE EMULATOR'S HOST (a board must use its own generator)";

/*
 * This board has no random source. A board that runs must have one and use
 * it here: without it every key of TLS can be guessed.
 */
bool board_random(void *bytes, size_t n)
{
    static const char name[] = "/dev/urandom";
    static uint32_t handle = UINT32_MAX; /* no file is open */
    const struct {
        const char *name;
        uint32_t mode, len;
    } file = {name, 1, sizeof(name) - 1}; /* 1: to read, binary */
    struct {
        uint32_t handle;
        void *room;
        uint32_t n;
    } block = {0, bytes, n};

    if (handle == UINT32_MAX) {
        handle = semihosting(SYS_OPEN, &file);
    }
    block.handle = handle;
    return handle != UINT32_MAX && semihosting(SYS_READ, &block) == 0;
}

int64_t board_rtc(void)
{
    return semihosting(SYS_TIME, NULL);
}

/* The emulator puts the program's name before the parameters. */
bool board_parameters(char *text, size_t cap)
{
    const struct {
        char *room;
        uint32_t cap;
    } block = {text, cap};
    const char *blank;

    if (semihosting(SYS_GET_CMDLINE, &block) != 0) {
        return false;
    }
    blank = strchr(text, ' ');
    if (blank == NULL) {
        text[0] = '\0';
    } else {
        memmove(text, blank + 1, strlen(blank));
    }
    return true;
}

void board_exit(int status)
{
    const struct {
        uint32_t reason, status;
    } block = {APPLICATION_EXIT, (uint32_t)status};

    print("exit %u\n", (unsigned)status);
    semihosting(SYS_EXIT_EXTENDED, &block);
    for (;;) {
        /* without an emulator or a debugger */
    }
}
