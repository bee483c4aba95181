#define _DEFAULT_SOURCE

/*
 * A week of a device whose credentials last for an hour: a job every few
 * minutes, while the source is down for hours or returns expired credentials,
 * credentials are revoked, and the device's clock jumps. Time is virtual, the
 * runner and the core are real.
 */
#include "network.h"

#include <stdio.h>
#include <time.h>

#include "segjob_iot.h"

#define ARN "arn:aws:personalize:us-east-1:123456789012:batch-segment-job/x"
#define HEAD(status) "HTTP/1.0 " status " x\r\nx-amzn-RequestId: 6f2c\r\n\r\n"
#define WEEK_MS (UINT64_C(7) * 24 * 3600 * 1000)
#define LIFE_S 3600
#define GENERATIONS 400
#define CLOCK_S 360    /* allowed clock skew, and the duration of a job */
#define STALE "-stale" /* the last credentials once more */

static const struct segjob_config config = {.region = SEGJOB_STR("us-east-1")};

static const struct segjob_create_request job = {
    .job_name = SEGJOB_STR("x"),
    .solution_version_arn =
        SEGJOB_STR("arn:aws:personalize:us-east-1:123456789012:solution/s/1"),
    .role_arn = SEGJOB_STR("arn:aws:iam::123456789012:role/r"),
    .input = {.path = SEGJOB_STR("s3://b/in.json")},
    .output = {.path = SEGJOB_STR("s3://b/out/")},
};

static struct week {
    uint32_t random;
    size_t newest; /* the last generation of credentials; 0: none */
    int64_t expires[GENERATIONS];
    bool revoked[GENERATIONS];
    uint64_t down_until_ms; /* the source is down ... */
    const char *failure;    /* ... with this response or failure */
    bool is_known;          /* AWS knows: its services accept all credentials */
    uint64_t not_before_ms; /* earliest next request to the source */
    unsigned issued;        /* new credentials of the source */
    unsigned jobs, failed, outages, revocations, jumps, refused, stale;
    bool has_jumped; /* the clock, since the last job was created */
    bool is_refused; /* the service refused the newest credentials */
} week;

static struct segjob_client client;
static struct segjob_iot iot;
static char work[4096], memory[4096];

/* Numerical Recipes' generator: any repeatable one will do. */
static uint32_t below(uint32_t n)
{
    week.random = week.random * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)week.random * n) >> 32);
}

static bool is_down(void)
{
    return net.now < week.down_until_ms;
}

/*
 * After a known outage, AWS's services accept expired credentials until all
 * devices have had the time to ask the source again.
 */
static bool is_lenient(void)
{
    return week.is_known && net.now < week.down_until_ms + 15 * 60000;
}

static bool has_expired(size_t generation)
{
    return network_time() >= week.expires[generation];
}

static bool is_good(size_t generation)
{
    return generation > 0 && !week.revoked[generation] &&
           (!has_expired(generation) || is_lenient());
}

/* ------------------------------------------------------------- the source */

/* The response with the newest credentials. */
static const char *write_credentials(void)
{
    static char response[512];
    const time_t at = (time_t)week.expires[week.newest];
    char expiration[32];

    strftime(expiration, sizeof(expiration), "%Y-%m-%dT%H:%M:%SZ", gmtime(&at));
    snprintf(response, sizeof(response),
             HEAD("200") "{\"credentials\":{\"accessKeyId\":\"ASIA%u\","
                         "\"secretAccessKey\":\"secret%u\","
                         "\"sessionToken\":\"token%u\","
                         "\"expiration\":\"%s\"}}",
             (unsigned)week.newest, (unsigned)week.newest,
             (unsigned)week.newest, expiration);
    return response;
}

static const char *issue_credentials(void)
{
    week.issued++;
    week.newest++;
    assert_true(week.newest < GENERATIONS);
    week.expires[week.newest] = network_time() + LIFE_S;
    return write_credentials();
}

