/*
 * For endpoint.py: prints the host for each line `REGION FIPS DUAL-STACK` of
 * standard input. FIPS and DUAL-STACK are 0 or 1.
 */
#include <stdio.h>
#include <string.h>

#include "sj_endpoint.h"

int main(void)
{
    char region[128];
    int fips, dual_stack;

    while (scanf("%127s %d %d", region, &fips, &dual_stack) == 3) {
        char host[256];
        struct sj_writer w = {host, sizeof(host), 0, NULL};
        const struct segjob_config config = {.region = segjob_cstr(region),
                                             .fips = fips != 0,
                                             .dual_stack = dual_stack != 0};

        sj_endpoint_write_host(&w, &config, "personalize");
        printf("%.*s\n", (int)w.len, host);
    }
    return 0;
}
