/*
 * The port beside lwIP's own thread, with lwIP's port for Unix, against a
 * server in a thread of its own over lwIP's loopback. lwIP aborts if one of its
 * functions is called without its lock. No test depends on how long anything
 * takes.
 */
#define _DEFAULT_SOURCE /* for getrandom; lwIP's headers look at it */

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <cmocka.h>
#include <lwip/api.h>
#include <lwip/memp.h>
#include <lwip/stats.h>
#include <lwip/tcp.h>
#include <lwip/tcpip.h>

#include "name_server.h"
#include "segjob_lwip.h"

#define ARN \
    "arn:aws:personalize:us-east-1:123456789012:batch-segment-job/nightly"
#define BODY "{\"batchSegmentJobArn\":\"" ARN "\"}"
#define HEAD "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n"
#define GENEROUS_MS 600000u /* reached only if something hangs */
#define SHORT_MS 200u

/* ---------------------------------------------------------- wrapped calls */

static __thread bool has_no_semaphore;

err_t __real_sys_sem_new(sys_sem_t *sem, u8_t count);
err_t __wrap_sys_sem_new(sys_sem_t *sem, u8_t count);

err_t __wrap_sys_sem_new(sys_sem_t *sem, u8_t count)
{
    return has_no_semaphore ? ERR_MEM : __real_sys_sem_new(sem, count);
}

/* ---------------------------------------------------------------- server */

enum manner {
    RESPONDS,
    SILENT,
    ENDLESS /* sends without end */
};

struct server {
    struct netconn *listener;
    pthread_t thread;
    enum manner manner;
    size_t padding;  /* spaces in the response */
    unsigned serves; /* so many connections */
};

static bool has_request(const char *text, size_t n)
{
    return n > 0 && text[n - 1] == '}' && strstr(text, "\r\n\r\n{") != NULL;
}

/* Read a request to its end. Returns false if the connection ends before. */
static bool read_request(struct netconn *conn)
{
    char text[8192] = "";
    struct netbuf *buf;
    size_t n = 0;

    while (!has_request(text, n)) {
        if (netconn_recv(conn, &buf) != ERR_OK) {
            return false;
        }
        n += netbuf_copy(buf, text + n, (u16_t)(sizeof(text) - 1 - n));
        text[n] = '\0';
        netbuf_delete(buf);
    }
    return true;
}

static void respond(const struct server *s, struct netconn *conn)
{
    char text[65536];
    const int n =
        snprintf(text, sizeof(text), HEAD "{%*s%s", strlen(BODY) + s->padding,
                 (int)s->padding, "", &BODY[1]);

    (void)netconn_write(conn, text, (size_t)n, NETCONN_COPY);
}

static void talk_for_ever(struct netconn *conn)
{
    static const char noise[5000];

    while (netconn_write(conn, noise, sizeof(noise), NETCONN_COPY) == ERR_OK) {
    }
}

static void serve_one(const struct server *s, struct netconn *conn)
{
    struct netbuf *buf;

    if (s->manner == ENDLESS) {
        talk_for_ever(conn);
        return;
    }
    while (read_request(conn)) {
        if (s->manner == RESPONDS) {
            respond(s, conn);
        }
    }
    while (netconn_recv(conn, &buf) == ERR_OK) {
        netbuf_delete(buf); /* until the client closes */
    }
}

static void *serve(void *arg)
{
    struct server *s = arg;
    struct netconn *conn;
    unsigned i;

    for (i = 0; i < s->serves; i++) {
        if (netconn_accept(s->listener, &conn) != ERR_OK) {
            break;
        }
        serve_one(s, conn);
        (void)netconn_delete(conn);
    }
    return NULL;
}

