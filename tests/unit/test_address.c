/*
 * Where connections go: addresses as text, with inet_pton() as the reference,
 * and the runner over a resolver that returns a foreign address for every host.
 */
#include "rows.h"

#include <arpa/inet.h>
#include <string.h>

#include "segjob_fetch.h"
#include "segjob_run.h"
#include "sj_address.h"

/* ---------------------------------------------------------------- addresses */

/* inet_pton() is the reference, except for IPv4 inside IPv6. */
static size_t reference(const char *text, uint8_t *bytes)
{
    if (inet_pton(AF_INET, text, bytes) == 1) {
        return 4;
    }
    return strchr(text, '.') == NULL && inet_pton(AF_INET6, text, bytes) == 1
               ? 16
               : 0;
}

static void assert_as_reference(const char *text)
{
    uint8_t expected[16] = {0}, bytes[16] = {0};
    const size_t len = reference(text, expected);

    if (sj_address_read(segjob_cstr(text), bytes) != len ||
        memcmp(bytes, expected, len) != 0) {
        fail_msg("%s", text);
    }
}

static const char *const texts[] = {
    "",
    ":",
    "::",
    ":::",
    "::1",
    "1::",
    "1::2:",
    ":1::2",
    "1::2::3",
    "0:0:0:0:0:0:0:1",
    "1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7:8:",
    "1:2:3:4:5:6:7:8::",
    "1:2:3:4:5:6:7::",
    "::2:3:4:5:6:7:8",
    "::1:2:3:4:5:6:7:8",
    "1:2:3::4:5:6:7:8",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "fD00:eC2::254",
    "00001::",
    "0001::ffff",
    "::fffg",
    "::ffff:127.0.0.1",
    "[::1]",
    "fe80::1%1",
    "127.0.0.1",
    "0.0.0.0",
    "255.255.255.255",
    "256.0.0.1",
    "127.0.0.01",
    "00.0.0.0",
    "127.1",
    "127.0.0.1.",
    ".127.0.0.1",
    "127..0.1",
    "127.0.0.1x",
    "127.0.0.0x1",
    "2130706433",
    "1.2.3.4.5",
    " 1.2.3.4",
};

static void test_addresses_are_read_as_inet_pton_does(void **state)
{
    static const char some[] = "0129.::afG";
    char text[20];
    uint32_t seed = 1;
    size_t i, at;

    (void)state;
    for (i = 0; i < LENGTH(texts); i++) {
        assert_as_reference(texts[i]);
    }
    for (i = 0; i < 300000; i++) {
        for (at = 0; at < i % sizeof(text); at++) {
            seed = seed * 1664525u + 1013904223u;
            text[at] = some[(seed >> 16) % (sizeof(some) - 1)];
        }
        text[at] = '\0';
        assert_as_reference(text);
    }
}

static void test_loopback_stays_on_the_device(void **state)
{
    static const struct {
        int line;
        const char *name;
        bool is_loopback;
    } rows[] = {
        {__LINE__, "127.0.0.1", true},
        {__LINE__, "127.0.0.0", true},
        {__LINE__, "127.255.255.255", true},
        {__LINE__, "126.255.255.255", false},
        {__LINE__, "128.0.0.0", false},
        {__LINE__, "0.0.0.0", false},
        {__LINE__, "127.1", false},
        {__LINE__, "::1", true},
        {__LINE__, "0:0::0:1", true},
        {__LINE__, "::", false},
        {__LINE__, "::2", false},
        {__LINE__, "::7f00:1", false},
        {__LINE__, "::ffff:7f00:1", false},
        {__LINE__, "7f00::1", false},
        {__LINE__, "fe80::1", false},
        {__LINE__, "localhost", true},
        {__LINE__, "LOCALHOST.", true},
        {__LINE__, "a.localhost", true},
        {__LINE__, "a-localhost", false},
        {__LINE__, "localhost.test", false},
        {__LINE__, "name.test", false},
        {__LINE__, "", false},
        {__LINE__, NULL, false},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        ROW(&rows[i], segjob_is_loopback(segjob_cstr(rows[i].name)) ==
                          rows[i].is_loopback);
    }
}

/* ------------------------------------------------------------------- runner */

#define STRANGER "192.0.2.1"

static struct {
    struct segjob_stream tls, plain;
    struct segjob_platform platform;
    struct segjob_port port;
    const char *proxy; /* of both streams, or NULL */
    unsigned asked;    /* calls of the resolver */
    const struct segjob_stream *opened;
    char went_to[128]; /* the addresses, separated by spaces */
} w;

