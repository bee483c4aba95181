/*
 * Sources of credentials, with the real runner and core, over a network in
 * which source and service respond from scripts.
 */
#include "network.h"

#include "segjob_container.h"
#include "segjob_imds.h"
#include "segjob_iot.h"
#include "segjob_sign.h"

#define ARN "arn:aws:personalize:us-east-1:123456789012:batch-segment-job/x"
#define HEAD(status) "HTTP/1.0 " status " x\r\n\r\n"
#define SERVICE(status) \
    "HTTP/1.0 " status " x\r\nx-amzn-RequestId: 6f2c\r\n\r\n"
#define CREATED SERVICE("200") "{\"batchSegmentJobArn\":\"" ARN "\"}"
#define EXPIRED SERVICE("400") "{\"__type\":\"ExpiredTokenException\"}"
#define THROTTLED SERVICE("400") "{\"__type\":\"ThrottlingException\"}"
#define IOT_CREDENTIALS(n, expiration)                                  \
    HEAD("200")                                                         \
    "{\"credentials\":{\"accessKeyId\":\"ASIA" n                        \
    "\",\"secretAccessKey\":\"secret" n "\",\"sessionToken\":\"token" n \
    "\",\"expiration\":\"" expiration "\"}}"
#define EC2_CREDENTIALS(n, expiration)                           \
    HEAD("200")                                                  \
    "{\"Code\":\"Success\",\"AccessKeyId\":\"ASIA" n             \
    "\",\"SecretAccessKey\":\"secret" n "\",\"Token\":\"token" n \
    "\",\"Expiration\":\"" expiration "\"}"
#define AT_1 "2026-01-01T01:00:00Z"
#define AT_2 "2026-01-01T02:00:00Z"
#define AT_9 "2026-01-01T09:00:00Z"

#define LETTERS 64
#define CAP 4096

static const struct segjob_create_request job = {
    .job_name = SEGJOB_STR("x"),
    .solution_version_arn =
        SEGJOB_STR("arn:aws:personalize:us-east-1:123456789012:solution/s/1"),
    .role_arn = SEGJOB_STR("arn:aws:iam::123456789012:role/r"),
    .input = {.path = SEGJOB_STR("s3://b/in.json")},
    .output = {.path = SEGJOB_STR("s3://b/out/")},
};

/*
 * Scripts of what happens to the requests to the source and to the service; and
 * the requests as letters: to the source the last letter of the path, to the
 * service S and the last character of the access key id.
 */
static const char *const *source_script;
static const char *const *service_script;
static char letters[LETTERS];
static bool are_long_lived; /* the credentials may have no token */
static char seen[8192];     /* the last request to the source */
static char *memory;
static struct segjob_client client;
static struct segjob_iot iot;
static struct segjob_container container;
static struct segjob_imds imds;

static void note(char letter)
{
    const size_t n = strlen(letters);

    assert_true(n + 1 < LETTERS);
    letters[n] = letter;
}

static const char *serve(const char *host, bool is_plain, const char *request)
{
    if (strncmp(host, "personalize.", 12) == 0) {
        const char *id = strstr(request, "Credential=ASIA");
        const char *token = strstr(request, "X-Amz-Security-Token: token");

        assert_false(is_plain);
        assert_non_null(id);
        assert_true(token != NULL || are_long_lived);
        note('S');
        note(id[15]);
        assert_true(token == NULL || token[27] == id[15]); /* of one set */
        return *service_script != NULL ? *service_script++ : CREATED;
    }
    strcpy(seen, request);
    note(strstr(request, " HTTP/1.1\r\n")[-1]);
    assert_non_null(*source_script);
    return *source_script++;
}

/* The failure to reach the source that its script has next, or NULL. */
static const char *reach(const char *host)
{
    if (strncmp(host, "personalize.", 12) == 0 || *source_script == NULL ||
        (strcmp(*source_script, NO_CONNECTION) != 0 &&
         strcmp(*source_script, NO_ADDRESS) != 0)) {
        return NULL;
    }
    return *source_script;
}

static void begin(const char *const *source, const char *const *service)
{
    network_begin(serve);
    net.reach = reach;
    source_script = source;
    service_script = service;
    memset(letters, 0, sizeof(letters));
    are_long_lived = false;
    free(memory);
    memory = malloc(CAP);
    memset(memory, '@', CAP);
}

static const char *const nothing[] = {NULL};

static void begin_iot(const char *const *source, const char *const *service)
{
    static const struct segjob_iot_config config = {
        .endpoint = SEGJOB_STR("id.credentials.iot.us-east-1.amazonaws.com"),
        .role_alias = SEGJOB_STR("alias=1,@-"),
        .thing_name = SEGJOB_STR("thing:1_-"),
    };

    begin(source, service);
    assert_int_equal(segjob_iot_init(&iot, &config, memory, CAP), SEGJOB_OK);
    net.port.provider = &iot.source.provider;
}

static void begin_imds(const char *const *source)
{
    begin(source, nothing);
    assert_int_equal(segjob_imds_init(&imds, NULL, memory, CAP), SEGJOB_OK);
    net.port.provider = &imds.source.provider;
}

static int tear_down(void **state)
{
    (void)state;
    free(memory);
    memory = NULL;
    return 0;
}

static enum segjob_status create(void)
{
    static const struct segjob_config config = {.region =
                                                    SEGJOB_STR("us-east-1")};
    static char work[4096];
    enum segjob_status status;

    assert_int_equal(segjob_init(&client, &config, work, sizeof(work)),
                     SEGJOB_OK);
    assert_int_equal(segjob_create(&client, &job), SEGJOB_PENDING);
    status = segjob_run(&client, &net.port, 60000);
    segjob_disconnect(&net.port);
    assert_null(net.open);
    return status;
}

/* Whether the memory contains the text. */
static bool remembers(const char *text)
{
    for (size_t i = 0; i + strlen(text) <= CAP; i++) {
        if (memcmp(memory + i, text, strlen(text)) == 0) {
            return true;
        }
    }
    return false;
}

/* ---------------------------------------------------------------- requests */

static void test_iot(void **state)
{
    static const char *const source[] = {IOT_CREDENTIALS("1", AT_1), NULL};

    (void)state;
    begin_iot(source, nothing);
    assert_int_equal(create(), SEGJOB_OK);
    assert_string_equal(letters, "sS1");
    assert_non_null(strstr(seen, "GET /role-aliases/alias=1,@-/credentials "
                                 "HTTP/1.1\r\nHost: id.credentials.iot."
                                 "us-east-1.amazonaws.com\r\n"));
    assert_non_null(strstr(seen, "\r\nx-amzn-iot-thingname: thing:1_-\r\n"));
    segjob_source_wipe(&iot.source);
    assert_false(remembers("secret"));
    assert_false(remembers("token"));
}

