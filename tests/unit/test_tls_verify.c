/*
 * What the TLS stream verifies: dates, names, addresses, constraints, usages
 * and pins, also when it resumes a session; and the device's own certificate.
 */
#include "tls_fixture.h"

#include <stdio.h>

/*
 * UTC in seconds since 1970 of a date, by the formula of POSIX ("Seconds Since
 * the Epoch"): the C library's time may have 32 bits, which end in 2038.
 */
static int64_t utc(const char *yyyymmddhhmmss)
{
    static const int days_before[] = {0,   31,  59,  90,  120, 151,
                                      181, 212, 243, 273, 304, 334};
    int64_t year, yday;
    int y, month, day, hour, min, sec;

    assert_int_equal(sscanf(yyyymmddhhmmss, "%4d%2d%2d%2d%2d%2d", &y, &month,
                            &day, &hour, &min, &sec),
                     6);
    year = y - 1900;
    yday = days_before[month - 1] + day - 1;
    yday += month > 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    return sec + min * 60 + hour * 3600 + yday * 86400 +
           (year - 70) * 31536000 + (year - 69) / 4 * 86400 -
           (year - 1) / 100 * 86400 + (year + 299) / 400 * 86400;
}

/* ----------------------------------------------------------- certificates */

/* Dates of the CA and of the server, and the platform's clock. */
static const struct {
    int line;
    const char *ca_from, *ca_to, *from, *to, *clock;
    const char *refused; /* part of the reason; NULL: accepted */
} dates[] = {
    /* In 2001: by the C library's clock all have expired. */
    {__LINE__, "20000101000000", "20091231235959", "20010101000000",
     "20020101000000", "20010601000000", NULL},
    /* To the second, both ends included; leap day, end of a century. */
    {__LINE__, "20000101000000", "20491231235959", "20040229235959",
     "20040301000000", "20040229235958", "not yet valid"},
    {__LINE__, "20000101000000", "20491231235959", "20040229235959",
     "20040301000000", "20040229235959", NULL},
    {__LINE__, "20000101000000", "20491231235959", "20040229235959",
     "20040301000000", "20040301000000", NULL},
    {__LINE__, "20000101000000", "20491231235959", "20040229235959",
     "20040301000000", "20040301000001", "expired"},
    {__LINE__, "20000101000000", "21001231235959", "20200101000000",
     "21000301000000", "21000301000000", NULL},
    {__LINE__, "20000101000000", "21001231235959", "20200101000000",
     "21000301000000", "21000301000001", "expired"},
    /* Valid by the C library's clock, not by the platform's. */
    {__LINE__, "20200101000000", "20491231235959", "20200101000000",
     "20491231235959", "19700101000000", "not yet valid"},
    {__LINE__, "20200101000000", "20491231235959", "20200101000000",
     "20491231235959", "20500101000000", "expired"},
    /* The CA's dates count, too. */
    {__LINE__, "20200101000000", "20220101000000", "20200101000000",
     "20491231235959", "20220101000001", "expired"},
    {__LINE__, "20230101000000", "20491231235959", "20200101000000",
     "20491231235959", "20220101000000", "not yet valid"},
    {__LINE__, "20000101000000", "99991231235959", "20200101000000",
     "99991231235959", "99991231235959", NULL},
};

static void assert_refused(int line, const char *reason)
{
    if (tls.stream.error.status != SEGJOB_CERTIFICATE ||
        strstr(tls.stream.error.message, reason) == NULL) {
        fail_msg("line %d: status %d, %s", line, tls.stream.error.status,
                 tls.stream.error.message);
    }
}

static void test_dates_are_checked_by_the_platforms_clock(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
        struct peer_terms ca_terms = peer_ca_terms();
        struct peer_terms terms = peer_server_terms(HOST);
        struct peer_identity root, id;
        enum segjob_io io;

        ca_terms.from = dates[i].ca_from;
        ca_terms.to = dates[i].ca_to;
        terms.from = dates[i].from;
        terms.to = dates[i].to;
        peer_make(&root, &ca_terms, NULL, NULL);
        peer_make(&id, &terms, &root, PEER_CA_NAME);
        begin_with(&id, &root.crt);
        world.now = utc(dates[i].clock);
        io = handshake(HOST);
        if (dates[i].refused != NULL) {
            assert_refused(dates[i].line, dates[i].refused);
        } else if (io != SEGJOB_IO_OK) {
            fail_msg("line %d: %s", dates[i].line, tls.stream.error.message);
        }
        finish();
        peer_free_identity(&id);
        peer_free_identity(&root);
    }
}

