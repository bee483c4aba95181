#include "world.h"

#include "segjob_list.h"

#include <stdarg.h>
#include <stdio.h>

#define EPOCH INT64_C(1780272000) /* 2026-06-01, when the world begins */
#define BEGIN_MS UINT64_C(3600000)
#define DEADLINE_MS UINT64_C(30000)
#define WAIT_MS UINT64_C(130000)
#define LONG_MS UINT64_C(3600000)
#define VALID_S 300 /* a signature */
#define DAY_S 86400
#define OLD_S (15 * 60)
#define TIRED 19 /* tokens left */
#define GRID_MS UINT64_C(5000)
#define OUT_CAP 6000
#define BULK 3000 /* blanks that make a response too long */

struct state state;
static struct observer *const o = &state.world.seen;
static struct attempt *const seen = &state.world.seen.x;
const char *broken;

void break_rule(const char *format, ...)
{
    static char how[128];
    va_list arguments;

    if (broken == NULL) {
        va_start(arguments, format);
        vsnprintf(how, sizeof(how), format, arguments);
        va_end(arguments);
        broken = how;
    }
}

const char *const start_names[STARTS] = {
    "create",        "ensure",   "create-once", "create-tired", "create-long",
    "create-opaque", "describe", "wait",        "list"};

static const enum kind kinds[STARTS] = {
    [ENSURE] = ENSURING,
    [DESCRIBE] = DESCRIBING,
    [WAIT] = WAITING,
    [LIST] = LISTING,
};

static const struct segjob_tag tag = {SEGJOB_STR_INIT("team"),
                                      SEGJOB_STR_INIT(TAG)};
static const struct segjob_create_request requests[] = {
    {.job_name = SEGJOB_STR_INIT(NAME),
     .solution_version_arn = SEGJOB_STR_INIT(SOLUTION_VERSION),
     .role_arn = SEGJOB_STR_INIT(ROLE),
     .input = {.path = SEGJOB_STR_INIT(INPUT)},
     .output = {.path = SEGJOB_STR_INIT(OUTPUT)},
     .tags = &tag,
     .tags_len = 1},
    {.job_name = SEGJOB_STR_INIT(NAME),
     .solution_version_arn = SEGJOB_STR_INIT(OPAQUE_VERSION),
     .role_arn = SEGJOB_STR_INIT(ROLE),
     .input = {.path = SEGJOB_STR_INIT(INPUT)},
     .output = {.path = SEGJOB_STR_INIT(OUTPUT)},
     .tags = &tag,
     .tags_len = 1}};

#define ASKED(version)                                              \
    {                                                               \
        .of = {                                                     \
            [JOB_NAME] = SEGJOB_STR_INIT(NAME),                     \
            [SOLUTION_VERSION_ARN] = SEGJOB_STR_INIT(version),      \
            [INPUT_PATH] = SEGJOB_STR_INIT(INPUT),                  \
            [OUTPUT_PATH] = SEGJOB_STR_INIT(OUTPUT),                \
            [ROLE_ARN] = SEGJOB_STR_INIT(ROLE),                     \
            [TAGS] = SEGJOB_STR_INIT(                               \
                "[{\"tagKey\":\"team\",\"tagValue\":\"" TAG "\"}]") \
        }                                                           \
    }
static const struct params asked[] = {ASKED(SOLUTION_VERSION),
                                      ASKED(OPAQUE_VERSION)};

static const struct segjob_credentials credentials[] = {
    {SEGJOB_STR_INIT("AKIDEXAMPLE"), SEGJOB_STR_INIT(SECRET),
     SEGJOB_STR_INIT(TOKEN_0)},
    {SEGJOB_STR_INIT("AKIDEXAMPLE"), SEGJOB_STR_INIT(SECRET),
     SEGJOB_STR_INIT(TOKEN_1)},
    {SEGJOB_STR_INIT(""), SEGJOB_STR_INIT(SECRET), {NULL, 0}}};
#define UNFIT 2

uint64_t uptime(void)
{
    return state.world.now - state.world.behind;
}

int64_t service_clock(void)
{
    return EPOCH + (int64_t)(state.world.now / 1000);
}

const char *job_arn(void)
{
    return state.world.alias ? ALIAS : ARN;
}

