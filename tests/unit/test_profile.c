/*
 * The shared files as a provider, which reads them again when the service
 * reports that the credentials have expired. tests/integration and
 * tests/credentials compare the meaning of profiles with botocore and AWS's
 * SDKs (test_configuration.py, test_files.py); here is one row of each kind.
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

static enum segjob_io get(bool force_refresh,
                          const struct segjob_credentials **found)
{
    return profile.provider.get(&profile.provider, NULL, 0, force_refresh,
                                found);
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
    const struct segjob_credentials *found;

    (void)state;
    write_file(credentials, "[default]\naws_access_key_id = ONE\n"
                            "aws_secret_access_key = hush1\n"
                            "aws_session_token = token1\n");
    write_file(config, "[default]\nregion = r-1\n");
    assert_int_equal(
        segjob_profile_read(&profile, NULL, memory, sizeof(memory)), SEGJOB_OK);
    assert_string_equal(segjob_profile_value(&profile, SEGJOB_PROFILE_REGION),
                        "r-1");
    assert_int_equal(get(false, &found), SEGJOB_IO_OK);
    assert_true(is_string(found->access_key_id, "ONE"));
    assert_true(is_string(found->session_token, "token1"));
    write_file(credentials, "[default]\naws_access_key_id = TWO\n"
                            "aws_secret_access_key = hush2\n");
    assert_int_equal(get(false, &found), SEGJOB_IO_OK);
    assert_true(is_string(found->access_key_id, "ONE"));
    assert_int_equal(get(true, &found), SEGJOB_IO_OK);
    assert_true(is_string(found->access_key_id, "TWO"));
    assert_true(is_string(found->secret_access_key, "hush2"));
    assert_null(found->session_token.ptr);
    assert_false(remembers("hush1"));
    assert_false(remembers("token1"));
    write_file(credentials, "nonsense\n");
    assert_int_equal(get(true, &found), SEGJOB_IO_FAILED);
    assert_int_equal(profile.provider.error.status, SEGJOB_CREDENTIALS);
    assert_non_null(strstr(profile.provider.error.message, ", line 1: "));
    write_file(credentials, "");
    assert_int_equal(get(true, &found), SEGJOB_IO_FAILED);
    assert_string_equal(profile.provider.error.message,
                        "there are no credentials in profile default");
    write_file(credentials, "[default]\naws_access_key_id = THREE\n"
                            "aws_secret_access_key = hush3\n");
    assert_int_equal(get(false, &found), SEGJOB_IO_OK); /* reads them again */
    assert_true(is_string(found->access_key_id, "THREE"));
    segjob_profile_wipe(&profile);
    assert_false(remembers("r-1"));
}

#define PAIR(n) \
    "aws_access_key_id = ID" n "\naws_secret_access_key = SECRET" n "\n"