static enum segjob_io w_resolve(struct segjob_platform *p, const char *host,
                                struct segjob_address *addresses, size_t cap,
                                size_t *len)
{
    (void)p;
    (void)host;
    assert_true(cap > 0);
    w.asked++;
    memset(addresses, 0, sizeof(*addresses));
    assert_int_equal(inet_pton(AF_INET, STRANGER, addresses->bytes), 1);
    *len = 1;
    return SEGJOB_IO_OK;
}

static enum segjob_io w_open(struct segjob_stream *s,
                             const struct segjob_peer *peer)
{
    char text[INET6_ADDRSTRLEN];

    w.opened = s;
    for (size_t i = 0; i < peer->addresses_len; i++) {
        const struct segjob_address *a = &peer->addresses[i];

        assert_int_equal(a->scope, 0);
        assert_non_null(inet_ntop(a->is_ipv6 ? AF_INET6 : AF_INET, a->bytes,
                                  text, sizeof(text)));
        assert_true(strlen(w.went_to) + strlen(text) + 2 < sizeof(w.went_to));
        strcat(w.went_to, i > 0 ? " " : "");
        strcat(w.went_to, text);
    }
    s->error = (struct segjob_port_error){SEGJOB_CONNECT, "enough", 0};
    return SEGJOB_IO_FAILED;
}

static const char *w_via(const struct segjob_stream *s, const char *host)
{
    (void)s;
    (void)host;
    return w.proxy;
}

static void w_close(struct segjob_stream *s)
{
    (void)s;
}

static int64_t w_wall_clock(struct segjob_platform *p)
{
    (void)p;
    return 1767225600;
}

static uint64_t w_monotonic_ms(struct segjob_platform *p)
{
    (void)p;
    return 1000;
}

static const struct segjob_credentials credentials = {
    .access_key_id = SEGJOB_STR("AKIDEXAMPLE"),
    .secret_access_key = SEGJOB_STR("secret"),
};

static void begin(const char *proxy)
{
    memset(&w, 0, sizeof(w));
    w.proxy = proxy;
    w.tls =
        (struct segjob_stream){.open = w_open, .close = w_close, .via = w_via};
    w.plain = w.tls;
    w.platform = (struct segjob_platform){.wall_clock = w_wall_clock,
                                          .monotonic_ms = w_monotonic_ms,
                                          .resolve = w_resolve};
    w.port.stream = &w.tls;
    w.port.plain = &w.plain;
    w.port.platform = &w.platform;
    w.port.credentials = &credentials;
}

/* Attempt once to connect to `host`: to the service, or to fetch from it. */
static enum segjob_status go(const char *host, bool plain, bool is_service)
{
    static const struct segjob_create_request job = {
        .job_name = SEGJOB_STR("x"),
        .solution_version_arn = SEGJOB_STR(
            "arn:aws:personalize:us-east-1:123456789012:solution/s/1"),
        .role_arn = SEGJOB_STR("arn:aws:iam::123456789012:role/r"),
        .input = {.path = SEGJOB_STR("s3://b/in.json")},
        .output = {.path = SEGJOB_STR("s3://b/out/")},
    };
    static const struct segjob_fetch_request fetch = {
        .method = "GET", .path = {SEGJOB_STR("/")}};
    const struct segjob_config config = {
        .region = segjob_cstr(is_service ? "us-east-1" : NULL),
        .host = segjob_cstr(host),
        .plain = plain};
    static char buf[4096];
    static struct segjob_client client;

    if (segjob_init(&client, &config, buf, sizeof(buf)) != SEGJOB_OK ||
        (is_service
             ? segjob_create(&client, &job)
             : segjob_fetch(&client, &fetch, 1000, 1000)) != SEGJOB_PENDING) {
        return segjob_get_status(&client);
    }
    while (segjob_step(&client, &w.port) == SEGJOB_PENDING) {
    }
    return segjob_get_status(&client);
}

