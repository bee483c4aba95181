/*
 * The whole client over the runner, and a port that may do anything: block,
 * move a byte at a time, fail with any status, lie, or let its clocks jump.
 *
 * The input is a setup, a script of what the port does at each call, and the
 * service's response, either raw or with a head that is made for it; a look at
 * the job may have a good response of its own. Several operations follow one
 * another over the port, of one client or of two in turn, and in between a kept
 * connection is looked after. Some have a deadline, and are retried until then;
 * the others send one request. In any case each operation ends, reports the
 * right outcome, keeps its secrets, leaves no connection open but a usable one,
 * and leaves a client that can do the next operation.
 */
#include "fuzz.h"

#include "segjob_run.h"
#include "sj_debug.h"

#define ARN_FRONT \
    "arn:aws:personalize:us-east-1:123456789012:batch-segment-job/"
#define ARN ARN_FRONT "x"
#define TOKEN "IQoJb3JpZ2luX2VjEXAMPLETOKEN"
#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define OPERATIONS 3  /* per input */
#define IDLE_STEPS 2  /* between two of them ... */
#define IDLE_TIMES 16 /* ... each after so many times the time-out */
#define STEPS_MAX 500 /* before a driver gives up */

/*
 * The most calls of the port in one operation. A port without `wait` is polled,
 * so each reading of the clock is a part of the time-out later than the last:
 * at most READINGS turns of the runner come before the time-out, except for
 * those that read a wrong clock, each of which uses up a byte of the script.
 * Two more begin and end the operation. A turn calls the port once, or twice if
 * a kept connection is dead.
 */
#define READINGS 1000
#define SCRIPT_MAX 255
#define CALLS_MAX (2 * (READINGS + SCRIPT_MAX + 2))

static const char created[] = "HTTP/1.1 200 OK\r\nContent-Length: 87\r\n\r\n"
                              "{\"batchSegmentJobArn\":\"" ARN "\"}";

static const char described[] =
    "HTTP/1.1 200 OK\r\n\r\n"
    "{\"batchSegmentJob\":{\"batchSegmentJobArn\":\"" ARN
    "\",\"status\":\"PENDING\",\"creationDateTime\":1767225600.5}}";

static const struct segjob_tag tags[] = {
    {SEGJOB_STR("cost-centre"), SEGJOB_STR("hush-hush")},
    {SEGJOB_STR("hush-hush-hush"), SEGJOB_STR("")},
};

static const char *const secrets[] = {TOKEN, SECRET, "cost-centre",
                                      "hush-hush"};

/* ------------------------------------------------------------------ port */

struct user {
    struct segjob_client client;
    struct room buf;
};

static struct world {
    struct segjob_stream stream;
    struct segjob_platform platform;
    struct segjob_port port;
    struct user users[2];
    struct user *user; /* whose turn it is */
    struct input script;
    struct segjob_str response; /* to the current request ... */
    struct segjob_str first;    /* ... to each create ... */
    struct segjob_str look;     /* ... and to each describe */
    size_t response_sent;
    bool stuck; /* blocks for ever once the script is over */
    bool jumps; /* the monotonic clock goes wrong with the script */
    uint64_t now;
    uint64_t tick;    /* time between two readings */
    uint64_t kept_at; /* when the operation had ended */
    int64_t wall;
    unsigned steps;
    bool is_resolving;
    bool is_open;             /* or opening */
    bool is_broken;           /* only close may follow */
    const struct user *owner; /* who opened it */
    unsigned calls;           /* of the port, in this operation */
    unsigned opens;
    bool was_open;    /* there was a connection */
    bool is_fresh;    /* it has carried no request yet */
    bool was_silent;  /* the kept connection, when last checked */
    bool was_tried;   /* a byte may have left */
    bool is_awaiting; /* a request has begun to leave, with no response yet */
    unsigned creates;
    unsigned looks;
    size_t sent;
    char blocked[64]; /* the bytes of a send that would block ... */
    size_t blocked_len;
} w;

enum deed {
    DO_ALL,
    DO_SOME,
    BLOCK,
    CLOSE,
    FAIL,
    LIE_NOTHING,
    LIE_MORE,
    JUMP
};

struct act {
    enum deed deed;
    unsigned more; /* 0 to 31 */
};

