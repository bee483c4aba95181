/*
 * Additions to mbedTLS's configuration: keys of the PSA interface, such as
 * those of secure elements, and trusted certificates that are read when needed.
 */
#define MBEDTLS_USE_PSA_CRYPTO
#define MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK
