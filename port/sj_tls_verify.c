#include "sj_tls_verify.h"

#include <string.h>

#include <mbedtls/asn1.h>
#include <mbedtls/oid.h>

#include "segjob_text.h"
#include "sj_tls_session.h"

/* Flags of our own, beside those of mbedTLS. */
#define NO_ALT_NAME (UINT32_C(1) << 29)
#define OUT_OF_CONSTRAINTS (UINT32_C(1) << 30)

const char *sj_tls_refusal(uint32_t flags)
{
    static const struct {
        uint32_t flags;
        const char *text;
    } reasons[] = {
        {MBEDTLS_X509_BADCERT_EXPIRED,
         "it has expired, by the clock of this device"},
        {MBEDTLS_X509_BADCERT_FUTURE,
         "it is not yet valid, by the clock of this device"},
        {NO_ALT_NAME, "it is not for this host name: it has no "
                      "subjectAltName, and its common name does not count"},
        {MBEDTLS_X509_BADCERT_CN_MISMATCH, "it is not for this host name"},
        {MBEDTLS_X509_BADCERT_NOT_TRUSTED,
         "it is not signed by a trusted authority"},
        {OUT_OF_CONSTRAINTS,
         "the name constraints of an authority in its chain exclude it"},
        {MBEDTLS_X509_BADCERT_KEY_USAGE | MBEDTLS_X509_BADCERT_EXT_KEY_USAGE |
             MBEDTLS_X509_BADCERT_NS_CERT_TYPE,
         "it, or an authority in its chain, is not meant for a TLS server"},
        {MBEDTLS_X509_BADCERT_BAD_MD | MBEDTLS_X509_BADCERT_BAD_PK |
             MBEDTLS_X509_BADCERT_BAD_KEY,
         "its hash, signature or key is too weak"},
        {MBEDTLS_X509_BADCERT_OTHER, "none of its chain's keys is pinned"},
    };
    size_t i;

    for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if ((flags & reasons[i].flags) != 0) {
            return reasons[i].text;
        }
    }
    return "mbedTLS refuses it";
}

/* ---------------------------------------------------------------- dates */

static int64_t unix_time(const mbedtls_x509_time *t)
{
    const uint32_t date[] = {(uint32_t)t->year, (uint32_t)t->mon,
                             (uint32_t)t->day,  (uint32_t)t->hour,
                             (uint32_t)t->min,  (uint32_t)t->sec};

    return segjob_unix_time(date);
}

/*
 * mbedTLS checks dates by the C library's clock, if at all: the platform's
 * takes its place. Both ends of the validity belong to it (RFC 5280, 4.1.2.5).
 */
static void check_dates(struct segjob_tls *tls, const mbedtls_x509_crt *crt,
                        uint32_t *flags)
{
    const int64_t now = tls->platform->wall_clock(tls->platform);
    const int64_t from = unix_time(&crt->valid_from);
    const int64_t to = unix_time(&crt->valid_to);

    *flags &=
        ~(uint32_t)(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE);
    /* A clock before 1970 is wrong, whatever dates a certificate has. */
    if (now < 0 || now < from) {
        *flags |= MBEDTLS_X509_BADCERT_FUTURE;
    }
    if (now > to) {
        *flags |= MBEDTLS_X509_BADCERT_EXPIRED;
    }
    sj_tls_session_verified(tls, from, to);
}

/* ---------------------------------------------------------------- names */

#define SEQUENCE (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE)

/* A GeneralName (RFC 5280, 4.2.1.6), or the base of a subtree. */
struct name {
    int form; /* MBEDTLS_X509_SAN_... */
    const unsigned char *p;
    size_t len;
};

/* Of a directory name, what stands in its SEQUENCE. */
static struct name name_of(int form, const mbedtls_x509_buf *buf)
{
    struct name name = {form & MBEDTLS_ASN1_TAG_VALUE_MASK, buf->p, buf->len};
    unsigned char *p = buf->p;
    size_t n;

    if (name.form == MBEDTLS_X509_SAN_DIRECTORY_NAME &&
        mbedtls_asn1_get_tag(&p, p + name.len, &n, SEQUENCE) == 0) {
        name.p = p;
        name.len = n;
    }
    return name;
}

static struct name host_of(const struct segjob_tls *tls)
{
    const struct name address = {MBEDTLS_X509_SAN_IP_ADDRESS, tls->address,
                                 tls->address_len};
    const struct name dns = {MBEDTLS_X509_SAN_DNS_NAME,
                             (const unsigned char *)tls->host,
                             strlen(tls->host)};

    return address.len > 0 ? address : dns;
}

/* Whether a name is the host's. A `*` is a first label (RFC 9525, 6.3). */
static bool is_host(struct name name, struct name host)
{
    if (name.form != host.form) {
        return false;
    }
    if (name.form == MBEDTLS_X509_SAN_IP_ADDRESS) {
        return name.len == host.len && memcmp(name.p, host.p, name.len) == 0;
    }
    if (name.len > 2 && name.p[0] == '*') {
        name.p++;
        name.len--;
        while (host.len > 0 && host.p[0] != '.') {
            host.p++;
            host.len--;
        }
    }
    return name.len == host.len &&
           segjob_is_same_caseless(name.p, host.p, name.len);
}

/*
 * Names are those of subjectAltName alone (RFC 9525, section 2), DNS names and
 * addresses. mbedTLS takes a common name or a URI for one, and no address.
 */
static void check_host(const struct name *host, const mbedtls_x509_crt *crt,
                       uint32_t *flags)
{
    const mbedtls_x509_sequence *san = &crt->subject_alt_names;

    if (san->buf.p == NULL) {
        *flags |= NO_ALT_NAME;
        return;
    }
    for (; san != NULL; san = san->next) {
        if (is_host(name_of(san->buf.tag, &san->buf), *host)) {
            return;
        }
    }
    *flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
}

/* ----------------------------------- name constraints, RFC 5280, 4.2.1.10 */

#define SUBTREES (MBEDTLS_ASN1_CONTEXT_SPECIFIC | MBEDTLS_ASN1_CONSTRUCTED)
#define PERMITTED (SUBTREES | 0)
#define EXCLUDED (SUBTREES | 1)

/* What subtrees have that concerns a name. */
struct subtrees {
    bool have_form;
    bool have_name;
};

/* The base is an address and its mask, of as many bytes each. */
static bool is_address_in(const struct name *name, const struct name *base)
{
    size_t i;

    if (base->len != 2 * name->len) {
        return false; /* of another version of IP */
    }
    for (i = 0; i < name->len; i++) {
        if (((name->p[i] ^ base->p[i]) & base->p[name->len + i]) != 0) {
            return false;
        }
    }
    return true;
}

/* Any labels may precede; with a dot first, as some write it, one at least. */
static bool is_dns_in(const struct name *name, const struct name *base)
{
    const unsigned char *rest;

    if (base->len == 0 || base->len > name->len) {
        return base->len == 0;
    }
    rest = name->p + name->len - base->len;
    return segjob_is_same_caseless(rest, base->p, base->len) &&
           (rest == name->p || base->p[0] == '.' || rest[-1] == '.');
}

/* Names are stated as they are encoded in certificates. */
static bool is_directory_in(const struct name *name, const struct name *base)
{
    return base->len <= name->len && memcmp(name->p, base->p, base->len) == 0;
}

/* Add what one base says. Returns false if that is not known. */
static bool add_base(struct subtrees *found, const struct name *base,
                     const struct name *name)
{
    bool is_in;

    if (base->form != name->form) {
        return true;
    }
    if (base->form == MBEDTLS_X509_SAN_DNS_NAME) {
        is_in = is_dns_in(name, base);
    } else if (base->form == MBEDTLS_X509_SAN_DIRECTORY_NAME) {
        is_in = is_directory_in(name, base);
    } else if (base->form == MBEDTLS_X509_SAN_IP_ADDRESS &&
               (base->len == 8 || base->len == 32)) {
        is_in = is_address_in(name, base);
    } else {
        return false;
    }
    found->have_form = true;
    found->have_name = found->have_name || is_in;
    return true;
}

/* Read subtrees, if there are any. Returns false if they cannot be read. */
static bool read_subtrees(unsigned char **p, const unsigned char *end, int tag,
                          const struct name *name, struct subtrees *found)
{
    const unsigned char *next;
    size_t n;

    *found = (struct subtrees){false, false};
    if (*p == end || **p != tag) {
        return true;
    }
    if (mbedtls_asn1_get_tag(p, end, &n, tag) != 0) {
        return false;
    }
    for (end = *p + n; *p < end; *p += n) {
        mbedtls_x509_buf buf;
        struct name base;

        if (mbedtls_asn1_get_tag(p, end, &n, SEQUENCE) != 0 || n == 0) {
            return false;
        }
        next = *p + n;
        buf.tag = **p;
        if (mbedtls_asn1_get_tag(p, next, &n, buf.tag) != 0 || *p + n != next) {
            return false; /* such as a minimum, which must not be there */
        }
        buf.p = *p;
        buf.len = n;
        base = name_of(buf.tag, &buf);
        if (!add_base(found, &base, name)) {
            return false;
        }
    }
    return true;
}

