/*
 * Following jobs: description, wait and list, over scripts.
 */
#include "misuse.h"
#include "script.h"
#include "segjob_list.h"

#define MINUTE UINT64_C(60000)
#define VERSION_ARN "arn:aws:personalize:us-east-1:123456789012:solution/s/v"

static bool is_rejected(enum segjob_field field, enum segjob_rule rule)
{
    return segjob_get_error(client())->field == field &&
           segjob_get_error(client())->rule == rule;
}

static bool is_sent(const char *text)
{
    return strstr(w.request, text) != NULL;
}

/* --------------------------------------------------------------- describe */

static void test_a_description(void **state)
{
    const char *const script[] = {OWN, NULL};
    struct segjob_job job;

    (void)state;
    set_up(script);
    assert_int_equal(segjob_describe(client(), segjob_cstr(ARN)),
                     SEGJOB_PENDING);
    assert_false(segjob_get_job(client(), &job));
    run_for(MINUTE);
    assert_true(is_sent("\r\n\r\n{\"batchSegmentJobArn\":\"" ARN "\"}"));
    assert_true(segjob_get_job(client(), &job));
    assert_true(is_string(job.batch_segment_job_arn, ARN));
    assert_true(is_string(job.job_name, "nightly"));
    assert_true(is_string(job.status, "PENDING"));
    assert_true(is_string(job.solution_version_arn, VERSION_ARN));
    assert_true(is_string(job.output.path, "s3://bucket/segments/"));
    assert_null(job.input.kms_key_arn.ptr);
    assert_true(job.has_num_results);
    assert_int_equal(job.num_results, 25);
    assert_int_equal(job.creation_ms, INT64_C(1767225600250));
    assert_int_equal(job.last_updated_ms, 0);
    assert_int_equal(segjob_get_outcome(client()), SEGJOB_NOT_APPLICABLE);
    assert_false(segjob_next_job(client(), &job)); /* it is no list */
    assert_false(segjob_has_more(client()));
    exchange_end(&w.x);
}

static void test_a_description_too_long(void **state)
{
    const char *const script[] = {HEAD("200", "Content-Length: 9000\r\n") "{",
                                  NULL};
    struct segjob_job job;
    size_t left = 8999;

    (void)state;
    set_up(script);
    assert_int_equal(segjob_describe(client(), segjob_cstr(ARN)),
                     SEGJOB_PENDING);
    while (segjob_get_want(client()) != SEGJOB_WANT_CONNECTION) {
        turn();
    }
    assert_int_equal(segjob_connected(client(), EXCHANGE_TIME), SEGJOB_PENDING);
    assert_int_equal(segjob_sent(client(), segjob_tx(client()).len),
                     SEGJOB_PENDING);
    (void)exchange_receive(&w.x, script[0], strlen(script[0]), SIZE_MAX);
    while (left > 0) {
        left -= exchange_receive(&w.x, " ", 1, 1);
    }
    assert_int_equal(segjob_get_status(client()), SEGJOB_NO_SPACE);
    assert_int_equal(segjob_get_error(client())->size_needed, 18000);
    assert_false(segjob_get_job(client(), &job));
    exchange_end(&w.x);
}

/* ------------------------------------------------------------------- bad */

static const struct {
    int line;
    const char *name;
    enum segjob_rule rule;
} bad_arns[] = {
    {__LINE__, NULL, SEGJOB_RULE_REQUIRED},
    {__LINE__, "", SEGJOB_RULE_PATTERN},
    {__LINE__, "nightly", SEGJOB_RULE_PATTERN},
    {__LINE__, "arn:aws:personalize:us-east-1:1:\xff", SEGJOB_RULE_UTF8},
    {__LINE__, ARN "\n", SEGJOB_RULE_PATTERN},
};

