/*
 * What core needs of mbedTLS, as in examples/firmware/mbedtls_config.h.
 */
#define MBEDTLS_SHA256_C
