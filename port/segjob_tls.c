#include "segjob_tls.h"

#include <string.h>

#include "sj_tls_mbedtls.h"
#include "sj_tls_offer.h"
#include "sj_tls_session.h"
#include "sj_tls_verify.h"

static struct segjob_tls *as_tls(struct segjob_stream *s)
{
    return (struct segjob_tls *)s; /* its first member */
}

/* --------------------------------------------------------------- errors */

/* Keep the first cause: mbedTLS's own error after it says less. */
static enum segjob_io fail(struct segjob_tls *tls, enum segjob_status status,
                           const char *text, int code)
{
    if (tls->stream.error.status == SEGJOB_OK) {
        tls->stream.error = (struct segjob_port_error){status, text, code};
    }
    if (tls->state > SEGJOB_TLS_CONNECTING) {
        sj_tls_session_drop(tls); /* it may be the cause */
    }
    tls->state = SEGJOB_TLS_FAILED;
    return SEGJOB_IO_FAILED;
}

static enum segjob_io fail_as_lower(struct segjob_tls *tls,
                                    enum segjob_status otherwise)
{
    const struct segjob_port_error *error = &tls->lower->error;

    return fail(tls, error->status < 0 ? error->status : otherwise,
                error->message, error->code);
}

static const char no_random[] = "the platform has no random bytes";

/* The usual reason of a peer that refuses before it was verified. */
static const char no_suite[] = "the peer refused it, perhaps for want of ECDHE "
                               "with AES-GCM or ChaCha20-Poly1305";

/*
 * An alert that mbedTLS does not tell: one that comes after the peer's own
 * certificate was verified is most often about the device's.
 */
static const char *probable_text(const struct segjob_tls *tls)
{
    if (!tls->verified) {
        return no_suite;
    }
    return tls->chain != NULL
               ? "the peer refused it, probably this device's certificate"
               : "the peer refused it, for want of a certificate?";
}

/*
 * What a fatal alert says (RFC 5246, 7.2.2; RFC 8446, 6.2). With TLS 1.2 a
 * device without a certificate is told handshake_failure (RFC 5246, 7.4.6).
 */
static const char *alert_text(const struct segjob_tls *tls)
{
    switch (sj_mbedtls_alert(&tls->ssl)) {
    case -1:
        return probable_text(tls);
    case MBEDTLS_SSL_ALERT_MSG_BAD_CERT:
        return "the peer refused this device's certificate: it is damaged";
    case MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_CERT:
        return "the peer refused this device's certificate: its kind";
    case MBEDTLS_SSL_ALERT_MSG_CERT_REVOKED:
        return "the peer refused this device's certificate: it is revoked";
    case MBEDTLS_SSL_ALERT_MSG_CERT_EXPIRED:
        return "the peer refused this device's certificate: it has expired";
    case MBEDTLS_SSL_ALERT_MSG_CERT_UNKNOWN:
        return "the peer refused this device's certificate";
    case MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA:
        return "the peer refused this device's certificate: its authority";
    case MBEDTLS_SSL_ALERT_MSG_ACCESS_DENIED:
        return "the peer refused this device's certificate: no access";
    case 116: /* certificate_required, which mbedTLS 2.28 has no name for */
        return "the peer wants a certificate of this device";
    case MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE:
        if (!tls->verified) {
            return no_suite;
        }
        return tls->chain == NULL
                   ? "the peer refused it, perhaps for want of a certificate "
                     "of this device"
                   : "the peer refused it";
    default:
        return "the peer refused it";
    }
}

static const char *handshake_text(const struct segjob_tls *tls, int code)
{
    if (sj_mbedtls_is_out_of_memory(code)) {
        return "mbedTLS ran out of memory";
    }
    switch (code) {
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
        return alert_text(tls);
    case SJ_MBEDTLS_BAD_VERSION:
        return "the peer has no TLS 1.2 or newer";
    case MBEDTLS_ERR_SSL_INVALID_RECORD:
        return "the peer does not speak TLS";
    default:
        return "what the peer sent is not acceptable";
    }
}

static enum segjob_io fail_handshake(struct segjob_tls *tls, int code)
{
    const uint32_t flags = mbedtls_ssl_get_verify_result(&tls->ssl);

    if (sj_mbedtls_lacks_random(code)) {
        return fail(tls, SEGJOB_CONFIG, no_random, code);
    }
    /* All bits are set if the chain was not verified. */
    if (flags != 0 && flags != UINT32_MAX &&
        !sj_mbedtls_is_out_of_memory(code)) {
        /* This came first, even if the alert to the peer failed later. */
        tls->stream.error.status = SEGJOB_OK;
        return fail(tls, SEGJOB_CERTIFICATE, sj_tls_refusal(flags), code);
    }
    if (sj_mbedtls_is_unreadable(code)) {
        return fail(tls, SEGJOB_CERTIFICATE,
                    "mbedTLS cannot read all of it, such as critical name "
                    "constraints",
                    code);
    }
    return fail(tls, SEGJOB_TLS, handshake_text(tls, code), code);
}

/*
 * After the handshake a failure of any kind is the connection's, but for the
 * alert of a peer that verifies the device last, as TLS 1.3 has it.
 */
static enum segjob_io fail_open(struct segjob_tls *tls, int code)
{
    const char *text = "a damaged TLS record";

    if (code == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE &&
        tls->client_auth_pending) {
        return fail_handshake(tls, code);
    }
    if (sj_mbedtls_is_out_of_memory(code)) {
        text = "mbedTLS ran out of memory";
    } else if (code == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE) {
        text = "the peer gave up with a TLS alert";
    }
    return fail(tls, SEGJOB_CONNECTION_CLOSED, text, code);
}

/* ---------------------------------------------- what mbedTLS calls back */

static int lower_failed(struct segjob_tls *tls)
{
    fail_as_lower(tls, SEGJOB_CONNECTION_CLOSED);
    return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
}

static int bio_send(void *arg, const unsigned char *bytes, size_t n)
{
    struct segjob_tls *tls = arg;
    size_t sent = 0;
    const enum segjob_io io = tls->lower->send(tls->lower, bytes, n, &sent);

    tls->lower_blocked = io == SEGJOB_IO_WOULD_BLOCK;
    if (tls->lower_blocked) {
        return MBEDTLS_ERR_SSL_WANT_WRITE;
    }
    /* mbedTLS would take 0 for success. */
    if (io != SEGJOB_IO_OK || sent == 0 || sent > n) {
        return lower_failed(tls);
    }
    return (int)sent;
}

static int bio_recv(void *arg, unsigned char *room, size_t n)
{
    struct segjob_tls *tls = arg;
    size_t received = 0;
    const enum segjob_io io = tls->lower->recv(tls->lower, room, n, &received);

    tls->lower_blocked = io == SEGJOB_IO_WOULD_BLOCK;
    tls->lower_ended = io == SEGJOB_IO_CLOSED;
    if (tls->lower_blocked) {
        return MBEDTLS_ERR_SSL_WANT_READ;
    }
    if (tls->lower_ended) {
        return 0;
    }
    if (io != SEGJOB_IO_OK || received == 0 || received > n) {
        return lower_failed(tls);
    }
    return (int)received;
}

static int rng(void *arg, unsigned char *bytes, size_t n)
{
    struct segjob_tls *tls = arg;

    if (!tls->platform->random(tls->platform, bytes, n)) {
        fail(tls, SEGJOB_CONFIG, no_random, 0);
        return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
    }
    return 0;
}

/* --------------------------------------------------------------- stream */

/*
 * What mbedTLS says when it wants to be called again. It says so too after a
 * record that holds nothing for us (a session ticket, a warning): then the
 * lower stream did not block, and `wants` says now. With the ticket, a session
 * of TLS 1.3 has become one that can be resumed.
 */
static bool is_would_block(struct segjob_tls *tls, int ret)
{
#if defined(MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET)
    if (ret == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET) {
        tls->resumable = true;
        tls->client_auth_pending = false;
        return true;
    }
#endif
    (void)tls;
    return ret == MBEDTLS_ERR_SSL_WANT_READ ||
           ret == MBEDTLS_ERR_SSL_WANT_WRITE ||
           ret == MBEDTLS_ERR_SSL_CRYPTO_IN_PROGRESS;
}

/*
 * Whether `host` is an address: it has a colon, or its last label is a number
 * (which no top-level domain is).
 */
static bool is_address(const char *host)
{
    const char *dot = strrchr(host, '.');
    const char *label = dot == NULL ? host : dot + 1;

    return strchr(host, ':') != NULL ||
           (label[0] != '\0' && label[strspn(label, "0123456789")] == '\0');
}

/* Take `host` down as an address, if it is one. Returns why it cannot be. */
static const char *take_address(struct segjob_tls *tls, const char *host)
{
    tls->address_len = 0;
    if (!is_address(host)) {
        return NULL;
    }
    if (!SJ_MBEDTLS_HAS_ADDRESSES) {
        return "TLS needs a host name: this mbedTLS cannot verify an address";
    }
    tls->address_len = sj_mbedtls_read_address(host, tls->address);
    return tls->address_len == 0 ? "the host is neither a name nor an address"
                                 : NULL;
}

static enum segjob_io begin(struct segjob_tls *tls, const char *host)
{
    const char *refused;

    tls->stream.error = (struct segjob_port_error){0};
    /* Without a name mbedTLS would not verify any. */
    if (host == NULL || host[0] == '\0') {
        return fail(tls, SEGJOB_CONFIG, "there is no host name to verify", 0);
    }
    refused = take_address(tls, host);
    if (refused != NULL) {
        return fail(tls, SEGJOB_CONFIG, refused, 0);
    }
    tls->state = SEGJOB_TLS_CONNECTING;
    return SEGJOB_IO_OK;
}

static enum segjob_io set_up(struct segjob_tls *tls, const char *host)
{
    int ret = mbedtls_ssl_setup(&tls->ssl, &tls->config);

    tls->state = SEGJOB_TLS_HANDSHAKING;
    memset(&tls->authorities, 0, sizeof(tls->authorities));
    if (ret == 0) {
        /* A server name is no address (RFC 6066, section 3): verify() looks. */
        ret = mbedtls_ssl_set_hostname(&tls->ssl,
                                       tls->address_len == 0 ? host : NULL);
    }
    if (ret == 0) {
        ret = sj_tls_session_offer(tls, host);
    }
    if (ret != 0) {
        return fail_handshake(tls, ret);
    }
    mbedtls_ssl_set_bio(&tls->ssl, tls, bio_send, bio_recv, NULL);
    return SEGJOB_IO_OK;
}

static enum segjob_io connect_lower(struct segjob_tls *tls,
                                    const struct segjob_peer *peer)
{
    const enum segjob_io io = tls->lower->open(tls->lower, peer);

    tls->lower_blocked = io == SEGJOB_IO_WOULD_BLOCK;
    if (tls->lower_blocked) {
        return io;
    }
    if (io != SEGJOB_IO_OK) {
        return fail_as_lower(tls, SEGJOB_CONNECT);
    }
    return set_up(tls, peer->host);
}

static enum segjob_io handshake(struct segjob_tls *tls)
{
    int ret;

    tls->lower_blocked = false;
    ret = mbedtls_ssl_handshake(&tls->ssl);
    if (ret == 0) {
        /* What resumes TLS 1.3 is a ticket, which comes later if at all. */
        tls->resumable =
            strcmp(mbedtls_ssl_get_version(&tls->ssl), "TLSv1.2") == 0;
        tls->client_auth_pending = !tls->resumable && tls->verified;
        tls->state = SEGJOB_TLS_OPEN;
        return SEGJOB_IO_OK;
    }
    if (is_would_block(tls, ret)) {
        return SEGJOB_IO_WOULD_BLOCK;
    }
    if (tls->lower_ended) {
        return fail(tls, SEGJOB_CONNECTION_CLOSED,
                    "the peer closed it during the TLS handshake", ret);
    }
    return fail_handshake(tls, ret);
}

static enum segjob_io tls_open(struct segjob_stream *s,
                               const struct segjob_peer *peer)
{
    struct segjob_tls *tls = as_tls(s);
    enum segjob_io io = SEGJOB_IO_OK;

    tls->host = peer->host;
    if (tls->state == SEGJOB_TLS_IDLE) {
        io = begin(tls, peer->host);
    }
    if (tls->state == SEGJOB_TLS_CONNECTING) {
        io = connect_lower(tls, peer);
    }
    if (tls->state == SEGJOB_TLS_HANDSHAKING) {
        io = handshake(tls);
    }
    return tls->state == SEGJOB_TLS_FAILED ? SEGJOB_IO_FAILED : io;
}

static enum segjob_io fail_closed(struct segjob_tls *tls)
{
    return fail(tls, SEGJOB_MISUSE, "the TLS stream is not open", 0);
}

/*
 * After a failed send: if the peer refused the device and closed, its alert
 * has arrived and says more than the error of the send.
 */
static int alert_or(struct segjob_tls *tls, int code)
{
    const struct segjob_port_error before = tls->stream.error;
    unsigned char byte;

    if (!tls->client_auth_pending || mbedtls_ssl_read(&tls->ssl, &byte, 1) !=
                                         MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE) {
        tls->client_auth_pending = false;
        tls->stream.error = before;
        return code;
    }
    tls->stream.error = (struct segjob_port_error){0};
    return MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE;
}

/*
 * mbedTLS builds a record at the first call. A later call only flushes it, and
 * returns the length given then: pass the first call's length again.
 */
static enum segjob_io tls_send(struct segjob_stream *s, const void *bytes,
                               size_t n, size_t *sent)
{
    struct segjob_tls *tls = as_tls(s);
    int ret;

    if (tls->state != SEGJOB_TLS_OPEN || n < tls->sending) {
        return fail_closed(tls);
    }
    if (tls->sending == 0) {
        tls->sending = n;
    }
    tls->lower_blocked = false;
    ret = mbedtls_ssl_write(&tls->ssl, bytes, tls->sending);
    if (is_would_block(tls, ret)) {
        return SEGJOB_IO_WOULD_BLOCK;
    }
    tls->sending = 0;
    if (ret <= 0) {
        return fail_open(tls, alert_or(tls, ret));
    }
    *sent = (size_t)ret;
    return SEGJOB_IO_OK;
}

static enum segjob_io tls_recv(struct segjob_stream *s, void *room, size_t n,
                               size_t *received)
{
    struct segjob_tls *tls = as_tls(s);
    int ret;

    if (tls->state == SEGJOB_TLS_CLOSED) {
        return SEGJOB_IO_CLOSED;
    }
    if (tls->state != SEGJOB_TLS_OPEN) {
        return fail_closed(tls);
    }
    tls->lower_blocked = false;
    ret = mbedtls_ssl_read(&tls->ssl, room, n);
    if (ret > 0) {
        tls->client_auth_pending = false;
        *received = (size_t)ret;
        return SEGJOB_IO_OK;
    }
    if (ret == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
        tls->state = SEGJOB_TLS_CLOSED;
        return SEGJOB_IO_CLOSED;
    }
    if (ret == 0 && tls->lower_ended) {
        return fail(tls, SEGJOB_CONNECTION_CLOSED,
                    "the connection ended without a TLS close_notify", 0);
    }
    /* 0 also stands for an empty record. */
    if (ret == 0 || is_would_block(tls, ret)) {
        return SEGJOB_IO_WOULD_BLOCK;
    }
    return fail_open(tls, ret);
}

static void tls_close(struct segjob_stream *s)
{
    struct segjob_tls *tls = as_tls(s);

    if (tls->state == SEGJOB_TLS_OPEN || tls->state == SEGJOB_TLS_CLOSED) {
        sj_tls_session_keep(tls);
        /* Do not wait for it: the peer needs nothing more. */
        (void)mbedtls_ssl_close_notify(&tls->ssl);
    }
    mbedtls_ssl_free(&tls->ssl);
    mbedtls_ssl_init(&tls->ssl);
    tls->lower->close(tls->lower);
    tls->state = SEGJOB_TLS_IDLE;
    tls->sending = 0;
    tls->resumable = false;
    tls->client_auth_pending = false;
    tls->lower_blocked = false;
    tls->lower_ended = false;
}

static void tls_wants(const struct segjob_stream *s, struct segjob_wants *wants)
{
    const struct segjob_tls *tls = (const struct segjob_tls *)s;

    if (!tls->lower_blocked || (tls->state == SEGJOB_TLS_OPEN &&
                                mbedtls_ssl_check_pending(&tls->ssl) != 0)) {
        wants->wake_ms = 0;
        return;
    }
    tls->lower->wants(tls->lower, wants);
}

static const char *tls_via(const struct segjob_stream *s, const char *host)
{
    const struct segjob_stream *lower = ((const struct segjob_tls *)s)->lower;

    return lower->via != NULL ? lower->via(lower, host) : NULL;
}

/* ----------------------------------------------------------------- init */

/* RSA-ALT keys cannot sign for TLS 1.3, so do not offer it. */
static void limit_version(struct segjob_tls *tls)
{
#if defined(MBEDTLS_SSL_PROTO_TLS1_3) && defined(MBEDTLS_PK_RSA_ALT_SUPPORT)
    if (tls->key != NULL &&
        mbedtls_pk_get_type(tls->key) == MBEDTLS_PK_RSA_ALT) {
        mbedtls_ssl_conf_max_tls_version(&tls->config,
                                         MBEDTLS_SSL_VERSION_TLS1_2);
    }
#else
    (void)tls;
#endif
}

