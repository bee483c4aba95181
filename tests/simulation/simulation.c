/*
 * A device in a world where everything goes wrong, and rules that hold all the
 * same: see rules.h. A run is a world of its own, made from its seed.
 *
 *     simulation SEED                  replay that run and print what happens
 *     simulation [--runs N | --seconds N] [--seed S] [--first]
 *
 * The second form runs N worlds, or as many as N seconds of this processor
 * allow, from seed S on, default 1. It prints how operations ended in each
 * climate. The exit status is 1 if a rule was broken (with --first at once), or
 * if too many outcomes were unknown.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "device.h"
#include "rules.h"

#define OPERATIONS_MAX 6 /* of one run */
#define JOBS_MAX 16
#define LISTED_MAX 8 /* of those, for lists */
#define RUNS_BETWEEN_LOOKS 256
#define UNKNOWN_MAX 0.3  /* percent of the operations in the mild climate */
#define CHECKED_MIN 2000 /* operations; fewer are no sample */

/* ---------------------------------------------------------------- climates */

enum climate {
    CALM,
    MILD, /* one attempt in ten fails somehow; 60 s for an operation */
    WILD,
    OUTAGE, /* nothing works for minutes */
    FIRST_FAULT,
    CLIMATES = FIRST_FAULT + FAULTS - 1
};

static struct tally {
    uint64_t operations;
    uint64_t outcomes[SEGJOB_CREATED + 1];
    uint64_t sent;
} tallies[CLIMATES];

static const char *climate_name(enum climate climate)
{
    static const char *const names[] = {"calm", "mild", "wild", "outage"};

    return climate < FIRST_FAULT
               ? names[climate]
               : fault_names[climate - FIRST_FAULT + NO_FAULT + 1];
}

static enum climate climate_of(enum fault fault)
{
    return (enum climate)(FIRST_FAULT + (int)fault - NO_FAULT - 1);
}

static enum climate pick_climate(void)
{
    const uint64_t n = below(100);

    if (n < 8) {
        return CALM;
    }
    if (n < 30) {
        return MILD;
    }
    if (n < 50) {
        return WILD;
    }
    return n < 52 ? OUTAGE : (enum climate)between(FIRST_FAULT, CLIMATES - 1);
}

static void make_weather(enum climate climate)
{
    memset(&weather, 0, sizeof(weather));
    if (climate == MILD) {
        weather.percent = weather.others = 10;
    } else if (climate == WILD) {
        weather.percent = weather.others = 60;
    } else if (climate == OUTAGE) {
        weather.others = 10;
        weather.dark_from = below(20 * SECOND);
        weather.dark_until = weather.dark_from + below(40 * MINUTE);
    } else if (climate >= FIRST_FAULT) {
        weather.percent = 50;
        weather.others = 10;
        weather.fault = (enum fault)((int)climate - FIRST_FAULT + NO_FAULT + 1);
    }
}

/* -------------------------------------------------------------- parameters */

#define VALUES 3

