#include "keys.h"

/* A gateway with a certificate of AWS IoT Core, in files. */
bool keys_by_certificate(struct segjob_posix *posix, struct segjob_iot *iot)
{
    static char memory[16384];

    posix->port.provider = &iot->source.provider;
    return segjob_posix_identify(posix, "device.pem", "device-key.pem") ==
               SEGJOB_OK &&
           segjob_iot_init(iot, &keys_iot, memory, sizeof(memory)) == SEGJOB_OK;
}

/* The same with a key that stays in a secure element; so also over lwIP. */
bool keys_by_element(struct segjob_port *port, struct segjob_tls *tls,
                     struct segjob_iot *iot, mbedtls_x509_crt *certificate,
                     mbedtls_pk_context *element)
{
    static char memory[8192];

    port->provider = &iot->source.provider;
    return segjob_tls_present(tls, certificate, element) == SEGJOB_OK &&
           segjob_iot_init(iot, &keys_iot, memory, sizeof(memory)) == SEGJOB_OK;
}

/* A container in Amazon ECS or EKS, a component of AWS IoT Greengrass. */
bool keys_of_container(struct segjob_port *port,
                       struct segjob_environment_container *e)
{
    static char memory[16384];

    port->provider = &e->container.source.provider;
    return segjob_environment_container(e, memory, sizeof(memory)) == SEGJOB_OK;
}

/* An EC2 instance with a role. */
bool keys_of_instance(struct segjob_port *port, struct segjob_imds *imds)
{
    static char memory[16384];

    port->provider = &imds->source.provider;
    return segjob_environment_imds(imds, memory, sizeof(memory)) == SEGJOB_OK;
}

/* A machine with the shared files of AWS's tools. */
bool keys_of_files(struct segjob_port *port, struct segjob_profile *profile)
{
    static char memory[65536];

    port->provider = &profile->provider;
    return segjob_profile_read(profile, NULL, memory, sizeof(memory)) ==
           SEGJOB_OK;
}

/* Whoever has keys of its own, from the environment for one. */
bool keys_at_hand(struct segjob_port *port, struct segjob_credentials *keys)
{
    port->credentials = keys;
    return segjob_environment_keys(keys);
}
