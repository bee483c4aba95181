#include "job.h"

static void step(void *arg)
{
    struct job *job = arg;
    struct segjob_wants wants;

    job->status = segjob_step(&job->client, &job->lwip.port);
    if (job->status != SEGJOB_PENDING) {
        sys_sem_signal(&job->ended);
        return;
    }
    wants = segjob_get_wants(&job->client, &job->lwip.port);
    segjob_lwip_schedule(&job->lwip, &wants, step, job);
}

void job_begin(void *arg)
{
    struct job *job = arg;
    struct segjob_platform *p = job->lwip.port.platform;

    job->status = segjob_create(&job->client, &job->request);
    if (job->status == SEGJOB_PENDING) {
        job->status =
            segjob_set_deadline(&job->client, p->monotonic_ms(p) + 30000);
    }
    step(job);
}

void job_cancel(void *arg)
{
    static const struct segjob_wants at_once = {false, false, 0};
    struct job *job = arg;

    if (job->status == SEGJOB_PENDING) {
        segjob_cancel(&job->client);
        segjob_lwip_schedule(&job->lwip, &at_once, step, job);
    }
}
