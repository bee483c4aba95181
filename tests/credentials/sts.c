/*
 * Print the credentials that AWS STS gives, as provide.h does:
 *
 *   sts NAME=VALUE...
 *
 *   host, port    where STS is; without a host at the endpoint of the region
 *   plain=1       by HTTP
 *   region, role, session, external, policy, duration, fips=1, dual=1
 *   via           a role that is assumed first, with the base
 *   base          what signs: `static`, the environment's credentials;
 *                 `container` or `imds`; or `none`
 *   token         a file with a web identity token
 *   size          of the buffer
 *   clock         added to the device's clock, in seconds
 *   step          added to both clocks before each round but the first
 *   show=host     only print the name of the host
 *
 * The roots are in AWS_CA_BUNDLE.
 */
#include "segjob_environment.h"
#include "segjob_sts.h"
#include "segjob_token_file.h"

#include "provide.h"

static char **arguments;
static struct segjob_posix posix;
static struct segjob_sts sts, via;
static struct segjob_environment_container container;
static struct segjob_imds imds;
static struct segjob_credentials credentials;
static struct segjob_token_file file;
static char memory[4][65536];

/* The argument with this name, or NULL. */
static const char *get_argument(const char *name)
{
    const size_t n = strlen(name);
    char **at;

    for (at = arguments; *at != NULL; at++) {
        if (strncmp(*at, name, n) == 0 && (*at)[n] == '=') {
            return *at + n + 1;
        }
    }
    return NULL;
}

static bool is_argument(const char *name, const char *value)
{
    const char *text = get_argument(name);

    return text != NULL && strcmp(text, value) == 0;
}

static long number(const char *name, long otherwise)
{
    const char *text = get_argument(name);

    return text == NULL ? otherwise : strtol(text, NULL, 10);
}

/* ------------------------------------------------------------------ clocks */

static int64_t (*real_wall_clock)(struct segjob_platform *p);
static uint64_t (*real_monotonic_ms)(struct segjob_platform *p);
static long later_s;

static int64_t wall_clock(struct segjob_platform *p)
{
    return real_wall_clock(p) + number("clock", 0) + later_s;
}

static uint64_t monotonic_ms(struct segjob_platform *p)
{
    return real_monotonic_ms(p) + (uint64_t)later_s * 1000;
}

/* A provider that advances the clocks before each round but the first. */
static struct segjob_provider stepping;
static bool is_in_round;
static bool had_round;

/* Whether the source's memory has a part of a request or of a response. */
static bool holds(const char *text)
{
    const size_t n = strlen(text);
    const char *at = memory[2];

    while ((size_t)(memory[2] + sizeof(memory[2]) - at) >= n &&
           memcmp(at, text, n) != 0) {
        at++;
    }
    return (size_t)(memory[2] + sizeof(memory[2]) - at) >= n;
}

static enum segjob_io get(struct segjob_provider *p, struct segjob_port *port,
                          int64_t now, bool force_refresh,
                          const struct segjob_credentials **to)
{
    struct segjob_provider *inner = &sts.source.provider;
    const long step = had_round && !is_in_round ? number("step", 0) : 0;
    enum segjob_io io;

    later_s += step;
    had_round = true;
    io = inner->get(inner, port, now + step, force_refresh, to);
    is_in_round = io == SEGJOB_IO_WOULD_BLOCK;
    p->error = inner->error;
    if (!is_in_round && (holds("Action=") || holds("Token=") ||
                         holds("Signature=") || holds("</"))) {
        fprintf(stderr, "sts: a request or response is left in memory\n");
        abort();
    }
    return io;
}

static void wants(const struct segjob_provider *p,
                  const struct segjob_port *port, struct segjob_wants *to)
{
    (void)p;
    sts.source.provider.wants(&sts.source.provider, port, to);
}

static void set_clocks(void)
{
    struct segjob_platform *p = posix.port.platform;

    real_wall_clock = p->wall_clock;
    real_monotonic_ms = p->monotonic_ms;
    p->wall_clock = wall_clock;
    p->monotonic_ms = monotonic_ms;
    stepping.get = get;
    stepping.wants = wants;
}

/* ------------------------------------------------------------------- base */

static int refuse(const char *message)
{
    printf("{");
    print_member("Error", segjob_cstr(message));
    printf(", \"Retry\": false, \"Config\": true}\n");
    return 0;
}

static enum segjob_status set_base(struct segjob_sts_config *config)
{
    enum segjob_status status = SEGJOB_OK;

    if (is_argument("base", "container")) {
        status = segjob_environment_container_init(&container, memory[0],
                                                   sizeof(memory[0]));
        config->base = &container.container.source.provider;
    } else if (is_argument("base", "imds")) {
        status =
            segjob_environment_imds_init(&imds, memory[0], sizeof(memory[0]));
        config->base = &imds.source.provider;
    } else if (is_argument("base", "static")) {
        (void)segjob_environment_credentials(&credentials);
        config->credentials = &credentials;
    }
    if (get_argument("token") != NULL) {
        file.path = get_argument("token");
        config->read_token = segjob_token_file_read;
        config->arg = &file;
    }
    return status;
}

static enum segjob_status begin(struct segjob_sts_config *config)
{
    struct segjob_sts_config first;
    enum segjob_status status = set_base(config);

    if (status == SEGJOB_OK && get_argument("via") != NULL) {
        first = *config;
        first.role_arn = segjob_cstr(get_argument("via"));
        status = segjob_sts_init(&via, &first, memory[1], sizeof(memory[1]));
        config->base = &via.source.provider;
        config->credentials = NULL;
        config->read_token = NULL;
    }
    return status != SEGJOB_OK
               ? status
               : segjob_sts_init(&sts, config, memory[2],
                                 (size_t)number("size", sizeof(memory[2])));
}

int main(int argc, char *argv[])
{
    struct segjob_sts_config config = {.duration_s = 0};

    (void)argc;
    arguments = argv + 1;
    config.service.host = segjob_cstr(get_argument("host"));
    config.service.port = (uint16_t)number("port", 0);
    config.service.region = segjob_cstr(get_argument("region"));
    config.service.plain = number("plain", 0) != 0;
    config.service.fips = number("fips", 0) != 0;
    config.service.dual_stack = number("dual", 0) != 0;
    config.role_arn = segjob_cstr(get_argument("role"));
    config.session_name = segjob_cstr(get_argument("session"));
    config.external_id = segjob_cstr(get_argument("external"));
    config.policy = segjob_cstr(get_argument("policy"));
    config.duration_s = (uint32_t)number("duration", 0);
    if (segjob_posix_init(&posix, getenv("AWS_CA_BUNDLE"), NULL) != SEGJOB_OK) {
        return refuse(posix.port.error.message);
    }
    if (begin(&config) != SEGJOB_OK) {
        return refuse(via.source.message[0] != '\0' ? via.source.message
                                                    : sts.source.message);
    }
    if (is_argument("show", "host")) {
        printf("%.*s\n", (int)sts.source.config.host.len,
               sts.source.config.host.ptr);
        return 0;
    }
    set_clocks();
    return provide(&posix, &stepping);
}
