/*
 * Creates a job, and prints its ARN. Set the network (`idf.py menuconfig`), and
 * the keys, the ARNs and the bucket below.
 */
#include <stdio.h>

#include <esp_event.h>
#include <esp_netif.h>
#include <esp_netif_sntp.h>
#include <nvs_flash.h>
#include <protocol_examples_common.h>

#include "segjob_esp.h"
#include "segjob_sockets.h"

/* A device in the field gets its keys with a certificate: segjob_iot.h. */
static const struct segjob_credentials credentials = {
    .access_key_id = SEGJOB_STR("AKIAIOSFODNN7EXAMPLE"),
    .secret_access_key =
        SEGJOB_STR("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")};
static const struct segjob_config config = {.region = SEGJOB_STR("us-east-1")};
static const struct segjob_create_request job = {
    .job_name = SEGJOB_STR("nightly-2026-07"),
    .solution_version_arn = SEGJOB_STR(
        "arn:aws:personalize:us-east-1:123456789012:solution/films/1"),
    .role_arn = SEGJOB_STR("arn:aws:iam::123456789012:role/segments"),
    .input = {.path = SEGJOB_STR("s3://bucket/users.json")},
    .output = {.path = SEGJOB_STR("s3://bucket/segments/")}};

static char work[4096], why[512];
static mbedtls_x509_crt roots;
static struct segjob_sockets sockets; /* TCP, TLS */
static struct segjob_client client;

/* The time first: without it no certificate is valid. */
static void connect_network(void)
{
    const esp_sntp_config_t sntp =
        ESP_NETIF_SNTP_DEFAULT_CONFIG("pool.ntp.org");

    ESP_ERROR_CHECK(nvs_flash_init());
    ESP_ERROR_CHECK(esp_netif_init());
    ESP_ERROR_CHECK(esp_event_loop_create_default());
    ESP_ERROR_CHECK(example_connect());
    ESP_ERROR_CHECK(esp_netif_sntp_init(&sntp));
    ESP_ERROR_CHECK(esp_netif_sntp_sync_wait(pdMS_TO_TICKS(60000)));
}

void app_main(void)
{
    struct segjob_port_error error;
    struct segjob_str arn;

    connect_network();
    mbedtls_x509_crt_init(&roots);
    if (segjob_esp_load_roots(&roots, &error) != SEGJOB_OK) {
        printf("%s\n", error.message);
        return;
    }
    if (segjob_sockets_init(&sockets, &segjob_esp_platform, &roots,
                            &credentials) != SEGJOB_OK) {
        printf("%s\n", sockets.port.error.message);
        return;
    }
    if (segjob_init(&client, &config, work, sizeof(work)) != SEGJOB_OK ||
        segjob_create(&client, &job) != SEGJOB_PENDING ||
        segjob_run(&client, &sockets.port, 30000) != SEGJOB_OK) {
        segjob_run_explain(&client, &sockets.port, why, sizeof(why));
        printf("%s\n", why);
        return;
    }
    arn = segjob_batch_segment_job_arn(&client);
    printf("%.*s\n", (int)arn.len, arn.ptr);
}
