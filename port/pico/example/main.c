/* Creates a job from a Pico W or Pico 2 W, and prints its ARN on the UART. */
#include <stdio.h>

#include <lwip/apps/sntp.h>
#include <pico/aon_timer.h>
#include <pico/cyw43_arch.h>
#include <pico/stdlib.h>

#include "roots.h"
#include "segjob_pico.h"

#if PICO_RP2040
#define RANDOM segjob_pico_rosc /* not fit for every use: see segjob_pico.h */
#else
#define RANDOM segjob_pico_trng
#endif

/* Join the network, and learn the time: certificates need it. */
static void begin_network(void)
{
    if (cyw43_arch_init() != 0) {
        panic("there is no Wi-Fi");
    }
    cyw43_arch_enable_sta_mode();
    while (cyw43_arch_wifi_connect_timeout_ms(
               WIFI_SSID, WIFI_PASSWORD, CYW43_AUTH_WPA2_AES_PSK, 30000) != 0) {
        puts("not connected yet");
    }
    cyw43_arch_lwip_begin();
    sntp_setservername(0, "pool.ntp.org");
    sntp_init();
    cyw43_arch_lwip_end();
    while (!aon_timer_is_running()) {
        cyw43_arch_wait_for_work_until(make_timeout_time_ms(100));
        cyw43_arch_poll();
    }
}

int main(void)
{
    static char work[4096], why[512];
    static mbedtls_x509_crt roots;
    static struct segjob_pico pico;
    static struct segjob_client client;
    const struct segjob_config config = {.region = SEGJOB_STR("us-east-1")};
    const struct segjob_credentials credentials = {
        .access_key_id = SEGJOB_STR(AWS_ACCESS_KEY_ID),
        .secret_access_key = SEGJOB_STR(AWS_SECRET_ACCESS_KEY)};
    const struct segjob_create_request job = {
        .job_name = SEGJOB_STR("nightly-2026-07"),
        .solution_version_arn = SEGJOB_STR(
            "arn:aws:personalize:us-east-1:123456789012:solution/films/1"),
        .role_arn = SEGJOB_STR("arn:aws:iam::123456789012:role/segments"),
        .input = {.path = SEGJOB_STR("s3://bucket/users.json")},
        .output = {.path = SEGJOB_STR("s3://bucket/segments/")}};
    size_t i;

    stdio_init_all();
    begin_network();
    for (i = 0; i < roots_der_len; i++) {
        if (mbedtls_x509_crt_parse_der_nocopy(&roots, roots_der[i].der,
                                              roots_der[i].len) != 0) {
            panic("a trusted certificate cannot be read");
        }
    }
    if (segjob_pico_init(&pico, cyw43_arch_async_context(), RANDOM, &roots,
                         &credentials) != SEGJOB_OK) {
        panic("%s", pico.lwip.port.error.message);
    }
    if (segjob_init(&client, &config, work, sizeof(work)) != SEGJOB_OK ||
        segjob_create(&client, &job) != SEGJOB_PENDING ||
        segjob_pico_run(&pico, &client, 60000) != SEGJOB_OK) {
        segjob_run_explain(&client, &pico.lwip.port, why, sizeof(why));
        panic("%s", why);
    }
    printf("%.*s\n", (int)segjob_batch_segment_job_arn(&client).len,
           segjob_batch_segment_job_arn(&client).ptr);
    segjob_pico_free(&pico);
    return 0;
}
