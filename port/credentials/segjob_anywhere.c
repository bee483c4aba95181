#include "segjob_anywhere.h"

#include <string.h>

#include "segjob_sign.h"
#include "segjob_text.h"
#include "sj_text.h"

#define SERVICE "rolesanywhere"
#define ARN_MAX 1011u
#define SERIAL_MAX 32u /* RFC 5280, 4.1.2.2, allows 20 */

/* ------------------------------------------------------------------- texts */

/* A member whose value is of visible ASCII. */
static void add_member(struct sj_text *w, const char *name,
                       struct segjob_str value)
{
    size_t i;

    sj_text_add(w, "\"");
    sj_text_add(w, name);
    sj_text_add(w, "\":\"");
    for (i = 0; i < value.len; i++) {
        if (value.ptr[i] == '"' || value.ptr[i] == '\\') {
            sj_text_add_char(w, '\\'); /* RFC 8259, section 7 */
        }
        sj_text_add_char(w, value.ptr[i]);
    }
    sj_text_add_char(w, '"');
}

/* RFC 4648, section 4 */
static void add_base64(struct sj_text *w, const unsigned char *bytes, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    size_t i;

    for (i = 0; i < (n + 2) / 3 * 3; i++) {
        bits = bits << 8 | (i < n ? bytes[i] : 0u);
        if (i % 3 == 2) {
            sj_text_add_char(w, digits[bits >> 18 & 63]);
            sj_text_add_char(w, digits[bits >> 12 & 63]);
            sj_text_add_char(w, i - 1 < n ? digits[bits >> 6 & 63] : '=');
            sj_text_add_char(w, i < n ? digits[bits & 63] : '=');
        }
    }
}

/*
 * Divide a number, most significant byte first, by 10. Returns the remainder;
 * `*is_zero` is whether the quotient is 0.
 */
static unsigned divide_by_10(unsigned char *number, size_t n, bool *is_zero)
{
    unsigned rest = 0;
    size_t i;

    *is_zero = true;
    for (i = 0; i < n; i++) {
        rest = rest << 8 | number[i];
        number[i] = (unsigned char)(rest / 10);
        rest %= 10;
        *is_zero = *is_zero && number[i] == 0;
    }
    return rest;
}

/* Change the sign of a number in two's complement. */
static void negate(unsigned char *number, size_t n)
{
    unsigned carry = 1;

    while (n-- > 0) {
        carry += 255u - number[n];
        number[n] = (unsigned char)(carry & 255);
        carry >>= 8;
    }
}

/* An integer of ASN.1, 1 to SERIAL_MAX bytes, in decimal. */
static void add_serial(struct sj_text *w, const mbedtls_x509_buf *serial)
{
    unsigned char number[SERIAL_MAX];
    char text[SERIAL_MAX * 5 / 2 + 1]; /* 2.41 digits of each byte */
    char *digit = text + sizeof(text) - 1;
    bool is_zero;

    memcpy(number, serial->p, serial->len);
    if ((number[0] & 0x80) != 0) {
        sj_text_add_char(w, '-');
        negate(number, serial->len);
    }
    *digit = '\0';
    do {
        *--digit = (char)('0' + divide_by_10(number, serial->len, &is_zero));
    } while (!is_zero);
    sj_text_add(w, digit);
}

/* ----------------------------------------------------------------- request */

/* Write into the free part of the buffer; keep() moves it to where it stays. */
static struct sj_text begin(struct segjob_source *s)
{
    struct sj_text w = {NULL, 0, 0};

    w.buf = segjob_source_room(s, &w.cap);
    return w;
}

static const char too_small[] = "the buffer is too small";

static struct segjob_str keep(struct segjob_source *s, const struct sj_text *w)
{
    struct segjob_str text = {NULL, 0};

    s->size_needed += w->len;
    if (s->error != NULL || w->len > w->cap) {
        s->error = too_small;
        return text;
    }
    text.ptr = w->buf;
    text.len = w->len;
    return segjob_source_keep(s, text);
}

static struct segjob_str keep_body(struct segjob_anywhere *anywhere)
{
    const struct segjob_anywhere_config *config = &anywhere->config;
    struct sj_text w = begin(&anywhere->source);
    char digits[SEGJOB_DECIMAL_DIGITS + 1];

    digits[SEGJOB_DECIMAL_DIGITS] = '\0';
    sj_text_add(&w, "{");
    if (config->duration_s != 0) {
        sj_text_add(&w, "\"durationSeconds\":");
        sj_text_add(&w, segjob_write_decimal(digits + SEGJOB_DECIMAL_DIGITS,
                                             config->duration_s));
        sj_text_add(&w, ",");
    }
    add_member(&w, "profileArn", config->profile_arn);
    sj_text_add(&w, ",");
    add_member(&w, "roleArn", config->role_arn);
    sj_text_add(&w, ",");
    if (config->session_name.ptr != NULL) {
        add_member(&w, "roleSessionName", config->session_name);
        sj_text_add(&w, ",");
    }
    add_member(&w, "trustAnchorArn", config->trust_anchor_arn);
    sj_text_add(&w, "}");
    return keep(&anywhere->source, &w);
}

/* Certificates in DER and base64, separated by commas. */
static struct segjob_str keep_certificates(struct segjob_source *s,
                                           const mbedtls_x509_crt *crt,
                                           const mbedtls_x509_crt *end)
{
    struct sj_text w = begin(s);

    for (; crt != end; crt = crt->next) {
        add_base64(&w, crt->raw.p, crt->raw.len);
        if (crt->next != end) {
            sj_text_add_char(&w, ',');
        }
    }
    return keep(s, &w);
}

static struct segjob_str keep_serial(struct segjob_source *s,
                                     const mbedtls_x509_crt *crt)
{
    struct sj_text w = begin(s);

    add_serial(&w, &crt->serial);
    return keep(s, &w);
}

/* The value of `authorization`: after the signature's bytes, in the buffer. */
static struct segjob_str keep_authorization(struct segjob_anywhere *anywhere,
                                            const struct segjob_sign *sign)
{
    struct segjob_source *s = &anywhere->source;
    unsigned char digest[SEGJOB_SIGN_HASH_LEN];
    const struct segjob_str none = {NULL, 0};
    struct sj_text w = begin(s);
    struct segjob_port_error error;
    size_t n;

    if (s->error != NULL || w.cap < SEGJOB_IDENTITY_SIGNATURE_MAX) {
        w.len = SEGJOB_IDENTITY_SIGNATURE_MAX;
        return keep(s, &w);
    }
    if (!segjob_sign_digest(sign, digest)) {
        s->error = "SHA-256 failed";
        return none;
    }
    if (segjob_identity_sign(anywhere->config.key, digest, s->platform,
                             (unsigned char *)w.buf, &n, &error) != SEGJOB_OK) {
        s->error = error.message;
        return none;
    }
    w.buf += n;
    w.cap -= n;
    w.len =
        segjob_sign_write(sign, (unsigned char *)w.buf - n, n, w.buf, w.cap);
    return keep(s, &w);
}

static void set_header(struct segjob_header *header, const char *name,
                       struct segjob_str value)
{
    header->name = name;
    header->value = value;
}

static void sign(struct segjob_anywhere *anywhere, struct segjob_header *header)
{
    struct segjob_source *s = &anywhere->source;
    const struct segjob_sign sign = {
        .algorithm = segjob_identity_algorithm(anywhere->config.key) ==
                             SEGJOB_IDENTITY_RSA
                         ? SEGJOB_SIGN_X509_RSA
                         : SEGJOB_SIGN_X509_ECDSA,
        .service = SERVICE,
        .key_id = keep_serial(s, anywhere->config.chain),
        .config = &s->config,
        .request = &s->request,
    };

    set_header(header, "authorization", keep_authorization(anywhere, &sign));
}

static bool next_request(struct segjob_source *s, struct segjob_str fetched)
{
    struct segjob_anywhere *anywhere = (struct segjob_anywhere *)s;
    const mbedtls_x509_crt *chain = anywhere->config.chain;
    struct segjob_header *header = s->request.headers;
    const struct segjob_str date = {anywhere->date, sizeof(anywhere->date)};

    (void)fetched;
    if (s->step > 0) {
        return false;
    }
    if (!segjob_sign_date(s->now, anywhere->date)) {
        s->error = "the clock is not between 1970 and 9999";
        return true;
    }
    s->request.method = "POST";
    s->request.path[0] = SEGJOB_STR("/sessions");
    s->request.body = keep_body(anywhere);
    set_header(header++, "content-type", SEGJOB_STR("application/json"));
    set_header(header++, "x-amz-date", date);
    set_header(header++, "x-amz-x509",
               keep_certificates(s, chain, chain->next));
    if (chain->next != NULL) {
        set_header(header++, "x-amz-x509-chain",
                   keep_certificates(s, chain->next, NULL));
    }
    sign(anywhere, header);
    /* The request contains all of it once more. */
    s->size_needed = s->error == too_small ? 2 * s->size_needed + 512 : 0;
    return true;
}

static const struct segjob_source_kind kind = {
    .name = "IAM Roles Anywhere",
    .format = SEGJOB_FORMAT_ANYWHERE,
    .timeout_ms = 15000,
    .is_signed = true,
    .next_request = next_request,
};

