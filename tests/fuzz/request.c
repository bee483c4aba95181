/*
 * From parameters to the bytes that are sent, and back: the input chooses the
 * parameters, the configuration and the credentials; an empty one is a good
 * request.
 *
 * A refusal names a field, and a rule that it does break. An accepted request
 * is sent in exactly the bytes that were measured: a head of known lines, and a
 * body that reads back as the same request.
 */
#include "fuzz.h"

#include "sj_json.h"
#include "sj_unicode.h"
#include "segjob_json.h"
#include "sj_body.h"
#include "sj_check.h"
#include "sj_head.h"

#define LAST_TIME INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
#define TEXTS_CAP 600

/* Of a host name (RFC 1123 section 2.1), an address in brackets, and a port. */
#define HOST_LETTERS                                       \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" \
    "0123456789-.:[]"

/* What the input chose; texts have memory of their own. */
struct made {
    struct input in;
    struct room texts[TEXTS_CAP];
    size_t texts_len;
    struct segjob_tag tags[256];
    struct segjob_create_request request;
    struct segjob_config config;
    struct segjob_credentials credentials;
    int64_t time;
};

/* ---------------------------------------------------------------- making */

static struct segjob_str keep(struct made *m, struct segjob_str front,
                              struct segjob_str back, size_t n)
{
    struct room r = room_make(front.len + n);
    struct segjob_str s = {r.ptr, r.cap};

    REQUIRE(m->texts_len < TEXTS_CAP);
    m->texts[m->texts_len++] = r;
    if (front.len > 0) {
        memcpy(r.ptr, front.ptr, front.len);
    }
    for (size_t i = 0; i < n; i++) {
        r.ptr[front.len + i] = back.len > 0 ? back.ptr[i % back.len] : 'x';
    }
    return s;
}

/* A text; `usual` if the input does not choose another. */
static struct segjob_str make_text(struct made *m, const char *usual)
{
    struct segjob_str none = {NULL, 0};
    struct segjob_str front = segjob_cstr(usual);
    struct segjob_str back;

    switch (take_byte(&m->in) % 6) {
    case 0:
        return usual == NULL ? none : keep(m, front, none, 0);
    case 1:
        return none;
    case 2: /* the usual, and more */
        back = take_bytes(&m->in, take_byte(&m->in));
        return keep(m, front, back, back.len);
    case 3: /* something else */
        back = take_bytes(&m->in, take_byte(&m->in));
        return keep(m, none, back, back.len);
    case 4: /* of a length that the input chooses */
        back = take_bytes(&m->in, take_byte(&m->in) % 8);
        return keep(m, none, back, take_16(&m->in) % 9000);
    default:
        back = take_bytes(&m->in, take_byte(&m->in) % 8);
        return keep(m, front, back, take_16(&m->in) % 2200);
    }
}

static void make_tags(struct made *m)
{
    unsigned n = take_byte(&m->in);

    if (n == 0 || n == 255) {
        m->request.tags_len = n; /* of no tags at all */
        return;
    }
    m->request.tags = m->tags;
    m->request.tags_len = n - 1;
    for (size_t i = 0; i < n - 1; i++) {
        char key[16];

        snprintf(key, sizeof(key), "key-%zu", i);
        m->tags[i].key = make_text(m, key);
        m->tags[i].value = make_text(m, "");
    }
}

static void make_request(struct made *m)
{
    struct segjob_create_request *r = &m->request;

    r->job_name = make_text(m, "a");
    r->solution_version_arn = make_text(m, "arn:aws:personalize:::s");
    r->filter_arn = make_text(m, NULL);
    r->role_arn = make_text(m, "arn:aws:iam::123456789012:role/r");
    r->input.path = make_text(m, "s3://b/i");
    r->input.kms_key_arn = make_text(m, NULL);
    r->output.path = make_text(m, "https://b/o/");
    r->output.kms_key_arn = make_text(m, NULL);
    r->has_num_results = take_byte(&m->in) % 2 == 1;
    if (r->has_num_results) {
        uint32_t number = take_32(&m->in);

        memcpy(&r->num_results, &number, sizeof(number));
    }
    make_tags(m);
}

static void make(struct made *m)
{
    make_request(m);
    m->config.region = make_text(m, "us-east-1");
    m->config.host = make_text(m, NULL);
    m->config.port = (uint16_t)take_16(&m->in);
    m->credentials.access_key_id = make_text(m, "AKID");
    m->credentials.secret_access_key = make_text(m, "secret");
    m->credentials.session_token = make_text(m, NULL);
    m->time = (int64_t)take_32(&m->in) - (int64_t)take_16(&m->in);
    m->time *= 1 + (int64_t)take_byte(&m->in);
}

