#include "job.h"

void job_task(void *arg)
{
    struct job *job = arg;

    for (;;) {
        sys_sem_wait(&job->begin);
        job->status = segjob_create(&job->client, &job->request);
        if (job->status == SEGJOB_PENDING) {
            job->status = segjob_run(&job->client, &job->lwip.port, 30000);
        }
        sys_sem_signal(&job->ended);
    }
}
