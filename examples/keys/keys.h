/*
 * Where a device gets its credentials from: a few lines in keys.c for each
 * kind. All arguments must outlive the port.
 */
#ifndef KEYS_H
#define KEYS_H

#include "segjob_anywhere.h"
#include "segjob_chain.h"
#include "segjob_iot.h"
#include "segjob_posix.h"

/* The account's endpoint, and what AWS IoT Core knows about the device. */
static const struct segjob_iot_config iot_config = {
    .endpoint =
        SEGJOB_STR_INIT("c1ab2.credentials.iot.us-east-1.amazonaws.com"),
    .role_alias = SEGJOB_STR_INIT("segments"),
    .thing_name = SEGJOB_STR_INIT("gateway-7"),
};

/* The company's trust anchor, and the profile and role that it opens. */
static const struct segjob_anywhere_config anywhere_config = {
    .service.region = SEGJOB_STR_INIT("us-east-1"),
    .trust_anchor_arn =
        SEGJOB_STR_INIT("arn:aws:rolesanywhere:us-east-1:123456789012:trust-"
                        "anchor/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f"),
    .profile_arn =
        SEGJOB_STR_INIT("arn:aws:rolesanywhere:us-east-1:123456789012:profile/"
                        "0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f"),
    .role_arn = SEGJOB_STR_INIT("arn:aws:iam::123456789012:role/segments"),
};

/* A role that AWS STS gives credentials of, and the region of STS. */
static const struct segjob_sts_config role_config = {
    .service.region = SEGJOB_STR_INIT("us-east-1"),
    .role_arn = SEGJOB_STR_INIT("arn:aws:iam::123456789012:role/segments"),
};

/* The session, and the permission set in an account. */
static const struct segjob_sso_config sso_config = {
    .service.region = SEGJOB_STR_INIT("us-east-1"),
    .session = "team",
    .account_id = "123456789012",
    .role_name = "segments",
};

bool credentials_by_certificate(struct segjob_posix *posix,
                                struct segjob_iot *iot);
bool credentials_by_element(struct segjob_port *port, struct segjob_tls *tls,
                            struct segjob_iot *iot,
                            mbedtls_x509_crt *certificate,
                            mbedtls_pk_context *element);
bool credentials_by_authority(struct segjob_posix *posix,
                              struct segjob_anywhere *anywhere);
bool credentials_of_role(struct segjob_port *port, struct segjob_sts *sts);
bool credentials_by_token(struct segjob_port *port, struct segjob_sts *sts,
                          struct segjob_token_file *file);
bool credentials_of_container(struct segjob_port *port,
                              struct segjob_environment_container *e);
bool credentials_of_instance(struct segjob_port *port,
                             struct segjob_imds *imds);
bool credentials_by_sso(struct segjob_port *port, struct segjob_sso *sso);
bool credentials_of_aws_cli(struct segjob_port *port,
                            struct segjob_profile *profile,
                            struct segjob_chain *chain);
bool credentials_of_environment(struct segjob_port *port,
                                struct segjob_credentials *credentials);
bool credentials_of_program(struct segjob_port *port,
                            struct segjob_process *process);

#endif
