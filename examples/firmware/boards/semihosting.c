/*
 * What semihosting gives to an emulated board: random bytes, the time of day,
 * the parameters, the end. On other hardware each is a few lines: see board.h.
 */
#include "semihosting.h"

#include <string.h>

#include "board.h"
#include "print.h"

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
