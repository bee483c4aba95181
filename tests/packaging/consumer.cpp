// A user's C++ program: the headers are C++, and the functions have C names.
#include "segjob.h"
#include "segjob_port.h"
#include "segjob_posix.h"
#include "segjob_run.h"
#include "segjob_tls.h"

int main()
{
    static char work[4096];
    static segjob_client client;
    static segjob_posix posix;
    segjob_config config = segjob_config();
    segjob_create_request job = segjob_create_request();
    const struct segjob_str region = SEGJOB_STR("us-east-1");

    config.region = region;
    if (segjob_posix_init(&posix, "/nonexistent.pem", nullptr) == SEGJOB_OK) {
        return segjob_run(&client, &posix.port, 1000);
    }
    if (segjob_init(&client, &config, work, sizeof work) != SEGJOB_OK ||
        segjob_create(&client, &job) != SEGJOB_INVALID) {
        return 1;
    }
    return 0;
}
