/*
 * The code that port/lwip/README.md shows: in_task.c with core locking, and
 * in_lwip.c without.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "job.h"
#include "service.h"
#include "user.h"

static struct job job;

static void init_job(void)
{
    static char buf[4096];
    const struct segjob_config config = {.region = SEGJOB_STR("us-east-1"),
                                         .host = SEGJOB_STR("127.0.0.1"),
                                         .port = 80};

    job = (struct job){.request = nightly};
    assert_int_equal(segjob_lwip_init(&job.lwip, &own, &roots, &credentials),
                     SEGJOB_OK);
    job.lwip.port.stream = &job.lwip.tcp.stream;
    assert_int_equal(segjob_init(&job.client, &config, buf, sizeof(buf)),
                     SEGJOB_OK);
    assert_int_equal(sys_sem_new(&job.ended, 0), ERR_OK);
}

static void free_job(void *unused)
{
    (void)unused;
    segjob_disconnect(&job.lwip.port);
    segjob_lwip_free(&job.lwip);
    sys_sem_free(&job.ended);
}

static void start_task(void)
{
#if LWIP_TCPIP_CORE_LOCKING
    assert_int_equal(sys_sem_new(&job.begin, 0), ERR_OK);
    (void)sys_thread_new("segjob", job_task, &job, 0, 0);
#endif
}

static void begin(void)
{
#if LWIP_TCPIP_CORE_LOCKING
    sys_sem_signal(&job.begin);
#else
    assert_int_equal(tcpip_callback(job_begin, &job), ERR_OK);
#endif
}

static void test_jobs(void **state)
{
    struct service service = {.serves = 1};
    unsigned i;

    (void)state;
    init_job();
    start_task();
    service_start(&service, 80);
    for (i = 0; i < 3; i++) {
        begin();
        sys_sem_wait(&job.ended);
        assert_int_equal(job.status, SEGJOB_OK);
        assert_created(&job.client);
    }
    call(free_job, NULL);
    service_join(&service);
}

#if LWIP_TCPIP_CORE_LOCKING

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_jobs, users_before, users_after),
};

#else

static void get_want(void *want)
{
    *(enum segjob_want *)want = segjob_get_want(&job.client);
}

/* While the next step is scheduled. */
static void test_cancel(void **state)
{
    struct service service = {.serves = 1, .manner = SILENT};
    enum segjob_want want = SEGJOB_WANT_NOTHING;

    (void)state;
    init_job();
    service_start(&service, 80);
    begin();
    while (want != SEGJOB_WANT_RECEIVE) {
        in_lwip(get_want, &want);
    }
    assert_int_equal(tcpip_callback(job_cancel, &job), ERR_OK);
    sys_sem_wait(&job.ended);
    assert_int_equal(job.status, SEGJOB_CANCELLED);
    in_lwip(job_cancel, &job); /* nothing more */
    assert_int_equal(sys_arch_sem_wait(&job.ended, 1), SYS_ARCH_TIMEOUT);
    call(free_job, NULL);
    service_join(&service);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_jobs, users_before, users_after),
    cmocka_unit_test_setup_teardown(test_cancel, users_before, users_after),
};

#endif

int main(void)
{
    return cmocka_run_group_tests(tests, users_start, NULL);
}
