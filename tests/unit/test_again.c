/*
 * What follows a failure: retries, backoff, clock correction, and finding out
 * whether the job was created. A row is a script.
 */
#include "script.h"

#define DEADLINE 60000
#define OWN_AT_NOON DESCRIBED("1767268801.5E0", "PENDING", "r")

/* ------------------------------------------------------------------- rows */

struct row {
    int line;
    const char *name;
    const char *script[8]; /* then the connection is cut at every request */
    const char *requests;
    enum segjob_status status;
    enum segjob_outcome outcome;
};

/* "D..." in `requests`: describes until the deadline. */
static const struct row creations[] = {
    {__LINE__, "at once", {CREATED}, "C", SEGJOB_OK, SEGJOB_CREATED},
    {__LINE__,
     "no connection at first",
     {NO_CONNECTION, NO_CONNECTION, CREATED},
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
     "the name is taken, and nothing was sent before",
     {NAME_TAKEN},
     "C",
     SEGJOB_SERVICE,
     SEGJOB_REFUSED},
    {__LINE__,
     "throttled",
     {THROTTLED, THROTTLED, CREATED},
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
     {EXPIRED, CREATED},
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
     "cut off, and created",
     {CUT, OWN},
     "CD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "cut off, and not created",
     {CUT, NOT_FOUND, CREATED},
     "CDC",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "an error of the service, and created",
     {BROKEN, OWN},
     "CD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "silence, and created",
     {SILENCE, OWN},
     "CD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "no ARN, and created",
     {HEAD("200", "") "{}", OWN},
     "CD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "no HTTP, and created",
     {"SSH-2.0-x\r\n", OWN},
     "CD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "a redirect, and created",
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
     "not found, sent again, exists: late but own",
     {CUT, NOT_FOUND, NAME_TAKEN, OWN},
     "CDCD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "exists, but is found only later",
     {CUT, NOT_FOUND, NAME_TAKEN, NOT_FOUND, NOT_FOUND, OWN},
     "CDCDDD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "sent again, and refused: a look before the end",
     {CUT, NOT_FOUND, INVALID, OWN},
     "CDCD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "created, and the response is a failure",
     {REFUSAL("400", "InternalFailure"), OWN},
     "CD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "created, and the response is a time-out",
     {REFUSAL("408", "RequestTimeoutException"), OWN},
     "CD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "created, and aborted before a response was sent",
     {REFUSAL("400", "RequestAbortedException"), OWN},
     "CD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "created, and a gateway throttles",
     {GATEWAY("429", "Throttled"), OWN},
     "CD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "created, and a gateway reports that it exists",
     {GATEWAY("409", "ResourceAlreadyExistsException"), OWN},
     "CD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "a gateway throttles, and not created",
     {GATEWAY("429", "ThrottlingException"), NOT_FOUND, CREATED},
     "CDC",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "throttled, then it exists: own",
     {THROTTLED, NAME_TAKEN, OWN},
     "CCD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "throttled, then it exists: last week's",
     {THROTTLED, NAME_TAKEN, OLD},
     "CCD",
     SEGJOB_SERVICE,
     SEGJOB_REFUSED},
    {__LINE__,
     "new credentials, then it exists: own",
     {EXPIRED, NAME_TAKEN, OWN},
     "CCD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "a gateway reports that there is no such job",
     {CUT, GATEWAY("404", "ResourceNotFoundException"), OWN},
     "CDD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "a foreign ARN, and created",
     {CREATED_AS(FOREIGN_ARN), OWN},
     "CD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "a foreign ARN, and not created",
     {CREATED_AS(FOREIGN_ARN), NOT_FOUND, CREATED},
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
     {CREATED_AS(OTHER_ARN),
      JOB(OTHER_ARN, "nightly-7", "1767225600", "ACTIVE", "r"), OWN},
     "CDD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "an ARN of no job",
     {CREATED_AS(OTHER_ARN), NOT_FOUND, NOT_FOUND, CUT, NOT_FOUND},
     "CDDDD...",
     SEGJOB_CONNECTION_CLOSED,
     SEGJOB_UNKNOWN},
    {__LINE__,
     "a description without a valid ARN",
     {CUT,
      HEAD("200", "") "{\"batchSegmentJob\":{\"status\":\"ACTIVE\","
                      "\"batchSegmentJobArn\":\"nightly\"}}",
      OWN},
     "CDD",
     SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__,
     "the time of creation is missing",
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
     "no response any more",
     {CUT},
     "CD...",
     SEGJOB_CONNECTION_CLOSED,
     SEGJOB_UNKNOWN},
};

