/* A user's program that calls every library once. Exits with 0 on success. */
#include <stdio.h>

#include "segjob_posix.h"

int main(void)
{
    static char work[4096];
    static struct segjob_posix posix;
    static struct segjob_client client;
    const struct segjob_config config = {.region = SEGJOB_STR("us-east-1")};
    const struct segjob_credentials credentials = {
        .access_key_id = SEGJOB_STR("A"), .secret_access_key = SEGJOB_STR("S")};
    const struct segjob_create_request job = {.job_name = SEGJOB_STR("-")};

    if (segjob_posix_init(&posix, "/nonexistent.pem", &credentials) ==
        SEGJOB_OK) {
        return (int)segjob_run(&client, &posix.port, 1000);
    }
    if (segjob_init(&client, &config, work, sizeof work) != SEGJOB_OK ||
        segjob_create(&client, &job) != SEGJOB_INVALID) {
        return 1;
    }
    printf("%d.%d.%d\n", SEGJOB_VERSION_MAJOR, SEGJOB_VERSION_MINOR,
           SEGJOB_VERSION_PATCH);
    return 0;
}
