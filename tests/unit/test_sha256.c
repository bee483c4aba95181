/*
 * The hash function: published digests, failures, and the cost of a signature.
 * The calls of mbedTLS or PSA go through here (ld's --wrap), so that they can
 * be counted and made to fail.
 */
#include "rows.h"

#include <string.h>

#include "sj_sha256.h"
#include "sj_sigv4.h"
#if !defined(SEGJOB_PSA)
#include <mbedtls/sha256.h>
#include <mbedtls/version.h>
#endif

static uint64_t bytes;        /* of the current hash; one at a time */
static unsigned compressions; /* so far */
static unsigned calls;        /* so far */
static unsigned open_hashes;  /* begun with PSA, and not ended */
static unsigned failing_call; /* the call that fails; 0: none */

static char body[600];

static bool fails(void)
{
    return ++calls == failing_call;
}

static void count_bytes(size_t n)
{
    compressions += (unsigned)((bytes % 64 + n) / 64);
    bytes += n;
}

/* FIPS 180-4 section 5.1.1: a bit and a length of 8 bytes fill up the last. */
static void count_end(void)
{
    compressions += (unsigned)((bytes % 64 + 1 + 8 + 63) / 64);
}

#if defined(SEGJOB_PSA)
psa_status_t __real_psa_hash_setup(psa_hash_operation_t *h, psa_algorithm_t a);
psa_status_t __real_psa_hash_update(psa_hash_operation_t *h,
                                    const uint8_t *input, size_t n);
psa_status_t __real_psa_hash_finish(psa_hash_operation_t *h, uint8_t *output,
                                    size_t cap, size_t *n);
psa_status_t __real_psa_hash_abort(psa_hash_operation_t *h);
psa_status_t __wrap_psa_hash_setup(psa_hash_operation_t *h, psa_algorithm_t a);
psa_status_t __wrap_psa_hash_update(psa_hash_operation_t *h,
                                    const uint8_t *input, size_t n);
psa_status_t __wrap_psa_hash_finish(psa_hash_operation_t *h, uint8_t *output,
                                    size_t cap, size_t *n);
psa_status_t __wrap_psa_hash_abort(psa_hash_operation_t *h);

psa_status_t __wrap_psa_hash_setup(psa_hash_operation_t *h, psa_algorithm_t a)
{
    bytes = 0;
    open_hashes++;
    return fails() ? PSA_ERROR_HARDWARE_FAILURE : __real_psa_hash_setup(h, a);
}

psa_status_t __wrap_psa_hash_update(psa_hash_operation_t *h,
                                    const uint8_t *input, size_t n)
{
    count_bytes(n);
    return fails() ? PSA_ERROR_HARDWARE_FAILURE
                   : __real_psa_hash_update(h, input, n);
}

psa_status_t __wrap_psa_hash_finish(psa_hash_operation_t *h, uint8_t *output,
                                    size_t cap, size_t *n)
{
    count_end();
    return fails() ? PSA_ERROR_HARDWARE_FAILURE
                   : __real_psa_hash_finish(h, output, cap, n);
}

psa_status_t __wrap_psa_hash_abort(psa_hash_operation_t *h)
{
    open_hashes--;
    return __real_psa_hash_abort(h);
}

#define MOST_WARM 21
#else
#if MBEDTLS_VERSION_MAJOR < 3
int __real_mbedtls_sha256_starts_ret(mbedtls_sha256_context *h, int is224);
int __real_mbedtls_sha256_update_ret(mbedtls_sha256_context *h,
                                     const unsigned char *input, size_t n);
int __real_mbedtls_sha256_finish_ret(mbedtls_sha256_context *h,
                                     unsigned char *output);
int __wrap_mbedtls_sha256_starts_ret(mbedtls_sha256_context *h, int is224);
int __wrap_mbedtls_sha256_update_ret(mbedtls_sha256_context *h,
                                     const unsigned char *input, size_t n);
int __wrap_mbedtls_sha256_finish_ret(mbedtls_sha256_context *h,
                                     unsigned char *output);