/* ------------------------------------------------------------- refusals */

static bool is_visible(struct segjob_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < ' ' || s.ptr[i] > '~') {
            return false;
        }
    }
    return true;
}

static struct segjob_str value_of(const struct made *m,
                                  const struct segjob_error *e)
{
    const struct segjob_create_request *r = &m->request;
    const struct segjob_tag *tag = &m->tags[e->tag];
    struct segjob_str tags = {(const char *)r->tags, r->tags_len};

    switch (e->field) {
    case SEGJOB_FIELD_JOB_NAME:
        return r->job_name;
    case SEGJOB_FIELD_SOLUTION_VERSION_ARN:
        return r->solution_version_arn;
    case SEGJOB_FIELD_FILTER_ARN:
        return r->filter_arn;
    case SEGJOB_FIELD_ROLE_ARN:
        return r->role_arn;
    case SEGJOB_FIELD_INPUT_PATH:
        return r->input.path;
    case SEGJOB_FIELD_INPUT_KMS_KEY_ARN:
        return r->input.kms_key_arn;
    case SEGJOB_FIELD_OUTPUT_PATH:
        return r->output.path;
    case SEGJOB_FIELD_OUTPUT_KMS_KEY_ARN:
        return r->output.kms_key_arn;
    case SEGJOB_FIELD_TAGS:
        return tags;
    case SEGJOB_FIELD_TAG_KEY:
        return tag->key;
    case SEGJOB_FIELD_TAG_VALUE:
        return tag->value;
    case SEGJOB_FIELD_REGION:
        return m->config.region;
    case SEGJOB_FIELD_ENDPOINT:
        return m->config.host;
    case SEGJOB_FIELD_ACCESS_KEY_ID:
        return m->credentials.access_key_id;
    case SEGJOB_FIELD_SECRET_ACCESS_KEY:
        return m->credentials.secret_access_key;
    case SEGJOB_FIELD_SESSION_TOKEN:
        return m->credentials.session_token;
    case SEGJOB_FIELD_NUM_RESULTS: /* any number is valid */
    case SEGJOB_FIELD_JOB_ARN:
    case SEGJOB_FIELD_FETCH_PATH:
    case SEGJOB_FIELD_FETCH_HEADER:
    case SEGJOB_FIELD_EXPIRATION:
    case SEGJOB_FIELD_NONE:
        break;
    }
    REQUIRE(false);
    return tags;
}

static bool is_repeated(const struct made *m, size_t tag)
{
    for (size_t i = 0; i < tag; i++) {
        if (is_same(m->tags[i].key, m->tags[tag].key)) {
            return true;
        }
    }
    return false;
}

/* A necessary condition for a value that breaks the rule. */
static bool breaks(const struct made *m, const struct segjob_error *e)
{
    struct segjob_str s = value_of(m, e);

    switch (e->rule) {
    case SEGJOB_RULE_REQUIRED:
        return s.ptr == NULL;
    case SEGJOB_RULE_UTF8:
        return s.ptr != NULL && !is_visible(s);
    case SEGJOB_RULE_TOO_SHORT:
        return s.ptr != NULL && s.len == 0;
    case SEGJOB_RULE_TOO_LONG:
        return s.len > 62;
    case SEGJOB_RULE_PATTERN:
        return s.ptr != NULL;
    case SEGJOB_RULE_RESERVED:
        return begins_with(s, segjob_cstr("aws:"));
    case SEGJOB_RULE_DUPLICATE:
        return is_repeated(m, e->tag);
    case SEGJOB_RULE_NO_JOB_ARN: /* of other operations */
    case SEGJOB_RULE_DIFFERS:
    case SEGJOB_RULE_NOT_LOOPBACK:
    case SEGJOB_RULE_NO_VARIANT:
    case SEGJOB_RULE_NONE:
        break;
    }
    return false;
}

static void require_refusal(const struct made *m, const struct segjob_client *c)
{
    const struct segjob_error *e = segjob_get_error(c);
    struct room line = room_explain(c);
    struct segjob_str text = {line.ptr, line.cap - 1};

    REQUIRE(segjob_get_want(c) == SEGJOB_WANT_NOTHING);
    REQUIRE(segjob_get_outcome(c) == SEGJOB_NOT_SENT);
    REQUIRE(e->tag == 0 || e->tag < m->request.tags_len);
    REQUIRE(breaks(m, e));
    REQUIRE(text.len > 0 && is_visible(text) && contains(text, ": "));
    room_free(&line);
}

/* ------------------------------------------------------ the bytes sent */