static struct act next_act(void)
{
    struct act act = {DO_ALL, 0};
    unsigned byte;

    w.calls++;
    REQUIRE(w.calls <= CALLS_MAX);
    if (w.script.left == 0) {
        act.deed = w.stuck ? BLOCK : DO_ALL;
        return act;
    }
    byte = take_byte(&w.script);
    act.deed = (enum deed)(byte % 8);
    act.more = byte / 8;
    if (act.deed == JUMP) {
        w.now += UINT64_C(1) << act.more;
        act.deed = DO_ALL;
    }
    return act;
}

/* From a status that no port should report to one that is not defined. */
static void set_error(struct segjob_port_error *error, unsigned more)
{
    error->status = (enum segjob_status)(3 - (int)more);
    error->message = "injected";
    error->code = (int)more;
}

/* Carry out `act` for `n` bytes: the result, and `*moved` as reported. */
static enum segjob_io perform(struct act act, struct segjob_port_error *error,
                              size_t n, size_t *moved)
{
    switch (act.deed) {
    case DO_SOME:
        *moved = act.more + 1 < n ? act.more + 1 : n;
        return SEGJOB_IO_OK;
    case BLOCK:
        return SEGJOB_IO_WOULD_BLOCK;
    case CLOSE:
        return SEGJOB_IO_CLOSED;
    case FAIL:
        set_error(error, act.more);
        return SEGJOB_IO_FAILED;
#ifdef NDEBUG /* debug builds abort */
    case LIE_NOTHING:
        *moved = 0;
        return SEGJOB_IO_OK;
    case LIE_MORE:
        *moved = act.more == 31 ? SIZE_MAX : n + 1 + act.more;
        return SEGJOB_IO_OK;
#else
    case LIE_NOTHING:
    case LIE_MORE:
#endif
    case DO_ALL:
    case JUMP:
        break;
    }
    *moved = n;
    return SEGJOB_IO_OK;
}

static enum segjob_io w_resolve(struct segjob_platform *p, const char *host,
                                struct segjob_address *addresses, size_t cap,
                                size_t *len)
{
    enum segjob_io io = perform(next_act(), &p->error, cap, len);

    REQUIRE(!w.is_open && strlen(host) > 0);
    memset(addresses, 0, cap * sizeof(*addresses));
    w.is_resolving = io == SEGJOB_IO_WOULD_BLOCK;
    return io;
}

static void w_resolve_cancel(struct segjob_platform *p)
{
    (void)p;
    REQUIRE(w.is_resolving);
    w.is_resolving = false;
}

static enum segjob_io w_open(struct segjob_stream *s,
                             const struct segjob_peer *peer)
{
    size_t ignored;
    enum segjob_io io = perform(next_act(), &s->error, 1, &ignored);

    REQUIRE(!w.is_resolving && !w.is_broken);
    REQUIRE(peer->port == 443 && peer->addresses_len > 0);
    REQUIRE(peer->addresses_len <= SEGJOB_ADDRESSES_CAP);
    w.opens += !w.is_open;
    w.is_open = true;
    w.owner = w.user;
    w.is_fresh = io == SEGJOB_IO_OK;
    w.is_awaiting = false;
    w.was_open = w.was_open || io == SEGJOB_IO_OK;
    w.is_broken = io == SEGJOB_IO_FAILED || io == SEGJOB_IO_CLOSED;
    return io;
}

static void require_in_buffer(const void *at, size_t n)
{
    const struct room *buf = &w.user->buf;
    const char *bytes = at;

    REQUIRE(bytes >= buf->ptr && n <= buf->cap);
    REQUIRE(bytes + n <= buf->ptr + buf->cap);
    REQUIRE(w.owner == w.user);
}

/* After "would block" the same bytes are offered again. */
static void require_same_offer(const char *bytes, size_t n, bool blocks)
{
    REQUIRE(n >= w.blocked_len);
    REQUIRE(memcmp(bytes, w.blocked, w.blocked_len) == 0);
    w.blocked_len = 0;
    if (blocks) {
        w.blocked_len = n < sizeof(w.blocked) ? n : sizeof(w.blocked);
        memcpy(w.blocked, bytes, w.blocked_len);
    }
}