static void test_bad_arns(void **state)
{
    (void)state;
    set_up(NULL);
    for (size_t i = 0; i < LENGTH(bad_arns); i++) {
        const struct segjob_str arn = segjob_cstr(bad_arns[i].name);

        ROW(&bad_arns[i], segjob_describe(client(), arn) == SEGJOB_INVALID);
        ROW(&bad_arns[i], is_rejected(SEGJOB_FIELD_JOB_ARN, bad_arns[i].rule));
        ROW(&bad_arns[i], segjob_wait(client(), arn) == SEGJOB_INVALID);
        ROW(&bad_arns[i], is_rejected(SEGJOB_FIELD_JOB_ARN, bad_arns[i].rule));
        if (arn.ptr != NULL) { /* absent: lists all jobs */
            ROW(&bad_arns[i], segjob_list(client(), arn) == SEGJOB_INVALID);
            ROW(&bad_arns[i], is_rejected(SEGJOB_FIELD_SOLUTION_VERSION_ARN,
                                          bad_arns[i].rule));
        }
    }
    exchange_end(&w.x);
}

static void test_no_job_arn_follows(void **state)
{
    struct segjob_create_request request = exchange_request;

    (void)state;
    set_up(NULL);
    request.solution_version_arn =
        segjob_cstr("arn:aws:personalize:::solution/s/v");
    assert_int_equal(segjob_ensure(client(), &request), SEGJOB_INVALID);
    assert_true(
        is_rejected(SEGJOB_FIELD_SOLUTION_VERSION_ARN, SEGJOB_RULE_NO_JOB_ARN));
    assert_int_equal(segjob_get_outcome(client()), SEGJOB_NOT_SENT);
    assert_int_equal(segjob_create(client(), &request), SEGJOB_PENDING);
    exchange_end(&w.x);
}

static void assert_none_starts_out_of_turn(void)
{
    const struct segjob_str none = {NULL, 0};

    assert_misuse(segjob_create(client(), &exchange_request));
    assert_misuse(segjob_ensure(client(), &exchange_request));
    assert_misuse(segjob_describe(client(), segjob_cstr(ARN)));
    assert_misuse(segjob_wait(client(), segjob_cstr(ARN)));
    assert_misuse(segjob_list(client(), none));
}

static void assert_none_starts_unconfigured(void)
{
    const struct segjob_str none = {NULL, 0};
    struct segjob_client *c = client();

    assert_int_equal(segjob_create(c, &exchange_request), SEGJOB_CONFIG);
    assert_int_equal(segjob_ensure(c, &exchange_request), SEGJOB_CONFIG);
    assert_int_equal(segjob_describe(c, segjob_cstr(ARN)), SEGJOB_CONFIG);
    assert_int_equal(segjob_wait(c, segjob_cstr(ARN)), SEGJOB_CONFIG);
    assert_int_equal(segjob_list(c, none), SEGJOB_CONFIG);
}

static void test_out_of_turn(void **state)
{
    (void)state;
    set_up(NULL);
    assert_misuse(segjob_list_more(client()));
    assert_int_equal(segjob_describe(client(), segjob_cstr(ARN)),
                     SEGJOB_PENDING);
    assert_none_starts_out_of_turn();
    assert_misuse(segjob_list_more(client()));
    segjob_set_random(client(), 1); /* out of turn: no effect */
    assert_int_equal(segjob_get_want(client()), SEGJOB_WANT_CREDENTIALS);
    exchange_end(&w.x);
}

static void test_bad_configuration(void **state)
{
    const struct segjob_config bad = {.region = SEGJOB_STR("-")};

    (void)state;
    set_up(NULL);
    assert_int_equal(segjob_init(client(), &bad, w.x.buf, w.x.cap),
                     SEGJOB_CONFIG);
    assert_none_starts_unconfigured();
    assert_true(is_rejected(SEGJOB_FIELD_REGION, SEGJOB_RULE_PATTERN));
    exchange_end(&w.x);
}

/* ------------------------------------------------------------------- wait */

#define STATUS(status) DESCRIBED("1767225600.25", status, "r")