/*
 * Unless the service refused the credentials, the source is not asked again
 * for a while: at least 5 minutes if they had expired the last time.
 */
static void note_request(void)
{
    assert_true(week.is_refused || week.newest == 0 || week.has_jumped ||
                net.now >= week.not_before_ms);
    week.not_before_ms =
        net.now +
        (network_time() > week.expires[week.newest] + CLOCK_S ? 300000 : 60000);
}

static const char *reach(const char *host)
{
    const bool is_source = strncmp(host, "personalize.", 12) != 0;

    return is_source && is_down() && week.failure[0] == '-' &&
                   strcmp(week.failure, CUT) != 0 &&
                   strcmp(week.failure, STALE) != 0
               ? week.failure
               : NULL;
}

/* ------------------------------------------------------------ the service */

/* When the request was signed, by its X-Amz-Date. */
static int64_t signed_at(const char *request)
{
    const char *date = strstr(request, "X-Amz-Date: ");
    struct tm tm = {.tm_isdst = 0};
    int year, month;

    assert_non_null(date);
    assert_int_equal(sscanf(date + 12, "%4d%2d%2dT%2d%2d%2dZ", &year, &month,
                            &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec),
                     6);
    tm.tm_year = year - 1900;
    tm.tm_mon = month - 1;
    return (int64_t)timegm(&tm);
}

/* The whole request is as these credentials alone make it. */
static void require_one_set(const char *request, size_t generation)
{
    static struct segjob_client other;
    static char room[4096];
    char id[16], secret[16], token[16];
    const struct segjob_credentials credentials = {
        {id, (size_t)snprintf(id, sizeof(id), "ASIA%u", (unsigned)generation)},
        {secret, (size_t)snprintf(secret, sizeof(secret), "secret%u",
                                  (unsigned)generation)},
        {token, (size_t)snprintf(token, sizeof(token), "token%u",
                                 (unsigned)generation)}};

    assert_int_equal(segjob_init(&other, &config, room, sizeof(room)),
                     SEGJOB_OK);
    assert_int_equal(segjob_create(&other, &job), SEGJOB_PENDING);
    assert_int_equal(segjob_set_credentials(&other, &credentials),
                     SEGJOB_PENDING);
    assert_int_equal(segjob_connected(&other, signed_at(request)),
                     SEGJOB_PENDING);
    assert_true(is_string(segjob_tx(&other), request));
}

static const char *serve_request(const char *request)
{
    static char skewed[256];
    const char *id = strstr(request, "Credential=ASIA");
    const int64_t off = signed_at(request) - network_time();
    const time_t now = (time_t)network_time();
    size_t generation;

    assert_non_null(id);
    generation = (size_t)strtoul(id + 15, NULL, 10);
    require_one_set(request, generation);
    /* New credentials are used at once. */
    assert_int_equal(generation, week.newest);
    if (off > 300 || off < -300) {
        char date[64];

        strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime(&now));
        snprintf(skewed, sizeof(skewed),
                 "HTTP/1.0 403 x\r\nx-amzn-RequestId: 6f2c\r\n"
                 "X-Amzn-Errortype: RequestTimeTooSkewed\r\n"
                 "Date: %s\r\n\r\n",
                 date);
        return skewed;
    }
    if (!is_good(generation)) {
        week.refused += !is_down() || strcmp(week.failure, STALE) != 0;
        week.is_refused = true;
        return HEAD("400") "{\"__type\":\"ExpiredTokenException\"}";
    }
    week.stale += has_expired(generation);
    return HEAD("200") "{\"batchSegmentJobArn\":\"" ARN "\"}";
}

static const char *serve(const char *host, bool is_plain, const char *request)
{
    assert_false(is_plain);
    if (strncmp(host, "personalize.", 12) == 0) {
        return serve_request(request);
    }
    note_request();
    if (is_down() && (strcmp(week.failure, STALE) != 0 || week.newest == 0)) {
        return strcmp(week.failure, STALE) != 0 ? week.failure : HEAD("500");
    }
    week.is_refused = false;
    return is_down() ? write_credentials() : issue_credentials();
}

