/*
 * Certificates and a TLS server for tests, made with mbedTLS at run time.
 *
 * If one cannot be made, the test that called fails.
 */
#ifndef TLS_PEER_H
#define TLS_PEER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <mbedtls/ssl_cache.h>

#include "tls_lines.h"

/* ----------------------------------------------------------- certificates */

/* A key with its certificate, as mbedTLS and as PEM. */
struct peer_identity {
    mbedtls_pk_context key;
    mbedtls_x509_crt crt;
    char pem[2048];
};

/* The contents of a certificate. NULL leaves a part out. */
struct peer_terms {
    const char *subject;     /* "CN=..." */
    const char *dns;         /* subjectAltName, one dNSName */
    const char *uri;         /* or one uniformResourceIdentifier */
    const unsigned char *ip; /* or one iPAddress of `ip_len` bytes */
    size_t ip_len;
    const char *from; /* YYYYMMDDhhmmss, UTC */
    const char *to;
    bool is_ca;
    bool is_for_clients;              /* extended key usage: clientAuth only */
    bool is_weak;                     /* an RSA key of 1024 bits */
    const unsigned char *constraints; /* NameConstraints, in DER */
    size_t constraints_len;
};

static inline void peer_make_key(mbedtls_pk_context *key, bool is_weak)
{
    assert_int_equal(line_start(), 0);
    mbedtls_pk_init(key);
    assert_int_equal(line_make_key(key, is_weak), 0);
}

/*
 * SubjectAltName: dNSName is [2], uniformResourceIdentifier [6], iPAddress [7]
 * (RFC 5280, 4.2.1.6).
 */
static inline void peer_set_name(mbedtls_x509write_cert *w, unsigned char tag,
                                 const void *name, size_t len)
{
    static const char oid[] = {0x55, 0x1D, 0x11};
    unsigned char der[128];

    assert_true(len < 100);
    der[0] = 0x30;
    der[1] = (unsigned char)(len + 2);
    der[2] = 0x80 | tag;
    der[3] = (unsigned char)len;
    memcpy(der + 4, name, len);
    assert_int_equal(mbedtls_x509write_crt_set_extension(w, oid, sizeof(oid), 0,
                                                         der, len + 4),
                     0);
}

/* ExtKeyUsage of id-kp-clientAuth alone (RFC 5280, 4.2.1.12). */
static inline void peer_set_for_clients(mbedtls_x509write_cert *w)
{
    static const char oid[] = {0x55, 0x1D, 0x25};
    static const unsigned char der[] = {0x30, 0x0A, 0x06, 0x08, 0x2B, 0x06,
                                        0x01, 0x05, 0x05, 0x07, 0x03, 0x02};

    assert_int_equal(mbedtls_x509write_crt_set_extension(w, oid, sizeof(oid), 0,
                                                         der, sizeof(der)),
                     0);
}

/* NameConstraints, not critical (RFC 5280, 4.2.1.10). */
static inline void peer_set_constraints(mbedtls_x509write_cert *w,
                                        const unsigned char *der, size_t len)
{
    static const char oid[] = {0x55, 0x1D, 0x1E};

    assert_int_equal(
        mbedtls_x509write_crt_set_extension(w, oid, sizeof(oid), 0, der, len),
        0);
}

static inline void peer_set_serial(mbedtls_x509write_cert *w)
{
    unsigned char serial[8];

    assert_int_equal(line_random(NULL, serial, sizeof(serial)), 0);
    serial[0] = 1; /* positive, and of full length */
    assert_int_equal(line_set_serial(w, serial), 0);
}

/*
 * Make the certificate of a key, signed by `issuer` with its subject
 * `issuer_name`; NULL signs it by itself.
 */