/* The whole request is offered at first. */
static void begin_request(const char *bytes, size_t n)
{
    const struct segjob_str offer = {bytes, n};
    const bool is_look = contains(offer, "AmazonPersonalize.Describe");

    REQUIRE(begins_with(offer, segjob_cstr("POST / HTTP/1.1\r\n")));
    REQUIRE(w.is_fresh || w.was_silent);
    REQUIRE(is_look || contains(offer, "AmazonPersonalize.Create"));
    w.looks += is_look;
    w.creates += !is_look;
    w.response = is_look ? w.look : w.first;
    w.response_sent = 0;
    w.is_awaiting = true;
    w.is_fresh = false;
    w.was_silent = false;
}

static enum segjob_io w_send(struct segjob_stream *s, const void *bytes,
                             size_t n, size_t *sent)
{
    enum segjob_io io = perform(next_act(), &s->error, n, sent);

    REQUIRE(n > 0 && w.is_open && w.was_open && !w.is_broken);
    require_in_buffer(bytes, n);
    require_same_offer(bytes, n, io == SEGJOB_IO_WOULD_BLOCK);
    if (!w.is_awaiting) {
        begin_request(bytes, n);
    }
    w.was_tried = true;
    w.is_broken = io == SEGJOB_IO_FAILED || io == SEGJOB_IO_CLOSED;
    w.sent += io == SEGJOB_IO_OK && *sent <= n ? *sent : 0;
    return io;
}

/* The rest of the response, then a close in good order. */
static enum segjob_io read_response(void *room, size_t *received)
{
    size_t left = w.response.len - w.response_sent;

    if (left == 0) {
        return SEGJOB_IO_CLOSED;
    }
    *received = *received < left ? *received : left;
    memcpy(room, w.response.ptr + w.response_sent, *received);
    w.response_sent += *received;
    return SEGJOB_IO_OK;
}

/*
 * A kept connection is silent, unless the script or the rest of the last
 * response makes it readable: then it must not be used again.
 */
static enum segjob_io w_recv(struct segjob_stream *s, void *room, size_t n,
                             size_t *received)
{
    bool is_idle = segjob_get_want(&w.user->client) != SEGJOB_WANT_RECEIVE;
    bool is_over = is_idle && w.response_sent == w.response.len;
    struct act act = next_act();
    enum segjob_io io;

    REQUIRE(n > 0 && w.is_open && w.was_open && !w.is_broken);
    if (!is_idle) {
        require_in_buffer(room, n);
    }
    w.is_awaiting = false;
    if (is_over && act.deed == DO_ALL) {
        act.deed = BLOCK;
    }
    io = perform(act, &s->error, n, received);
    memset(room, '?', n); /* all of it may be written to */
    if (io == SEGJOB_IO_OK && !is_over && *received > 0 && *received <= n) {
        io = read_response(room, received);
    }
    w.is_broken = io == SEGJOB_IO_FAILED || io == SEGJOB_IO_CLOSED ||
                  (is_idle && io == SEGJOB_IO_OK);
    w.was_silent = is_idle && io == SEGJOB_IO_WOULD_BLOCK;
    return io;
}

static void w_close(struct segjob_stream *s)
{
    (void)s;
    REQUIRE(w.is_open);
    w.is_open = false;
    w.is_broken = false;
    w.blocked_len = 0;
}

static void w_wants(const struct segjob_stream *s, struct segjob_wants *wants)
{
    (void)s;
    REQUIRE(wants->wake_ms == UINT64_MAX);
    wants->readable = true;
}

static int64_t w_wall_clock(struct segjob_platform *p)
{
    (void)p;
    return w.wall;
}

static uint64_t w_monotonic_ms(struct segjob_platform *p)
{
    (void)p;
    w.now += w.tick;
    if (w.jumps && w.script.left > 0 && w.script.at[0] >= 0xf8) {
        return w.script.at[0] % 8; /* back to the start, or worse */
    }
    return w.now;
}

static bool w_random(struct segjob_platform *p, void *bytes, size_t n)
{
    (void)p;
    memset(bytes, 0, n);
    return true;
}

static void w_wait(struct segjob_platform *p, const struct segjob_wants *wants)
{
    (void)p;
    REQUIRE(wants->wake_ms != 0);
    if (wants->wake_ms > w.now && wants->wake_ms != UINT64_MAX) {
        w.now = wants->wake_ms;
    }
}

/* ----------------------------------------------------------------- setup */

