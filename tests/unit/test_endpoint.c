/*
 * Regions, hosts, and the endpoints of regions.
 */
#include "rows.h"

#include <string.h>

#include "sj_endpoint.h"

#define LETTERS_63                 \
    "abcdefghijklmnopqrstuvwxyz01" \
    "abcdefghijklmnopqrstuvwxyz012345678"
#define LABELS_192 LETTERS_63 "." LETTERS_63 "." LETTERS_63 "."

static const struct {
    int line;
    const char *name;
    bool region;
    bool host;
} rows[] = {
    {__LINE__, "us-east-1", true, true},
    {__LINE__, "a", true, true},
    {__LINE__, "Z9", true, true},
    {__LINE__, "0a", true, true},
    {__LINE__, "0", false, true}, /* a region is not digits alone */
    {__LINE__, "123456789012", false, true},
    {__LINE__, LETTERS_63, true, true},
    {__LINE__, LETTERS_63 "9", false, false},
    {__LINE__, "", false, false},
    {__LINE__, "-a", false, false},
    {__LINE__, "a-", false, false},
    {__LINE__, "-", false, false},
    {__LINE__, "a--b", true, true},
    {__LINE__, "a_b", false, false},
    {__LINE__, "a b", false, false},
    {__LINE__, "a\n", false, false},
    {__LINE__, "a@b", false, false},
    {__LINE__, "a[", false, false},
    {__LINE__, "a`", false, false},
    {__LINE__, "a{", false, false},
    {__LINE__, "a/", false, false},
    {__LINE__, "a:443", false, false},
    {__LINE__, "\xc3\xbc", false, false},
    {__LINE__, "a.b", false, true},
    {__LINE__, "localhost", true, true},
    {__LINE__, "127.0.0.1", false, true},
    {__LINE__, "vpce-0a.personalize.us-east-1.vpce.amazonaws.com", false, true},
    {__LINE__, ".", false, false},
    {__LINE__, "a.", false, false},
    {__LINE__, ".a", false, false},
    {__LINE__, "a..b", false, false},
    {__LINE__, "a.-b", false, false},
    {__LINE__, "a-.b", false, false},
    {__LINE__, "[::1]", false, false},
    {__LINE__, "::", false, true},
    {__LINE__, "::1", false, true},
    {__LINE__, "1::", false, true},
    {__LINE__, "fd00:ec2::254", false, true},
    {__LINE__, "1:2:3:4:5:6:7:8", false, true},
    {__LINE__, "1:2:3:4:5:6:7::", false, true},
    {__LINE__, "1::3:4:5:6:7:8", false, true},
    {__LINE__, "ABCD:ef01::", false, true},
    {__LINE__, ":", false, false},
    {__LINE__, ":1", false, false},
    {__LINE__, "1:", false, false},
    {__LINE__, ":::", false, false},
    {__LINE__, "::1::", false, false},
    {__LINE__, "1::2:", false, false},
    {__LINE__, ":1::2", false, false},
    {__LINE__, "1:2:3:4:5:6:7", false, false},
    {__LINE__, "1:2:3:4:5:6:7:8:9", false, false},
    {__LINE__, "1:2:3:4:5:6:7:8::", false, false},
    {__LINE__, "12345::", false, false},
    {__LINE__, "g::", false, false},
    {__LINE__, "::1%eth0", false, false},
    {__LINE__, "fe80::1%25", false, false},
    {__LINE__,
     LABELS_192 "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghij"
                "abcdefghijk",
     false, true}, /* 253 bytes */
    {__LINE__,
     LABELS_192 "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghij"
                "abcdefghijkl",
     false, false},
};

static void test_regions_and_hosts(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct segjob_str text = segjob_cstr(rows[i].name);

        ROW(&rows[i], sj_endpoint_is_region(text) == rows[i].region);
        ROW(&rows[i], sj_endpoint_is_host(text) == rows[i].host);
    }
    assert_false(sj_endpoint_is_region(segjob_cstr(NULL)));
    assert_false(sj_endpoint_is_host(segjob_cstr(NULL)));
}

static void test_labels_end_at_their_length(void **state)
{
    struct segjob_str nul = SEGJOB_STR("a\0b");

    (void)state;
    assert_false(sj_endpoint_is_region(nul));
    assert_false(sj_endpoint_is_host(nul));
}

static const struct {
    int line;
    const char *name;
    bool is;
} loopback[] = {
    {__LINE__, "localhost", true},     {__LINE__, "127.0.0.1", true},
    {__LINE__, "127.0.0.2", false},    {__LINE__, "::1", true},
    {__LINE__, "localhosts", false},   {__LINE__, "localhost.test", false},
    {__LINE__, "127.0.0.1.de", false}, {__LINE__, "128.0.0.1", false},
    {__LINE__, "::2", false},          {__LINE__, "12", false},
    {__LINE__, "a127.0.0.1", false},   {__LINE__, "LocalHost", true},
    {__LINE__, "a.localhost", true},   {__LINE__, "A.b.LOCALHOST", true},
    {__LINE__, "alocalhost", false},   {__LINE__, "localhos", false},
    {__LINE__, "local", false},        {__LINE__, "", false},
};

