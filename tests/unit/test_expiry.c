#define _GNU_SOURCE

/*
 * A week of a device whose credentials last for an hour: a job every few
 * minutes, while the source is down for hours or returns expired credentials,
 * credentials are revoked, and the device's clock jumps. Each kind of source
 * has such weeks. Time is virtual, the runner and the core are real.
 */
#include "network.h"

#include <spawn.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "segjob_anywhere.h"
#include "segjob_iot.h"
#include "segjob_process.h"
#include "segjob_sso.h"
#include "segjob_sts.h"
#include "tls_peer.h"

#define ARN "arn:aws:personalize:us-east-1:123456789012:batch-segment-job/x"
#define HEAD(status) "HTTP/1.0 " status " x\r\nx-amzn-RequestId: 6f2c\r\n\r\n"
#define WEEK_MS (UINT64_C(7) * 24 * 3600 * 1000)
#define LIFE_S 3600
#define GENERATIONS 400
#define CLOCK_S 360    /* allowed clock skew, and the duration of a job */
#define STALE "-stale" /* the last credentials once more */

#define IOT_CREDENTIALS                                                \
    HEAD("200")                                                        \
    "{\"credentials\":{\"accessKeyId\":\"ASIA@\",\"secretAccessKey\":" \
    "\"secret@\",\"sessionToken\":\"token@\",\"expiration\":\"!\"}}"
#define STS_CREDENTIALS(action)                                             \
    HEAD("200")                                                             \
    "<" action "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-"    \
    "15/\"><" action "Result><Credentials><AccessKeyId>ASIA@</AccessKeyId>" \
    "<SecretAccessKey>secret@</SecretAccessKey><SessionToken>token@"        \
    "</SessionToken><Expiration>!</Expiration></Credentials></" action      \
    "Result></" action "Response>"
#define STS_ERROR(code)                                              \
    "<ErrorResponse><Error><Type>Sender</Type><Code>" code "</Code>" \
    "</Error><RequestId>6f2c</RequestId></ErrorResponse>"

static const struct segjob_config config = {.region = SEGJOB_STR("us-east-1")};

static const struct segjob_create_request job = {
    .job_name = SEGJOB_STR("x"),
    .solution_version_arn =
        SEGJOB_STR("arn:aws:personalize:us-east-1:123456789012:solution/s/1"),
    .role_arn = SEGJOB_STR("arn:aws:iam::123456789012:role/r"),
    .input = {.path = SEGJOB_STR("s3://b/in.json")},
    .output = {.path = SEGJOB_STR("s3://b/out/")},
};

/* A kind of source. */
struct kind {
    const char *name;
    uint32_t weeks;
    struct segjob_source *(*init)(void);
    /* The response with credentials; @ is for their generation, and $ for
     * their expiration in milliseconds, else ! for it in RFC 3339. */
    const char *response;
    const char *skewed; /* the response to a wrong date; NULL: there is none */
    bool has_base;
};

static struct week {
    const struct kind *kind;
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
    bool has_jumped;      /* the clock, since the last job was created */
    bool is_refused;      /* the service refused the newest credentials */
    int64_t base_expires; /* when those that sign requests to the source do */
    unsigned bases, skewed;
} week;

static struct segjob_client client;
static char work[4096], memory[16384], base_memory[4096];

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

/* Write a response with credentials. */
static const char *write_response(const char *form, size_t generation,
                                  int64_t expires)
{
    static char response[1024];
    const time_t at = (time_t)expires;
    char *end = response;

    for (; *form != '\0'; form++) {
        if (*form == '@') {
            end += sprintf(end, "%u", (unsigned)generation);
        } else if (*form == '$') {
            end += sprintf(end, "%lld000", (long long)expires);
        } else if (*form == '!') {
            end += strftime(end, 32, "%Y-%m-%dT%H:%M:%SZ", gmtime(&at));
        } else {
            *end++ = *form;
        }
    }
    *end = '\0';
    return response;
}

