#include "segjob_esp.h"

#include <string.h>
#include <time.h>

#include <esp_random.h>
#include <esp_timer.h>

#include "segjob_sockets.h"

static int64_t wall_clock(struct segjob_platform *p)
{
    (void)p;
    return (int64_t)time(NULL);
}

static uint64_t monotonic_ms(struct segjob_platform *p)
{
    (void)p;
    return (uint64_t)esp_timer_get_time() / 1000 + 1; /* 0 would be a failure */
}

static bool random_bytes(struct segjob_platform *p, void *bytes, size_t n)
{
    (void)p;
    esp_fill_random(bytes, n);
    return true;
}

const struct segjob_platform segjob_esp_platform = {
    .wall_clock = wall_clock,
    .monotonic_ms = monotonic_ms,
    .random = random_bytes,
    .resolve = segjob_sockets_resolve};

enum segjob_status segjob_esp_load_roots(mbedtls_x509_crt *roots,
                                         struct segjob_port_error *error)
{
    /* A text that IDF's build embeds, with a NUL at its end. */
    extern const char pem[] __asm__("_binary_segjob_roots_pem_start");
    int ret;

    if (segjob_tls_start(error) != SEGJOB_OK) {
        return SEGJOB_CONFIG;
    }
    ret = mbedtls_x509_crt_parse(roots, (const unsigned char *)pem,
                                 strlen(pem) + 1);
    if (ret != 0) {
        *error = (struct segjob_port_error){
            SEGJOB_CONFIG, "the trusted certificates cannot be read", ret};
        return SEGJOB_CONFIG;
    }
    return SEGJOB_OK;
}