static const struct row {
    int line;
    const char *name; /* of the message */
    const char *profile;
    const char *credentials;
    const char *config;
    const char *id; /* NULL: none */
    const char *secret;
    const char *region;
    const char *message; /* after the file's path, if it fails; else NULL */
} files[] = {
    {__LINE__, "comments", "default",
     "[default] # [x]\naws_access_key_id = ID # mine\n"
     "aws_secret_access_key = SEC#RET\t;\n",
     "", "ID", "SEC#RET", NULL, NULL},
    {__LINE__, "a comment in place of a value", "default",
     "[default]\n" PAIR("1") "region = # none\n", "[default]\nregion = r-1\n",
     "ID1", "SECRET1", "r-1", NULL},
    {__LINE__, "twice", "w", "[w]\n" PAIR("1") "[w]\n" PAIR("2") PAIR("3"),
     "[profile w]\nregion = r-1\n[profile w]\noutput = x\n", "ID3", "SECRET3",
     "r-1", NULL},
    {__LINE__, "spelled otherwise", "w", "",
     "[profile w]\nregion = r-1\n" PAIR("1") "[profile 'w' ]\n" PAIR("2"),
     "ID2", "SECRET2", NULL, NULL},
    {__LINE__, "ill-named", "w", "[]\n" PAIR("1") "[w]\n" PAIR("2"),
     "[profile it's]\nregion = r-1\n[profile w x]\nregion = r-2\n"
     "[profile]\nregion = r-3\n",
     "ID2", "SECRET2", NULL, NULL},
    {__LINE__, "quoted as in a shell", "a 'b\\", "",
     "[profile a\\ \"'b\\\\\"]\n" PAIR("1"), "ID1", "SECRET1", NULL, NULL},
    {__LINE__, "a backslash at the end", "w", "[w]\n" PAIR("1"),
     "[profile w\\]\nregion = r-1\n", "ID1", "SECRET1", NULL, NULL},
    {__LINE__, "an empty value", "default",
     "[DEFAULT]\n" PAIR("1") "region = r-1\n[default]\nregion =\n", "", "ID1",
     "SECRET1", NULL, NULL},
    {__LINE__, "a byte order mark, and all line ends", "default",
     "\xef\xbb\xbf[default]\r" PAIR("1") "\r\nregion=r-1", "", "ID1", "SECRET1",
     "r-1", NULL},
    {__LINE__, "blanks of all kinds", "default",
     "[default]\xe3\x80\x80\naws_access_key_id\xc2\xa0=\xe2\x80\x89ID1\xc2\xa0"
     "\naws_secret_access_key\x1f=\x0bSECRET1\xe2\x80\xa8\n",
     "", "ID1", "SECRET1", NULL, NULL},
    {__LINE__, "lines of a nested section", "default",
     "[default]\n" PAIR("1") "s3 =\n  region = r-1\n\n\tx\nregion = r-2\n", "",
     "ID1", "SECRET1", "r-2", NULL},
    {__LINE__, "lines of a value", "default",
     "[default]\nregion = r-1\n  more\n # c\n\n  and more\n", "", NULL, NULL,
     "r-1\nmore\nand more", NULL},
    {__LINE__, "lines of a key", "default",
     "[default]\naws_access_key_id = ID\naws_secret_access_key = SEC\n RET\n",
     "", NULL, NULL, NULL,
     ", line 3: aws_secret_access_key: contains a line end"},
    {__LINE__, "quotes", "default",
     "[default]\r\naws_access_key_id = \"ID\"\naws_secret_access_key = S\n", "",
     NULL, NULL, NULL, ", line 2: aws_access_key_id: is in quotes"},
    {__LINE__, "a bad token", "default",
     "[default]\n" PAIR("1") "aws_session_token = a b", "", NULL, NULL, NULL,
     ", line 4: aws_session_token: contains white space"},
};

static const char *text_of(struct segjob_str s)
{
    return s.ptr; /* NUL-terminated, as every text from a file */
}

static bool is_same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void check_credentials(const struct row *row)
{
    const enum segjob_status status = segjob_profile_credentials(&profile);

    if (row->message != NULL) {
        const size_t n = strlen(credentials);

        ROW(row, status == SEGJOB_CONFIG);
        ROW(row, strncmp(profile.message, credentials, n) == 0);
        ROW(row, is_same(profile.message + n, row->message));
        return;
    }
    ROW(row, status == (row->id == NULL ? SEGJOB_PENDING : SEGJOB_OK));
    ROW(row, is_same(text_of(profile.credentials.access_key_id), row->id));
    ROW(row,
        is_same(text_of(profile.credentials.secret_access_key), row->secret));
}

static void test_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(files); i++) {
        write_file(credentials, files[i].credentials);
        write_file(config, files[i].config);
        ROW(&files[i], segjob_profile_read(&profile, files[i].profile, memory,
                                           sizeof(memory)) == SEGJOB_OK);
        ROW(&files[i],
            is_same(segjob_profile_value(&profile, SEGJOB_PROFILE_REGION),
                    files[i].region));
        check_credentials(&files[i]);
        segjob_profile_wipe(&profile);
    }
    assert_false(remembers("SECRET"));
}

/* Every capacity: refused, or good. */
static void test_every_capacity(void **state)
{
    static const char text[] = "[default]\naws_access_key_id = ID\n"
                               "aws_secret_access_key = hush\n";

    (void)state;
    write_file(credentials, text);
    write_file(config, "");
    for (size_t cap = 0; cap <= sizeof(text) + 2; cap++) {
        char *exact = malloc(cap + (cap == 0));
        const bool fits = cap >= sizeof(text);

        assert_int_equal(segjob_profile_read(&profile, NULL, exact, cap),
                         fits ? SEGJOB_OK : SEGJOB_CONFIG);
        if (fits) {
            assert_int_equal(segjob_profile_credentials(&profile), SEGJOB_OK);
            assert_true(is_string(profile.credentials.access_key_id, "ID"));
            assert_int_equal(profile.used, strlen("ID") + strlen("hush") + 2);
        }
        segjob_profile_wipe(&profile);
        free(exact);
    }
}

static enum segjob_status endpoint_url(enum segjob_profile_service service,
                                       const char **url, const char **from)
{
    return segjob_profile_endpoint_url(&profile, service, url, from);
}