static const struct segjob_str values[MEMBERS][VALUES] = {
    [JOB_NAME] = {SEGJOB_STR_INIT("nightly-2026"), SEGJOB_STR_INIT("weekly_7"),
                  SEGJOB_STR_INIT("x")},
    [SOLUTION_VERSION_ARN] =
        {SEGJOB_STR_INIT("arn:aws:personalize:us-east-1:" ACCOUNT
                         ":solution/films/4f2a"),
         SEGJOB_STR_INIT("arn:aws:personalize:us-east-1:" ACCOUNT
                         ":solution/b/1"),
         SEGJOB_STR_INIT("arn:aws:personalize:us-east-1:" ACCOUNT
                         ":solution/b/2")},
    [FILTER_ARN] = {SEGJOB_STR_INIT("arn:aws:personalize:us-east-1:1:filter/a"),
                    SEGJOB_STR_INIT("arn:aws:personalize:us-east-1:1:filter/b"),
                    {NULL, 0}},
    [NUM_RESULTS] = {SEGJOB_STR_INIT("25"), SEGJOB_STR_INIT("100"), {NULL, 0}},
    [INPUT_PATH] = {SEGJOB_STR_INIT("s3://bucket/users.json"),
                    SEGJOB_STR_INIT("s3://bucket/users.jsonl"),
                    SEGJOB_STR_INIT("s3://bucket/Users.json")},
    [INPUT_KMS_KEY_ARN] = {SEGJOB_STR_INIT("arn:aws:kms:us-east-1:" ACCOUNT
                                           ":key/1"),
                           SEGJOB_STR_INIT("arn:aws:kms:us-east-1:" ACCOUNT
                                           ":key/2"),
                           {NULL, 0}},
    [OUTPUT_PATH] = {SEGJOB_STR_INIT("s3://bucket/segments/"),
                     SEGJOB_STR_INIT("s3://bucket/segments"),
                     SEGJOB_STR_INIT("s3://other/segments/")},
    [OUTPUT_KMS_KEY_ARN] = {SEGJOB_STR_INIT("arn:aws:kms:us-east-1:" ACCOUNT
                                            ":key/3"),
                            SEGJOB_STR_INIT("arn:aws:kms:us-east-1:" ACCOUNT
                                            ":key/4"),
                            {NULL, 0}},
    [ROLE_ARN] = {SEGJOB_STR_INIT("arn:aws:iam::" ACCOUNT ":role/segments"),
                  SEGJOB_STR_INIT("arn:aws:iam::" ACCOUNT ":role/segment"),
                  SEGJOB_STR_INIT("arn:aws:iam::" ACCOUNT ":role/other")},
    [TAGS] = {SEGJOB_STR_INIT("[{\"tagKey\":\"team\",\"tagValue\":\"films\"},"
                              "{\"tagKey\":\"cost\",\"tagValue\":\"\"}]"),
              {NULL, 0},
              {NULL, 0}},
};

/* The ARN of its jobs cannot be derived. */
static const struct segjob_str other_account =
    SEGJOB_STR_INIT("arn:aws:personalize:::solution/films/4f2a");

static void pick_params(struct params *params)
{
    for (int i = 0; i < MEMBERS; i++) {
        params->of[i] = values[i][below(VALUES)];
    }
    params->of[JOB_NAME] = values[JOB_NAME][0];
}

/* Change one member; now and then none. */
static void change_params(struct params *params)
{
    const uint64_t i = between(JOB_NAME + 1, MEMBERS - 1);

    params->of[i] = values[i][below(VALUES)];
}

/* --------------------------------------------------------------------- run */

static struct run {
    enum climate climate;
    struct params params;
    int64_t build_offset; /* of the clock after a loss of power */
    long operations;
    bool jumps;
    bool meddled; /* another device may create a job of this name */
    bool is_last; /* the last operation, in good weather */
    uint64_t power_losses;
    struct device device;
} run;

static int64_t pick_offset(void)
{
    const uint64_t n = below(100);
    const int64_t sign = chance(50) ? 1 : -1;

    if (n < 60) {
        return sign * (int64_t)below(2 * SECOND);
    }
    if (n < 70) {
        return sign * (int64_t)below(300 * SECOND);
    }
    if (n < 80) {
        return sign * (int64_t)between(235 * SECOND, 315 * SECOND);
    }
    if (n < 88) {
        return sign * (int64_t)below(DAY);
    }
    if (n < 95) {
        return sign * (int64_t)below(30 * 365 * DAY);
    }
    return (int64_t)below(HOUR) - service.epoch_ms; /* it shows 1970 */
}

/* Now and then another poll interval, which later operations keep. */
static void pick_poll(void)
{
    static const uint64_t most[] = {2 * SECOND, MINUTE, 10 * MINUTE,
                                    UINT32_MAX};

    if (chance(30)) {
        device_poll(&run.device, (uint32_t)below(most[below(LENGTH(most))]));
    }
}

/* Limits without a deadline matter most where responses are late. */
static uint64_t pick_deadline(void)
{
    const uint64_t n = below(100);
    const bool may_be_late = run.climate == climate_of(STALL);

    if (run.climate == MILD) {
        return MINUTE;
    }
    if (run.climate == OUTAGE) {
        return between(MINUTE, HOUR);
    }
    if (n < (may_be_late ? 40 : 3)) {
        return NEVER;
    }
    if (n < 7) {
        return 1 + below(500);
    }
    if (n < 30) {
        return between(SECOND, 10 * SECOND);
    }
    if (n < 70) {
        return MINUTE;
    }
    return n < 95 ? between(MINUTE, 5 * MINUTE) : HOUR;
}

static void begin(enum kind kind, uint64_t time)
{
    struct operation op = {.kind = kind};

    run.operations += kind != LISTING_MORE;
    op.number = run.operations;
    op.params = run.params;
    if (kind == LISTING && chance(25)) {
        op.params.of[SOLUTION_VERSION_ARN] = segjob_cstr(NULL);
    } else if (kind == LISTING_MORE) {
        op.params = run.device.op.params;
    }
    op.deadline = time == NEVER ? NEVER : world.now + time;
    if (kind == WAITING || kind == DESCRIBING) {
        pick_poll();
        memcpy(op.arn, JOB_ARN_FRONT, sizeof(JOB_ARN_FRONT) - 1);
        memcpy(op.arn + sizeof(JOB_ARN_FRONT) - 1, op.params.of[JOB_NAME].ptr,
               op.params.of[JOB_NAME].len + 1);
    }
    device_begin(&run.device, &op);
}

static void begin_with(enum kind kind)
{
    begin(kind, pick_deadline());
}

/* ------------------------------------------------------------- what happens */

static void job_of_another(void *subject, uint64_t back)
{
    struct params params = run.params;

    (void)subject;
    if (chance(50)) {
        change_params(&params);
    }
    if (service_find(params.of[JOB_NAME]) == NULL) {
        service_create(&params, 0, (int64_t)world.now - (int64_t)back);
    }
}

static void jump_clock(void *subject, uint64_t stamp)
{
    (void)subject;
    (void)stamp;
    run.device.link.wall_offset_ms =
        chance(50) ? pick_offset() : (int64_t)between(290, 315) * 1000;
    if (chance(20)) { /* it starts again at 1970 */
        run.device.link.wall_offset_ms = -service_clock();
    }
    TRACE("device: its clock is now off by %.3f s",
          (double)run.device.link.wall_offset_ms / 1000);
}

/* Its monotonic clock stands still meanwhile; its wall clock may be set at
 * the end. */
static void fall_asleep(void *subject, uint64_t stamp)
{
    static const uint64_t most[] = {10 * SECOND, 10 * MINUTE, 2 * HOUR};

    (void)subject;
    (void)stamp;
    run.jumps = true;
    device_sleep(&run.device, 1 + below(most[below(LENGTH(most))]));
    if (chance(40)) {
        world_at(run.device.asleep_until, jump_clock, NULL, 0);
    }
}

static void cancel(void *subject, uint64_t stamp)
{
    (void)subject;
    (void)stamp;
    device_cancel(&run.device, (unsigned)below(8));
}

/* 0 for the default, on which the promises of the good climates rely. */
static unsigned pick_attempts(void)
{
    return run.climate <= MILD || chance(80) ? 0 : (unsigned)between(1, 6);
}

static void power_on(void *subject, uint64_t up)
{
    (void)subject;
    TRACE("device: powers on");
    run.device.link.wall_offset_ms = run.build_offset;
    device_boot(&run.device, up, pick_attempts());
    begin_with(chance(70) ? ENSURING : CREATING);
}

static void power_off(void *subject, uint64_t stamp)
{
    const uint64_t up = 1 + below(5000);

    (void)subject;
    (void)stamp;
    if (!run.device.on || run.operations >= OPERATIONS_MAX) {
        return;
    }
    TRACE("device: loses its power");
    run.power_losses++;
    device_die(&run.device);
    world_at(world.now + below(MINUTE), power_on, NULL, up);
}

static void begin_next(void *subject, uint64_t kind)
{
    (void)subject;
    if (run.device.on && run.device.op.ended &&
        (kind != LISTING_MORE || segjob_has_more(&run.device.client))) {
        begin_with((enum kind)kind);
    }
}