static bool is_end_of_head(struct segjob_str s)
{
    return begins_with(s, segjob_cstr("\r\n"));
}

/* Take off a line, which must have only visible characters. */
static struct segjob_str take_line(struct segjob_str *left)
{
    struct segjob_str line = {left->ptr, find(*left, segjob_cstr("\r\n"))};

    REQUIRE(line.len < left->len && is_visible(line));
    left->ptr += line.len + 2;
    left->len -= line.len + 2;
    return line;
}

static void require_field(struct segjob_str line, const char *name,
                          struct segjob_str value)
{
    struct segjob_str rest = line;

    REQUIRE(begins_with(line, segjob_cstr(name)));
    rest.ptr += strlen(name);
    rest.len -= strlen(name);
    REQUIRE(value.ptr == NULL || is_same(rest, value));
}

/* Check the head and take it off. */
static void require_head(const struct made *m, struct segjob_str *sent)
{
    struct segjob_str token = m->credentials.session_token;
    struct segjob_str any = {NULL, 0};
    struct segjob_str length;
    struct segjob_str host;
    char digits[24];

    require_field(take_line(sent), "POST / HTTP/1.1", any);
    host = take_line(sent);
    require_field(host, "Host: ", any);
    REQUIRE(strspn(host.ptr + 6, HOST_LETTERS) == host.len - 6);
    require_field(take_line(sent), "Content-Type: ", any);
    require_field(take_line(sent), "X-Amz-Target: ", any);
    require_field(take_line(sent), "X-Amz-Date: ", any);
    if (token.ptr != NULL) {
        require_field(take_line(sent), "X-Amz-Security-Token: ", token);
    }
    length = take_line(sent);
    require_field(take_line(sent), "User-Agent: segjob/", any);
    require_field(take_line(sent), "Authorization: AWS4-HMAC-SHA256 ", any);
    REQUIRE(is_end_of_head(*sent));
    take_line(sent);
    snprintf(digits, sizeof(digits), "%zu", sent->len);
    require_field(length, "Content-Length: ", segjob_cstr(digits));
}

static void require_same_request(const struct segjob_create_request *a,
                                 const struct segjob_create_request *b)
{
    REQUIRE(is_same(a->job_name, b->job_name));
    REQUIRE(is_same(a->solution_version_arn, b->solution_version_arn));
    REQUIRE(is_same(a->filter_arn, b->filter_arn));
    REQUIRE(is_same(a->role_arn, b->role_arn));
    REQUIRE(is_same(a->input.path, b->input.path));
    REQUIRE(is_same(a->input.kms_key_arn, b->input.kms_key_arn));
    REQUIRE(is_same(a->output.path, b->output.path));
    REQUIRE(is_same(a->output.kms_key_arn, b->output.kms_key_arn));
    REQUIRE(a->has_num_results == b->has_num_results);
    REQUIRE(!a->has_num_results || a->num_results == b->num_results);
    REQUIRE((a->tags == NULL) == (b->tags == NULL));
    REQUIRE(a->tags_len == b->tags_len);
    for (size_t i = 0; i < a->tags_len; i++) {
        REQUIRE(is_same(a->tags[i].key, b->tags[i].key));
        REQUIRE(is_same(a->tags[i].value, b->tags[i].value));
    }
}

static void require_body(const struct made *m, struct segjob_str body)
{
    struct room text = room_copy(body.ptr, body.len);
    struct room room = room_make(1024 + 200 * m->request.tags_len);
    struct segjob_create_request back;
    struct segjob_read_error error;
    struct sj_json json;

    REQUIRE(segjob_read_create_request(text.ptr, text.cap, room.ptr, room.cap,
                                       &back, &error) == SEGJOB_OK);
    REQUIRE(error.path[0] == '\0');
    require_same_request(&m->request, &back);
    memcpy(text.ptr, body.ptr, body.len); /* the reader has decoded it */
    REQUIRE(sj_json_parse(&json, text.ptr, text.cap, room.ptr, room.cap) ==
            SJ_JSON_OK);
    REQUIRE(is_same(
        m->request.job_name,
        sj_json_string(&json, sj_json_member(&json, SJ_JSON_ROOT, "jobName"))));
    room_free(&text);
    room_free(&room);
}

/* --------------------------------------------------------------- sending */

/*
 * Go on until the request is in the buffer. Returns its bytes, absent if the
 * clock was rejected. The operation has ended then.
 */
static struct segjob_str write_request(const struct made *m,
                                       struct segjob_client *c)
{
    struct segjob_str sent = {NULL, 0};
    bool good = m->time >= 0 && m->time <= LAST_TIME;