/* ------------------------------------------------------------------- begin */

static uint64_t deadline(void)
{
    switch (state.world.start) {
    case CREATE_ONCE:
        return NEVER;
    case WAIT:
        return uptime() + WAIT_MS;
    case CREATE_LONG:
        return uptime() + LONG_MS;
    default:
        return uptime() + DEADLINE_MS;
    }
}

static void start_operation(void)
{
    const struct segjob_config config = {.region =
                                             SEGJOB_STR_INIT("us-east-1")};
    const struct segjob_create_request *request =
        &requests[state.world.start == CREATE_OPAQUE];
    enum segjob_status status;

    memset(&state.client, 0xa5, sizeof(state.client));
    memset(state.buf, 0xa5, sizeof(state.buf));
    RULE(segjob_init(&state.client, &config, state.buf, CAP) == SEGJOB_OK,
         "it does not begin");
    status = state.world.start == ENSURE ? segjob_ensure(&state.client, request)
             : state.world.start == DESCRIBE
                 ? segjob_describe(&state.client, SEGJOB_STR(ARN))
             : state.world.start == WAIT
                 ? segjob_wait(&state.client, SEGJOB_STR(ARN))
             : state.world.start == LIST
                 ? segjob_list(&state.client, segjob_cstr(NULL))
                 : segjob_create(&state.client, request);
    RULE(status == SEGJOB_PENDING, "it does not start");
    segjob_tick(&state.client, uptime());
    observer_boot(o, 0);
    if (state.world.start == CREATE_TIRED) {
        state.client.session.tokens_used = QUOTA - TIRED;
        o->session.quota = TIRED;
    }
    observer_begin(o, kinds[state.world.start],
                   &asked[state.world.start == CREATE_OPAQUE], deadline());
    RULE(o->deadline == NEVER ||
             segjob_set_deadline(&state.client, o->deadline) == SEGJOB_OK,
         "it has no deadline");
    rules_begin();
}

void world_begin(enum start start)
{
    memset(&state, 0, sizeof(state));
    broken = NULL;
    state.world.now = BEGIN_MS;
    state.world.start = (uint8_t)start;
    if (kinds[start] > ENSURING) {
        state.world.owner = SAME;
        state.world.created = service_clock() - 60;
    }
    start_operation();
}

/* Power comes back: nothing is known, and the job must exist. */
static bool lose_power(int unused)
{
    struct world before = state.world;

    (void)unused;
    if (!creates(o) || state.client.want == SEGJOB_WANT_NOTHING) {
        return false;
    }
    memset(&state, 0, sizeof(state));
    state.world.now = before.now;
    state.world.behind = before.now;
    state.world.offset = before.offset;
    state.world.start = before.start == CREATE_OPAQUE ? CREATE_OPAQUE : ENSURE;
    state.world.owner = before.owner == OURS ? SAME : before.owner;
    state.world.flying = before.flying == OURS ? SAME : before.flying;
    state.world.alias = before.alias;
    state.world.created = before.created;
    state.world.flying_date = before.flying_date;
    start_operation();
    return true;
}

/* ---------------------------------------------------------------- requests */

static bool is_in_time(int64_t date)
{
    return date - service_clock() <= VALID_S &&
           service_clock() - date <= VALID_S;
}

static void create_job(enum owner owner)
{
    state.world.owner = (uint8_t)owner;
    state.world.created = service_clock();
}

static void reply_error(int http, const char *code, enum cause cause)
{
    seen->http = (int16_t)http;
    seen->code = code;
    seen->cause = (uint8_t)cause;
}

