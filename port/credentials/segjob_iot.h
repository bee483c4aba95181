/*
 * Credentials from AWS IoT Core's credentials provider: a device authenticates
 * by its certificate, and gets the credentials of a role for an hour.
 *
 *   segjob_tls_present(&tls, &certificate, &key);
 *   segjob_iot_init(&iot, &config, memory, sizeof(memory));
 *   port.provider = &iot.source.provider;
 *
 * The port's TLS stream sends the device's certificate to each server that
 * requests one.
 *
 * Source: AWS IoT Core Developer Guide, "Authorizing direct calls to AWS
 * services using AWS IoT Core credential provider".
 */
#ifndef SEGJOB_IOT_H
#define SEGJOB_IOT_H

#include "segjob_source.h"

#ifdef __cplusplus
extern "C" {
#endif

struct segjob_iot_config {
    /* The account's host: ID.credentials.iot.REGION.amazonaws.com */
    struct segjob_str endpoint;
    uint16_t port;                /* 0: 443 */
    struct segjob_str role_alias; /* 1 to 128 of A-Z a-z 0-9 _ = , @ - */
    /* Absent, or 1 to 128 of A-Z a-z 0-9 : _ - */
    struct segjob_str thing_name;
};

struct segjob_iot {
    struct segjob_source source;
    struct segjob_iot_config config;
};

/*
 * Initialize the source; segjob_source_init() describes `buf` and `cap`. The
 * spans of `config` are borrowed as `buf` is.
 *
 * Returns
 *   SEGJOB_OK      set a port's `provider` to `&iot->source.provider`
 *   SEGJOB_CONFIG  endpoint, role alias or thing name is invalid;
 *                  `iot->source.message` says which
 */
SEGJOB_MUST_CHECK
enum segjob_status segjob_iot_init(struct segjob_iot *iot,
                                   const struct segjob_iot_config *config,
                                   void *buf, size_t cap);

#ifdef __cplusplus
}
#endif

#endif
