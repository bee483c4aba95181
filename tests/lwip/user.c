#define _DEFAULT_SOURCE /* for getrandom; lwIP's headers look at it */

#include "user.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <cmocka.h>
#include <lwip/memp.h>
#include <lwip/stats.h>

#include "name_server.h"
#include "service.h"

/* ------------------------------------------------------------------ client */

static int64_t wall_clock(struct segjob_platform *p)
{
    (void)p;
    return 1767225600;
}

static bool random_bytes(struct segjob_platform *p, void *bytes, size_t n)
{
    (void)p;
    return getrandom(bytes, n, 0) == (ssize_t)n;
}

const struct segjob_platform own = {.wall_clock = wall_clock,
                                    .random = random_bytes};
mbedtls_x509_crt roots;

const struct segjob_credentials credentials = {
    .access_key_id = SEGJOB_STR_INIT("AKIDEXAMPLE"),
    .secret_access_key = SEGJOB_STR_INIT("secret"),
};

static void name_host(void *arg)
{
    static unsigned number;
    struct user *u = arg;

    (void)snprintf(u->host, sizeof(u->host), "service-%u.example", number++);
}

static void init_user(void *arg)
{
    struct user *u = arg;
    const struct segjob_config config = {.region = SEGJOB_STR("us-east-1"),
                                         .host = segjob_cstr(u->host),
                                         .port = u->port};

    assert_int_equal(segjob_lwip_init(u->lwip, &own, &roots, &credentials),
                     SEGJOB_OK);
    u->lwip->port.stream = &u->lwip->tcp.stream;
    assert_int_equal(segjob_init(&u->client, &config, u->buf, sizeof(u->buf)),
                     SEGJOB_OK);
}

void free_user(void *arg)
{
    struct user *u = arg;

    segjob_disconnect(&u->lwip->port);
    segjob_wipe(&u->client);
    segjob_lwip_free(u->lwip);
    sys_sem_free(&u->met);
    free(u->lwip);
    free(u);
}

const struct segjob_create_request nightly = {
    .job_name = SEGJOB_STR_INIT("nightly"),
    .solution_version_arn = SEGJOB_STR_INIT(
        "arn:aws:personalize:us-east-1:123456789012:solution/s/1"),
    .role_arn = SEGJOB_STR_INIT("arn:aws:iam::123456789012:role/r"),
    .input = {.path = SEGJOB_STR_INIT("s3://b/in.json")},
    .output = {.path = SEGJOB_STR_INIT("s3://b/out/")}};

void begin_job(void *arg)
{
    struct user *u = arg;

    assert_int_equal(segjob_create(&u->client, &nightly), SEGJOB_PENDING);
}

static void end_within(void *arg)
{
    struct user *u = arg;
    struct segjob_platform *p = u->lwip->port.platform;

    u->client.times.deadline_ms = p->monotonic_ms(p) + u->ms;
}

void cancel_job(void *arg)
{
    struct user *u = arg;

    segjob_cancel(&u->client);
}

void step_once(struct user *u)
{
    assert_int_not_equal(segjob_step(&u->client, &u->lwip->port),
                         SEGJOB_MISUSE);
}

void assert_created(const struct segjob_client *c)
{
    const struct segjob_str arn = segjob_batch_segment_job_arn(c);

    assert_int_equal(segjob_get_outcome(c), SEGJOB_CREATED);
    assert_int_equal(arn.len, strlen(SERVICE_ARN));
    assert_memory_equal(arn.ptr, SERVICE_ARN, arn.len);
}

bool is_over(struct user *u)
{
    return segjob_get_want(&u->client) == SEGJOB_WANT_NOTHING;
}

bool is_sending(struct user *u)
{
    return segjob_get_want(&u->client) == SEGJOB_WANT_SEND || is_over(u);
}

/* --------------------------------------------------------------- two ways */

void in_lwip(tcpip_callback_fn f, void *arg)
{
    assert_int_equal(tcpip_callback_wait(f, arg), ERR_OK);
}

#if LWIP_TCPIP_CORE_LOCKING

void call(tcpip_callback_fn f, void *arg)
{
    f(arg);
}

void step_until(struct user *u, bool (*is_met)(struct user *))
{
    struct segjob_platform *p = u->lwip->port.platform;
    struct segjob_wants wants;

    for (step_once(u); !is_met(u); step_once(u)) {
        wants = segjob_get_wants(&u->client, &u->lwip->port);
        p->wait(p, &wants);
    }
}

enum segjob_status run(struct user *u, uint32_t timeout_ms)
{
    begin_job(u);
    return segjob_run(&u->client, &u->lwip->port, timeout_ms);
}

#else

void call(tcpip_callback_fn f, void *arg)
{
    in_lwip(f, arg);
}

static void step(void *arg)
{
    struct user *u = arg;
    struct segjob_wants wants;

    step_once(u);
    if (u->is_met(u)) {
        sys_sem_signal(&u->met);
        return;
    }
    wants = segjob_get_wants(&u->client, &u->lwip->port);
    segjob_lwip_schedule(u->lwip, &wants, step, u);
}

void step_until(struct user *u, bool (*is_met)(struct user *))
{
    u->is_met = is_met;
    call(step, u);
    sys_sem_wait(&u->met);
}

static void begin_within(void *arg)
{
    struct user *u = arg;
    struct segjob_platform *p = u->lwip->port.platform;

    begin_job(u);
    assert_int_equal(
        segjob_set_deadline(&u->client, p->monotonic_ms(p) + u->ms), SEGJOB_OK);
}

enum segjob_status run(struct user *u, uint32_t timeout_ms)
{
    u->ms = timeout_ms;
    call(begin_within, u);
    step_until(u, is_over);
    return segjob_get_status(&u->client);
}

#endif

struct user *user_new(u16_t port)
{
    struct user *u = calloc(1, sizeof(*u));

    assert_non_null(u);
    u->lwip = malloc(sizeof(*u->lwip));
    assert_non_null(u->lwip);
    assert_int_equal(sys_sem_new(&u->met, 0), ERR_OK);
    u->port = port;
    in_lwip(name_host, u);
    call(init_user, u);
    return u;
}

void user_free(struct user *u)
{
    call(free_user, u);
}

enum segjob_status finish_within(struct user *u, uint32_t ms)
{
    u->ms = ms;
    call(end_within, u);
    step_until(u, is_over);
    return segjob_get_status(&u->client);
}

/* ----------------------------------------------------------------- fixture */

static unsigned used[MEMP_MAX];

/* Read while lwIP's thread writes, which holds other locks, too. */
static unsigned use_of(memp_t type)
{
    SYS_ARCH_DECL_PROTECT(lev);
    unsigned n;

    SYS_ARCH_PROTECT(lev);
    n = (unsigned)lwip_stats.memp[type]->used;
    SYS_ARCH_UNPROTECT(lev);
    return n;
}

/* Those of lwIP's timers vary. */
static bool is_counted(memp_t type)
{
    return type != MEMP_SYS_TIMEOUT;
}

static void start_name_server(void *arg)
{
    name_server_start();
    sys_sem_signal(arg);
}

int users_start(void **state)
{
    sys_sem_t started;

    (void)state;
    mbedtls_x509_crt_init(&roots);
    assert_int_equal(sys_sem_new(&started, 0), ERR_OK);
    tcpip_init(start_name_server, &started);
    sys_sem_wait(&started);
    sys_sem_free(&started);
    return 0;
}

static void reset_name_server(void *unused)
{
    (void)unused;
    name_server_reset(0);
    memcpy(name_server.a, (const uint8_t[]){127, 0, 0, 1}, 4);
    name_server.has_aaaa = false;
}

int users_before(void **state)
{
    memp_t i;

    (void)state;
    in_lwip(reset_name_server, NULL);
    for (i = 0; i < MEMP_MAX; i++) {
        used[i] = use_of(i);
    }
    return 0;
}

/* Wait until lwIP has all its memory back; CTest's limit ends the wait. */
int users_after(void **state)
{
    memp_t i;

    (void)state;
    for (i = 0; i < MEMP_MAX; i++) {
        while (is_counted(i) && use_of(i) != used[i]) {
            sys_msleep(10);
        }
    }
    return 0;
}
