/*
 * On top of mbedTLS 3.6's own configuration: all of TLS and core's hash work
 * through PSA, as in version 4; mbedTLS's own hashes are not asked for (PSA
 * brings those that it wants); and trusted certificates are looked for when
 * they are needed.
 */
#define MBEDTLS_USE_PSA_CRYPTO
#define MBEDTLS_PSA_CRYPTO_CONFIG
#undef MBEDTLS_MD5_C
#undef MBEDTLS_SHA1_C
#undef MBEDTLS_SHA224_C
#undef MBEDTLS_SHA256_C
#undef MBEDTLS_SHA384_C
#undef MBEDTLS_SHA512_C
#undef MBEDTLS_SHA3_C
#define MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK
