/*
 * Requests to sources of credentials: the bytes sent, and the status of each
 * response. The formats are those of AWS's documentation.
 */
#include "misuse.h"
#include "rows.h"
#include "segjob_fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAP 2048
#define NOW 1000

static const struct segjob_config config = {
    .host = SEGJOB_STR("127.0.0.1"), .port = 8080, .plain = true};

static const struct segjob_fetch_request request = {
    .method = "GET",
    .path = {SEGJOB_STR("/a/"), SEGJOB_STR("b"), SEGJOB_STR("?c=d")},
    .headers = {{"Authorization", SEGJOB_STR("Basic hush")}},
    .secret = SEGJOB_STR("Basic hush"),
};

static struct segjob_client c;
static char *buf;
static size_t buf_cap;

static int tear_down(void **state)
{
    (void)state;
    free(buf);
    buf = NULL;
    return 0;
}

static enum segjob_status begin_in(const struct segjob_fetch_request *r,
                                   size_t cap)
{
    free(buf);
    buf = malloc(cap);
    buf_cap = cap;
    assert_non_null(buf);
    memset(buf, '@', cap);
    assert_int_equal(segjob_init(&c, &config, buf, cap), SEGJOB_OK);
    return segjob_fetch(&c, r, NOW, 2000);
}

/* Have the request sent. */
static void begin(void)
{
    assert_int_equal(begin_in(&request, CAP), SEGJOB_PENDING);
    assert_int_equal(segjob_connected(&c, -1), SEGJOB_PENDING);
    assert_int_equal(segjob_sent(&c, segjob_tx(&c).len), SEGJOB_PENDING);
}

static void respond(const char *bytes)
{
    struct segjob_buffer rx;

    for (; *bytes != '\0' && segjob_get_want(&c) == SEGJOB_WANT_RECEIVE;
         bytes++) {
        rx = segjob_rx(&c);
        rx.ptr[0] = *bytes;
        assert_int_equal(segjob_received(&c, 1), SEGJOB_PENDING);
    }
    if (segjob_get_want(&c) == SEGJOB_WANT_RECEIVE) {
        assert_int_equal(segjob_received(&c, 0), SEGJOB_PENDING);
    }
    if (segjob_get_want(&c) == SEGJOB_WANT_CLOSE) {
        segjob_closed(&c);
    }
    assert_int_equal(segjob_get_want(&c), SEGJOB_WANT_NOTHING);
}

/* Whether the buffer contains the text. */
static bool holds(const char *text)
{
    const size_t n = strlen(text);

    for (size_t i = 0; i + n <= buf_cap; i++) {
        if (memcmp(buf + i, text, n) == 0) {
            return true;
        }
    }
    return false;
}

/* ---------------------------------------------------------------- request */

#define REST                   \
    "Host: 127.0.0.1:8080\r\n" \
    "Accept: */*\r\n"          \
    "User-Agent: segjob/" VERSION_TEXT "\r\n"

static void test_get(void **state)
{
    (void)state;
    assert_int_equal(begin_in(&request, CAP), SEGJOB_PENDING);
    assert_int_equal(segjob_get_want(&c), SEGJOB_WANT_CONNECTION);
    assert_string_equal(segjob_host(&c), "127.0.0.1");
    assert_int_equal(segjob_tcp_port(&c), 8080);
    assert_true(segjob_is_plain(&c));
    assert_int_equal(segjob_connected(&c, -1), SEGJOB_PENDING);
    assert_true(is_string(segjob_tx(&c), "GET /a/b?c=d HTTP/1.1\r\n" REST
                                         "Authorization: Basic hush\r\n"
                                         "\r\n"));
    assert_int_equal(segjob_sent(&c, segjob_tx(&c).len), SEGJOB_PENDING);
    assert_false(holds("hush"));
}

static void test_put(void **state)
{
    static const struct segjob_fetch_request put = {.method = "PUT",
                                                    .path = {SEGJOB_STR("/t")}};

    (void)state;
    assert_int_equal(begin_in(&put, CAP), SEGJOB_PENDING);
    assert_int_equal(segjob_connected(&c, -1), SEGJOB_PENDING);
    assert_true(is_string(segjob_tx(&c),
                          "PUT /t HTTP/1.1\r\n" REST "Content-Length: 0\r\n"
                          "\r\n"));
}

static void test_ports(void **state)
{
    struct segjob_config other = config;

    (void)state;
    other.port = 0;
    assert_int_equal(segjob_init(&c, &other, NULL, 0), SEGJOB_OK);
    assert_int_equal(segjob_tcp_port(&c), 80);
    other.plain = false;
    assert_int_equal(segjob_init(&c, &other, NULL, 0), SEGJOB_OK);
    assert_int_equal(segjob_tcp_port(&c), 443);
    assert_false(segjob_is_plain(&c));
}

