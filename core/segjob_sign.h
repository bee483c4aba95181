/*
 * Sign a fetch for a service of AWS other than Personalize: by SigV4 with
 * credentials (AWS STS), or by the key of an X.509 certificate (IAM Roles
 * Anywhere). Programs that do neither do not link this.
 *
 * All headers of the fetch are signed. The first is content-type; the others,
 * whose names are in lower case and in order, come after `host`. The path has
 * no query, and no character that must be encoded. Nothing is stored: the text
 * is hashed as it is written.
 *
 * Source: AWS General Reference, "Create a signed AWS API request"; IAM Roles
 * Anywhere User Guide, "Signing process".
 */
#ifndef SEGJOB_SIGN_H
#define SEGJOB_SIGN_H

#include "segjob_fetch.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SEGJOB_SIGN_HMAC "AWS4-HMAC-SHA256"
#define SEGJOB_SIGN_X509_RSA "AWS4-X509-RSA-SHA256"
#define SEGJOB_SIGN_X509_ECDSA "AWS4-X509-ECDSA-SHA256"

#define SEGJOB_SIGN_DATE_LEN 16u /* bytes of YYYYMMDDTHHMMSSZ */
#define SEGJOB_SIGN_HASH_LEN 32u /* bytes of a SHA-256, or its HMAC */

/*
 * What is signed. The request has the header `x-amz-date`. All of it is
 * borrowed during the call.
 */
struct segjob_sign {
    const char *algorithm;              /* one of the above */
    const char *service;                /* as the credential scope has it */
    struct segjob_str key_id;           /* access key id, or serial number */
    const struct segjob_config *config; /* region; host and port of the fetch */
    const struct segjob_fetch_request *request;
};

/*
 * Write Unix seconds as the value of `x-amz-date`, without a NUL. Returns
 * false, and writes nothing, before 1970 and after 9999.
 */
SEGJOB_MUST_CHECK
bool segjob_sign_date(int64_t unix_time, char date[SEGJOB_SIGN_DATE_LEN]);

/*
 * Compute the HMAC of the string to sign, with the key that is derived from
 * this secret access key. Returns false if the hash function failed.
 */
SEGJOB_MUST_CHECK
bool segjob_sign_hmac(const struct segjob_sign *s, struct segjob_str secret,
                      unsigned char signature[SEGJOB_SIGN_HASH_LEN]);

/*
 * Compute the SHA-256 of the string to sign, which is then to be signed with
 * the private key. Returns false if the hash function failed.
 */
SEGJOB_MUST_CHECK
bool segjob_sign_digest(const struct segjob_sign *s,
                        unsigned char digest[SEGJOB_SIGN_HASH_LEN]);

/*
 * Write the value of the header `authorization` with this signature, `n` bytes,
 * into `cap` bytes at `buf`, without a NUL. Returns its length; what does not
 * fit is left out.
 */
size_t segjob_sign_write(const struct segjob_sign *s,
                         const unsigned char *signature, size_t n, char *buf,
                         size_t cap);

#ifdef __cplusplus
}
#endif

#endif