static void test_container(void **state)
{
    static const char *const source[] = {EC2_CREDENTIALS("1", AT_1), NULL};

    (void)state;
    begin(source, nothing);
    assert_int_equal(
        segjob_container_init(
            &container,
            segjob_cstr("http://localhost:8080/2016-11-01/credentialprovider/"),
            memory, CAP),
        SEGJOB_OK);
    container.authorization = segjob_cstr("hush");
    net.port.provider = &container.source.provider;
    assert_int_equal(create(), SEGJOB_OK);
    assert_string_equal(letters, "/S1");
    assert_non_null(strstr(seen, "GET /2016-11-01/credentialprovider/ HTTP/1.1"
                                 "\r\nHost: localhost:8080\r\n"));
    assert_non_null(strstr(seen, "\r\nAuthorization: hush\r\n"));
}

static void test_relative_uri(void **state)
{
    static const char *const source[] = {EC2_CREDENTIALS("1", AT_1), NULL};

    (void)state;
    begin(source, nothing);
    assert_int_equal(segjob_container_init(&container,
                                           segjob_cstr("/v2/credentials/1?a=b"),
                                           memory, CAP),
                     SEGJOB_OK);
    net.port.provider = &container.source.provider;
    assert_int_equal(create(), SEGJOB_OK);
    assert_non_null(strstr(seen, "GET /v2/credentials/1?a=b HTTP/1.1\r\n"
                                 "Host: 169.254.170.2\r\n"));
    assert_null(strstr(seen, "Authorization"));
}

static void test_imds(void **state)
{
    static const char *const source[] = {
        HEAD("200") "AQAEAtoken==", HEAD("200") "role\nother",
        EC2_CREDENTIALS("1", AT_1), NULL};

    (void)state;
    begin_imds(source);
    assert_int_equal(create(), SEGJOB_OK);
    assert_string_equal(letters, "n/eS1");
    assert_non_null(strstr(seen, "GET /latest/meta-data/iam/"
                                 "security-credentials/role HTTP/1.1\r\n"
                                 "Host: 169.254.169.254\r\n"));
    assert_non_null(
        strstr(seen, "\r\nx-aws-ec2-metadata-token: AQAEAtoken==\r\n"));
    assert_false(remembers("AQAEA"));
}

/* Every other call would block, and bytes arrive one at a time. */
static void test_stuttering(void **state)
{
    static const char *const source[] = {
        HEAD("200") "AQAEAtoken==", HEAD("200") "role",
        EC2_CREDENTIALS("1", AT_1), NULL};

    (void)state;
    begin_imds(source);
    net.stutters = true;
    assert_int_equal(create(), SEGJOB_OK);
    assert_string_equal(letters, "n/eS1");
}

/* ---------------------------------------------------------------- expiry */

static void pass_to(int64_t hour, int64_t minute)
{
    net.now = (uint64_t)(hour * 60 + minute) * 60000;
}

static void test_credentials_are_reused(void **state)
{
    static const char *const source[] = {IOT_CREDENTIALS("1", AT_1), NULL};

    (void)state;
    begin_iot(source, nothing);
    assert_int_equal(create(), SEGJOB_OK);
    pass_to(0, 54);
    assert_int_equal(create(), SEGJOB_OK);
    assert_string_equal(letters, "sS1S1");
}

static void test_five_minutes_early(void **state)
{
    static const char *const source[] = {IOT_CREDENTIALS("1", AT_1),
                                         IOT_CREDENTIALS("2", AT_2), NULL};

    (void)state;
    begin_iot(source, nothing);
    assert_int_equal(create(), SEGJOB_OK);
    pass_to(0, 55);
    assert_int_equal(create(), SEGJOB_OK);
    assert_string_equal(letters, "sS1sS2");
    assert_false(remembers("secret1"));
    assert_false(remembers("token1"));
}

/* Credentials stay in use while they are valid; one attempt per minute to get
 * new ones is enough. */
static void test_old_credentials_stay_in_use(void **state)
{
    static const char *const source[] = {IOT_CREDENTIALS("1", AT_1),
                                         HEAD("403"), NO_CONNECTION,
                                         IOT_CREDENTIALS("2", AT_2), NULL};

    (void)state;
    begin_iot(source, nothing);
    assert_int_equal(create(), SEGJOB_OK);
    pass_to(0, 56);
    assert_int_equal(create(), SEGJOB_OK);
    assert_int_equal(create(), SEGJOB_OK);
    pass_to(0, 58);
    source_script = &source[2];
    assert_int_equal(create(), SEGJOB_OK);
    assert_string_equal(letters, "sS1sS1S1S1");
    source_script = &source[3];
    pass_to(0, 59);
    assert_int_equal(create(), SEGJOB_OK);
    assert_string_equal(letters, "sS1sS1S1S1sS2");
}

/*
 * The static stability of AWS's SDKs: expired credentials are used, and the
 * source is asked again after a random 5 to 10 minutes; also if it returned
 * expired ones, and whatever it responds in between.
 */
static void test_expired_credentials_stay_in_use(void **state)
{
    static const struct {
        unsigned char random;
        int64_t minutes, seconds;
    } rows[] = {{0x00, 5, 0}, {0x80, 7, 30}, {0xff, 9, 58}};
    static const char *const source[] = {
        IOT_CREDENTIALS("1", AT_1), HEAD("403"), IOT_CREDENTIALS("2", AT_1),
        IOT_CREDENTIALS("3", AT_2), NULL};

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const uint64_t pause_ms =
            (uint64_t)(rows[i].minutes * 60 + rows[i].seconds) * 1000;

        begin_iot(source, nothing);
        net.random = rows[i].random;
        assert_int_equal(create(), SEGJOB_OK);
        pass_to(1, 0);
        assert_int_equal(create(), SEGJOB_OK); /* refused: uses the old ones */
        net.now += pause_ms - 1000;
        assert_int_equal(create(), SEGJOB_OK);
        assert_string_equal(letters, "sS1sS1S1");
        net.now += 3000;
        assert_int_equal(create(), SEGJOB_OK); /* receives expired ones */
        net.now += pause_ms - 1000;
        assert_int_equal(create(), SEGJOB_OK);
        assert_string_equal(letters, "sS1sS1S1sS2S2");
        net.now += 3000;
        assert_int_equal(create(), SEGJOB_OK);
        assert_string_equal(letters, "sS1sS1S1sS2S2sS3");
    }
}

