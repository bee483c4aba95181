/*
 * jobs segjob|curl|list PORT BUNDLE N: one job over TLS to localhost, or one
 * page of a list of jobs, then N more over the same connection; prints the
 * processor time of those N in nanoseconds, and the bytes of heap that the
 * process has in the end.
 *
 * The server puts the connection's number into its response and the request id,
 * so that responses over different connections differ.
 */
#define _POSIX_C_SOURCE 200809L

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curl/curl.h>

#include "request.h"
#include "segjob_posix.h"

#define TARGET "X-Amz-Target: AmazonPersonalize.CreateBatchSegmentJob"

#define PAGE_LEN 4 /* jobs: what `work` is for */

struct response {
    char text[256];
    size_t len;
};

static struct segjob_posix posix;
static struct segjob_client client;
static char work[4096];

static CURL *easy;
static char url[64], body[BODY_LEN + 1];
static char curl_error[CURL_ERROR_SIZE];
static struct response received;

static bool fail(const char *why)
{
    fprintf(stderr, "jobs: %s\n", why);
    return false;
}

static bool begin_client(const char *port)
{
    const struct segjob_config config = {.region = SEGJOB_STR(REGION),
                                         .host = SEGJOB_STR("localhost"),
                                         .port =
                                             (uint16_t)strtoul(port, NULL, 10)};

    return segjob_init(&client, &config, work, sizeof(work)) == SEGJOB_OK;
}

/* --------------------------------------------------------------- segjob */

static bool begin_by_segjob(const char *port, const char *bundle)
{
    if (segjob_posix_init(&posix, bundle, &credentials) != SEGJOB_OK) {
        return fail(posix.port.error.message);
    }
    return begin_client(port);
}

/* `started` is what the function returned that starts the operation. */
static bool run_by_segjob(enum segjob_status started, struct response *response)
{
    struct segjob_str id;

    if (started != SEGJOB_PENDING ||
        segjob_run(&client, &posix.port, 30000) != SEGJOB_OK) {
        char why[512];

        segjob_explain(&client, why, sizeof(why));
        return fail(why);
    }
    id = segjob_get_error(&client)->request_id;
    if (id.len == 0 || id.len > sizeof(response->text)) {
        return fail("the response does not name its connection");
    }
    memcpy(response->text, id.ptr, id.len);
    response->len = id.len;
    return true;
}

static bool job_by_segjob(struct response *response)
{
    return run_by_segjob(segjob_create(&client, &request), response);
}

static bool page_by_segjob(struct response *response)
{
    const struct segjob_str all = {NULL, 0};
    struct segjob_job job;
    int n = 0;

    if (!run_by_segjob(segjob_has_more(&client) ? segjob_list_more(&client)
                                                : segjob_list(&client, all),
                       response)) {
        return false;
    }
    while (segjob_next_job(&client, &job)) {
        n++;
    }
    return (n == PAGE_LEN && segjob_has_more(&client)) ||
           fail("the page is not what the server sent");
}

/* ----------------------------------------------------------------- curl */

static size_t receive(char *bytes, size_t size, size_t n, void *arg)
{
    struct response *response = arg;

    n *= size;
    if (n > sizeof(response->text) - response->len) {
        return 0;
    }
    memcpy(response->text + response->len, bytes, n);
    response->len += n;
    return n;
}

/* The body is the one that segjob sends. */
static bool take_body(const char *port)
{
    struct segjob_str b;

    if (!begin_client(port) ||
        segjob_create(&client, &request) != SEGJOB_PENDING ||
        segjob_set_credentials(&client, &credentials) != SEGJOB_PENDING ||
        segjob_connected(&client, 1767225600) != SEGJOB_PENDING) {
        return fail("the body was not made");
    }
    b = body_of(&client);
    if (b.len != BODY_LEN) {
        return fail("the body has another length");
    }
    memcpy(body, b.ptr, b.len);
    return true;
}

static bool begin_by_curl(const char *port, const char *bundle)
{
    struct curl_slist *headers = NULL;

    if (!take_body(port) || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
        (easy = curl_easy_init()) == NULL) {
        return fail("curl did not begin");
    }
    snprintf(url, sizeof(url), "https://localhost:%s/", port);
    headers = curl_slist_append(headers, TARGET);
    headers =
        curl_slist_append(headers, "Content-Type: application/x-amz-json-1.1");
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_CAINFO, bundle);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, curl_error);
    curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(easy, CURLOPT_AWS_SIGV4, "aws:amz:" REGION ":personalize");
    curl_easy_setopt(easy, CURLOPT_USERPWD, KEY_ID ":" SECRET);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)BODY_LEN);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &received);
    return true;
}

static bool job_by_curl(struct response *response)
{
    received.len = 0;
    if (curl_easy_perform(easy) != CURLE_OK) {
        return fail(curl_error);
    }
    *response = received;
    return true;
}

/* ------------------------------------------------------------- measuring */

static const struct {
    const char *name;
    bool (*begin)(const char *port, const char *bundle);
    bool (*job)(struct response *response);
} programs[] = {
    {"segjob", begin_by_segjob, job_by_segjob},
    {"curl", begin_by_curl, job_by_curl},
    {"list", begin_by_segjob, page_by_segjob},
};

static long long processor_ns(void)
{
    struct timespec t;

    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) != 0) {
        abort();
    }
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* What malloc() has of the system, which it hardly ever gives back. */
static size_t heap_bytes(void)
{
    const struct mallinfo2 info = mallinfo2();

    return info.arena + info.hblkhd;
}

/* Nanoseconds of `n` jobs; -1 if a response differs from `first`. */
static long long measure(bool (*job)(struct response *response), int n,
                         const struct response *first)
{
    const long long begin = processor_ns();

    for (int i = 0; i < n; i++) {
        struct response response = {.len = 0};

        if (!job(&response)) {
            return -1;
        }
        if (response.len != first->len ||
            memcmp(response.text, first->text, first->len) != 0) {
            fail("the connection was not kept");
            return -1;
        }
    }
    return processor_ns() - begin;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 5 && i < sizeof(programs) / sizeof(programs[0]);
         i++) {
        struct response first = {.len = 0};
        long long ns;

        if (strcmp(programs[i].name, argv[1]) != 0) {
            continue;
        }
        if (!programs[i].begin(argv[2], argv[3]) || !programs[i].job(&first) ||
            (ns = measure(programs[i].job, atoi(argv[4]), &first)) < 0) {
            return 1;
        }
        return printf("%lld %zu\n", ns, heap_bytes()) < 0;
    }
    fputs("usage: jobs segjob|curl|list PORT BUNDLE N\n", stderr);
    return 2;
}