    REQUIRE(segjob_create(c, &m->request) == SEGJOB_PENDING);
    REQUIRE(segjob_set_credentials(c, &m->credentials) == SEGJOB_PENDING);
    REQUIRE(strlen(segjob_host(c)) <= 253);
    REQUIRE(segjob_connected(c, m->time) ==
            (good ? SEGJOB_PENDING : SEGJOB_CLOCK));
    if (good) {
        struct segjob_str tx = segjob_tx(c);

        sent.ptr = room_copy(tx.ptr, tx.len).ptr;
        sent.len = tx.len;
        segjob_cancel(c);
    }
    segjob_closed(c);
    return sent;
}

static void discard(struct segjob_str sent)
{
    struct room r = {NULL, sent.len};

    if (sent.ptr != NULL) {
        r.ptr = (char *)(uintptr_t)sent.ptr;
        room_free(&r);
    }
}

/* With `cap` bytes, which are too few. Returns how many are needed. */
static size_t refuse(const struct made *m, size_t cap)
{
    struct room buf = room_make(cap);
    struct segjob_client c;
    size_t needed;

    REQUIRE(segjob_init(&c, &m->config, buf.ptr, cap) == SEGJOB_OK);
    REQUIRE(segjob_create(&c, &m->request) == SEGJOB_PENDING);
    REQUIRE(segjob_set_credentials(&c, &m->credentials) == SEGJOB_NO_SPACE);
    REQUIRE(segjob_get_outcome(&c) == SEGJOB_NOT_SENT);
    needed = segjob_get_error(&c)->size_needed;
    REQUIRE(needed > cap && needed >= SEGJOB_RESPONSE_MIN);
    segjob_wipe(&c);
    room_free(&buf);
    return needed;
}

/* Use the client for a request that is signed with another secret. */
static void sign_otherwise(struct made *m, struct segjob_client *c)
{
    struct segjob_str secret = m->credentials.secret_access_key;

    m->credentials.secret_access_key = segjob_cstr("another");
    discard(write_request(m, c));
    m->credentials.secret_access_key = secret;
}

static void send_it(struct made *m)
{
    size_t needed = refuse(m, 0);
    struct room buf = room_make(needed);
    struct segjob_client c;
    struct segjob_str sent;
    struct segjob_str again;
    struct segjob_str body;

    REQUIRE(refuse(m, needed - 1) == needed);
    REQUIRE(segjob_init(&c, &m->config, buf.ptr, needed) == SEGJOB_OK);
    sent = write_request(m, &c);
    again = write_request(m, &c); /* with the signing key that was kept */
    REQUIRE(is_same(sent, again));
    discard(again);
    REQUIRE(segjob_init(&c, &m->config, buf.ptr, needed) == SEGJOB_OK);
    sign_otherwise(m, &c);
    again = write_request(m, &c); /* and not with another's */
    REQUIRE(is_same(sent, again));
    if (sent.ptr != NULL) {
        REQUIRE(
            (sent.len > SEGJOB_RESPONSE_MIN ? sent.len : SEGJOB_RESPONSE_MIN) ==
            needed);
        body = sent;
        require_head(m, &body);
        require_body(m, body);
    }
    discard(sent);
    discard(again);
    segjob_wipe(&c);
    room_free(&buf);
}

/* Whether the parameters are accepted; checks a refusal. */
static bool is_accepted(const struct made *m)
{
    struct room buf = room_make(0);
    struct segjob_client c;
    enum segjob_status status = segjob_init(&c, &m->config, buf.ptr, 0);

    REQUIRE(segjob_create(&c, &m->request) != SEGJOB_OK);
    if (status == SEGJOB_OK && segjob_get_status(&c) == SEGJOB_PENDING) {
        status = segjob_set_credentials(&c, &m->credentials);
        REQUIRE(status == SEGJOB_NO_SPACE || status == SEGJOB_CONFIG);
    }
    if (status != SEGJOB_NO_SPACE) {
        REQUIRE(segjob_get_status(&c) == SEGJOB_CONFIG ||
                segjob_get_status(&c) == SEGJOB_INVALID);
        require_refusal(m, &c);
    }
    segjob_wipe(&c);
    room_free(&buf);
    return status == SEGJOB_NO_SPACE;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static struct made m;

    memset(&m, 0, sizeof(m));
    m.in.at = bytes;
    m.in.left = n;
    make(&m);
    if (is_accepted(&m)) {
        send_it(&m);
    }
    for (size_t i = 0; i < m.texts_len; i++) {
        room_free(&m.texts[i]);
    }
    return 0;
}
