/*
 * A program of a surrounding project, in C and in C++: it links the port of
 * lwIP and all that this needs. Exits with 0 if that refuses to begin without a
 * clock.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <lwip/init.h>

#include "segjob_lwip.h"

int main(void)
{
    static char work[4096];
    static struct segjob_lwip lwip;
    static struct segjob_client client;
    struct segjob_config config;
    struct segjob_credentials credentials;
    struct segjob_platform own;

    memset(&config, 0, sizeof(config));
    memset(&credentials, 0, sizeof(credentials));
    memset(&own, 0, sizeof(own));
    config.region = SEGJOB_STR("us-east-1");
    credentials.access_key_id = SEGJOB_STR("A");
    credentials.secret_access_key = SEGJOB_STR("S");
    if (segjob_init(&client, &config, work, sizeof(work)) != SEGJOB_OK) {
        return 1;
    }
    lwip_init();
    if (segjob_lwip_init(&lwip, &own, NULL, &credentials) != SEGJOB_CONFIG) {
        return (int)segjob_run(&client, &lwip.port, 1000);
    }
    return 0;
}