static struct segjob_create_request request = {
    .job_name = SEGJOB_STR("x"),
    .solution_version_arn =
        SEGJOB_STR("arn:aws:personalize:us-east-1:123456789012:solution/s/v"),
    .role_arn = SEGJOB_STR("arn:aws:iam::123456789012:role/r"),
    .input = {.path = SEGJOB_STR("s3://bucket/users.json")},
    .output = {.path = SEGJOB_STR("s3://bucket/segments/")},
};

static struct segjob_credentials credentials = {
    .access_key_id = SEGJOB_STR("AKIDEXAMPLE"),
    .secret_access_key = SEGJOB_STR(SECRET),
};

struct setup {
    size_t cap;
    uint32_t timeout;
    unsigned cancel_at; /* 0: the runner runs, else the step to cancel at */
    bool takes_turns;   /* two clients, in turn */
    bool is_described;  /* a look has a good response */
    bool sends_close;   /* "Connection: close" */
    struct room response;
};

static const int statuses[] = {200, 400, 403, 404, 429, 500,
                               503, 301, 201, 204, 100, 999};

/* The response: raw, or with a head. */
static struct room make_response(struct input *in, unsigned how,
                                 bool sends_close)
{
    char head[128];
    int n;
    struct room response;

    if (how == 0) {
        return room_copy(in->at, in->left);
    }
    n = snprintf(head, sizeof(head),
                 "HTTP/1.1 %d \r\nX-Amzn-RequestId: r-1\r\n"
                 "Content-Length: %zu\r\n%s\r\n",
                 statuses[how % LENGTH(statuses)], in->left,
                 sends_close ? "Connection: close\r\n" : "");
    response = room_make((size_t)n + in->left);
    memcpy(response.ptr, head, (size_t)n);
    if (in->left > 0) {
        memcpy(response.ptr + n, in->at, in->left);
    }
    return response;
}

static int64_t make_wall(unsigned byte)
{
    static const int64_t odd[] = {
        INT64_MIN, -1, 0, INT64_C(253402300799), INT64_C(253402300800),
        INT64_MAX};

    return byte > 0 && byte <= LENGTH(odd) ? odd[byte - 1]
                                           : INT64_C(1767225600);
}

static void make_world(void)
{
    memset(&w, 0, sizeof(w));
    w.stream.open = w_open;
    w.stream.send = w_send;
    w.stream.recv = w_recv;
    w.stream.close = w_close;
    w.stream.wants = w_wants;
    w.platform.wall_clock = w_wall_clock;
    w.platform.monotonic_ms = w_monotonic_ms;
    w.platform.random = w_random;
    w.platform.resolve = w_resolve;
    w.platform.resolve_cancel = w_resolve_cancel;
    w.port.stream = &w.stream;
    w.port.platform = &w.platform;
    w.user = w.users;
}

static void make_setup(struct setup *setup, struct input *in)
{
    static const struct segjob_str none = {NULL, 0};
    unsigned flags = take_byte(in);
    unsigned cap = take_byte(in);
    unsigned how;
    size_t script_len;

    w.stuck = (flags & 1) != 0;
    w.jumps = (flags & 2) != 0;
    w.platform.wait = (flags & 4) != 0 ? NULL : w_wait;
    w.port.credentials = (flags & 8) != 0 ? NULL : &credentials;
    credentials.session_token = (flags & 16) != 0 ? none : segjob_cstr(TOKEN);
    request.tags = (flags & 32) != 0 ? NULL : tags;
    request.tags_len = (flags & 32) != 0 ? 0 : LENGTH(tags);
    setup->takes_turns = (flags & 128) != 0;
    setup->cap = cap == 0 ? 2048 : 900 + (size_t)cap * 4;
    w.wall = make_wall(take_byte(in));
    w.now = (flags & 64) != 0 ? UINT64_MAX - UINT32_MAX / 4 : 1000;
    setup->timeout = (flags & 64) != 0 ? UINT32_MAX : take_byte(in) * 4u + 50;
    setup->cancel_at = take_byte(in);
    how = take_byte(in);
    setup->is_described = (how & 64) != 0;
    script_len = take_byte(in); /* SCRIPT_MAX at most */
    w.script.at = in->at;
    w.script.left = take_bytes(in, script_len).len;
    setup->sends_close = how >= 128 && statuses[how % LENGTH(statuses)] != 100;
    setup->response = make_response(in, how, setup->sends_close);
    w.first.ptr = setup->response.ptr;
    w.first.len = setup->response.cap;
    w.look = setup->is_described ? segjob_cstr(described) : w.first;
}

