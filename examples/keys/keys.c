#include "keys.h"

/* A gateway with a certificate of AWS IoT Core, in files. */
bool credentials_by_certificate(struct segjob_posix *posix,
                                struct segjob_iot *iot)
{
    static char memory[16384];

    posix->port.provider = &iot->source.provider;
    return segjob_posix_identify(posix, "device.pem", "device-key.pem") ==
               SEGJOB_OK &&
           segjob_iot_init(iot, &iot_config, memory, sizeof(memory)) ==
               SEGJOB_OK;
}

/* The same with a private key in a secure element; also over lwIP. */
bool credentials_by_element(struct segjob_port *port, struct segjob_tls *tls,
                            struct segjob_iot *iot,
                            mbedtls_x509_crt *certificate,
                            mbedtls_pk_context *element)
{
    static char memory[8192];

    port->provider = &iot->source.provider;
    return segjob_tls_present(tls, certificate, element) == SEGJOB_OK &&
           segjob_iot_init(iot, &iot_config, memory, sizeof(memory)) ==
               SEGJOB_OK;
}

/* A gateway with a certificate of the company's own authority, by IAM Roles
 * Anywhere. The key may be in a secure element here, too. */
bool credentials_by_authority(struct segjob_posix *posix,
                              struct segjob_anywhere *anywhere)
{
    static char memory[16384];
    struct segjob_anywhere_config config = anywhere_config;

    config.chain = &posix->identity.chain;
    config.key = &posix->identity.key;
    posix->port.provider = &anywhere->source.provider;
    return segjob_posix_identify(posix, "device.pem", "device-key.pem") ==
               SEGJOB_OK &&
           segjob_anywhere_init(anywhere, &config, memory, sizeof(memory)) ==
               SEGJOB_OK;
}

/* Another role, assumed with the credentials of any of these. */
bool credentials_of_role(struct segjob_port *port, struct segjob_sts *sts)
{
    static char memory[16384];
    struct segjob_sts_config config = role_config;

    config.base = port->provider;
    port->provider = &sts->source.provider;
    return segjob_sts_init(sts, &config, memory, sizeof(memory)) == SEGJOB_OK;
}

/* A pod, or a job of a build service: a token of an OpenID Connect provider. */
bool credentials_by_token(struct segjob_port *port, struct segjob_sts *sts,
                          struct segjob_token_file *file)
{
    static char memory[65536];
    struct segjob_sts_config config = role_config;

    file->path = "/var/run/secrets/eks.amazonaws.com/serviceaccount/token";
    config.read_token = segjob_token_file_read;
    config.arg = file;
    port->provider = &sts->source.provider;
    return segjob_sts_init(sts, &config, memory, sizeof(memory)) == SEGJOB_OK;
}

/* A container in Amazon ECS or EKS, or a component of AWS IoT Greengrass. */
bool credentials_of_container(struct segjob_port *port,
                              struct segjob_environment_container *e)
{
    static char memory[16384];

    port->provider = &e->container.source.provider;
    return segjob_environment_container_init(e, memory, sizeof(memory)) ==
           SEGJOB_OK;
}

/* An EC2 instance with a role. */
bool credentials_of_instance(struct segjob_port *port, struct segjob_imds *imds)
{
    static char memory[16384];

    port->provider = &imds->source.provider;
    return segjob_environment_imds_init(imds, memory, sizeof(memory)) ==
           SEGJOB_OK;
}

/* Someone who has signed in by `aws sso login`. */
bool credentials_by_sso(struct segjob_port *port, struct segjob_sso *sso)
{
    static char memory[16384];

    port->provider = &sso->source.provider;
    return segjob_sso_init(sso, &sso_config, memory, sizeof(memory)) ==
           SEGJOB_OK;
}

/* Whatever the AWS CLI would use: the environment, profiles, and so on. */
bool credentials_of_aws_cli(struct segjob_port *port,
                            struct segjob_profile *profile,
                            struct segjob_chain *chain)
{
    static char files[65536], memory[65536];
    const struct segjob_config config = {.region = SEGJOB_STR("us-east-1")};

    if (segjob_profile_read(profile, NULL, files, sizeof(files)) != SEGJOB_OK ||
        segjob_chain_init(chain, profile, false, &config, memory,
                          sizeof(memory)) != SEGJOB_OK) {
        return false;
    }
    port->credentials = chain->credentials;
    port->provider = chain->provider;
    return true;
}

/* The environment, or any other credentials that do not change. */
bool credentials_of_environment(struct segjob_port *port,
                                struct segjob_credentials *credentials)
{
    port->credentials = credentials;
    return segjob_environment_credentials(credentials);
}

/* A helper, which may ask a TPM or a vault. */
bool credentials_of_program(struct segjob_port *port,
                            struct segjob_process *process)
{
    static char memory[16384];

    port->provider = &process->source.provider;
    return segjob_process_init(process, "/opt/bin/helper --device 7", memory,
                               sizeof(memory)) == SEGJOB_OK;
}
