#include "session.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "explain.h"
#include "proxy.h"
#include "watch.h"

static enum exit_code exit_code(const struct segjob_client *client)
{
    if (segjob_outcome(client) == SEGJOB_MAYBE) {
        return EXIT_OTHER;
    }
    switch ((int)segjob_status(client)) {
    case SEGJOB_INVALID:
        return EXIT_PARAMETER;
    case SEGJOB_CONFIG:
    case SEGJOB_CREDENTIALS:
        return EXIT_CONFIG;
    case SEGJOB_SERVICE:
    case SEGJOB_CONFLICT:
        return EXIT_SERVICE;
    default:
        return EXIT_OTHER;
    }
}

struct session *session_new(void)
{
    static struct session session;

    session.maybe = "; the job may exist";
    session.made = "";
    return &session;
}

/* What is told of the job where the command ends: the ARN, once it is known. */
static const char *job_now(const struct session *s)
{
    const enum segjob_outcome outcome = segjob_outcome(&s->client);
    const bool may_exist = outcome == SEGJOB_MAYBE || outcome == SEGJOB_MADE;

    return may_exist && !*s->made ? s->maybe : s->made;
}

void session_made(struct session *s)
{
    static char shown[4 * 4 * 256 + 1], words[sizeof(shown) + 32];
    const struct segjob_str arn = segjob_batch_segment_job_arn(&s->client);

    clean(shown, sizeof(shown), arn.ptr, arn.len);
    snprintf(words, sizeof(words), "; the job was made: %s", shown);
    s->made = words;
    watch_job(words);
}

/* --------------------------------------------------------------- beginning */

/* Tell what the library refused before anything was sent. */
static int fail_before(const struct session *s)
{
    enum segjob_field field = segjob_error(&s->client)->field;
    const struct setting *setting =
        field == SEGJOB_FIELD_REGION     ? &s->config.region
        : field == SEGJOB_FIELD_ENDPOINT ? &s->config.endpoint
                                         : NULL;
    char line[512];

    explain(&s->client, s->options, line, sizeof(line));
    if (setting && setting->text) {
        return fail(setting->if_broken, "%s (from %s)", line, setting->source);
    }
    return fail(exit_code(&s->client), "%s", line);
}

/* Have the client take the operation on, in `cap` bytes. */
static enum segjob_status prepare(struct session *s, size_t cap,
                                  take_on *begins, const void *given)
{
    enum segjob_status status =
        segjob_init(&s->client, &s->config.client, s->work, cap);

    segjob_set_poll_interval(&s->client, s->options->poll_ms);
    if (status == SEGJOB_OK) {
        status = begins(&s->client, given);
    }
    if (status == SEGJOB_PENDING) {
        segjob_set_deadline(&s->client, s->deadline_ms);
        segjob_tick(&s->client, now_ms());
    }
    return status;
}

/* ----------------------------------------------------------------- running */

int session_dry_run(struct session *s)
{
    enum segjob_status status =
        segjob_connected(&s->client, (int64_t)time(NULL));

    while (status == SEGJOB_PENDING &&
           segjob_want(&s->client) == SEGJOB_WANT_SEND) {
        struct segjob_str bytes = segjob_tx(&s->client);

        print_bytes(bytes.ptr, bytes.len);
        status = segjob_sent(&s->client, bytes.len);
    }
    return status == SEGJOB_PENDING ? 0 : fail_before(s);
}

static void debug_answer(const struct segjob_client *client)
{
    const struct segjob_error *error = segjob_error(client);

    debug("%s; HTTP status %d; request id %.*s",
          segjob_status_name(segjob_status(client)), error->http_status,
          error->request_id.ptr ? (int)error->request_id.len : 4,
          error->request_id.ptr ? error->request_id.ptr : "none");
}

/* What a port says of its failure, with the platform's number for it. */
static const char *words_of(const struct segjob_fault *fault)
{
    static char words[256];

    if (!fault->text || fault->code == 0) {
        return fault->text ? fault->text : "no reason is known";
    }
    snprintf(words, sizeof(words), "%s (%d)", fault->text, fault->code);
    return words;
}

int session_fail(const struct session *s)
{
    static char line[8192];
    const struct segjob_client *client = &s->client;
    const struct segjob_fault *fault = &s->posix.port.fault;
    const char *job = job_now(s);

    explain(client, s->options, line, sizeof(line));
    if (segjob_status(client) == SEGJOB_CREDENTIALS ||
        segjob_status(client) == SEGJOB_SOURCE) {
        return fail(exit_code(client), "%s: %s%s%s", line, fault->text,
                    s->keys.hint, job);
    }
    if (fault->status == segjob_status(client)) {
        return fail(exit_code(client), "%s%s%s: %s%s", s->peer,
                    s->peer[0] ? ": " : "", line, words_of(fault), job);
    }
    return fail(exit_code(client), "%s%s", line, job);
}

static int open_port(struct session *s)
{
    const char *bundle = s->config.ca_bundle.text;
    int code;

    if (s->has_port) {
        return 0;
    }
    if (segjob_posix_init(&s->posix, bundle, s->keys.given) != SEGJOB_OK) {
        return fail(EXIT_CONFIG, "%s: %s",
                    bundle ? bundle : "the system's certificates",
                    words_of(&s->posix.port.fault));
    }
    s->has_port = true;
    code = proxy_begin(&s->posix, &s->proxy);
    if (code) {
        return code;
    }
    s->posix.port.provider = s->keys.provider;
    if (s->keys.given == &s->config.profile.keys) {
        s->posix.port.provider = &s->config.profile.provider;
    }
    watch_begin(&s->posix.port);
    return 0;
}