static void make_user(struct user *user, size_t cap)
{
    static const struct segjob_config config = {
        .region = SEGJOB_STR("us-east-1"),
    };

    user->buf = room_make(cap);
    REQUIRE(segjob_init(&user->client, &config, user->buf.ptr, cap) ==
            SEGJOB_OK);
}

/* ---------------------------------------------------------------- driving */

/*
 * Drive as an event loop that gives up in the end. `cancel_at` counts the steps
 * of all operations.
 */
static void drive(struct segjob_client *c, unsigned cancel_at)
{
    for (unsigned i = 1; segjob_get_want(c) != SEGJOB_WANT_NOTHING; i++) {
        enum segjob_status status;

        REQUIRE(i <= STEPS_MAX + 2);
        w.steps++;
        if (w.steps == cancel_at) {
            segjob_cancel(c);
        }
        if (i == STEPS_MAX) {
            segjob_failed(c, SEGJOB_TIMEOUT);
        }
        status = segjob_step(c, &w.port);
        REQUIRE(status == segjob_get_status(c));
        REQUIRE(sj_is_sound(c));
        segjob_get_wants(c, &w.port);
    }
}

static void operate(struct segjob_client *c, const struct setup *setup)
{
    w.tick = setup->timeout / READINGS + 1;
    w.calls = 0;
    w.opens = 0;
    w.was_open = w.is_open;
    w.was_silent = false;
    w.was_tried = false;
    w.is_awaiting = false;
    w.creates = 0;
    w.looks = 0;
    w.sent = 0;
    REQUIRE(segjob_create(c, &request) == SEGJOB_PENDING);
    REQUIRE(segjob_get_outcome(c) == SEGJOB_NOT_SENT);
    if (setup->cancel_at > 0) {
        drive(c, setup->cancel_at);
    } else {
        enum segjob_status status = segjob_run(c, &w.port, setup->timeout);

        REQUIRE(status == segjob_get_status(c));
    }
    if (w.was_tried) {
        w.kept_at = w.now;
    }
}

/* Look after the kept connection, if there is one. */
static void idle(struct segjob_client *c, const struct setup *setup)
{
    enum segjob_status status = segjob_get_status(c);
    struct segjob_wants wants;
    bool is_old;

    w.now += (uint64_t)setup->timeout * IDLE_TIMES;
    is_old =
        !w.jumps && w.now > w.kept_at && w.now - w.kept_at >= SEGJOB_IDLE_MS;
    REQUIRE(segjob_step(c, &w.port) == status);
    REQUIRE(!w.is_open || (!w.is_broken && !is_old));
    wants = segjob_get_wants(c, &w.port);
    REQUIRE(wants.readable == w.is_open && !wants.writable);
    REQUIRE(wants.wake_ms == UINT64_MAX || (w.is_open && wants.wake_ms > 0));
}

/* --------------------------------------------------------------- promises */

/* Codes of transient errors, which do not refuse a request. */
static const char *const transient_codes[] = {
    "InternalError",       "InternalFailure",
    "InternalServerError", "RequestAbortedException",
    "RequestTimeout",      "RequestTimeoutException",
    "ServiceUnavailable",  "ServiceUnavailableException",
};

/* Whether the service refused a creation, or a look found another job. */
static bool is_refusal(const struct segjob_client *c)
{
    const struct segjob_error *e = segjob_get_error(c);
    enum segjob_status status = segjob_get_status(c);
    bool is_old =
        is_same(e->code, segjob_cstr("ResourceAlreadyExistsException"));

    if (e->http_status == 200) {
        return w.looks > 0 && (status == SEGJOB_CONFLICT ||
                               (status == SEGJOB_SERVICE && is_old));
    }
    for (size_t i = 0; i < LENGTH(transient_codes); i++) {
        if (is_same(e->code, segjob_cstr(transient_codes[i]))) {
            return false;
        }
    }
    return status == SEGJOB_SERVICE && e->http_status >= 400 &&
           e->http_status <= 499 && e->code.ptr != NULL &&
           e->request_id.ptr != NULL;
}

