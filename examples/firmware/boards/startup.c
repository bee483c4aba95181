#include "startup.h"

#include <stddef.h>
#include <string.h>

#include "board.h"
#include "print.h"

int main(void);

/* The linker script's. What it calls a size is the address of its symbol. */
extern char BOARD_STACK_SIZE[];
extern char board_data_start[], board_data_size[];
extern const char board_data_load[];
extern char board_bss_start[], board_bss_size[];

/* Fills the stack, to see later how far it was used. */
#define PAINT 0x5AFE57ACu

void board_start(void)
{
    const uint32_t *here = __builtin_frame_address(0);
    uint32_t *p;

    memcpy(board_data_start, board_data_load, (size_t)board_data_size);
    memset(board_bss_start, 0, (size_t)board_bss_size);
    for (p = board_stack_start; p < here - 64; p++) {
        *p = PAINT;
    }
    board_exit(main());
}

size_t board_stack_size(void)
{
    return (size_t)BOARD_STACK_SIZE;
}

size_t board_stack_peak(void)
{
    size_t left = 0; /* words that were never used */

    while (board_stack_start[left] == PAINT) {
        left++;
    }
    return board_stack_size() - left * sizeof(uint32_t);
}