static const struct {
    int line;
    const char *name;
    struct segjob_str path, value;
    enum segjob_field field;
    enum segjob_rule rule;
} bad_requests[] = {
    {__LINE__,
     "no path",
     {NULL, 0},
     {NULL, 0},
     SEGJOB_FIELD_FETCH_PATH,
     SEGJOB_RULE_REQUIRED},
    {__LINE__,
     "no slash",
     SEGJOB_STR("a"),
     {NULL, 0},
     SEGJOB_FIELD_FETCH_PATH,
     SEGJOB_RULE_REQUIRED},
    {__LINE__,
     "an empty path",
     SEGJOB_STR(""),
     {NULL, 0},
     SEGJOB_FIELD_FETCH_PATH,
     SEGJOB_RULE_TOO_SHORT},
    {__LINE__,
     "a blank",
     SEGJOB_STR("/a b"),
     {NULL, 0},
     SEGJOB_FIELD_FETCH_PATH,
     SEGJOB_RULE_PATTERN},
    {__LINE__,
     "a line end in the path",
     SEGJOB_STR("/a\r\nX: y"),
     {NULL, 0},
     SEGJOB_FIELD_FETCH_PATH,
     SEGJOB_RULE_PATTERN},
    {__LINE__, "a line end in the header", SEGJOB_STR("/"),
     SEGJOB_STR("a\r\nX: y"), SEGJOB_FIELD_FETCH_HEADER, SEGJOB_RULE_PATTERN},
    {__LINE__, "a line feed", SEGJOB_STR("/"), SEGJOB_STR("a\n"),
     SEGJOB_FIELD_FETCH_HEADER, SEGJOB_RULE_PATTERN},
    {__LINE__, "a NUL", SEGJOB_STR("/"), SEGJOB_STR("a\0"),
     SEGJOB_FIELD_FETCH_HEADER, SEGJOB_RULE_PATTERN},
    {__LINE__, "beyond ASCII", SEGJOB_STR("/"), SEGJOB_STR("\xc3\xbc"),
     SEGJOB_FIELD_FETCH_HEADER, SEGJOB_RULE_PATTERN},
};

static void test_bad_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(bad_requests); i++) {
        for (size_t header = 0; header < SEGJOB_FETCH_HEADERS; header++) {
            struct segjob_fetch_request r = {.method = "GET"};

            r.path[0] = bad_requests[i].path;
            r.headers[header].name = "X";
            r.headers[header].value = bad_requests[i].value;
            ROW(&bad_requests[i], begin_in(&r, CAP) == SEGJOB_INVALID);
            ROW(&bad_requests[i],
                segjob_get_error(&c)->field == bad_requests[i].field);
            ROW(&bad_requests[i],
                segjob_get_error(&c)->rule == bad_requests[i].rule);
            ROW(&bad_requests[i], segjob_get_want(&c) == SEGJOB_WANT_NOTHING);
        }
    }
}

static void test_misuse(void **state)
{
    struct segjob_credentials credentials;
    int64_t expiration;
    struct segjob_config nowhere = {.port = 0};

    (void)state;
    assert_int_equal(begin_in(&request, CAP), SEGJOB_PENDING);
    assert_misuse(segjob_fetch(&c, &request, NOW, 1));
    assert_null(segjob_fetched(&c).ptr);
    assert_misuse(segjob_read_credentials(&c, 0, SEGJOB_FORMAT_IOT,
                                          &credentials, &expiration));
    begin();
    respond("HTTP/1.1 200 x\r\n\r\n{}");
    assert_misuse(segjob_read_credentials(&c, CAP + 1, SEGJOB_FORMAT_IOT,
                                          &credentials, &expiration));
    assert_int_equal(segjob_init(&c, &nowhere, NULL, 0), SEGJOB_CONFIG);
    assert_int_equal(segjob_get_error(&c)->field, SEGJOB_FIELD_REGION);
    nowhere.region = segjob_cstr("r");
    nowhere.host = segjob_cstr("not a host");
    assert_int_equal(segjob_init(&c, &nowhere, NULL, 0), SEGJOB_CONFIG);
    assert_int_equal(segjob_fetch(&c, &request, NOW, 1), SEGJOB_CONFIG);
    assert_int_equal(segjob_get_error(&c)->field, SEGJOB_FIELD_ENDPOINT);
}

static const struct {
    int line;
    const char *name;
    struct segjob_config config;
    enum segjob_field field;
    enum segjob_rule rule;
} configs[] = {
    {__LINE__,
     "plain to loopback",
     {.region = SEGJOB_STR("r"), .host = SEGJOB_STR("::1"), .plain = true},
     SEGJOB_FIELD_NONE,
     SEGJOB_RULE_NONE},
    {__LINE__,
     "plain to AWS",
     {.region = SEGJOB_STR("r"), .plain = true},
     SEGJOB_FIELD_ENDPOINT,
     SEGJOB_RULE_NOT_LOOPBACK},
    {__LINE__,
     "plain elsewhere",
     {.region = SEGJOB_STR("r"), .host = SEGJOB_STR("a.b"), .plain = true},
     SEGJOB_FIELD_ENDPOINT,
     SEGJOB_RULE_NOT_LOOPBACK},
    {__LINE__,
     "plain elsewhere, to fetch",
     {.host = SEGJOB_STR("169.254.169.254"), .plain = true},
     SEGJOB_FIELD_NONE,
     SEGJOB_RULE_NONE},
    {__LINE__,
     "FIPS of a given host",
     {.region = SEGJOB_STR("r"), .host = SEGJOB_STR("a.b"), .fips = true},
     SEGJOB_FIELD_ENDPOINT,
     SEGJOB_RULE_NO_VARIANT},
    {__LINE__,
     "dual-stack of a given host",
     {.region = SEGJOB_STR("r"), .host = SEGJOB_STR("a.b"), .dual_stack = true},
     SEGJOB_FIELD_ENDPOINT,
     SEGJOB_RULE_NO_VARIANT},
    {__LINE__,
     "both of AWS's",
     {.region = SEGJOB_STR("r"), .fips = true, .dual_stack = true},
     SEGJOB_FIELD_NONE,
     SEGJOB_RULE_NONE},
};

static void test_configs(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(configs); i++) {
        const bool good = configs[i].rule == SEGJOB_RULE_NONE;

        ROW(&configs[i], (segjob_init(&c, &configs[i].config, NULL, 0) ==
                          SEGJOB_OK) == good);
        ROW(&configs[i], segjob_get_error(&c)->field == configs[i].field);
        ROW(&configs[i], segjob_get_error(&c)->rule == configs[i].rule);
    }
}

