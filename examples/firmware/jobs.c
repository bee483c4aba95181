#include "jobs.h"

#include <string.h>

#include <mbedtls/platform_util.h>

#include "board.h"
#include "clock.h"
#if defined(SEGJOB_DEVICE)
#include "device.h"
#endif
#include "memory.h"
#include "network.h"
#include "print.h"
#include "roots.h"
#include "segjob_lwip.h"

static mbedtls_x509_crt roots;
static struct segjob_lwip lwip;
static struct segjob_client client;
static char work[4096]; /* the client's: the request, then the response */

/*
 * Begin the line about a failure, and return its exit status. Without memory
 * the reason of mbedTLS, and without a cable that of TCP, would mislead.
 */
static int blame(int status)
{
    if (memory_ran_out()) {
        print("the arena of %u bytes is too small: ", (unsigned)memory_cap());
        return EXIT_ARENA;
    }
    if (!network_has_link()) {
        print("the link is down: ");
        return EXIT_LINK;
    }
    return status;
}

/* The port cannot be set up. */
static int refuse(const char *message)
{
    const int status = blame(-SEGJOB_CONFIG);

    print("%s\n", message);
    return status;
}

/* ------------------------------------------------------------------- port */

static int64_t wall_clock(struct segjob_platform *p)
{
    (void)p;
    return clock_now();
}

static bool random_bytes(struct segjob_platform *p, void *bytes, size_t n)
{
    (void)p;
    return board_random(bytes, n);
}

/* The certificates stay where they are, in flash. */
static int read_roots(void)
{
    struct segjob_port_error error;
    size_t i;
    int status;

    if (segjob_tls_start(&error) != SEGJOB_OK) {
        return refuse(error.message);
    }
    mbedtls_x509_crt_init(&roots);
    for (i = 0; i < roots_der_len; i++) {
        if (mbedtls_x509_crt_parse_der_nocopy(&roots, roots_der[i].der,
                                              roots_der[i].len) != 0) {
            status = blame(-SEGJOB_CONFIG);
            print("trusted certificate %u cannot be read\n", (unsigned)i);
            return status;
        }
    }
    return 0;
}

/* Without a certificate the credentials are those of the parameters. */
static const char *begin_device(const struct parameters *p)
{
#if defined(SEGJOB_DEVICE)
    return device_begin(p, &lwip);
#else
    (void)p;
    return NULL;
#endif
}

static void end_device(void)
{
#if defined(SEGJOB_DEVICE)
    device_end();
#endif
}

static int begin_port(const struct parameters *p)
{
    static const struct segjob_platform own = {.wall_clock = wall_clock,
                                               .random = random_bytes};
    const char *why;

    if (segjob_lwip_init(&lwip, &own, &roots, &p->credentials) != SEGJOB_OK) {
        return refuse(lwip.port.error.message);
    }
    segjob_tls_set_random(lwip.port.platform);
    why = begin_device(p);
    return why == NULL ? 0 : refuse(why);
}

/* ------------------------------------------------------------------ a job */

static int fail_job(void)
{
    static char line[512];
    int status = -(int)segjob_get_status(&client);

    if (segjob_get_error(&client)->http_status == 0) {
        status = blame(status); /* there was no response */
    }
    segjob_run_explain(&client, &lwip.port, line, sizeof(line));
    print("%s%s\n", line,
          segjob_get_outcome(&client) == SEGJOB_UNKNOWN ? "; the job may exist"
                                                        : "");
    return status;
}

/* Sleep as long as the last step allows. */
static void rest(void)
{
    struct segjob_platform *platform = lwip.port.platform;
    const uint64_t wake = segjob_get_wants(&client, &lwip.port).wake_ms;
    const uint64_t now = platform->monotonic_ms(platform);

    network_rest(wake > now ? wake - now : 0);
}

/*
 * The main loop: one step, then sleep. It can continue between jobs: a step
 * with nothing to do checks the kept connection.
 *
 * It prints the cost of a connection as QEMU counts it with -icount shift=0:
 * a nanosecond of work is an instruction.
 */
static int run(uint32_t timeout_ms)
{
    struct segjob_platform *platform = lwip.port.platform;
    const uint64_t begin = board_busy_ns();
    bool connected = false;

    if (segjob_set_deadline(&client, platform->monotonic_ms(platform) +
                                         timeout_ms) != SEGJOB_OK) {
        return fail_job();
    }
    while (segjob_step(&client, &lwip.port) == SEGJOB_PENDING) {
        if (!connected && segjob_get_want(&client) == SEGJOB_WANT_SEND) {
            connected = true;
            print("connect %u instructions\n",
                  (unsigned)(board_busy_ns() - begin));
        }
        rest();
    }
    return segjob_get_status(&client) == SEGJOB_OK ? 0 : fail_job();
}

/* Create the job of the parameters, with `suffix` appended to its name. */
static int create(const struct parameters *p, const char *suffix)
{
    static char name[64 + 8]; /* 64: more than the service takes */
    struct segjob_create_request job = p->job;
    const size_t n = job.job_name.len < 64 ? job.job_name.len : 64;
    struct segjob_str arn;
    int status;

    if (job.job_name.ptr != NULL) {
        memcpy(name, job.job_name.ptr, n);
        memcpy(name + n, suffix, strlen(suffix) + 1);
        job.job_name = segjob_cstr(name);
    }
    if (segjob_create(&client, &job) != SEGJOB_PENDING) {
        return fail_job();
    }
    status = run(p->timeout_ms);
    if (status == 0) {
        arn = segjob_batch_segment_job_arn(&client);
        print("job %.*s\n", (int)arn.len, arn.ptr);
    }
    return status;
}

/* --------------------------------------------------------------- all jobs */

/* One after the other, over one connection while the service keeps it open. */
static int create_jobs(const struct parameters *p)
{
    char suffix[] = "-1";
    uint32_t i;
    int status = 0;

    if (p->jobs == 1) {
        return create(p, "");
    }
    for (i = 0; status == 0 && i < p->jobs; i++) {
        suffix[1] = (char)('1' + i);
        status = create(p, suffix);
    }
    return status;
}

/*
 * A device that sleeps with its RAM off until the next job: only `session`, a
 * secret, remains, and saves most of the next handshake.
 */
static int create_after_sleep(const struct parameters *p)
{
    static unsigned char session[1024];
    size_t n;
    int status;

    segjob_disconnect(&lwip.port);
    n = segjob_tls_save_session(&lwip.tls, session, sizeof(session));
    segjob_lwip_free(&lwip);

    status = begin_port(p);
    if (status != 0) {
        return status;
    }
    if (n == 0 || n > sizeof(session) ||
        !segjob_tls_load_session(&lwip.tls, session, n)) {
        print("there is no session to resume\n");
    }
    mbedtls_platform_zeroize(session, sizeof(session));
    return create(p, "-again");
}

int jobs_create(const struct parameters *p)
{
    int status = read_roots();

    if (status == 0) {
        status = begin_port(p);
    }
    if (status != 0) {
        return status;
    }
    if (segjob_init(&client, &p->config, work, sizeof(work)) != SEGJOB_OK) {
        return fail_job();
    }
    status = create_jobs(p);
    if (status == 0 && p->resume) {
        status = create_after_sleep(p);
    }
    segjob_disconnect(&lwip.port);
    segjob_wipe(&client);
    end_device();
    return status;
}