static void server_start(struct server *s, u16_t port)
{
    s->listener = netconn_new(NETCONN_TCP);
    assert_non_null(s->listener);
    assert_int_equal(netconn_bind(s->listener, IP4_ADDR_ANY, port), ERR_OK);
    assert_int_equal(netconn_listen(s->listener), ERR_OK);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void server_join(struct server *s)
{
    assert_int_equal(pthread_join(s->thread, NULL), 0);
    assert_int_equal(netconn_delete(s->listener), ERR_OK);
}

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

static const struct segjob_platform own = {.wall_clock = wall_clock,
                                           .random = random_bytes};
static mbedtls_x509_crt roots;

static const struct segjob_credentials credentials = {
    .access_key_id = SEGJOB_STR_INIT("AKIDEXAMPLE"),
    .secret_access_key = SEGJOB_STR_INIT("secret"),
};

/* A client with its port, in allocations that end with it. */
struct user {
    struct segjob_lwip *lwip;
    struct segjob_client client;
    char host[32];
    char buf[65536];
};

/* A name that lwIP does not know yet. */
static void name_host(struct user *u)
{
    static unsigned number;

    LOCK_TCPIP_CORE();
    (void)snprintf(u->host, sizeof(u->host), "service-%u.example", number++);
    UNLOCK_TCPIP_CORE();
}

static struct user *user_new(u16_t port)
{
    struct segjob_config config = {.region = SEGJOB_STR("us-east-1"),
                                   .port = port};
    struct user *u = calloc(1, sizeof(*u));

    assert_non_null(u);
    name_host(u);
    config.host = segjob_cstr(u->host);
    u->lwip = malloc(sizeof(*u->lwip));
    assert_non_null(u->lwip);
    assert_int_equal(segjob_lwip_init(u->lwip, &own, &roots, &credentials),
                     SEGJOB_OK);
    u->lwip->port.stream = &u->lwip->tcp.stream;
    assert_int_equal(segjob_init(&u->client, &config, u->buf, sizeof(u->buf)),
                     SEGJOB_OK);
    return u;
}

static void user_free(struct user *u)
{
    segjob_disconnect(&u->lwip->port);
    segjob_wipe(&u->client);
    segjob_lwip_free(u->lwip);
    free(u->lwip);
    free(u);
}

static void begin_job(struct user *u)
{
    static const struct segjob_create_request job = {
        .job_name = SEGJOB_STR_INIT("nightly"),
        .solution_version_arn = SEGJOB_STR_INIT(
            "arn:aws:personalize:us-east-1:123456789012:solution/s/1"),
        .role_arn = SEGJOB_STR_INIT("arn:aws:iam::123456789012:role/r"),
        .input = {.path = SEGJOB_STR_INIT("s3://b/in.json")},
        .output = {.path = SEGJOB_STR_INIT("s3://b/out/")}};

    assert_int_equal(segjob_create(&u->client, &job), SEGJOB_PENDING);
}

static enum segjob_status run(struct user *u, uint32_t timeout_ms)
{
    begin_job(u);
    return segjob_run(&u->client, &u->lwip->port, timeout_ms);
}

static void step_and_sleep(struct user *u)
{
    struct segjob_platform *p = u->lwip->port.platform;
    const enum segjob_status status = segjob_step(&u->client, &u->lwip->port);
    const struct segjob_wants wants =
        segjob_get_wants(&u->client, &u->lwip->port);

    if (status == SEGJOB_PENDING) {
        p->wait(p, &wants);
    }
}

/* Run an operation in progress to its end, `ms` from now at the latest. */
static enum segjob_status finish_within(struct user *u, uint32_t ms)
{
    struct segjob_platform *p = u->lwip->port.platform;

    u->client.op.deadline_ms = p->monotonic_ms(p) + ms;
    while (segjob_get_status(&u->client) == SEGJOB_PENDING) {
        step_and_sleep(u);
    }
    return segjob_get_status(&u->client);
}

static void assert_created(struct user *u)
{
    const struct segjob_str arn = segjob_batch_segment_job_arn(&u->client);

    assert_int_equal(segjob_get_outcome(&u->client), SEGJOB_CREATED);
    assert_int_equal(arn.len, strlen(ARN));
    assert_memory_equal(arn.ptr, ARN, arn.len);
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

static int start(void **state)
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

static int before(void **state)
{
    memp_t i;

    (void)state;
    LOCK_TCPIP_CORE();
    name_server_reset(0);
    memcpy(name_server.a, (const uint8_t[]){127, 0, 0, 1}, 4);
    name_server.has_aaaa = false;
    UNLOCK_TCPIP_CORE();
    for (i = 0; i < MEMP_MAX; i++) {
        used[i] = use_of(i);
    }
    return 0;
}

/* Wait until lwIP has all its memory back; CTest's limit ends the wait. */
static int after(void **state)
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

/* ------------------------------------------------------------------- tests */

static void test_exchanges(void **state)
{
    struct server server = {.serves = 10};
    unsigned i;

    (void)state;
    server_start(&server, 80);
    for (i = 0; i < server.serves; i++) {
        struct user *u = user_new(80);

        assert_int_equal(run(u, GENEROUS_MS), SEGJOB_OK);
        assert_created(u);
        assert_int_equal(run(u, GENEROUS_MS), SEGJOB_OK); /* kept open */
        assert_created(u);
        user_free(u);
    }
    server_join(&server);
}

static void test_response_of_many_windows(void **state)
{
    struct server server = {.serves = 1, .padding = 50000};
    struct user *u = user_new(80);

    (void)state;
    server_start(&server, 80);
    assert_int_equal(run(u, GENEROUS_MS), SEGJOB_OK);
    assert_created(u);
    user_free(u);
    server_join(&server);
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
    struct server servers[4];
    pthread_t threads[4];
    u16_t ports[4];
    void *ret;
    size_t i;

    (void)state;
    for (i = 0; i < 4; i++) {
        servers[i] = (struct server){.serves = 1, .padding = 20000};
        ports[i] = (u16_t)(80 + i);
        server_start(&servers[i], ports[i]);
    }
    for (i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, use, &ports[i]), 0);
    }
    for (i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], &ret), 0);
        assert_ptr_equal(ret, &ports[i]);
        server_join(&servers[i]);
    }
}

static void test_no_such_name(void **state)
{
    struct user *u = user_new(80);

    (void)state;
    LOCK_TCPIP_CORE();
    name_server.has_a = false;
    UNLOCK_TCPIP_CORE();
    assert_int_equal(run(u, GENEROUS_MS), SEGJOB_RESOLVE);
    assert_int_equal(u->lwip->port.error.code, ERR_OK);
    user_free(u);
}