/* Without region and host there is no endpoint, for any operation. */
static void test_no_host(void **state)
{
    static const struct segjob_config nothing = {.plain = false};

    (void)state;
    buf = malloc(CAP);
    assert_int_equal(segjob_init(&c, &nothing, buf, CAP), SEGJOB_CONFIG);
    assert_int_equal(segjob_fetch(&c, &request, NOW, 2000), SEGJOB_CONFIG);
    assert_int_equal(segjob_get_error(&c)->field, SEGJOB_FIELD_REGION);
    assert_int_equal(segjob_get_error(&c)->rule, SEGJOB_RULE_REQUIRED);
}

/* RFC 3986 section 3.2.2 */
static void test_ipv6(void **state)
{
    static const struct segjob_config ipv6 = {
        .host = SEGJOB_STR("fd00:ec2::254"), .port = 80, .plain = true};

    (void)state;
    buf = malloc(CAP);
    assert_int_equal(segjob_init(&c, &ipv6, buf, CAP), SEGJOB_OK);
    assert_int_equal(segjob_fetch(&c, &request, NOW, 2000), SEGJOB_PENDING);
    assert_string_equal(segjob_host(&c), "fd00:ec2::254");
    assert_int_equal(segjob_connected(&c, -1), SEGJOB_PENDING);
    assert_non_null(strstr(segjob_tx(&c).ptr, "\r\nHost: [fd00:ec2::254]\r\n"));
}

/* Without a region a client can fetch, but not create. */
static void test_no_region(void **state)
{
    static const struct segjob_create_request nothing = {.tags = NULL};

    (void)state;
    begin();
    respond("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(segjob_create(&c, &nothing), SEGJOB_CONFIG);
    assert_int_equal(segjob_get_error(&c)->field, SEGJOB_FIELD_REGION);
    assert_int_equal(segjob_get_error(&c)->rule, SEGJOB_RULE_REQUIRED);
}

static void test_small_buffers(void **state)
{
    (void)state;
    assert_int_equal(begin_in(&request, SEGJOB_RESPONSE_MIN - 1),
                     SEGJOB_NO_SPACE);
    assert_int_equal(segjob_get_error(&c)->size_needed, SEGJOB_RESPONSE_MIN);
    assert_int_equal(begin_in(&request, SEGJOB_RESPONSE_MIN), SEGJOB_PENDING);
}

static void test_long_requests(void **state)
{
    static char value[3000];
    struct segjob_fetch_request r = request;

    (void)state;
    memset(value, 'v', sizeof(value));
    r.headers[1].name = "X";
    r.headers[1].value.ptr = value;
    r.headers[1].value.len = sizeof(value);
    assert_int_equal(begin_in(&r, CAP), SEGJOB_NO_SPACE);
    assert_true(segjob_get_error(&c)->size_needed > sizeof(value));
    assert_int_equal(begin_in(&r, segjob_get_error(&c)->size_needed),
                     SEGJOB_PENDING);
    r.headers[1].value.len--;
    assert_misuse(segjob_connected(&c, -1));
}

/*
 * The services' endpoint rule sets; tests/conformance/endpoint.py asks those of
 * botocore in all regions.
 */
static const struct {
    int line;
    const char *name;
    const char *service;
    bool fips, dual_stack;
    const char *host;
} hosts[] = {
    {__LINE__, "eu-west-1", "sts", 0, 0, "sts.eu-west-1.amazonaws.com"},
    {__LINE__, "eu-west-1", "sts", 1, 0, "sts-fips.eu-west-1.amazonaws.com"},
    {__LINE__, "us-gov-west-1", "sts", 1, 0, "sts.us-gov-west-1.amazonaws.com"},
    {__LINE__, "us-gov-west-1", "sts", 1, 1, "sts-fips.us-gov-west-1.api.aws"},
    {__LINE__, "us-gov-west-1", "portal.sso", 1, 0,
     "portal.sso.us-gov-west-1.amazonaws.com"},
    {__LINE__, "us-gov-west-1", "portal.sso", 1, 1,
     "portal.sso-fips.us-gov-west-1.api.aws"},
    {__LINE__, "us-gov-west-1", "portal.sso", 0, 1,
     "portal.sso.us-gov-west-1.api.aws"},
    {__LINE__, "us-gov-west-1", "rolesanywhere", 1, 0,
     "rolesanywhere-fips.us-gov-west-1.amazonaws.com"},
    {__LINE__, "us-east-1", "portal.sso", 1, 0,
     "portal.sso-fips.us-east-1.amazonaws.com"},
    {__LINE__, "cn-north-1", "portal.sso", 0, 0,
     "portal.sso.cn-north-1.amazonaws.com.cn"},
    {__LINE__, "cn-north-1", "rolesanywhere", 0, 1,
     "rolesanywhere.cn-north-1.api.amazonwebservices.com.cn"},
};

static void test_hosts(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(hosts); i++) {
        const size_t len = strlen(hosts[i].host);
        const struct segjob_config service = {
            .region = segjob_cstr(hosts[i].name),
            .host = SEGJOB_STR("ignored"),
            .fips = hosts[i].fips,
            .dual_stack = hosts[i].dual_stack};

        for (size_t cap = 1; cap < len + 2; cap++) {
            char *host = malloc(cap);
            const size_t cut = cap <= len ? cap - 1 : len;

            segjob_write_host(&service, hosts[i].service, host, cap);
            ROW(&hosts[i], strlen(host) == cut);
            ROW(&hosts[i], memcmp(host, hosts[i].host, cut) == 0);
            free(host);
        }
    }
}

/* --------------------------------------------------------------- responses */

static void test_time_is_limited(void **state)
{
    (void)state;
    assert_int_equal(begin_in(&request, CAP), SEGJOB_PENDING);
    assert_int_equal(segjob_wake_ms(&c), NOW + 2000);
    segjob_tick(&c, NOW + 1999);
    assert_int_equal(segjob_get_want(&c), SEGJOB_WANT_CONNECTION);
    segjob_tick(&c, NOW + 2000);
    assert_int_equal(segjob_get_want(&c), SEGJOB_WANT_CLOSE);
    segjob_closed(&c);
    assert_int_equal(segjob_get_status(&c), SEGJOB_TIMEOUT);
    assert_int_equal(segjob_get_outcome(&c), SEGJOB_NOT_APPLICABLE);
}

static void test_body(void **state)
{
    (void)state;
    begin();
    respond("HTTP/1.0 200 OK\r\n\r\nrole");
    assert_int_equal(segjob_get_status(&c), SEGJOB_OK);
    assert_true(is_string(segjob_fetched(&c), "role"));
}

static void test_kept_connection(void **state)
{
    (void)state;
    begin();
    respond("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    assert_true(segjob_keep_alive(&c));
    assert_true(is_string(segjob_fetched(&c), "ok"));
}

/* A fetch is never retried: it ends with the first failure. */
static const struct {
    int line;
    const char *name;
    const char *response;
    enum segjob_status status;
    const char *explained;
} failures[] = {
    {__LINE__, "redirect",
     "HTTP/1.1 302 x\r\nLocation: http://evil/\r\nContent-Length: 0\r\n\r\n",
     SEGJOB_REDIRECT,
     "the response is a redirect, which is never followed (HTTP 302)"},
    {__LINE__, "IoT's refusal",
     "HTTP/1.1 403 x\r\nContent-Length: 39\r\n\r\n"
     "{\"message\":\"Invalid thing name passed\"}",
     SEGJOB_SERVICE, "HTTP 403: Invalid thing name passed"},
    {__LINE__, "a secret in the message",
     "HTTP/1.1 403 x\r\n\r\n{\"code\":\"C\",\"message\":\"no Basic hush!\"}",
     SEGJOB_SERVICE, "C (HTTP 403): no ***!"},
    {__LINE__, "a page", "HTTP/1.1 404 x\r\n\r\n<html>", SEGJOB_SERVICE,
     "HTTP 404"},
    {__LINE__, "a server's failure", "HTTP/1.1 500 x\r\n\r\n", SEGJOB_SERVICE,
     "HTTP 500"},
    {__LINE__, "no content", "HTTP/1.1 204 x\r\n\r\n", SEGJOB_PROTOCOL,
     "the response is not one that this service gives (HTTP 204)"},
    {__LINE__, "no HTTP", "SSH-2.0\r\n", SEGJOB_PROTOCOL,
     "the response is not one that this service gives"},
    {__LINE__, "nothing", "", SEGJOB_CONNECTION_CLOSED, "the connection broke"},
    {__LINE__, "a half", "HTTP/1.1 200 x\r\nContent-Length: 5\r\n\r\nabc",
     SEGJOB_CONNECTION_CLOSED, "the connection broke (HTTP 200)"},
    {__LINE__, "too long, by its length",
     "HTTP/1.1 200 x\r\nContent-Length: 5000\r\n\r\n", SEGJOB_CONNECTION_CLOSED,
     "the connection broke (HTTP 200)"},
};

static void test_failures(void **state)
{
    char line[128];

    (void)state;
    for (size_t i = 0; i < LENGTH(failures); i++) {
        begin();
        respond(failures[i].response);
        ROW(&failures[i], segjob_get_status(&c) == failures[i].status);
        (void)segjob_explain(&c, line, sizeof(line));
        ROW(&failures[i], strcmp(line, failures[i].explained) == 0);
        ROW(&failures[i], segjob_fetched(&c).ptr == NULL ||
                              failures[i].status == SEGJOB_SERVICE);
        ROW(&failures[i], segjob_get_outcome(&c) == SEGJOB_NOT_APPLICABLE);
    }
}

/* A body that is not JSON is left to the caller. */
static void test_error_that_is_not_json(void **state)
{
    char line[128];
    struct segjob_str body;

    (void)state;
    begin();
    respond("HTTP/1.1 400 x\r\n\r\n<Code>Busy</Code><Message>for Basic hush"
            "</Message>");
    body = segjob_fetched(&c);
    assert_true(is_string(body, "<Code>Busy</Code><Message>for Basic hush"
                                "</Message>"));
    segjob_fetch_set_error(&c, (struct segjob_str){body.ptr + 6, 4},
                           (struct segjob_str){body.ptr + 26, 14},
                           request.secret);
    assert_null(segjob_fetched(&c).ptr);
    (void)segjob_explain(&c, line, sizeof(line));
    assert_string_equal(line, "Busy (HTTP 400): for ***");
}

/* A code, and what follows from it with this HTTP status. */
static const struct {
    int line;
    const char *name;
    int http_status;
    enum segjob_fetch_error expected;
} codes[] = {
    {__LINE__, "AccessDenied", 403, SEGJOB_FETCH_FINAL},
    {__LINE__, "InvalidClientTokenId", 403, SEGJOB_FETCH_FINAL},
    {__LINE__, "MalformedPolicyDocument", 400, SEGJOB_FETCH_FINAL},
    {__LINE__, "InvalidIdentityToken", 400, SEGJOB_FETCH_FINAL},
    {__LINE__, "RegionDisabledException", 403, SEGJOB_FETCH_FINAL},
    {__LINE__, NULL, 404, SEGJOB_FETCH_FINAL},
    {__LINE__, NULL, 501, SEGJOB_FETCH_FINAL},
    {__LINE__, "IDPCommunicationError", 400, SEGJOB_FETCH_TRANSIENT},
    {__LINE__, "InternalFailure", 400, SEGJOB_FETCH_TRANSIENT},
    {__LINE__, "Throttling", 400, SEGJOB_FETCH_TRANSIENT},
    {__LINE__, NULL, 429, SEGJOB_FETCH_TRANSIENT},
    {__LINE__, NULL, 500, SEGJOB_FETCH_TRANSIENT},
    {__LINE__, NULL, 503, SEGJOB_FETCH_TRANSIENT},
    {__LINE__, "ExpiredToken", 403, SEGJOB_FETCH_EXPIRED},
    {__LINE__, "ExpiredTokenException", 400, SEGJOB_FETCH_EXPIRED},
    {__LINE__, "SignatureDoesNotMatch", 403, SEGJOB_FETCH_SKEWED},
    {__LINE__, "RequestExpired", 400, SEGJOB_FETCH_SKEWED},
};

static void test_classes(void **state)
{
    char response[64];

    (void)state;
    for (size_t i = 0; i < LENGTH(codes); i++) {
        const char *name = codes[i].name == NULL ? "" : codes[i].name;
        struct segjob_str code = {NULL, 0};

        sprintf(response, "HTTP/1.1 %d x\r\n\r\n%s", codes[i].http_status,
                name);
        begin();
        respond(response);
        if (codes[i].name != NULL) {
            code = segjob_fetched(&c);
        }
        segjob_fetch_set_error(&c, code, code, request.secret);
        ROW(&codes[i], segjob_fetch_classify(&c) == codes[i].expected);
        ROW(&codes[i], is_string(segjob_get_error(&c)->code, codes[i].name));
    }
}

/* The clock of the client is `wall_clock` of segjob_connected(). */
static void test_clock_skew(void **state)
{
    static const struct {
        const char *date;
        int64_t wall_clock;
        bool is_known;
        int64_t skew_s;
    } dates[] = {
        {"Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n", 1767225600, true, 0},
        {"Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n", 1767225700, true, -100},
        {"Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n", 0, true, 1767225600},
        {"Date: Wed, 31 Dec 2025 23:59:59 GMT\r\n", 0, false, 0},
        {"Date: today\r\n", 0, false, 0},
        {"", 0, false, 0},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(dates); i++) {
        int64_t skew_s = 0;
        char response[128] = "HTTP/1.1 403 x\r\n";

        strcat(strcat(response, dates[i].date), "\r\n");
        assert_int_equal(begin_in(&request, CAP), SEGJOB_PENDING);
        assert_int_equal(segjob_connected(&c, dates[i].wall_clock),
                         SEGJOB_PENDING);
        assert_int_equal(segjob_sent(&c, segjob_tx(&c).len), SEGJOB_PENDING);
        respond(response);
        assert_true(segjob_fetched_clock_skew(&c, &skew_s) ==
                    dates[i].is_known);
        assert_true(skew_s == dates[i].skew_s);
    }
}

static void test_too_long(void **state)
{
    static char long_response[5100] =
        "HTTP/1.1 200 x\r\nContent-Length: 5000\r\n\r\n";

    (void)state;
    memset(long_response + strlen(long_response), 'x', 5000);
    begin();
    respond(long_response);
    assert_int_equal(segjob_get_status(&c), SEGJOB_NO_SPACE);
    assert_true(segjob_get_error(&c)->size_needed >= 5000);
}

/* ------------------------------------------------------------- credentials */

#define DATE "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
#define BODY(head, body) "HTTP/1.1 200 OK\r\n" head "\r\n" body
#define IOT(id, secret, token, expiration)                                 \
    "{\"credentials\":{\"accessKeyId\":" id ",\"secretAccessKey\":" secret \
    ",\"sessionToken\":" token ",\"expiration\":" expiration "}}"
#define EC2(id, secret, token, expiration)                                \
    "{\"Code\" : \"Success\",\"Type\" : \"AWS-HMAC\",\"AccessKeyId\":" id \
    ",\"SecretAccessKey\":" secret ",\"Token\":" token                    \
    ",\"Expiration\":" expiration "}"

#define PROCESS(version, token)                                              \
    "{\"Version\":" version ",\"AccessKeyId\":\"ASIA\",\"SecretAccessKey\":" \
    "\"hush\",\"SessionToken\":" token "}"

static const struct {
    int line;
    const char *name;
    const char *response;
    enum segjob_credentials_format format;
    enum segjob_status status;
    const char *explained;
} bodies[] = {
    {__LINE__, "IoT",
     BODY("", IOT("\"ASIA\"", "\"hush/+\"", "\"tok\\/en\"",
                  "\"2026-01-01T01:00:00Z\"")),
     SEGJOB_FORMAT_IOT, SEGJOB_OK, "done (HTTP 200)"},
    {__LINE__, "EC2, with its date",
     BODY(DATE, EC2("\"ASIA\"", "\"hush/+\"", "\"tok/en\"",
                    "\"2026-01-01T01:00:00Z\"")),
     SEGJOB_FORMAT_CONTAINER, SEGJOB_OK, "done (HTTP 200)"},
    {__LINE__, "a program", BODY("", PROCESS("1", "\"tok/en\"")),
     SEGJOB_FORMAT_PROCESS, SEGJOB_OK, "done (HTTP 200)"},
    {__LINE__, "a program with an empty token, so no token",
     BODY("", PROCESS("1", "\"\"")), SEGJOB_FORMAT_PROCESS, SEGJOB_OK,
     "done (HTTP 200)"},
    {__LINE__, "a program of another version",
     BODY("", PROCESS("2", "\"tok/en\"")), SEGJOB_FORMAT_PROCESS,
     SEGJOB_PROTOCOL,
     "the response is not one that this service gives (HTTP 200)"},
    {__LINE__, "a program of no version",
     BODY("", PROCESS("null", "\"tok/en\"")), SEGJOB_FORMAT_PROCESS,
     SEGJOB_PROTOCOL,
     "the response is not one that this service gives (HTTP 200)"},
    {__LINE__, "a program with a number for a token",
     BODY("", PROCESS("1", "7")), SEGJOB_FORMAT_PROCESS, SEGJOB_PROTOCOL,
     "sessionToken: must be visible ASCII characters"},
    {__LINE__, "the other format",
     BODY("", EC2("\"ASIA\"", "\"hush\"", "\"t\"", "\"2026-01-01T01:00:00Z\"")),
     SEGJOB_FORMAT_IOT, SEGJOB_PROTOCOL, "accessKeyId: is required"},
    {__LINE__, "no id",
     BODY("", IOT("null", "\"hush\"", "\"t\"", "\"2026-01-01T01:00:00Z\"")),
     SEGJOB_FORMAT_IOT, SEGJOB_PROTOCOL, "accessKeyId: is required"},
    {__LINE__, "a number for an id",
     BODY("", IOT("1", "\"hush\"", "\"t\"", "\"2026-01-01T01:00:00Z\"")),
     SEGJOB_FORMAT_IOT, SEGJOB_PROTOCOL, "accessKeyId: is required"},
    {__LINE__, "no secret",
     BODY("", IOT("\"A\"", "null", "\"t\"", "\"2026-01-01T01:00:00Z\"")),
     SEGJOB_FORMAT_IOT, SEGJOB_PROTOCOL, "secretAccessKey: is required"},
    {__LINE__, "an empty secret",
     BODY("", IOT("\"A\"", "\"\"", "\"t\"", "\"2026-01-01T01:00:00Z\"")),
     SEGJOB_FORMAT_IOT, SEGJOB_PROTOCOL,
     "secretAccessKey: must be at least 1 character"},
    {__LINE__, "no token",
     BODY("", IOT("\"A\"", "\"hush\"", "null", "\"2026-01-01T01:00:00Z\"")),
     SEGJOB_FORMAT_IOT, SEGJOB_OK, "done (HTTP 200)"},
    {__LINE__, "a number for a token",
     BODY("", IOT("\"A\"", "\"hush\"", "1", "\"2026-01-01T01:00:00Z\"")),
     SEGJOB_FORMAT_IOT, SEGJOB_PROTOCOL,
     "sessionToken: must be visible ASCII characters"},
    {__LINE__, "an empty token",
     BODY("", IOT("\"A\"", "\"hush\"", "\"\"", "\"2026-01-01T01:00:00Z\"")),
     SEGJOB_FORMAT_IOT, SEGJOB_PROTOCOL,
     "sessionToken: must be at least 1 character"},
    {__LINE__, "a line end in the token",
     BODY("",
          IOT("\"A\"", "\"hush\"", "\"a\\r\\nb\"", "\"2026-01-01T01:00:00Z\"")),
     SEGJOB_FORMAT_IOT, SEGJOB_PROTOCOL,
     "sessionToken: must be visible ASCII characters"},
    {__LINE__, "a NUL in the secret",
     BODY("",
          IOT("\"A\"", "\"a\\u0000\"", "\"t\"", "\"2026-01-01T01:00:00Z\"")),
     SEGJOB_FORMAT_IOT, SEGJOB_PROTOCOL,
     "secretAccessKey: must be visible ASCII characters"},
    {__LINE__, "no expiration",
     BODY("", IOT("\"A\"", "\"hush\"", "\"t\"", "null")), SEGJOB_FORMAT_IOT,
     SEGJOB_OK, "done (HTTP 200)"},
    {__LINE__, "neither token nor expiration",
     BODY("", "{\"AccessKeyId\":\"AKIA\",\"SecretAccessKey\":\"hush\"}"),
     SEGJOB_FORMAT_CONTAINER, SEGJOB_OK, "done (HTTP 200)"},
    {__LINE__, "a number for an expiration",
     BODY("", IOT("\"A\"", "\"hush\"", "\"t\"", "1767229200")),
     SEGJOB_FORMAT_IOT, SEGJOB_PROTOCOL,
     "expiration: must be an RFC 3339 time such as 2026-01-01T00:00:00Z"},
    {__LINE__, "no date",
     BODY("", IOT("\"A\"", "\"hush\"", "\"t\"", "\"soon\"")), SEGJOB_FORMAT_IOT,
     SEGJOB_PROTOCOL,
     "expiration: must be an RFC 3339 time such as 2026-01-01T00:00:00Z"},
    {__LINE__, "expired by the source's clock",
     BODY(DATE, EC2("\"A\"", "\"hush\"", "\"t\"", "\"2025-12-31T18:00:00Z\"")),
     SEGJOB_FORMAT_CONTAINER, SEGJOB_OK, "done (HTTP 200)"},
    {__LINE__, "a success of another spelling",
     BODY("", "{\"Code\":\"success\",\"AccessKeyId\":\"A\","
              "\"SecretAccessKey\":\"hush\",\"Token\":\"t\"}"),
     SEGJOB_FORMAT_CONTAINER, SEGJOB_OK, "done (HTTP 200)"},
    {__LINE__, "a failure with credentials, which are used",
     BODY("", "{\"Code\":\"Unavailable\",\"Message\":\"later\","
              "\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"hush\"}"),
     SEGJOB_FORMAT_CONTAINER, SEGJOB_OK, "done (HTTP 200)"},
    {__LINE__, "a success without credentials",
     BODY("", "{\"Code\":\"Success\"}"), SEGJOB_FORMAT_CONTAINER,
     SEGJOB_PROTOCOL, "accessKeyId: is required"},
    {__LINE__, "EC2's refusal",
     BODY("", "{\"Code\":\"AssumeRoleUnauthorizedAccess\","
              "\"Message\":\"EC2 cannot assume the role r.\"}"),
     SEGJOB_FORMAT_CONTAINER, SEGJOB_SERVICE,
     "AssumeRoleUnauthorizedAccess (HTTP 200): EC2 cannot assume the role r."},
    {__LINE__, "SSO without its object",
     BODY("", "{\"accessKeyId\":\"A\",\"secretAccessKey\":\"hush\","
              "\"sessionToken\":\"t\",\"expiration\":1}"),
     SEGJOB_FORMAT_SSO, SEGJOB_PROTOCOL, "accessKeyId: is required"},
    {__LINE__, "SSO without an expiration",
     BODY("", "{\"roleCredentials\":{\"accessKeyId\":\"A\","
              "\"secretAccessKey\":\"hush\",\"sessionToken\":\"t\"}}"),
     SEGJOB_FORMAT_SSO, SEGJOB_PROTOCOL,
     "expiration: must be an RFC 3339 time such as 2026-01-01T00:00:00Z"},
    {__LINE__, "not JSON", BODY("", "<html>"), SEGJOB_FORMAT_IOT,
     SEGJOB_PROTOCOL,
     "the response is not one that this service gives (HTTP 200)"},
    {__LINE__, "nothing", BODY("", ""), SEGJOB_FORMAT_IOT, SEGJOB_PROTOCOL,
     "the response is not one that this service gives (HTTP 200)"},
    {__LINE__, "an array", BODY("", "[]"), SEGJOB_FORMAT_CONTAINER,
     SEGJOB_PROTOCOL, "accessKeyId: is required"},
};

static void test_credentials(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(bodies); i++) {
        struct segjob_credentials credentials;
        int64_t expiration = 0;
        char line[128];

        begin();
        respond(bodies[i].response);
        ROW(&bodies[i], segjob_read_credentials(
                            &c, segjob_fetched(&c).len, bodies[i].format,
                            &credentials, &expiration) == bodies[i].status);
        ROW(&bodies[i], segjob_get_status(&c) == bodies[i].status);
        (void)segjob_explain(&c, line, sizeof(line));
        ROW(&bodies[i], strcmp(line, bodies[i].explained) == 0);
        if (strcmp(bodies[i].name, "IoT") == 0) {
            assert_true(is_string(credentials.access_key_id, "ASIA"));
            assert_true(is_string(credentials.secret_access_key, "hush/+"));
            assert_true(is_string(credentials.session_token, "tok/en"));
            assert_int_equal(expiration, 1767229200); /* by date -u -d */
        }
        if (strstr(bodies[i].name, "no expiration") != NULL ||
            strstr(bodies[i].name, "nor expiration") != NULL) {
            assert_true(expiration == INT64_MAX);
        }
        if (strstr(bodies[i].name, "no token") != NULL ||
            strstr(bodies[i].name, "neither token") != NULL) {
            assert_null(credentials.session_token.ptr);
        }
    }
}

/* SSO's expiration is a number of milliseconds. Numbers by Python's int(). */
static const struct {
    int line;
    const char *name;
    enum segjob_status status;
    int64_t expiration;
} millis[] = {
    {__LINE__, "1767229200000", SEGJOB_OK, 1767229200},
    {__LINE__, "1767229199999", SEGJOB_OK, 1767229199},
    {__LINE__, "1767229200000.75", SEGJOB_OK, 1767229200},
    {__LINE__, "17672292e5", SEGJOB_OK, 1767229200},
    {__LINE__, "0", SEGJOB_OK, 0},
    {__LINE__, "-1500", SEGJOB_OK, -1},
    {__LINE__, "999999999999999", SEGJOB_OK, 999999999999},
    {__LINE__, "-999999999999999", SEGJOB_OK, -999999999999},
    {__LINE__, "1000000000000000", SEGJOB_PROTOCOL, 0},
    {__LINE__, "1e15", SEGJOB_PROTOCOL, 0},
    {__LINE__, "1e999999999999", SEGJOB_PROTOCOL, 0},
    {__LINE__, "18446744073709551616", SEGJOB_PROTOCOL, 0},
    {__LINE__, "null", SEGJOB_PROTOCOL, 0},
    {__LINE__, "true", SEGJOB_PROTOCOL, 0},
    {__LINE__, "\"1767229200000\"", SEGJOB_PROTOCOL, 0},
    {__LINE__, "\"2026-01-01T01:00:00Z\"", SEGJOB_PROTOCOL, 0},
    {__LINE__, "[1767229200000]", SEGJOB_PROTOCOL, 0},
};

