/*
 * sign.c on the emulated board: prints how many instructions a signature with
 * a known key takes.
 *
 * With QEMU's `-icount shift=0` an instruction takes 1 ns, and SysTick counts
 * the processor's clock of 25 MHz: a tick is 40 instructions. The linker puts
 * __wrap_sj_sigv4_sign() before each signature.
 */
#include <stdio.h>
#include <string.h>

#include "boards/semihosting.h"
#include "mps2.h"
#include "sj_sigv4.h"

#define SYST_CSR 0xE000E010u
#define SYST_RVR 0xE000E014u
#define SYST_CVR 0xE000E018u
#define TICK_MAX 0xFFFFFFu /* 24 bits */

#define SYS_WRITE0 0x04u /* the text */

#define INSTRUCTIONS_PER_TICK (1000000000u / CPU_HZ)
#define MORE 64u

int sign_main(int argc, char **argv);
bool __real_sj_sigv4_sign(struct sj_sigv4 *s, struct sj_signing_key *key);
bool __wrap_sj_sigv4_sign(struct sj_sigv4 *s, struct sj_signing_key *key);

extern char board_data_start[], board_data_size[];
extern const char board_data_load[];
extern char board_bss_start[], board_bss_size[];

static uint32_t ticks;
static uint32_t signatures;

bool __wrap_sj_sigv4_sign(struct sj_sigv4 *s, struct sj_signing_key *key)
{
    const uint32_t begin = *reg(SYST_CVR); /* it counts down */
    const bool good = __real_sj_sigv4_sign(s, key);

    if (signatures++ > 0) { /* the first derives the key */
        ticks += (begin - *reg(SYST_CVR)) & TICK_MAX;
    }
    return good;
}

__attribute__((noreturn)) static void end(uint32_t status)
{
    const uint32_t block[] = {APPLICATION_EXIT, status};

    for (;;) {
        semihosting(SYS_EXIT_EXTENDED, block);
    }
}

void board_start(void)
{
    static char more[] = "64";
    char *argv[] = {more, more, NULL};
    char line[40];

    memcpy(board_data_start, board_data_load, (size_t)board_data_size);
    memset(board_bss_start, 0, (size_t)board_bss_size);
    *reg(SYST_RVR) = TICK_MAX;
    *reg(SYST_CVR) = 0;
    *reg(SYST_CSR) = 5; /* on, by the processor's clock, no interrupts */
    if (sign_main(2, argv) != 0 || signatures != MORE + 1) {
        end(1);
    }
    snprintf(line, sizeof(line), "%u\n",
             (unsigned)(ticks * INSTRUCTIONS_PER_TICK / MORE));
    semihosting(SYS_WRITE0, line);
    end(0);
}

static void fault(void)
{
    end(2);
}

__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    void (*exceptions[15])(void);
} vectors = {
    .stack = board_stack_end,
    .exceptions = {[0] = board_start, [2] = fault},
};
