/*
 * sign N: signed requests with a body of 600 bytes, one and then N more, for a
 * tool that counts the instructions of one_request() and of sj_sigv4_sign().
 */
#include <stdio.h>
#include <stdlib.h>

#include "request.h"

static char work[4096];

static const struct segjob_config config = {.region = SEGJOB_STR(REGION)};

/* What a device does for one request, without the network. */
__attribute__((noinline)) static bool one_request(struct segjob_client *c)
{
    return segjob_create(c, &request) == SEGJOB_PENDING &&
           segjob_set_credentials(c, &credentials) == SEGJOB_PENDING &&
           segjob_connected(c, 1767225600) == SEGJOB_PENDING;
}

int main(int argc, char **argv)
{
    const int n = argc > 1 ? atoi(argv[1]) : 0;
    struct segjob_client c;

    if (segjob_init(&c, &config, work, sizeof(work)) != SEGJOB_OK) {
        return 1;
    }
    for (int i = 0; i <= n; i++) {
        if (!one_request(&c)) {
            return 1;
        }
        if (body_of(&c).len != BODY_LEN) {
            fprintf(stderr, "sign: the body has %zu bytes\n", body_of(&c).len);
            return 1;
        }
        segjob_cancel(&c);
        segjob_closed(&c);
    }
    return 0;
}
