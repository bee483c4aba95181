#include "segjob_tls.h"

#if defined(MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG) && \
    !defined(SEGJOB_HAS_EXTERNAL_RNG)
#include <psa/crypto.h>

static struct segjob_platform *source;

void segjob_tls_set_random(struct segjob_platform *platform)
{
    source = platform;
}

psa_status_t mbedtls_psa_external_get_random(
    mbedtls_psa_external_random_context_t *context, uint8_t *output,
    size_t output_size, size_t *output_length)
{
    (void)context;
    *output_length = 0;
    if (source == NULL || !source->random(source, output, output_size)) {
        return PSA_ERROR_INSUFFICIENT_ENTROPY;
    }
    *output_length = output_size;
    return PSA_SUCCESS;
}
#else
void segjob_tls_set_random(struct segjob_platform *platform)
{
    (void)platform; /* PSA has sources of its own, or is not used */
}
#endif