static inline void peer_certify(struct peer_identity *id,
                                const struct peer_terms *terms,
                                struct peer_identity *issuer,
                                const char *issuer_name)
{
    mbedtls_x509write_cert w;

    mbedtls_x509_crt_init(&id->crt);
    mbedtls_x509write_crt_init(&w);
    mbedtls_x509write_crt_set_version(&w, MBEDTLS_X509_CRT_VERSION_3);
    mbedtls_x509write_crt_set_md_alg(&w, MBEDTLS_MD_SHA256);
    mbedtls_x509write_crt_set_subject_key(&w, &id->key);
    mbedtls_x509write_crt_set_issuer_key(&w, issuer != NULL ? &issuer->key
                                                            : &id->key);
    assert_int_equal(mbedtls_x509write_crt_set_subject_name(&w, terms->subject),
                     0);
    assert_int_equal(
        mbedtls_x509write_crt_set_issuer_name(
            &w, issuer_name != NULL ? issuer_name : terms->subject),
        0);
    assert_int_equal(
        mbedtls_x509write_crt_set_validity(&w, terms->from, terms->to), 0);
    assert_int_equal(mbedtls_x509write_crt_set_basic_constraints(
                         &w, terms->is_ca, terms->is_ca ? 1 : -1),
                     0);
    peer_set_serial(&w);
    if (terms->dns != NULL) {
        peer_set_name(&w, 2, terms->dns, strlen(terms->dns));
    }
    if (terms->ip != NULL) {
        peer_set_name(&w, 7, terms->ip, terms->ip_len);
    }
    if (terms->uri != NULL) {
        peer_set_name(&w, 6, terms->uri, strlen(terms->uri));
    }
    if (terms->is_for_clients) {
        peer_set_for_clients(&w);
    }
    if (terms->constraints != NULL) {
        peer_set_constraints(&w, terms->constraints, terms->constraints_len);
    }
    assert_int_equal(line_write_pem(&w, id->pem, sizeof(id->pem)), 0);
    mbedtls_x509write_crt_free(&w);
    assert_int_equal(mbedtls_x509_crt_parse(&id->crt,
                                            (const unsigned char *)id->pem,
                                            strlen(id->pem) + 1),
                     0);
}

/* Make the key as well. */
static inline void peer_make(struct peer_identity *id,
                             const struct peer_terms *terms,
                             struct peer_identity *issuer,
                             const char *issuer_name)
{
    memset(id, 0, sizeof(*id));
    peer_make_key(&id->key, terms->is_weak);
    peer_certify(id, terms, issuer, issuer_name);
}

static inline void peer_free_identity(struct peer_identity *id)
{
    mbedtls_pk_free(&id->key);
    mbedtls_x509_crt_free(&id->crt);
}

#define PEER_CA_NAME "CN=segjob test CA"

/* The contents for a CA, and for a server `host`, valid from 2020 to 2049. */
static inline struct peer_terms peer_ca_terms(void)
{
    const struct peer_terms terms = {.subject = PEER_CA_NAME,
                                     .from = "20200101000000",
                                     .to = "20491231235959",
                                     .is_ca = true};

    return terms;
}

/* The contents of a device's certificate. */
static inline struct peer_terms peer_device_terms(void)
{
    const struct peer_terms terms = {.subject = "CN=device",
                                     .from = "20200101000000",
                                     .to = "20491231235959",
                                     .is_for_clients = true};

    return terms;
}

static inline struct peer_terms peer_server_terms(const char *host)
{
    const struct peer_terms terms = {.subject = "CN=server",
                                     .dns = host,
                                     .from = "20200101000000",
                                     .to = "20491231235959"};

    return terms;
}

/* ----------------------------------------------------------------- server */

struct peer_server {
    mbedtls_ssl_config config;
    mbedtls_ssl_context ssl;
    bool is_full; /* this handshake reached the certificate */
};

/*
 * Prepare a server that shows `id`, with TLS 1.2 and, if wanted and known to
 * mbedTLS, 1.3; `arg` is what the callbacks get.
 */
