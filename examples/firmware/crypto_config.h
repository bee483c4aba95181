/* What TLS computes with, for mbedTLS 4: see mbedtls_config.h. */

/* One arena; no C library's heap, files, clock or sockets. */
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_PLATFORM_STD_CALLOC NULL /* the arena's, see memory.c */
#define MBEDTLS_PLATFORM_STD_FREE NULL
#define MBEDTLS_MEMORY_BUFFER_ALLOC_C
#define MBEDTLS_PLATFORM_EXIT_MACRO memory_arena_damaged
__attribute__((noreturn)) void memory_arena_damaged(int status);

/* PSA, with the board's random bytes: segjob_tls_set_random(). */
#define MBEDTLS_PSA_CRYPTO_C
#define MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG
#define MBEDTLS_PSA_KEY_SLOT_COUNT 8
#define MBEDTLS_PSA_ASSUME_EXCLUSIVE_BUFFERS /* there is no other partition */

/* Hashes. */
#define MBEDTLS_MD_C
#define PSA_WANT_ALG_SHA_256 1
#define PSA_WANT_ALG_SHA_384 1
#define PSA_WANT_ALG_SHA_512 1
#define MBEDTLS_SHA256_SMALLER
#define MBEDTLS_SHA512_SMALLER /* only for certificates and one suite */

/* TLS 1.2 derives its keys with HMAC. */
#define PSA_WANT_ALG_HMAC 1
#define PSA_WANT_ALG_TLS12_PRF 1
#define PSA_WANT_KEY_TYPE_HMAC 1
#define PSA_WANT_KEY_TYPE_DERIVE 1

/* Ciphers: AES-GCM, with its tables in flash. */
#define PSA_WANT_ALG_GCM 1
#define PSA_WANT_KEY_TYPE_AES 1
#define MBEDTLS_AES_ROM_TABLES
#define MBEDTLS_AES_FEWER_TABLES
#define MBEDTLS_BLOCK_CIPHER_NO_DECRYPT

/* Keys: P-256, P-384; RSA to verify only. */
#define MBEDTLS_HAVE_ASM
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_RSA_NO_CRT
#define MBEDTLS_PK_C
#define MBEDTLS_PK_PARSE_C
#define PSA_WANT_ALG_ECDH 1
#define PSA_WANT_ALG_ECDSA 1
#define PSA_WANT_ECC_SECP_R1_256 1
#define PSA_WANT_ECC_SECP_R1_384 1
#define PSA_WANT_KEY_TYPE_ECC_PUBLIC_KEY 1
#define PSA_WANT_KEY_TYPE_ECC_KEY_PAIR_BASIC 1
#define PSA_WANT_KEY_TYPE_ECC_KEY_PAIR_IMPORT 1
#define PSA_WANT_KEY_TYPE_ECC_KEY_PAIR_EXPORT 1
#define PSA_WANT_KEY_TYPE_ECC_KEY_PAIR_GENERATE 1
#define PSA_WANT_ALG_RSA_PKCS1V15_SIGN 1
/* mbedTLS demands these two for ECDHE with RSA. */
#define PSA_WANT_ALG_RSA_PKCS1V15_CRYPT 1
#define PSA_WANT_KEY_TYPE_RSA_KEY_PAIR_BASIC 1
#define PSA_WANT_KEY_TYPE_RSA_PUBLIC_KEY 1

/* Certificates are ASN.1. */
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C

#if defined(SEGJOB_TLS13)
#define PSA_WANT_ALG_HKDF_EXTRACT 1
#define PSA_WANT_ALG_HKDF_EXPAND 1
#define PSA_WANT_ALG_RSA_PSS 1
#define PSA_WANT_ALG_RSA_OAEP 1 /* which mbedTLS demands for RSASSA-PSS */
/* The age of a ticket is counted. */
#define MBEDTLS_HAVE_TIME
#define MBEDTLS_PLATFORM_TIME_TYPE_MACRO long long
#define MBEDTLS_PLATFORM_TIME_MACRO clock_for_mbedtls
#define MBEDTLS_PLATFORM_MS_TIME_ALT
long long clock_for_mbedtls(long long *seconds);
#endif
