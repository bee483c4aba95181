#include "create.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "config.h"
#include "output.h"
#include "request.h"
#include "segjob_posix.h"
#include "watch.h"

/*
 * Bytes for request and answer. The least is enough for all but many tags or
 * a long token; a greater need is told by the library and given, as far as
 * the greatest, which holds 200 tags of four-byte characters and a token of
 * half a megabyte.
 */
#define WORK_MIN ((size_t)32 * 1024)
#define WORK_MAX ((size_t)1024 * 1024)

/* All that one creation needs. */
struct creation {
    struct config config;
    struct segjob_create_request request;
    struct segjob_client client;
    struct segjob_posix posix;
    char peer[300]; /* "HOST:PORT" */
    char work[WORK_MAX];
};

static enum exit_code exit_code(enum segjob_status status)
{
    switch ((int)status) {
    case SEGJOB_INVALID:
        return EXIT_PARAMETER;
    case SEGJOB_CONFIG:
        return EXIT_CONFIG;
    case SEGJOB_SERVICE:
        return EXIT_SERVICE;
    default:
        return EXIT_OTHER;
    }
}

/* Tell what the library refused before anything was sent. */
static int fail_before(const struct creation *c, enum segjob_status status)
{
    enum segjob_field field = segjob_error(&c->client)->field;
    const struct setting *setting =
        field == SEGJOB_FIELD_REGION     ? &c->config.region
        : field == SEGJOB_FIELD_ENDPOINT ? &c->config.endpoint
                                         : NULL;
    char line[512];

    segjob_explain(&c->client, line, sizeof(line));
    if (setting && setting->text) {
        return fail(setting->if_broken, "%s (from %s)", line, setting->source);
    }
    return fail(exit_code(status), "%s", line);
}

/* Have the client take the job on, in `cap` bytes. */
static enum segjob_status prepare(struct creation *c, size_t cap)
{
    enum segjob_status status =
        segjob_init(&c->client, &c->config.client, c->work, cap);

    if (status == SEGJOB_OK) {
        status = segjob_create(&c->client, &c->request);
    }
    return status;
}

/*
 * Read what was given and have it judged, parameters before credentials: who
 * has a typing error should not have to find a key first.
 */
static int begin(const struct options *options, struct creation *c)
{
    enum segjob_status status;
    int code = request_read(options, &c->request);

    code = code ? code : config_read(options, &c->config);
    if (code) {
        return code;
    }
    status = prepare(c, WORK_MIN);
    if (status != SEGJOB_PENDING) {
        return fail_before(c, status);
    }
    code = config_read_credentials(options, &c->config);
    if (code) {
        return code;
    }
    status = segjob_set_credentials(&c->client, &c->config.credentials);
    if (status == SEGJOB_NO_SPACE &&
        segjob_error(&c->client)->size_needed <= WORK_MAX) {
        status = prepare(c, segjob_error(&c->client)->size_needed);
        if (status == SEGJOB_PENDING) {
            status = segjob_set_credentials(&c->client, &c->config.credentials);
        }
    }
    return status == SEGJOB_PENDING ? 0 : fail_before(c, status);
}

/* Nobody learns of the job if the answer cannot be written. */
static int end_output(const char *what)
{
    if (!output_end()) {
        return fail(EXIT_OTHER, "cannot write to standard output: %s%s",
                    strerror(errno), what);
    }
    return EXIT_DONE;
}

/* Print the bytes that would be sent. */
static int dry_run(struct creation *c)
{
    enum segjob_status status =
        segjob_connected(&c->client, (int64_t)time(NULL));

    while (status == SEGJOB_PENDING &&
           segjob_want(&c->client) == SEGJOB_WANT_SEND) {
        struct segjob_str bytes = segjob_tx(&c->client);

        print_bytes(bytes.ptr, bytes.len);
        status = segjob_sent(&c->client, bytes.len);
    }
    if (status != SEGJOB_PENDING) {
        return fail_before(c, status);
    }
    return end_output("");
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

/* Tell why the operation failed: the service's words, or the port's. */
static int fail_run(const struct creation *c, enum segjob_status status)
{
    static char line[12288];
    const struct segjob_fault *fault = &c->posix.port.fault;
    const char *maybe = segjob_outcome(&c->client) == SEGJOB_MAYBE
                            ? "; the job may have been made"
                            : "";

    segjob_explain(&c->client, line, sizeof(line));
    if (fault->status == status) {
        return fail(exit_code(status), "%s: %s: %s%s", c->peer, line,
                    words_of(fault), maybe);
    }
    return fail(exit_code(status), "%s%s", line, maybe);
}

/* Send the request and print the answer, over a port that stands. */
static int run_over_port(const struct options *options, struct creation *c)
{
    enum segjob_status status;
    struct segjob_str arn;

    snprintf(c->peer, sizeof(c->peer), "%s:%u", segjob_host(&c->client),
             (unsigned)segjob_tcp_port(&c->client));
    watch_begin(&c->posix.port, options->timeout_ms);
    status = segjob_run(&c->client, &c->posix.port, options->timeout_ms);
    debug_answer(&c->client);
    if (status != SEGJOB_OK) {
        return fail_run(c, status);
    }
    arn = segjob_batch_segment_job_arn(&c->client);
    print_arn(arn.ptr, arn.len, !options->as_text);
    return end_output("; the job was made");
}

static int run(const struct options *options, struct creation *c)
{
    const char *bundle = c->config.ca_bundle.text;
    int code;

    if (segjob_posix_init(&c->posix, bundle, &c->config.credentials) !=
        SEGJOB_OK) {
        return fail(EXIT_CONFIG, "%s: %s",
                    bundle ? bundle : "the system's certificates",
                    words_of(&c->posix.port.fault));
    }
    code = run_over_port(options, c);
    segjob_posix_free(&c->posix);
    return code;
}

int create(const struct options *options)
{
    static struct creation creation;
    int code = begin(options, &creation);

    if (code == 0) {
        code = options->value[OPTION_DRY_RUN] ? dry_run(&creation)
                                              : run(options, &creation);
    }
    segjob_wipe(&creation.client);
    config_wipe();
    return code;
}
