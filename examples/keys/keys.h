/*
 * Where a device has its keys from: keys.c, a few lines for each kind. All that
 * is passed must outlive the port.
 */
#ifndef KEYS_H
#define KEYS_H

#include "segjob_environment.h"
#include "segjob_iot.h"
#include "segjob_posix.h"
#include "segjob_profile.h"

/* What a device knows of AWS IoT Core. */
static const struct segjob_iot_config keys_iot = {
    .endpoint = SEGJOB_STR("c1ab2.credentials.iot.us-east-1.amazonaws.com"),
    .role_alias = SEGJOB_STR("segments"),
    .thing_name = SEGJOB_STR("gateway-7"),
};

bool keys_by_certificate(struct segjob_posix *posix, struct segjob_iot *iot);
bool keys_by_element(struct segjob_port *port, struct segjob_tls *tls,
                     struct segjob_iot *iot, mbedtls_x509_crt *certificate,
                     mbedtls_pk_context *element);
bool keys_of_container(struct segjob_port *port,
                       struct segjob_environment_container *e);
bool keys_of_instance(struct segjob_port *port, struct segjob_imds *imds);
bool keys_of_files(struct segjob_port *port, struct segjob_profile *profile);
bool keys_at_hand(struct segjob_port *port, struct segjob_credentials *keys);

#endif
