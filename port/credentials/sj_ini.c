#define _XOPEN_SOURCE 700

#include "sj_ini.h"

#include <string.h>
#include <strings.h>

#include "sj_words.h"

/* State of the reader. */
struct ini_reader {
    const struct sj_ini_section *wanted;
    struct segjob_profile_section *section; /* of this name ... */
    const char *title;                      /* ... as it is spelled */
    struct segjob_profile_section defaults; /* of all sections */
    /* Where the current section's settings go: one of these, or NULL. */
    struct segjob_profile_section *into;
    bool in_section;  /* some section has begun */
    bool has_setting; /* the section had a setting ... */
    bool is_nested;   /* ... that of a service, whose value is settings */
    char *end;        /* ... the end of its value, if it is a known one */
    size_t indent;    /* ... and its indentation */
    int line;
};

const char *segjob_profile_setting_name(enum segjob_profile_setting setting)
{
    static const char *const names[SEGJOB_PROFILE_COUNT] = {
        [SEGJOB_PROFILE_USE_FIPS_ENDPOINT] = "use_fips_endpoint",
        [SEGJOB_PROFILE_USE_DUALSTACK_ENDPOINT] = "use_dualstack_endpoint",
        [SEGJOB_PROFILE_IGNORE_ENDPOINT_URLS] =
            "ignore_configured_endpoint_urls",
        [SEGJOB_PROFILE_ACCESS_KEY_ID] = "aws_access_key_id",
        [SEGJOB_PROFILE_SECRET_ACCESS_KEY] = "aws_secret_access_key",
        [SEGJOB_PROFILE_SESSION_TOKEN] = "aws_session_token",
        [SEGJOB_PROFILE_REGION] = "region",
        [SEGJOB_PROFILE_ENDPOINT_URL] = "endpoint_url",
        [SEGJOB_PROFILE_CA_BUNDLE] = "ca_bundle",
        [SEGJOB_PROFILE_OUTPUT] = "output",
        [SEGJOB_PROFILE_CLI_TIMESTAMP_FORMAT] = "cli_timestamp_format",
        [SEGJOB_PROFILE_ROLE_ARN] = "role_arn",
        [SEGJOB_PROFILE_SOURCE_PROFILE] = "source_profile",
        [SEGJOB_PROFILE_CREDENTIAL_SOURCE] = "credential_source",
        [SEGJOB_PROFILE_EXTERNAL_ID] = "external_id",
        [SEGJOB_PROFILE_ROLE_SESSION_NAME] = "role_session_name",
        [SEGJOB_PROFILE_DURATION_SECONDS] = "duration_seconds",
        [SEGJOB_PROFILE_MFA_SERIAL] = "mfa_serial",
        [SEGJOB_PROFILE_WEB_IDENTITY_TOKEN_FILE] = "web_identity_token_file",
        [SEGJOB_PROFILE_SSO_SESSION] = "sso_session",
        [SEGJOB_PROFILE_SSO_REGION] = "sso_region",
        [SEGJOB_PROFILE_SSO_START_URL] = "sso_start_url",
        [SEGJOB_PROFILE_SSO_ACCOUNT_ID] = "sso_account_id",
        [SEGJOB_PROFILE_SSO_ROLE_NAME] = "sso_role_name",
        [SEGJOB_PROFILE_LOGIN_SESSION] = "login_session",
        [SEGJOB_PROFILE_CREDENTIAL_PROCESS] = "credential_process",
        [SEGJOB_PROFILE_SERVICES] = "services",
        [SEGJOB_PROFILE_RETRY_MODE] = "retry_mode",
        [SEGJOB_PROFILE_MAX_ATTEMPTS] = "max_attempts",
    };

    return names[setting];
}

static enum segjob_profile_setting find_setting(const char *name)
{
    size_t i = 0;

    while (i < SEGJOB_PROFILE_COUNT &&
           strcasecmp(name, segjob_profile_setting_name(
                                (enum segjob_profile_setting)i)) != 0) {
        i++;
    }
    return (enum segjob_profile_setting)i;
}