/* Credentials that the service rejected do not, even if valid by the clock. */
static void test_rejected_credentials_do_not(void **state)
{
    static const char *const source[] = {IOT_CREDENTIALS("1", AT_2),
                                         HEAD("403"), HEAD("403"),
                                         IOT_CREDENTIALS("2", AT_2), NULL};
    static const char *const service[] = {CREATED, EXPIRED, CREATED, NULL};

    (void)state;
    begin_iot(source, service);
    assert_int_equal(create(), SEGJOB_OK);
    assert_int_equal(create(), SEGJOB_CREDENTIALS);
    assert_int_equal(segjob_get_outcome(&client), SEGJOB_REFUSED);
    assert_string_equal(letters, "sS1S1s");
    assert_int_equal(create(), SEGJOB_CREDENTIALS);
    assert_int_equal(segjob_get_outcome(&client), SEGJOB_NOT_SENT);
    assert_string_equal(net.port.error.message,
                        "AWS IoT credentials provider: HTTP 403");
    assert_int_equal(create(), SEGJOB_OK);
    assert_string_equal(letters, "sS1S1sssS2");
}

/* In an outage of AWS, EC2 returns the same credentials after they expired. */
static void test_expired_metadata(void **state)
{
    static const char *const source[] = {HEAD("200") "t",
                                         HEAD("200") "role",
                                         EC2_CREDENTIALS("1", AT_1),
                                         HEAD("200") "t",
                                         HEAD("200") "role",
                                         EC2_CREDENTIALS("1", AT_1),
                                         HEAD("200") "t",
                                         HEAD("200") "role",
                                         EC2_CREDENTIALS("2", AT_9),
                                         NULL};

    (void)state;
    begin_imds(source);
    pass_to(7, 0);
    assert_int_equal(create(), SEGJOB_OK);
    net.now += 5 * 60000;
    assert_int_equal(create(), SEGJOB_OK);
    assert_string_equal(letters, "n/eS1S1");
    net.now += 5 * 60000;
    assert_int_equal(create(), SEGJOB_OK);
    net.now += 10 * 60000;
    assert_int_equal(create(), SEGJOB_OK);
    assert_string_equal(letters, "n/eS1S1n/eS1n/eS2");
}

/* After a time-out at a silent source, the next operation does not ask it. */
static void test_silence_is_not_asked_again(void **state)
{
    static const char *const source[] = {IOT_CREDENTIALS("1", AT_1), SILENCE,
                                         SILENCE, NULL};

    (void)state;
    begin_iot(source, nothing);
    assert_int_equal(create(), SEGJOB_OK);
    pass_to(1, 0);
    assert_int_equal(segjob_create(&client, &job), SEGJOB_PENDING);
    assert_int_equal(segjob_run(&client, &net.port, 3000), SEGJOB_TIMEOUT);
    assert_int_equal(create(), SEGJOB_OK);
    assert_string_equal(letters, "sS1sS1");
}

/* Credentials without expiration last until the service rejects them. */
static void test_credentials_without_expiration(void **state)
{
    static const char *const source[] = {
        HEAD("200") "{\"AccessKeyId\":\"ASIA1\",\"SecretAccessKey\":\"s\"}",
        HEAD("200") "{\"AccessKeyId\":\"ASIA2\",\"SecretAccessKey\":\"s\","
                    "\"Token\":\"token2\"}",
        NULL};
    static const char *const service[] = {CREATED, CREATED, EXPIRED, CREATED,
                                          NULL};

    (void)state;
    begin(source, service);
    are_long_lived = true;
    assert_int_equal(
        segjob_container_init(&container, segjob_cstr("/x"), memory, CAP),
        SEGJOB_OK);
    net.port.provider = &container.source.provider;
    assert_int_equal(create(), SEGJOB_OK);
    pass_to(24 * 365, 0);
    assert_int_equal(create(), SEGJOB_OK);
    assert_int_equal(create(), SEGJOB_OK);
    assert_string_equal(letters, "xS1S1S1xS2");
}

/* A device whose clock is years off, either way, gets its credentials. */
static void test_wrong_clocks(void **state)
{
    static const char *const source[] = {HEAD("200") "t", HEAD("200") "role",
                                         EC2_CREDENTIALS("1", AT_1), NULL};
    static const int64_t years[] = {-50, -1, 1, 50};

    (void)state;
    for (size_t i = 0; i < LENGTH(years); i++) {
        begin_imds(source);
        net.off = years[i] * 365 * 86400;
        assert_int_equal(create(), SEGJOB_OK);
        net.now += 4 * 60000;
        assert_int_equal(create(), SEGJOB_OK);
        assert_string_equal(letters, "n/eS1S1");
    }
}

static void test_service_reports_expiry(void **state)
{
    static const char *const source[] = {IOT_CREDENTIALS("1", AT_1),
                                         IOT_CREDENTIALS("2", AT_2), NULL};
    static const char *const service[] = {EXPIRED, THROTTLED, CREATED, NULL};

    (void)state;
    begin_iot(source, service);
    assert_int_equal(create(), SEGJOB_OK);
    /* Refreshes once, and not again after another failure. */
    assert_string_equal(letters, "sS1sS2S2");
}

static void test_service_reports_expiry_twice(void **state)
{
    static const char *const source[] = {IOT_CREDENTIALS("1", AT_1),
                                         IOT_CREDENTIALS("2", AT_2), NULL};
    static const char *const service[] = {EXPIRED, EXPIRED, NULL};

    (void)state;
    begin_iot(source, service);
    assert_int_equal(create(), SEGJOB_SERVICE);
    assert_string_equal(letters, "sS1sS2");
}

/* The service's clock counts: the device's is ten years ahead. */
static void test_corrected_clock(void **state)
{
    static const char *const source[] = {IOT_CREDENTIALS("1", AT_1), NULL};
    static const char *const service[] = {
        "HTTP/1.0 403 x\r\nx-amzn-RequestId: 6f2c\r\n"
        "X-Amzn-Errortype: SignatureDoesNotMatch\r\n"
        "Date: Thu, 01 Jan 2026 00:00:01 GMT\r\n\r\n",
        CREATED, NULL};

    (void)state;
    begin_iot(source, service);
    net.off = INT64_C(10) * 365 * 86400;
    assert_int_equal(create(), SEGJOB_OK);
    assert_string_equal(letters, "sS1S1");
}

/* ---------------------------------------------------------------- failures */

static const struct {
    int line;
    const char *name;
    const char *script[4];
    enum segjob_status status;
    const char *letters; /* of the requests to IoT */
    const char *message;
} failures[] = {
    {__LINE__,
     "refused",
     {HEAD("404") "{\"message\":\"Role alias does not exist\"}"},
     SEGJOB_CREDENTIALS,
     "s",
     "HTTP 404: Role alias does not exist"},
    {__LINE__,
     "throttled",
     {HEAD("429"), HEAD("429"), HEAD("429")},
     SEGJOB_CREDENTIALS_UNAVAILABLE,
     "sss",
     "HTTP 429"},
    {__LINE__,
     "fails, and then succeeds",
     {HEAD("500"), IOT_CREDENTIALS("1", AT_1)},
     SEGJOB_OK,
     "ssS1",
     NULL},
    {__LINE__,
     "redirected",
     {HEAD("302")},
     SEGJOB_CREDENTIALS,
     "s",
     "the response is a redirect, which is never followed (HTTP 302)"},
    {__LINE__,
     "not JSON",
     {HEAD("200") "<html>"},
     SEGJOB_CREDENTIALS,
     "s",
     "the response is not one that this service gives (HTTP 200)"},
    {__LINE__,
     "a member is missing",
     {HEAD("200") "{\"credentials\":{}}"},
     SEGJOB_CREDENTIALS,
     "s",
     "accessKeyId: is required"},
    {__LINE__,
     "no connection",
     {NO_CONNECTION, NULL},
     SEGJOB_CREDENTIALS_UNAVAILABLE,
     "",
     "cannot connect: Connection refused (111)"},
    {__LINE__,
     "no address",
     {NO_ADDRESS, NULL},
     SEGJOB_CREDENTIALS_UNAVAILABLE,
     "",
     "the host name cannot be resolved: no such name (2)"},
    {__LINE__,
     "cut, and then succeeds",
     {CUT, IOT_CREDENTIALS("1", AT_1)},
     SEGJOB_OK,
     "ssS1",
     NULL},
    {__LINE__,
     "silent",
     {SILENCE, SILENCE, SILENCE},
     SEGJOB_CREDENTIALS_UNAVAILABLE,
     "sss",
     "time ran out: while waiting for the response"},
};

static void test_failures(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(failures); i++) {
        begin_iot(failures[i].script, nothing);
        ROW(&failures[i], create() == failures[i].status);
        ROW(&failures[i], strcmp(letters, failures[i].letters) == 0);
        if (failures[i].message != NULL) {
            static const char name[] = "AWS IoT credentials provider: ";
            const char *text = net.port.error.message;

            ROW(&failures[i], segjob_get_outcome(&client) == SEGJOB_NOT_SENT);
            ROW(&failures[i], net.port.error.status == failures[i].status);
            ROW(&failures[i], text == iot.source.message);
            ROW(&failures[i], strncmp(text, name, strlen(name)) == 0);
            ROW(&failures[i],
                strcmp(text + strlen(name), failures[i].message) == 0);
        }
    }
}

/* Without an instance metadata service: one attempt, no credentials. */
static void test_imds_is_absent(void **state)
{
    static const char *const away[] = {NO_CONNECTION, NULL};
    static const char *const silent[] = {SILENCE, NULL};
    static const char *const off[] = {HEAD("403"), NULL};
    uint64_t before;

    (void)state;
    begin_imds(away);
    assert_int_equal(create(), SEGJOB_CREDENTIALS);
    assert_string_equal(
        imds.source.message,
        "EC2 instance metadata: cannot connect: Connection refused (111)");
    begin_imds(silent);
    before = net.now;
    assert_int_equal(create(), SEGJOB_CREDENTIALS);
    assert_int_equal(net.now - before, 1000);
    begin_imds(off);
    assert_int_equal(create(), SEGJOB_CREDENTIALS);
    assert_string_equal(letters, "n");
}

/* Once it has returned credentials, a failure is taken as temporary. */
static void test_imds_fails_later(void **state)
{
    static const char *const source[] = {
        HEAD("200") "t", HEAD("200") "role", EC2_CREDENTIALS("1", AT_1), CUT,
        HEAD("200") "t", HEAD("200") "role", EC2_CREDENTIALS("2", AT_2), NULL};
    static const char *const service[] = {CREATED, EXPIRED, CREATED, NULL};

    (void)state;
    begin_imds(source);
    service_script = service;
    assert_int_equal(create(), SEGJOB_OK);
    assert_int_equal(create(), SEGJOB_OK);
    assert_string_equal(letters, "n/eS1S1nn/eS2");
}

/* A token or a role that a request cannot contain. */
static void test_bad_metadata(void **state)
{
    static const char *const bad_token[] = {HEAD("200") "a\r\nX: y", NULL};
    static const char *const no_role[] = {HEAD("200") "t", HEAD("200") "",
                                          NULL};
    static const char *const bad_role[] = {HEAD("200") "t", HEAD("200") "a b",
                                           NULL};

    (void)state;
    begin_imds(bad_token);
    assert_int_equal(create(), SEGJOB_CREDENTIALS);
    assert_string_equal(letters, "n");
    assert_non_null(strstr(imds.source.message, "header: must be visible"));
    begin_imds(no_role);
    assert_int_equal(create(), SEGJOB_CREDENTIALS);
    assert_string_equal(letters, "n/");
    assert_non_null(strstr(imds.source.message, "path: must be at least 1"));
    begin_imds(bad_role);
    assert_int_equal(create(), SEGJOB_CREDENTIALS);
    assert_string_equal(letters, "n/");
}

/* A token that is too long: the size needed is reported, and is enough. */
static void test_memory_is_too_small(void **state)
{
    static char response[3 * CAP];
    static const char *source[] = {response, NULL};
    static char roomy[8 * CAP];
    char *token;

    (void)state;
    strcpy(response, HEAD("200") "{\"credentials\":{\"accessKeyId\":\"ASIA1\","
                                 "\"secretAccessKey\":\"s\",\"sessionToken\":"
                                 "\"token1");
    token = response + strlen(response);
    memset(token, 't', CAP);
    strcpy(token + CAP, "\",\"expiration\":\"" AT_1 "\"}}");
    begin_iot(source, nothing);
    assert_int_equal(create(), SEGJOB_CREDENTIALS);
    assert_true(iot.source.size_needed > CAP);
    assert_true(iot.source.size_needed <= sizeof(roomy));
    assert_non_null(strstr(iot.source.message, "bytes needed: "));
    source_script = source;
    iot.source.buf = roomy;
    iot.source.cap = iot.source.size_needed;
    /* Now the client's own buffer is too small for the token. */
    assert_int_equal(create(), SEGJOB_NO_SPACE);
    assert_int_equal(iot.source.size_needed, 0);
}

/* Every capacity: refused with the size needed, or good. */
static void test_every_capacity(void **state)
{
    static const char *const source[] = {IOT_CREDENTIALS("1", AT_1), NULL};
    size_t cap;

    (void)state;
    for (cap = 0; cap <= 1400; cap += cap < 1000 ? 100 : 1) {
        char *exact;

        begin_iot(source, nothing);
        exact = malloc(cap + (cap == 0));
        iot.source.buf = exact;
        iot.source.cap = cap;
        if (create() != SEGJOB_OK) {
            assert_true(iot.source.size_needed > cap);
        } else {
            assert_true(cap >= SEGJOB_RESPONSE_MIN);
        }
        free(exact);
    }
}