static const struct wait {
    int line;
    const char *name;
    const char *script[12];
    const char *requests;
    unsigned minutes; /* total of the pauses, at least */
    const char *status;
} waits[] = {
    {__LINE__, "over already", {STATUS("ACTIVE")}, "D", 0, "ACTIVE"},
    {__LINE__,
     "it takes its time",
     {STATUS("PENDING"), STATUS("IN PROGRESS"), STATUS("ACTIVE")},
     "DDD",
     2,
     "ACTIVE"},
    {__LINE__,
     "it fails",
     {STATUS("PENDING"), STATUS("CREATE FAILED")},
     "DD",
     1,
     "CREATE FAILED"},
    {__LINE__,
     "an unknown status is no end",
     {STATUS("CREATE IN_PROGRESS"), STATUS("DELETED"), STATUS("active"),
      STATUS("ACTIVE")},
     "DDDD",
     3,
     "ACTIVE"},
    {__LINE__,
     "it is found only later",
     {NOT_FOUND, NOT_FOUND, STATUS("ACTIVE")},
     "DDD",
     0,
     "ACTIVE"},
    {__LINE__,
     "a gateway does not see the job",
     {GATEWAY("404", "ResourceNotFoundException"),
      GATEWAY("404", "ResourceNotFoundException"),
      GATEWAY("404", "ResourceNotFoundException"),
      GATEWAY("404", "ResourceNotFoundException"), STATUS("ACTIVE")},
     "DDDDD",
     1,
     "ACTIVE"},
    {__LINE__,
     "an error of a gateway does not end it",
     {STATUS("PENDING"), HEAD("403", "Content-Length: 0\r\n"),
      HEAD("302", "Content-Length: 0\r\n"), STATUS("ACTIVE")},
     "DDDD",
     1,
     "ACTIVE"},
    {__LINE__,
     "three failures in a row",
     {STATUS("PENDING"), CUT, BROKEN, NO_CONNECTION, STATUS("ACTIVE")},
     "DDDD",
     2,
     "ACTIVE"},
};

static void test_waits(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(waits); i++) {
        const struct wait *row = &waits[i];
        struct segjob_job job;

        set_up(row->script);
        assert_int_equal(segjob_wait(client(), segjob_cstr(ARN)),
                         SEGJOB_PENDING);
        run_for(10 * MINUTE);
        ROW(row, segjob_get_status(client()) == SEGJOB_OK);
        ROW(row, strcmp(w.requests, row->requests) == 0);
        ROW(row, w.now / MINUTE == row->minutes);
        ROW(row, segjob_get_job(client(), &job));
        ROW(row, is_string(job.status, row->status));
        exchange_end(&w.x);
    }
}

/* While a wait pauses, segjob_get_job() has the job as last seen; also without
 * a deadline. */
static void test_a_wait_reports_the_job_while_it_pauses(void **state)
{
    const char *const script[] = {STATUS("PENDING"), STATUS("ACTIVE"), NULL};
    struct segjob_job job;

    (void)state;
    set_up(script);
    assert_int_equal(segjob_wait(client(), segjob_cstr(ARN)), SEGJOB_PENDING);
    while (segjob_get_want(client()) != SEGJOB_WANT_PAUSE) {
        turn();
    }
    assert_true(segjob_get_job(client(), &job));
    assert_true(is_string(job.status, "PENDING"));
    while (segjob_get_want(client()) != SEGJOB_WANT_NOTHING) {
        turn();
    }
    assert_int_equal(segjob_get_status(client()), SEGJOB_OK);
    assert_string_equal(w.requests, "DD");
    exchange_end(&w.x);
}

static void test_a_wait_ends_in_time(void **state)
{
    const char *const script[] = {STATUS("PENDING"), STATUS("PENDING"), NULL};

    (void)state;
    set_up(script);
    assert_int_equal(segjob_wait(client(), segjob_cstr(ARN)), SEGJOB_PENDING);
    run_for(MINUTE + MINUTE / 2);
    assert_int_equal(segjob_get_status(client()), SEGJOB_TIMEOUT);
    assert_true(w.now == MINUTE + MINUTE / 2);
    exchange_end(&w.x);
}

/* A wait tolerates one minute in which the job is not found, not more. */
static void test_a_wait_for_nothing(void **state)
{
    const char *const script[] = {NOT_FOUND, NOT_FOUND, NOT_FOUND, NOT_FOUND,
                                  NOT_FOUND, NOT_FOUND, NULL};
    const char *const later[] = {NOT_FOUND,         NOT_FOUND,        NOT_FOUND,
                                 STATUS("PENDING"), NOT_FOUND,        NOT_FOUND,
                                 NOT_FOUND,         STATUS("ACTIVE"), NULL};

    (void)state;
    set_up(script);
    assert_int_equal(segjob_wait(client(), segjob_cstr(ARN)), SEGJOB_PENDING);
    run_for(10 * MINUTE);
    assert_int_equal(segjob_get_status(client()), SEGJOB_SERVICE);
    assert_true(is_string(segjob_get_error(client())->code,
                          "ResourceNotFoundException"));
    assert_string_equal(w.requests, "DDDDDD");
    assert_int_equal(w.now / MINUTE, 1);
    exchange_end(&w.x);
    set_up(later);
    assert_int_equal(segjob_wait(client(), segjob_cstr(ARN)), SEGJOB_PENDING);
    run_for(10 * MINUTE);
    assert_int_equal(segjob_get_status(client()), SEGJOB_OK);
    assert_int_equal(w.now / MINUTE, 3);
    exchange_end(&w.x);
}

static void test_a_wait_is_refused(void **state)
{
    const char *const script[] = {STATUS("PENDING"), INVALID, NULL};

    (void)state;
    set_up(script);
    assert_int_equal(segjob_wait(client(), segjob_cstr(ARN)), SEGJOB_PENDING);
    run_for(5 * MINUTE);
    assert_int_equal(segjob_get_status(client()), SEGJOB_SERVICE);
    exchange_end(&w.x);
}

/* ---------------------------------------------------------- poll interval */

static const struct {
    int line;
    const char *name;
    uint32_t given;
    uint64_t pause;
} intervals[] = {
    {__LINE__, "none", 0, 1000},
    {__LINE__, "one", 1, 1000},
    {__LINE__, "almost the least", 999, 1000},
    {__LINE__, "the least", 1000, 1000},
    {__LINE__, "more", 1001, 1001},
    {__LINE__, "more than the default", 300000, 300000},
    {__LINE__, "the most", UINT32_MAX, UINT32_MAX},
};

/* Wait for the job with this script. Returns the longest pause. */
static uint64_t wait_over(const char *const *script)
{
    w.script = script;
    w.longest_pause = 0;
    assert_int_equal(segjob_wait(client(), segjob_cstr(ARN)), SEGJOB_PENDING);
    run_for(UINT64_C(2) * UINT32_MAX);
    return w.longest_pause;
}

static void test_poll_intervals(void **state)
{
    const char *const script[] = {STATUS("PENDING"), STATUS("IN PROGRESS"),
                                  STATUS("ACTIVE"), NULL};

    (void)state;
    for (size_t i = 0; i < LENGTH(intervals); i++) {
        set_up(NULL);
        segjob_set_poll_interval(client(), intervals[i].given);
        ROW(&intervals[i], wait_over(script) == intervals[i].pause);
        ROW(&intervals[i], w.now == 2 * intervals[i].pause);
        /* It applies to later operations, until segjob_init(). */
        ROW(&intervals[i], wait_over(script) == intervals[i].pause);
        exchange_end(&w.x);
        set_up(NULL);
        ROW(&intervals[i], wait_over(script) == MINUTE);
        exchange_end(&w.x);
    }
}

/* After failed attempts the next look is not before the default interval. */
static void test_a_short_interval_spares_the_service(void **state)
{
    const char *const failing[] = {
        STATUS("PENDING"), CUT, BROKEN, NO_CONNECTION, STATUS("ACTIVE"), NULL};
    const char *const absent[] = {NOT_FOUND, NOT_FOUND, NOT_FOUND, NOT_FOUND,
                                  NOT_FOUND, NOT_FOUND, NULL};

    (void)state;
    set_up(NULL);
    segjob_set_poll_interval(client(), 2000);
    assert_true(wait_over(failing) == MINUTE);
    assert_int_equal(segjob_get_status(client()), SEGJOB_OK);
    assert_true(wait_over(absent) == MINUTE);
    assert_int_equal(segjob_get_status(client()), SEGJOB_SERVICE);
    segjob_set_poll_interval(client(), 300000);
    assert_true(wait_over(failing) == 300000);
    exchange_end(&w.x);
}

static void turn_until(enum segjob_want want)
{
    unsigned turns = 0;

    do {
        turn();
        assert_true(++turns < 100);
    } while (segjob_get_want(client()) != want);
}

/* After sleep or a jump of its clock a device looks once, and no faster. */
static void test_a_jump_of_the_clock_is_one_look(void **state)
{
    const char *const script[] = {STATUS("PENDING"), STATUS("PENDING"),
                                  STATUS("PENDING"), STATUS("ACTIVE"), NULL};

    (void)state;
    set_up(script);
    segjob_set_poll_interval(client(), 5000);
    assert_int_equal(segjob_wait(client(), segjob_cstr(ARN)), SEGJOB_PENDING);
    turn_until(SEGJOB_WANT_PAUSE);
    w.now += 1000 * MINUTE;
    segjob_tick(client(), w.now);
    turn_until(SEGJOB_WANT_PAUSE);
    assert_string_equal(w.requests, "DD");
    assert_true(segjob_wake_ms(client()) == w.now + 5000);
    segjob_tick(client(), w.now - MINUTE); /* back: counts as no time */
    assert_true(segjob_wake_ms(client()) == w.now + 5000);
    segjob_set_poll_interval(client(), 7000); /* of the next pause */
    assert_true(segjob_wake_ms(client()) == w.now + 5000);
    pass_pause();
    turn_until(SEGJOB_WANT_PAUSE);
    assert_true(segjob_wake_ms(client()) == w.now + 7000);
    turn_until(SEGJOB_WANT_NOTHING);
    assert_int_equal(segjob_get_status(client()), SEGJOB_OK);
    exchange_end(&w.x);
}

/* A deadline can be set only before the first attempt of an operation. */
static void test_a_deadline_comes_first(void **state)
{
    const char *const script[] = {STATUS("PENDING"), STATUS("ACTIVE"), NULL};

    (void)state;
    set_up(script);
    assert_misuse(segjob_set_deadline(client(), MINUTE));
    assert_int_equal(segjob_wait(client(), segjob_cstr(ARN)), SEGJOB_PENDING);
    assert_int_equal(segjob_set_deadline(client(), MINUTE), SEGJOB_OK);
    assert_int_equal(segjob_set_deadline(client(), 100 * MINUTE), SEGJOB_OK);
    turn_until(SEGJOB_WANT_CONNECTION);
    assert_misuse(segjob_set_deadline(client(), 1));
    turn_until(SEGJOB_WANT_PAUSE);
    assert_misuse(segjob_set_deadline(client(), 1));
    turn_until(SEGJOB_WANT_CREDENTIALS); /* as just started */
    assert_misuse(segjob_set_deadline(client(), 1));
    turn_until(SEGJOB_WANT_NOTHING);
    assert_misuse(segjob_set_deadline(client(), 1));
    assert_int_equal(segjob_get_status(client()), SEGJOB_OK);
    exchange_end(&w.x);
}

/* At the end of the clock's range a pause cannot end later than it began, with
 * or without a deadline. */
static void test_a_wait_at_the_end_of_the_clock(void **state)
{
    const char *const script[] = {STATUS("PENDING"), STATUS("PENDING"),
                                  STATUS("PENDING"), STATUS("ACTIVE"), NULL};

    (void)state;
    set_up(script);
    assert_int_equal(segjob_wait(client(), segjob_cstr(ARN)), SEGJOB_PENDING);
    turn_until(SEGJOB_WANT_PAUSE);
    w.now = UINT64_MAX - 1;
    w.wall -= (int64_t)(w.now / 1000); /* that clock is right */
    segjob_tick(client(), w.now);
    turn_until(SEGJOB_WANT_PAUSE);
    assert_string_equal(w.requests, "DD");
    assert_true(segjob_wake_ms(client()) == UINT64_MAX);
    w.now = UINT64_MAX;
    segjob_tick(client(), w.now);
    while (segjob_get_want(client()) != SEGJOB_WANT_NOTHING) {
        turn();
    }
    assert_int_equal(segjob_get_status(client()), SEGJOB_TIMEOUT);
    assert_string_equal(w.requests, "DD");
    exchange_end(&w.x);
}