/* The service does what is asked. `is_new`: it created the job just now. */
static void reply_as_asked(const struct request *r, bool is_new, int how)
{
    struct exchange *x = &state.world.x;
    const bool is_ours = same_text(r->arn, segjob_cstr(job_arn()));
    const bool is_there = is_ours && state.world.owner != NOBODY;

    reply_error(200, job_arn(), (how & TOO_LONG) != 0 ? LARGE : GOOD);
    x->owner = state.world.owner;
    x->created = state.world.created;
    if (!is_in_time(r->date)) {
        reply_error(403, "SignatureDoesNotMatch", SKEWED);
    } else if (r->target == CREATE_JOB && !is_new) {
        reply_error(400, "ResourceAlreadyExistsException", FINAL);
    } else if (r->target == CREATE_JOB && (how & TOO_LONG) != 0) {
        seen->cause = BAD;
    } else if (r->target == CREATE_JOB && state.world.alias) {
        seen->cause = BAD; /* as yet */
    } else if (r->target == DESCRIBE_JOB &&
               same_text(r->arn, SEGJOB_STR(OTHER_ARN))) {
        seen->code = OTHER_ARN;
        seen->cause = (how & TOO_LONG) != 0 ? LARGE : BAD;
    } else if (r->target == DESCRIBE_JOB && (!is_there || (how & LAGS) != 0)) {
        reply_error(400, "ResourceNotFoundException", FINAL);
    }
    if (seen->http >= 400 && (how & TOO_LONG) != 0) {
        reply_error(seen->http, NULL, FINAL); /* the code is lost */
    }
}

/* All of the request is there: the service, or what is between, reacts. */
static void arrive(const struct request *r, int reaction)
{
    const struct reaction *how = &reactions[reaction];
    struct exchange *x = &state.world.x;
    const bool creates_now = r->target == CREATE_JOB && is_in_time(r->date) &&
                             state.world.owner == NOBODY;

    x->arrived = true;
    seen->is_done = state.world.is_done;
    x->reaction = (uint8_t)reaction;
    seen->date = service_clock();
    seen->has_id = (how->how & NO_ID) == 0;
    seen->learns = (how->how & (NO_DATE | AGED | FAR_DATE)) == 0;
    if (creates_now && (how->deed & DELAY) != 0) {
        state.world.flying = OURS;
        state.world.flying_date = r->date;
    } else if (creates_now && (how->deed & DO) != 0) {
        state.world.alias = (how->how & ALIASED) != 0;
        create_job(OURS);
    }
    if (how->response == AS_ASKED) {
        reply_as_asked(r, creates_now, how->how);
        return;
    }
    x->owner = state.world.owner;
    x->created = state.world.created;
    reply_error(how->http, how->code, how->cause);
}

/* --------------------------------------------------------------- responses */

struct text {
    size_t len;
    char at[OUT_CAP];
};

__attribute__((format(printf, 2, 3))) static void add(struct text *t,
                                                      const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    t->len += (size_t)vsnprintf(t->at + t->len, sizeof(t->at) - t->len, format,
                                arguments);
    va_end(arguments);
}

static void write_job(struct text *t)
{
    const struct exchange *x = &state.world.x;

    add(t,
        "{\"batchSegmentJobArn\":\"%s\",\"jobName\":\"%s\","
        "\"solutionVersionArn\":\"%s\",\"roleArn\":\"%s\","
        "\"jobInput\":{\"s3DataSource\":{\"path\":\"" INPUT "\"}},"
        "\"jobOutput\":{\"s3DataDestination\":{\"path\":\"" OUTPUT "\"}},"
        "\"numResults\":25,\"status\":\"%s\"",
        seen->code, strcmp(seen->code, OTHER_ARN) == 0 ? "weekly" : "nightly",
        state.world.start == CREATE_OPAQUE ? OPAQUE_VERSION : SOLUTION_VERSION,
        x->owner == OTHERS ? ROLE "-of-others" : ROLE,
        state.world.is_done ? "CREATE FAILED" : "IN PROGRESS");
    if ((reactions[x->reaction].how & NO_TIME) == 0) {
        add(t, ",\"creationDateTime\":%lld.25", (long long)x->created);
    }
    add(t, "}");
}

static void write_body(struct text *t)
{
    const struct exchange *x = &state.world.x;

    if (seen->http == 204) {
        return;
    }
    if (seen->http >= 300 && seen->code == NULL) {
        add(t, "<html>no");
    } else if (seen->http >= 300) {
        add(t, "{\"__type\":\"a.b#%s\",\"message\":\"not for %s and %s\"}",
            seen->code, o->refreshes > 0 ? TOKEN_1 : TOKEN_0,
            creates(o) ? TAG : "you");
    } else if (reactions[x->reaction].response == TEXT) {
        add(t, "%s", seen->code);
    } else if (seen->target == CREATE_JOB) {
        add(t, "{\"batchSegmentJobArn\":\"%s\"}", seen->code);
    } else {
        add(t, seen->target == LIST_JOBS ? "{\"batchSegmentJobs\":["
                                         : "{\"batchSegmentJob\":");
        write_job(t);
        add(t, seen->target == LIST_JOBS ? "]}" : "}");
    }
}

