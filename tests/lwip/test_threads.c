/*
 * The port where lwIP has a thread, with lwIP's port for Unix, against a
 * service in a thread of its own over lwIP's loopback. All of it runs in the
 * two ways of user.h. No test depends on how long anything takes.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "name_server.h"
#include "service.h"
#include "user.h"

#define SHORT_MS 200u

/* ---------------------------------------------------------- wrapped calls */

static __thread bool has_no_semaphore;

err_t __real_sys_sem_new(sys_sem_t *sem, u8_t count);
err_t __wrap_sys_sem_new(sys_sem_t *sem, u8_t count);

err_t __wrap_sys_sem_new(sys_sem_t *sem, u8_t count)
{
    return has_no_semaphore ? ERR_MEM : __real_sys_sem_new(sem, count);
}

/* ------------------------------------------------------------- conditions */

static bool is_receiving(struct user *u)
{
    return segjob_get_want(&u->client) == SEGJOB_WANT_RECEIVE;
}

/* The lock is that of the thread that steps, if there is one. */
static bool is_asking(struct user *u)
{
    unsigned n;

    (void)u;
    LOCK_TCPIP_CORE();
    n = name_server.queries;
    UNLOCK_TCPIP_CORE();
    return n > 0;
}

/* ------------------------------------------------------------------- tests */

static void test_exchanges(void **state)
{
    struct service service = {.serves = 10};
    unsigned i;

    (void)state;
    service_start(&service, 80);
    for (i = 0; i < service.serves; i++) {
        struct user *u = user_new(80);

        assert_int_equal(run(u, GENEROUS_MS), SEGJOB_OK);
        assert_created(&u->client);
        assert_int_equal(run(u, GENEROUS_MS), SEGJOB_OK); /* kept open */
        assert_created(&u->client);
        user_free(u);
    }
    service_join(&service);
}

static void test_response_of_many_windows(void **state)
{
    struct service service = {.serves = 1, .padding = 50000};
    struct user *u = user_new(80);

    (void)state;
    service_start(&service, 80);
    assert_int_equal(run(u, GENEROUS_MS), SEGJOB_OK);
    assert_created(&u->client);
    user_free(u);
    service_join(&service);
}

static void *use(void *arg)
{
    struct user *u = user_new(*(const u16_t *)arg);
    const enum segjob_status status = run(u, GENEROUS_MS);

    user_free(u);
    return status == SEGJOB_OK ? arg : NULL;
}

static void test_ports_in_several_threads(void **state)
{
    struct service services[4];
    pthread_t threads[4];
    u16_t ports[4];
    void *ret;
    size_t i;

    (void)state;
    for (i = 0; i < 4; i++) {
        services[i] = (struct service){.serves = 1, .padding = 20000};
        ports[i] = (u16_t)(80 + i);
        service_start(&services[i], ports[i]);
    }
    for (i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, use, &ports[i]), 0);
    }
    for (i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], &ret), 0);
        assert_ptr_equal(ret, &ports[i]);
        service_join(&services[i]);
    }
}

static void have_no_names(void *unused)
{
    (void)unused;
    name_server.has_a = false;
}

static void test_no_such_name(void **state)
{
    struct user *u = user_new(80);

    (void)state;
    in_lwip(have_no_names, NULL);
    assert_int_equal(run(u, GENEROUS_MS), SEGJOB_RESOLVE);
    assert_int_equal(u->lwip->port.error.code, ERR_OK);
    user_free(u);
}

static void be_silent(void *unused)
{
    (void)unused;
    name_server.is_silent = true;
}

/* Answer all queries, though the port is gone. */
static void answer_all(void *unused)
{
    unsigned i;

    (void)unused;
    for (i = 0; i < name_server.queries; i++) {
        name_server_answer(i);
    }
}

/* A user whose job waits for an answer that does not come. */
static struct user *asking_user(void)
{
    struct user *u = user_new(80);

    in_lwip(be_silent, NULL);
    call(begin_job, u);
    step_until(u, is_asking);
    return u;
}

static void test_deadline_during_query(void **state)
{
    struct user *u = asking_user();

    (void)state;
    assert_int_equal(finish_within(u, SHORT_MS), SEGJOB_TIMEOUT);
    assert_string_equal(u->lwip->port.error.message,
                        "while resolving the host name");
    user_free(u);
    in_lwip(answer_all, NULL);
}

static void test_free_during_query(void **state)
{
    (void)state;
    user_free(asking_user());
    in_lwip(answer_all, NULL);
}

static void test_cancel_during_query(void **state)
{
    struct user *u = asking_user();

    (void)state;
    call(cancel_job, u);
    step_until(u, is_over);
    assert_int_equal(segjob_get_status(&u->client), SEGJOB_CANCELLED);
    in_lwip(answer_all, NULL);
    user_free(u);
}

