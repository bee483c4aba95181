/*
 * What follows a failure: retries, pauses, corrected clocks, and finding out
 * what became of a creation. A row is a script.
 */
#include "script.h"

#define DEADLINE 60000
#define OWN_AT_NOON DESCRIBED("1767268801.5E0", "PENDING", "r")

/* ------------------------------------------------------------------- rows */

struct row {
    int line;
    const char *name;
    const char *script[8]; /* then every request is cut off */
    const char *calls;
    enum segjob_status status;
    enum segjob_outcome outcome;
};

/* "D..." in `calls`: describes until the deadline. */
static const struct row creations[] = {
    {__LINE__, "at once", {MADE}, "C", SEGJOB_OK, SEGJOB_CREATED},
    {__LINE__,
     "no connection at first",
     {NO_CONNECTION, NO_CONNECTION, MADE},
     "C",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "no connection at all",
     {NO_CONNECTION, NO_CONNECTION, NO_CONNECTION},
     "",
     SEGJOB_CONNECT,
     SEGJOB_NOT_SENT},
    {__LINE__,
     "a certificate is not tried again",
     {REFUSED_CERTIFICATE},
     "",
     SEGJOB_CERTIFICATE,
     SEGJOB_NOT_SENT},
    {__LINE__, "refused", {INVALID}, "C", SEGJOB_SERVICE, SEGJOB_REFUSED},
    {__LINE__,
     "exists, and was not asked for before",
     {EXISTS},
     "C",
     SEGJOB_SERVICE,
     SEGJOB_REFUSED},
    {__LINE__,
     "throttled",
     {THROTTLED, THROTTLED, MADE},
     "CCC",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "throttled for good",
     {THROTTLED, THROTTLED, THROTTLED},
     "CCC",
     SEGJOB_SERVICE,
     SEGJOB_REFUSED},
    {__LINE__,
     "refused once, then no way",
     {THROTTLED, NO_CONNECTION, NO_CONNECTION},
     "C",
     SEGJOB_CONNECT,
     SEGJOB_REFUSED},
    {__LINE__,
     "new credentials, once",
     {EXPIRED, MADE},
     "CC",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "new credentials do not help",
     {EXPIRED, EXPIRED},
     "CC",
     SEGJOB_SERVICE,
     SEGJOB_REFUSED},
    {__LINE__,
     "cut off, and it was made",
     {CUT, OWN},
     "CD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "cut off, and not made",
     {CUT, ABSENT, MADE},
     "CDC",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "an error of the service, and made",
     {BROKEN, OWN},
     "CD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "silence, and made",
     {SILENCE, OWN},
     "CD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "no ARN, and made",
     {HEAD("200", "") "{}", OWN},
     "CD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "no HTTP, and made",
     {"SSH-2.0-x\r\n", OWN},
     "CD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "a redirect, and made",
     {HEAD("307", "Content-Length: 0\r\n"), OWN},
     "CD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "the look is cut off too",
     {CUT, CUT, BROKEN, NO_CONNECTION, OWN},
     "CDDD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "it exists, sent on a clock that is wrong",
     {SKEWED, CUT, OWN_AT_NOON},
     "CCD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "the look needs new credentials",
     {CUT, EXPIRED, OWN},
     "CDD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "the look is refused",
     {CUT, INVALID},
     "CD",
     SEGJOB_SERVICE,
     SEGJOB_UNKNOWN},
    {__LINE__,
     "not there, sent again, exists: late but own",
     {CUT, ABSENT, EXISTS, OWN},
     "CDCD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "exists, but is seen only later",
     {CUT, ABSENT, EXISTS, ABSENT, ABSENT, OWN},
     "CDCDDD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "sent again, and refused: a look before an end",
     {CUT, ABSENT, INVALID, OWN},
     "CDCD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "made, and answered with a failure",
     {REFUSAL("400", "InternalFailure"), OWN},
     "CD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "made, and answered with a time-out",
     {REFUSAL("408", "RequestTimeoutException"), OWN},
     "CD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "made, and aborted before a reply was sent",
     {REFUSAL("400", "RequestAbortedException"), OWN},
     "CD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "made, and a gateway throttles",
     {GATEWAY("429", "Throttled"), OWN},
     "CD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "made, and a gateway says that it exists",
     {GATEWAY("409", "ResourceAlreadyExistsException"), OWN},
     "CD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "a gateway throttles, and it was not made",
     {GATEWAY("429", "ThrottlingException"), ABSENT, MADE},
     "CDC",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "throttled, then it exists: own",
     {THROTTLED, EXISTS, OWN},
     "CCD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "throttled, then it exists: last week's",
     {THROTTLED, EXISTS, OLD},
     "CCD",
     SEGJOB_SERVICE,
     SEGJOB_REFUSED},
    {__LINE__,
     "new credentials, then it exists: own",
     {EXPIRED, EXISTS, OWN},
     "CCD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "a gateway says that the job is not there",
     {CUT, GATEWAY("404", "ResourceNotFoundException"), OWN},
     "CDD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "a foreign ARN, and made",
     {ANSWERED(FOREIGN_ARN), OWN},
     "CD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "a foreign ARN, and not made",
     {ANSWERED(FOREIGN_ARN), ABSENT, MADE},
     "CDC",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "a foreign job is described",
     {CUT, JOB(FOREIGN_ARN, "nightly", "1767225600", "ACTIVE", "r"), OWN},
     "CDD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "another job is described",
     {CUT, JOB(OTHER_ARN, "nightly", "1767225600", "ACTIVE", "r"), OWN},
     "CDD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "an ARN of another job",
     {ANSWERED(OTHER_ARN),
      JOB(OTHER_ARN, "nightly-7", "1767225600", "ACTIVE", "r"), OWN},
     "CDD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "an ARN of no job",
     {ANSWERED(OTHER_ARN), ABSENT, ABSENT, CUT, ABSENT},
     "CDDDD...",
     SEGJOB_CONNECTION_CLOSED,
     SEGJOB_UNKNOWN},
    {__LINE__,
     "a description with no ARN that can be one",
     {CUT,
      HEAD("200", "") "{\"batchSegmentJob\":{\"status\":\"ACTIVE\","
                      "\"batchSegmentJobArn\":\"nightly\"}}",
      OWN},
     "CDD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "nobody can tell when it was made",
     {CUT, DESCRIBED("null", "ACTIVE", "r")},
     "CD",
     SEGJOB_PROTOCOL,
     SEGJOB_UNKNOWN},
    {__LINE__,
     "another has the name",
     {CUT, OTHER},
     "CD",
     SEGJOB_CONFLICT,
     SEGJOB_REFUSED},
    {__LINE__,
     "last week's has the name",
     {CUT, OLD},
     "CD",
     SEGJOB_SERVICE,
     SEGJOB_REFUSED},
    {__LINE__,
     "a description that does not fit",
     {CUT, TOO_LONG "x"},
     "CD...",
     SEGJOB_CONNECTION_CLOSED,
     SEGJOB_UNKNOWN},
    {__LINE__,
     "nothing is heard any more",
     {CUT},
     "CD...",
     SEGJOB_CONNECTION_CLOSED,
     SEGJOB_UNKNOWN},
};