#define REAL(name) __real_mbedtls_sha256_##name##_ret
#define WRAP(name) __wrap_mbedtls_sha256_##name##_ret
#else
int __real_mbedtls_sha256_starts(mbedtls_sha256_context *h, int is224);
int __real_mbedtls_sha256_update(mbedtls_sha256_context *h,
                                 const unsigned char *input, size_t n);
int __real_mbedtls_sha256_finish(mbedtls_sha256_context *h,
                                 unsigned char *output);
int __wrap_mbedtls_sha256_starts(mbedtls_sha256_context *h, int is224);
int __wrap_mbedtls_sha256_update(mbedtls_sha256_context *h,
                                 const unsigned char *input, size_t n);
int __wrap_mbedtls_sha256_finish(mbedtls_sha256_context *h,
                                 unsigned char *output);
#define REAL(name) __real_mbedtls_sha256_##name
#define WRAP(name) __wrap_mbedtls_sha256_##name
#endif

int WRAP(starts)(mbedtls_sha256_context *h, int is224)
{
    bytes = 0;
    return fails() ? -1 : REAL(starts)(h, is224);
}

int WRAP(update)(mbedtls_sha256_context *h, const unsigned char *input,
                 size_t n)
{
    count_bytes(n);
    return fails() ? -1 : REAL(update)(h, input, n);
}

int WRAP(finish)(mbedtls_sha256_context *h, unsigned char *output)
{
    count_end();
    return fails() ? -1 : REAL(finish)(h, output);
}

#define MOST_WARM 18
#endif

/* ---------------------------------------------------------------- digests */

