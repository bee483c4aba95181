/* What lwIP and mbedTLS are configured to call. */
#include <stdint.h>
#include <stdlib.h>

#include <lwip/sys.h>

u32_t sys_now(void)
{
    return 0;
}

uint32_t network_random(void)
{
    return 0;
}

void network_assertion_failed(unsigned line)
{
    (void)line;
    exit(2);
}

void memory_arena_damaged(int status);

void memory_arena_damaged(int status)
{
    exit(status);
}
