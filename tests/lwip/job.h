/* Jobs one after the other: the code that port/lwip/README.md shows. */
#ifndef SJ_TEST_JOB_H
#define SJ_TEST_JOB_H

#include <lwip/sys.h>

#include "segjob_lwip.h"

struct job {
    struct segjob_lwip lwip;
    struct segjob_client client;
    struct segjob_create_request request;
    enum segjob_status status;
    sys_sem_t begin; /* signal it for a job by job_task() */
    sys_sem_t ended; /* signalled after each job */
};

/* The task of a job's own, with core locking. */
void job_task(void *job);

/* For tcpip_callback(), without core locking. */
void job_begin(void *job);
void job_cancel(void *job); /* if one is in progress */

#endif