static const struct row assurances[] = {
    {__LINE__, "at once", {MADE}, "C", SEGJOB_OK, SEGJOB_CREATED},
    {__LINE__, "it exists", {EXISTS, OLD}, "CD", SEGJOB_OK, SEGJOB_CREATED},
    {__LINE__,
     "another exists",
     {EXISTS, OTHER},
     "CD",
     SEGJOB_CONFLICT,
     SEGJOB_REFUSED},
    {__LINE__, "refused", {INVALID}, "C", SEGJOB_SERVICE, SEGJOB_REFUSED},
    {__LINE__,
     "it exists, but cannot be seen",
     {EXISTS, INVALID},
     "CD",
     SEGJOB_SERVICE,
     SEGJOB_UNKNOWN},
};

static const struct row descriptions[] = {
    {__LINE__, "at once", {OLD}, "D", SEGJOB_OK, SEGJOB_NOT_APPLICABLE},
    {__LINE__,
     "at the third attempt",
     {CUT, BROKEN, OWN},
     "DDD",
     SEGJOB_OK,
     SEGJOB_NOT_APPLICABLE},
    {__LINE__,
     "three attempts",
     {CUT, CUT, CUT, OWN},
     "DDD",
     SEGJOB_CONNECTION_CLOSED,
     SEGJOB_NOT_APPLICABLE},
    {__LINE__,
     "not there",
     {ABSENT},
     "D",
     SEGJOB_SERVICE,
     SEGJOB_NOT_APPLICABLE},
    {__LINE__,
     "another job is described",
     {JOB(OTHER_ARN, "nightly", "1767225600", "ACTIVE", "r"), OWN},
     "DD",
     SEGJOB_OK,
     SEGJOB_NOT_APPLICABLE},
    {__LINE__,
     "no description",
     {HEAD("200", "") "{}", OWN},
     "DD",
     SEGJOB_OK,
     SEGJOB_NOT_APPLICABLE},
};