/* Bytes of the blank at `at`, 0 if there is none: Python's, in UTF-8. */
static size_t blank_at(const char *at)
{
    static const char blanks[] =
        " \0\t\0\v\0\f\0\x1c\0\x1d\0\x1e\0\x1f\0\xc2\x85\0\xc2\xa0\0"
        "\xe1\x9a\x80\0\xe2\x80\x80\0\xe2\x80\x81\0\xe2\x80\x82\0"
        "\xe2\x80\x83\0\xe2\x80\x84\0\xe2\x80\x85\0\xe2\x80\x86\0"
        "\xe2\x80\x87\0\xe2\x80\x88\0\xe2\x80\x89\0\xe2\x80\x8a\0"
        "\xe2\x80\xa8\0\xe2\x80\xa9\0\xe2\x80\xaf\0\xe2\x81\x9f\0"
        "\xe3\x80\x80\0";
    const char *const end = blanks + sizeof(blanks) - 1;
    const char *blank = *at > ' ' && *at <= '~' ? end : blanks;

    while (blank < end && strncmp(at, blank, strlen(blank)) != 0) {
        blank += strlen(blank) + 1;
    }
    return strlen(blank);
}

/* The text after leading blanks; `*n` is their number, if `n` is not NULL. */
static char *skip_blanks(char *text, size_t *n)
{
    size_t len, count = 0;

    while ((len = blank_at(text)) > 0) {
        text += len;
        count++;
    }
    if (n) {
        *n = count;
    }
    return text;
}

/* Cut off trailing blanks. */
static char *trim_end(char *text)
{
    char *end = text;

    for (char *at = text; *at;) {
        const size_t len = blank_at(at);

        at += len ? len : 1;
        end = len ? end : at;
    }
    *end = '\0';
    return text;
}

static bool is_comment(const char *text)
{
    return *text == '#' || *text == ';';
}

/* Cut off a comment, which must follow a blank. */
static void cut_comment(char *text)
{
    size_t len;

    while (*text && !((len = blank_at(text)) && is_comment(text + len))) {
        text += len ? len : 1;
    }
    *text = '\0';
}

/* --------------------------------------------------------------- sections */

/*
 * Whether a section of the config file is the wanted one, whose title is two
 * shell words: `kind NAME`.
 */
static bool is_named(const char *title, const char *kind, const char *name)
{
    char room[SJ_INI_TITLE_CAP], *words[4];

    return strncmp(title, kind, strlen(kind)) == 0 &&
           !sj_words_split(title, room, sizeof(room), words, 4) && words[1] &&
           !words[2] && strcmp(words[1], name) == 0;
}

static bool is_wanted(const struct ini_reader *r, const char *title)
{
    static const char *const kinds[] = {
        [SJ_INI_PROFILE] = "profile",
        [SJ_INI_SSO_SESSION] = "sso-session",
        [SJ_INI_SERVICES] = "services",
    };
    const struct sj_ini_section *wanted = r->wanted;
    const bool is_bare =
        wanted->kind == SJ_INI_BARE ||
        (wanted->kind == SJ_INI_PROFILE && strcmp(title, "default") == 0);

    return is_bare ? strcmp(title, wanted->name) == 0
                   : is_named(title, kinds[wanted->kind], wanted->name);
}

/* The bracket that ends a section's name: the last one before a comment. */
static char *find_end(char *line)
{
    char *first = strchr(line, ']');

    return first && is_comment(skip_blanks(first + 1, NULL))
               ? first
               : strrchr(line, ']');
}

/*
 * A second section of the same title continues the first. One of the same
 * name with another spelling replaces it.
 */
static void begin_section(struct ini_reader *r, const char *title)
{
    r->in_section = true;
    r->has_setting = false;
    r->into = NULL;
    if (strcmp(title, "DEFAULT") == 0) {
        r->into = &r->defaults;
    } else if (is_wanted(r, title)) {
        if (r->title && strcmp(title, r->title) != 0) {
            memset(r->section, 0, sizeof(*r->section));
        }
        r->into = r->section;
        r->section->found = true;
        r->title = title;
    }
}

/* --------------------------------------------------------------- settings */

static void store(struct ini_reader *r, enum segjob_profile_setting setting,
                  char *value)
{
    r->into->value[setting] = value;
    r->into->line[setting] = r->line;
    r->end = value + strlen(value);
}

/* A setting in a services section. Its value is on the lines below. */
static const char *read_service(struct ini_reader *r, const char *service,
                                char *value)
{
    if (strcasecmp(service, r->wanted->service) != 0) {
        return NULL;
    }
    r->is_nested = true;
    store(r, SEGJOB_PROFILE_ENDPOINT_URL, value + strlen(value));
    return *value == '\0'
               ? NULL
               : "a service's settings are on the lines below, indented";
}

/* A line below the setting of a service: `name = value` */
static const char *read_nested(struct ini_reader *r, char *line)
{
    char *value = strchr(line, '=');

    if (!value) {
        return "a service's setting is written NAME = VALUE";
    }
    *value++ = '\0';
    if (strcmp(trim_end(line), "endpoint_url") == 0) {
        store(r, SEGJOB_PROFILE_ENDPOINT_URL, skip_blanks(value, NULL));
    }
    return NULL;
}

/* `name = value` or `name: value` */
static const char *read_setting(struct ini_reader *r, char *line)
{
    char *value = line + strcspn(line, "=:");
    enum segjob_profile_setting setting;

    if (*value == '\0' || value == line) {
        return *line == '[' ? "a section is written [NAME]"
                            : "a setting is written NAME = VALUE";
    }
    if (!r->in_section) {
        return "a setting comes before the first section";
    }
    *value++ = '\0';
    r->has_setting = true;
    r->is_nested = false;
    r->end = NULL;
    setting = find_setting(trim_end(line));
    if (setting != SEGJOB_PROFILE_CA_BUNDLE && /* which may contain " #" */
        setting != SEGJOB_PROFILE_WEB_IDENTITY_TOKEN_FILE &&
        setting != SEGJOB_PROFILE_CREDENTIAL_PROCESS) {
        cut_comment(value);
    }
    value = skip_blanks(trim_end(value), NULL);
    if (r->into && r->wanted->kind == SJ_INI_SERVICES) {
        return read_service(r, line, value);
    }
    if (r->into && setting != SEGJOB_PROFILE_COUNT) {
        store(r, setting, value);
    }
    return NULL;
}

/* Append a line to the value above. */
static const char *continue_value(struct ini_reader *r, const char *line)
{
    const size_t len = strlen(line);

    if (r->end) {
        *r->end++ = '\n';
        memmove(r->end, line, len + 1);
        r->end += len;
    }
    return NULL;
}

static const char *read_line(struct ini_reader *r, char *line)
{
    size_t indent;
    char *text = skip_blanks(trim_end(line), &indent);
    char *end;

    if (*text == '\0' || is_comment(text)) {
        return NULL;
    }
    if (r->has_setting && indent > r->indent) {
        return r->is_nested ? read_nested(r, text) : continue_value(r, text);
    }
    r->indent = indent;
    end = *text == '[' ? find_end(text) : NULL;
    if (!end) {
        return read_setting(r, text);
    }
    *end = '\0';
    begin_section(r, text + 1);
    return NULL;
}

/* Settings that the section omits come from [DEFAULT]. */
static void apply_defaults(struct ini_reader *r)
{
    struct segjob_profile_section *section = r->section;

    for (size_t i = 0; section->found && i < SEGJOB_PROFILE_COUNT; i++) {
        if (!section->value[i]) {
            section->value[i] = r->defaults.value[i];
            section->line[i] = r->defaults.line[i];
        }
    }
}

bool sj_ini_read(char *text, size_t len, const struct sj_ini_section *wanted,
                 struct segjob_profile_section *section,
                 struct sj_ini_error *error)
{
    static const char mark[] = "\xef\xbb\xbf"; /* byte order mark */
    struct ini_reader reader = {.wanted = wanted, .section = section};
    char *end;

    memset(section, 0, sizeof(*section));
    error->line = 1;
    error->message = strlen(text) == len ? NULL : "the file contains a NUL";
    text += strncmp(text, mark, 3) == 0 ? 3 : 0;
    for (char *line = text; *line && !error->message; line = end) {
        end = line + strcspn(line, "\r\n");
        reader.line++;
        if (*end) {
            const bool is_pair = end[0] == '\r' && end[1] == '\n';

            *end++ = '\0';
            end += is_pair;
        }
        error->message = read_line(&reader, line);
        error->line = reader.line;
    }
    apply_defaults(&reader);
    return !error->message;
}
