/*
 * Regions, hosts, and where a region's service is.
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
        struct segjob_str text = segjob_str(rows[i].name);

        ROW(&rows[i], sj_endpoint_is_region(text) == rows[i].region);
        ROW(&rows[i], sj_endpoint_is_host(text) == rows[i].host);
    }
    assert_false(sj_endpoint_is_region(segjob_str(NULL)));
    assert_false(sj_endpoint_is_host(segjob_str(NULL)));
}

static void test_labels_end_at_their_length(void **state)
{
    struct segjob_str nul = SEGJOB_STR("a\0b");

    (void)state;
    assert_false(sj_endpoint_is_region(nul));
    assert_false(sj_endpoint_is_host(nul));
}

/*
 * AWS's partitions.json: region patterns and DNS suffixes. The first five
 * partitions are also in botocore's data/partitions.json.
 */
static const struct {
    int line;
    const char *name;
    const char *host;
} hosts[] = {
    {__LINE__, "us-east-1", "personalize.us-east-1.amazonaws.com"},
    {__LINE__, "eu-central-1", "personalize.eu-central-1.amazonaws.com"},
    {__LINE__, "us-gov-west-1", "personalize.us-gov-west-1.amazonaws.com"},
    {__LINE__, "cn-north-1", "personalize.cn-north-1.amazonaws.com.cn"},
    {__LINE__, "cn-northwest-1", "personalize.cn-northwest-1.amazonaws.com.cn"},
    {__LINE__, "us-iso-east-1", "personalize.us-iso-east-1.c2s.ic.gov"},
    {__LINE__, "us-isob-east-1", "personalize.us-isob-east-1.sc2s.sgov.gov"},
    {__LINE__, "eu-isoe-west-1", "personalize.eu-isoe-west-1.cloud.adc-e.uk"},
    {__LINE__, "us-isof-south-1", "personalize.us-isof-south-1.csp.hci.ic.gov"},
    {__LINE__, "eusc-de-east-1", "personalize.eusc-de-east-1.amazonaws.eu"},
    {__LINE__, "us-isox-east-1", "personalize.us-isox-east-1.amazonaws.com"},
    {__LINE__, "cn", "personalize.cn.amazonaws.com"},
    {__LINE__, "mars-1", "personalize.mars-1.amazonaws.com"},
};

static void test_hosts_of_regions(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(hosts); i++) {
        char buf[256] = "";
        struct sj_writer w = {buf, sizeof(buf) - 1, 0};

        sj_endpoint_write_host(&w, segjob_str(hosts[i].name));
        ROW(&hosts[i], strcmp(buf, hosts[i].host) == 0);
        ROW(&hosts[i], w.len == strlen(hosts[i].host));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_regions_and_hosts),
        cmocka_unit_test(test_labels_end_at_their_length),
        cmocka_unit_test(test_hosts_of_regions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