/* README, "What is promised after each kind of failure". */
static void require_outcome(const struct segjob_client *c,
                            const struct setup *setup)
{
    enum segjob_status status = segjob_get_status(c);
    bool single = setup->cancel_at > 0;

    REQUIRE(w.creates <= 3 && (!single || w.creates + w.looks <= 1));
    switch (segjob_get_outcome(c)) {
    case SEGJOB_NOT_APPLICABLE:
        REQUIRE(false);
        break;
    case SEGJOB_NOT_SENT:
        REQUIRE(!w.was_tried && w.sent == 0);
        REQUIRE(status != SEGJOB_OK);
        break;
    case SEGJOB_REFUSED:
        REQUIRE(w.was_tried && status != SEGJOB_OK);
        REQUIRE(!single || is_refusal(c));
        break;
    case SEGJOB_UNKNOWN:
        REQUIRE(w.was_open && status != SEGJOB_OK);
        REQUIRE(!single || !is_refusal(c));
        break;
    case SEGJOB_CREATED:
        REQUIRE(status == SEGJOB_OK && w.was_tried);
        break;
    }
}

/* A connection that stays open is usable, and its client keeps it alive. */
static void require_connection(const struct segjob_client *c,
                               const struct setup *setup)
{
    enum segjob_status status = segjob_get_status(c);
    bool single = setup->cancel_at > 0;

    REQUIRE(!w.is_resolving && (!single || w.opens <= 1));
    if (!w.was_tried) {
        REQUIRE(!w.is_open || w.opens == 0);
        return;
    }
    REQUIRE(w.is_open == segjob_keep_alive(c));
    if (w.is_open) {
        REQUIRE(!w.is_broken && !setup->sends_close && w.response_sent > 0);
    }
    if (w.is_open && single) {
        REQUIRE(segjob_get_error(c)->http_status >= 200);
        REQUIRE(status == SEGJOB_OK || status == SEGJOB_SERVICE ||
                status == SEGJOB_REDIRECT || status == SEGJOB_PROTOCOL);
    }
}

static void require_arn(const struct segjob_client *c)
{
    struct segjob_str arn = segjob_batch_segment_job_arn(c);
    bool ok = segjob_get_status(c) == SEGJOB_OK;

    REQUIRE((arn.ptr != NULL) == ok);
    if (ok) {
        REQUIRE(segjob_get_error(c)->http_status == 200);
        REQUIRE(begins_with(arn, segjob_cstr(ARN_FRONT)));
        REQUIRE(arn.len <= 4 * 256 && w.response_sent > 0);
    }
}

/*
 * The message contains no secret, nor does the line that shows it, except in
 * the service's own error code and request id.
 */
static void require_discreet(const struct segjob_client *c, const char *secret)
{
    const struct segjob_error *e = segjob_get_error(c);
    struct room line = room_explain(c);
    struct segjob_str text = {line.ptr, line.cap - 1};

    REQUIRE(text.len > 0);
    REQUIRE(!contains(e->message, secret));
    if (!contains(e->code, secret) && !contains(e->request_id, secret)) {
        REQUIRE(!contains(text, secret));
    }
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];

        REQUIRE(byte >= ' ' && byte != 0x7f);
    }
    room_free(&line);
}

/* Whether this operation had the secret at all. */
static bool is_used(const char *secret)
{
    if (secret == secrets[0]) {
        return credentials.session_token.ptr != NULL;
    }
    return secret == secrets[1] || request.tags != NULL;
}

static bool is_edge(char c)
{
    return c != '\0' && strchr(" '\"()", c) != NULL;
}

/* Whether a message contains a tag as a word of its own. */
static bool contains_word(struct segjob_str message, const char *tag)
{
    const size_t n = strlen(tag);

    for (size_t i = 0; i + n < message.len; i++) {
        if (memcmp(message.ptr + i, tag, n) == 0 &&
            (i == 0 || is_edge(message.ptr[i - 1])) &&
            is_edge(message.ptr[i + n])) {
            return true;
        }
    }
    return false;
}

/*
 * Allowed: an ARN, which is no secret, may contain anything; a message may
 * contain the secret key, which is never sent; a tag may be part of a word.
 */
