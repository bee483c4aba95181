#include <string.h>

#include <mbedtls/md.h>

#include "sj_tls_session.h"

/*
 * mbedTLS comes by from the root to the peer's own certificate, which the
 * verdict waits for. A certificate that it does not trust is refused for that,
 * whatever its key.
 */
static int check_pin(struct segjob_tls *tls, const mbedtls_x509_crt *crt,
                     int depth, uint32_t *flags)
{
    unsigned char digest[SEGJOB_TLS_DIGEST_LEN];
    const int ret = mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256),
                               crt->pk_raw.p, crt->pk_raw.len, digest);
    size_t i;

    if (ret != 0) {
        return ret;
    }
    for (i = 0; i < tls->pins_len; i++) {
        if (memcmp(digest, tls->pins[i], sizeof(digest)) == 0) {
            tls->pinned = true;
        }
    }
    if (depth == 0 && !tls->pinned) {
        *flags |= MBEDTLS_X509_BADCERT_OTHER;
    }
    return 0;
}

enum segjob_status segjob_tls_pin(
    struct segjob_tls *tls, const unsigned char (*pins)[SEGJOB_TLS_DIGEST_LEN],
    size_t n)
{
    if (tls->state != SEGJOB_TLS_IDLE) {
        return SEGJOB_MISUSE;
    }
    sj_tls_session_drop(tls);
    tls->pins = pins;
    tls->pins_len = n;
    tls->check_pins = n > 0 ? check_pin : NULL;
    return SEGJOB_OK;
}
