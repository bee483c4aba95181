#include "parameters.h"

#include <string.h>

#include "print.h"
#include "segjob_text.h"

/* ------------------------------------------------------------------ values
 *
 * Each function puts a value into the parameters, or returns false: it is
 * malformed.
 */

static bool read_number(const char *value, uint32_t max, uint32_t *number)
{
    *number = segjob_decimal(segjob_cstr(value));
    return *number <= max && *number < SEGJOB_DECIMAL_MAX;
}

/* Cut `:PORT` off, if it is there. */
static bool cut_port(char *value, uint16_t *port)
{
    char *colon = strchr(value, ':');
    uint32_t number;

    if (colon == NULL) {
        return true;
    }
    *colon = '\0';
    if (!read_number(colon + 1, 65535, &number)) {
        return false;
    }
    *port = (uint16_t)number;
    return true;
}

static bool put_endpoint(char *value, struct parameters *p)
{
    const bool ok = cut_port(value, &p->config.port);

    p->config.host = segjob_cstr(value);
    return ok;
}

#if defined(SEGJOB_ROLES_ANYWHERE)
static bool put_anywhere(char *value, struct parameters *p)
{
    const bool ok = cut_port(value, &p->anywhere.service.port);

    p->anywhere.service.host = segjob_cstr(value);
    return ok;
}
#elif defined(SEGJOB_DEVICE)
static bool put_iot(char *value, struct parameters *p)
{
    const bool ok = cut_port(value, &p->iot.port);

    p->iot.endpoint = segjob_cstr(value);
    return ok;
}
#endif

static bool put_address(char *value, struct parameters *p)
{
    p->has_address = ipaddr_aton(value, &p->address) != 0;
    return p->has_address;
}

static bool put_sntp(char *value, struct parameters *p)
{
    p->has_sntp =
        cut_port(value, &p->sntp_port) && ipaddr_aton(value, &p->sntp) != 0;
    return p->has_sntp;
}

static bool put_num_results(char *value, struct parameters *p)
{
    uint32_t number;

    p->job.has_num_results = read_number(value, INT32_MAX, &number);
    p->job.num_results = (int32_t)number;
    return p->job.has_num_results;
}

static bool put_jobs(char *value, struct parameters *p)
{
    return read_number(value, 9, &p->jobs) && p->jobs > 0;
}

static bool put_resume(char *value, struct parameters *p)
{
    p->resume = strcmp(value, "yes") == 0;
    return p->resume;
}

static bool put_rtc(char *value, struct parameters *p)
{
    p->rtc_off = strcmp(value, "off") == 0;
    return p->rtc_off;
}

static bool put_timeout(char *value, struct parameters *p)
{
    return read_number(value, UINT32_MAX, &p->timeout_ms);
}

static bool put_arena(char *value, struct parameters *p)
{
    return read_number(value, UINT32_MAX, &p->arena);
}

/* ------------------------------------------------------------------- names */

#define TEXT(name, member)                              \
    {                                                   \
        name, NULL, offsetof(struct parameters, member) \
    }

static const struct {
    const char *name;
    bool (*put)(char *value, struct parameters *p);
    size_t text; /* without `put`: the offset of the span */
} rows[] = {
    TEXT("region", config.region),
    TEXT("access-key-id", credentials.access_key_id),
    TEXT("secret-access-key", credentials.secret_access_key),
    TEXT("session-token", credentials.session_token),
    TEXT("job-name", job.job_name),
    TEXT("solution-version-arn", job.solution_version_arn),
    TEXT("role-arn", job.role_arn),
    TEXT("input-path", job.input.path),
    TEXT("output-path", job.output.path),
#if defined(SEGJOB_ROLES_ANYWHERE)
    {"anywhere", put_anywhere, 0},
    TEXT("trust-anchor-arn", anywhere.trust_anchor_arn),
    TEXT("profile-arn", anywhere.profile_arn),
    TEXT("device-role-arn", anywhere.role_arn),
#elif defined(SEGJOB_DEVICE)
    {"iot", put_iot, 0},
    TEXT("role-alias", iot.role_alias),
    TEXT("thing-name", iot.thing_name),
#endif
    {"num-results", put_num_results, 0},
    {"endpoint", put_endpoint, 0},
    {"address", put_address, 0},
    {"jobs", put_jobs, 0},
    {"resume", put_resume, 0},
    {"sntp", put_sntp, 0},
    {"rtc", put_rtc, 0},
    {"timeout", put_timeout, 0},
    {"arena", put_arena, 0},
};

static bool put(const char *name, char *value, struct parameters *p)
{
    size_t i = 0;

    while (strcmp(rows[i].name, name) != 0) {
        if (++i == sizeof(rows) / sizeof(rows[0])) {
            return false;
        }
    }
    if (rows[i].put != NULL) {
        return rows[i].put(value, p);
    }
    *(struct segjob_str *)((char *)p + rows[i].text) = segjob_cstr(value);
    return true;
}

/* A value is never printed: it may be a secret. */
static bool read_word(char *word, struct parameters *p)
{
    char *equals = strchr(word, '=');

    if (equals == NULL) {
        print("a parameter is not NAME=VALUE\n");
        return false;
    }
    *equals = '\0';
    if (!put(word, equals + 1, p)) {
        print("%s: unknown or malformed\n", word);
        return false;
    }
    return true;
}

bool parameters_read(char *text, struct parameters *p)
{
    *p = (struct parameters){.sntp_port = 123, .jobs = 1, .timeout_ms = 30000};
    while (*text != '\0') {
        char *end = text + strcspn(text, " ");
        char *next = *end == '\0' ? end : end + 1;

        *end = '\0';
        if (*text != '\0' && !read_word(text, p)) {
            return false;
        }
        text = next;
    }
    if (p->has_address && p->config.host.ptr == NULL) {
        print("address: needs an endpoint\n");
        return false;
    }
    return true;
}