static bool is_allowed(const struct segjob_client *c, const char *secret)
{
    const struct segjob_str message = segjob_get_error(c)->message;

    return contains(segjob_batch_segment_job_arn(c), secret) ||
           (secret != secrets[0] && contains(message, secret) &&
            (secret == secrets[1] || !contains_word(message, secret)));
}

static void require_secrets_kept(const struct segjob_client *c)
{
    struct segjob_str all = {w.user->buf.ptr, w.user->buf.cap};

    for (size_t i = 0; i < LENGTH(secrets); i++) {
        if (is_used(secrets[i]) && !is_allowed(c, secrets[i])) {
            REQUIRE(!contains(all, secrets[i]));
            require_discreet(c, secrets[i]);
        }
    }
}

static void require_promises(const struct segjob_client *c,
                             const struct setup *setup)
{
    enum segjob_status status = segjob_get_status(c);

    REQUIRE(segjob_get_want(c) == SEGJOB_WANT_NOTHING && status <= 0);
    REQUIRE(w.port.error.status <= 0);
    REQUIRE(w.port.error.status == 0 || w.port.error.status == status ||
            status == SEGJOB_CANCELLED || status == SEGJOB_TIMEOUT);
    require_connection(c, setup);
    require_outcome(c, setup);
    require_arn(c);
    require_secrets_kept(c);
}

static void be_good(void)
{
    w.script.left = 0;
    w.stuck = false;
    w.first = w.look = segjob_cstr(created);
    w.response = w.first; /* all of it has been sent */
    w.response_sent = w.response.len;
    w.now = 1000;
    w.wall = INT64_C(1767225600);
    w.port.credentials = &credentials;
}

/*
 * Whatever happened before: with a port that works the job is created, and
 * another one over the same connection.
 */
static void require_usable(struct segjob_client *c)
{
    static const struct setup plain = {.timeout = 60000};

    be_good();
    for (int i = 0; i < 2; i++) {
        operate(c, &plain);
        require_promises(c, &plain);
        if (segjob_get_status(c) == SEGJOB_NO_SPACE) {
            REQUIRE(segjob_get_error(c)->size_needed > w.user->buf.cap);
            return;
        }
        REQUIRE(segjob_get_status(c) == SEGJOB_OK);
        REQUIRE(is_same(segjob_batch_segment_job_arn(c), segjob_cstr(ARN)));
        REQUIRE(w.is_open && (i == 0 || w.opens == 0));
    }
}

/* The next operation has no trace of the previous one. */
static void require_fresh(struct segjob_client *c)
{
    REQUIRE(segjob_create(c, &request) == SEGJOB_PENDING);
    segjob_cancel(c);
    REQUIRE(segjob_get_status(c) == SEGJOB_CANCELLED);
    REQUIRE(segjob_get_outcome(c) == SEGJOB_NOT_SENT);
    REQUIRE(segjob_batch_segment_job_arn(c).ptr == NULL);
    REQUIRE(segjob_get_error(c)->http_status == 0);
    REQUIRE(segjob_get_error(c)->code.ptr == NULL);
    REQUIRE(segjob_get_error(c)->message.ptr == NULL);
}

static void require_all_zero(const void *at, size_t n)
{
    const char *bytes = at;

    for (size_t i = 0; i < n; i++) {
        REQUIRE(bytes[i] == 0);
    }
}

static void leave(struct user *user)
{
    segjob_wipe(&user->client);
    require_all_zero(&user->client, sizeof(user->client));
    require_all_zero(user->buf.ptr, user->buf.cap);
    room_free(&user->buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct input in = {bytes, n};
    struct setup setup;

    make_world();
    make_setup(&setup, &in);
    make_user(&w.users[0], setup.cap);
    make_user(&w.users[1], setup.cap);
    for (int i = 0; i < OPERATIONS; i++) {
        w.user = &w.users[setup.takes_turns ? i % 2 : 0];
        operate(&w.user->client, &setup);
        require_promises(&w.user->client, &setup);
        for (int k = 0; k < IDLE_STEPS; k++) {
            idle(&w.user->client, &setup);
        }
    }
    require_usable(&w.user->client);
    require_fresh(&w.user->client);
    segjob_disconnect(&w.port);
    REQUIRE(!w.is_open && !w.is_resolving);
    leave(&w.users[0]);
    leave(&w.users[1]);
    room_free(&setup.response);
    return 0;
}