/* `name: date`; the world does not last for longer than June. */
static void write_date(struct text *t, const char *name, int64_t date)
{
    static const char days[] = "MonTueWedThuFriSatSun";
    const int64_t s = date - EPOCH;

    add(t, "%s: %.3s, %02d Jun 2026 %02d:%02d:%02d GMT\r\n", name,
        days + 3 * (s / DAY_S % 7), (int)(s / DAY_S + 1), (int)(s / 3600 % 24),
        (int)(s / 60 % 60), (int)(s % 60));
}

static void write_advice(struct text *t, const struct reaction *how)
{
    const int64_t date = seen->date;

    if ((how->how & FAR_DATE) != 0) {
        add(t, "Date: Fri, 01 Jan 2100 00:00:00 GMT\r\n");
    } else if ((how->how & AGED) != 0) {
        add(t, "Age: 3600\r\n");
        write_date(t, "Date", date - 3600);
    } else if ((how->how & NO_DATE) == 0) {
        write_date(t, "Date", date);
    }
    if ((how->how & AS_DATE) != 0) {
        write_date(t, "Retry-After", date + how->retry_after);
    } else if (how->retry_after > 0) {
        add(t, "Retry-After: %d\r\n", how->retry_after);
    }
    if (how->retry_after_ms > 0) {
        add(t, "x-amz-retry-after: %d\r\n", how->retry_after_ms);
    }
}

/*
 * Write the response, and where its two records end: the first has the head and
 * half of the body. More may follow the second.
 */
static void write_response(struct text *t, size_t records[2])
{
    const struct exchange *x = &state.world.x;
    const struct reaction *how = &reactions[x->reaction];
    const int blanks = (how->how & TOO_LONG) != 0 ? BULK : 0;
    static struct text body;
    size_t body_len;

    body.len = 0;
    t->len = 0;
    write_body(&body);
    body_len = body.len + (size_t)blanks;
    add(t, "%s %d .\r\n", seen->http == 0 ? "HTPT/1.1" : "HTTP/1.1",
        seen->http);
    if (seen->has_id) {
        add(t, "x-amzn-RequestId: 6f2c\r\n");
    }
    write_advice(t, how);
    if ((how->how & CLOSES) != 0) {
        add(t, "Connection: close\r\n");
    }
    if ((how->how & CHUNKED) != 0) {
        add(t, "Transfer-Encoding: chunked\r\n\r\n%zx\r\n", body_len);
    } else if ((how->how & UNTIL_CLOSE) != 0) {
        add(t, "\r\n");
    } else {
        add(t, "Content-Length: %zu\r\n\r\n", body_len);
    }
    records[0] = t->len + body_len / 2;
    add(t, "%.*s%*s%s", (int)body.len, body.at, blanks, "",
        (how->how & CHUNKED) != 0 ? "\r\n0\r\n\r\n" : "");
    records[1] = t->len;
    add(t, (how->how & DOUBLED) != 0 ? "HTTP/1.1" : "");
}

/* ------------------------------------------------------------------ events */

static bool tick_at(uint64_t at)
{
    state.world.now = at + state.world.behind;
    segjob_tick(&state.client, at);
    return true;
}

static void report_failure(enum segjob_status why)
{
    seen->failure = (int8_t)why;
    seen->dead = seen->connected && state.world.x.record == 0 &&
                 why == SEGJOB_CONNECTION_CLOSED;
}

static bool fail(int why)
{
    report_failure((enum segjob_status)why);
    segjob_failed(&state.client, (enum segjob_status)why);
    return true;
}