/* ------------------------------------------------------------ expectations */

/* Without faults the outcome is known. */
static void expect_calm(const struct device *d)
{
    const struct operation *op = &d->op;
    const struct job *job = service_find(op->params.of[JOB_NAME]);
    const bool in_time = d->seen.deadline != NEVER &&
                         d->seen.deadline - op->begun >= 10 * SECOND;

    if (run.meddled || d->seen.cancelled || run.jumps || !in_time ||
        op->status == SEGJOB_INVALID || service.hides ||
        service.expiry[1] != NEVER || service.lag_max > 0 ||
        run.power_losses > 0) {
        return;
    }
    if (job == NULL) {
        RULE(service.refuses != NULL && op->outcome == SEGJOB_REFUSED,
             "refused in calm weather");
    } else if (job->creator == op->number || op->kind == ENSURING) {
        RULE(op->status == SEGJOB_OK || op->status == SEGJOB_CONFLICT,
             "not created in calm weather");
    } else {
        /* After a retry, a job of just before may count as its own. */
        RULE(op->status == SEGJOB_SERVICE || d->seen.left > 1,
             "a job of another is taken for its own");
    }
    RULE(op->sent <= 4, "%u requests in calm weather", op->sent);
}

/* Asking again, in good weather, ends with certainty. */
static void expect_last(const struct operation *op)
{
    const struct job *job = service_find(op->params.of[JOB_NAME]);

    if (op->status == SEGJOB_INVALID) {
        return;
    }
    if (job == NULL) {
        RULE(service.refuses != NULL && (op->outcome == SEGJOB_REFUSED ||
                                         service.refusal == THROTTLED),
             "the last one is refused");
    } else if (!service.hides && world.now > job->visible + MINUTE) {
        RULE(op->status == SEGJOB_OK || op->status == SEGJOB_CONFLICT,
             "the last one does not succeed");
    }
}

/* ------------------------------------------------------------- application */

static void count(const struct device *d)
{
    const struct operation *op = &d->op;
    struct tally *tally = &tallies[run.climate];

    if (d->seen.cancelled || op->status == SEGJOB_INVALID ||
        !creates(&d->seen)) {
        return;
    }
    tally->operations++;
    tally->outcomes[op->outcome]++;
    tally->sent += op->sent;
}

static void ended(struct device *d)
{
    const struct operation *op = &d->op;
    const uint64_t gap = chance(50) ? 0 : below(MINUTE);

    count(d);
    RULE(op->status != SEGJOB_CLOCK || run.jumps || d->seen.session.skew != 0,
         "a clock that was right is distrusted");
    if (run.is_last) {
        expect_last(op);
        return;
    }
    if (run.climate == CALM && op->kind <= ENSURING) {
        expect_calm(d);
    }
    if (d->list.next > 0 && op->kind >= LISTING && op->status == SEGJOB_OK) {
        world_at(world.now, begin_next, NULL, LISTING_MORE);
        return;
    }
    if (run.operations >= OPERATIONS_MAX || chance(50)) {
        return;
    }
    if (op->status != SEGJOB_OK) {
        world_at(world.now + gap, begin_next, NULL,
                 chance(80) ? ENSURING : CREATING);
    } else if (chance(50)) {
        world_at(world.now + gap, begin_next, NULL, between(WAITING, LISTING));
    } else {
        run.params.of[JOB_NAME] = values[JOB_NAME][below(VALUES)];
        world_at(world.now + gap, begin_next, NULL, CREATING);
    }
}

/* ------------------------------------------------------------------ worlds */

