/*
 * Signatures against botocore's, and the cache of the signing key.
 */
#include "rows.h"

#include <string.h>

#include "rows_sigv4.h"
#include "sj_sigv4.h"

static char secret[256];
static char token[8192];

/* A request and what it borrows. */
struct signed_row {
    struct segjob_credentials credentials;
    struct sj_sigv4 request;
};

static void take_row(struct signed_row *r, const struct sigv4_row *row)
{
    struct segjob_str target =
        SEGJOB_STR("AmazonPersonalize.CreateBatchSegmentJob");

    memset(r, 0, sizeof(*r));
    r->credentials.access_key_id = segjob_str("AKIDEXAMPLE");
    r->credentials.secret_access_key =
        segjob_str("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    if (row->secret_len > 0) {
        r->credentials.secret_access_key.ptr = secret;
        r->credentials.secret_access_key.len = row->secret_len;
    }
    if (row->token_len > 0) {
        r->credentials.session_token.ptr = token;
        r->credentials.session_token.len = row->token_len;
    }
    r->request.credentials = &r->credentials;
    r->request.target = target;
    r->request.region = segjob_str(row->region);
    r->request.host = segjob_str(row->host);
    r->request.date = segjob_str(row->date);
    r->request.body = segjob_str(row->body);
}

/* Whether `key`, with whatever it was derived from, signs as the row says. */
static bool signs(struct sj_signing_key *key, const struct sigv4_row *row)
{
    struct signed_row r;
    unsigned char signature[SJ_SHA256_LEN];
    char hex[2 * SJ_SHA256_LEN];
    struct sj_writer w = {hex, sizeof(hex), 0};

    take_row(&r, row);
    if (!sj_sigv4_sign(&r.request, key, signature)) {
        return false;
    }
    sj_write_hex(&w, signature, sizeof(signature));
    return memcmp(hex, row->signature, sizeof(hex)) == 0;
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

/* After each row each other one: day, region and secret change, or not. */
static void test_key_is_never_stale(void **state)
{
    struct sj_signing_key key = {.valid = false};

    (void)state;
    for (size_t i = 0; i < LENGTH(sigv4_rows); i++) {
        for (size_t k = 0; k < LENGTH(sigv4_rows); k++) {
            ROW(&sigv4_rows[i], signs(&key, &sigv4_rows[i]));
            ROW(&sigv4_rows[k], signs(&key, &sigv4_rows[k]));
        }
    }
}

/* A secret that changes where it stands. */
static void test_same_pointer_other_secret(void **state)
{
    struct sj_signing_key key = {.valid = false};
    struct sj_signing_key fresh = {.valid = false};
    char changing[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    struct signed_row r;
    unsigned char before[SJ_SHA256_LEN];
    unsigned char after[SJ_SHA256_LEN];
    unsigned char expected[SJ_SHA256_LEN];

    (void)state;
    take_row(&r, &sigv4_rows[0]);
    r.credentials.secret_access_key = segjob_str(changing);
    assert_true(sj_sigv4_sign(&r.request, &key, before));
    changing[39] = 'B';
    assert_true(sj_sigv4_sign(&r.request, &key, after));
    assert_true(sj_sigv4_sign(&r.request, &fresh, expected));
    assert_memory_equal(after, expected, sizeof(expected));
    assert_memory_not_equal(after, before, sizeof(before));
}

/* A region that begins as the one before is another. */
static void test_longer_region(void **state)
{
    struct sj_signing_key key = {.valid = false};
    struct sj_signing_key other = {.valid = false};
    struct sigv4_row row = sigv4_rows[0];

    (void)state;
    row.region = "us-east-10";
    assert_true(signs(&key, &sigv4_rows[0]));
    assert_false(signs(&key, &row));
    assert_true(signs(&key, &sigv4_rows[0]));
    assert_false(signs(&other, &row));
}

/* AWS General Reference: the form of the Authorization header. */
static void test_authorization(void **state)
{
    static const char expected[] =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/"
        "personalize/aws4_request, SignedHeaders=content-type;host;x-amz-date;"
        "x-amz-target, Signature=00000000000000000000000000000000000000000000"
        "00000000000000000000";
    static const char with_token[] =
        "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;"
        "x-amz-target, ";
    static const unsigned char zeros[SJ_SHA256_LEN];
    char buf[512] = "";
    struct sj_writer w = {buf, sizeof(buf) - 1, 0};
    struct signed_row r;

    (void)state;
    take_row(&r, &sigv4_rows[0]);
    sj_sigv4_write_authorization(&w, &r.request, zeros);
    assert_string_equal(buf, expected);
    r.credentials.session_token = segjob_str("t");
    w.len = 0;
    sj_sigv4_write_authorization(&w, &r.request, zeros);
    assert_non_null(strstr(buf, with_token));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signatures),
        cmocka_unit_test(test_key_is_never_stale),
        cmocka_unit_test(test_same_pointer_other_secret),
        cmocka_unit_test(test_longer_region),
        cmocka_unit_test(test_authorization),
    };

    return cmocka_run_group_tests(tests, fill, NULL);
}
