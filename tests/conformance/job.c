/*
 * Read responses about jobs with the client, and derive ARNs of jobs: job.py
 * compares the former with botocore's parser, the latter with its ARNs.
 *
 * A record is one of
 *   0 or 1, the ARN to describe, the response to Describe (0) or List (1), the
 *   length of the pieces in which to receive it, the capacity of the buffer
 *   2, a solution version's ARN, a job's name
 * Output for a response: the status' name, whether there are more pages, the
 * number of jobs, and of each job its texts in the order below, whether it has
 * numResults, numResults, and both times, the upper half first. Output for an
 * ARN: the job's ARN, absent if it cannot be derived.
 */
#include "records.h"

#include "sj_job.h"

static void put_time(int64_t ms)
{
    put_number(stdout, (uint32_t)((uint64_t)ms >> 32));
    put_number(stdout, (uint32_t)ms);
}

static void put_job(const struct segjob_job *job)
{
    put_text(stdout, job->batch_segment_job_arn);
    put_text(stdout, job->job_name);
    put_text(stdout, job->status);
    put_text(stdout, job->failure_reason);
    put_text(stdout, job->solution_version_arn);
    put_text(stdout, job->filter_arn);
    put_text(stdout, job->role_arn);
    put_text(stdout, job->input.path);
    put_text(stdout, job->input.kms_key_arn);
    put_text(stdout, job->output.path);
    put_text(stdout, job->output.kms_key_arn);
    put_number(stdout, job->has_num_results);
    put_number(stdout, (uint32_t)job->num_results);
    put_time(job->creation_ms);
    put_time(job->last_updated_ms);
}

/* -------------------------------------------------------------- responses */

static void begin(struct segjob_client *client, char *buf, size_t cap,
                  bool is_list, struct segjob_str arn)
{
    static const struct segjob_config config = {.region = SEGJOB_STR("r")};
    static const struct segjob_credentials credentials = {
        .access_key_id = SEGJOB_STR("AKIDEXAMPLE"),
        .secret_access_key = SEGJOB_STR("secret"),
    };
    struct segjob_str all = {NULL, 0};

    require(segjob_init(client, &config, buf, cap) == SEGJOB_OK);
    require((is_list ? segjob_list(client, all)
                     : segjob_describe(client, arn)) == SEGJOB_PENDING);
    require(segjob_set_credentials(client, &credentials) == SEGJOB_PENDING);
    require(segjob_connected(client, 0) == SEGJOB_PENDING);
    require(segjob_sent(client, segjob_tx(client).len) == SEGJOB_PENDING);
}

/* Receive the response; the server closes the connection after it. */
static void receive(struct segjob_client *client, struct segjob_str response,
                    size_t piece)
{
    size_t at = 0;

    while (segjob_get_want(client) == SEGJOB_WANT_RECEIVE) {
        struct segjob_buffer room = segjob_rx(client);
        size_t n = response.len - at < piece ? response.len - at : piece;

        n = n < room.len ? n : room.len;
        memcpy(room.ptr, response.ptr + at, n);
        require(segjob_received(client, n) == SEGJOB_PENDING);
        at += n;
    }
    if (segjob_get_want(client) == SEGJOB_WANT_CLOSE) {
        segjob_closed(client);
    }
    require(segjob_get_want(client) == SEGJOB_WANT_NOTHING);
}

static uint32_t count_jobs(struct segjob_client *client)
{
    struct segjob_client copy = *client;
    struct segjob_job job;
    uint32_t n = 0;

    while (segjob_next_job(&copy, &job)) {
        n++;
    }
    return n;
}

static void put_listed(struct segjob_client *client)
{
    struct segjob_job job;

    put_number(stdout, count_jobs(client));
    while (segjob_next_job(client, &job)) {
        put_job(&job);
    }
}

static void put_described(const struct segjob_client *client)
{
    struct segjob_job job;
    bool has_job = segjob_get_job(client, &job);

    put_number(stdout, has_job);
    if (has_job) {
        put_job(&job);
    }
}

static void read_response(struct records *r, bool is_list)
{
    static struct segjob_client client;
    struct segjob_str arn = get_text(r);
    struct segjob_str response = get_text(r);
    size_t piece = get_number(r);
    size_t cap = get_number(r);
    char *buf = malloc(cap);

    require(buf != NULL && piece > 0);
    begin(&client, buf, cap, is_list, arn);
    receive(&client, response, piece);
    put_text(stdout,
             segjob_cstr(segjob_status_name(segjob_get_status(&client))));
    put_number(stdout, segjob_has_more(&client));
    if (is_list) {
        put_listed(&client);
    } else {
        put_described(&client);
    }
    segjob_wipe(&client);
    free(buf);
}

/* ------------------------------------------------------------------- ARNs */

static void derive(struct records *r)
{
    struct segjob_str version = get_text(r);
    struct segjob_str name = get_text(r);
    char buf[1024];
    struct sj_writer w = {buf, sizeof(buf), 0, NULL};
    struct segjob_str arn = {NULL, 0};

    if (sj_job_write_arn(&w, version, name)) {
        require(w.len <= sizeof(buf));
        arn.ptr = buf;
        arn.len = w.len;
    } else {
        require(w.len == 0);
    }
    put_text(stdout, arn);
}

int main(void)
{
    struct records r = records_read();
    char *all = r.at;

    while (r.left > 0) {
        uint32_t kind = get_number(&r);

        require(kind <= 2);
        if (kind == 2) {
            derive(&r);
        } else {
            read_response(&r, kind == 1);
        }
    }
    free(all);
    return 0;
}