/* The config file is read again into what is left: refused, or good. */
static void test_services_in_every_capacity(void **state)
{
    static const char text[] =
        "[default]\nservices = c\nendpoint_url = http://[::1]:1\n"
        "[services c]\npersonalize =\n  endpoint_url = http://[::1]:2\n"
        "s3 =\n  endpoint_url = hush\n";
    const size_t kept = strlen("c") + strlen("http://[::1]:1") + 2;
    const char *url, *from;

    (void)state;
    write_file(credentials, "");
    write_file(config, text);
    for (size_t cap = sizeof(text); cap <= sizeof(text) + kept + 2; cap++) {
        char *exact = calloc(1, cap);
        const bool fits = cap >= sizeof(text) + kept;

        assert_int_equal(segjob_profile_read(&profile, NULL, exact, cap),
                         SEGJOB_OK);
        assert_int_equal(endpoint_url(SEGJOB_PROFILE_PERSONALIZE, &url, &from),
                         fits ? SEGJOB_OK : SEGJOB_CONFIG);
        if (fits) {
            assert_string_equal(url, "http://[::1]:2");
        } else {
            assert_non_null(strstr(profile.message, "too large"));
        }
        segjob_profile_wipe(&profile);
        for (size_t i = 0; i < cap; i++) {
            assert_int_equal(exact[i], 0);
        }
        free(exact);
    }
}

static void test_endpoint_url(void **state)
{
    const char *url, *from;

    (void)state;
    write_file(credentials, "[default]\nservices = c\n");
    write_file(config, "[default]\nendpoint_url = http://[::1]:1\n");
    assert_int_equal(
        segjob_profile_read(&profile, NULL, memory, sizeof(memory)), SEGJOB_OK);
    assert_int_equal(endpoint_url(SEGJOB_PROFILE_PERSONALIZE, &url, &from),
                     SEGJOB_CONFIG);
    assert_int_equal(strncmp(profile.message, credentials, strlen(credentials)),
                     0);
    assert_string_equal(profile.message + strlen(credentials),
                        ", line 2: the config file has no such services "
                        "section");
    write_file(credentials, "");
    assert_int_equal(
        segjob_profile_read(&profile, NULL, memory, sizeof(memory)), SEGJOB_OK);
    assert_int_equal(endpoint_url(SEGJOB_PROFILE_PERSONALIZE, &url, &from),
                     SEGJOB_OK);
    assert_string_equal(url, "http://[::1]:1");
    assert_string_equal(from, "the profile");
    write_file(config, "");
    assert_int_equal(
        segjob_profile_read(&profile, NULL, memory, sizeof(memory)), SEGJOB_OK);
    assert_int_equal(endpoint_url(SEGJOB_PROFILE_PERSONALIZE, &url, &from),
                     SEGJOB_OK);
    assert_null(url);
}

/* Each service has its own; the environment comes first, if it is heeded. */
static void test_endpoint_urls_of_services(void **state)
{
    static const struct {
        enum segjob_profile_service service;
        const char *url;
        const char *variable;
    } rows[] = {{SEGJOB_PROFILE_PERSONALIZE, "http://p",
                 "AWS_ENDPOINT_URL_PERSONALIZE"},
                {SEGJOB_PROFILE_STS, "http://t", "AWS_ENDPOINT_URL_STS"},
                {SEGJOB_PROFILE_SSO, "http://all", "AWS_ENDPOINT_URL_SSO"}};
    const char *url, *from;

    (void)state;
    write_file(credentials, "");
    write_file(config, "[default]\nendpoint_url = http://all\nservices = c\n"
                       "[services c]\npersonalize =\n endpoint_url = http://p\n"
                       "STS =\n endpoint_url = http://t\nsso =\n");
    assert_int_equal(
        segjob_profile_read(&profile, NULL, memory, sizeof(memory)), SEGJOB_OK);
    for (size_t i = 0; i < LENGTH(rows); i++) {
        assert_int_equal(endpoint_url(rows[i].service, &url, &from), SEGJOB_OK);
        assert_string_equal(url, rows[i].url);
        (void)setenv("AWS_ENDPOINT_URL", "http://env", 1);
        assert_int_equal(endpoint_url(rows[i].service, &url, &from), SEGJOB_OK);
        assert_string_equal(url, "http://env");
        assert_string_equal(from, "AWS_ENDPOINT_URL");
        (void)setenv(rows[i].variable, "http://own", 1);
        assert_int_equal(endpoint_url(rows[i].service, &url, &from), SEGJOB_OK);
        assert_string_equal(url, "http://own");
        assert_string_equal(from, rows[i].variable);
        (void)setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE", 1);
        assert_int_equal(endpoint_url(rows[i].service, &url, &from), SEGJOB_OK);
        assert_null(url);
        (void)unsetenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
        (void)unsetenv("AWS_ENDPOINT_URL");
        (void)unsetenv(rows[i].variable);
    }
}