/* The peer closes the connection properly. */
static bool hang_up(int unused)
{
    struct exchange *x = &state.world.x;

    (void)unused;
    if (x->record == 2) {
        return false; /* that is the response's end */
    }
    report_failure(SEGJOB_CONNECTION_CLOSED);
    if (x->record == 1 && (reactions[x->reaction].how & UNTIL_CLOSE) != 0) {
        seen->heard = true; /* for all that the client can know */
        reply_error(seen->http, NULL, seen->http >= 400 ? FINAL : BAD);
    }
    RULE(segjob_received(&state.client, 0) == SEGJOB_PENDING, "not received");
    return true;
}

/* The driver closes the connection. */
static bool give_up(int unused)
{
    (void)unused;
    report_failure(SEGJOB_CONNECTION_CLOSED);
    state.world.is_open = false;
    segjob_closed(&state.client);
    return true;
}

static void receive_record(void)
{
    static struct text out;
    struct exchange *x = &state.world.x;
    const struct reaction *how = &reactions[x->reaction];
    size_t records[2];
    size_t from, to;

    if (x->record == 2) { /* it ends with the connection */
        seen->heard = true;
        RULE(segjob_received(&state.client, 0) == SEGJOB_PENDING,
             "not received");
        return;
    }
    write_response(&out, records);
    from = x->record == 0 ? 0 : records[0];
    to = x->record == 0 ? records[0] : out.len;
    seen->heard =
        (how->how & UNTIL_CLOSE) == 0 && to >= records[1] && seen->http != 0;
    seen->keeps = seen->heard && (how->how & (CLOSES | DOUBLED)) == 0;
    seen->retry_after_ms = (uint32_t)how->retry_after * 1000;
    seen->x_retry_after_ms = (uint32_t)how->retry_after_ms;
    x->record++;
    while (from < to && segjob_get_want(&state.client) == SEGJOB_WANT_RECEIVE) {
        const struct segjob_buffer rx = segjob_rx(&state.client);
        const size_t n = rx.len < to - from ? rx.len : to - from;

        memcpy(rx.ptr, out.at + from, n);
        RULE(n > 0 && segjob_received(&state.client, n) == SEGJOB_PENDING,
             "not received");
        from = n > 0 ? from + n : to;
    }
}

static void receive(void)
{
    switch ((int)reactions[state.world.x.reaction].response) {
    case SILENT:
        tick_at(segjob_wake_ms(&state.client));
        break;
    case BROKEN:
        fail(SEGJOB_CONNECTION_CLOSED);
        break;
    default:
        receive_record();
        break;
    }
}

/* Half of the request, and then the rest, to which `reaction` follows. */
static bool send(int reaction)
{
    const struct segjob_str tx = segjob_tx(&state.client);
    /* The bytes do not move: those that were sent begin the buffer. */
    const struct segjob_str whole = {state.buf,
                                     (size_t)(tx.ptr - state.buf) + tx.len};
    struct request request;
    struct exchange *x = &state.world.x;

    if (!request_read(whole, &request)) {
        RULE(false, "not a request");
        return true;
    }
    if (!x->offered) {
        x->offered = true;
        rules_request(&request);
        RULE(segjob_sent(&state.client, tx.len / 2) == SEGJOB_PENDING,
             "not sent");
        return true;
    }
    if ((reactions[reaction].targets & 1 << request.target) == 0 ||
        (state.world.start == CREATE_OPAQUE &&
         (reactions[reaction].how & WITH_ACCOUNT) != 0)) {
        return false;
    }
    arrive(&request, reaction);
    RULE(segjob_sent(&state.client, tx.len) == SEGJOB_PENDING, "not sent");
    return true;
}

static bool connect_now(int fails)
{
    state.world.is_open = true;
    seen->reused = segjob_keep_alive(&state.client);
    seen->wall = service_clock() + state.world.offset;
    hash_fails = fails != 0;
    if (segjob_connected(&state.client, seen->wall) != SEGJOB_PENDING) {
        report_failure(hash_fails ? SEGJOB_CRYPTO : SEGJOB_CLOCK);
    }
    hash_fails = false;
    return true;
}

static bool supply(int which)
{
    if (segjob_keep_alive(&state.client) && !state.world.is_open) {
        segjob_closed(&state.client);
    }
    if (segjob_set_credentials(&state.client, &credentials[which]) !=
        SEGJOB_PENDING) {
        report_failure(SEGJOB_CONFIG);
    }
    return true;
}