static bool is_as_expected(const char *calls)
{
    const size_t n = strlen(calls);

    if (n > 3 && strcmp(calls + n - 3, "...") == 0) {
        return strncmp(w.calls, calls, n - 3) == 0;
    }
    return strcmp(w.calls, calls) == 0;
}

static void check_row(const struct row *row)
{
    run_for(DEADLINE);
    if (!is_as_expected(row->calls)) {
        fail_msg("line %d, row \"%s\": sent %s", row->line, row->name, w.calls);
    }
    ROW(row, segjob_get_status(client()) == row->status);
    ROW(row, segjob_get_outcome(client()) == row->outcome);
    ROW(row, (segjob_get_status(client()) == SEGJOB_OK) ==
                 is_string(segjob_batch_segment_job_arn(client()), ARN));
    exchange_end(&w.x);
}

static void test_creations(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(creations); i++) {
        set_up(creations[i].script);
        assert_int_equal(segjob_create(client(), &exchange_request),
                         SEGJOB_PENDING);
        check_row(&creations[i]);
    }
}

static void test_assurances(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(assurances); i++) {
        set_up(assurances[i].script);
        assert_int_equal(segjob_ensure(client(), &exchange_request),
                         SEGJOB_PENDING);
        check_row(&assurances[i]);
    }
}

static void test_descriptions(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(descriptions); i++) {
        set_up(descriptions[i].script);
        assert_int_equal(segjob_describe(client(), segjob_cstr(ARN)),
                         SEGJOB_PENDING);
        check_row(&descriptions[i]);
    }
}

/* ------------------------------------------------------------------ clocks */

static void check_clock(const char *const *script, int64_t wall,
                        const char *date)
{
    set_up(script);
    w.wall = wall;
    assert_int_equal(segjob_create(client(), &exchange_request),
                     SEGJOB_PENDING);
    run_for(DEADLINE);
    assert_int_equal(segjob_get_status(client()), SEGJOB_OK);
    assert_string_equal(w.calls, "CC");
    assert_non_null(strstr(w.request, date));
}

/* What was learnt stays: the next job is made at once. */
static void test_clocks(void **state)
{
    static const int64_t walls[] = {0, EXCHANGE_TIME, INT64_C(253402300799)};

    (void)state;
    for (size_t i = 0; i < LENGTH(walls); i++) {
        const char *const script[] = {SKEWED, MADE, MADE, NULL};

        check_clock(script, walls[i], "\r\nX-Amz-Date: 20260101T120000Z\r\n");
        assert_int_equal(segjob_create(client(), &exchange_request),
                         SEGJOB_PENDING);
        run_for(DEADLINE);
        assert_string_equal(w.calls, "CCC");
        exchange_end(&w.x);
    }
}

/* A correction that leads out of all dates is forgotten, not obeyed. */
static void test_a_clock_that_jumps(void **state)
{
    const char *const script[] = {SKEWED, MADE, SKEWED, MADE, NULL};

    (void)state;
    check_clock(script, EXCHANGE_TIME + 400000000,
                "\r\nX-Amz-Date: 20260101T120000Z\r\n");
    w.wall = 0;
    assert_int_equal(segjob_create(client(), &exchange_request),
                     SEGJOB_PENDING);
    run_for(DEADLINE);
    assert_int_equal(segjob_get_status(client()), SEGJOB_OK);
    assert_string_equal(w.calls, "CCCC");
    exchange_end(&w.x);
}