static void test_sso_credentials(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(millis); i++) {
        struct segjob_credentials credentials;
        int64_t expiration = 0;
        char response[512] = BODY("", "{\"roleCredentials\":{\"accessKeyId\":"
                                      "\"ASIA\",\"secretAccessKey\":\"hush\","
                                      "\"sessionToken\":\"tok/en\","
                                      "\"expiration\":");

        strcat(strcat(response, millis[i].name), "}}");
        begin();
        respond(response);
        ROW(&millis[i], segjob_read_credentials(
                            &c, segjob_fetched(&c).len, SEGJOB_FORMAT_SSO,
                            &credentials, &expiration) == millis[i].status);
        ROW(&millis[i],
            segjob_get_error(&c)->field == (millis[i].status == SEGJOB_OK
                                                ? SEGJOB_FIELD_NONE
                                                : SEGJOB_FIELD_EXPIRATION));
        ROW(&millis[i], millis[i].status != SEGJOB_OK ||
                            expiration == millis[i].expiration);
        assert_true(is_string(credentials.session_token, "tok/en"));
    }
}

static void test_read_expiration(void **state)
{
    int64_t expiration = 0;

    (void)state;
    assert_true(segjob_read_expiration(
        (struct segjob_str)SEGJOB_STR("2026-01-01T01:00:00Z"), &expiration));
    assert_int_equal(expiration, 1767229200);
    assert_true(segjob_read_expiration(segjob_cstr(NULL), &expiration));
    assert_true(expiration == INT64_MAX);
    assert_false(segjob_read_expiration(segjob_cstr(""), &expiration));
    assert_false(segjob_read_expiration(segjob_cstr("2026"), &expiration));
}

