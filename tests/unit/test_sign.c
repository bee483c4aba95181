/*
 * Signatures of requests to services other than Personalize, against botocore.
 */
#include "rows.h"

#include <string.h>

#include "rows_sign.h"
#include "segjob_sign.h"

static char secret[256], token[4096];
static struct segjob_config config;
static struct segjob_fetch_request request;
static struct segjob_sign sign;

/* Prepare the request of this row; `sign` refers to it. */
static void take_row(const struct sign_row *row)
{
    static const struct segjob_sign s = {SEGJOB_SIGN_HMAC, NULL,
                                         SEGJOB_STR_INIT("AKIDEXAMPLE"),
                                         &config, &request};

    memset(&config, 0, sizeof(config));
    memset(&request, 0, sizeof(request));
    config.region = segjob_cstr(row->region);
    config.host = segjob_cstr(row->host);
    config.port = row->port;
    request.method = "POST";
    request.path[0] = segjob_cstr(row->path);
    request.body = segjob_cstr(row->body);
    request.headers[0].name = "content-type";
    request.headers[0].value = segjob_cstr(row->type);
    request.headers[1].name = "x-amz-date";
    request.headers[1].value = segjob_cstr(row->date);
    if (row->token_len > 0) {
        request.headers[2].name = "x-amz-security-token";
        request.headers[2].value.ptr = token;
        request.headers[2].value.len = row->token_len;
    }
    sign = s;
    sign.service = row->service;
}

/* The header of this row, which ends at `end` of the text's memory. */
static struct segjob_str header_of(const struct sign_row *row, char *buf,
                                   size_t cap)
{
    unsigned char signature[SEGJOB_SIGN_HASH_LEN];
    struct segjob_str key =
        segjob_cstr("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    struct segjob_str header = {buf, 0};

    if (row->secret_len > 0) {
        key.ptr = secret;
        key.len = row->secret_len;
    }
    take_row(row);
    ROW(row, segjob_sign_hmac(&sign, key, signature));
    header.len =
        segjob_sign_write(&sign, signature, sizeof(signature), buf, cap);
    return header;
}

static void test_headers(void **state)
{
    (void)state;
    fill_letters(secret, sizeof(secret));
    fill_letters(token, sizeof(token));
    for (size_t i = 0; i < LENGTH(sign_rows); i++) {
        char buf[512];

        ROW(&sign_rows[i], is_string(header_of(&sign_rows[i], buf, sizeof(buf)),
                                     sign_rows[i].authorization));
    }
}

/* What does not fit is left out, and counted. */
static void test_every_capacity(void **state)
{
    const struct sign_row *row = &sign_rows[0];
    const size_t n = strlen(row->authorization);
    char buf[512];

    (void)state;
    for (size_t cap = 0; cap <= n; cap++) {
        memset(buf, '@', sizeof(buf));
        assert_int_equal(header_of(row, buf, cap).len, n);
        assert_memory_equal(buf, row->authorization, cap);
        assert_int_equal(buf[cap], '@');
    }
}

/* The digest that a certificate's key signs: that of the string to sign, whose
 * HMAC is known, changes with the algorithm, and with nothing else. */
static void test_digest(void **state)
{
    unsigned char hmac[SEGJOB_SIGN_HASH_LEN], rsa[SEGJOB_SIGN_HASH_LEN],
        ecdsa[SEGJOB_SIGN_HASH_LEN], again[SEGJOB_SIGN_HASH_LEN];

    (void)state;
    take_row(&sign_rows[0]);
    assert_true(segjob_sign_digest(&sign, hmac));
    sign.algorithm = SEGJOB_SIGN_X509_RSA;
    assert_true(segjob_sign_digest(&sign, rsa));
    sign.algorithm = SEGJOB_SIGN_X509_ECDSA;
    assert_true(segjob_sign_digest(&sign, ecdsa));
    sign.key_id = segjob_cstr("another");
    assert_true(segjob_sign_digest(&sign, again));
    assert_memory_not_equal(hmac, rsa, sizeof(rsa));
    assert_memory_not_equal(rsa, ecdsa, sizeof(rsa));
    assert_memory_equal(ecdsa, again, sizeof(again));
}

static void test_dates(void **state)
{
    static const struct {
        int64_t unix_time;
        const char *text;
    } dates[] = {
        {0, "19700101T000000Z"},
        {1767225600, "20260101T000000Z"},
        {INT64_C(253402300799), "99991231T235959Z"},
    };
    char date[SEGJOB_SIGN_DATE_LEN];

    (void)state;
    for (size_t i = 0; i < LENGTH(dates); i++) {
        assert_true(segjob_sign_date(dates[i].unix_time, date));
        assert_memory_equal(date, dates[i].text, sizeof(date));
    }
    assert_false(segjob_sign_date(-1, date));
    assert_false(segjob_sign_date(INT64_C(253402300800), date));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_every_capacity),
        cmocka_unit_test(test_digest),
        cmocka_unit_test(test_dates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