static const struct session_row {
    int line;
    const char *name; /* of the message */
    const char *profile;
    const char *session;
    const char *region;
    const char *message; /* after the path, if it fails; else NULL */
} sessions[] = {
    {__LINE__, "added", "", "[sso-session s]\nsso_region = r-1\n", "r-1", NULL},
    {__LINE__, "in quotes", "", "[sso-session 's']\nsso_region = r-1\n", "r-1",
     NULL},
    {__LINE__, "the same", "sso_region = r-1\n",
     "[sso-session s]\nsso_region = r-1\n", "r-1", NULL},
    {__LINE__, "not there", "sso_region = r-1\n", "[sso-session s]\n", "r-1",
     NULL},
    {__LINE__, "empty", "sso_region = r-1\n", "[sso-session s]\nsso_region =\n",
     "r-1", NULL},
    {__LINE__, "the last", "",
     "[sso-session s]\nsso_region = r-1\n[sso-session s]\nsso_region = r-2\n",
     "r-2", NULL},
    {__LINE__, "another", "sso_region = r-2\n",
     "[sso-session s]\nsso_region = r-1\n", NULL,
     ", line 5: sso_region: is not that of profile default"},
    {__LINE__, "no section", "", "[sso-session t]\n[profile s]\n[s]\n", NULL,
     ", line 2: the config file has no such sso-session section"},
    {__LINE__, "two names", "", "[sso-session s t]\n", NULL,
     ", line 2: the config file has no such sso-session section"},
};

static void test_sso_session(void **state)
{
    char text[512];

    (void)state;
    write_file(credentials, "");
    for (size_t i = 0; i < LENGTH(sessions); i++) {
        const struct session_row *row = &sessions[i];
        enum segjob_status status;

        (void)snprintf(text, sizeof(text), "[default]\nsso_session = s\n%s%s",
                       row->profile, row->session);
        write_file(config, text);
        ROW(row, segjob_profile_read(&profile, NULL, memory, sizeof(memory)) ==
                     SEGJOB_OK);
        status = segjob_profile_add_sso_session(&profile);
        if (row->message != NULL) {
            ROW(row, status == SEGJOB_CONFIG);
            ROW(row, is_same(profile.message + strlen(config), row->message));
            continue;
        }
        ROW(row, status == SEGJOB_OK);
        ROW(row,
            is_same(segjob_profile_value(&profile, SEGJOB_PROFILE_SSO_REGION),
                    row->region));
    }
    write_file(config, "[default]\nsso_region = r-1\n");
    assert_int_equal(
        segjob_profile_read(&profile, NULL, memory, sizeof(memory)), SEGJOB_OK);
    assert_int_equal(segjob_profile_add_sso_session(&profile), SEGJOB_OK);
}

/* Only the values stay in the buffer, not the rest of the files. */
static void test_what_stays(void **state)
{
    (void)state;
    write_file(credentials,
               "[DEFAULT]\nregion = r-0\n[other]\naws_access_key_id = OTHER\n"
               "aws_secret_access_key = hush\n[default]\noutput = x\n more\n"
               "role_arn = old\nrole_arn = new\n");
    write_file(config, "[profile other]\nregion = r-2\n");
    assert_int_equal(
        segjob_profile_read(&profile, NULL, memory, sizeof(memory)), SEGJOB_OK);
    assert_string_equal(segjob_profile_value(&profile, SEGJOB_PROFILE_REGION),
                        "r-0");
    assert_string_equal(segjob_profile_value(&profile, SEGJOB_PROFILE_OUTPUT),
                        "x\nmore");
    assert_string_equal(segjob_profile_value(&profile, SEGJOB_PROFILE_ROLE_ARN),
                        "new");
    assert_false(remembers("hush"));
    assert_false(remembers("OTHER"));
    assert_false(remembers("old"));
    assert_int_equal(profile.used,
                     strlen("r-0") + strlen("x\nmore") + strlen("new") + 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rotation),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_every_capacity),
        cmocka_unit_test(test_services_in_every_capacity),
        cmocka_unit_test(test_endpoint_url),
        cmocka_unit_test(test_endpoint_urls_of_services),
        cmocka_unit_test(test_sso_session),
        cmocka_unit_test(test_what_stays),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