/* FIPS 180-4 examples, and printf '' | sha256sum */
static const struct {
    int line;
    const char *name;
    unsigned times;
    const char *hex;
} digests[] = {
    {__LINE__, "", 1,
     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {__LINE__, "abc", 1,
     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {__LINE__, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {__LINE__, "aaaaaaaaaa", 100000,
     "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
};

static void test_digests(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(digests); i++) {
        struct sj_sha256 h;
        unsigned char digest[SJ_SHA256_LEN];
        char hex[2 * SJ_SHA256_LEN];

        sj_sha256_begin(&h);
        for (unsigned k = 0; k < digests[i].times; k++) {
            sj_sha256_update(&h, digests[i].name, strlen(digests[i].name));
        }
        sj_sha256_update(&h, NULL, 0);
        ROW(&digests[i], sj_sha256_finish(&h, digest));
        sj_hex(hex, digest, sizeof(digest));
        ROW(&digests[i], memcmp(hex, digests[i].hex, sizeof(hex)) == 0);
    }
}

static void test_failure_is_reported_and_leaves_no_digest(void **state)
{
    static const unsigned char zeros[SJ_SHA256_LEN];

    (void)state;
    for (failing_call = 1; failing_call <= 4; failing_call++) {
        struct sj_sha256 h;
        unsigned char digest[SJ_SHA256_LEN];

        calls = 0;
        memset(digest, 0xff, sizeof(digest));
        sj_sha256_begin(&h);
        sj_sha256_update(&h, "a", 1);
        sj_sha256_update(&h, "b", 1);
        assert_false(sj_sha256_finish(&h, digest));
        assert_memory_equal(digest, zeros, sizeof(digest));
    }
    failing_call = 0;
}

/*
 * A hash that begins with a block. The block is the padded message "abc"
 * (FIPS 180-4, 5.1.1), so that the state after it is that message's digest.
 */
static void test_begin_with_a_block(void **state)
{
    static const char block[SJ_SHA256_BLOCK] = {'a', 'b', 'c',
                                                (char)0x80, [63] = 24};
    static const struct sj_sha256_prefix prefix = {
        {0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223, 0xb00361a3, 0x96177a9c,
         0xb410ff61, 0xf20015ad},
        block,
    };
    struct sj_sha256 h;
    unsigned char whole[SJ_SHA256_LEN];
    unsigned char begun[SJ_SHA256_LEN];

    (void)state;
    sj_sha256_begin(&h);
    sj_sha256_update(&h, block, sizeof(block));
    sj_sha256_update(&h, "rest", 4);
    assert_true(sj_sha256_finish(&h, whole));
    sj_sha256_begin_with(&h, &prefix);
    sj_sha256_update(&h, "rest", 4);
    assert_true(sj_sha256_finish(&h, begun));
    assert_memory_equal(begun, whole, sizeof(whole));
}

/* HMAC of `data` with a key of `key_len` bytes. */
static bool hmac(const char *key, size_t key_len, const char *data,
                 unsigned char mac[SJ_SHA256_LEN])
{
    static const unsigned char zeros[SJ_SHA256_LEN];
    unsigned char block[SJ_SHA256_BLOCK] = {0};
    struct sj_hmac_key kept;
    struct sj_sha256 h;
    bool ok;

    memcpy(block, key, key_len);
    calls = 0;
    ok = sj_hmac_set_key(&h, block, &kept);
    sj_hmac_begin(&h, &kept);
    sj_sha256_update(&h, data, strlen(data));
    if (!sj_hmac_finish(&h, &kept, mac)) {
        assert_memory_equal(mac, zeros, sizeof(zeros));
        ok = false;
    }
    return ok;
}

/* RFC 4231, sections 4.2 and 4.3 */
static const struct {
    int line;
    const char *name; /* the key */
    const char *data;
    const char *hex;
} macs[] = {
    {__LINE__,
     "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
     "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b",
     "Hi There",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {__LINE__, "Jefe", "what do ya want for nothing?",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
};

static void test_macs(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(macs); i++) {
        unsigned char mac[SJ_SHA256_LEN];
        char hex[2 * SJ_SHA256_LEN];

        ROW(&macs[i],
            hmac(macs[i].name, strlen(macs[i].name), macs[i].data, mac));
        sj_hex(hex, mac, sizeof(mac));
        ROW(&macs[i], memcmp(hex, macs[i].hex, sizeof(hex)) == 0);
    }
}

static void test_no_call_of_a_mac_may_fail(void **state)
{
    unsigned char mac[SJ_SHA256_LEN];
    unsigned all;

    (void)state;
    assert_true(hmac("Jefe", 4, "data", mac));
    all = calls;
    assert_in_range(all, 6, 100);
    for (failing_call = 1; failing_call <= all; failing_call++) {
        assert_false(hmac("Jefe", 4, "data", mac));
    }
    failing_call = 0;
}

/* -------------------------------------------------------------- signatures */

static struct segjob_credentials credentials = {
    .access_key_id = SEGJOB_STR("AKIDEXAMPLE"),
    .secret_access_key = SEGJOB_STR("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
};

static const struct sj_sigv4 request = {
    .region = SEGJOB_STR("us-east-1"),
    .host = SEGJOB_STR("personalize.us-east-1.amazonaws.com"),
    .target = SEGJOB_STR("AmazonPersonalize.CreateBatchSegmentJob"),
    .date = SEGJOB_STR("20260101T000000Z"),
    .day = SEGJOB_STR("20260101"),
    .body = {body, sizeof(body)},
};

static bool sign(struct sj_signing_key *key, char signature[SJ_HEX_LEN])
{
    struct sj_sigv4 s = request;
    bool good;

    s.credentials = credentials;
    calls = 0;
    compressions = 0;
    good = sj_sigv4_sign(&s, key);
    assert_int_equal(open_hashes, 0);
    memcpy(signature, s.hex, SJ_HEX_LEN);
    return good;
}

static void test_compressions_of_a_signature(void **state)
{
    struct sj_signing_key key = {.valid = false};
    char cold[SJ_HEX_LEN];
    char warm[SJ_HEX_LEN];
    unsigned cold_compressions;

    (void)state;
    fill_letters(body, sizeof(body));
    assert_true(sign(&key, cold));
    cold_compressions = compressions;
    assert_true(sign(&key, warm));
    assert_memory_equal(warm, cold, sizeof(cold));
    print_message("a body of 600 bytes takes %u compressions, %u warm\n",
                  cold_compressions, compressions);
    assert_in_range(cold_compressions, 1, 37);
    assert_in_range(compressions, 1, MOST_WARM);
}

/* Each call of the hash function fails once; the next signature is right. */
static void fail_each_call(void)
{
    struct sj_signing_key fresh = {.valid = false};
    char right[SJ_HEX_LEN];
    unsigned all;

    assert_true(sign(&fresh, right));
    all = calls;
    for (unsigned fail = 1; fail <= all; fail++) {
        struct sj_signing_key key = {.valid = false};
        char signature[SJ_HEX_LEN];

        failing_call = fail;
        assert_false(sign(&key, signature));
        failing_call = 0;
        assert_true(sign(&key, signature));
        assert_memory_equal(signature, right, sizeof(right));
    }
}

/* A secret longer than a block is hashed, which can fail as well. */
static void test_no_failure_spoils_the_cached_key(void **state)
{
    struct segjob_str secret = credentials.secret_access_key;

    (void)state;
    fail_each_call();
    credentials.secret_access_key.ptr = body;
    credentials.secret_access_key.len = 100;
    fail_each_call();
    credentials.secret_access_key = secret;
}

/* ------------------------------------------------------------- the client */

static const struct segjob_create_request job = {
    .job_name = SEGJOB_STR("a"),
    .solution_version_arn = SEGJOB_STR("arn:aws:personalize:r:1:s/v"),
    .role_arn = SEGJOB_STR("arn:aws:iam::123456789012:role/r"),
    .input = {.path = SEGJOB_STR("s3://i")},
    .output = {.path = SEGJOB_STR("s3://o/")},
};

/* Whether the client reached SEGJOB_WANT_SEND. */
static bool connect_to(struct segjob_client *c)
{
    calls = 0;
    assert_int_equal(segjob_create(c, &job), SEGJOB_PENDING);
    assert_int_equal(segjob_set_credentials(c, &credentials), SEGJOB_PENDING);
    return segjob_connected(c, 1767225600) == SEGJOB_PENDING;
}

static void leave(struct segjob_client *c)
{
    segjob_cancel(c);
    segjob_closed(c);
}

static void test_client_reports_and_continues(void **state)
{
    static char buf[2048];
    static char right[2048];
    struct segjob_config config = {.region = SEGJOB_STR("us-east-1")};
    struct segjob_client c;
    struct segjob_str tx;
    unsigned all;

    (void)state;
    assert_int_equal(segjob_init(&c, &config, buf, sizeof(buf)), SEGJOB_OK);
    assert_true(connect_to(&c));
    all = calls;
    memcpy(right, segjob_tx(&c).ptr, segjob_tx(&c).len);
    leave(&c);
    for (unsigned fail = 1; fail <= all; fail++) {
        segjob_wipe(&c);
        assert_int_equal(segjob_init(&c, &config, buf, sizeof(buf)), SEGJOB_OK);
        failing_call = fail;
        assert_false(connect_to(&c));
        failing_call = 0;
        assert_int_equal(segjob_get_want(&c), SEGJOB_WANT_CLOSE);
        segjob_closed(&c);
        assert_int_equal(segjob_get_status(&c), SEGJOB_CRYPTO);
        assert_int_equal(segjob_get_outcome(&c), SEGJOB_NOT_SENT);
        assert_true(connect_to(&c));
        tx = segjob_tx(&c);
        assert_memory_equal(tx.ptr, right, tx.len);
        leave(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_digests),
        cmocka_unit_test(test_failure_is_reported_and_leaves_no_digest),
        cmocka_unit_test(test_begin_with_a_block),
        cmocka_unit_test(test_macs),
        cmocka_unit_test(test_no_call_of_a_mac_may_fail),
        cmocka_unit_test(test_compressions_of_a_signature),
        cmocka_unit_test(test_no_failure_spoils_the_cached_key),
        cmocka_unit_test(test_client_reports_and_continues),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