static void test_loopback(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(loopback); i++) {
        ROW(&loopback[i], sj_endpoint_is_loopback(
                              segjob_cstr(loopback[i].name)) == loopback[i].is);
    }
    assert_false(sj_endpoint_is_loopback(segjob_cstr(NULL)));
}

/*
 * AWS's partitions.json: region patterns, pseudo-regions and DNS suffixes. For
 * the partitions that botocore knows, tests/conformance/endpoint.py asks its
 * rule set.
 */
static const struct {
    int line;
    const char *name;
    const char *host;
    bool fips, dual_stack;
} hosts[] = {
    {__LINE__, "us-east-1", "personalize.us-east-1.amazonaws.com", 0, 0},
    {__LINE__, "us-east-1", "personalize-fips.us-east-1.amazonaws.com", 1, 0},
    {__LINE__, "us-east-1", "personalize.us-east-1.api.aws", 0, 1},
    {__LINE__, "us-east-1", "personalize-fips.us-east-1.api.aws", 1, 1},
    {__LINE__, "us-gov-west-1", "personalize.us-gov-west-1.amazonaws.com", 0,
     0},
    {__LINE__, "cn-north-1", "personalize.cn-north-1.amazonaws.com.cn", 0, 0},
    {__LINE__, "cn-north-1",
     "personalize.cn-north-1.api.amazonwebservices.com.cn", 0, 1},
    {__LINE__, "us-iso-east-1", "personalize.us-iso-east-1.c2s.ic.gov", 0, 0},
    {__LINE__, "us-isob-east-1", "personalize.us-isob-east-1.sc2s.sgov.gov", 0,
     0},
    {__LINE__, "eu-isoe-west-1", "personalize.eu-isoe-west-1.cloud.adc-e.uk", 0,
     0},
    {__LINE__, "eu-isoe-west-1",
     "personalize.eu-isoe-west-1.api.cloud-aws.adc-e.uk", 0, 1},
    {__LINE__, "us-isof-south-1", "personalize.us-isof-south-1.csp.hci.ic.gov",
     0, 0},
    {__LINE__, "us-isof-south-1",
     "personalize-fips.us-isof-south-1.api.aws.hci.ic.gov", 1, 1},
    {__LINE__, "eusc-de-east-1", "personalize.eusc-de-east-1.amazonaws.eu", 0,
     0},
    {__LINE__, "eusc-de-east-1",
     "personalize.eusc-de-east-1.api.amazonwebservices.eu", 0, 1},
    {__LINE__, "aws-global", "personalize.aws-global.amazonaws.com", 0, 0},
    {__LINE__, "aws-us-gov-global",
     "personalize-fips.aws-us-gov-global.api.aws", 1, 1},
    {__LINE__, "aws-cn-global", "personalize.aws-cn-global.amazonaws.com.cn", 0,
     0},
    {__LINE__, "aws-cn-global",
     "personalize.aws-cn-global.api.amazonwebservices.com.cn", 0, 1},
    {__LINE__, "aws-iso-global", "personalize.aws-iso-global.c2s.ic.gov", 0, 0},
    {__LINE__, "aws-iso-b-global", "personalize.aws-iso-b-global.sc2s.sgov.gov",
     0, 0},
    {__LINE__, "aws-iso-e-global",
     "personalize.aws-iso-e-global.cloud.adc-e.uk", 0, 0},
    {__LINE__, "aws-iso-f-global",
     "personalize.aws-iso-f-global.csp.hci.ic.gov", 0, 0},
    {__LINE__, "aws-iso-f-global",
     "personalize-fips.aws-iso-f-global.api.aws.hci.ic.gov", 1, 1},
    {__LINE__, "aws-cn-globally", "personalize.aws-cn-globally.amazonaws.com",
     0, 0},
    {__LINE__, "aws-eusc-global", "personalize.aws-eusc-global.amazonaws.com",
     0, 0},
    {__LINE__, "us-isox-east-1", "personalize.us-isox-east-1.amazonaws.com", 0,
     0},
    {__LINE__, "cn", "personalize.cn.amazonaws.com", 0, 0},
    {__LINE__, "mars-1", "personalize.mars-1.amazonaws.com", 0, 0},
};

static void test_hosts_of_regions(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(hosts); i++) {
        char buf[256] = "";
        struct sj_writer w = {buf, sizeof(buf) - 1, 0, NULL};
        const struct segjob_config config = {.region =
                                                 segjob_cstr(hosts[i].name),
                                             .fips = hosts[i].fips,
                                             .dual_stack = hosts[i].dual_stack};

        sj_endpoint_write_host(&w, &config, "personalize");
        ROW(&hosts[i], strcmp(buf, hosts[i].host) == 0);
        ROW(&hosts[i], w.len == strlen(hosts[i].host));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_regions_and_hosts),
        cmocka_unit_test(test_labels_end_at_their_length),
        cmocka_unit_test(test_loopback),
        cmocka_unit_test(test_hosts_of_regions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