static void configure_lookup(struct segjob_tls *tls)
{
#if defined(MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK)
    if (tls->lookup.find != NULL) {
        mbedtls_ssl_conf_ca_cb(&tls->config, tls->lookup.find, tls->lookup.arg);
    }
#else
    (void)tls;
#endif
}

static int configure(struct segjob_tls *tls)
{
    mbedtls_ssl_config *config = &tls->config;
    const int ret = mbedtls_ssl_config_defaults(config, MBEDTLS_SSL_IS_CLIENT,
                                                MBEDTLS_SSL_TRANSPORT_STREAM,
                                                MBEDTLS_SSL_PRESET_DEFAULT);

    if (ret != 0) {
        return ret;
    }
    sj_tls_offer(config);
    mbedtls_ssl_conf_authmode(config, MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_ca_chain(config, tls->roots, NULL);
    configure_lookup(tls);
    mbedtls_ssl_conf_verify(config, sj_tls_verify, tls);
    sj_mbedtls_set_random(config, rng, tls);
#if defined(MBEDTLS_SSL_PROTO_TLS1_3) &&    \
    defined(MBEDTLS_SSL_SESSION_TICKETS) && \
    defined(MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED)
    mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(
        config, MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
#endif
    return 0;
}

enum segjob_status segjob_tls_init(struct segjob_tls *tls,
                                   struct segjob_stream *lower,
                                   struct segjob_platform *platform,
                                   mbedtls_x509_crt *roots)
{
    int ret;

    memset(tls, 0, sizeof(*tls));
    tls->stream = (struct segjob_stream){.open = tls_open,
                                         .send = tls_send,
                                         .recv = tls_recv,
                                         .close = tls_close,
                                         .wants = tls_wants,
                                         .via = tls_via};
    tls->lower = lower;
    tls->platform = platform;
    tls->roots = roots;
    mbedtls_ssl_session_init(&tls->session);
    mbedtls_ssl_config_init(&tls->config);
    mbedtls_ssl_init(&tls->ssl);
    if (sj_mbedtls_start(&tls->stream.error) != SEGJOB_OK) {
        tls->state = SEGJOB_TLS_FAILED;
        return SEGJOB_CONFIG;
    }
    ret = configure(tls);
    if (ret != 0) {
        mbedtls_ssl_config_free(&tls->config);
        fail(tls, SEGJOB_CONFIG, "mbedTLS cannot be configured", ret);
        return SEGJOB_CONFIG;
    }
    return SEGJOB_OK;
}

#if defined(MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK)
void segjob_tls_look_up(struct segjob_tls *tls,
                        const struct segjob_tls_lookup *lookup)
{
    tls->lookup = *lookup;
    configure_lookup(tls);
}
#endif

/* mbedTLS 2.28 can only add certificates, so configure from the start. */
enum segjob_status segjob_tls_present(struct segjob_tls *tls,
                                      mbedtls_x509_crt *chain,
                                      mbedtls_pk_context *key)
{
    int ret;

    if (tls->state != SEGJOB_TLS_IDLE) {
        return SEGJOB_MISUSE;
    }
    sj_tls_session_drop(tls);
    mbedtls_ssl_config_free(&tls->config);
    mbedtls_ssl_config_init(&tls->config);
    tls->chain = chain;
    tls->key = key;
    ret = configure(tls);
    if (ret == 0 && chain != NULL) {
        limit_version(tls);
        ret = mbedtls_ssl_conf_own_cert(&tls->config, chain, key);
    }
    if (ret != 0) {
        tls->chain = NULL;
        tls->key = NULL;
        tls->stream.error = (struct segjob_port_error){
            SEGJOB_CONFIG, "mbedTLS cannot present the certificate", ret};
        return SEGJOB_CONFIG;
    }
    return SEGJOB_OK;
}

void segjob_tls_over(struct segjob_tls *tls, struct segjob_stream *lower)
{
    tls->lower = lower;
}

void segjob_tls_free(struct segjob_tls *tls)
{
    sj_tls_session_drop(tls); /* and nothing is kept of an open connection */
    tls_close(&tls->stream);
    mbedtls_ssl_config_free(&tls->config);
}
