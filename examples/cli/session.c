#include "session.h"

#include <string.h>
#include <time.h>

#include "explain.h"
#include "proxy.h"
#include "result.h"
#include "text.h"
#include "watch.h"

static enum exit_code exit_code(const struct segjob_client *client)
{
    if (segjob_get_outcome(client) == SEGJOB_UNKNOWN) {
        return EXIT_OTHER;
    }
    switch ((int)segjob_get_status(client)) {
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

/* What a message of a failure says about the job; the ARN if it is known. */
static const char *job_now(const struct session *s)
{
    const enum segjob_outcome outcome = segjob_get_outcome(&s->client);
    const bool may_exist =
        outcome == SEGJOB_UNKNOWN || outcome == SEGJOB_CREATED;

    return may_exist && !*s->made ? s->maybe : s->made;
}

void session_made(struct session *s)
{
    static char shown[4 * 4 * 256 + 1], message[sizeof(shown) + 32];
    const struct segjob_str arn = segjob_batch_segment_job_arn(&s->client);

    clean(shown, sizeof(shown), arn.ptr, arn.len);
    text_format(message, sizeof(message), "; the job was created: %s", shown);
    s->made = message;
    output_made(message);
    watch_job(message);
}

/* --------------------------------------------------------------- beginning */

/* Report what the library refused before anything was sent. */
static int fail_before(const struct session *s)
{
    enum segjob_field field = segjob_get_error(&s->client)->field;
    const struct setting *setting =
        field == SEGJOB_FIELD_REGION     ? &s->config.region
        : field == SEGJOB_FIELD_ENDPOINT ? &s->config.endpoint
                                         : NULL;
    char line[512];

    explain(&s->client, &s->posix.port, s->options, line, sizeof(line));
    if (setting && setting->text) {
        return fail(setting->if_broken, "%s (from %s)", line, setting->source);
    }
    return fail(exit_code(&s->client), "%s", line);
}

/* Start the operation in `cap` bytes. */
static enum segjob_status prepare(struct session *s, size_t cap,
                                  start_operation *start, const void *given)
{
    enum segjob_status status =
        segjob_init(&s->client, &s->config.client, s->work, cap);

    segjob_set_poll_interval(&s->client, s->options->poll_ms);
    if (status == SEGJOB_OK) {
        status = start(&s->client, given);
    }
    if (status != SEGJOB_PENDING) {
        return status;
    }
    if (segjob_set_deadline(&s->client, s->deadline_ms) != SEGJOB_OK) {
        return SEGJOB_MISUSE;
    }
    segjob_tick(&s->client, now_ms()); /* a short time may be over */
    return segjob_get_status(&s->client);
}

/* ----------------------------------------------------------------- running */

int session_dry_run(struct session *s)
{
    enum segjob_status status =
        segjob_connected(&s->client, (int64_t)time(NULL));

    while (status == SEGJOB_PENDING &&
           segjob_get_want(&s->client) == SEGJOB_WANT_SEND) {
        struct segjob_str bytes = segjob_tx(&s->client);

        print_bytes(bytes.ptr, bytes.len);
        status = segjob_sent(&s->client, bytes.len);
    }
    return status == SEGJOB_PENDING ? 0 : fail_before(s);
}

static void debug_response(const struct segjob_client *client)
{
    const struct segjob_error *error = segjob_get_error(client);

    debug("%s; HTTP status %d; request id %.*s",
          segjob_status_name(segjob_get_status(client)), error->http_status,
          error->request_id.ptr ? (int)error->request_id.len : 4,
          error->request_id.ptr ? error->request_id.ptr : "none");
}

/* The message of a port's error, with its code. */
static const char *message_of(const struct segjob_port_error *error)
{
    static char message[256];

    if (!error->message || error->code == 0) {
        return error->message ? error->message : "no reason is known";
    }
    text_format(message, sizeof(message), "%s (%d)", error->message,
                error->code);
    return message;
}

/* An error of the service, as the AWS CLI reports it. */
static int fail_as_api(const struct session *s)
{
    const struct segjob_error *error = segjob_get_error(&s->client);
    const unsigned max_retries = s->config.client.max_attempts - 1u;
    char last[48] = "";

    if (s->retries >= max_retries) {
        text_format(last, sizeof(last), " (reached max retries: %u)",
                    max_retries);
    }
    return fail_api(EXIT_SERVICE,
                    "An error occurred (%.*s) when calling the %s operation%s: "
                    "%.*s",
                    (int)error->code.len, error->code.ptr,
                    operation_name(s->options->command), last,
                    (int)error->message.len,
                    error->message.ptr ? error->message.ptr : "");
}

int session_fail(const struct session *s)
{
    static char line[8192];
    const struct segjob_port *port = &s->posix.port;
    const enum segjob_status status = segjob_get_status(&s->client);
    const bool is_source = status == SEGJOB_CREDENTIALS ||
                           status == SEGJOB_CREDENTIALS_UNAVAILABLE;
    const char *peer =
        port->error.status == status && !is_source ? s->peer : "";

    if (options_are_api(s->options) && status == SEGJOB_SERVICE &&
        segjob_get_error(&s->client)->code.ptr &&
        exit_code(&s->client) == EXIT_SERVICE) {
        return fail_as_api(s);
    }
    explain(&s->client, port, s->options, line, sizeof(line));
    return fail(exit_code(&s->client), "%s%s%s%s%s", peer, *peer ? ": " : "",
                line, is_source ? credentials_hint(&s->chain) : "", job_now(s));
}

static int open_port(struct session *s)
{
    const char *bundle = s->config.ca_bundle.text;
    int code;

    if (s->has_port) {
        return 0;
    }
    if (segjob_posix_init(&s->posix, bundle, s->chain.credentials) !=
        SEGJOB_OK) {
        return fail(EXIT_CONFIG, "%s: %s",
                    bundle ? bundle : "the system's certificates",
                    message_of(&s->posix.port.error));
    }
    s->has_port = true;
    segjob_tls_set_random(s->posix.port.platform);
    code = proxy_begin(&s->posix, &s->proxy);
    if (code) {
        return code;
    }
    s->posix.port.provider = s->chain.provider;
    watch_begin(&s->posix.port);
    return 0;
}

/* Report why another request follows. */
static void debug_pause(const struct session *s)
{
    const struct segjob_error *error = segjob_get_error(&s->client);
    const struct segjob_port_error *port_error = &s->posix.port.error;
    const uint64_t now = now_ms(), wake = segjob_wake_ms(&s->client);
    const unsigned long ms = (unsigned long)(wake > now ? wake - now : 0);

    if (port_error->status < 0) {
        debug("%s: %s; next request in %lu ms",
              segjob_status_text(port_error->status), message_of(port_error),
              ms);
    } else if (error->http_status == 0) {
        debug("no response; next request in %lu ms", ms);
    } else {
        debug("HTTP status %d%s%.*s; next request in %lu ms",
              error->http_status, error->code.ptr ? " " : "",
              (int)error->code.len, error->code.ptr ? error->code.ptr : "", ms);
    }
}

/* Wait until the next step, or the next look. */
static void wait_for_next_step(struct session *s, uint64_t look_ms)
{
    struct segjob_port *port = &s->posix.port;
    struct segjob_wants wants = segjob_get_wants(&s->client, port);

    if (look_ms < wants.wake_ms) {
        wants.wake_ms = look_ms;
    }
    if (wants.wake_ms > now_ms()) {
        port->platform->wait(port->platform, &wants);
    }
}

/* A step of the operation, as in segjob_run(); `*last` is its time. */
static void step(struct session *s, uint64_t *last)
{
    struct segjob_client *client = &s->client;
    const enum segjob_want want = segjob_get_want(client);
    const uint64_t now = now_ms();

    if (now < *last) {
        segjob_failed(client, SEGJOB_CLOCK); /* it would never end */
    }
    *last = now;
    if (segjob_step(client, &s->posix.port) == SEGJOB_PENDING &&
        segjob_get_want(client) == SEGJOB_WANT_PAUSE &&
        want != SEGJOB_WANT_PAUSE) {
        s->polls = want != SEGJOB_WANT_RANDOM; /* which retries wait for */
        s->retries += !s->polls;
        debug_pause(s);
    }
    watch_job(job_now(s));
}

/* Pass the credentials to the client, or request them. */
static enum segjob_status get_credentials(struct session *s)
{
    uint64_t last = 1; /* 0 is no time */

    if (s->chain.credentials) {
        return segjob_set_credentials(&s->client, s->chain.credentials);
    }
    while (segjob_get_want(&s->client) == SEGJOB_WANT_CREDENTIALS ||
           segjob_get_want(&s->client) == SEGJOB_WANT_RANDOM ||
           segjob_get_want(&s->client) == SEGJOB_WANT_PAUSE) {
        step(s, &last);
        if (segjob_get_want(&s->client) != SEGJOB_WANT_NOTHING) {
            wait_for_next_step(s, UINT64_MAX);
        }
    }
    return segjob_get_status(&s->client);
}

static int begin_with_credentials(struct session *s, start_operation *start,
                                  const void *given)
{
    enum segjob_status status;
    int code = s->chain.credentials ? 0 : open_port(s);

    if (code) {
        return code;
    }
    status = get_credentials(s);
    if (status == SEGJOB_NO_SPACE &&
        segjob_get_error(&s->client)->size_needed <= SESSION_WORK_MAX) {
        status =
            prepare(s, segjob_get_error(&s->client)->size_needed, start, given);
        if (status == SEGJOB_PENDING) {
            status = get_credentials(s);
        }
    }
    if (status == SEGJOB_PENDING) {
        return 0;
    }
    return s->has_port ? session_fail(s) : fail_before(s);
}

int session_configure(struct session *s, const struct options *options)
{
    s->options = options;
    return config_read(options, &s->config);
}

int session_begin(struct session *s, const struct options *options,
                  start_operation *start, const void *given,
                  uint32_t timeout_ms)
{
    int code = session_configure(s, options);

    if (code) {
        return code;
    }
    s->deadline_ms = now_ms() + timeout_ms;
    watch_deadline(s->deadline_ms);
    if (prepare(s,
                options->command & (LIST | API_LIST) ? SESSION_WORK_MAX
                                                     : SESSION_WORK_MIN,
                start, given) != SEGJOB_PENDING) {
        return fail_before(s);
    }
    code = credentials_find(&s->chain, options, &s->config);
    return code ? code : begin_with_credentials(s, start, given);
}

static void drive(struct session *s, look_on *looks)
{
    uint64_t last = 1; /* 0 is no time */

    while (segjob_get_want(&s->client) != SEGJOB_WANT_NOTHING) {
        step(s, &last);
        if (segjob_get_want(&s->client) != SEGJOB_WANT_NOTHING) {
            wait_for_next_step(s, looks ? looks(s) : UINT64_MAX);
        }
    }
}

static void name_peer(struct session *s)
{
    const char *host = segjob_host(&s->client);
    const bool has_proxy =
        s->posix.tls.stream.via(&s->posix.tls.stream, host) != NULL;

    if (!*host) {
        return; /* a second operation, over the same connection */
    }
    text_format(s->peer, sizeof(s->peer), "%s:%u%s%s", host,
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
    s->retries = 0;
    drive(s, looks);
    debug_response(&s->client);
    return segjob_get_status(&s->client) == SEGJOB_OK ? 0 : session_fail(s);
}

/* ------------------------------------------------------------------ ending */

int session_end(struct session *s, int code)
{
    if (s->has_port) {
        segjob_posix_free(&s->posix);
    }
    segjob_wipe(&s->client);
    segjob_chain_wipe(&s->chain);
    proxy_wipe();
    config_wipe(&s->config);
    return code ? code : output_end(s->made);
}
