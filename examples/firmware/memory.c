#include "memory.h"

#include <stdint.h>

#include <lwip/memp.h>
#include <lwip/stats.h>
#include <mbedtls/memory_buffer_alloc.h>
#include <mbedtls/platform.h>

#include "board.h"
#include "print.h"

static unsigned char arena[ARENA_SIZE] __attribute__((aligned(8)));
static size_t arena_cap;
static size_t arena_peak;
static bool ran_out;

void memory_begin(size_t cap)
{
    arena_cap = cap == 0 || cap > sizeof(arena) ? sizeof(arena) : cap;
    mbedtls_memory_buffer_alloc_init(arena, arena_cap);
}

bool memory_ran_out(void)
{
    return ran_out;
}

size_t memory_cap(void)
{
    return arena_cap;
}

/*
 * The linker puts __wrap_mbedtls_calloc in the place of mbedtls_calloc
 * (--wrap). The peak is how far into the arena any block reached: one of that
 * size would have done, its fragments and the allocator's headers included.
 */
void *__real_mbedtls_calloc(size_t n, size_t size);
void *__wrap_mbedtls_calloc(size_t n, size_t size);

void *__wrap_mbedtls_calloc(size_t n, size_t size)
{
    unsigned char *block = __real_mbedtls_calloc(n, size);

    if (block == NULL) {
        ran_out = ran_out || (n != 0 && size != 0);
    } else if ((size_t)(block - arena) + n * size > arena_peak) {
        arena_peak = (size_t)(block - arena) + n * size;
    }
    return block;
}

/* The allocator calls this when somebody wrote past a block. */
void memory_arena_damaged(int status)
{
    (void)status;
    print("the arena of mbedTLS is damaged\n");
    board_exit(EXIT_FAULT);
}

/* Every heap of the C library begins here: this image has none. */
void *_sbrk(ptrdiff_t more);

void *_sbrk(ptrdiff_t more)
{
    (void)more;
    print("the C library's heap was called\n");
    board_exit(EXIT_HEAP);
}

static void print_peak(const char *name, size_t peak, size_t cap)
{
    print("peak %s %u of %u\n", name, (unsigned)peak, (unsigned)cap);
}

static void print_pool(const char *name, memp_t pool)
{
    const struct stats_mem *stats = lwip_stats.memp[pool];

    print_peak(name, stats->max, stats->avail);
}

void memory_print_peaks(void)
{
    print_peak("arena", arena_peak, arena_cap);
    print_peak("stack", board_stack_peak(), board_stack_size());
    print_peak("lwip heap", lwip_stats.mem.max, lwip_stats.mem.avail);
    print_pool("lwip pbuf_pool", MEMP_PBUF_POOL);
    print_pool("lwip pbuf", MEMP_PBUF);
    print_pool("lwip tcp_pcb", MEMP_TCP_PCB);
    print_pool("lwip tcp_seg", MEMP_TCP_SEG);
    print_pool("lwip udp_pcb", MEMP_UDP_PCB);
    print_pool("lwip sys_timeout", MEMP_SYS_TIMEOUT);
}