/* ----------------------------------------------------------------- the week */

/* What happens between two jobs. */
static void pass_time(void)
{
    static const char *const failures[] = {
        HEAD("500"),
        HEAD("429"),
        HEAD("403"),
        HEAD("200") "<html>",
        CUT,
        SILENCE,
        NO_CONNECTION,
        NO_ADDRESS,
        HEAD("200") "{\"credentials\":{\"accessKeyId\":\"A\"}}",
        STALE,
        STALE};

    if (!is_down() && below(40) == 0) {
        week.outages++;
        week.down_until_ms = net.now + below(3 * 3600 * 1000);
        week.failure = failures[below((uint32_t)LENGTH(failures))];
        week.is_known = strcmp(week.failure, STALE) == 0 || below(2) == 0;
    }
    if (below(100) == 0) {
        week.revocations++;
        week.revoked[week.newest] = true;
    }
    if (below(200) == 0) {
        week.jumps++;
        week.has_jumped = true;
        net.off = (int64_t)below(4 * 3600) - 2 * 3600;
    }
    net.now += 60000 + below(10 * 60000);
}

static void make_job(void)
{
    /* Valid for longer than the allowed clock skew and this job. */
    const bool was_good =
        is_good(week.newest) &&
        (network_time() + CLOCK_S < week.expires[week.newest] ||
         (week.is_known && net.now + CLOCK_S * 1000 < week.down_until_ms));
    const bool was_up = !is_down();
    enum segjob_status status;

    assert_int_equal(segjob_create(&client, &job), SEGJOB_PENDING);
    status = segjob_run(&client, &net.port, 60000);
    segjob_disconnect(&net.port);
    assert_null(net.open);
    week.jobs++;
    if (status == SEGJOB_OK) {
        week.has_jumped = false;
        return;
    }
    /* Jobs fail only without a source and without valid credentials. */
    week.failed++;
    assert_true(status == SEGJOB_CREDENTIALS ||
                status == SEGJOB_CREDENTIALS_UNAVAILABLE ||
                status == SEGJOB_TIMEOUT ||
                (status == SEGJOB_SERVICE && week.revoked[week.newest]));
    assert_int_not_equal(segjob_get_outcome(&client), SEGJOB_UNKNOWN);
    assert_false(was_up);
    assert_false(was_good && !week.has_jumped);
}

static void live_through(uint32_t seed)
{
    static const struct segjob_iot_config where = {
        .endpoint = SEGJOB_STR("iot"), .role_alias = SEGJOB_STR("a")};

    memset(&week, 0, sizeof(week));
    week.random = seed;
    network_begin(serve);
    net.reach = reach;
    assert_int_equal(segjob_iot_init(&iot, &where, memory, sizeof(memory)),
                     SEGJOB_OK);
    net.port.provider = &iot.source.provider;
    assert_int_equal(segjob_init(&client, &config, work, sizeof(work)),
                     SEGJOB_OK);
    while (net.now < WEEK_MS) {
        make_job();
        pass_time();
    }
    segjob_source_wipe(&iot.source);
}

static void test_weeks(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 5; seed++) {
        live_through(seed);
        /* All cases occurred. */
        assert_true(week.jobs > 1000);
        assert_true(week.outages > 5 && week.revocations > 0 && week.jumps > 0);
        assert_true(week.failed < week.jobs / 4);
        assert_true(week.stale > 20);
        /* One request in 55 minutes, and one more per revocation and jump. */
        assert_true(week.issued <= WEEK_MS / 1000 / (LIFE_S - 300) + 1 +
                                       week.revocations + week.jumps);
        /* Expired credentials reach the service once in an outage. */
        assert_true(week.refused <=
                    week.revocations + week.outages + 2 * week.jumps);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weeks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
