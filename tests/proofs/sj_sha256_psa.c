/*
 * HMAC by PSA, with PSA's hash replaced by its contract: it reads its input,
 * and stores an arbitrary digest, or fails.
 */
#define SEGJOB_PSA
#define PSA_CRYPTO_H /* in place of <psa/crypto.h> */

#include <stddef.h>
#include <stdint.h>

typedef int psa_status_t;
typedef struct {
    int state;
} psa_hash_operation_t;
#define PSA_SUCCESS 0
#define PSA_ALG_SHA_256 1
psa_hash_operation_t psa_hash_operation_init(void);
psa_status_t psa_hash_setup(psa_hash_operation_t *operation, int alg);
psa_status_t psa_hash_update(psa_hash_operation_t *operation,
                             const uint8_t *input, size_t n);
psa_status_t psa_hash_finish(psa_hash_operation_t *operation, uint8_t *hash,
                             size_t cap, size_t *n);
psa_status_t psa_hash_abort(psa_hash_operation_t *operation);

#include "../../core/sj_sha256_psa.c"

#include "proof.h"

static bool has_failed;

static int any_status(void)
{
    const bool fails = nondet_byte() % 2 == 0;

    has_failed = has_failed || fails;
    return fails;
}

psa_hash_operation_t psa_hash_operation_init(void)
{
    const psa_hash_operation_t operation = {0};

    return operation;
}

psa_status_t psa_hash_setup(psa_hash_operation_t *operation, int alg)
{
    assert(__CPROVER_w_ok(operation, sizeof(*operation)));
    assert(alg == PSA_ALG_SHA_256);
    return any_status();
}

psa_status_t psa_hash_update(psa_hash_operation_t *operation,
                             const uint8_t *input, size_t n)
{
    assert(__CPROVER_w_ok(operation, sizeof(*operation)));
    assert(n > 0 && __CPROVER_r_ok(input, n));
    return any_status();
}

psa_status_t psa_hash_finish(psa_hash_operation_t *operation, uint8_t *hash,
                             size_t cap, size_t *n)
{
    assert(__CPROVER_w_ok(operation, sizeof(*operation)));
    assert(cap == SJ_SHA256_LEN && __CPROVER_w_ok(hash, cap));
    __CPROVER_havoc_slice(hash, SJ_SHA256_LEN);
    *n = SJ_SHA256_LEN;
    return any_status();
}

psa_status_t psa_hash_abort(psa_hash_operation_t *operation)
{
    assert(__CPROVER_w_ok(operation, sizeof(*operation)));
    return PSA_SUCCESS;
}

/* And a failure is returned, and leaves a MAC of zeros. */
void psa_mac_stays_within(void)
{
    struct sj_sha256 hash;
    struct sj_hmac_key key;
    unsigned char *block = (unsigned char *)any_bytes(SJ_SHA256_BLOCK);
    unsigned char *mac = (unsigned char *)any_bytes(SJ_SHA256_LEN);
    const struct segjob_str data = any_text(BOUND);
    const size_t i = any_up_to(SJ_SHA256_LEN - 1);
    bool ok;

    ok = sj_hmac_set_key(&hash, block, &key);
    assert(ok);
    sj_hmac_begin(&hash, &key);
    sj_sha256_update(&hash, data.ptr, data.len);
    ok = sj_hmac_finish(&hash, &key, mac);
    assert(ok == !has_failed);
    assert(ok || mac[i] == 0);
}