static void test_no_clock_is_no_crash(void **state)
{
    static const struct {
        int line;
        int64_t now;
        const char *refused;
    } clocks[] = {
        {__LINE__, -1, "not yet valid"},
        {__LINE__, INT64_MIN, "not yet valid"},
        {__LINE__, INT64_MAX, "expired"},
        {__LINE__, 253402300800, "expired"}, /* the year 10000 */
    };
    struct peer_terms ca_terms = peer_ca_terms();
    struct peer_terms terms = peer_server_terms(HOST);
    struct peer_identity root, id;
    size_t i;

    (void)state;
    ca_terms.from = terms.from = "19500101000000";
    ca_terms.to = terms.to = "99991231235959";
    peer_make(&root, &ca_terms, NULL, NULL);
    peer_make(&id, &terms, &root, PEER_CA_NAME);
    for (i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
        begin_with(&id, &root.crt);
        world.now = clocks[i].now;
        assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
        assert_refused(clocks[i].line, clocks[i].refused);
        finish();
    }
    peer_free_identity(&id);
    peer_free_identity(&root);
}

static void test_the_host_is_verified(void **state)
{
    static const struct {
        int line;
        const char *subject, *dns, *uri;
        bool is_weak;
        const char *refused;
    } rows[] = {
        {__LINE__, "CN=x", HOST, NULL, false, NULL},
        {__LINE__, "CN=x", "PERSONALIZE.Example.TEST", NULL, false, NULL},
        {__LINE__, "CN=x", "*.example.test", NULL, false, NULL},
        {__LINE__, "CN=x", "*.test", NULL, false, "host name"},
        {__LINE__, "CN=x", "*", NULL, false, "host name"},
        {__LINE__, "CN=x", "ersonalize.example.test", NULL, false, "host name"},
        {__LINE__, "CN=x", HOST ".evil.test", NULL, false, "host name"},
        /* RFC 9525, section 2: only names in subjectAltName, and DNS ones. */
        {__LINE__, "CN=" HOST, "other.test", NULL, false, "host name"},
        {__LINE__, "CN=" HOST, NULL, NULL, false, "no subjectAltName"},
        {__LINE__, "CN=x", NULL, NULL, false, "no subjectAltName"},
        {__LINE__, "CN=" HOST, NULL, HOST, false, "host name"},
        {__LINE__, "CN=x", HOST, NULL, true, "too weak"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct peer_terms terms = peer_server_terms(rows[i].dns);
        struct peer_identity id;
        enum segjob_io io;

        terms.subject = rows[i].subject;
        terms.uri = rows[i].uri;
        terms.is_weak = rows[i].is_weak;
        peer_make(&id, &terms, &ca, PEER_CA_NAME);
        begin_with(&id, &ca.crt);
        io = handshake(HOST);
        if (rows[i].refused != NULL) {
            assert_refused(rows[i].line, rows[i].refused);
        } else if (io != SEGJOB_IO_OK) {
            fail_msg("line %d: %s", rows[i].line, tls.stream.error.message);
        }
        finish();
        peer_free_identity(&id);
    }
}

static void test_a_stranger_is_refused(void **state)
{
    const struct peer_terms ca_terms = peer_ca_terms();
    const struct peer_terms terms = peer_server_terms(HOST);
    struct peer_identity other, self;
    unsigned calls;

    (void)state;
    peer_make(&other, &ca_terms, NULL, NULL); /* of the same name */
    peer_make(&self, &terms, NULL, NULL);     /* self-signed */
    begin_with(&host, &other.crt);
    assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
    assert_refused(__LINE__, "trusted authority");
    calls = wire.calls;
    finish();
    /* Also if the alert cannot be sent, which is the last call. */
    begin_with(&host, &other.crt);
    wire.fail_at = calls;
    assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
    assert_refused(__LINE__, "trusted authority");
    finish();
    begin_with(&self, &ca.crt);
    assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
    assert_refused(__LINE__, "trusted authority");
    finish();
    peer_free_identity(&self);
    peer_free_identity(&other);
}

/* Change the OID of ecdsa-with-SHA256 (RFC 5758, 3.2) to one that is none. */
static void change_algorithms(mbedtls_x509_buf *der)
{
    static const unsigned char oid[] = {0x2A, 0x86, 0x48, 0xCE,
                                        0x3D, 0x04, 0x03, 0x02};
    unsigned changed = 0;
    size_t i;

    for (i = 0; i + sizeof(oid) <= der->len; i++) {
        if (memcmp(der->p + i, oid, sizeof(oid)) == 0) {
            der->p[i + sizeof(oid) - 1] = 0x7F;
            changed++;
        }
    }
    assert_int_equal(changed, 2);
}

/* mbedTLS may have an empty certificate verified in its place. */
static void test_an_unknown_signature_algorithm(void **state)
{
    const struct peer_terms terms = peer_server_terms(HOST);
    unsigned char pin[SEGJOB_TLS_DIGEST_LEN] = {0};
    struct peer_identity id;
    size_t pins;

    (void)state;
    peer_make(&id, &terms, &ca, PEER_CA_NAME);
    change_algorithms(&id.crt.raw);
    for (pins = 0; pins <= 1; pins++) {
        begin_with(&id, &ca.crt);
        assert_int_equal(segjob_tls_pin(&tls, &pin, pins), SEGJOB_OK);
        assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
        assert_refused(__LINE__, "cannot read all of it");
        finish();
    }
    peer_free_identity(&id);
}

/* Every certificate of a chain counts, the root too (RFC 5280, 4.2.1.12). */
static void test_the_usage_of_authorities(void **state)
{
    struct peer_terms ca_terms = peer_ca_terms();
    const struct peer_terms terms = peer_server_terms(HOST);
    struct peer_identity root, id;

    (void)state;
    ca_terms.is_for_clients = true;
    peer_make(&root, &ca_terms, NULL, NULL);
    peer_make(&id, &terms, &root, PEER_CA_NAME);
    begin_with(&id, &root.crt);
    assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
    assert_refused(__LINE__, "not meant for a TLS server");
    finish();
    peer_free_identity(&id);
    peer_free_identity(&root);
}

/* ------------------------------------------------------- name constraints */

enum kind {
    PERMITTED,
    EXCLUDED
};

enum form { /* tags of a GeneralName, RFC 5280, 4.2.1.6 */
    EMAIL = 0x81,
    DNS = 0x82,
    DIRECTORY = 0xA4,
    URI = 0x86,
    IP = 0x87
};

/* One subtree, and the name of the server's certificate. */
static const struct {
    int line;
    enum kind kind;
    enum form form;
    const char *base;
    size_t base_len;
    const char *dns;
    bool ok;
} constraints[] = {
#define ROW(kind, form, base, dns, ok)                        \
    {                                                         \
        __LINE__, kind, form, base, sizeof(base) - 1, dns, ok \
    }
    ROW(PERMITTED, DNS, HOST, HOST, true),
    ROW(PERMITTED, DNS, "example.test", HOST, true),
    ROW(PERMITTED, DNS, "Example.TEST", "PERSONALIZE.example.test", true),
    ROW(PERMITTED, DNS, "test", HOST, true),
    ROW(PERMITTED, DNS, "", HOST, true),
    ROW(PERMITTED, DNS, "xample.test", HOST, false),
    ROW(PERMITTED, DNS, "a." HOST, HOST, false),
    ROW(PERMITTED, DNS, "other.test", HOST, false),
    ROW(EXCLUDED, DNS, "example.test", HOST, false),
    ROW(EXCLUDED, DNS, "", HOST, false),
    ROW(EXCLUDED, DNS, "xample.test", HOST, true),
    ROW(EXCLUDED, DNS, "a." HOST, HOST, true),
    /* A leading dot, as in OpenSSL and Go: names below, not the name itself. */
    ROW(PERMITTED, DNS, ".example.test", HOST, true),
    ROW(PERMITTED, DNS, "." HOST, HOST, false),
    /* A wildcard is a name, and matches others. */
    ROW(PERMITTED, DNS, "example.test", "*.example.test", true),
    ROW(PERMITTED, DNS, HOST, "*.example.test", false),
    ROW(EXCLUDED, DNS, HOST, "*.example.test", false),
    ROW(EXCLUDED, DNS, "a.example.test", "*.example.test", true),
    /* Constraints on other name forms do not apply to a DNS name. */
    ROW(PERMITTED, EMAIL, "example.test", HOST, true),
    ROW(PERMITTED, URI, "other.test", HOST, true),
    ROW(PERMITTED, IP, "\xC0\0\2\0\xFF\xFF\xFF\0", HOST, true),
    ROW(EXCLUDED, IP, "\0\0\0\0\0\0\0\0", HOST, true),
    /* The subject is CN=server. */
    ROW(PERMITTED, DIRECTORY, "\x30\0", HOST, true),
    ROW(EXCLUDED, DIRECTORY, "\x30\0", HOST, false),
    ROW(PERMITTED, DIRECTORY,
        "\x30\x11\x31\x0F\x30\x0D\6\3\x55\4\3\x0C\6server", HOST, true),
    ROW(EXCLUDED, DIRECTORY, "\x30\x11\x31\x0F\x30\x0D\6\3\x55\4\3\x0C\6server",
        HOST, false),
    ROW(PERMITTED, DIRECTORY,
        "\x30\x11\x31\x0F\x30\x0D\6\3\x55\4\3\x0C\6cerver", HOST, false),
#undef ROW
};

/* NameConstraints with one GeneralSubtree, and the bytes after its base. */
static size_t write_constraints(unsigned char *der, size_t row,
                                const char *after, size_t after_len)
{
    const size_t n = constraints[row].base_len;

    assert_true(n + after_len < 100);
    der[0] = 0x30;
    der[1] = (unsigned char)(n + after_len + 6);
    der[2] = (unsigned char)(0xA0 + constraints[row].kind);
    der[3] = (unsigned char)(n + after_len + 4);
    der[4] = 0x30;
    der[5] = (unsigned char)(n + after_len + 2);
    der[6] = (unsigned char)constraints[row].form;
    der[7] = (unsigned char)n;
    memcpy(der + 8, constraints[row].base, n);
    memcpy(der + 8 + n, after, after_len);
    return 8 + n + after_len;
}

/* Connect to a server whose root has these constraints. */
static void assert_constrained(int line, const unsigned char *der, size_t len,
                               const char *dns, bool ok)
{
    struct peer_terms ca_terms = peer_ca_terms();
    const struct peer_terms terms = peer_server_terms(dns);
    struct peer_identity root, id;
    enum segjob_io io;

    ca_terms.constraints = der;
    ca_terms.constraints_len = len;
    peer_make(&root, &ca_terms, NULL, NULL);
    peer_make(&id, &terms, &root, PEER_CA_NAME);
    begin_with(&id, &root.crt);
    io = handshake(HOST);
    if (!ok) {
        assert_refused(line, "name constraints");
    } else if (io != SEGJOB_IO_OK) {
        fail_msg("line %d: %s", line, tls.stream.error.message);
    }
    finish();
    peer_free_identity(&id);
    peer_free_identity(&root);
}

static void test_names_are_within_constraints(void **state)
{
    unsigned char der[128];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(constraints) / sizeof(constraints[0]); i++) {
        assert_constrained(constraints[i].line, der,
                           write_constraints(der, i, "", 0), constraints[i].dns,
                           constraints[i].ok);
    }
}