/* A clock that the service's contradicts no more is not to blame. */
static void test_a_clock_that_is_right(void **state)
{
    const char *const script[] = {SKEWED, SKEWED, MADE, NULL};

    (void)state;
    set_up(script);
    assert_int_equal(segjob_create(client(), &exchange_request),
                     SEGJOB_PENDING);
    run_for(DEADLINE);
    assert_string_equal(w.calls, "CC");
    assert_int_equal(segjob_get_status(client()), SEGJOB_SERVICE);
    assert_int_equal(segjob_get_outcome(client()), SEGJOB_REFUSED);
    exchange_end(&w.x);
}

/* An ARN with another name is the job's if Describe says so. */
static void test_an_arn_with_another_name(void **state)
{
    static const char *const script[] = {
        ANSWERED(OTHER_ARN), CUT, /* it is asked for again, where it was kept */
        JOB(OTHER_ARN, "nightly", "1767225600", "PENDING", "r"), NULL};
    const size_t len = strlen(OTHER_ARN);

    (void)state;
    set_up(script);
    assert_int_equal(segjob_create(client(), &exchange_request),
                     SEGJOB_PENDING);
    run_for(DEADLINE);
    assert_string_equal(w.calls, "CDD");
    assert_non_null(
        strstr(w.request, "{\"batchSegmentJobArn\":\"" OTHER_ARN "\"}"));
    assert_int_equal(segjob_get_status(client()), SEGJOB_OK);
    assert_int_equal(segjob_get_outcome(client()), SEGJOB_CREATED);
    assert_int_equal(segjob_batch_segment_job_arn(client()).len, len);
    assert_true(is_string(segjob_batch_segment_job_arn(client()), OTHER_ARN));
    exchange_end(&w.x);
}

/*
 * Between a creation and the look at it the device sleeps, or its clock is
 * set. `uptime` is what the clock of segjob_tick() counts of that, in
 * seconds, which are seconds of the wall clock too; `set` what the wall clock
 * makes beside that.
 */
static const struct {
    int line;
    const char *name;
    uint64_t uptime;
    int64_t set;
    const char *job;
    enum segjob_status status;
    enum segjob_outcome outcome;
} gaps[] = {
    {__LINE__, "asleep, and both count", 3600, 0, OWN, SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__, "asleep, and uptime stands still", 0, 3600, OWN, SEGJOB_CLOCK,
     SEGJOB_UNKNOWN},
    {__LINE__, "uptime leaps ahead, and a job of half an hour before", 3600,
     -3600, DESCRIBED("1767223800", "PENDING", "r"), SEGJOB_CLOCK,
     SEGJOB_UNKNOWN},
    {__LINE__, "asleep for a moment, and uptime stands still", 0, 290, OWN,
     SEGJOB_OK, SEGJOB_CREATED},
    {__LINE__, "set ahead, to the service's time", 0, 3600,
     DESCRIBED("1767229200", "PENDING", "r"), SEGJOB_OK, SEGJOB_CREATED},
    {__LINE__, "set back, to the service's time", 0, -3600,
     DESCRIBED("1767222000", "PENDING", "r"), SEGJOB_OK, SEGJOB_CREATED},
    {__LINE__, "set back, and a job of an hour before", 0, -3600,
     DESCRIBED("1767218400", "PENDING", "r"), SEGJOB_CLOCK, SEGJOB_UNKNOWN},
    {__LINE__, "last week's, and the clocks agree nearly", 10, 299, OLD,
     SEGJOB_SERVICE, SEGJOB_REFUSED},
    {__LINE__, "last week's, and the clocks do not agree", 10, 302, OLD,
     SEGJOB_CLOCK, SEGJOB_UNKNOWN},
    {__LINE__, "last week's, and set back", 10, -302, OLD, SEGJOB_CLOCK,
     SEGJOB_UNKNOWN},
};

