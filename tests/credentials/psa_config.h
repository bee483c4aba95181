/*
 * On top of mbedTLS's own configuration: keys behind the PSA interface, where
 * secure elements are, and trusted certificates that are looked for when they
 * are needed.
 */
#define MBEDTLS_USE_PSA_CRYPTO
#define MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK
