/*
 * mbedTLS as a TLS client, for chains of RSA and of elliptic curves: TLS and
 * certificates. What they compute with is in crypto_config.h for mbedTLS 4, in
 * crypto_config3.h for 3.6. SEGJOB_TLS13, an option of the build, adds TLS 1.3.
 */
#if !defined(TF_PSA_CRYPTO_CONFIG_FILE)
#include "crypto_config3.h"
#endif

/* Certificates. */
#define MBEDTLS_X509_USE_C
#define MBEDTLS_X509_CRT_PARSE_C
#define MBEDTLS_X509_REMOVE_INFO

/*
 * TLS. Records of up to 8 KB are read: a chain of certificates as AWS sends it
 * has 5 KB, and responses fit the client's buffer. With TLS 1.2 the peer is
 * asked for records of at most 4 KB. If one of more than 8 KB comes, the
 * connection ends, as if it had broken. Ours contain what the client sends: a
 * request of the size of its buffer.
 */
#define MBEDTLS_SSL_TLS_C
#define MBEDTLS_SSL_CLI_C
#define MBEDTLS_SSL_PROTO_TLS1_2
#define MBEDTLS_KEY_EXCHANGE_ECDHE_RSA_ENABLED
#define MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED
/* In place of a list of all that there are: segjob offers one of its own. */
#define MBEDTLS_SSL_CIPHERSUITES MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
#define MBEDTLS_SSL_SERVER_NAME_INDICATION
#define MBEDTLS_SSL_EXTENDED_MASTER_SECRET
#define MBEDTLS_SSL_SESSION_TICKETS
#define MBEDTLS_SSL_MAX_FRAGMENT_LENGTH
#define MBEDTLS_SSL_IN_CONTENT_LEN 8192
#define MBEDTLS_SSL_OUT_CONTENT_LEN 4096

#if defined(SEGJOB_TLS13)
#define MBEDTLS_SSL_PROTO_TLS1_3
#define MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ENABLED
#define MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_PSK_EPHEMERAL_ENABLED
#define MBEDTLS_SSL_TLS1_3_COMPATIBILITY_MODE
#define MBEDTLS_SSL_KEEP_PEER_CERTIFICATE
#define MBEDTLS_X509_RSASSA_PSS_SUPPORT
#endif
