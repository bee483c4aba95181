/*
 * segjob_lwip_schedule(), with which lwIP's thread uses the port, and what must
 * not be called where.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <lwip/tcp.h>

#include "service.h"
#include "user.h"

static __thread jmp_buf *on_abort;

void __real_abort(void) __attribute__((noreturn));
void __wrap_abort(void) __attribute__((noreturn));

void __wrap_abort(void)
{
    if (on_abort != NULL) {
        longjmp(*on_abort, 1);
    }
    __real_abort();
}

/* Whether lwIP aborts in `f`. */
static bool aborts(tcpip_callback_fn f, void *arg)
{
    jmp_buf here;

    if (setjmp(here) != 0) {
        on_abort = NULL;
        return true;
    }
    on_abort = &here;
    f(arg);
    on_abort = NULL;
    return false;
}

static void run_here(void *arg)
{
    struct user *u = arg;

    assert_int_equal(segjob_run(&u->client, &u->lwip->port, GENEROUS_MS),
                     SEGJOB_OK);
}

static void step_here(void *arg)
{
    step_once(arg);
}

static const struct segjob_wants at_once = {false, false, 0};

static void schedule_here(void *arg)
{
    struct user *u = arg;

    segjob_lwip_schedule(u->lwip, &at_once, step_here, u);
}

static void close_here(void *arg)
{
    struct user *u = arg;

    u->lwip->tcp.stream.close(&u->lwip->tcp.stream);
}

static void test_calls_from_another_thread_abort(void **state)
{
    struct user *u = user_new(80);

    (void)state;
    call(begin_job, u);
    assert_true(aborts(run_here, u));
    assert_true(aborts(schedule_here, u));
    assert_true(aborts(close_here, u));
    user_free(u);
}

static void run_in_lwip(void *arg)
{
    assert_true(aborts(run_here, arg));
}

static void test_run_in_lwip_aborts(void **state)
{
    struct user *u = user_new(80);

    (void)state;
    call(begin_job, u);
    call(run_in_lwip, u);
    user_free(u);
}

static void count(void *arg)
{
    (*(unsigned *)arg)++;
}

static unsigned unwanted;

static void schedule_twice(void *arg)
{
    struct user *u = arg;

    segjob_lwip_schedule(u->lwip, &at_once, count, &unwanted);
    segjob_lwip_schedule(u->lwip, &at_once, count, &u->steps);
}

static err_t error;

static void connect_to_nobody(void *arg)
{
    static const struct segjob_address loopback[] = {{.bytes = {127, 0, 0, 1}}};
    static const struct segjob_peer peer = {
        .addresses = loopback, .addresses_len = 1, .port = 80};
    struct user *u = arg;
    struct segjob_stream *stream = &u->lwip->tcp.stream;

    assert_int_equal(stream->open(stream, &peer), SEGJOB_IO_WOULD_BLOCK);
}

static void get_error(void *arg)
{
    struct user *u = arg;

    error = u->lwip->tcp.error;
}

static void schedule_and_free(void *arg)
{
    struct user *u = arg;

    schedule_here(u);
    free_user(u);
}

static void do_nothing(void *unused)
{
    (void)unused;
}

/* lwIP's thread looks at its timers between two messages. */
static void test_only_the_last_schedule_counts_once(void **state)
{
    struct user *u = user_new(80);

    (void)state;
    call(schedule_twice, u);
    in_lwip(do_nothing, NULL);
    call(connect_to_nobody, u);
    while (error == ERR_OK) { /* until there are news */
        in_lwip(get_error, u);
    }
    in_lwip(do_nothing, NULL);
    assert_int_equal(unwanted, 0);
    assert_int_equal(u->steps, 1);
    user_free(u);
}

static void test_free_takes_the_schedule_back(void **state)
{
    (void)state;
    call(schedule_and_free, user_new(80));
    in_lwip(do_nothing, NULL);
}

/* Signal once it is connected, but step on. */
static bool signals(struct user *u)
{
    if (u->steps == 0 && u->lwip->tcp.connected) {
        u->steps = 1;
        sys_sem_signal(&u->met);
    }
    return is_over(u);
}

static void test_free_while_scheduled(void **state)
{
    struct service service = {.serves = 20, .manner = ENDLESS};
    unsigned i;

    (void)state;
    service_start(&service, 80);
    for (i = 0; i < service.serves; i++) {
        struct user *u = user_new(80);

        call(begin_job, u);
        step_until(u, signals);
        user_free(u);
    }
    service_join(&service);
}

static __thread bool cannot_close;

err_t __real_tcp_close(struct tcp_pcb *pcb);
err_t __wrap_tcp_close(struct tcp_pcb *pcb);

err_t __wrap_tcp_close(struct tcp_pcb *pcb)
{
    return cannot_close ? ERR_MEM : __real_tcp_close(pcb);
}

/* Free it as soon as bytes are there. It must abort the connection. */
static void free_later(void *arg)
{
    static const struct segjob_wants news = {false, false, UINT64_MAX};
    struct user *u = arg;

    if (u->lwip->tcp.received == NULL) {
        segjob_lwip_schedule(u->lwip, &news, free_later, u);
        return;
    }
    cannot_close = true;
    free_user(u);
    cannot_close = false;
}

/* lwIP's callbacks must not abort a connection, unless they tell lwIP. */
static void test_free_in_step(void **state)
{
    struct service service = {.serves = 20, .manner = ENDLESS};
    unsigned i;

    (void)state;
    service_start(&service, 80);
    for (i = 0; i < service.serves; i++) {
        struct user *u = user_new(80);

        call(begin_job, u);
        step_until(u, is_sending);
        call(free_later, u);
    }
    service_join(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_calls_from_another_thread_abort,
                                        users_before, users_after),
        cmocka_unit_test_setup_teardown(test_run_in_lwip_aborts, users_before,
                                        users_after),
        cmocka_unit_test_setup_teardown(test_only_the_last_schedule_counts_once,
                                        users_before, users_after),
        cmocka_unit_test_setup_teardown(test_free_takes_the_schedule_back,
                                        users_before, users_after),
        cmocka_unit_test_setup_teardown(test_free_while_scheduled, users_before,
                                        users_after),
        cmocka_unit_test_setup_teardown(test_free_in_step, users_before,
                                        users_after),
    };

    return cmocka_run_group_tests(tests, users_start, NULL);
}