static void test_cancel(void **state)
{
    static const char *const source[] = {SILENCE, IOT_CREDENTIALS("1", AT_1),
                                         NULL};
    static const struct segjob_config config = {.region =
                                                    SEGJOB_STR("us-east-1")};
    static char work[4096];
    int i;

    (void)state;
    begin_iot(source, nothing);
    assert_int_equal(segjob_init(&client, &config, work, sizeof(work)),
                     SEGJOB_OK);
    assert_int_equal(segjob_create(&client, &job), SEGJOB_PENDING);
    for (i = 0; i < 20; i++) {
        assert_int_equal(segjob_step(&client, &net.port), SEGJOB_PENDING);
    }
    assert_non_null(net.open);
    assert_true(segjob_get_wants(&client, &net.port).readable);
    segjob_cancel(&client);
    assert_int_equal(segjob_step(&client, &net.port), SEGJOB_CANCELLED);
    assert_null(net.open);
    assert_int_equal(create(), SEGJOB_OK);
}

/* The operation's deadline also limits fetching credentials. */
static void test_deadline(void **state)
{
    static const char *const source[] = {SILENCE, NULL};
    static const struct segjob_config config = {.region =
                                                    SEGJOB_STR("us-east-1")};
    static char work[4096];

    (void)state;
    begin_iot(source, nothing);
    assert_int_equal(segjob_init(&client, &config, work, sizeof(work)),
                     SEGJOB_OK);
    assert_int_equal(segjob_create(&client, &job), SEGJOB_PENDING);
    assert_int_equal(segjob_run(&client, &net.port, 3000), SEGJOB_TIMEOUT);
    assert_int_equal(net.now, 4000);
    assert_null(net.open);
    assert_string_equal(net.port.error.message, "while getting credentials");
}

/* ------------------------------------------------------------ configuration */

static const struct {
    int line;
    const char *name; /* the URI */
    const char *why;  /* NULL: usable */
} uris[] = {
    {__LINE__, "http://localhost/", NULL},
    {__LINE__, "http://127.0.0.1:1/x", NULL},
    {__LINE__, "http://127.8.9.10/x", NULL},
    {__LINE__, "http://LOCALHOST/", NULL},
    {__LINE__, "http://a.localhost/", NULL},
    {__LINE__, "http://[::1]/", NULL},
    {__LINE__, "http://[0:0::1]/", NULL},
    {__LINE__, "http://169.254.170.2/", NULL},
    {__LINE__, "http://169.254.170.23/v1/credentials", NULL},
    {__LINE__, "http://[fd00:ec2::23]/v1/credentials", NULL},
    {__LINE__, "https://example.com/x", NULL},
    {__LINE__, "https://example.com?x", "path: is required"},
    {__LINE__, "https://example.com", NULL},
    {__LINE__, "/x", NULL},
    {__LINE__, "", "the URI must begin"},
    {__LINE__, "ftp://localhost/", "the URI must begin"},
    {__LINE__, "http://example.com/", "http:// is for loopback"},
    {__LINE__, "http://localhost.example.com/", "http:// is for loopback"},
    {__LINE__, "http://127.0.0.1.example.com/", "http:// is for loopback"},
    {__LINE__, "http://u:p@localhost/", "the URI must not contain a user name"},
    {__LINE__, "http://u@localhost/", "the URI must not contain a user name"},
    {__LINE__, "http://127.1/", "http:// is for loopback"},
    {__LINE__, "http://127.0.0.01/", "http:// is for loopback"},
    {__LINE__, "http://[::ffff:7f00:1]/", "http:// is for loopback"},
    {__LINE__, "http://[::2]/", "http:// is for loopback"},
    {__LINE__, "http://169.254.169.254/", "http:// is for loopback"},
    {__LINE__, "http://169.254.170.20/", "http:// is for loopback"},
    {__LINE__, "http://[fd00:ec2::254]/", "http:// is for loopback"},
    {__LINE__, "http://localhost:/", "the port must be"},
    {__LINE__, "http://localhost:0/", "the port must be"},
    {__LINE__, "http://localhost:65536/", "the port must be"},
    {__LINE__, "http://localhost:1x/", "the port must be"},
    {__LINE__, "http://[::1/", "the address lacks its"},
    {__LINE__, "http:///x", "http:// is for loopback"},
    {__LINE__, "https:///x", "endpoint: must"},
    {__LINE__, "https://a b/x", "endpoint: must"},
    {__LINE__, "/a b", "path: must be visible"},
    {__LINE__, "/a\r\nX: y", "path: must be visible"},
};

static void test_uris(void **state)
{
    static const char *const source[] = {EC2_CREDENTIALS("1", AT_1), NULL};

    (void)state;
    for (size_t i = 0; i < LENGTH(uris); i++) {
        enum segjob_status status;

        begin(source, nothing);
        status = segjob_container_init(&container, segjob_cstr(uris[i].name),
                                       memory, CAP);
        net.port.provider = &container.source.provider;
        if (status == SEGJOB_OK) {
            status = create();
        }
        ROW(&uris[i], (status == SEGJOB_OK) == (uris[i].why == NULL));
        ROW(&uris[i], uris[i].why == NULL || strstr(container.source.message,
                                                    uris[i].why) != NULL);
    }
    assert_int_equal(
        segjob_container_init(&container, segjob_cstr(NULL), memory, CAP),
        SEGJOB_CONFIG);
}

static void test_imds_hosts(void **state)
{
    static const struct {
        int line;
        const char *name;
        bool plain; /* also without TLS */
    } hosts[] = {
        {__LINE__, "169.254.169.254", true},
        {__LINE__, "fd00:ec2::254", true},
        {__LINE__, "localhost", true},
        {__LINE__, "127.0.0.1", true},
        {__LINE__, "::1", true},
        {__LINE__, "169.254.170.2", false},
        {__LINE__, "fd00:ec2::23", false},
        {__LINE__, "10.0.0.1", false},
        {__LINE__, "imds.test", false},
    };

    (void)state;
    begin(nothing, nothing);
    for (size_t i = 0; i < LENGTH(hosts); i++) {
        struct segjob_config config = {.host = segjob_cstr(hosts[i].name)};

        ROW(&hosts[i],
            segjob_imds_init(&imds, &config, memory, CAP) == SEGJOB_OK);
        config.plain = true;
        ROW(&hosts[i], segjob_imds_init(&imds, &config, memory, CAP) ==
                           (hosts[i].plain ? SEGJOB_OK : SEGJOB_CONFIG));
        ROW(&hosts[i],
            hosts[i].plain ||
                strcmp(imds.source.message,
                       "EC2 instance metadata: http:// is for "
                       "loopback and AWS's own addresses only") == 0);
    }
}

