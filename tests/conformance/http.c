/*
 * Read HTTP responses with the core: http_reader.py compares its HTTP reader
 * with h11, http_errors.py the client's results with botocore.
 *
 * Input, for each response: its bytes, the length of the first of two pieces
 * (modulo the length of the response plus 1), and 0 to run the HTTP reader
 * alone, or else the capacity of a client's buffer, the session token, the
 * number of tags, and each tag's key and value. The server closes the
 * connection after the response. The response is received in three ways: whole,
 * in two pieces, and byte by byte.
 *
 * Output: the number of ways whose results equal the first one's, and that
 * result. Of the reader: "done", "closed" (complete when the connection
 * closes), "cut off" or "bad"; bytes used, status, body, request id, error
 * type, and whether the connection is kept. Of the client: its status' name,
 * outcome, HTTP status, code, message, request id, and ARN.
 */
#define _POSIX_C_SOURCE 200809L

#include "records.h"

#include "sj_http.h"

#define TAGS_MAX 16
#define WAYS 3

struct response_case {
    struct segjob_str bytes;
    size_t pieces[WAYS]; /* the length of the first piece */
    size_t cap;
    struct segjob_credentials credentials;
    struct segjob_create_request request;
    struct segjob_tag tags[TAGS_MAX];
};

static void get_case(struct records *r, struct response_case *c)
{
    static const struct segjob_create_request request = {
        .job_name = SEGJOB_STR("n"),
        .solution_version_arn = SEGJOB_STR(
            "arn:aws:personalize:us-east-1:123456789012:solution/s/v"),
        .role_arn = SEGJOB_STR("arn:aws:iam::123456789012:role/r"),
        .input = {.path = SEGJOB_STR("s3://i")},
        .output = {.path = SEGJOB_STR("s3://o")},
    };

    memset(c, 0, sizeof(*c));
    c->request = request;
    c->bytes = get_text(r);
    c->pieces[0] = c->bytes.len;
    c->pieces[1] = get_number(r) % (c->bytes.len + 1);
    c->cap = get_number(r);
    if (c->cap == 0) {
        return;
    }
    c->credentials.access_key_id = segjob_cstr("AKIDEXAMPLE");
    c->credentials.secret_access_key = segjob_cstr("secret");
    c->credentials.session_token = get_text(r);
    c->request.tags = c->tags;
    c->request.tags_len = get_number(r);
    require(c->request.tags_len <= TAGS_MAX);
    for (size_t i = 0; i < c->request.tags_len; i++) {
        c->tags[i].key = get_text(r);
        c->tags[i].value = get_text(r);
    }
}

/* The next piece: the rest after the first one, in way 2 one byte. */
static struct segjob_str piece_at(const struct response_case *c, size_t way,
                                  size_t at)
{
    struct segjob_str piece = {c->bytes.ptr + at, c->bytes.len - at};

    if (way == 2) {
        piece.len = 1;
    } else if (at < c->pieces[way]) {
        piece.len = c->pieces[way] - at;
    }
    return piece;
}

/* ---------------------------------------------------------- the reader */

struct reading {
    struct sj_http http;
    enum sj_http_result result;
    size_t used;
    char *body;
    size_t body_len;
};

static void read_piece(struct reading *r, struct segjob_str piece)
{
    struct segjob_str body = {NULL, 0};
    size_t at = 0;
    size_t used;

    do {
        r->result = sj_http_read(&r->http, piece.ptr + at, piece.len - at,
                                 &used, &body);
        at += used;
        if (r->result == SJ_HTTP_BODY) {
            require(body.len > 0 && body.ptr + body.len == piece.ptr + at);
            memcpy(r->body + r->body_len, body.ptr, body.len);
            r->body_len += body.len;
        }
    } while (r->result == SJ_HTTP_BODY);
    require(r->result != SJ_HTTP_MORE || at == piece.len);
    r->used += at;
}

static const char *end_of(struct reading *r)
{
    if (r->result == SJ_HTTP_BAD) {
        return "bad";
    }
    if (r->result == SJ_HTTP_DONE) {
        return "done";
    }
    return sj_http_end(&r->http) ? "closed" : "cut off";
}