/* Whether an extension allows a name. */
static bool extension_allows(unsigned char *p, const unsigned char *end,
                             const struct name *name)
{
    static const char oid[] = MBEDTLS_OID_NAME_CONSTRAINTS;
    struct subtrees permitted, excluded;
    int critical;
    size_t n;

    if (mbedtls_asn1_get_tag(&p, end, &n, MBEDTLS_ASN1_OID) != 0 ||
        n != sizeof(oid) - 1 || memcmp(p, oid, n) != 0) {
        return true;
    }
    p += n;
    (void)mbedtls_asn1_get_bool(&p, end, &critical);
    return mbedtls_asn1_get_tag(&p, end, &n, MBEDTLS_ASN1_OCTET_STRING) == 0 &&
           mbedtls_asn1_get_tag(&p, end, &n, SEQUENCE) == 0 &&
           read_subtrees(&p, end, PERMITTED, name, &permitted) &&
           read_subtrees(&p, end, EXCLUDED, name, &excluded) && p == end &&
           (!permitted.have_form || permitted.have_name) && !excluded.have_name;
}

/* Whether an authority's constraints, if it has any, allow a name. */
static bool allows(const mbedtls_x509_crt *authority, const struct name *name)
{
    unsigned char *p = authority->v3_ext.p;
    const unsigned char *end;
    size_t n;

    if (p == NULL) {
        return true;
    }
    end = p + authority->v3_ext.len;
    if (mbedtls_asn1_get_tag(&p, end, &n, SEQUENCE) != 0) {
        return false;
    }
    for (; p < end; p += n) {
        if (mbedtls_asn1_get_tag(&p, end, &n, SEQUENCE) != 0 ||
            !extension_allows(p, p + n, name)) {
            return false;
        }
    }
    return true;
}

static void check_name(const struct segjob_tls *tls, const struct name *name,
                       int depth, uint32_t *flags)
{
    size_t i;

    for (i = (size_t)depth; i < SEGJOB_TLS_AUTHORITIES; i++) {
        if (tls->authorities[i] != NULL && !allows(tls->authorities[i], name)) {
            *flags |= OUT_OF_CONSTRAINTS;
        }
    }
}

/*
 * All names of a certificate are checked, and the host beside them: what a
 * wildcard stands for may be excluded where the wildcard is not.
 */
static void check_names(struct segjob_tls *tls, const mbedtls_x509_crt *crt,
                        int depth, uint32_t *flags)
{
    const mbedtls_x509_sequence *san = &crt->subject_alt_names;
    struct name name =
        name_of(MBEDTLS_X509_SAN_DIRECTORY_NAME, &crt->subject_raw);

    if (name.len > 0) {
        check_name(tls, &name, depth, flags);
    }
    for (; san != NULL && san->buf.p != NULL; san = san->next) {
        name = name_of(san->buf.tag, &san->buf);
        check_name(tls, &name, depth, flags);
    }
    if (depth == 0) {
        name = host_of(tls);
        check_name(tls, &name, depth, flags);
        check_host(&name, crt, flags);
    }
    if (depth > 0) {
        tls->authorities[depth - 1] = crt;
    }
}

int sj_tls_verify(void *arg, mbedtls_x509_crt *crt, int depth, uint32_t *flags)
{
    struct segjob_tls *tls = arg;

    if (crt->raw.p == NULL) {
        return MBEDTLS_ERR_X509_UNKNOWN_SIG_ALG; /* mbedTLS cannot parse it */
    }
    check_dates(tls, crt, flags);
    check_names(tls, crt, depth, flags);
    if (mbedtls_x509_crt_check_extended_key_usage(
            crt, MBEDTLS_OID_SERVER_AUTH,
            MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH)) != 0) {
        *flags |= MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
    }
    return tls->check_pins == NULL ? 0
                                   : tls->check_pins(tls, crt, depth, flags);
}
