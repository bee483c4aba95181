/*
 * The chain of sources in buffers of every size;
 * tests/credentials/test_chain.py compares what it finds with botocore.
 */
#define _XOPEN_SOURCE 700

#include "rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "segjob_chain.h"

#define ARN "arn:aws:iam::123456789012:role/segments"

static struct segjob_profile profile;
static struct segjob_chain chain;
static char folder[] = "/tmp/segjob-chain-XXXXXX";
static char credentials[64], config[64];
static const struct segjob_config service = {.region = SEGJOB_STR_INIT("r-1")};

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
    static const char *const unset[] = {
        "AWS_PROFILE",
        "AWS_ACCESS_KEY_ID",
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_STS",
        "AWS_ENDPOINT_URL_SSO",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"};

    (void)state;
    for (size_t i = 0; i < LENGTH(unset); i++) {
        assert_int_equal(unsetenv(unset[i]), 0);
    }
    assert_non_null(mkdtemp(folder));
    (void)snprintf(credentials, sizeof(credentials), "%s/credentials", folder);
    (void)snprintf(config, sizeof(config), "%s/config", folder);
    assert_int_equal(setenv("HOME", folder, 1), 0);
    assert_int_equal(setenv("AWS_SHARED_CREDENTIALS_FILE", credentials, 1), 0);
    return setenv("AWS_CONFIG_FILE", config, 1);
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(credentials);
    (void)unlink(config);
    return rmdir(folder);
}

static const struct row {
    int line;
    const char *name; /* of the message */
    const char *config;
    size_t roles;
} rows[] = {
    {__LINE__, "roles",
     "[default]\nservices = s\nrole_arn = " ARN "\nsource_profile = b\n"
     "[services s]\nsts =\n  endpoint_url = https://sts.test\n"
     "[profile b]\nrole_arn = " ARN "\nsource_profile = c\n",
     2},
    {__LINE__, "SSO",
     "[default]\nservices = s\nrole_arn = " ARN "\nsource_profile = b\n"
     "[services s]\nsso =\n  endpoint_url = https://sso.test\n"
     "[profile b]\nsso_session = t\nsso_account_id = 123456789012\n"
     "sso_role_name = segments\n"
     "[sso-session t]\nsso_region = r-2\nsso_start_url = https://start.test\n",
     1},
    {__LINE__, "a program",
     "[default]\nrole_arn = " ARN "\nsource_profile = b\n"
     "[profile b]\ncredential_process = /bin/true\n",
     1},
};

/* Returns whether the chain was found in memory of these sizes, of which no
 * byte remains. */
static bool find(size_t files_cap, size_t cap)
{
    char *files = calloc(1, files_cap + 1), *memory = calloc(1, cap + 1);
    char *exact = files + 1; /* an empty buffer, too, has an end */
    enum segjob_status status =
        segjob_profile_read(&profile, NULL, exact, files_cap);
    bool is_found;

    memset(&chain, 0, sizeof(chain));
    if (status == SEGJOB_OK) {
        status = segjob_chain_init(&chain, &profile, false, &service,
                                   memory + 1, cap);
    }
    is_found = status == SEGJOB_OK;
    assert_true(is_found || status == SEGJOB_CONFIG);
    assert_true(is_found || chain.message[0] != '\0' ||
                profile.message[0] != '\0');
    assert_true(!is_found || chain.provider != NULL);
    segjob_chain_wipe(&chain);
    segjob_profile_wipe(&profile);
    for (size_t i = 0; i <= files_cap; i++) {
        assert_int_equal(files[i], 0);
    }
    free(files);
    free(memory);
    return is_found;
}

static void test_every_capacity(void **state)
{
    (void)state;
    write_file(credentials, "[c]\naws_access_key_id = ID\n"
                            "aws_secret_access_key = hush\n");
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const size_t most = 2 * strlen(rows[i].config) + 100;
        bool was_found = false;

        write_file(config, rows[i].config);
        for (size_t cap = 0; cap < most; cap++) {
            const bool is_found = find(cap, 16384);

            ROW(&rows[i], is_found || !was_found); /* more does no harm */
            was_found = is_found;
        }
        ROW(&rows[i], was_found);
        ROW(&rows[i], chain.roles_len == rows[i].roles);
        was_found = false;
        for (size_t cap = 0; cap < 4096; cap += 7) {
            const bool is_found = find(most, cap);

            ROW(&rows[i], is_found || !was_found);
            was_found = is_found;
        }
        ROW(&rows[i], was_found);
    }
}

/* The most that is found fits. */
static void test_findings(void **state)
{
    char text[2048] = "[default]\nrole_arn = " ARN "\nsource_profile = 1\n";

    (void)state;
    for (unsigned i = 1; i < SEGJOB_CHAIN_ROLES; i++) {
        (void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
                       "[profile %u]\nrole_arn = " ARN
                       "\nsource_profile = %u\n",
                       i, i + 1);
    }
    (void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
                   "[profile %u]\naws_access_key_id = ID\n"
                   "aws_secret_access_key = hush\n",
                   SEGJOB_CHAIN_ROLES);
    write_file(credentials, "");
    write_file(config, text);
    assert_true(find(4096, 65536));
    assert_int_equal(chain.roles_len, SEGJOB_CHAIN_ROLES);
    assert_int_equal(chain.findings_len, 1 + SEGJOB_CHAIN_ROLES + 5);
    assert_true(chain.findings_len <= SEGJOB_CHAIN_FINDINGS);
    assert_string_equal(chain.findings[chain.findings_len - 1].source,
                        "the config file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_capacity),
        cmocka_unit_test(test_findings),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
