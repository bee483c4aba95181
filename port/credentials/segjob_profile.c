#define _XOPEN_SOURCE 700

#include "segjob_profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "segjob_text.h"
#include "sj_file.h"
#include "sj_flaw.h"
#include "sj_ini.h"
#include "sj_message.h"

static const struct segjob_profile_section no_section = {.found = false};
static const struct segjob_credentials no_credentials = {
    .session_token = {NULL, 0}};

/* An environment variable, NULL if it is unset or empty. */
static const char *env(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && *value != '\0' ? value : NULL;
}

static enum segjob_status refuse(struct segjob_profile *p, const char *about,
                                 const char *why)
{
    p->message[0] = '\0';
    sj_message_add(p->message, sizeof(p->message), about);
    sj_message_add(p->message, sizeof(p->message), why);
    return SEGJOB_CONFIG;
}

static void add(struct segjob_profile *p, const char *more)
{
    sj_message_add(p->message, sizeof(p->message), more);
}

static enum segjob_status refuse_line(struct segjob_profile *p,
                                      const struct segjob_profile_file *file,
                                      int line, const char *why)
{
    (void)refuse(p, file->path, ", line ");
    sj_message_add_number(p->message, sizeof(p->message), (unsigned)line);
    add(p, ": ");
    add(p, why);
    return SEGJOB_CONFIG;
}

/* ------------------------------------------------------------------ files */

/* Set the path: that of `variable`, else `fallback`; "" without a HOME. */
static bool find_path(struct segjob_profile_file *file, const char *variable,
                      const char *fallback)
{
    const char *path = env(variable) != NULL ? env(variable) : fallback;
    const char *home = strncmp(path, "~/", 2) == 0 ? env("HOME") : "";

    file->path[0] = '\0';
    if (home == NULL) {
        return true;
    }
    path += *home != '\0';
    if (strlen(home) + strlen(path) >= sizeof(file->path)) {
        return false;
    }
    sj_message_add(file->path, sizeof(file->path), home);
    sj_message_add(file->path, sizeof(file->path), path);
    return true;
}

/* Read a file and append a NUL. Returns 0, or an errno. */
static int read_text(const char *path, char *text, size_t cap, size_t *len)
{
    int error = EFBIG;

    *len = 0;
    if (cap > 0) {
        error = sj_file_read(path, text, cap - 1, len);
        text[*len] = '\0';
    }
    return error;
}

/* The first value at or after `at`, or NULL. */
static const char **first_after(struct segjob_profile_section *section,
                                const char *at)
{
    const char **first = NULL;
    size_t i;

    for (i = 0; i < SEGJOB_PROFILE_COUNT; i++) {
        const char **value = &section->value[i];

        if (*value != NULL && *value >= at &&
            (first == NULL || *value < *first)) {
            first = value;
        }
    }
    return first;
}

/* Move the values to the front of `text`. Returns how many bytes they take. */
static size_t keep_values(struct segjob_profile_section *section, char *text)
{
    const char **value, *at = text;
    size_t used = 0;

    while ((value = first_after(section, at)) != NULL) {
        const size_t n = strlen(*value) + 1;

        at = *value + n;
        memmove(text + used, *value, n);
        *value = text + used;
        used += n;
    }
    return used;
}

/*
 * Read a section of the file into the free part of the buffer, where its values
 * stay. A file that is missing is empty, and its path is cleared.
 */
static enum segjob_status read_section(struct segjob_profile *p,
                                       struct segjob_profile_file *file,
                                       const struct sj_ini_section *wanted,
                                       struct segjob_profile_section *section)
{
    char *text = p->buf + p->used;
    struct sj_ini_error error;
    size_t len = 0, kept;
    const int code = file->path[0] == '\0'
                         ? ENOENT
                         : read_text(file->path, text, p->cap - p->used, &len);

    *section = no_section;
    if (code == ENOENT || code == ENOTDIR) {
        file->path[0] = '\0';
        return SEGJOB_OK;
    }
    if (code != 0) {
        segjob_wipe_bytes(text, len);
        (void)refuse(p, file->path, ": ");
        add(p, strerror(code));
        return SEGJOB_CONFIG;
    }
    if (!sj_ini_read(text, len, wanted, section, &error)) {
        segjob_wipe_bytes(text, len);
        *section = no_section;
        return refuse_line(p, file, error.line, error.message);
    }
    kept = keep_values(section, text);
    segjob_wipe_bytes(text + kept, len + 1 - kept);
    p->used += kept;
    return SEGJOB_OK;
}