/* The first row permits the host; constraints that cannot be read do not. */
static void test_constraints_that_cannot_be_read(void **state)
{
    unsigned char der[128];
    size_t len, i;

    (void)state;
    /* A minimum of 1: in RFC 5280 it is 0, which is not written. */
    len = write_constraints(der, 0, "\x80\1\1", 3);
    assert_constrained(__LINE__, der, len, HOST, false);
    len = write_constraints(der, 0, "", 0);
    assert_constrained(__LINE__, der, len - 1, HOST, false);
    for (i = 0; i < 8; i++) {
        der[i]++;
        /* The base is an x400Address. */
        assert_constrained(__LINE__, der, len, HOST, i == 6);
        der[i]--;
    }
}

/* ---------------------------------------------------- addresses as hosts */

#if defined(LINE_HAS_ADDRESSES)

static unsigned server_names; /* that clients sent */

static int count_names(void *arg, mbedtls_ssl_context *ssl,
                       const unsigned char *name, size_t len)
{
    (void)arg;
    (void)ssl;
    (void)name;
    (void)len;
    server_names++;
    return 0;
}

static const unsigned char ipv4[] = {192, 0, 2, 1};
static const unsigned char ipv6[] = {0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0,
                                     0,    0,    0,    0,    0, 0, 0, 1};