static bool stall(int unused)
{
    const uint64_t wake = segjob_wake_ms(&state.client);

    (void)unused;
    return wake != NEVER && tick_at(wake);
}

/* Time passes up to the last moment. */
static bool linger(int unused)
{
    const enum segjob_want want = segjob_get_want(&state.client);
    const uint64_t wake = segjob_wake_ms(&state.client);

    (void)unused;
    if (wake == NEVER || wake < uptime() + 2) {
        return false;
    }
    tick_at(wake - 1);
    RULE(segjob_get_want(&state.client) == want, "it is woken too early");
    return true;
}

/* A pause ends a little later than is due: then fewer states differ. */
static bool pause(void)
{
    const uint64_t wake = segjob_wake_ms(&state.client);
    const uint64_t late = (wake + GRID_MS - 1) / GRID_MS * GRID_MS;

    linger(0);
    return tick_at(late < o->deadline ? late : wake);
}

static bool oversleep(int ms)
{
    const uint64_t wake = segjob_wake_ms(&state.client);

    return wake != NEVER && tick_at(wake + (uint64_t)ms);
}

/* The device sleeps, and its uptime stands still. */
static bool sleep_for(int ms)
{
    state.world.clocks_err = o->left > 0;
    state.world.now += (uint64_t)ms;
    state.world.behind += (uint64_t)ms;
    return true;
}

static bool set_clock(int seconds)
{
    const int64_t offset = seconds == INT32_MIN ? -EPOCH * 2 : seconds;

    if (state.world.offset == offset) {
        return false;
    }
    state.world.offset = offset;
    state.world.clocks_err = o->left > 0;
    return true;
}

static bool cancel(int unused)
{
    (void)unused;
    o->cancelled = true;
    segjob_cancel(&state.client);
    return true;
}

/* Somebody else creates a job, or did so before. */
static bool take_name(int owner)
{
    if (!creates(o) || state.world.owner != NOBODY ||
        (owner == OLD && o->left > 0)) {
        return false;
    }
    create_job((enum owner)owner);
    state.world.created -= owner == OLD ? OLD_S : 0;
    return true;
}

static bool land(int unused)
{
    (void)unused;
    if (state.world.flying == NOBODY) {
        return false;
    }
    if (state.world.owner == NOBODY && is_in_time(state.world.flying_date)) {
        create_job((enum owner)state.world.flying);
    }
    state.world.flying = NOBODY;
    return true;
}

static bool finish_job(int unused)
{
    (void)unused;
    if (state.world.start != WAIT || state.world.is_done) {
        return false;
    }
    state.world.is_done = true;
    return true;
}

static bool forget_job(int unused)
{
    (void)unused;
    if (creates(o) || state.world.owner == NOBODY) {
        return false;
    }
    state.world.owner = NOBODY;
    return true;
}

static bool end_kept_connection(int unused)
{
    (void)unused;
    if (!state.world.is_open) {
        return false;
    }
    state.world.is_open = false;
    return true;
}

static bool be_ordinary(int unused)
{
    (void)unused;
    switch (segjob_get_want(&state.client)) {
    case SEGJOB_WANT_NOTHING:
        return false;
    case SEGJOB_WANT_CREDENTIALS:
        return supply(o->refreshes > 0);
    case SEGJOB_WANT_CONNECTION:
        return connect_now(false);
    case SEGJOB_WANT_SEND:
        return send(0);
    case SEGJOB_WANT_RECEIVE:
        receive();
        return true;
    case SEGJOB_WANT_CLOSE:
        state.world.is_open = false;
        segjob_closed(&state.client);
        return true;
    case SEGJOB_WANT_RANDOM:
        segjob_set_random(&state.client, RANDOM);
        return true;
    case SEGJOB_WANT_PAUSE:
        return pause();
    }
    return false;
}

/* ----------------------------------------------------------------- choices */

#define ON(want) (1 << SEGJOB_WANT_##want)
#define ANY_WANT 0x1ff
#define CUT (1 << 8) /* half of a response has come that is not ordinary */
#define CREDENTIALS ON(CREDENTIALS)
#define CONNECTION ON(CONNECTION)
#define EXCHANGE (ON(SEND) | ON(RECEIVE))