/* ------------------------------------------------------------------ checks */

/* Take the text before the next colon, or all. */
static struct segjob_str take_part(struct segjob_str *s)
{
    struct segjob_str part = *s;

    part.len = 0;
    while (part.len < s->len && s->ptr[part.len] != ':') {
        part.len++;
    }
    s->ptr += part.len < s->len ? part.len + 1 : part.len;
    s->len -= part.len < s->len ? part.len + 1 : part.len;
    return part;
}

static bool is_same(struct segjob_str a, struct segjob_str b)
{
    return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

static bool begins_with(struct segjob_str s, const char *text)
{
    const size_t n = strlen(text);

    return s.len >= n && memcmp(s.ptr, text, n) == 0;
}

/*
 * Whether it is arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE, with a partition of
 * AWS's and a resource that begins so; `*region` is its region.
 */
static bool is_arn(struct segjob_str arn, const char *service,
                   const char *resource, struct segjob_str *region)
{
    struct segjob_str partition;

    if (arn.ptr == NULL || arn.len > ARN_MAX || !sj_text_is_visible(arn) ||
        !is_same(take_part(&arn), SEGJOB_STR("arn"))) {
        return false;
    }
    partition = take_part(&arn);
    if (!is_same(partition, SEGJOB_STR("aws")) &&
        !(begins_with(partition, "aws-") && partition.len > 4)) {
        return false;
    }
    if (!is_same(take_part(&arn), segjob_cstr(service))) {
        return false;
    }
    *region = take_part(&arn);
    (void)take_part(&arn); /* the account */
    return begins_with(arn, resource);
}

/* Why these resources cannot be used, or NULL. */
static const char *check_arns(const struct segjob_anywhere_config *config)
{
    struct segjob_str anchor_region, profile_region, none;

    if (!is_arn(config->trust_anchor_arn, SERVICE, "trust-anchor",
                &anchor_region)) {
        return "the trust anchor must be "
               "arn:aws:rolesanywhere:REGION:ACCOUNT:trust-anchor/ID";
    }
    if (!is_arn(config->profile_arn, SERVICE, "profile", &profile_region)) {
        return "the profile must be "
               "arn:aws:rolesanywhere:REGION:ACCOUNT:profile/ID";
    }
    if (!is_arn(config->role_arn, "iam", "role", &none)) {
        return "the role must be arn:aws:iam::ACCOUNT:role/NAME";
    }
    if (config->service.region.ptr == NULL ||
        !is_same(anchor_region, config->service.region) ||
        !is_same(profile_region, config->service.region)) {
        return "trust anchor and profile must be of the region of the service";
    }
    return NULL;
}

/* Why these certificates and this key cannot be used, or NULL. */
static const char *check_identity(const mbedtls_x509_crt *chain,
                                  const mbedtls_pk_context *key)
{
    if (chain == NULL || chain->raw.p == NULL) {
        return "there is no certificate";
    }
    if (chain->serial.len == 0 || chain->serial.len > SERIAL_MAX) {
        return "the certificate's serial number must have 1 to 32 bytes";
    }
    if (key == NULL || segjob_identity_algorithm(key) == SEGJOB_IDENTITY_NONE) {
        return "the key cannot sign by RSA (PKCS #1 1.5) or ECDSA";
    }
    return NULL;
}

static const char *check(const struct segjob_anywhere_config *config)
{
    const char *why = check_arns(config);

    if (why != NULL) {
        return why;
    }
    if (config->session_name.ptr != NULL &&
        !sj_text_is_name(config->session_name, 2, 64, "_+=,.@-")) {
        return "the session's name must be 2 to 64 of "
               "A-Z a-z 0-9 _ + = , . @ -";
    }
    if (config->duration_s != 0 &&
        (config->duration_s < 900 || config->duration_s > 43200)) {
        return "the duration must be 900 to 43200 seconds";
    }
    return check_identity(config->chain, config->key);
}

enum segjob_status segjob_anywhere_init(
    struct segjob_anywhere *anywhere,
    const struct segjob_anywhere_config *config, void *buf, size_t cap)
{
    struct segjob_source *s = &anywhere->source;
    const char *why = check(config);

    segjob_source_init(s, &kind, &config->service, buf, cap);
    anywhere->config = *config;
    if (s->config.host.ptr == NULL) {
        segjob_write_host(&s->config, SERVICE, anywhere->host,
                          sizeof(anywhere->host));
        s->config.host = segjob_cstr(anywhere->host);
        s->config.fips = false; /* the host has it */
        s->config.dual_stack = false;
    }
    return why != NULL ? segjob_source_refuse(s, why) : segjob_source_check(s);
}