static unsigned queries(void)
{
    unsigned n;

    LOCK_TCPIP_CORE();
    n = name_server.queries;
    UNLOCK_TCPIP_CORE();
    return n;
}

static void be_silent(void)
{
    LOCK_TCPIP_CORE();
    name_server.is_silent = true;
    UNLOCK_TCPIP_CORE();
}

/* Answer all queries, though the port is gone. */
static void answer_all(void)
{
    unsigned i;

    LOCK_TCPIP_CORE();
    for (i = 0; i < name_server.queries; i++) {
        name_server_answer(i);
    }
    UNLOCK_TCPIP_CORE();
}

static void test_deadline_during_query(void **state)
{
    struct user *u = user_new(80);

    (void)state;
    be_silent();
    begin_job(u);
    while (queries() == 0) {
        step_and_sleep(u);
    }
    assert_int_equal(finish_within(u, SHORT_MS), SEGJOB_TIMEOUT);
    assert_string_equal(u->lwip->port.error.message,
                        "while resolving the host name");
    user_free(u);
    answer_all();
}

static void test_free_during_query(void **state)
{
    struct user *u = user_new(80);

    (void)state;
    be_silent();
    begin_job(u);
    while (queries() == 0) {
        step_and_sleep(u);
    }
    user_free(u);
    answer_all();
}

static void test_cancel_during_query(void **state)
{
    struct user *u = user_new(80);

    (void)state;
    be_silent();
    begin_job(u);
    while (queries() == 0) {
        step_and_sleep(u);
    }
    segjob_cancel(&u->client);
    while (segjob_get_want(&u->client) != SEGJOB_WANT_NOTHING) {
        step_and_sleep(u);
    }
    assert_int_equal(segjob_get_status(&u->client), SEGJOB_CANCELLED);
    answer_all();
    user_free(u);
}

static void test_cancel_during_response(void **state)
{
    struct server server = {.serves = 1, .manner = SILENT};
    struct user *u = user_new(80);

    (void)state;
    server_start(&server, 80);
    begin_job(u);
    while (segjob_get_want(&u->client) != SEGJOB_WANT_RECEIVE) {
        step_and_sleep(u);
    }
    segjob_cancel(&u->client);
    while (segjob_get_want(&u->client) != SEGJOB_WANT_NOTHING) {
        step_and_sleep(u);
    }
    assert_int_equal(segjob_get_status(&u->client), SEGJOB_CANCELLED);
    server_join(&server); /* the server saw the end */
    user_free(u);
}

static void test_deadline_during_response(void **state)
{
    struct server server = {.serves = 1, .manner = SILENT};
    struct user *u = user_new(80);

    (void)state;
    server_start(&server, 80);
    begin_job(u);
    while (segjob_get_want(&u->client) != SEGJOB_WANT_RECEIVE) {
        step_and_sleep(u);
    }
    assert_int_equal(finish_within(u, SHORT_MS), SEGJOB_TIMEOUT);
    assert_int_equal(segjob_get_outcome(&u->client), SEGJOB_UNKNOWN);
    server_join(&server);
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

/* Freed after so many steps, while lwIP's thread keeps delivering bytes. */
static void test_free_while_bytes_arrive(void **state)
{
    struct server server = {.serves = 40, .manner = ENDLESS};
    unsigned i, steps;

    (void)state;
    server_start(&server, 80);
    for (i = 0; i < server.serves; i++) {
        struct user *u = user_new(80);

        begin_job(u);
        while (segjob_get_want(&u->client) != SEGJOB_WANT_SEND &&
               segjob_get_want(&u->client) != SEGJOB_WANT_NOTHING) {
            step_and_sleep(u);
        }
        for (steps = 0; steps < i / 8; steps++) {
            assert_int_not_equal(segjob_step(&u->client, &u->lwip->port),
                                 SEGJOB_MISUSE);
        }
        user_free(u);
    }
    server_join(&server);
}

static void test_no_semaphore(void **state)
{
    struct segjob_lwip port;

    (void)state;
    has_no_semaphore = true;
    assert_int_equal(segjob_lwip_init(&port, &own, &roots, &credentials),
                     SEGJOB_CONFIG);
    has_no_semaphore = false;
    assert_int_equal(port.port.error.status, SEGJOB_CONFIG);
    assert_string_equal(port.port.error.message, "lwIP has no semaphore");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_exchanges, before, after),
        cmocka_unit_test_setup_teardown(test_response_of_many_windows, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_ports_in_several_threads, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_no_such_name, before, after),
        cmocka_unit_test_setup_teardown(test_deadline_during_query, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_free_during_query, before, after),
        cmocka_unit_test_setup_teardown(test_cancel_during_query, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_cancel_during_response, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_deadline_during_response, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_nobody_listens, before, after),
        cmocka_unit_test_setup_teardown(test_free_while_bytes_arrive, before,
                                        after),
        cmocka_unit_test_setup_teardown(test_no_semaphore, before, after),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
