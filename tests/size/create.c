/*
 * A program that creates a job and follows it to its end. It is linked, without
 * unreachable code, and measured; it does not run.
 */
#include "segjob.h"
#include "segjob_run.h"

extern struct segjob_port port;
extern const struct segjob_config config;
extern const struct segjob_create_request request;
extern uint64_t deadline_ms;

int main(void);

int main(void)
{
    static char work[4096];
    static struct segjob_client client;
    enum segjob_status status =
        segjob_init(&client, &config, work, sizeof(work));

    if (status == SEGJOB_OK) {
        status = segjob_create(&client, &request);
    }
    if (status == SEGJOB_PENDING &&
        segjob_set_deadline(&client, deadline_ms) != SEGJOB_OK) {
        return -1;
    }
    while (status == SEGJOB_PENDING) {
        status = segjob_step(&client, &port);
    }
    return (int)segjob_get_outcome(&client) +
           segjob_get_error(&client)->http_status +
           (int)segjob_batch_segment_job_arn(&client).len;
}