/* A user whose job waits for a response that does not come. */
static struct user *receiving_user(void)
{
    struct user *u = user_new(80);

    call(begin_job, u);
    step_until(u, is_receiving);
    return u;
}

static void test_cancel_during_response(void **state)
{
    struct service service = {.serves = 1, .manner = SILENT};
    struct user *u;

    (void)state;
    service_start(&service, 80);
    u = receiving_user();
    call(cancel_job, u);
    step_until(u, is_over);
    assert_int_equal(segjob_get_status(&u->client), SEGJOB_CANCELLED);
    service_join(&service); /* the service saw the end */
    user_free(u);
}

static void test_free_during_response(void **state)
{
    struct service service = {.serves = 1, .manner = SILENT};

    (void)state;
    service_start(&service, 80);
    user_free(receiving_user());
    service_join(&service);
}

static void test_deadline_during_response(void **state)
{
    struct service service = {.serves = 1, .manner = SILENT};
    struct user *u;

    (void)state;
    service_start(&service, 80);
    u = receiving_user();
    assert_int_equal(finish_within(u, SHORT_MS), SEGJOB_TIMEOUT);
    assert_int_equal(segjob_get_outcome(&u->client), SEGJOB_UNKNOWN);
    service_join(&service);
    user_free(u);
}

static void test_nobody_listens(void **state)
{
    struct user *u = user_new(80);

    (void)state;
    assert_int_equal(run(u, GENEROUS_MS), SEGJOB_CONNECT);
    assert_int_equal(u->lwip->port.error.code, ERR_RST);
    user_free(u);
}

static void step_some(void *arg)
{
    struct user *u = arg;

    for (; u->steps > 0; u->steps--) {
        step_once(u);
    }
}

/* Freed after so many steps, while lwIP's thread keeps delivering bytes. */
static void test_free_while_bytes_arrive(void **state)
{
    struct service service = {.serves = 40, .manner = ENDLESS};
    unsigned i;

    (void)state;
    service_start(&service, 80);
    for (i = 0; i < service.serves; i++) {
        struct user *u = user_new(80);

        call(begin_job, u);
        step_until(u, is_sending);
        u->steps = i / 8;
        call(step_some, u);
        user_free(u);
    }
    service_join(&service);
}

static struct segjob_lwip lone;
static enum segjob_status lone_status;

/* From the test's thread, even if lwIP's is to use it. */
static void init_without_semaphore(void)
{
    has_no_semaphore = true;
    lone_status = segjob_lwip_init(&lone, &own, &roots, &credentials);
    has_no_semaphore = false;
}

#if LWIP_TCPIP_CORE_LOCKING

static void test_no_semaphore(void **state)
{
    (void)state;
    init_without_semaphore();
    assert_int_equal(lone_status, SEGJOB_CONFIG);
    assert_int_equal(lone.port.error.status, SEGJOB_CONFIG);
    assert_string_equal(lone.port.error.message, "lwIP has no semaphore");
}

#else

static void free_lone(void *unused)
{
    (void)unused;
    segjob_lwip_free(&lone);
}

/* None is needed. */
static void test_no_semaphore(void **state)
{
    (void)state;
    init_without_semaphore();
    assert_int_equal(lone_status, SEGJOB_OK);
    call(free_lone, NULL);
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_exchanges, users_before,
                                        users_after),
        cmocka_unit_test_setup_teardown(test_response_of_many_windows,
                                        users_before, users_after),
        cmocka_unit_test_setup_teardown(test_ports_in_several_threads,
                                        users_before, users_after),
        cmocka_unit_test_setup_teardown(test_no_such_name, users_before,
                                        users_after),
        cmocka_unit_test_setup_teardown(test_deadline_during_query,
                                        users_before, users_after),
        cmocka_unit_test_setup_teardown(test_free_during_query, users_before,
                                        users_after),
        cmocka_unit_test_setup_teardown(test_cancel_during_query, users_before,
                                        users_after),
        cmocka_unit_test_setup_teardown(test_cancel_during_response,
                                        users_before, users_after),
        cmocka_unit_test_setup_teardown(test_free_during_response, users_before,
                                        users_after),
        cmocka_unit_test_setup_teardown(test_deadline_during_response,
                                        users_before, users_after),
        cmocka_unit_test_setup_teardown(test_nobody_listens, users_before,
                                        users_after),
        cmocka_unit_test_setup_teardown(test_free_while_bytes_arrive,
                                        users_before, users_after),
        cmocka_unit_test_setup_teardown(test_no_semaphore, users_before,
                                        users_after),
    };

    return cmocka_run_group_tests(tests, users_start, NULL);
}