/* A certificate's name, and the host that it is compared with. */
static const struct {
    int line;
    const char *dns;
    const unsigned char *ip;
    size_t ip_len;
    const char *host;
    bool ok;
} addresses[] = {
    {__LINE__, NULL, ipv4, 4, "192.0.2.1", true},
    {__LINE__, NULL, ipv6, 16, "2001:db8::1", true},
    {__LINE__, NULL, ipv6, 16, "2001:0DB8:0:0:0:0:0:1", true},
    {__LINE__, NULL, ipv4, 4, "192.0.2.2", false},
    {__LINE__, NULL, ipv6, 16, "2001:db8::2", false},
    {__LINE__, NULL, ipv6, 4, "32.1.13.184", true},
    {__LINE__, NULL, ipv6, 16, "32.1.13.184", false},
    {__LINE__, NULL, ipv6, 4, "2001:db8::", false},
    /* A name matches no address (RFC 6125, 1.7.2), and vice versa. */
    {__LINE__, "192.0.2.1", NULL, 0, "192.0.2.1", false},
    {__LINE__, "*.0.2.1", NULL, 0, "192.0.2.1", false},
    {__LINE__, NULL, NULL, 0, "192.0.2.1", false},
    {__LINE__, NULL, ipv4, 4, HOST, false},
};

static void test_an_address_is_verified(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        struct peer_terms terms = peer_server_terms(addresses[i].dns);
        struct peer_identity id;
        enum segjob_io io;

        terms.subject = "CN=192.0.2.1";
        terms.ip = addresses[i].ip;
        terms.ip_len = addresses[i].ip_len;
        peer_make(&id, &terms, &ca, PEER_CA_NAME);
        begin_with(&id, &ca.crt);
        mbedtls_ssl_conf_sni(&server.config, count_names, NULL);
        server_names = 0;
        wire.host = addresses[i].host;
        io = handshake(addresses[i].host);
        if (!addresses[i].ok) {
            assert_refused(addresses[i].line, "not for this host");
        } else if (io != SEGJOB_IO_OK) {
            fail_msg("line %d: %s", addresses[i].line,
                     tls.stream.error.message);
        }
        /* RFC 6066, section 3: no address is sent as a server name. */
        assert_int_equal(server_names, strcmp(wire.host, HOST) == 0);
        finish();
        peer_free_identity(&id);
    }
}

