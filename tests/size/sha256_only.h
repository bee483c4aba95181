/*
 * What core needs of mbedTLS, as examples/firmware/mbedtls_config.h has it.
 */
#define MBEDTLS_SHA256_C