static void make_service(void)
{
    static const char *const refusals[] = {
        "InvalidInputException", "ResourceNotFoundException",
        "LimitExceededException", "TooManyTagsException"};
    static const uint64_t lags[] = {SECOND, 10 * SECOND, MINUTE, 10 * MINUTE};
    const bool is_mild = run.climate == MILD;
    const unsigned i = (unsigned)below(LENGTH(refusals));

    service_begin(JOBS_MAX);
    service.epoch_ms = INT64_C(1772323200000) + (int64_t)below(70 * 365 * DAY);
    if (chance(15)) {
        service.lag_max = lags[below(is_mild ? 2 : LENGTH(lags))];
    }
    for (int k = 0; k < TOKENS; k++) {
        service.expiry[k] = NEVER;
    }
    if (chance(10)) {
        service.expiry[0] = below(30 * SECOND);
        service.expiry[1] = chance(15) && !is_mild ? 0 : NEVER;
        if (chance(50)) {
            service.expiry[1] = service.expiry[0] + below(2 * MINUTE);
        }
    }
    if (chance(2) && !is_mild) {
        service.refuses = refusals[i];
        service.refusal = i == 2 ? THROTTLED : FINAL;
    }
    service.hides = !is_mild && chance(1);
    service.fills_in = chance(50);
}

static void make_others(void)
{
    static const uint64_t ages[] = {10 * MINUTE, 20 * MINUTE, DAY, 7 * DAY};
    const uint64_t age = 30 * SECOND + below(ages[below(LENGTH(ages))]);

    if (chance(15)) {
        job_of_another(NULL, age);
    } else if (chance(10)) {
        run.meddled = true;
        world_at(below(20 * SECOND), job_of_another, NULL, 0);
    }
}

/*
 * More jobs for lists. A page has up to three: with one that is bulky it fits
 * in a client's buffer, with two it does not; one that is huge never does.
 */
static void make_listed(void)
{
    static const char *const names[LISTED_MAX] = {"a", "b", "c", "d",
                                                  "e", "f", "g", "h"};
    const unsigned bulky = (unsigned)below(100);
    const size_t n = chance(50) ? (size_t)below(LISTED_MAX + 1) : 0;

    for (size_t i = 0; i < n; i++) {
        struct params params = run.params;

        params.of[JOB_NAME] = segjob_cstr(names[i]);
        if (chance(30)) {
            params.of[SOLUTION_VERSION_ARN] =
                values[SOLUTION_VERSION_ARN][below(VALUES)];
        }
        service_create(&params, 0, -(int64_t)below(DAY))->bulk =
            chance(2)       ? 4000
            : chance(bulky) ? 1200
                            : 0;
    }
}

/* Early, when most happens. */
static uint64_t pick_moment(void)
{
    return below(1 + below(20 * SECOND));
}

static void make_mishaps(void)
{
    if (chance(6)) {
        run.jumps = true;
        world_at(pick_moment(), jump_clock, NULL, 0);
    }
    if (chance(6) && run.climate != MILD) {
        world_at(pick_moment(), fall_asleep, NULL, 0);
    }
    if (chance(5)) {
        world_at(pick_moment(), cancel, NULL, 0);
    }
    for (int i = 0; i < 2; i++) {
        if (chance(6)) {
            world_at(pick_moment() + (uint64_t)i * MINUTE, power_off, NULL, 0);
        }
    }
}

static void make_device(void)
{
    static const struct segjob_credentials credentials = {
        .access_key_id = SEGJOB_STR_INIT("AKIDEXAMPLE"),
        .secret_access_key =
            SEGJOB_STR_INIT("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")};
    struct device *d = &run.device;

    link_init(&d->link);
    d->credentials = credentials;
    d->token = 0;
    d->must_refresh = false;
    if (chance(50)) {
        d->credentials.session_token = segjob_cstr("token-0");
    }
    d->ended = ended;
    d->link.wall_offset_ms = pick_offset();
    run.build_offset = chance(50) ? d->link.wall_offset_ms : pick_offset();
    device_boot(d, 1 + below(3 * DAY), pick_attempts());
    begin_with(chance(10) ? LISTING : chance(60) ? CREATING : ENSURING);
}

/* Ask once more in good weather, on a device that was just powered on. */
static void ask_at_last(void)
{
    struct device *d = &run.device;

    make_weather(CALM);
    run.is_last = true;
    device_die(d);
    device_boot(d, 1, 0);
    d->credentials.session_token.ptr = NULL;
    begin(ENSURING, MINUTE);
    while (world_step()) {
    }
}