static void test_a_name_after_an_address(void **state)
{
    struct peer_terms terms = peer_server_terms(NULL);
    struct peer_identity id;

    (void)state;
    terms.ip = ipv4;
    terms.ip_len = sizeof(ipv4);
    peer_make(&id, &terms, &ca, PEER_CA_NAME);
    begin_with(&id, &ca.crt);
    wire.host = "192.0.2.1";
    assert_int_equal(handshake(wire.host), SEGJOB_IO_OK);
    tls.stream.close(&tls.stream);
    wire_reset();
    peer_next(&server);
    assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
    assert_refused(__LINE__, "not for this host");
    finish();
    peer_free_identity(&id);
}

#define NO_ADDRESS_FROM 2 /* of the hosts that are refused */
#else
#define NO_ADDRESS_FROM 0
#endif

static void test_an_address_is_refused_before_anything_is_sent(void **state)
{
    static const char *const hosts[] = {"127.0.0.1",  "::1",   "fe80::1%lo",
                                        "2130706433", "127.1", "[::1]",
                                        "1.2.3.256",  ""};
    size_t i;

    (void)state;
    begin();
    for (i = NO_ADDRESS_FROM; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        assert_int_equal(client_open(hosts[i]), SEGJOB_IO_FAILED);
        assert_int_equal(tls.stream.error.status, SEGJOB_CONFIG);
        assert_int_equal(client_open(hosts[i]), SEGJOB_IO_FAILED);
        tls.stream.close(&tls.stream);
    }
    assert_int_equal(client_open(NULL), SEGJOB_IO_FAILED);
    tls.stream.close(&tls.stream);
    assert_int_equal(wire.calls, 0);
    assert_int_equal(handshake(HOST), SEGJOB_IO_OK);
    finish();
}

/* ------------------------------------------- sessions and certificates */

static void test_another_host_is_another_session(void **state)
{
    const char *const other =
        "p.example.test"; /* the certificate is for both */
    struct peer_terms terms = peer_server_terms("*.example.test");
    struct peer_identity both;
    size_t n;

    (void)state;
    peer_make(&both, &terms, &ca, PEER_CA_NAME);
    begin_sessions();
    serve_as(&both);
    n = save();
    assert_true(reconnect_to(other));
    assert_false(reconnect_to(other));
    assert_true(reconnect_to(HOST));
    wake_up(&ca.crt);
    assert_true(segjob_tls_load_session(&tls, saved, n));
    assert_true(reconnect_to(other));
    finish_sessions();
    peer_free_identity(&both);
}

/* A root, an intermediate CA and a server; one of them expires earlier. */
struct chain {
    struct peer_identity ids[3];
};

static void make_chain(struct chain *chain, size_t short_one, const char *from,
                       const char *to)
{
    static const char *const names[] = {"CN=root", "CN=middle", "CN=x"};
    size_t i;

    for (i = 0; i < 3; i++) {
        const struct peer_terms terms = {
            .subject = names[i],
            .dns = i == 2 ? HOST : NULL,
            .from = i == short_one ? from : "19500101000000",
            .to = i == short_one ? to : "20991231235959",
            .is_ca = i < 2,
        };

        peer_make(&chain->ids[i], &terms, i == 0 ? NULL : &chain->ids[i - 1],
                  i == 0 ? NULL : names[i - 1]);
    }
    assert_int_equal(
        mbedtls_x509_crt_parse(&chain->ids[2].crt,
                               (const unsigned char *)chain->ids[1].pem,
                               strlen(chain->ids[1].pem) + 1),
        0);
}

static void free_chain(struct chain *chain)
{
    size_t i;

    for (i = 0; i < 3; i++) {
        peer_free_identity(&chain->ids[i]);
    }
}

/* For a certificate valid from 2022 to 2028, seen first in 2024. */
static const struct {
    int line;
    const char *clock;
    const char *refused; /* part of the reason; NULL: resumed */
} later[] = {
    {__LINE__, "20211231235959", "not yet valid"},
    {__LINE__, "20220101000000", NULL},
    {__LINE__, "20280101000000", NULL},
    {__LINE__, "20280101000001", "expired"},
    {__LINE__, "20500101000000", "expired"},
};

static void assert_later(size_t row)
{
    world.now = utc(later[row].clock);
    if (later[row].refused == NULL) {
        assert_false(reconnect());
        return;
    }
    disconnect();
    assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
    assert_true(server.is_full);
    assert_refused(later[row].line, later[row].refused);
}