static const struct {
    int line;
    const char *name;    /* the host */
    const char *goes_to; /* with TLS, whatever the resolver returns */
    bool is_asked;       /* the resolver */
    bool plain_service;  /* allowed without TLS: the service ... */
    bool plain_fetch;    /* ... and a source of credentials */
} hosts[] = {
    /* RFC 6761, section 6.3 */
    {__LINE__, "localhost", "::1 127.0.0.1", false, true, true},
    {__LINE__, "LocalHost", "::1 127.0.0.1", false, true, true},
    {__LINE__, "a.localhost", "::1 127.0.0.1", false, true, true},
    {__LINE__, "A.b.LOCALHOST", "::1 127.0.0.1", false, true, true},
    {__LINE__, "localhosts", STRANGER, true, false, false},
    {__LINE__, "alocalhost", STRANGER, true, false, false},
    {__LINE__, "localhost.test", STRANGER, true, false, false},
    {__LINE__, "localhost.localdomain", STRANGER, true, false, false},
    {__LINE__, "name.test", STRANGER, true, false, false},
    {__LINE__, "127.0.0.1", "127.0.0.1", false, true, true},
    {__LINE__, "127.0.0.53", "127.0.0.53", false, false, true},
    {__LINE__, "::1", "::1", false, true, true},
    {__LINE__, "192.168.1.2", "192.168.1.2", false, false, true},
    {__LINE__, "169.254.170.2", "169.254.170.2", false, false, true},
    {__LINE__, "fd00:ec2::23", "fd00:ec2::23", false, false, true},
    {__LINE__, "::ffff:7f00:1", "::ffff:127.0.0.1", false, false, true},
    /* Other readers accept these as loopback: the resolver may, with TLS. */
    {__LINE__, "127.1", STRANGER, true, false, false},
    {__LINE__, "127.0.0.01", STRANGER, true, false, false},
    {__LINE__, "127.0.0.1.test", STRANGER, true, false, false},
    {__LINE__, "127.test", STRANGER, true, false, false},
};

static void test_hosts_by_tls(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(hosts); i++) {
        for (int is_service = 0; is_service < 2; is_service++) {
            begin(NULL);
            ROW(&hosts[i],
                go(hosts[i].name, false, is_service == 1) == SEGJOB_CONNECT);
            ROW(&hosts[i], w.opened == &w.tls);
            ROW(&hosts[i], strcmp(w.went_to, hosts[i].goes_to) == 0);
            ROW(&hosts[i], w.asked == hosts[i].is_asked);
        }
    }
}

/* The resolver is never asked. */
static void test_hosts_without_tls(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(hosts); i++) {
        for (int is_service = 0; is_service < 2; is_service++) {
            const bool can =
                is_service ? hosts[i].plain_service : hosts[i].plain_fetch;

            begin(NULL);
            ROW(&hosts[i], go(hosts[i].name, true, is_service == 1) ==
                               (can ? SEGJOB_CONNECT : SEGJOB_CONFIG));
            ROW(&hosts[i], w.opened == (can ? &w.plain : NULL));
            ROW(&hosts[i], strcmp(w.went_to, can ? hosts[i].goes_to : "") == 0);
            ROW(&hosts[i], w.asked == 0);
        }
    }
}

static void test_a_name_without_tls_is_reported(void **state)
{
    (void)state;
    begin(NULL);
    assert_int_equal(go("name.test", true, false), SEGJOB_CONFIG);
    assert_int_equal(w.port.error.status, SEGJOB_CONFIG);
    assert_string_equal(w.port.error.message,
                        "without TLS the host must be localhost or an address");
}

/* The proxy's name is resolved as a host's; plain HTTP goes past the proxy. */
static void test_proxies(void **state)
{
    static const struct {
        int line;
        const char *name;
        const char *goes_to;
    } rows[] = {
        {__LINE__, "localhost", "::1 127.0.0.1"},
        {__LINE__, "proxy.localhost.", "::1 127.0.0.1"},
        {__LINE__, "127.0.0.2", "127.0.0.2"},
        {__LINE__, "proxy.test", STRANGER},
        {__LINE__, "fe80::1%lo", STRANGER}, /* a zone: left to the resolver */
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        begin(rows[i].name);
        ROW(&rows[i], go("name.test", false, true) == SEGJOB_CONNECT);
        ROW(&rows[i], strcmp(w.went_to, rows[i].goes_to) == 0);
        ROW(&rows[i], w.asked == (strcmp(rows[i].goes_to, STRANGER) == 0));
        begin(rows[i].name);
        ROW(&rows[i], go("localhost", true, true) == SEGJOB_CONNECT);
        ROW(&rows[i], strcmp(w.went_to, "::1 127.0.0.1") == 0);
        ROW(&rows[i], w.asked == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses_are_read_as_inet_pton_does),
        cmocka_unit_test(test_loopback_stays_on_the_device),
        cmocka_unit_test(test_hosts_by_tls),
        cmocka_unit_test(test_hosts_without_tls),
        cmocka_unit_test(test_a_name_without_tls_is_reported),
        cmocka_unit_test(test_proxies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
