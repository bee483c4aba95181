/*
 * A fleet after a power cut: ten thousand devices begin within one second,
 * and each wants a job of its own from a service that takes 50 requests per
 * second, and 100 at once after a rest. Nothing else goes wrong.
 *
 *     fleet [DEVICES]
 *
 * Each device is the real client over the runner, and its application asks
 * until the job is created:
 *
 *   segjob      segjob_ensure() within 30 s: three attempts, with backoff of
 *               up to 1 and 2 s in between. If that fails the application
 *               pauses as the table says, and asks again.
 *   no jitter   the same, but each backoff is the longest possible.
 *   no retries  one request; if it fails the application pauses.
 *
 * It prints a Markdown table: requests sent and throttled per job, and when
 * half and all of the jobs existed. All rules of the simulation are checked.
 * Numbers are the same on every machine. The exit status is 1 if a rule was
 * broken, or if a device has not exactly one job.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "rules.h"

#define DEVICES 10000u
#define RATE 50u /* requests per second */
#define BURST 100u
#define SEED 1

#define OPERATIONS_EACH 100u /* on the average, at most */

static const struct policy {
    const char *retries;
    const char *pause;
    uint64_t patience; /* for one operation; 0: one request */
    uint64_t least;    /* until the application asks again ... */
    uint64_t most;
    bool steady; /* backoff is not random */
} policies[] = {
    {"segjob", "30 to 90 s", 30 * SECOND, 30 * SECOND, 90 * SECOND, false},
    {"segjob", "60 s", 30 * SECOND, MINUTE, MINUTE, false},
    {"no jitter", "60 s", 30 * SECOND, MINUTE, MINUTE, true},
    {"no retries", "30 to 90 s", 0, 30 * SECOND, 90 * SECOND, false},
    {"no retries", "60 s", 0, MINUTE, MINUTE, false},
    {"no retries", "5 s", 0, 5 * SECOND, 5 * SECOND, false},
};

struct member_of_fleet {
    char name[32];
    bool through;
    struct device device;
};

static struct fleet {
    const struct policy *policy;
    struct member_of_fleet *members;
    size_t len;
    size_t through;
    long operations;
    uint64_t sent;
    uint64_t half_at;
    uint64_t all_at;
} fleet;

/* ---------------------------------------------------------------- devices */

static struct member_of_fleet *of_device(struct device *d)
{
    return (struct member_of_fleet *)((uintptr_t)d -
                                      offsetof(struct member_of_fleet, device));
}

static void ask(void *subject, uint64_t stamp)
{
    static const struct params params = {
        .of = {[SOLUTION_VERSION_ARN] =
                   SEGJOB_STR_INIT("arn:aws:personalize:us-east-1:" ACCOUNT
                                   ":solution/films/4f2a"),
               [INPUT_PATH] = SEGJOB_STR_INIT("s3://bucket/users.json"),
               [OUTPUT_PATH] = SEGJOB_STR_INIT("s3://bucket/segments/"),
               [ROLE_ARN] =
                   SEGJOB_STR_INIT("arn:aws:iam::" ACCOUNT ":role/r")}};
    struct member_of_fleet *m = subject;
    struct operation op = {.number = ++fleet.operations,
                           .kind = ENSURING,
                           .params = params,
                           .deadline = NEVER};

    (void)stamp;
    if (op.number > (long)(fleet.len * OPERATIONS_EACH)) {
        abort();
    }
    op.params.of[JOB_NAME] = segjob_cstr(m->name);
    if (fleet.policy->patience > 0) {
        op.deadline = world.now + fleet.policy->patience;
    }
    device_begin(&m->device, &op);
}

static void pass(struct member_of_fleet *m)
{
    m->through = true;
    fleet.through++;
    if (fleet.through == (fleet.len + 1) / 2) {
        fleet.half_at = world.now;
    }
    fleet.all_at = world.now;
}

static void ended(struct device *d)
{
    const struct policy *p = fleet.policy;
    struct member_of_fleet *m = of_device(d);

    fleet.sent += d->op.sent;
    if (d->op.status == SEGJOB_OK) {
        pass(m);
    } else {
        world_at(world.now + between(p->least, p->most), ask, m, 0);
    }
}

static void power_on(void *subject, uint64_t up)
{
    static const struct segjob_credentials credentials = {
        .access_key_id = SEGJOB_STR_INIT("AKIDEXAMPLE"),
        .secret_access_key =
            SEGJOB_STR_INIT("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")};
    struct member_of_fleet *m = subject;

    link_init(&m->device.link);
    m->device.link.steady = fleet.policy->steady;
    m->device.credentials = credentials;
    m->device.ended = ended;
    device_boot(&m->device, up, 0);
    ask(m, 0);
}

/* ------------------------------------------------------------------ fleets */

static void begin(const struct policy *policy, size_t len)
{
    world_begin(SEED);
    network_begin(len);
    service_begin(len);
    service.epoch_ms = INT64_C(1788220800000); /* 1 September 2026 */
    service.rate = RATE;
    service.burst = BURST;
    for (int i = 0; i < TOKENS; i++) {
        service.expiry[i] = NEVER;
    }
    fleet = (struct fleet){.policy = policy,
                           .members = calloc(len, sizeof(*fleet.members)),
                           .len = len};
    if (fleet.members == NULL) {
        abort();
    }
    for (size_t i = 0; i < len; i++) {
        snprintf(fleet.members[i].name, sizeof(fleet.members[i].name),
                 "job-%zu", i);
        world_at(below(SECOND), power_on, &fleet.members[i], 1);
    }
}

/* Exactly one job for each device. */
static void check(void)
{
    RULE(fleet.through == fleet.len, "%zu devices have their job",
         fleet.through);
    RULE(service.jobs_len == fleet.len, "%zu jobs", service.jobs_len);
    for (size_t i = 0; i < fleet.len; i++) {
        RULE(service_find(segjob_cstr(fleet.members[i].name)) != NULL,
             "no job for device %zu", i);
    }
    rules_finish();
}

static bool run(const struct policy *policy, size_t len)
{
    begin(policy, len);
    rules_begin((long)(len * OPERATIONS_EACH));
    while (world_step()) {
    }
    check();
    printf("| %-10s | %-10s | %8.1f | %9.1f | %5" PRIu64 " s | %5" PRIu64
           " s |\n",
           policy->retries, policy->pause, (double)fleet.sent / (double)len,
           (double)service.throttled / (double)len, fleet.half_at / SECOND,
           fleet.all_at / SECOND);
    fflush(stdout);
    free(fleet.members);
    return world.broken == 0;
}

int main(int argc, char *argv[])
{
    const size_t len = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : DEVICES;
    bool good = true;

    printf("| attempts   | then pause | requests | throttled | half at | all "
           "at  |\n| ---------- | ---------- | -------- | --------- | ------- "
           "| ------- |\n");
    for (size_t i = 0; i < LENGTH(policies); i++) {
        good = run(&policies[i], len) && good;
    }
    return good ? 0 : 1;
}