static const char *no_token(struct segjob_container *c)
{
    assert_ptr_equal(c, &container);
    return "the token cannot be read";
}

static void test_authorize(void **state)
{
    (void)state;
    begin(nothing, nothing);
    assert_int_equal(
        segjob_container_init(&container, segjob_cstr("/x"), memory, CAP),
        SEGJOB_OK);
    container.authorize = no_token;
    net.port.provider = &container.source.provider;
    assert_int_equal(create(), SEGJOB_CREDENTIALS);
    assert_string_equal(container.source.message,
                        "container credentials: the token cannot be read");
    container.authorize = NULL;
    container.authorization = segjob_cstr("a\r\nX: y");
    assert_int_equal(create(), SEGJOB_CREDENTIALS);
    assert_string_equal(letters, "");
}

static const struct {
    int line;
    const char *name;
    struct segjob_str endpoint, alias, thing;
    const char *why;
} iot_configs[] = {
    {__LINE__,
     "no endpoint",
     {NULL, 0},
     SEGJOB_STR("a"),
     {NULL, 0},
     "there is no endpoint"},
    {__LINE__,
     "a bad endpoint",
     SEGJOB_STR("a/b"),
     SEGJOB_STR("a"),
     {NULL, 0},
     "endpoint: must"},
    {__LINE__,
     "no alias",
     SEGJOB_STR("h"),
     {NULL, 0},
     {NULL, 0},
     "the role alias"},
    {__LINE__,
     "an empty alias",
     SEGJOB_STR("h"),
     SEGJOB_STR(""),
     {NULL, 0},
     "the role alias"},
    {__LINE__,
     "a path",
     SEGJOB_STR("h"),
     SEGJOB_STR("../a"),
     {NULL, 0},
     "the role alias"},
    {__LINE__,
     "a NUL",
     SEGJOB_STR("h"),
     SEGJOB_STR("a\0"),
     {NULL, 0},
     "the role alias"},
    {__LINE__, "a line end in the thing's name", SEGJOB_STR("h"),
     SEGJOB_STR("a"), SEGJOB_STR("t\r\nX: y"), "the thing name"},
    {__LINE__, "an empty thing's name", SEGJOB_STR("h"), SEGJOB_STR("a"),
     SEGJOB_STR(""), "the thing name"},
};

static void test_iot_configs(void **state)
{
    static char long_name[129];
    struct segjob_iot_config config = {.endpoint = SEGJOB_STR("h")};

    (void)state;
    begin(nothing, nothing);
    for (size_t i = 0; i < LENGTH(iot_configs); i++) {
        config.endpoint = iot_configs[i].endpoint;
        config.role_alias = iot_configs[i].alias;
        config.thing_name = iot_configs[i].thing;
        ROW(&iot_configs[i],
            segjob_iot_init(&iot, &config, memory, CAP) == SEGJOB_CONFIG);
        ROW(&iot_configs[i],
            strstr(iot.source.message, iot_configs[i].why) != NULL);
    }
    memset(long_name, 'a', sizeof(long_name));
    config.endpoint = segjob_cstr("h");
    config.role_alias.ptr = long_name;
    config.role_alias.len = 129;
    config.thing_name = segjob_cstr(NULL);
    assert_int_equal(segjob_iot_init(&iot, &config, memory, CAP),
                     SEGJOB_CONFIG);
    config.role_alias.len = 128;
    assert_int_equal(segjob_iot_init(&iot, &config, memory, CAP), SEGJOB_OK);
}

static void test_no_plain_stream(void **state)
{
    static const char *const source[] = {HEAD("200"), NULL};

    (void)state;
    begin_imds(source);
    net.port.plain = NULL;
    assert_int_equal(create(), SEGJOB_CREDENTIALS);
    assert_non_null(strstr(imds.source.message, "no plain stream"));
}

/* ------------------------------------------- credentials of another source */

static struct segjob_source role;
static char role_memory[CAP];
static char role_date[SEGJOB_SIGN_DATE_LEN];

/* What its requests are signed with, and the date, are in its headers. */
static bool next_role_request(struct segjob_source *s,
                              struct segjob_str fetched)
{
    (void)fetched;
    assert_true(segjob_sign_date(s->now, role_date));
    s->request.method = "POST";
    s->request.path[0] = SEGJOB_STR("/role");
    s->request.headers[0].name = "x-amz-date";
    s->request.headers[0].value.ptr = role_date;
    s->request.headers[0].value.len = sizeof(role_date);
    s->request.headers[1].name = "x-id";
    s->request.headers[1].value = s->base_credentials->access_key_id;
    s->request.body = SEGJOB_STR("Action=AssumeRole");
    return s->step == 0;
}

static void begin_role(const char *const *source, const char *const *service)
{
    static const struct segjob_source_kind kind = {
        .name = "role",
        .format = SEGJOB_FORMAT_CONTAINER,
        .timeout_ms = 5000,
        .is_signed = true,
        .next_request = next_role_request,
    };
    static const struct segjob_config config = {
        .host = SEGJOB_STR("sts.us-east-1.amazonaws.com")};

    begin_iot(source, service);
    segjob_source_init(&role, &kind, &config, role_memory, sizeof(role_memory));
    assert_int_equal(segjob_source_check(&role), SEGJOB_OK);
    role.base = &iot.source.provider;
    net.port.provider = &role.provider;
}

#define ROLE_ERROR(head, code) \
    "HTTP/1.0 403 x\r\n" head "\r\n{\"__type\":\"" code "\"}"

static void test_role(void **state)
{
    static const char *const source[] = {IOT_CREDENTIALS("1", AT_9),
                                         EC2_CREDENTIALS("5", AT_1),
                                         EC2_CREDENTIALS("6", AT_2), NULL};

    (void)state;
    for (int stuttering = 0; stuttering < 2; stuttering++) {
        begin_role(source, nothing);
        net.stutters = stuttering != 0;
        assert_int_equal(create(), SEGJOB_OK);
        assert_string_equal(letters, "seS5");
        assert_non_null(strstr(seen, "POST /role HTTP/1.1\r\n"));
        assert_non_null(strstr(seen, "\r\nx-id: ASIA1\r\n"));
        assert_non_null(strstr(seen, "\r\nContent-Length: 17\r\n"));
        assert_non_null(strstr(seen, "\r\n\r\nAction=AssumeRole"));
        pass_to(0, 55);
        assert_int_equal(create(), SEGJOB_OK);
        assert_string_equal(letters, "seS5eS6");
    }
}