/* ------------------------------------------------------------------- list */

#define SUMMARY(name) "{\"jobName\":\"" name "\",\"status\":\"ACTIVE\"}"
#define LIST(jobs) HEAD("200", "") "{\"batchSegmentJobs\":[" jobs "]}"
#define PAGE(jobs, token) \
    HEAD("200", "")       \
    "{\"nextToken\":\"" token "\",\"batchSegmentJobs\":[" jobs "]}"

static void expect_job(const char *name)
{
    struct segjob_job job;

    assert_true(segjob_next_job(client(), &job));
    assert_true(is_string(job.job_name, name));
    assert_true(is_string(job.status, "ACTIVE"));
    assert_null(job.role_arn.ptr);
}

static void expect_no_job(void)
{
    struct segjob_job job;

    assert_false(segjob_next_job(client(), &job));
    assert_null(job.status.ptr);
}

static void list_all(const char *const *script, size_t cap)
{
    const struct segjob_str none = {NULL, 0};

    set_up_with(script, cap);
    assert_int_equal(segjob_list(client(), none), SEGJOB_PENDING);
    run_for(MINUTE);
}

static void test_a_list(void **state)
{
    const char *const script[] = {
        LIST(SUMMARY("a") ",null,[1,{}],7,\"x\"," SUMMARY("b")), NULL};

    (void)state;
    list_all(script, 4096);
    assert_int_equal(segjob_get_status(client()), SEGJOB_OK);
    assert_true(is_sent("\r\n\r\n{\"maxResults\":4}"));
    expect_job("a");
    expect_job("b");
    expect_no_job();
    expect_no_job();
    assert_false(segjob_has_more(client()));
    assert_misuse(segjob_list_more(client()));
    exchange_end(&w.x);
}

static void test_an_empty_list(void **state)
{
    const char *const script[] = {LIST(""), NULL};

    (void)state;
    list_all(script, 4096);
    assert_int_equal(segjob_get_status(client()), SEGJOB_OK);
    expect_no_job();
    exchange_end(&w.x);
}

/* A page begins where the last one ended. The token may need escapes. */
static void test_pages(void **state)
{
    const char *const script[] = {PAGE(SUMMARY("a"), "t\\\"1"), CUT,
                                  PAGE("", "t2"), LIST(SUMMARY("b")), NULL};

    (void)state;
    set_up(script);
    assert_int_equal(segjob_list(client(), segjob_cstr(VERSION_ARN)),
                     SEGJOB_PENDING);
    run_for(MINUTE);
    assert_true(is_sent("{\"maxResults\":4,\"solutionVersionArn\":"
                        "\"" VERSION_ARN "\"}") ||
                is_sent("{\"solutionVersionArn\":\"" VERSION_ARN
                        "\",\"maxResults\":4}"));
    expect_job("a");
    assert_true(segjob_has_more(client()));
    assert_int_equal(segjob_list_more(client()), SEGJOB_PENDING);
    run_for(MINUTE);
    assert_true(is_sent("\"nextToken\":\"t\\\"1\""));
    assert_true(is_sent("\"solutionVersionArn\":\"" VERSION_ARN "\""));
    expect_no_job();
    assert_true(segjob_has_more(client()));
    assert_int_equal(segjob_list_more(client()), SEGJOB_PENDING);
    run_for(MINUTE);
    assert_true(is_sent("\"nextToken\":\"t2\""));
    expect_job("b");
    assert_false(segjob_has_more(client()));
    assert_string_equal(w.requests, "LLLL");
    exchange_end(&w.x);
}

