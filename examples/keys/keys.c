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

/* The shared files of AWS's tools. */
bool credentials_of_files(struct segjob_port *port,
                          struct segjob_profile *profile)
{
    static char memory[65536];

    port->provider = &profile->provider;
    return segjob_profile_read(profile, NULL, memory, sizeof(memory)) ==
           SEGJOB_OK;
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