/* Why the last request was not the end, or is to be looked at again. */
static void debug_pause(const struct session *s)
{
    const struct segjob_error *error = segjob_error(&s->client);
    const struct segjob_fault *fault = &s->posix.port.fault;
    const uint64_t now = now_ms(), wake = segjob_wake_ms(&s->client);
    const unsigned long ms = (unsigned long)(wake > now ? wake - now : 0);

    if (fault->status < 0) {
        debug("%s: %s; a pause of %lu ms", segjob_status_text(fault->status),
              words_of(fault), ms);
    } else if (error->http_status == 0) {
        debug("no answer; a pause of %lu ms", ms);
    } else {
        debug("HTTP status %d%s%.*s; a pause of %lu ms", error->http_status,
              error->code.ptr ? " " : "", (int)error->code.len,
              error->code.ptr ? error->code.ptr : "", ms);
    }
}

/* Rest until something can be done, or is to be looked at. */
static void rest(struct session *s, uint64_t look_ms)
{
    struct segjob_port *port = &s->posix.port;
    struct segjob_wants wants = segjob_wants(&s->client, port);

    if (look_ms < wants.wake_ms) {
        wants.wake_ms = look_ms;
    }
    if (wants.wake_ms > now_ms()) {
        port->platform->wait(port->platform, &wants);
    }
}

/* A step of the operation, as segjob_run() does it; `*last` is its time. */
static void step(struct session *s, uint64_t *last)
{
    struct segjob_client *client = &s->client;
    const enum segjob_want want = segjob_want(client);
    const uint64_t now = now_ms();

    if (now < *last) {
        segjob_failed(client, SEGJOB_CLOCK); /* it would never end */
    }
    *last = now;
    if (segjob_step(client, &s->posix.port) == SEGJOB_PENDING &&
        segjob_want(client) == SEGJOB_WANT_PAUSE && want != SEGJOB_WANT_PAUSE) {
        s->polls = want != SEGJOB_WANT_RANDOM; /* which retries wait for */
        debug_pause(s);
    }
    watch_job(job_now(s));
}

/* Have the keys that were found here taken, or ask for them. */
static enum segjob_status get_credentials(struct session *s)
{
    uint64_t last = 1; /* 0 is no time */

    if (s->keys.given) {
        return segjob_set_credentials(&s->client, s->keys.given);
    }
    while (segjob_want(&s->client) == SEGJOB_WANT_CREDENTIALS ||
           segjob_want(&s->client) == SEGJOB_WANT_RANDOM ||
           segjob_want(&s->client) == SEGJOB_WANT_PAUSE) {
        step(s, &last);
        if (segjob_want(&s->client) != SEGJOB_WANT_NOTHING) {
            rest(s, UINT64_MAX);
        }
    }
    return segjob_status(&s->client);
}

static int begin_with_keys(struct session *s, take_on *begins,
                           const void *given)
{
    enum segjob_status status;
    int code = s->keys.given ? 0 : open_port(s);

    if (code) {
        return code;
    }
    status = get_credentials(s);
    if (status == SEGJOB_NO_SPACE &&
        segjob_error(&s->client)->size_needed <= SESSION_WORK_MAX) {
        status =
            prepare(s, segjob_error(&s->client)->size_needed, begins, given);
        if (status == SEGJOB_PENDING) {
            status = get_credentials(s);
        }
    }
    if (status == SEGJOB_PENDING) {
        return 0;
    }
    return s->has_port ? session_fail(s) : fail_before(s);
}

int session_begin(struct session *s, const struct options *options,
                  take_on *begins, const void *given, uint32_t timeout_ms)
{
    int code = config_read(options, &s->config);

    if (code) {
        return code;
    }
    s->options = options;
    s->deadline_ms = now_ms() + timeout_ms;
    watch_deadline(s->deadline_ms);
    if (prepare(s, SESSION_WORK_MIN, begins, given) != SEGJOB_PENDING) {
        return fail_before(s);
    }
    code = keys_find(&s->keys, options, &s->config);
    return code ? code : begin_with_keys(s, begins, given);
}

static void drive(struct session *s, look_on *looks)
{
    uint64_t last = 1; /* 0 is no time */

    while (segjob_want(&s->client) != SEGJOB_WANT_NOTHING) {
        step(s, &last);
        if (segjob_want(&s->client) != SEGJOB_WANT_NOTHING) {
            rest(s, looks ? looks(s) : UINT64_MAX);
        }
    }
}

static void name_peer(struct session *s)
{
    const char *host = segjob_host(&s->client);
    const bool has_proxy =
        s->posix.tls.stream.via(&s->posix.tls.stream, host) != NULL;

    if (!*host) {
        return; /* a second operation, to the same one */
    }
    snprintf(s->peer, sizeof(s->peer), "%s:%u%s%s", host,
             (unsigned)segjob_tcp_port(&s->client),
             has_proxy ? " by proxy " : "", has_proxy ? s->proxy : "");
}

int session_run(struct session *s, look_on *looks)
{
    int code = open_port(s);

    if (code) {
        return code;
    }
    name_peer(s);
    watch_deadline(s->deadline_ms);
    drive(s, looks);
    debug_answer(&s->client);
    return segjob_status(&s->client) == SEGJOB_OK ? 0 : session_fail(s);
}

/* ------------------------------------------------------------------ ending */

int session_end(struct session *s, int code)
{
    if (s->has_port) {
        segjob_posix_free(&s->posix);
    }
    segjob_wipe(&s->client);
    keys_wipe(&s->keys);
    proxy_wipe();
    config_wipe(&s->config);
    return code ? code : output_end(s->made);
}