static void read_response(const struct response_case *c, size_t way, FILE *out)
{
    struct reading r = {.result = SJ_HTTP_MORE};
    struct segjob_str body;

    sj_http_begin(&r.http);
    r.body = malloc(c->bytes.len + 1);
    require(r.body != NULL);
    while (r.result == SJ_HTTP_MORE && r.used < c->bytes.len) {
        read_piece(&r, piece_at(c, way, r.used));
    }
    body.ptr = r.body;
    body.len = r.body_len;
    put_text(out, segjob_cstr(end_of(&r)));
    put_number(out, (uint32_t)r.used);
    put_number(out, (uint32_t)sj_http_status(&r.http));
    put_text(out, body);
    put_text(out, sj_http_request_id(&r.http));
    put_text(out, sj_http_error_type(&r.http));
    put_number(out, sj_http_keeps_alive(&r.http));
    free(r.body);
}

/* ---------------------------------------------------------- the client */

static void begin(struct segjob_client *client, char *buf,
                  const struct response_case *c)
{
    static const struct segjob_config config = {.region = SEGJOB_STR("r")};

    require(segjob_init(client, &config, buf, c->cap) == SEGJOB_OK);
    require(segjob_create(client, &c->request) == SEGJOB_PENDING);
    require(segjob_set_credentials(client, &c->credentials) == SEGJOB_PENDING);
    require(segjob_connected(client, 0) == SEGJOB_PENDING);
    require(segjob_sent(client, segjob_tx(client).len) == SEGJOB_PENDING);
}

static void receive(struct segjob_client *client, const struct response_case *c,
                    size_t way)
{
    size_t at = 0;

    while (segjob_get_want(client) == SEGJOB_WANT_RECEIVE &&
           at < c->bytes.len) {
        struct segjob_str piece = piece_at(c, way, at);
        struct segjob_buffer room = segjob_rx(client);

        piece.len = piece.len < room.len ? piece.len : room.len;
        require(piece.len > 0);
        memcpy(room.ptr, piece.ptr, piece.len);
        require(segjob_received(client, piece.len) == SEGJOB_PENDING);
        at += piece.len;
    }
    if (segjob_get_want(client) == SEGJOB_WANT_RECEIVE) {
        require(segjob_received(client, 0) == SEGJOB_PENDING);
    }
    if (segjob_get_want(client) == SEGJOB_WANT_CLOSE) {
        segjob_closed(client);
    }
    require(segjob_get_want(client) == SEGJOB_WANT_NOTHING);
}

static void run_client(const struct response_case *c, size_t way, FILE *out)
{
    static struct segjob_client client;
    const struct segjob_error *error = segjob_get_error(&client);
    char *buf = malloc(c->cap);

    require(buf != NULL);
    begin(&client, buf, c);
    receive(&client, c, way);
    put_text(out, segjob_cstr(segjob_status_name(segjob_get_status(&client))));
    put_number(out, segjob_get_outcome(&client));
    put_number(out, (uint32_t)error->http_status);
    put_text(out, error->code);
    put_text(out, error->message);
    put_text(out, error->request_id);
    put_text(out, segjob_batch_segment_job_arn(&client));
    segjob_wipe(&client);
    free(buf);
}

/* ---------------------------------------------------------------- both */

static struct segjob_buffer run_way(const struct response_case *c, size_t way)
{
    struct segjob_buffer result;
    FILE *out = open_memstream(&result.ptr, &result.len);

    require(out != NULL);
    if (c->cap == 0) {
        read_response(c, way, out);
    } else {
        run_client(c, way, out);
    }
    fclose(out);
    return result;
}

static void run(const struct response_case *c)
{
    struct segjob_buffer results[WAYS];
    uint32_t same = 0;

    for (size_t way = 0; way < WAYS; way++) {
        results[way] = run_way(c, way);
        same += results[way].len == results[0].len &&
                memcmp(results[way].ptr, results[0].ptr, results[0].len) == 0;
    }
    put_number(stdout, same);
    fwrite(results[0].ptr, 1, results[0].len, stdout);
    for (size_t way = 0; way < WAYS; way++) {
        free(results[way].ptr);
    }
}

int main(void)
{
    static struct response_case c;
    struct records r = records_read();
    char *all = r.at;

    while (r.left > 0) {
        get_case(&r, &c);
        run(&c);
    }
    free(all);
    return 0;
}