static void test_time_between_creation_and_look(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(gaps); i++) {
        const char *const script[] = {CUT, gaps[i].job, NULL};

        set_up(script);
        assert_int_equal(segjob_create(client(), &exchange_request),
                         SEGJOB_PENDING);
        assert_int_equal(segjob_set_deadline(client(), 2 * 3600000), SEGJOB_OK);
        while (segjob_get_want(client()) != SEGJOB_WANT_PAUSE) {
            turn();
        }
        w.now += gaps[i].uptime * 1000;
        w.wall += gaps[i].set;
        while (segjob_get_want(client()) != SEGJOB_WANT_NOTHING) {
            turn();
        }
        ROW(&gaps[i], strcmp(w.calls, "CD") == 0);
        ROW(&gaps[i], segjob_get_status(client()) == gaps[i].status);
        ROW(&gaps[i], segjob_get_outcome(client()) == gaps[i].outcome);
        exchange_end(&w.x);
    }
}

/* ------------------------------------------------------------------- time */

/* What was sent as often as may be, and is not there, may yet come. */
static void test_absent_for_ever(void **state)
{
    static const char *script[100] = {CUT, ABSENT, CUT, ABSENT, CUT};

    (void)state;
    for (size_t i = 5; i < LENGTH(script) - 1; i++) {
        script[i] = ABSENT;
    }
    set_up(script);
    assert_int_equal(segjob_create(client(), &exchange_request),
                     SEGJOB_PENDING);
    run_for(DEADLINE);
    assert_memory_equal(w.calls, "CDCDCDDD", 8);
    assert_null(strchr(w.calls + 5, 'C'));
    assert_int_equal(segjob_get_status(client()), SEGJOB_TIMEOUT);
    assert_int_equal(segjob_get_outcome(client()), SEGJOB_UNKNOWN);
    exchange_end(&w.x);
}

/* ----------------------------------------------------------- connections */

/* On a connection that was kept, what dies unheard is tried again at once. */
static void test_a_kept_connection_that_was_dead(void **state)
{
    const char *const script[] = {ABSENT, CUT, CUT, OWN, NULL};

    (void)state;
    set_up(script);
    assert_int_equal(segjob_describe(client(), segjob_cstr(ARN)),
                     SEGJOB_PENDING);
    run_for(DEADLINE);
    assert_true(segjob_keep_alive(client()));
    assert_int_equal(segjob_describe(client(), segjob_cstr(ARN)),
                     SEGJOB_PENDING);
    run_for(DEADLINE);
    assert_int_equal(segjob_get_status(client()), SEGJOB_OK);
    assert_string_equal(w.calls, "DDDD");
    assert_int_equal(w.pauses, 1); /* after the new one had broken too */
    exchange_end(&w.x);
}

/* ---------------------------------------------------------------- bucket */

/* Whoever retries too much is stopped: a request, and no look at the job. */
static void test_the_bucket_runs_dry(void **state)
{
    static const char *const script[] = {NULL}; /* all is cut off */
    unsigned requests = 0;

    (void)state;
    set_up(script);
    do {
        w.calls_len = 0;
        assert_int_equal(segjob_create(client(), &exchange_request),
                         SEGJOB_PENDING);
        run_for(10 * DEADLINE);
        assert_int_equal(segjob_get_outcome(client()), SEGJOB_UNKNOWN);
        requests += (unsigned)w.calls_len;
    } while (w.calls_len > 1);
    assert_int_equal(requests, 500 / 14 + 2); /* the first of each is free */
    exchange_end(&w.x);
}

/* ------------------------------------------------------------------ cancel */

/* Take so many turns, or fewer if the operation ends. Returns how many. */
static unsigned turn_times(unsigned most)
{
    unsigned turns = 0;

    while (turns < most && segjob_get_want(client()) != SEGJOB_WANT_NOTHING) {
        turn();
        turns++;
    }
    return turns;
}