static void test_page_sizes(void **state)
{
    static const struct {
        size_t cap;
        const char *body;
    } sizes[] = {
        {1100, "{\"maxResults\":1}"},
        {8192, "{\"maxResults\":8}"},
        {1000000, "{\"maxResults\":100}"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        const char *const script[] = {LIST(""), NULL};

        list_all(script, sizes[i].cap);
        assert_int_equal(segjob_get_status(client()), SEGJOB_OK);
        assert_true(is_sent(sizes[i].body));
        exchange_end(&w.x);
    }
}

/* A page of the caller's choice: body, and the job in it. */
static void expect_one_page(uint32_t max_results, const char *token,
                            const char *body)
{
    const char *const script[] = {PAGE(SUMMARY("a"), "t2"), NULL};
    const struct segjob_str none = {NULL, 0};

    set_up(script);
    assert_true(segjob_next_token(client()).ptr == NULL);
    assert_int_equal(segjob_list_page(client(), none, max_results,
                                      token ? segjob_cstr(token) : none),
                     SEGJOB_PENDING);
    run_for(MINUTE);
    assert_int_equal(segjob_get_status(client()), SEGJOB_OK);
    assert_true(is_sent(body));
    expect_job("a");
    assert_true(is_string(segjob_next_token(client()), "t2"));
    exchange_end(&w.x);
}

static void test_one_page(void **state)
{
    (void)state;
    expect_one_page(0, NULL, "\r\n\r\n{}");
    expect_one_page(7, NULL, "\r\n\r\n{\"maxResults\":7}");
    expect_one_page(100, NULL, "{\"maxResults\":100}");
    expect_one_page(101, NULL, "{\"maxResults\":100}");
    expect_one_page(0, "t\"1", "\r\n\r\n{\"nextToken\":\"t\\\"1\"}");
    expect_one_page(1, "t1", "{\"maxResults\":1,\"nextToken\":\"t1\"}");
}

/* The token of the last page is in the buffer that the next one overwrites. */
static void test_one_page_after_another(void **state)
{
    const char *const script[] = {PAGE(SUMMARY("a"), "t2"), LIST(SUMMARY("b")),
                                  NULL};

    (void)state;
    set_up(script);
    assert_int_equal(segjob_list_page(client(), segjob_cstr(VERSION_ARN), 1,
                                      (struct segjob_str){NULL, 0}),
                     SEGJOB_PENDING);
    run_for(MINUTE);
    assert_int_equal(segjob_list_page(client(), segjob_cstr(VERSION_ARN), 0,
                                      segjob_next_token(client())),
                     SEGJOB_PENDING);
    run_for(MINUTE);
    assert_true(is_sent("{\"solutionVersionArn\":\"" VERSION_ARN
                        "\",\"nextToken\":\"t2\"}"));
    expect_job("b");
    assert_false(segjob_has_more(client()));
    exchange_end(&w.x);
}

/* The status when the request was to be written. */
static enum segjob_status list_with_token(const char *token, size_t len,
                                          size_t cap)
{
    const struct segjob_str none = {NULL, 0};
    const char *const script[] = {NULL};
    enum segjob_status status;

    set_up_with(script, cap);
    status =
        segjob_list_page(client(), none, 0, (struct segjob_str){token, len});
    return status == SEGJOB_PENDING
               ? segjob_set_credentials(client(), &exchange_credentials)
               : status;
}

static void test_a_token_of_every_length(void **state)
{
    static char token[5000];
    size_t len, refused = 0;

    (void)state;
    memset(token, 'x', sizeof(token));
    for (len = 1; len <= sizeof(token); len++) {
        enum segjob_status status = list_with_token(token, len, 4096);
        size_t needed = segjob_get_error(client())->size_needed;

        exchange_end(&w.x);
        if (status == SEGJOB_NO_SPACE) {
            refused++;
            assert_true(needed > 4096);
            while (status == SEGJOB_NO_SPACE) {
                status = list_with_token(token, len, needed);
                assert_true(status == SEGJOB_PENDING ||
                            segjob_get_error(client())->size_needed > needed);
                needed = segjob_get_error(client())->size_needed;
                exchange_end(&w.x);
            }
        }
        assert_int_equal(status, SEGJOB_PENDING);
    }
    assert_true(refused > 904 && refused < 4096);
}

static void expect_in_page(const char *const *script, size_t cap,
                           const char *requests, const char *body)
{
    list_all(script, cap);
    assert_string_equal(w.requests, requests);
    assert_true(is_sent(body));
}

/* A page that does not fit is requested again as smaller pages. */
static void test_a_page_too_long(void **state)
{
    static char long_one[3000] = HEAD("200", "") "{\"batchSegmentJobs\":[1";
    const char *const script[] = {long_one, long_one, long_one, NULL};
    const size_t len = strlen(long_one);

    (void)state;
    memset(long_one + len, ' ', sizeof(long_one) - 3 - len);
    memcpy(long_one + sizeof(long_one) - 3, "]}", 3);
    expect_in_page(script, 2900, "LL", "{\"maxResults\":1}");
    assert_int_equal(segjob_get_status(client()), SEGJOB_NO_SPACE);
    assert_true(segjob_get_error(client())->size_needed > 2900);
    assert_misuse(segjob_list_more(client()));
    exchange_end(&w.x);
    expect_in_page(script, 1100, "L", "{\"maxResults\":1}");
    assert_int_equal(segjob_get_status(client()), SEGJOB_NO_SPACE);
    exchange_end(&w.x);
}

static void test_a_page_that_fits_in_the_end(void **state)
{
    static char long_one[5000] = HEAD("200", "") "{\"batchSegmentJobs\":[1";
    const char *const script[] = {long_one, long_one, LIST(SUMMARY("a")), NULL};
    const size_t len = strlen(long_one);

    (void)state;
    memset(long_one + len, ' ', sizeof(long_one) - 3 - len);
    memcpy(long_one + sizeof(long_one) - 3, "]}", 3);
    expect_in_page(script, 4096, "LLL", "{\"maxResults\":1}");
    assert_int_equal(segjob_get_status(client()), SEGJOB_OK);
    expect_job("a");
    exchange_end(&w.x);
}

static void test_no_list(void **state)
{
    const char *const script[] = {HEAD("200", "") "{}",
                                  HEAD("200", "") "{\"batchSegmentJobs\":{}}",
                                  HEAD("200", "") "[", NULL};
    struct segjob_job job;

    (void)state;
    list_all(script, 4096);
    assert_string_equal(w.requests, "LLL");
    assert_int_equal(segjob_get_status(client()), SEGJOB_PROTOCOL);
    assert_false(segjob_get_job(client(), &job));
    expect_no_job();
    exchange_end(&w.x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_description),
        cmocka_unit_test(test_a_description_too_long),
        cmocka_unit_test(test_bad_arns),
        cmocka_unit_test(test_no_job_arn_follows),
        cmocka_unit_test(test_out_of_turn),
        cmocka_unit_test(test_bad_configuration),
        cmocka_unit_test(test_waits),
        cmocka_unit_test(test_a_wait_reports_the_job_while_it_pauses),
        cmocka_unit_test(test_a_wait_ends_in_time),
        cmocka_unit_test(test_a_wait_for_nothing),
        cmocka_unit_test(test_a_wait_is_refused),
        cmocka_unit_test(test_poll_intervals),
        cmocka_unit_test(test_a_short_interval_spares_the_service),
        cmocka_unit_test(test_a_jump_of_the_clock_is_one_look),
        cmocka_unit_test(test_a_deadline_comes_first),
        cmocka_unit_test(test_a_wait_at_the_end_of_the_clock),
        cmocka_unit_test(test_a_list),
        cmocka_unit_test(test_an_empty_list),
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_page_sizes),
        cmocka_unit_test(test_one_page),
        cmocka_unit_test(test_one_page_after_another),
        cmocka_unit_test(test_a_token_of_every_length),
        cmocka_unit_test(test_a_page_too_long),
        cmocka_unit_test(test_a_page_that_fits_in_the_end),
        cmocka_unit_test(test_no_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
