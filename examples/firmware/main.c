/*
 * A device that creates batch segment jobs: its start. jobs.c has the rest, and
 * board.h what it needs from a board.
 *
 * No call blocks, except network_rest(), which sleeps while there is nothing to
 * do. The loops around it check for what they wait for. A product does its
 * other work in the same loops.
 */
#include <lwip/dns.h>

#include "board.h"
#include "clock.h"
#include "jobs.h"
#include "memory.h"
#include "network.h"
#include "parameters.h"
#include "print.h"

#define SNTP_MS 3000u /* how long a time server is waited for */

static char text[4096]; /* the parameters: a session token may have 2 KB */
static struct parameters parameters;

static int await_address(void)
{
    const uint64_t until = board_ms() + parameters.timeout_ms;

    while (!network_has_address() && board_ms() < until) {
        network_rest(until - board_ms());
    }
    if (network_has_address()) {
        print("address %s\n", network_address());
        return 0;
    }
    if (!network_has_link()) {
        print("the link is down: there is no address\n");
        return EXIT_LINK;
    }
    print("there is no address: DHCP did not give one\n");
    return -SEGJOB_TIMEOUT;
}

/* Without a response the clock stays as it is, which may be enough. */
static void await_time(void)
{
    const uint64_t until = board_ms() + SNTP_MS;

    if (parameters.has_sntp) {
        clock_begin_sntp(&parameters.sntp, parameters.sntp_port);
        while (!clock_has_sntp() && board_ms() < until) {
            network_rest(until - board_ms());
        }
        if (!clock_has_sntp()) {
            print("the time server does not respond\n");
        }
    }
    print("time %u\n", (unsigned)clock_now());
}

int main(void)
{
    int status;

    board_begin();
    print("random bytes come from %s\n", board_random_source);
    if (!board_parameters(text, sizeof(text))) {
        print("the parameters have more than %u bytes\n",
              (unsigned)sizeof(text) - 1);
        return EXIT_PARAMETERS;
    }
    if (!parameters_read(text, &parameters)) {
        return EXIT_PARAMETERS;
    }
    clock_tell(parameters.rtc_off ? 0 : board_rtc());
    memory_begin(parameters.arena);
    network_begin();
    if (parameters.has_address) {
        dns_local_addhost(parameters.config.host.ptr, &parameters.address);
    }
    status = await_address();
    if (status == 0) {
        await_time();
        status = jobs_create(&parameters);
    }
    memory_print_peaks();
    return status;
}
