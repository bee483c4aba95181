/*
 * For endpoint.py: prints the host of the service SERVICE for each line `REGION
 * FIPS DUAL-STACK` of standard input. FIPS and DUAL-STACK are 0 or 1.
 *
 *   endpoint SERVICE
 */
#include <stdio.h>
#include <string.h>

#include "segjob_fetch.h"

int main(int argc, char *argv[])
{
    char region[128];
    int fips, dual_stack;

    if (argc != 2) {
        return 2;
    }
    while (scanf("%127s %d %d", region, &fips, &dual_stack) == 3) {
        char host[256];
        const struct segjob_config config = {.region = segjob_cstr(region),
                                             .fips = fips != 0,
                                             .dual_stack = dual_stack != 0};

        segjob_write_host(&config, argv[1], host, sizeof(host));
        printf("%s\n", host);
    }
    return 0;
}