static enum segjob_status read_shared(struct segjob_profile *p,
                                      struct segjob_profile_file *file,
                                      const char *variable,
                                      const char *fallback)
{
    const struct sj_ini_section wanted = {
        .kind = file == &p->config_file ? SJ_INI_PROFILE : SJ_INI_BARE,
        .name = p->name};

    file->section = no_section;
    if (!find_path(file, variable, fallback)) {
        return refuse(p, variable, ": the file's path is too long");
    }
    return read_section(p, file, &wanted, &file->section);
}

static enum segjob_status read_files(struct segjob_profile *p)
{
    enum segjob_status status;

    p->used = 0;
    status = read_shared(p, &p->credentials_file, "AWS_SHARED_CREDENTIALS_FILE",
                         "~/.aws/credentials");
    return status != SEGJOB_OK
               ? status
               : read_shared(p, &p->config_file, "AWS_CONFIG_FILE",
                             "~/.aws/config");
}

/* --------------------------------------------------------------- settings */

/* A file's setting, NULL if it is absent or empty. */
static const char *in_file(const struct segjob_profile_file *file,
                           enum segjob_profile_setting setting)
{
    const char *value = file->section.value[setting];

    return value != NULL && *value != '\0' ? value : NULL;
}

const char *segjob_profile_value(const struct segjob_profile *profile,
                                 enum segjob_profile_setting setting)
{
    const char *value = in_file(&profile->credentials_file, setting);

    return value != NULL ? value : in_file(&profile->config_file, setting);
}

/*
 * Read the section of the config file that the profile's setting names, if it
 * is set, into what is left of the buffer.
 */
static enum segjob_status read_named(struct segjob_profile *p,
                                     enum segjob_profile_setting setting,
                                     struct sj_ini_section wanted,
                                     struct segjob_profile_section *section)
{
    const struct segjob_profile_file *file =
        in_file(&p->credentials_file, setting) != NULL ? &p->credentials_file
                                                       : &p->config_file;
    enum segjob_status status;

    *section = no_section;
    wanted.name = in_file(file, setting);
    if (wanted.name == NULL) {
        return SEGJOB_OK;
    }
    status = read_section(p, &p->config_file, &wanted, section);
    return status != SEGJOB_OK || section->found
               ? status
               : refuse_line(p, file, file->section.line[setting],
                             wanted.kind == SJ_INI_SERVICES
                                 ? "the config file has no such services "
                                   "section"
                                 : "the config file has no such sso-session "
                                   "section");
}

static bool ignores_endpoint_urls(const struct segjob_profile *p)
{
    const char *value = env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");

    if (value == NULL) {
        value = segjob_profile_value(p, SEGJOB_PROFILE_IGNORE_ENDPOINT_URLS);
    }
    return value != NULL && strcasecmp(value, "true") == 0;
}

enum segjob_status segjob_profile_endpoint_url(
    struct segjob_profile *p, enum segjob_profile_service service,
    const char **url, const char **from)
{
    static const char all[] = "AWS_ENDPOINT_URL";
    static const char *const services[][2] = {
        {"personalize", "AWS_ENDPOINT_URL_PERSONALIZE"},
        {"sts", "AWS_ENDPOINT_URL_STS"},
        {"sso", "AWS_ENDPOINT_URL_SSO"}};
    const struct sj_ini_section wanted = {.kind = SJ_INI_SERVICES,
                                          .service = services[service][0]};
    struct segjob_profile_section section;
    enum segjob_status status;

    *from = env(services[service][1]) != NULL ? services[service][1] : all;
    *url = env(*from);
    if (ignores_endpoint_urls(p)) {
        *url = NULL;
        return SEGJOB_OK;
    }
    if (*url != NULL) {
        return SEGJOB_OK;
    }
    *from = "the profile";
    status = read_named(p, SEGJOB_PROFILE_SERVICES, wanted, &section);
    *url = section.value[SEGJOB_PROFILE_ENDPOINT_URL];
    if (*url == NULL || **url == '\0') {
        *url = segjob_profile_value(p, SEGJOB_PROFILE_ENDPOINT_URL);
    }
    return status;
}

enum segjob_status segjob_profile_add_sso_session(struct segjob_profile *p)
{
    const struct sj_ini_section wanted = {.kind = SJ_INI_SSO_SESSION};
    struct segjob_profile_section section;
    enum segjob_status status =
        read_named(p, SEGJOB_PROFILE_SSO_SESSION, wanted, &section);
    size_t i;