static const struct row ensures[] = {
    {__LINE__, "at once", {CREATED}, "C", SEGJOB_OK, SEGJOB_CREATED},
    {__LINE__, "it exists", {NAME_TAKEN, OLD}, "CD", SEGJOB_OK, SEGJOB_CREATED},
    {__LINE__,
     "another exists",
     {NAME_TAKEN, OTHER},
     "CD",
     SEGJOB_CONFLICT,
     SEGJOB_REFUSED},
    {__LINE__, "refused", {INVALID}, "C", SEGJOB_SERVICE, SEGJOB_REFUSED},
    {__LINE__,
     "it exists, but cannot be described",
     {NAME_TAKEN, INVALID},
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
     "not found",
     {NOT_FOUND},
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

static bool is_as_expected(const char *requests)
{
    const size_t n = strlen(requests);

    if (n > 3 && strcmp(requests + n - 3, "...") == 0) {
        return strncmp(w.requests, requests, n - 3) == 0;
    }
    return strcmp(w.requests, requests) == 0;
}

static void check_row(const struct row *row)
{
    run_for(DEADLINE);
    if (!is_as_expected(row->requests)) {
        fail_msg("line %d, row \"%s\": sent %s", row->line, row->name,
                 w.requests);
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

static void test_ensures(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(ensures); i++) {
        set_up(ensures[i].script);
        assert_int_equal(segjob_ensure(client(), &exchange_request),
                         SEGJOB_PENDING);
        check_row(&ensures[i]);
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
    assert_string_equal(w.requests, "CC");
    assert_non_null(strstr(w.request, date));
}

/* The clock skew is kept: the next job needs one attempt. */
static void test_clocks(void **state)
{
    static const int64_t walls[] = {0, EXCHANGE_TIME, INT64_C(253402300799)};

    (void)state;
    for (size_t i = 0; i < LENGTH(walls); i++) {
        const char *const script[] = {SKEWED, CREATED, CREATED, NULL};

        check_clock(script, walls[i], "\r\nX-Amz-Date: 20260101T120000Z\r\n");
        assert_int_equal(segjob_create(client(), &exchange_request),
                         SEGJOB_PENDING);
        run_for(DEADLINE);
        assert_string_equal(w.requests, "CCC");
        exchange_end(&w.x);
    }
}

/* A skew that leads out of the range of dates is dropped. */
static void test_a_clock_that_jumps(void **state)
{
    const char *const script[] = {SKEWED, CREATED, SKEWED, CREATED, NULL};

    (void)state;
    check_clock(script, EXCHANGE_TIME + 400000000,
                "\r\nX-Amz-Date: 20260101T120000Z\r\n");
    w.wall = 0;
    assert_int_equal(segjob_create(client(), &exchange_request),
                     SEGJOB_PENDING);
    run_for(DEADLINE);
    assert_int_equal(segjob_get_status(client()), SEGJOB_OK);
    assert_string_equal(w.requests, "CCCC");
    exchange_end(&w.x);
}

/* If the clocks agree, a refusal for skew is final. */
static void test_a_clock_that_is_right(void **state)
{
    const char *const script[] = {SKEWED, SKEWED, CREATED, NULL};

    (void)state;
    set_up(script);
    assert_int_equal(segjob_create(client(), &exchange_request),
                     SEGJOB_PENDING);
    run_for(DEADLINE);
    assert_string_equal(w.requests, "CC");
    assert_int_equal(segjob_get_status(client()), SEGJOB_SERVICE);
    assert_int_equal(segjob_get_outcome(client()), SEGJOB_REFUSED);
    exchange_end(&w.x);
}

/* An ARN with another name is the job's if DescribeBatchSegmentJob confirms. */
static void test_an_arn_with_another_name(void **state)
{
    static const char *const script[] = {
        CREATED_AS(OTHER_ARN), CUT, /* retried with the ARN that was kept */
        JOB(OTHER_ARN, "nightly", "1767225600", "PENDING", "r"), NULL};
    const size_t len = strlen(OTHER_ARN);

    (void)state;
    set_up(script);
    assert_int_equal(segjob_create(client(), &exchange_request),
                     SEGJOB_PENDING);
    run_for(DEADLINE);
    assert_string_equal(w.requests, "CDD");
    assert_non_null(
        strstr(w.request, "{\"batchSegmentJobArn\":\"" OTHER_ARN "\"}"));
    assert_int_equal(segjob_get_status(client()), SEGJOB_OK);
    assert_int_equal(segjob_get_outcome(client()), SEGJOB_CREATED);
    assert_int_equal(segjob_batch_segment_job_arn(client()).len, len);
    assert_true(is_string(segjob_batch_segment_job_arn(client()), OTHER_ARN));
    exchange_end(&w.x);
}

/*
 * Between a creation and the look at the job the device sleeps, or its clock
 * is set. `uptime` is the time that segjob_tick() sees pass, in seconds; the
 * wall clock advances by `uptime` and `set`. The request to create is dated
 * 1767225600, so a service that accepts 5 minutes created no job of it at
 * another time than 5 minutes before to a little more than 5 minutes after.
 */
#define AT(seconds) DESCRIBED(seconds, "PENDING", "r")

static const struct {
    int line;
    const char *name;
    uint64_t uptime;
    int64_t set;
    const char *job;
    enum segjob_status status;
    enum segjob_outcome outcome;
} gaps[] = {
    {__LINE__, "asleep, and both clocks count", 3600, 0, OWN, SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__, "asleep for a moment, and uptime stops", 0, 290, OWN, SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__, "set back a little", 10, -290, OWN, SEGJOB_OK, SEGJOB_CREATED},
    {__LINE__, "asleep, and uptime stops", 0, 3600, OWN, SEGJOB_CLOCK,
     SEGJOB_UNKNOWN},
    {__LINE__, "set back, and a job of the first time", 0, -3600, OWN,
     SEGJOB_CLOCK, SEGJOB_UNKNOWN},
    {__LINE__, "asleep, uptime stops, and set back by as much", 0, 0, OWN,
     SEGJOB_OK, SEGJOB_CREATED},
    {__LINE__, "5 minutes before, by rounding", 10, 0, AT("1767225298"),
     SEGJOB_OK, SEGJOB_CREATED},
    {__LINE__, "more than 5 minutes before", 10, 0, AT("1767225297.9"),
     SEGJOB_SERVICE, SEGJOB_REFUSED},
    {__LINE__, "6 minutes after", 900, 0, AT("1767225960"), SEGJOB_OK,
     SEGJOB_CREATED},
    {__LINE__, "more than 6 minutes after", 900, 0, AT("1767225960.1"),
     SEGJOB_SERVICE, SEGJOB_REFUSED},
    {__LINE__, "a job of half an hour before, and uptime leaps ahead", 3600,
     -3600, AT("1767223800"), SEGJOB_SERVICE, SEGJOB_REFUSED},
    {__LINE__, "a job of an hour after, to which the clock is set", 0, 3600,
     AT("1767229200"), SEGJOB_SERVICE, SEGJOB_REFUSED},
    {__LINE__, "a job of an hour before, to which the clock is set", 0, -3600,
     AT("1767222000"), SEGJOB_SERVICE, SEGJOB_REFUSED},
    {__LINE__, "last week's", 10, 0, OLD, SEGJOB_SERVICE, SEGJOB_REFUSED},
    {__LINE__, "last week's, and set ahead", 10, 302, OLD, SEGJOB_SERVICE,
     SEGJOB_REFUSED},
    {__LINE__, "last week's, and set back", 10, -302, OLD, SEGJOB_SERVICE,
     SEGJOB_REFUSED},
    {__LINE__, "at the end of time", 10, 0, AT("253402300799"), SEGJOB_SERVICE,
     SEGJOB_REFUSED},
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
        ROW(&gaps[i], strcmp(w.requests, "CD") == 0);
        ROW(&gaps[i], segjob_get_status(client()) == gaps[i].status);
        ROW(&gaps[i], segjob_get_outcome(client()) == gaps[i].outcome);
        exchange_end(&w.x);
    }
}

/* ------------------------------------------------------------------- time */

/* After three attempts a job that is not found may still be created. */
static void test_never_found(void **state)
{
    static const char *script[100] = {CUT, NOT_FOUND, CUT, NOT_FOUND, CUT};

    (void)state;
    for (size_t i = 5; i < LENGTH(script) - 1; i++) {
        script[i] = NOT_FOUND;
    }
    set_up(script);
    assert_int_equal(segjob_create(client(), &exchange_request),
                     SEGJOB_PENDING);
    run_for(DEADLINE);
    assert_memory_equal(w.requests, "CDCDCDDD", 8);
    assert_null(strchr(w.requests + 5, 'C'));
    assert_int_equal(segjob_get_status(client()), SEGJOB_TIMEOUT);
    assert_int_equal(segjob_get_outcome(client()), SEGJOB_UNKNOWN);
    exchange_end(&w.x);
}

/* ----------------------------------------------------------- connections */

/* If a kept connection was dead, the request is sent again at once. */
static void test_a_kept_connection_that_was_dead(void **state)
{
    const char *const script[] = {NOT_FOUND, CUT, CUT, OWN, NULL};

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
    assert_string_equal(w.requests, "DDDD");
    assert_int_equal(w.pauses, 1); /* after the new one broke too */
    exchange_end(&w.x);
}

/* ----------------------------------------------------------------- quota */

/* An empty retry quota allows one request, and no look at the job. */
static void test_an_empty_quota(void **state)
{
    static const char *const script[] = {NULL}; /* every request is cut */
    unsigned requests = 0;

    (void)state;
    set_up(script);
    do {
        w.requests_len = 0;
        assert_int_equal(segjob_create(client(), &exchange_request),
                         SEGJOB_PENDING);
        run_for(10 * DEADLINE);
        assert_int_equal(segjob_get_outcome(client()), SEGJOB_UNKNOWN);
        requests += (unsigned)w.requests_len;
    } while (w.requests_len > 1);
    assert_int_equal(requests, 500 / 14 + 2); /* each first attempt is free */
    exchange_end(&w.x);
}

/* ---------------------------------------------------------------- attempts */

/* As many as are configured, unless the quota ends them. */
static void test_max_attempts(void **state)
{
    static const char *const script[] = {NULL}; /* every request is cut */
    static const struct {
        uint8_t max_attempts;
        size_t requests;
    } rows[] = {{0, 3}, {1, 1}, {2, 2}, {4, 4}, {36, 36}, {37, 36}, {255, 36}};

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct segjob_config config = exchange_config;

        set_up(script);
        config.max_attempts = rows[i].max_attempts;
        assert_int_equal(segjob_init(client(), &config, w.x.buf, w.x.cap),
                         SEGJOB_OK);
        assert_int_equal(segjob_describe(client(), segjob_cstr(ARN)),
                         SEGJOB_PENDING);
        run_for(100 * DEADLINE);
        assert_int_equal(w.requests_len, rows[i].requests);
        assert_int_equal(w.pauses, rows[i].requests - 1);
        exchange_end(&w.x);
    }
}

/* The dates of three requests are kept: one after them may have any. */
static void test_many_creations(void **state)
{
    static const struct {
        int line;
        const char *name;
        const char *script[9];
        enum segjob_status status;
        enum segjob_outcome outcome;
    } rows[] = {
        {__LINE__,
         "last week's, after three",
         {CUT, NOT_FOUND, CUT, NOT_FOUND, CUT, OLD},
         SEGJOB_SERVICE,
         SEGJOB_REFUSED},
        {__LINE__,
         "last week's, after four",
         {CUT, NOT_FOUND, CUT, NOT_FOUND, CUT, NOT_FOUND, CUT, OLD},
         SEGJOB_CLOCK,
         SEGJOB_UNKNOWN},
        {__LINE__,
         "own, after four",
         {CUT, NOT_FOUND, CUT, NOT_FOUND, CUT, NOT_FOUND, CUT, OWN},
         SEGJOB_OK,
         SEGJOB_CREATED},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct segjob_config config = exchange_config;

        set_up(rows[i].script);
        config.max_attempts = 4;
        assert_int_equal(segjob_init(client(), &config, w.x.buf, w.x.cap),
                         SEGJOB_OK);
        assert_int_equal(segjob_create(client(), &exchange_request),
                         SEGJOB_PENDING);
        run_for(100 * DEADLINE);
        ROW(&rows[i], segjob_get_status(client()) == rows[i].status);
        ROW(&rows[i], segjob_get_outcome(client()) == rows[i].outcome);
        exchange_end(&w.x);
    }
}

/* ------------------------------------------------------------------ cancel */

/* Do `most` turns, or fewer if the operation ends. Returns how many. */
static unsigned turn_times(unsigned most)
{
    unsigned turns = 0;

    while (turns < most && segjob_get_want(client()) != SEGJOB_WANT_NOTHING) {
        turn();
        turns++;
    }
    return turns;
}

/* Cancel at every turn: nothing is sent after it. */
static void test_cancel_at_every_turn(void **state)
{
    static const char *const script[] = {NO_CONNECTION, CUT,        BROKEN,
                                         NOT_FOUND,     NAME_TAKEN, NOT_FOUND,
                                         OWN,           NULL};
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
                             w.requests_len == 0 ? SEGJOB_NOT_SENT
                                                 : SEGJOB_UNKNOWN);
        }
        exchange_end(&w.x);
    }
    assert_true(k > 20);
}

/* The deadline, too, ends the operation where a retry would follow. */
static void test_a_time_out_while_closing(void **state)
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

/* If the pause after an error is cancelled, the error stays readable. */
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

/* So does the job that a wait saw last. */
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
        cmocka_unit_test(test_ensures),
        cmocka_unit_test(test_descriptions),
        cmocka_unit_test(test_clocks),
        cmocka_unit_test(test_a_clock_that_jumps),
        cmocka_unit_test(test_a_clock_that_is_right),
        cmocka_unit_test(test_an_arn_with_another_name),
        cmocka_unit_test(test_time_between_creation_and_look),
        cmocka_unit_test(test_never_found),
        cmocka_unit_test(test_a_kept_connection_that_was_dead),
        cmocka_unit_test(test_an_empty_quota),
        cmocka_unit_test(test_max_attempts),
        cmocka_unit_test(test_many_creations),
        cmocka_unit_test(test_cancel_at_every_turn),
        cmocka_unit_test(test_a_time_out_while_closing),
        cmocka_unit_test(test_cancel_keeps_the_message),
        cmocka_unit_test(test_cancel_keeps_the_job),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