/* Credentials that the caller has read. */
static const struct {
    int line;
    const char *name;
    struct segjob_credentials credentials;
    struct segjob_str expiration;
    int64_t expected;
    const char *explained;
} given[] = {
    {__LINE__,
     "all",
     {SEGJOB_STR("A"), SEGJOB_STR("hush"), SEGJOB_STR("t")},
     SEGJOB_STR("2026-01-01T01:00:00Z"),
     1767229200,
     "done (HTTP 200)"},
    {__LINE__,
     "neither token nor expiration",
     {SEGJOB_STR("A"), SEGJOB_STR("hush"), {NULL, 0}},
     {NULL, 0},
     INT64_MAX,
     "done (HTTP 200)"},
    {__LINE__,
     "nothing",
     {{NULL, 0}, {NULL, 0}, {NULL, 0}},
     {NULL, 0},
     0,
     "accessKeyId: is required"},
    {__LINE__,
     "an empty token",
     {SEGJOB_STR("A"), SEGJOB_STR("hush"), SEGJOB_STR("")},
     {NULL, 0},
     0,
     "sessionToken: must be at least 1 character"},
    {__LINE__,
     "a blank in the secret",
     {SEGJOB_STR("A"), SEGJOB_STR("hu sh"), SEGJOB_STR("t")},
     {NULL, 0},
     0,
     "secretAccessKey: must be visible ASCII characters"},
    {__LINE__,
     "an empty expiration",
     {SEGJOB_STR("A"), SEGJOB_STR("hush"), SEGJOB_STR("t")},
     SEGJOB_STR(""),
     0,
     "expiration: must be an RFC 3339 time such as 2026-01-01T00:00:00Z"},
};

