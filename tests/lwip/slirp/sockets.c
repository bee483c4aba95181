/*
 * Jobs over lwIP's sockets, beside lwIP's own thread.
 *
 *   sockets PORT TIMEOUT NAME...
 *
 * PORT is a port of the host's loopback, TIMEOUT each job's, in milliseconds.
 * Credentials, region and certificate come from the environment, as the AWS CLI
 * takes them. Standard output has a
 * line for each job: its name, status and outcome, and the port's errno and
 * message, with fields separated by tabs. Anything that must not happen is
 * reported on standard error, and the program ends with 1.
 */
#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "lwip/memp.h"
#include "lwip/stats.h"
#include "lwip/tcpip.h"

#include "host.h"
#include "segjob_sockets.h"

#define HANGS_S 600u /* for all: reached only if something hangs */

static int failed(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    return 1;
}

/* ------------------------------------------------------------------- host */

/* libslirp is called by lwIP's thread, and by one that waits for the host. */
static pthread_mutex_t host_lock = PTHREAD_MUTEX_INITIALIZER;

static void from_host(uint8_t *bytes, size_t len)
{
    host_give_lwip(bytes, len);
}

static void from_lwip(uint8_t *bytes, size_t len)
{
    pthread_mutex_lock(&host_lock);
    host_give(bytes, len);
    pthread_mutex_unlock(&host_lock);
}

static int64_t monotonic_ns(void *unused)
{
    struct timespec now;

    (void)unused;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void *serve_host(void *unused)
{
    const struct timespec pause_for = {0, 1000000};
    uint32_t due_ms;

    (void)unused;
    for (;;) {
        pthread_mutex_lock(&host_lock);
        (void)host_poll(0, &due_ms);
        pthread_mutex_unlock(&host_lock);
        nanosleep(&pause_for, NULL);
    }
    return NULL;
}

static void start_host(void *started)
{
    static const struct host_wires wires = {from_host, from_lwip, monotonic_ns};
    pthread_t thread;

    if (!host_start(&wires, tcpip_input) ||
        pthread_create(&thread, NULL, serve_host, NULL) != 0) {
        exit(failed("libslirp", "does not start"));
    }
    sys_sem_signal(started);
}

static void start_lwip(void)
{
    sys_sem_t started;

    if (sys_sem_new(&started, 0) != ERR_OK) {
        exit(failed("lwIP", "has no semaphore"));
    }
    tcpip_init(start_host, &started);
    sys_sem_wait(&started);
    sys_sem_free(&started);
}

/* --------------------------------------------------------------- platform */

static int64_t wall_clock(struct segjob_platform *p)
{
    (void)p;
    return (int64_t)time(NULL);
}

static uint64_t monotonic_ms(struct segjob_platform *p)
{
    (void)p;
    return (uint64_t)monotonic_ns(NULL) / 1000000 + 1;
}

static bool random_bytes(struct segjob_platform *p, void *bytes, size_t n)
{
    (void)p;
    return getrandom(bytes, n, 0) == (ssize_t)n;
}

/* This lwIP has no IPv6: the first address must be passed over. */
static enum segjob_io resolve(struct segjob_platform *p, const char *host,
                              struct segjob_address *addresses, size_t cap,
                              size_t *len)
{
    const enum segjob_io io =
        segjob_sockets_resolve(p, host, addresses + 1, cap - 1, len);

    addresses[0] = (struct segjob_address){.bytes = {0x20, 0x01, 0x0d, 0xb8},
                                           .is_ipv6 = true};
    *len += 1;
    return io;
}

static const struct segjob_platform own = {.wall_clock = wall_clock,
                                           .monotonic_ms = monotonic_ms,
                                           .random = random_bytes,
                                           .resolve = resolve};

/* ------------------------------------------------------------------- jobs */

static void create_job(struct segjob_client *c, struct segjob_port *port,
                       uint32_t timeout_ms, const char *name)
{
    static const char *const outcomes[] = {"NOT_APPLICABLE", "NOT_SENT",
                                           "REFUSED", "UNKNOWN", "CREATED"};
    const struct segjob_create_request job = {
        .job_name = segjob_cstr(name),
        .solution_version_arn = SEGJOB_STR(
            "arn:aws:personalize:us-east-1:123456789012:solution/films/1"),
        .role_arn = SEGJOB_STR("arn:aws:iam::123456789012:role/segments"),
        .input = {.path = SEGJOB_STR("s3://bucket/users.json")},
        .output = {.path = SEGJOB_STR("s3://bucket/segments/")}};
    enum segjob_status status = segjob_create(c, &job);

    if (status == SEGJOB_PENDING) {
        status = segjob_run(c, port, timeout_ms);
    }
    printf("%s\t%s\t%s\t%d\t%s\n", name, segjob_status_name(status),
           outcomes[segjob_get_outcome(c)], port->error.code,
           port->error.message == NULL ? "" : port->error.message);
}

static int create_jobs(struct segjob_port *port, char *arguments[])
{
    static char work[4096];
    static struct segjob_client client;
    const struct segjob_config config = {
        .region = segjob_cstr(getenv("AWS_REGION")),
        .host = SEGJOB_STR("personalize.test"),
        .port = (uint16_t)strtoul(arguments[0], NULL, 10)};
    const uint32_t timeout_ms = (uint32_t)strtoul(arguments[1], NULL, 10);
    char **name;

    if (segjob_init(&client, &config, work, sizeof(work)) != SEGJOB_OK) {
        return failed("AWS_REGION", "cannot be used");
    }
    for (name = &arguments[2]; *name != NULL; name++) {
        create_job(&client, port, timeout_ms, *name);
    }
    segjob_disconnect(port);
    segjob_wipe(&client);
    return lwip_stats.memp[MEMP_NETCONN]->used == 0
               ? 0
               : failed("lwIP", "a socket is left open");
}

int main(int argc, char *argv[])
{
    static struct segjob_sockets sockets;
    const char *bundle = getenv("AWS_CA_BUNDLE");
    const struct segjob_credentials credentials = {
        .access_key_id = segjob_cstr(getenv("AWS_ACCESS_KEY_ID")),
        .secret_access_key = segjob_cstr(getenv("AWS_SECRET_ACCESS_KEY"))};
    struct segjob_port_error error;
    mbedtls_x509_crt roots;
    int code;

    if (argc < 4) {
        return failed("usage", "sockets PORT TIMEOUT NAME...");
    }
    alarm(HANGS_S);
    mbedtls_x509_crt_init(&roots);
    if (segjob_tls_start(&error) != SEGJOB_OK) {
        return failed("segjob_tls_start", error.message);
    }
    if (mbedtls_x509_crt_parse_file(&roots, bundle == NULL ? "" : bundle)) {
        return failed("AWS_CA_BUNDLE", "cannot be read");
    }
    start_lwip();
    if (segjob_sockets_init(&sockets, &own, &roots, &credentials) !=
        SEGJOB_OK) {
        return failed("segjob_sockets_init", sockets.port.error.message);
    }
    code = create_jobs(&sockets.port, argv + 1);
    segjob_sockets_free(&sockets);
    mbedtls_x509_crt_free(&roots);
    return code;
}