    for (i = 0; i < SEGJOB_PROFILE_COUNT && status == SEGJOB_OK; i++) {
        const char *own =
            segjob_profile_value(p, (enum segjob_profile_setting)i);

        if (section.value[i] == NULL || section.value[i][0] == '\0') {
            continue;
        }
        if (own != NULL && strcmp(own, section.value[i]) != 0) {
            status = refuse_line(
                p, &p->config_file, section.line[i],
                segjob_profile_setting_name((enum segjob_profile_setting)i));
            add(p, ": is not that of profile ");
            add(p, p->name);
        } else if (own == NULL) {
            p->config_file.section.value[i] = section.value[i];
            p->config_file.section.line[i] = section.line[i];
        }
    }
    return status;
}

static enum segjob_status check_credentials(
    struct segjob_profile *p, const struct segjob_profile_file *file)
{
    enum segjob_profile_setting setting = SEGJOB_PROFILE_ACCESS_KEY_ID;
    const char *flaw;
    size_t which;

    if (p->credentials.access_key_id.ptr == NULL) {
        return SEGJOB_PENDING;
    }
    if (p->credentials.secret_access_key.ptr == NULL) {
        return refuse(p, file->path,
                      ": there is an access key id, but no secret access key");
    }
    flaw = sj_flaw_of_credentials(&p->credentials, &which);
    if (flaw == NULL) {
        return SEGJOB_OK;
    }
    setting = (enum segjob_profile_setting)(setting + which);
    (void)refuse_line(p, file, file->section.line[setting],
                      segjob_profile_setting_name(setting));
    add(p, ": ");
    add(p, flaw);
    return SEGJOB_CONFIG;
}

enum segjob_status segjob_profile_credentials(struct segjob_profile *p)
{
    const bool has =
        in_file(&p->credentials_file, SEGJOB_PROFILE_ACCESS_KEY_ID);
    const struct segjob_profile_file *file =
        has ? &p->credentials_file : &p->config_file;

    p->credentials = no_credentials;
    p->credentials.access_key_id =
        segjob_cstr(in_file(file, SEGJOB_PROFILE_ACCESS_KEY_ID));
    p->credentials.secret_access_key =
        segjob_cstr(in_file(file, SEGJOB_PROFILE_SECRET_ACCESS_KEY));
    p->credentials.session_token =
        segjob_cstr(in_file(file, SEGJOB_PROFILE_SESSION_TOKEN));
    return check_credentials(p, file);
}

/* --------------------------------------------------------------- provider */

static enum segjob_io get(struct segjob_provider *provider,
                          struct segjob_port *port, int64_t now,
                          bool force_refresh,
                          const struct segjob_credentials **credentials)
{
    struct segjob_profile *p = (struct segjob_profile *)provider;
    enum segjob_status status = SEGJOB_OK;

    (void)port;
    (void)now;
    *credentials = &p->credentials;
    if (p->credentials.access_key_id.ptr != NULL && !force_refresh) {
        return SEGJOB_IO_OK;
    }
    if (force_refresh || p->is_stale) {
        segjob_profile_wipe(p);
        status = read_files(p);
    }
    if (status == SEGJOB_OK) {
        status = segjob_profile_credentials(p);
    }
    if (status == SEGJOB_PENDING) {
        (void)refuse(p, "there are no credentials in profile ", p->name);
    }
    p->is_stale = status != SEGJOB_OK;
    provider->error =
        (struct segjob_port_error){SEGJOB_CREDENTIALS, p->message, 0};
    return status == SEGJOB_OK ? SEGJOB_IO_OK : SEGJOB_IO_FAILED;
}

enum segjob_status segjob_profile_read(struct segjob_profile *p,
                                       const char *name, char *buf, size_t cap)
{
    const bool is_named = name != NULL || env("AWS_PROFILE") != NULL;
    enum segjob_status status;

    memset(p, 0, sizeof(*p));
    p->provider.get = get; /* which never blocks */
    p->name = name != NULL ? name : is_named ? env("AWS_PROFILE") : "default";
    p->buf = buf;
    p->cap = cap;
    status = read_files(p);
    if (status == SEGJOB_OK && is_named && !p->credentials_file.section.found &&
        !p->config_file.section.found) {
        (void)refuse(p, "profile ", p->name);
        add(p, " is in neither the credentials file nor the config file");
        status = SEGJOB_CONFIG;
    }
    return status;
}

void segjob_profile_wipe(struct segjob_profile *p)
{
    segjob_wipe_bytes(p->buf, p->used);
    p->used = 0;
    p->credentials = no_credentials;
    p->credentials_file.section = no_section;
    p->config_file.section = no_section;
}