static inline void peer_serve(struct peer_server *s, struct peer_identity *id,
                              bool has_tls13, void *arg,
                              mbedtls_ssl_send_t *f_send,
                              mbedtls_ssl_recv_t *f_recv)
{
    mbedtls_ssl_config_init(&s->config);
    mbedtls_ssl_init(&s->ssl);
    s->is_full = false;
    assert_int_equal(mbedtls_ssl_config_defaults(&s->config,
                                                 MBEDTLS_SSL_IS_SERVER,
                                                 MBEDTLS_SSL_TRANSPORT_STREAM,
                                                 MBEDTLS_SSL_PRESET_DEFAULT),
                     0);
    line_set_random(&s->config);
    /*
     * With P-256 version 2.28 needs a third of the time. In TLS 1.3 the client
     * has sent a key of X25519, and would have to start again.
     */
    if (!has_tls13) {
        line_set_group(&s->config, false);
    }
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    if (!has_tls13) {
        mbedtls_ssl_conf_max_tls_version(&s->config,
                                         MBEDTLS_SSL_VERSION_TLS1_2);
    }
#endif
    assert_int_equal(mbedtls_ssl_conf_own_cert(&s->config, &id->crt, &id->key),
                     0);
    assert_int_equal(mbedtls_ssl_setup(&s->ssl, &s->config), 0);
    mbedtls_ssl_set_bio(&s->ssl, arg, f_send, f_recv, NULL);
}

/* Demand a client certificate that one of `roots` signed. */
static inline void peer_demand(struct peer_server *s, mbedtls_x509_crt *roots)
{
    mbedtls_ssl_conf_authmode(&s->config, MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_ca_chain(&s->config, roots, NULL);
}

/* As mbedtls_ssl_handshake(). */
static inline int peer_shake(struct peer_server *s)
{
    int ret = 0;

    while (ret == 0 &&
           s->ssl.MBEDTLS_PRIVATE(state) != MBEDTLS_SSL_HANDSHAKE_OVER) {
        s->is_full = s->is_full || s->ssl.MBEDTLS_PRIVATE(state) ==
                                       MBEDTLS_SSL_SERVER_CERTIFICATE;
        ret = mbedtls_ssl_handshake_step(&s->ssl);
    }
    return ret;
}

/* Prepare for the next connection. */
static inline void peer_next(struct peer_server *s)
{
    assert_int_equal(mbedtls_ssl_session_reset(&s->ssl), 0);
    s->is_full = false;
}

static inline void peer_stop(struct peer_server *s)
{
    mbedtls_ssl_free(&s->ssl);
    mbedtls_ssl_config_free(&s->config);
}

/* --------------------------------------------------------------- sessions */

/* Sessions that a server can resume; two servers can share them. */
struct peer_memory {
    mbedtls_ssl_cache_context cache;
    mbedtls_ssl_ticket_context tickets;
};

static inline void peer_remember(struct peer_memory *m)
{
    mbedtls_ssl_cache_init(&m->cache);
    mbedtls_ssl_ticket_init(&m->tickets);
    assert_int_equal(line_setup_tickets(&m->tickets), 0);
}

static inline void peer_forget(struct peer_memory *m)
{
    mbedtls_ssl_cache_free(&m->cache);
    mbedtls_ssl_ticket_free(&m->tickets);
}

/* Let a server resume, by tickets or, with TLS 1.2, by session ids. */
static inline void peer_resume(struct peer_server *s, struct peer_memory *m,
                               bool by_ticket)
{
    if (by_ticket) {
        mbedtls_ssl_conf_session_tickets_cb(
            &s->config, mbedtls_ssl_ticket_write, mbedtls_ssl_ticket_parse,
            &m->tickets);
    } else {
        mbedtls_ssl_conf_session_cache(&s->config, &m->cache,
                                       mbedtls_ssl_cache_get,
                                       mbedtls_ssl_cache_set);
    }
}

#endif