/* The role's credentials do not outlast those that signed for them: both. */
static void test_role_and_base_expire(void **state)
{
    static const char *const source[] = {
        IOT_CREDENTIALS("1", AT_1), EC2_CREDENTIALS("5", AT_1),
        IOT_CREDENTIALS("2", AT_2), EC2_CREDENTIALS("6", AT_2), NULL};

    (void)state;
    begin_role(source, nothing);
    assert_int_equal(create(), SEGJOB_OK);
    pass_to(0, 55);
    assert_int_equal(create(), SEGJOB_OK);
    assert_string_equal(letters, "seS5seS6");
    assert_non_null(strstr(seen, "\r\nx-id: ASIA2\r\n"));
}

static void test_base_fails(void **state)
{
    static const char *const refused[] = {HEAD("403"), NULL};
    static const char *const busy[] = {HEAD("500"), IOT_CREDENTIALS("1", AT_9),
                                       EC2_CREDENTIALS("5", AT_1), NULL};

    (void)state;
    begin_role(refused, nothing);
    assert_int_equal(create(), SEGJOB_CREDENTIALS);
    assert_string_equal(net.port.error.message,
                        "role: AWS IoT credentials provider: HTTP 403");
    assert_int_equal(segjob_get_outcome(&client), SEGJOB_NOT_SENT);
    begin_role(busy, nothing);
    assert_int_equal(create(), SEGJOB_OK);
    assert_string_equal(letters, "sseS5");
}

/* What a provider of one's own may give, or fail to give. */
static struct segjob_credentials own;
static const struct segjob_credentials *own_or_none;
static enum segjob_io own_result;

static enum segjob_io get_own(struct segjob_provider *p,
                              struct segjob_port *port, int64_t now,
                              bool force_refresh,
                              const struct segjob_credentials **credentials)
{
    (void)port;
    (void)now;
    (void)force_refresh;
    p->error.status = SEGJOB_CREDENTIALS;
    *credentials = own_or_none;
    return own_result;
}

