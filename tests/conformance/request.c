/*
 * Write requests with the core: request.py compares them with botocore.
 *
 * A record is a case:
 *   fresh, cap          1: a new client in `cap` bytes; 0: the last one
 *   region, host, port  of a new client
 *   accessKeyId, secretAccessKey, sessionToken
 *   time                two numbers, the upper half first
 *   operation           0 Create, 1 Describe, 2 List
 *   batchSegmentJobArn  to describe
 *   page                a response to List before the next page, or ABSENT
 *   jobName, solutionVersionArn, filterArn, roleArn, input path and key,
 *   output path and key, whether numResults is given, numResults
 *   number of tags or ABSENT, each tag's key and value
 * The output for it:
 *   the status' name, the line of segjob_explain() unless the request was
 *   written, the outcome, host and port to connect to, the bytes to send
 */
#include "records.h"

#define TAGS_MAX 256

struct request_case {
    bool fresh;
    size_t cap;
    struct segjob_config config;
    struct segjob_credentials credentials;
    int64_t time;
    uint32_t operation;
    struct segjob_str arn;
    struct segjob_str page;
    struct segjob_create_request request;
    struct segjob_tag tags[TAGS_MAX];
};

static void get_tags(struct records *r, struct request_case *c)
{
    uint32_t n = get_number(r);

    if (n == ABSENT) {
        return;
    }
    require(n <= TAGS_MAX);
    for (uint32_t i = 0; i < n; i++) {
        c->tags[i].key = get_text(r);
        c->tags[i].value = get_text(r);
    }
    c->request.tags = c->tags;
    c->request.tags_len = n;
}

static void get_request(struct records *r, struct segjob_create_request *to)
{
    to->job_name = get_text(r);
    to->solution_version_arn = get_text(r);
    to->filter_arn = get_text(r);
    to->role_arn = get_text(r);
    to->input.path = get_text(r);
    to->input.kms_key_arn = get_text(r);
    to->output.path = get_text(r);
    to->output.kms_key_arn = get_text(r);
    to->has_num_results = get_number(r) != 0;
    to->num_results = (int32_t)get_number(r);
}

static void get_case(struct records *r, struct request_case *c)
{
    uint64_t time;

    memset(c, 0, sizeof(*c));
    c->fresh = get_number(r) != 0;
    c->cap = get_number(r);
    c->config.region = get_text(r);
    c->config.host = get_text(r);
    c->config.port = (uint16_t)get_number(r);
    c->credentials.access_key_id = get_text(r);
    c->credentials.secret_access_key = get_text(r);
    c->credentials.session_token = get_text(r);
    time = (uint64_t)get_number(r) << 32;
    time |= get_number(r);
    c->time = (int64_t)time;
    c->operation = get_number(r);
    c->arn = get_text(r);
    c->page = get_text(r);
    get_request(r, &c->request);
    get_tags(r, c);
}

/* A client in a buffer of exactly `cap` bytes. */
static void begin(struct segjob_client *client, char **buf,
                  const struct request_case *c)
{
    free(*buf);
    *buf = malloc(c->cap);
    require(*buf != NULL);
    if (segjob_init(client, &c->config, *buf, c->cap) != SEGJOB_OK) {
        return; /* segjob_create() returns the error again */
    }
}

static enum segjob_status start(struct segjob_client *client,
                                const struct request_case *c)
{
    switch (c->operation) {
    case 0:
        return segjob_create(client, &c->request);
    case 1:
        return segjob_describe(client, c->arn);
    default:
        require(c->operation == 2);
        return segjob_list(client, c->request.solution_version_arn);
    }
}

/* Receive a page from a service that then closes, and list the next page. */
static enum segjob_status turn_page(struct segjob_client *client,
                                    const struct request_case *c)
{
    size_t at = 0;

    require(segjob_set_credentials(client, &c->credentials) == SEGJOB_PENDING);
    require(segjob_connected(client, 0) == SEGJOB_PENDING);
    require(segjob_sent(client, segjob_tx(client).len) == SEGJOB_PENDING);
    while (segjob_get_want(client) == SEGJOB_WANT_RECEIVE) {
        struct segjob_buffer room = segjob_rx(client);
        size_t n = c->page.len - at < room.len ? c->page.len - at : room.len;

        require(n > 0);
        memcpy(room.ptr, c->page.ptr + at, n);
        require(segjob_received(client, n) == SEGJOB_PENDING);
        at += n;
    }
    segjob_closed(client);
    require(segjob_get_status(client) == SEGJOB_OK && segjob_has_more(client));
    return segjob_list_more(client);
}

/* Drive the client until it has bytes to send, or has failed. */
static enum segjob_status drive(struct segjob_client *client,
                                const struct request_case *c)
{
    enum segjob_status status = start(client, c);

    if (status == SEGJOB_PENDING && c->page.ptr != NULL) {
        status = turn_page(client, c);
    }
    if (status == SEGJOB_PENDING) {
        status = segjob_set_credentials(client, &c->credentials);
    }
    return status;
}

static void put_failure(struct segjob_client *client, enum segjob_status status)
{
    struct segjob_str none = {NULL, 0};
    char line[512];

    if (segjob_get_want(client) == SEGJOB_WANT_CLOSE) {
        segjob_closed(client);
    }
    require(segjob_get_status(client) == status);
    require(segjob_explain(client, line, sizeof(line)) < sizeof(line));
    put_text(stdout, segjob_cstr(segjob_status_name(status)));
    put_text(stdout, segjob_cstr(line));
    put_number(stdout, segjob_get_outcome(client));
    put_text(stdout, none);
    put_number(stdout, 0);
    put_text(stdout, none);
}

static void put_request(struct segjob_client *client, const char *host)
{
    struct segjob_str none = {NULL, 0};
    struct segjob_str bytes = segjob_tx(client);

    put_text(stdout,
             segjob_cstr(segjob_status_name(segjob_get_status(client))));
    put_text(stdout, none);
    put_number(stdout, segjob_get_outcome(client));
    put_text(stdout, segjob_cstr(host));
    put_number(stdout, segjob_tcp_port(client));
    put_text(stdout, bytes);
    require(segjob_sent(client, bytes.len) == SEGJOB_PENDING);
    segjob_cancel(client);
    segjob_closed(client);
}

static void run(struct segjob_client *client, const struct request_case *c)
{
    enum segjob_status status = drive(client, c);
    char host[256] = "";

    if (status == SEGJOB_PENDING) {
        require(strlen(segjob_host(client)) < sizeof(host));
        memcpy(host, segjob_host(client), strlen(segjob_host(client)));
        status = segjob_connected(client, c->time);
    }
    if (status == SEGJOB_PENDING) {
        put_request(client, host);
    } else {
        put_failure(client, status);
    }
}

int main(void)
{
    static struct segjob_client client;
    static struct request_case c;
    struct records r = records_read();
    char *all = r.at;
    char *buf = NULL;

    while (r.left > 0) {
        get_case(&r, &c);
        if (c.fresh) {
            begin(&client, &buf, &c);
        }
        require(buf != NULL);
        run(&client, &c);
    }
    free(buf);
    free(all);
    return 0;
}
