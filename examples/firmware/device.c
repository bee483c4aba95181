#include "device.h"

#include "device_der.h"

static mbedtls_x509_crt chain;
static mbedtls_pk_context key;
static char memory[8192]; /* credentials, and the response with new ones */
static bool has_begun;

#if defined(SEGJOB_ROLES_ANYWHERE)
static struct segjob_anywhere device;

static enum segjob_status begin_source(const struct parameters *p)
{
    struct segjob_anywhere_config config = p->anywhere;

    config.service.region = p->config.region;
    config.chain = &chain;
    config.key = &key;
    return segjob_anywhere_init(&device, &config, memory, sizeof(memory));
}
#else
static struct segjob_iot device;

static enum segjob_status begin_source(const struct parameters *p)
{
    return segjob_iot_init(&device, &p->iot, memory, sizeof(memory));
}
#endif

/* The chain's certificates stay where they are, in flash. */
static bool read_chain(void)
{
    const unsigned char *at = device_chain;
    const unsigned char *end = device_chain + device_chain_len;
    const mbedtls_x509_crt *last = &chain;

    mbedtls_x509_crt_init(&chain);
    while (at < end) {
        if (mbedtls_x509_crt_parse_der_nocopy(&chain, at, (size_t)(end - at)) !=
            0) {
            return false;
        }
        while (last->next != NULL) {
            last = last->next;
        }
        at += last->raw.len;
    }
    return true;
}

/* Once: the credentials that were received outlive the port. */
static const char *begin(const struct parameters *p,
                         struct segjob_platform *platform)
{
    struct segjob_port_error error;

    if (has_begun) {
        return NULL;
    }
    mbedtls_pk_init(&key);
    if (!read_chain()) {
        return "the device's certificate cannot be read";
    }
    if (segjob_identity_parse_key(&key, device_key, device_key_len, platform,
                                  &error) != SEGJOB_OK) {
        return error.message;
    }
    if (begin_source(p) != SEGJOB_OK) {
        return device.source.message;
    }
    has_begun = true;
    return NULL;
}

const char *device_begin(const struct parameters *p, struct segjob_lwip *lwip)
{
    const char *why = begin(p, lwip->port.platform);

    if (why != NULL) {
        return why;
    }
    if (segjob_tls_present(&lwip->tls, &chain, &key) != SEGJOB_OK) {
        return lwip->tls.stream.error.message;
    }
    lwip->port.provider = &device.source.provider;
    return NULL;
}

void device_end(void)
{
    segjob_source_wipe(&device.source);
}