/* Whatever is wanted; and nothing is sent after it. */
static void test_cancel_at_every_turn(void **state)
{
    static const char *const script[] = {NO_CONNECTION, CUT,    BROKEN, ABSENT,
                                         EXISTS,        ABSENT, OWN,    NULL};
    unsigned k = 0;
    bool was_over = false;

    (void)state;
    for (k = 0; !was_over; k++) {
        set_up(script);
        assert_int_equal(segjob_create(client(), &exchange_request),
                         SEGJOB_PENDING);
        assert_int_equal(segjob_set_deadline(client(), DEADLINE), SEGJOB_OK);
        was_over = turn_times(k) < k;
        segjob_cancel(client());
        if (segjob_get_want(client()) == SEGJOB_WANT_CLOSE) {
            turn();
        }
        assert_int_equal(segjob_get_want(client()), SEGJOB_WANT_NOTHING);
        if (segjob_get_status(client()) != SEGJOB_OK) {
            assert_int_equal(segjob_get_status(client()), SEGJOB_CANCELLED);
            assert_int_equal(segjob_get_outcome(client()),
                             w.calls_len == 0 ? SEGJOB_NOT_SENT
                                              : SEGJOB_UNKNOWN);
        }
        exchange_end(&w.x);
    }
    assert_true(k > 20);
}

/* A time-out ends it as well, where another try would follow. */
static void test_closing_is_no_hindrance(void **state)
{
    static const char *const script[] = {CUT, OWN, NULL};

    (void)state;
    set_up(script);
    assert_int_equal(segjob_create(client(), &exchange_request),
                     SEGJOB_PENDING);
    assert_int_equal(segjob_set_deadline(client(), DEADLINE), SEGJOB_OK);
    while (segjob_get_want(client()) != SEGJOB_WANT_CLOSE) {
        turn();
    }
    segjob_failed(client(), SEGJOB_TIMEOUT);
    turn();
    assert_int_equal(segjob_get_status(client()), SEGJOB_TIMEOUT);
    exchange_end(&w.x);
}

static void cancel_in_pause(void)
{
    assert_int_equal(segjob_set_deadline(client(), DEADLINE), SEGJOB_OK);
    while (segjob_get_want(client()) != SEGJOB_WANT_PAUSE) {
        turn();
    }
    segjob_cancel(client());
    assert_int_equal(segjob_get_status(client()), SEGJOB_CANCELLED);
}

/* What the service said last outlives the end of the pause that it led to. */
static void test_cancel_keeps_the_message(void **state)
{
    static const char *const script[] = {
        HEAD("503", "Content-Length: 18\r\n") "{\"message\":\"Busy\"}", NULL};

    (void)state;
    set_up(script);
    assert_int_equal(segjob_create(client(), &exchange_request),
                     SEGJOB_PENDING);
    cancel_in_pause();
    assert_true(is_string(segjob_get_error(client())->message, "Busy"));
    exchange_end(&w.x);
}

/* So does the job as a wait saw it last. */
static void test_cancel_keeps_the_job(void **state)
{
    static const char *const script[] = {OWN, NULL};
    struct segjob_job job;

    (void)state;
    set_up(script);
    assert_int_equal(segjob_wait(client(), segjob_cstr(ARN)), SEGJOB_PENDING);
    cancel_in_pause();
    assert_true(segjob_get_job(client(), &job));
    assert_true(is_string(job.status, "PENDING"));
    exchange_end(&w.x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_creations),
        cmocka_unit_test(test_assurances),
        cmocka_unit_test(test_descriptions),
        cmocka_unit_test(test_clocks),
        cmocka_unit_test(test_a_clock_that_jumps),
        cmocka_unit_test(test_a_clock_that_is_right),
        cmocka_unit_test(test_an_arn_with_another_name),
        cmocka_unit_test(test_time_between_creation_and_look),
        cmocka_unit_test(test_absent_for_ever),
        cmocka_unit_test(test_a_kept_connection_that_was_dead),
        cmocka_unit_test(test_the_bucket_runs_dry),
        cmocka_unit_test(test_cancel_at_every_turn),
        cmocka_unit_test(test_closing_is_no_hindrance),
        cmocka_unit_test(test_cancel_keeps_the_message),
        cmocka_unit_test(test_cancel_keeps_the_job),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