static void test_base_of_ones_own(void **state)
{
    static const char *const source[] = {EC2_CREDENTIALS("5", AT_1), NULL};
    static struct segjob_provider provider = {.get = get_own};
    static const struct segjob_credentials good = {
        SEGJOB_STR_INIT("ASIA1"), SEGJOB_STR_INIT("s"), {NULL, 0}};
    static const struct segjob_credentials bad = {
        SEGJOB_STR_INIT("ASIA1"), {"", 0}, {NULL, 0}};
    static const struct {
        const struct segjob_credentials *given;
        enum segjob_io result;
        const char *why;
    } rows[] = {
        {&good, SEGJOB_IO_OK, NULL},
        {&bad, SEGJOB_IO_OK,
         "role: the credentials to sign with cannot be used"},
        {NULL, SEGJOB_IO_OK,
         "role: the credentials to sign with cannot be used"},
        {&good, SEGJOB_IO_FAILED, "role: no credentials to sign with"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        begin_role(source, nothing);
        role.base = &provider;
        if (rows[i].given != NULL) {
            own = *rows[i].given;
        }
        own_or_none = rows[i].given != NULL ? &own : NULL;
        own_result = rows[i].result;
        if (rows[i].why == NULL) {
            assert_int_equal(create(), SEGJOB_OK);
            assert_string_equal(letters, "eS5");
        } else {
            assert_int_equal(create(), SEGJOB_CREDENTIALS);
            assert_string_equal(letters, "");
            assert_string_equal(net.port.error.message, rows[i].why);
        }
    }
}

/* The role's old credentials stay in use, although their base is gone. */
static void test_base_fails_later(void **state)
{
    static const char *const source[] = {
        IOT_CREDENTIALS("1", AT_1), EC2_CREDENTIALS("5", AT_1), HEAD("403"),
        ROLE_ERROR("", "Denied"), NULL};

    (void)state;
    begin_role(source, nothing);
    assert_int_equal(create(), SEGJOB_OK);
    pass_to(0, 56);
    assert_int_equal(create(), SEGJOB_OK);
    assert_string_equal(letters, "seS5seS5");
}

static void test_base_is_cancelled(void **state)
{
    static const char *const source[] = {SILENCE, SILENCE,
                                         IOT_CREDENTIALS("1", AT_9),
                                         EC2_CREDENTIALS("5", AT_1), NULL};

    (void)state;
    begin_role(source, nothing);
    assert_int_equal(segjob_create(&client, &job), SEGJOB_PENDING);
    assert_int_equal(segjob_run(&client, &net.port, 3000), SEGJOB_TIMEOUT);
    assert_null(net.open);
    assert_false(iot.source.is_fetching);
    source_script = &source[2];
    assert_int_equal(create(), SEGJOB_OK);
    assert_string_equal(letters, "sseS5");
}

/* New ones are wanted once: the same again, and it is an error. */
static void test_base_has_expired(void **state)
{
    static const char *const renewed[] = {
        IOT_CREDENTIALS("1", AT_9), ROLE_ERROR("", "ExpiredTokenException"),
        IOT_CREDENTIALS("2", AT_9), EC2_CREDENTIALS("5", AT_1), NULL};
    static const char *const lost[] = {
        IOT_CREDENTIALS("1", AT_9), ROLE_ERROR("", "ExpiredTokenException"),
        IOT_CREDENTIALS("2", AT_9), ROLE_ERROR("", "ExpiredTokenException"),
        NULL};

    (void)state;
    begin_role(renewed, nothing);
    assert_int_equal(create(), SEGJOB_OK);
    assert_string_equal(letters, "seseS5");
    assert_non_null(strstr(seen, "\r\nx-id: ASIA2\r\n"));
    begin_role(lost, nothing);
    assert_int_equal(create(), SEGJOB_CREDENTIALS);
    assert_string_equal(letters, "sese");
    assert_string_equal(net.port.error.message,
                        "role: ExpiredTokenException (HTTP 403)");
}

/* What the base has renewed is used, whatever became of the request. */
static void test_renewed_base_is_kept(void **state)
{
    static const char *const source[] = {
        IOT_CREDENTIALS("1", AT_9), ROLE_ERROR("", "ExpiredTokenException"),
        IOT_CREDENTIALS("2", AT_9), HEAD("500"),
        EC2_CREDENTIALS("5", AT_1), NULL};

    (void)state;
    begin_role(source, nothing);
    assert_int_equal(create(), SEGJOB_OK);
    assert_string_equal(letters, "seseeS5");
    assert_non_null(strstr(seen, "\r\nx-id: ASIA2\r\n"));
}

#define NOON "Date: Thu, 01 Jan 2026 12:00:00 GMT\r\n"

/* A wrong date is corrected by that of the response, whenever it is wrong. */
static void test_clock_of_role(void **state)
{
    static const char *const source[] = {
        IOT_CREDENTIALS("1", "2026-01-02T00:00:00Z"),
        ROLE_ERROR(NOON, "RequestExpired"),
        EC2_CREDENTIALS("5", "2026-01-01T13:00:00Z"),
        ROLE_ERROR("Date: Thu, 01 Jan 2026 12:55:00 GMT\r\n",
                   "RequestInTheFuture"),
        EC2_CREDENTIALS("6", "2026-01-01T14:00:00Z"),
        NULL};

    (void)state;
    begin_role(source, nothing);
    pass_to(12, 0);
    net.off = -6 * 3600;
    assert_int_equal(create(), SEGJOB_OK);
    assert_string_equal(letters, "seeS5");
    assert_non_null(strstr(seen, "\r\nx-amz-date: 20260101T120000Z\r\n"));
    pass_to(12, 55);
    net.off = 0; /* somebody has set it */
    assert_int_equal(create(), SEGJOB_OK);
    assert_string_equal(letters, "seeS5eeS6");
    assert_non_null(strstr(seen, "\r\nx-amz-date: 20260101T125500Z\r\n"));
}

static const struct {
    int line;
    const char *name, *error;
    int64_t off;
} clocks[] = {
    {__LINE__, "no date", ROLE_ERROR("", "RequestExpired"), -7200},
    {__LINE__, "of a cache", ROLE_ERROR(NOON "Age: 1\r\n", "RequestExpired"),
     -7200},
    {__LINE__, "the clock is right", ROLE_ERROR(NOON, "RequestExpired"), 0},
    {__LINE__, "it is nearly", ROLE_ERROR(NOON, "RequestExpired"), 239},
    {__LINE__, "another error", ROLE_ERROR(NOON, "Denied"), -7200},
};

static void test_clock_is_not_corrected(void **state)
{
    static const char *source[] = {IOT_CREDENTIALS("1", "2026-01-02T00:00:00Z"),
                                   NULL, NULL};

    (void)state;
    for (size_t i = 0; i < LENGTH(clocks); i++) {
        source[1] = clocks[i].error;
        begin_role(source, nothing);
        pass_to(12, 0);
        net.off = clocks[i].off;
        ROW(&clocks[i], create() == SEGJOB_CREDENTIALS);
        ROW(&clocks[i], strcmp(letters, "se") == 0);
        ROW(&clocks[i], role.clock_skew_s == 0);
    }
}

/* A second error of this kind ends it. */
static void test_clock_is_corrected_once(void **state)
{
    static const char *const source[] = {
        IOT_CREDENTIALS("1", "2026-01-02T00:00:00Z"),
        ROLE_ERROR(NOON, "RequestExpired"),
        ROLE_ERROR("Date: Thu, 01 Jan 2026 18:00:00 GMT\r\n", "RequestExpired"),
        NULL};

    (void)state;
    begin_role(source, nothing);
    pass_to(12, 0);
    net.off = -7200;
    assert_int_equal(create(), SEGJOB_CREDENTIALS);
    assert_string_equal(letters, "see");
}

static void test_wipe_while_base_is_asked(void **state)
{
    static const char *const source[] = {SILENCE, NULL};

    (void)state;
    begin_role(source, nothing);
    assert_int_equal(segjob_create(&client, &job), SEGJOB_PENDING);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(segjob_step(&client, &net.port), SEGJOB_PENDING);
    }
    assert_true(role.awaits_base);
    segjob_source_wipe(&role);
    assert_false(role.awaits_base);
    segjob_source_wipe(&iot.source);
    segjob_disconnect(&net.port);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_iot, tear_down),
        cmocka_unit_test_teardown(test_container, tear_down),
        cmocka_unit_test_teardown(test_relative_uri, tear_down),
        cmocka_unit_test_teardown(test_imds, tear_down),
        cmocka_unit_test_teardown(test_stuttering, tear_down),
        cmocka_unit_test_teardown(test_credentials_are_reused, tear_down),
        cmocka_unit_test_teardown(test_five_minutes_early, tear_down),
        cmocka_unit_test_teardown(test_old_credentials_stay_in_use, tear_down),
        cmocka_unit_test_teardown(test_expired_credentials_stay_in_use,
                                  tear_down),
        cmocka_unit_test_teardown(test_rejected_credentials_do_not, tear_down),
        cmocka_unit_test_teardown(test_expired_metadata, tear_down),
        cmocka_unit_test_teardown(test_silence_is_not_asked_again, tear_down),
        cmocka_unit_test_teardown(test_credentials_without_expiration,
                                  tear_down),
        cmocka_unit_test_teardown(test_wrong_clocks, tear_down),
        cmocka_unit_test_teardown(test_service_reports_expiry, tear_down),
        cmocka_unit_test_teardown(test_service_reports_expiry_twice, tear_down),
        cmocka_unit_test_teardown(test_corrected_clock, tear_down),
        cmocka_unit_test_teardown(test_failures, tear_down),
        cmocka_unit_test_teardown(test_imds_is_absent, tear_down),
        cmocka_unit_test_teardown(test_imds_fails_later, tear_down),
        cmocka_unit_test_teardown(test_bad_metadata, tear_down),
        cmocka_unit_test_teardown(test_memory_is_too_small, tear_down),
        cmocka_unit_test_teardown(test_every_capacity, tear_down),
        cmocka_unit_test_teardown(test_cancel, tear_down),
        cmocka_unit_test_teardown(test_deadline, tear_down),
        cmocka_unit_test_teardown(test_uris, tear_down),
        cmocka_unit_test_teardown(test_imds_hosts, tear_down),
        cmocka_unit_test_teardown(test_authorize, tear_down),
        cmocka_unit_test_teardown(test_iot_configs, tear_down),
        cmocka_unit_test_teardown(test_no_plain_stream, tear_down),
        cmocka_unit_test_teardown(test_role, tear_down),
        cmocka_unit_test_teardown(test_role_and_base_expire, tear_down),
        cmocka_unit_test_teardown(test_base_fails, tear_down),
        cmocka_unit_test_teardown(test_base_fails_later, tear_down),
        cmocka_unit_test_teardown(test_base_is_cancelled, tear_down),
        cmocka_unit_test_teardown(test_base_has_expired, tear_down),
        cmocka_unit_test_teardown(test_base_of_ones_own, tear_down),
        cmocka_unit_test_teardown(test_renewed_base_is_kept, tear_down),
        cmocka_unit_test_teardown(test_clock_of_role, tear_down),
        cmocka_unit_test_teardown(test_clock_is_not_corrected, tear_down),
        cmocka_unit_test_teardown(test_clock_is_corrected_once, tear_down),
        cmocka_unit_test_teardown(test_wipe_while_base_is_asked, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
