/*
 * Three jobs over lwIP on a link that impairs frames, and then nothing left.
 *
 *   exchange PORT PEER KIND PERCENT SEED
 *
 * PORT is the emulator's on the host's loopback, PEER its process; credentials,
 * region and certificate come from the environment, as the AWS CLI takes them.
 * The first two jobs use one connection, the third a new one that resumes the
 * TLS session, as far as the link allows. Standard output has a line for each
 * job, and a last one for the link, with fields separated by tabs. Anything
 * that must not happen is reported on standard error, and the program ends
 * with 1.
 */
#define _POSIX_C_SOURCE 200809L

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "lwip/memp.h"
#include "lwip/stats.h"

#include "link.h"
#include "segjob_lwip.h"
#include "segjob_run.h"

#define DEADLINE_MS 60000u /* for each job, virtual */
#define DRAIN_MS 86400000u /* for TCP to end after them, virtual */
#define HANGS_S 600u       /* for all, real: reached only if something hangs */

static bool sound = true;

static void complain(const char *name, const char *format, ...)
{
    va_list arguments;

    sound = false;
    fprintf(stderr, "%s: ", name);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

/* ---------------------------------------------------- the application's */

static int64_t wall_clock(struct segjob_platform *p)
{
    (void)p;
    return (int64_t)time(NULL);
}

static bool random_bytes(struct segjob_platform *p, void *bytes, size_t n)
{
    (void)p;
    return getrandom(bytes, n, 0) == (ssize_t)n;
}

/* The platform's milliseconds need not begin where the link's do. */
static void wait(struct segjob_platform *p, const struct segjob_wants *wants)
{
    const uint64_t now_ms = p->monotonic_ms(p);

    if (wants->wake_ms > now_ms) {
        link_wait(wants->wake_ms == UINT64_MAX
                      ? UINT64_MAX
                      : link_now_ms() + (wants->wake_ms - now_ms));
    }
}

static const struct segjob_platform own = {
    .wall_clock = wall_clock, .random = random_bytes, .wait = wait};

/* ---------------------------------------------------------------- memory */

/* lwIP's memory in use: bytes of its heap, and elements of each pool. */
struct memory {
    size_t heap;
    size_t pools[MEMP_MAX];
};

static struct memory memory_in_use(void)
{
    struct memory now = {.heap = lwip_stats.mem.used};
    size_t i;

    for (i = 0; i < MEMP_MAX; i++) {
        now.pools[i] = lwip_stats.memp[i]->used;
    }
    return now;
}

/* How often lwIP was out of memory. */
static unsigned out_of_memory(void)
{
    unsigned sum = lwip_stats.mem.err;
    size_t i;

    for (i = 0; i < MEMP_MAX; i++) {
        sum += lwip_stats.memp[i]->err;
    }
    return sum;
}

/*
 * Wait until lwIP has freed its connections. It gives up after TCP_MAXRTX
 * retransmissions, which can take hours on a slow link. Aborts nothing.
 */
static void drain(const struct memory *before)
{
    const uint64_t until_ms = link_now_ms() + DRAIN_MS;
    struct memory now = memory_in_use();

    while (memcmp(&now, before, sizeof(now)) != 0 && link_now_ms() < until_ms) {
        link_wait(until_ms);
        now = memory_in_use();
    }
}

static void check_returned(const struct memory *before)
{
    const struct memory now = memory_in_use();
    size_t i;

    if (now.heap != before->heap) {
        complain("lwIP", "the heap holds %zu bytes, before %zu", now.heap,
                 before->heap);
    }
    for (i = 0; i < MEMP_MAX; i++) {
        if (now.pools[i] != before->pools[i]) {
            complain("lwIP", "the pool %s holds %zu, before %zu",
                     lwip_stats.memp[i]->name, now.pools[i], before->pools[i]);
        }
    }
}

/* -------------------------------------------------------------- exchange */

static const char *const outcomes[] = {"NOT_APPLICABLE", "NOT_SENT", "REFUSED",
                                       "UNKNOWN", "CREATED"};

static void check_end(const char *name, const struct segjob_client *c,
                      enum segjob_status status, uint64_t took_ms)
{
    const struct segjob_str arn = segjob_batch_segment_job_arn(c);
    const size_t len = strlen(name);

    if (took_ms > DEADLINE_MS) {
        complain(name, "ended %u ms after its deadline",
                 (unsigned)(took_ms - DEADLINE_MS));
    }
    if (took_ms >= DEADLINE_MS && status != SEGJOB_TIMEOUT) {
        complain(name, "%s after %u ms", segjob_status_name(status),
                 (unsigned)took_ms);
    }
    if ((status == SEGJOB_OK) != (segjob_get_outcome(c) == SEGJOB_CREATED)) {
        complain(name, "%s, but %s", segjob_status_name(status),
                 outcomes[segjob_get_outcome(c)]);
    }
    if (status == SEGJOB_OK &&
        (arn.len < len || memcmp(arn.ptr + arn.len - len, name, len) != 0)) {
        complain(name, "the ARN is another job's");
    }
}

static void print_job(const char *name, const struct segjob_client *c,
                      const struct segjob_port *port, uint64_t took_ms)
{
    char why[256];

    segjob_explain(c, why, sizeof(why));
    printf("job\t%s\t%s\t%s\t%u\t%s\t%s\n", name,
           segjob_status_name(segjob_get_status(c)),
           outcomes[segjob_get_outcome(c)], (unsigned)took_ms, why,
           port->error.message == NULL ? "" : port->error.message);
}

static void create_job(struct segjob_client *c, struct segjob_port *port,
                       const char *name)
{
    const struct segjob_create_request job = {
        .job_name = segjob_cstr(name),
        .solution_version_arn = SEGJOB_STR(
            "arn:aws:personalize:us-east-1:123456789012:solution/films/1"),
        .role_arn = SEGJOB_STR("arn:aws:iam::123456789012:role/segments"),
        .input = {.path = SEGJOB_STR("s3://bucket/users.json")},
        .output = {.path = SEGJOB_STR("s3://bucket/segments/")}};
    const uint64_t begin_ms = link_now_ms();
    enum segjob_status status = segjob_create(c, &job);
    uint64_t took_ms;

    if (status == SEGJOB_PENDING) {
        status = segjob_run(c, port, DEADLINE_MS);
    }
    took_ms = link_now_ms() - begin_ms;
    print_job(name, c, port, took_ms);
    check_end(name, c, status, took_ms);
}

static void create_jobs(struct segjob_port *port, uint16_t tcp_port,
                        char *const run[])
{
    static char work[4096];
    static struct segjob_client client;
    const struct segjob_config config = {.region =
                                             segjob_cstr(getenv("AWS_REGION")),
                                         .host = SEGJOB_STR("personalize.test"),
                                         .port = tcp_port};
    char name[64];
    int i;

    if (segjob_init(&client, &config, work, sizeof(work)) != SEGJOB_OK) {
        complain("AWS_REGION", "cannot be used");
        return;
    }
    for (i = 1; i <= 3; i++) {
        snprintf(name, sizeof(name), "%s-%s-%s-%d", run[0], run[1], run[2], i);
        create_job(&client, port, name);
        if (i == 2) {
            segjob_disconnect(port);
        }
    }
    segjob_disconnect(port);
    segjob_wipe(&client);
}

static void exchange(uint16_t tcp_port, char *const run[])
{
    static struct segjob_lwip lwip;
    const struct segjob_credentials credentials = {
        .access_key_id = segjob_cstr(getenv("AWS_ACCESS_KEY_ID")),
        .secret_access_key = segjob_cstr(getenv("AWS_SECRET_ACCESS_KEY"))};
    const char *bundle = getenv("AWS_CA_BUNDLE");
    struct segjob_port_error error;
    mbedtls_x509_crt roots;

    mbedtls_x509_crt_init(&roots);
    if (segjob_tls_start(&error) != SEGJOB_OK) {
        complain("segjob_tls_start", "%s", error.message);
    } else if (mbedtls_x509_crt_parse_file(&roots,
                                           bundle == NULL ? "" : bundle)) {
        complain("AWS_CA_BUNDLE", "cannot be read");
    } else if (segjob_lwip_init(&lwip, &own, &roots, &credentials) !=
               SEGJOB_OK) {
        complain("segjob_lwip_init", "%s", lwip.port.error.message);
    } else {
        create_jobs(&lwip.port, tcp_port, run);
        segjob_lwip_free(&lwip);
    }
    mbedtls_x509_crt_free(&roots);
}

static void run_once(uint16_t tcp_port, char *const run[])
{
    const struct memory before = memory_in_use();
    uint64_t begin_ms;

    exchange(tcp_port, run);
    begin_ms = link_now_ms();
    drain(&before);
    check_returned(&before);
    printf("link\t%u\t%u\t%u\t%u\t%u\n", link_frames(), link_impaired(),
           (unsigned)(lwip_stats.tcp.chkerr + lwip_stats.ip.chkerr),
           out_of_memory(), (unsigned)(link_now_ms() - begin_ms));
}

int main(int argc, char *argv[])
{
    const enum impair_kind kind =
        argc == 6 ? impair_named(argv[3]) : IMPAIR_KINDS;

    if (kind == IMPAIR_KINDS) {
        fprintf(stderr, "usage: exchange PORT PEER KIND PERCENT SEED\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0); /* an abort loses no line */
    alarm(HANGS_S);
    if (!link_start(kind, (unsigned)strtoul(argv[4], NULL, 10),
                    strtoull(argv[5], NULL, 10),
                    (pid_t)strtol(argv[2], NULL, 10))) {
        complain("link", "does not start");
        return 1;
    }
    run_once((uint16_t)strtoul(argv[1], NULL, 10), argv + 3);
    link_stop();
    return sound ? 0 : 1;
}