/*
 * What can happen, and where. Where two events can be exchanged without a
 * difference, only one order is tried: the device's clock is read when it has
 * connected, so it is set before that; what others do to the job matters when a
 * request arrives, and when time stands still between a look and the next.
 * Responses of all kinds are cut; the ordinary one can be disturbed in more
 * ways.
 */
static const struct event {
    const char *name;
    int wants;
    bool (*happen)(int value);
    int value;
} events[] = {
    {"ordinary", ANY_WANT, be_ordinary, 0},
    {"cancel", ANY_WANT, cancel, 0},
    {"power-lost", ANY_WANT, lose_power, 0},
    {"no-source", CREDENTIALS, fail, SEGJOB_CREDENTIALS_UNAVAILABLE},
    {"no-credentials", CREDENTIALS, fail, SEGJOB_CREDENTIALS},
    {"unfit-credentials", CREDENTIALS, supply, UNFIT},
    {"kept-connection-ends", CREDENTIALS, end_kept_connection, 0},
    {"sleep", CREDENTIALS, sleep_for, 15 * 60 * 1000},
    {"another-job", CREDENTIALS | ON(SEND), take_name, OTHERS},
    {"old-job", CREDENTIALS, take_name, OLD},
    {"late-request-arrives", CREDENTIALS | ON(SEND), land, 0},
    {"job-done", CREDENTIALS, finish_job, 0},
    {"job-missing", CREDENTIALS, forget_job, 0},
    {"clock-right", CONNECTION, set_clock, 0},
    {"clock-a-bit-ahead", CONNECTION, set_clock, 4 * 60},
    {"clock-ahead", CONNECTION, set_clock, 20 * 60},
    {"clock-behind", CONNECTION, set_clock, -20 * 60},
    {"clock-invalid", CONNECTION, set_clock, INT32_MIN},
    {"no-address", CONNECTION, fail, SEGJOB_RESOLVE},
    {"no-connection", CONNECTION, fail, SEGJOB_CONNECT},
    {"no-tls", CONNECTION, fail, SEGJOB_TLS},
    {"bad-certificate", CONNECTION, fail, SEGJOB_CERTIFICATE},
    {"bad-proxy", CONNECTION, fail, SEGJOB_PROXY},
    {"no-hash", CONNECTION, connect_now, 1},
    {"driver-closes", CONNECTION | EXCHANGE, give_up, 0},
    {"breaks", EXCHANGE | CUT, fail, SEGJOB_CONNECTION_CLOSED},
    {"tls-breaks", EXCHANGE, fail, SEGJOB_TLS},
    {"peer-closes", ON(RECEIVE) | CUT, hang_up, 0},
    {"stalls", CREDENTIALS | CONNECTION | EXCHANGE, stall, 0},
    {"last-moment", ON(RECEIVE) | CUT, linger, 0},
    {"no-random", ON(RANDOM), fail, SEGJOB_CONFIG},
    {"oversleeps", ON(PAUSE) | ON(RANDOM), oversleep, 5000},
    {"oversleeps-all", ON(PAUSE) | EXCHANGE, oversleep, 600000},
};

int world_choices(void)
{
    return (int)LENGTH(events) + reactions_len - 1;
}

const char *world_choice_name(int choice)
{
    return choice < (int)LENGTH(events)
               ? events[choice].name
               : reactions[choice - (int)LENGTH(events) + 1].name;
}

/* Where it stands, as a bit of `wants`. */
static int place(enum segjob_want want)
{
    if (want != SEGJOB_WANT_RECEIVE || state.world.x.reaction == 0) {
        return 1 << want;
    }
    return state.world.x.record == 1 ? CUT : 0;
}

bool world_choose(int choice)
{
    const enum segjob_want want = segjob_get_want(&state.client);
    bool happens;

    if (choice >= (int)LENGTH(events)) {
        happens = want == SEGJOB_WANT_SEND && state.world.x.offered &&
                  send(choice - (int)LENGTH(events) + 1);
    } else {
        happens = (choice == 0 || (events[choice].wants & place(want)) != 0) &&
                  events[choice].happen(events[choice].value);
    }
    if (happens) {
        rules_step(want);
    }
    return happens;
}