static void test_given_credentials(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(given); i++) {
        const bool ok = given[i].expected != 0;
        int64_t expiration = 0;
        char line[128];

        begin();
        respond(BODY("", "<xml/>"));
        ROW(&given[i], segjob_check_credentials(
                           &c, &given[i].credentials, given[i].expiration,
                           &expiration) == (ok ? SEGJOB_OK : SEGJOB_PROTOCOL));
        ROW(&given[i], !ok || expiration == given[i].expected);
        (void)segjob_explain(&c, line, sizeof(line));
        ROW(&given[i], strcmp(line, given[i].explained) == 0);
    }
}

/* The body fits, but its tokens do not. */
static void test_no_room_for_tokens(void **state)
{
    static char body[SEGJOB_RESPONSE_MIN];
    struct segjob_credentials credentials;
    int64_t expiration;

    (void)state;
    strcpy(body, "HTTP/1.1 200 x\r\n\r\n[1");
    for (size_t i = 0; i < 250; i++) {
        strcat(body, ",1");
    }
    strcat(body, "]");
    assert_int_equal(begin_in(&request, SEGJOB_RESPONSE_MIN), SEGJOB_PENDING);
    assert_int_equal(segjob_connected(&c, -1), SEGJOB_PENDING);
    assert_int_equal(segjob_sent(&c, segjob_tx(&c).len), SEGJOB_PENDING);
    respond(body);
    assert_int_equal(segjob_get_status(&c), SEGJOB_OK);
    assert_int_equal(segjob_read_credentials(&c, segjob_fetched(&c).len,
                                             SEGJOB_FORMAT_IOT, &credentials,
                                             &expiration),
                     SEGJOB_NO_SPACE);
    assert_true(segjob_get_error(&c)->size_needed > SEGJOB_RESPONSE_MIN);
    assert_int_equal(segjob_get_status(&c), SEGJOB_NO_SPACE);
    for (size_t i = 0; i < SEGJOB_RESPONSE_MIN; i++) {
        assert_int_equal(buf[i], 0); /* parts of credentials, maybe */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_get, tear_down),
        cmocka_unit_test_teardown(test_put, tear_down),
        cmocka_unit_test_teardown(test_ports, tear_down),
        cmocka_unit_test_teardown(test_bad_requests, tear_down),
        cmocka_unit_test_teardown(test_misuse, tear_down),
        cmocka_unit_test_teardown(test_configs, tear_down),
        cmocka_unit_test_teardown(test_no_host, tear_down),
        cmocka_unit_test_teardown(test_ipv6, tear_down),
        cmocka_unit_test_teardown(test_no_region, tear_down),
        cmocka_unit_test_teardown(test_small_buffers, tear_down),
        cmocka_unit_test_teardown(test_long_requests, tear_down),
        cmocka_unit_test(test_hosts),
        cmocka_unit_test_teardown(test_time_is_limited, tear_down),
        cmocka_unit_test_teardown(test_body, tear_down),
        cmocka_unit_test_teardown(test_kept_connection, tear_down),
        cmocka_unit_test_teardown(test_failures, tear_down),
        cmocka_unit_test_teardown(test_error_that_is_not_json, tear_down),
        cmocka_unit_test_teardown(test_classes, tear_down),
        cmocka_unit_test_teardown(test_clock_skew, tear_down),
        cmocka_unit_test_teardown(test_too_long, tear_down),
        cmocka_unit_test_teardown(test_credentials, tear_down),
        cmocka_unit_test_teardown(test_sso_credentials, tear_down),
        cmocka_unit_test_teardown(test_read_expiration, tear_down),
        cmocka_unit_test_teardown(test_given_credentials, tear_down),
        cmocka_unit_test_teardown(test_no_room_for_tokens, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