/* The response with the newest credentials. */
static const char *write_credentials(void)
{
    return write_response(week.kind->response, week.newest,
                          week.expires[week.newest]);
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

/* Another source, whose credentials sign the requests to this one. */
static const char *serve_base(void)
{
    week.bases++;
    week.base_expires = network_time() + LIFE_S;
    return write_response(IOT_CREDENTIALS, 0, week.base_expires);
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
    const char *date = strcasestr(request, "x-amz-date: ");
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

static bool is_skewed(int64_t off)
{
    return off > 300 || off < -300;
}

/* A response that says what the time is. */
static const char *write_skewed(const char *head, const char *rest)
{
    static char response[512];
    const time_t now = (time_t)network_time();
    char date[64];

    strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime(&now));
    snprintf(response, sizeof(response),
             "HTTP/1.0 403 x\r\nx-amzn-RequestId: 6f2c\r\n%sDate: %s\r\n\r\n%s",
             head, date, rest);
    return response;
}

static const char *serve_request(const char *request)
{
    const char *id = strstr(request, "Credential=ASIA");
    size_t generation;

    assert_non_null(id);
    generation = (size_t)strtoul(id + 15, NULL, 10);
    require_one_set(request, generation);
    /* New credentials are used at once. */
    assert_int_equal(generation, week.newest);
    if (is_skewed(signed_at(request) - network_time())) {
        return write_skewed("X-Amzn-Errortype: RequestTimeTooSkewed\r\n", "");
    }
    if (!is_good(generation)) {
        week.refused += !is_down() || strcmp(week.failure, STALE) != 0;
        week.is_refused = true;
        return HEAD("400") "{\"__type\":\"ExpiredTokenException\"}";
    }
    week.stale += has_expired(generation);
    return HEAD("200") "{\"batchSegmentJobArn\":\"" ARN "\"}";
}

static const char *serve_source(const char *request)
{
    if (week.kind->skewed != NULL &&
        is_skewed(signed_at(request) - network_time())) {
        week.skewed++;
        return write_skewed("", week.kind->skewed);
    }
    if (week.kind->has_base && network_time() >= week.base_expires) {
        return HEAD("403") STS_ERROR("ExpiredToken");
    }
    note_request();
    if (is_down() && (strcmp(week.failure, STALE) != 0 || week.newest == 0)) {
        return strcmp(week.failure, STALE) != 0 ? week.failure : HEAD("500");
    }
    week.is_refused = false;
    return is_down() ? write_credentials() : issue_credentials();
}

static const char *serve(const char *host, bool is_plain, const char *request)
{
    assert_false(is_plain);
    return strncmp(host, "personalize.", 12) == 0 ? serve_request(request)
           : strcmp(host, "base") == 0            ? serve_base()
                                                  : serve_source(request);
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

/* ------------------------------------------------------------- the kinds */

static struct segjob_source *init_iot_in(struct segjob_iot *iot,
                                         const char *host, char *room,
                                         size_t cap)
{
    const struct segjob_iot_config where = {.endpoint = segjob_cstr(host),
                                            .role_alias = SEGJOB_STR("a")};

    assert_int_equal(segjob_iot_init(iot, &where, room, cap), SEGJOB_OK);
    return &iot->source;
}

static struct segjob_source *init_iot(void)
{
    static struct segjob_iot iot;

    return init_iot_in(&iot, "iot", memory, sizeof(memory));
}

static struct segjob_sts sts;
static const struct segjob_sts_config role = {
    .service.region = SEGJOB_STR("us-east-1"),
    .role_arn = SEGJOB_STR("arn:aws:iam::123456789012:role/r")};

static struct segjob_source *init_role(void)
{
    static struct segjob_iot base;
    struct segjob_sts_config where = role;

    where.base =
        &init_iot_in(&base, "base", base_memory, sizeof(base_memory))->provider;
    assert_int_equal(segjob_sts_init(&sts, &where, memory, sizeof(memory)),
                     SEGJOB_OK);
    return &sts.source;
}

static const char *read_token(void *arg, char *room, size_t cap,
                              struct segjob_str *token)
{
    (void)arg;
    (void)room;
    (void)cap;
    *token = SEGJOB_STR("token.of.provider");
    return NULL;
}

static struct segjob_source *init_web_identity(void)
{
    struct segjob_sts_config where = role;

    where.read_token = read_token;
    assert_int_equal(segjob_sts_init(&sts, &where, memory, sizeof(memory)),
                     SEGJOB_OK);
    return &sts.source;
}

static struct peer_identity device;

static struct segjob_source *init_anywhere(void)
{
    static struct segjob_anywhere anywhere;
    const struct segjob_anywhere_config where = {
        .service.region = SEGJOB_STR("us-east-1"),
        .trust_anchor_arn = SEGJOB_STR("arn:aws:rolesanywhere:us-east-1:"
                                       "123456789012:trust-anchor/a"),
        .profile_arn = SEGJOB_STR("arn:aws:rolesanywhere:us-east-1:"
                                  "123456789012:profile/p"),
        .role_arn = SEGJOB_STR("arn:aws:iam::123456789012:role/r"),
        .chain = &device.crt,
        .key = &device.key};

    assert_int_equal(
        segjob_anywhere_init(&anywhere, &where, memory, sizeof(memory)),
        SEGJOB_OK);
    return &anywhere.source;
}

static char folder[] = "/tmp/segjob-week-XXXXXX";

static void write_file(const char *name, const char *text)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof(path), "%s%s", folder, name);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* Of the session `week`, whose SHA-1 names the file. */
#define CACHED_TOKEN \
    "/.aws/sso/cache/c0ee32d825d6ddb4025ab74af0609969ecc419c8.json"

static struct segjob_source *init_sso(void)
{
    static struct segjob_sso sso;
    const struct segjob_sso_config where = {.service.region =
                                                SEGJOB_STR("us-east-1"),
                                            .session = "week",
                                            .account_id = "123456789012",
                                            .role_name = "r"};

    write_file(CACHED_TOKEN, "{\"accessToken\":\"t\","
                             "\"expiresAt\":\"2099-01-01T00:00:00Z\"}");
    assert_int_equal(segjob_sso_init(&sso, &where, memory, sizeof(memory)),
                     SEGJOB_OK);
    return &sso.source;
}

/*
 * What a program does is decided when it is started, and is over before time
 * passes. It prints what the source would send, without its head.
 */
static struct segjob_process process;

int __real_posix_spawnp(pid_t *pid, const char *file,
                        const posix_spawn_file_actions_t *actions,
                        const posix_spawnattr_t *attributes,
                        char *const words[], char *const environment[]);
int __wrap_posix_spawnp(pid_t *pid, const char *file,
                        const posix_spawn_file_actions_t *actions,
                        const posix_spawnattr_t *attributes,
                        char *const words[], char *const environment[]);

int __wrap_posix_spawnp(pid_t *pid, const char *file,
                        const posix_spawn_file_actions_t *actions,
                        const posix_spawnattr_t *attributes,
                        char *const words[], char *const environment[])
{
    const char *response = serve_source("");
    const char *body = strstr(response, "\r\n\r\n");

    write_file("/printed", body != NULL ? body + 4 : "");
    return __real_posix_spawnp(pid, file, actions, attributes, words,
                               environment);
}

static void wait_for_program(struct segjob_platform *p,
                             const struct segjob_wants *wants)
{
    if (process.pid > 0) {
        usleep(1000);
    } else {
        n_wait(p, wants);
    }
}

static struct segjob_source *init_process(void)
{
    static char command[64];

    snprintf(command, sizeof(command), "cat %s/printed", folder);
    assert_int_equal(
        segjob_process_init(&process, command, memory, sizeof(memory)),
        SEGJOB_OK);
    net.platform.wait = wait_for_program;
    return &process.source;
}

static struct kind kinds[] = {
    {.name = "AWS IoT",
     .weeks = 5,
     .init = init_iot,
     .response = IOT_CREDENTIALS},
    {.name = "AssumeRole",
     .weeks = 2,
     .init = init_role,
     .response = STS_CREDENTIALS("AssumeRole"),
     .skewed = STS_ERROR("SignatureDoesNotMatch"),
     .has_base = true},
    {.name = "AssumeRoleWithWebIdentity",
     .weeks = 1,
     .init = init_web_identity,
     .response = STS_CREDENTIALS("AssumeRoleWithWebIdentity")},
    {.name = "Roles Anywhere",
     .weeks = 1,
     .init = init_anywhere,
     .response = "HTTP/1.0 201 x\r\n\r\n{\"credentialSet\":[{\"credentials\":{"
                 "\"accessKeyId\":\"ASIA@\",\"secretAccessKey\":\"secret@\","
                 "\"sessionToken\":\"token@\",\"expiration\":\"!\"}}]}",
     .skewed =
         "{\"__type\":\"AccessDeniedException\",\"message\":\"Expired\"}"},
    {.name = "SSO",
     .weeks = 1,
     .init = init_sso,
     .response = HEAD("200") "{\"roleCredentials\":{\"accessKeyId\":\"ASIA@\","
                             "\"secretAccessKey\":\"secret@\",\"sessionToken\":"
                             "\"token@\",\"expiration\":$}}"},
    {.name = "credential_process",
     .weeks = 1,
     .init = init_process,
     .response = HEAD("200") "{\"Version\":1,\"AccessKeyId\":\"ASIA@\","
                             "\"SecretAccessKey\":\"secret@\",\"SessionToken\":"
                             "\"token@\",\"Expiration\":\"!\"}"},
};

static bool draw_bytes(struct segjob_platform *p, void *bytes, size_t n)
{
    (void)p;
    while (n > 0) {
        ((unsigned char *)bytes)[--n] = (unsigned char)below(256);
    }
    return true;
}

static void live_through(const struct kind *kind, uint32_t seed)
{
    struct segjob_source *source;

    memset(&week, 0, sizeof(week));
    week.kind = kind;
    week.random = seed;
    network_begin(serve);
    net.reach = reach;
    net.platform.random = draw_bytes;
    source = kind->init();
    net.port.provider = &source->provider;
    assert_int_equal(segjob_init(&client, &config, work, sizeof(work)),
                     SEGJOB_OK);
    while (net.now < WEEK_MS) {
        make_job();
        pass_time();
    }
    segjob_source_wipe(source);
}

static void test_weeks(void **state)
{
    const struct kind *kind = *state;

    for (uint32_t seed = 1; seed <= kind->weeks; seed++) {
        live_through(kind, seed);
        /* All cases occurred. */
        assert_true(week.jobs > 1000);
        assert_true(week.outages > 5 && week.revocations > 0 && week.jumps > 0);
        assert_true(week.failed < week.jobs / 4);
        assert_true(week.stale > 20);
        assert_true((week.skewed > 0) == (kind->skewed != NULL));
        assert_true((week.bases > 0) == kind->has_base);
        /* One request in 55 minutes, and one more per revocation and jump. */
        assert_true(week.issued <= WEEK_MS / 1000 / (LIFE_S - 300) + 1 +
                                       week.revocations + week.jumps);
        /* Expired credentials reach the service once in an outage. */
        assert_true(week.refused <=
                    week.revocations + week.outages + 2 * week.jumps);
    }
}

static int set_up(void **state)
{
    struct peer_terms terms = peer_device_terms();
    char path[128];

    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(setenv("HOME", folder, 1), 0);
    for (const char *name = "/.aws\0/.aws/sso\0/.aws/sso/cache\0";
         *name != '\0'; name += strlen(name) + 1) {
        snprintf(path, sizeof(path), "%s%s", folder, name);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    terms.is_weak = true;
    peer_make(&device, &terms, NULL, NULL);
    return 0;
}

static int tear_down(void **state)
{
    char path[128];

    (void)state;
    peer_free_identity(&device);
    for (const char *name = CACHED_TOKEN "\0/printed\0/.aws/sso/cache\0"
                                         "/.aws/sso\0/.aws\0\0";
         *name != '\0'; name += strlen(name) + 1) {
        snprintf(path, sizeof(path), "%s%s", folder, name);
        (void)remove(path);
    }
    return rmdir(folder);
}

int main(void)
{
    struct CMUnitTest tests[LENGTH(kinds)] = {{.name = NULL}};

    for (size_t i = 0; i < LENGTH(kinds); i++) {
        tests[i] = (struct CMUnitTest){.name = kinds[i].name,
                                       .test_func = test_weeks,
                                       .initial_state = &kinds[i]};
    }
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
