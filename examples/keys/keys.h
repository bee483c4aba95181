/*
 * Where a device gets its credentials from: a few lines in keys.c for each
 * kind. All arguments must outlive the port.
 */
#ifndef KEYS_H
#define KEYS_H

#include "segjob_environment.h"
#include "segjob_iot.h"
#include "segjob_posix.h"
#include "segjob_process.h"
#include "segjob_profile.h"

/* The account's endpoint, and what AWS IoT Core knows about the device. */
static const struct segjob_iot_config iot_config = {
    .endpoint =
        SEGJOB_STR_INIT("c1ab2.credentials.iot.us-east-1.amazonaws.com"),
    .role_alias = SEGJOB_STR_INIT("segments"),
    .thing_name = SEGJOB_STR_INIT("gateway-7"),
};

bool credentials_by_certificate(struct segjob_posix *posix,
                                struct segjob_iot *iot);
bool credentials_by_element(struct segjob_port *port, struct segjob_tls *tls,
                            struct segjob_iot *iot,
                            mbedtls_x509_crt *certificate,
                            mbedtls_pk_context *element);
bool credentials_of_container(struct segjob_port *port,
                              struct segjob_environment_container *e);
bool credentials_of_instance(struct segjob_port *port,
                             struct segjob_imds *imds);
bool credentials_of_files(struct segjob_port *port,
                          struct segjob_profile *profile);
bool credentials_of_environment(struct segjob_port *port,
                                struct segjob_credentials *credentials);
bool credentials_of_program(struct segjob_port *port,
                            struct segjob_process *process);

#endif
