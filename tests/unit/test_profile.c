/*
 * The shared files as a provider: read anew when the service says that the keys
 * have expired. What a profile means is held against botocore by
 * tests/integration/test_configuration.py.
 */
#define _XOPEN_SOURCE 700

#include "rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "segjob_profile.h"

static struct segjob_profile profile;
static char memory[4096];
static char folder[] = "/tmp/segjob-profile-XXXXXX";
static char credentials[64], config[64];

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(credentials, sizeof(credentials), "%s/credentials", folder);
    (void)snprintf(config, sizeof(config), "%s/config", folder);
    assert_int_equal(setenv("AWS_SHARED_CREDENTIALS_FILE", credentials, 1), 0);
    assert_int_equal(setenv("AWS_CONFIG_FILE", config, 1), 0);
    return unsetenv("AWS_PROFILE");
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(credentials);
    (void)unlink(config);
    return rmdir(folder);
}

static enum segjob_io get(bool anew, const struct segjob_credentials **keys)
{
    return profile.provider.get(&profile.provider, NULL, 0, anew, keys);
}

static bool remembers(const char *text)
{
    for (size_t i = 0; i + strlen(text) <= sizeof(memory); i++) {
        if (memcmp(memory + i, text, strlen(text)) == 0) {
            return true;
        }
    }
    return false;
}

static void test_rotation(void **state)
{
    const struct segjob_credentials *keys;

    (void)state;
    write_file(credentials, "[default]\naws_access_key_id = ONE\n"
                            "aws_secret_access_key = hush1\n"
                            "aws_session_token = token1\n");
    write_file(config, "[default]\nregion = r-1\n");
    assert_int_equal(
        segjob_profile_read(&profile, NULL, memory, sizeof(memory)), SEGJOB_OK);
    assert_string_equal(segjob_profile_value(&profile, SEGJOB_PROFILE_REGION),
                        "r-1");
    assert_int_equal(get(false, &keys), SEGJOB_IO_OK);
    assert_true(is_string(keys->access_key_id, "ONE"));
    assert_true(is_string(keys->session_token, "token1"));
    write_file(credentials, "[default]\naws_access_key_id = TWO\n"
                            "aws_secret_access_key = hush2\n");
    assert_int_equal(get(false, &keys), SEGJOB_IO_OK);
    assert_true(is_string(keys->access_key_id, "ONE"));
    assert_int_equal(get(true, &keys), SEGJOB_IO_OK);
    assert_true(is_string(keys->access_key_id, "TWO"));
    assert_true(is_string(keys->secret_access_key, "hush2"));
    assert_null(keys->session_token.ptr);
    assert_false(remembers("hush1"));
    assert_false(remembers("token1"));
    write_file(credentials, "nonsense\n");
    assert_int_equal(get(true, &keys), SEGJOB_IO_FAILED);
    assert_int_equal(profile.provider.fault.status, SEGJOB_CREDENTIALS);
    assert_non_null(strstr(profile.provider.fault.text, ", line 1: "));
    write_file(credentials, "");
    assert_int_equal(get(true, &keys), SEGJOB_IO_FAILED);
    assert_string_equal(profile.provider.fault.text,
                        "there are no keys in profile default");
    segjob_profile_wipe(&profile);
    assert_false(remembers("r-1"));
}

/* At every size of the buffer: refused, or good. */
static void test_every_capacity(void **state)
{
    static const char text[] = "[default]\naws_access_key_id = ID\n"
                               "aws_secret_access_key = hush\n";
    const char *from;

    (void)state;
    write_file(credentials, text);
    write_file(config, "");
    for (size_t cap = 0; cap <= 2 * sizeof(text) + 2; cap++) {
        char *exact = malloc(cap + (cap == 0));
        const bool fits = cap / 2 > strlen(text);

        assert_int_equal(segjob_profile_read(&profile, NULL, exact, cap),
                         fits ? SEGJOB_OK : SEGJOB_CONFIG);
        if (fits) {
            assert_int_equal(segjob_profile_keys(&profile, &from), SEGJOB_OK);
            assert_string_equal(from, credentials);
        }
        segjob_profile_wipe(&profile);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rotation),
        cmocka_unit_test(test_every_capacity),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
