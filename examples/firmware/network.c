#include "network.h"

#include <lwip/dhcp.h>
#include <lwip/init.h>
#include <lwip/netif.h>
#include <lwip/timeouts.h>
#include <netif/ethernet.h>

#include "board.h"
#include "print.h"

static struct netif netif;

void network_begin(void)
{
    lwip_init();
    netif_add_noaddr(&netif, NULL, board_ethernet_begin, ethernet_input);
    netif_set_default(&netif);
    netif_set_up(&netif);
    dhcp_start(&netif);
}

bool network_has_link(void)
{
    return netif_is_link_up(&netif);
}

bool network_has_address(void)
{
    return dhcp_supplied_address(&netif);
}

const char *network_address(void)
{
    return ip4addr_ntoa(netif_ip4_addr(&netif));
}

void network_rest(uint64_t ms)
{
    const uint64_t timer_ms = sys_timeouts_sleeptime();

    board_sleep(board_ms() + (ms < timer_ms ? ms : timer_ms));
    board_ethernet_poll(&netif);
    sys_check_timeouts();
}

/* ------------------------------------------------------ what lwIP calls */

u32_t sys_now(void)
{
    return (u32_t)board_ms();
}

/* Without a random source nothing is connected: TLS sees to that. */
uint32_t network_random(void)
{
    uint32_t value = 0;

    (void)board_random(&value, sizeof(value));
    return value;
}

/* The address, which addr2line reads, tells the file. */
void network_assertion_failed(unsigned line)
{
    print("lwIP: assertion of line %u, at %x\n", line,
          (unsigned)(uintptr_t)__builtin_return_address(0));
    board_exit(EXIT_LWIP);
}