static void test_a_session_ends_with_any_certificate(void **state)
{
    size_t i, row, n;

    (void)state;
    for (i = 0; i < 3; i++) {
        struct chain chain;

        make_chain(&chain, i, "20220101000000", "20280101000000");
        begin_with(&chain.ids[2], &chain.ids[0].crt);
        remember();
        world.now = utc("20240601000000");
        n = save();
        for (row = 0; row < sizeof(later) / sizeof(later[0]); row++) {
            world.now = utc("20240601000000");
            wake_up(&chain.ids[0].crt);
            assert_true(segjob_tls_load_session(&tls, saved, n));
            assert_false(reconnect()); /* a resumption keeps the dates */
            assert_later(row);
        }
        finish_sessions();
        free_chain(&chain);
    }
}

static void test_no_clock_is_no_resumption(void **state)
{
    static const int64_t clocks[] = {-1, INT64_MIN, INT64_MAX};
    struct chain chain;
    size_t i;

    (void)state;
    make_chain(&chain, 3, NULL, NULL);
    begin_with(&chain.ids[2], &chain.ids[0].crt);
    remember();
    for (i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
        world.now = 0;
        assert_true(reconnect());
        assert_false(reconnect());
        world.now = clocks[i];
        disconnect();
        assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
        assert_refused(__LINE__, clocks[i] < 0 ? "not yet" : "expired");
    }
    finish_sessions();
    free_chain(&chain);
}

/* A session that was offered and not resumed leaves no dates. */
static void test_the_dates_are_of_the_last_full_handshake(void **state)
{
    struct chain before, after;

    (void)state;
    make_chain(&before, 2, "20200101000000", "20250101000000");
    make_chain(&after, 2, "20241201000000", "20300101000000");
    begin_with(&before.ids[2], &before.ids[0].crt);
    mbedtls_ssl_conf_ca_chain(&tls.config, &before.ids[0].crt, NULL);
    remember();
    assert_int_equal(
        mbedtls_x509_crt_parse(&before.ids[0].crt,
                               (const unsigned char *)after.ids[0].pem,
                               strlen(after.ids[0].pem) + 1),
        0);
    world.now = utc("20241215000000");
    assert_true(reconnect());
    forget();
    serve_as(&after.ids[2]);
    assert_true(reconnect());
    world.now = utc("20260101000000");
    assert_false(reconnect());
    world.now = utc("20241130235959");
    disconnect();
    assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
    assert_refused(__LINE__, "not yet valid");
    finish_sessions();
    free_chain(&before);
    free_chain(&after);
}

static void test_a_refused_certificate_drops_it(void **state)
{
    const struct peer_terms terms = peer_server_terms(HOST);
    struct peer_memory elsewhere = {0};
    struct peer_identity self;

    (void)state;
    peer_make(&self, &terms, NULL, NULL); /* self-signed */
    begin_sessions();
    assert_true(reconnect());
    peer_remember(&elsewhere);
    serve_as(&self);
    peer_resume(&server, &elsewhere, true);
    peer_resume(&server, &elsewhere, false);
    disconnect();
    assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
    assert_refused(__LINE__, "trusted authority");
    serve_as(&host); /* this server would resume */
    assert_true(reconnect());
    finish_sessions();
    peer_forget(&elsewhere);
    peer_free_identity(&self);
}

/* ------------------------------------------------------------------- pins */

/* The SHA-256 of the DER of its key; OpenSSL's is in test_posix.c. */
static void pin_of(struct peer_identity *id, unsigned char *pin)
{
    unsigned char der[1024];
    const int len = mbedtls_pk_write_pubkey_der(&id->key, der, sizeof(der));

    assert_true(len > 0); /* it is at the end of `der` */
    assert_int_equal(mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256),
                                der + sizeof(der) - len, (size_t)len, pin),
                     0);
}

static unsigned char pins[2][SEGJOB_TLS_DIGEST_LEN];

static void pin(size_t n)
{
    assert_int_equal(
        segjob_tls_pin(&tls, (const unsigned char(*)[sizeof(pins[0])])pins, n),
        SEGJOB_OK);
}

static void test_a_pin_is_anywhere_in_the_chain(void **state)
{
    struct chain chain;
    size_t i;

    (void)state;
    make_chain(&chain, 2, "20220101000000", "20280101000000");
    for (i = 0; i < 3; i++) {
        begin_with(&chain.ids[2], &chain.ids[0].crt);
        world.now = utc("20240601000000");
        memset(pins, 0, sizeof(pins));
        pin_of(&chain.ids[i], pins[1]);
        pin(2);
        assert_int_equal(handshake(HOST), SEGJOB_IO_OK);
        /* The chain of the previous handshake does not count. */
        disconnect();
        pin(1);
        assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
        assert_refused(__LINE__, "pinned");
        finish();
    }
    free_chain(&chain);
}