static void run_world(uint64_t seed)
{
    world_begin(seed);
    network_begin(1);
    rules_begin(2 * OPERATIONS_MAX);
    run.operations = 0;
    run.power_losses = 0;
    run.jumps = run.meddled = run.is_last = false;
    run.climate = pick_climate();
    TRACE("the climate: %s", climate_name(run.climate));
    make_weather(run.climate);
    pick_params(&run.params);
    if (run.climate != MILD && chance(2)) {
        run.params.of[SOLUTION_VERSION_ARN] = other_account;
    }
    make_service();
    make_others();
    make_listed();
    make_mishaps();
    make_device();
    while (world_step()) {
    }
    if (chance(10)) {
        ask_at_last();
    }
    RULE(run.device.op.ended, "the operation does not end");
    rules_finish();
}

/* -------------------------------------------------------------------- main */

static void print_tallies(void)
{
    printf("%-26s %9s %7s %7s %7s %8s %8s\n", "climate", "creations", "created",
           "refused", "unsent", "unknown", "requests");
    for (int i = 0; i < CLIMATES; i++) {
        const struct tally *t = &tallies[i];
        const double all = t->operations == 0 ? 1 : (double)t->operations;

        printf("%-26s %9" PRIu64 " %6.2f%% %6.2f%% %6.2f%% %7.3f%% %8.2f\n",
               climate_name((enum climate)i), t->operations,
               100 * (double)t->outcomes[SEGJOB_CREATED] / all,
               100 * (double)t->outcomes[SEGJOB_REFUSED] / all,
               100 * (double)t->outcomes[SEGJOB_NOT_SENT] / all,
               100 * (double)t->outcomes[SEGJOB_UNKNOWN] / all,
               (double)t->sent / all);
    }
}

/* Whether too many outcomes were unknown in the mild climate. */
static bool is_too_unsure(void)
{
    const struct tally *mild = &tallies[MILD];
    const double unknown = 100 * (double)mild->outcomes[SEGJOB_UNKNOWN];

    if (mild->operations < CHECKED_MIN ||
        unknown <= UNKNOWN_MAX * (double)mild->operations) {
        return false;
    }
    printf("more than %.1f %% unknown in the mild climate\n", UNKNOWN_MAX);
    return true;
}

static int run_many(uint64_t seed, uint64_t runs, double seconds, bool first)
{
    const clock_t begin_at = clock();
    uint64_t done = 0, failed = 0;
    double took = 0;

    while (done < runs && took < seconds && !(first && failed > 0)) {
        run_world(seed + done++);
        failed += world.broken > 0;
        if (done % RUNS_BETWEEN_LOOKS == 0) {
            took = (double)(clock() - begin_at) / CLOCKS_PER_SEC;
        }
    }
    took = (double)(clock() - begin_at) / CLOCKS_PER_SEC;
    if (!first) {
        print_tallies();
    }
    failed += is_too_unsure();
    printf("%" PRIu64 " runs from seed %" PRIu64 ", %" PRIu64
           " failed, %.0f runs per second\n",
           done, seed, failed, (double)done / (took > 0 ? took : 1));
    return failed > 0;
}

static int usage(void)
{
    fprintf(stderr, "usage: simulation SEED | [--runs N | --seconds N] "
                    "[--seed S] [--first]\n");
    return 2;
}

int main(int argc, char *argv[])
{
    uint64_t seed = 1, runs = UINT64_MAX;
    double seconds = 0;
    bool first = false;

    if (argc == 2 && argv[1][0] != '-') {
        world.traced = true;
        run_world(strtoull(argv[1], NULL, 10));
        return world.broken > 0;
    }
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--first") == 0) {
            first = true;
        } else if (i + 1 == argc) {
            return usage();
        } else if (strcmp(argv[i], "--runs") == 0) {
            runs = strtoull(argv[++i], NULL, 10);
            seconds = 1e9;
        } else if (strcmp(argv[i], "--seconds") == 0) {
            seconds = strtod(argv[++i], NULL);
        } else if (strcmp(argv[i], "--seed") == 0) {
            seed = strtoull(argv[++i], NULL, 10);
        } else {
            return usage();
        }
    }
    return seconds > 0 ? run_many(seed, runs, seconds, first) : usage();
}
