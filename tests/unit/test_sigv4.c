/*
 * Signatures against botocore's, and the cache of the signing key.
 */
#include "rows.h"

#include <string.h>

#include "rows_sigv4.h"
#include "sj_sigv4.h"

static char secret[256];
static char token[8192];

/* A request with all that it borrows. */
struct signed_row {
    struct sj_sigv4 request;
};

static void take_row(struct signed_row *r, const struct sigv4_row *row)
{
    struct segjob_str target =
        SEGJOB_STR("AmazonPersonalize.CreateBatchSegmentJob");

    memset(r, 0, sizeof(*r));
    r->request.credentials.access_key_id = segjob_cstr("AKIDEXAMPLE");
    r->request.credentials.secret_access_key =
        segjob_cstr("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    if (row->secret_len > 0) {
        r->request.credentials.secret_access_key.ptr = secret;
        r->request.credentials.secret_access_key.len = row->secret_len;
    }
    if (row->token_len > 0) {
        r->request.credentials.session_token.ptr = token;
        r->request.credentials.session_token.len = row->token_len;
    }
    r->request.target = target;
    r->request.region = segjob_cstr(row->region);
    r->request.host = segjob_cstr(row->host);
    r->request.date = segjob_cstr(row->date);
    r->request.day = r->request.date;
    r->request.day.len = SJ_DATE_LEN;
    r->request.body = segjob_cstr(row->body);
}

/* Whether `key`, derived for any row, signs as this row expects. */
static bool signs(struct sj_signing_key *key, const struct sigv4_row *row)
{
    struct signed_row r;

    take_row(&r, row);
    return sj_sigv4_sign(&r.request, key) &&
           memcmp(r.request.signature.ptr, row->signature, SJ_HEX_LEN) == 0;
}

static int fill(void **state)
{
    (void)state;
    fill_letters(secret, sizeof(secret));
    fill_letters(token, sizeof(token));
    return 0;
}

static void test_signatures(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(sigv4_rows); i++) {
        struct sj_signing_key key = {.valid = false};

        ROW(&sigv4_rows[i], signs(&key, &sigv4_rows[i]));
        ROW(&sigv4_rows[i], signs(&key, &sigv4_rows[i]));
    }
}

/* Each row after each other one of its region: same or other day and secret. */
static void test_key_is_never_stale(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(sigv4_rows); i++) {
        struct sj_signing_key key = {.valid = false};

        for (size_t k = 0; k < LENGTH(sigv4_rows); k++) {
            if (strcmp(sigv4_rows[i].region, sigv4_rows[k].region) == 0) {
                ROW(&sigv4_rows[i], signs(&key, &sigv4_rows[i]));
                ROW(&sigv4_rows[k], signs(&key, &sigv4_rows[k]));
            }
        }
    }
}

/* A secret that changes in place. */
static void test_same_pointer_other_secret(void **state)
{
    struct sj_signing_key key = {.valid = false};
    struct sj_signing_key fresh = {.valid = false};
    char changing[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    struct signed_row r;
    char before[SJ_HEX_LEN];
    char after[SJ_HEX_LEN];

    (void)state;
    take_row(&r, &sigv4_rows[0]);
    r.request.credentials.secret_access_key = segjob_cstr(changing);
    assert_true(sj_sigv4_sign(&r.request, &key));
    memcpy(before, r.request.signature.ptr, sizeof(before));
    changing[39] = 'B';
    assert_true(sj_sigv4_sign(&r.request, &key));
    memcpy(after, r.request.signature.ptr, sizeof(after));
    assert_true(sj_sigv4_sign(&r.request, &fresh));
    assert_memory_equal(after, r.request.signature.ptr, sizeof(after));
    assert_memory_not_equal(after, before, sizeof(before));
}

/*
 * Hosts that begin as the service's do, for which hashing starts from a stored
 * state, and others, for which the whole canonical request is hashed.
 */
static void test_host_is_signed_whole(void **state)
{
    static const char *const hosts[] = {"personalize", "personaliz",
                                        "personalizE.us-east-1", "p", ""};
    struct sj_signing_key key = {.valid = false};
    struct signed_row r;

    (void)state;
    take_row(&r, &sigv4_rows[0]);
    for (size_t i = 0; i < LENGTH(hosts); i++) {
        r.request.host = segjob_cstr(hosts[i]);
        assert_true(sj_sigv4_sign(&r.request, &key));
        assert_ptr_equal(r.request.host.ptr, hosts[i]);
        assert_int_equal(r.request.host.len, strlen(hosts[i]));
        assert_memory_not_equal(r.request.signature.ptr,
                                sigv4_rows[0].signature, SJ_HEX_LEN);
    }
}

/* AWS General Reference: the format of the Authorization header. */
static void test_authorization(void **state)
{
    static const char expected[] =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/"
        "personalize/aws4_request, SignedHeaders=content-type;host;x-amz-date;"
        "x-amz-target, Signature=abc";
    static const char with_token[] =
        "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;"
        "x-amz-target, ";
    char buf[512] = "";
    struct sj_writer w = {buf, sizeof(buf) - 1, 0, NULL};
    struct signed_row r;

    (void)state;
    take_row(&r, &sigv4_rows[0]);
    r.request.signature = segjob_cstr("abc");
    sj_write_template(&w, SJ_AUTHORIZATION, &r.request);
    assert_string_equal(buf, expected);
    r.request.credentials.session_token = segjob_cstr("t");
    w.len = 0;
    sj_write_template(&w, SJ_AUTHORIZATION, &r.request);
    assert_non_null(strstr(buf, with_token));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signatures),
        cmocka_unit_test(test_key_is_never_stale),
        cmocka_unit_test(test_same_pointer_other_secret),
        cmocka_unit_test(test_host_is_signed_whole),
        cmocka_unit_test(test_authorization),
    };

    return cmocka_run_group_tests(tests, fill, NULL);
}