static void test_a_pin_is_no_trust(void **state)
{
    const struct peer_terms ca_terms = peer_ca_terms();
    struct peer_identity other;

    (void)state;
    pin_of(&host, pins[0]);
    peer_make(&other, &ca_terms, NULL, NULL);
    begin_with(&host, &other.crt);
    pin(1);
    assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
    assert_refused(__LINE__, "trusted authority");
    finish();
    begin();
    pin(1);
    world.now = utc("20500101000000");
    assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
    assert_refused(__LINE__, "expired");
    finish();
    begin();
    pin(1);
    wire.host = "other.example.test";
    assert_int_equal(handshake(wire.host), SEGJOB_IO_FAILED);
    assert_refused(__LINE__, "host name");
    finish();
    peer_free_identity(&other);
}

static void test_no_session_gets_around_a_pin(void **state)
{
    size_t n;

    (void)state;
    begin_sessions();
    pin_of(&host, pins[0]);
    n = save();
    pin(1);
    assert_false(segjob_tls_load_session(&tls, saved, n));
    assert_true(reconnect());
    assert_false(reconnect());
    /* While open. */
    assert_int_equal(segjob_tls_pin(&tls, NULL, 0), SEGJOB_MISUSE);
    disconnect();
    pin(1);
    n = save();
    pins[0][0] ^= 1;
    pin(1);
    assert_false(segjob_tls_load_session(&tls, saved, n));
    disconnect();
    assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
    assert_refused(__LINE__, "pinned");
    pins[0][0] ^= 1;
    disconnect();
    assert_true(segjob_tls_load_session(&tls, saved, n));
    assert_false(reconnect());
    disconnect();
    assert_int_equal(segjob_tls_pin(&tls, NULL, 0), SEGJOB_OK);
    assert_true(reconnect());
    finish_sessions();
}

/* --------------------------------------------------------------- identity */

static struct peer_identity device;
static struct segjob_identity mine;

static void begin_device(void)
{
    const struct peer_terms terms = peer_device_terms();
    struct segjob_port_error error = {0};
    unsigned char key[512];

    peer_make(&device, &terms, &ca, PEER_CA_NAME);
    assert_int_equal(mbedtls_pk_write_key_pem(&device.key, key, sizeof(key)),
                     0);
    begin_sessions();
    peer_demand(&server, &ca.crt);
    assert_int_equal(
        segjob_identity_parse(&mine, device.pem, strlen(device.pem) + 1, key,
                              strlen((char *)key) + 1, &world.platform, &error),
        SEGJOB_OK);
    assert_int_equal(segjob_tls_present(&tls, &mine.chain, &mine.key),
                     SEGJOB_OK);
}

static void finish_device(void)
{
    finish_sessions();
    segjob_identity_free(&mine);
    peer_free_identity(&device);
}

static void test_the_device_is_presented(void **state)
{
    const mbedtls_x509_crt *seen;

    (void)state;
    begin_device();
    assert_true(reconnect());
    seen = mbedtls_ssl_get_peer_cert(&server.ssl);
    assert_non_null(seen);
    assert_int_equal(seen->raw.len, device.crt.raw.len);
    assert_memory_equal(seen->raw.p, device.crt.raw.p, seen->raw.len);
    assert_false(reconnect());
    finish_device();
}

/* A new identity drops the session in memory, and refuses saved ones. */
static void test_no_session_outlasts_an_identity(void **state)
{
    size_t n;

    (void)state;
    begin_device();
    n = save();
    assert_int_equal(segjob_tls_present(&tls, &mine.chain, &mine.key),
                     SEGJOB_OK);
    assert_true(reconnect());
    assert_int_equal(segjob_tls_present(&tls, NULL, NULL), SEGJOB_MISUSE);
    tls.stream.close(&tls.stream);
    assert_true(segjob_tls_load_session(&tls, saved, n));
    assert_false(reconnect());
    tls.stream.close(&tls.stream);
    assert_int_equal(segjob_tls_present(&tls, NULL, NULL), SEGJOB_OK);
    assert_false(segjob_tls_load_session(&tls, saved, n));
    assert_int_equal(segjob_tls_present(&tls, &host.crt, &host.key), SEGJOB_OK);
    assert_false(segjob_tls_load_session(&tls, saved, n));
    finish_device();
}

static void assert_device_refused(void)
{
    assert_int_equal(tls.stream.error.status, SEGJOB_TLS);
    assert_int_equal(tls.stream.error.code,
                     MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE);
    assert_non_null(
        strstr(tls.stream.error.message, "this device's certificate"));
}

/*
 * In TLS 1.3 the alert arrives after a handshake that is good for the device,
 * encrypted with the connection's keys. mbedTLS's server would use the
 * handshake's keys: so here it accepts the device, and then sends the alert.
 * OpenSSL's server is in test_posix.c.
 */
static void be_refused(void)
{
    disconnect();
    if (!has_tls13) {
        peer_demand(&server, &host.crt);
        assert_int_equal(handshake(HOST), SEGJOB_IO_FAILED);
        return;
    }
    serve(&host);
    peer_demand(&server, &ca.crt); /* without tickets */
    assert_int_equal(handshake(HOST), SEGJOB_IO_OK);
    assert_int_equal(mbedtls_ssl_send_alert_message(
                         &server.ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                         MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA),
                     0);
    wire.down.ended = true;
}

static void test_a_refused_device_is_reported(void **state)
{
    char byte;
    size_t n;

    (void)state;
    begin_device();
    be_refused();
    if (has_tls13) {
        assert_int_equal(tls.stream.recv(&tls.stream, &byte, 1, &n),
                         SEGJOB_IO_FAILED);
        assert_device_refused();
        be_refused();
        wire.fail_at = wire.calls + 1; /* the peer has hung up */
        assert_int_equal(tls.stream.send(&tls.stream, "x", 1, &n),
                         SEGJOB_IO_FAILED);
    }
    assert_device_refused();
    finish_device();
}

/* Once the peer has sent data, it has accepted the device. */
static void test_a_later_alert_is_no_refusal(void **state)
{
    char text[16];

    (void)state;
    begin_device();
    assert_true(reconnect());
    assert_int_equal(mbedtls_ssl_send_alert_message(
                         &server.ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                         MBEDTLS_SSL_ALERT_MSG_BAD_CERT),
                     0);
    assert_int_equal(receive_all(text, sizeof(text), 8), SEGJOB_IO_FAILED);
    assert_int_equal(tls.stream.error.status, SEGJOB_CONNECTION_CLOSED);
    finish_device();
}

static void test_no_memory_to_present(void **state)
{
    unsigned k;

    (void)state;
    begin_device();
    allocations = 0;
    assert_int_equal(segjob_tls_present(&tls, &mine.chain, &mine.key),
                     SEGJOB_OK);
    k = allocations;
    if (k == 0) {
        finish_device();
        skip_if_shared(k + 1);
    }
    allocation_fails_at = k;
    allocations = 0;
    assert_int_equal(segjob_tls_present(&tls, &mine.chain, &mine.key),
                     SEGJOB_CONFIG);
    allocation_fails_at = 0;
    assert_non_null(strstr(tls.stream.error.message, "cannot present"));
    assert_null(tls.chain);
    finish_device();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates_are_checked_by_the_platforms_clock),
        cmocka_unit_test(test_no_clock_is_no_crash),
        cmocka_unit_test(test_the_host_is_verified),
        cmocka_unit_test(test_a_stranger_is_refused),
        cmocka_unit_test(test_an_unknown_signature_algorithm),
        cmocka_unit_test(test_the_usage_of_authorities),
        cmocka_unit_test(test_names_are_within_constraints),
        cmocka_unit_test(test_constraints_that_cannot_be_read),
#if defined(LINE_HAS_ADDRESSES)
        cmocka_unit_test(test_an_address_is_verified),
        cmocka_unit_test(test_a_name_after_an_address),
#endif
        cmocka_unit_test(test_an_address_is_refused_before_anything_is_sent),
    };
    const struct CMUnitTest sessions[] = {
        cmocka_unit_test(test_another_host_is_another_session),
        cmocka_unit_test(test_a_session_ends_with_any_certificate),
        cmocka_unit_test(test_no_clock_is_no_resumption),
        cmocka_unit_test(test_the_dates_are_of_the_last_full_handshake),
        cmocka_unit_test(test_a_refused_certificate_drops_it),
        cmocka_unit_test(test_a_pin_is_anywhere_in_the_chain),
        cmocka_unit_test(test_a_pin_is_no_trust),
        cmocka_unit_test(test_no_session_gets_around_a_pin),
        cmocka_unit_test(test_the_device_is_presented),
        cmocka_unit_test(test_no_session_outlasts_an_identity),
        cmocka_unit_test(test_a_refused_device_is_reported),
        cmocka_unit_test(test_a_later_alert_is_no_refusal),
        cmocka_unit_test(test_no_memory_to_present),
    };
    int failed = cmocka_run_group_tests_name(
        "TLS 1.2", tests, make_certificates, free_certificates);

    failed += cmocka_run_group_tests_name("TLS 1.2, sessions by id", sessions,
                                          make_certificates, free_certificates);
    by_ticket = true;
    failed +=
        cmocka_run_group_tests_name("TLS 1.2, sessions by ticket", sessions,
                                    make_certificates, free_certificates);
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    has_tls13 = true;
    failed += cmocka_run_group_tests_name("TLS 1.3", tests, make_certificates,
                                          free_certificates);
    failed += cmocka_run_group_tests_name("TLS 1.3, sessions", sessions,
                                          make_certificates, free_certificates);
#endif
    return failed;
}
