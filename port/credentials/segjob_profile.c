#define _XOPEN_SOURCE 700

#include "segjob_profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

/*
 * Read a section of the file into the free part of the buffer, of which the
 * file may take `cap` bytes with a NUL. A file that is missing is empty, and
 * its path is cleared.
 */
static enum segjob_status read_section(struct segjob_profile *p,
                                       struct segjob_profile_file *file,
                                       size_t cap, enum sj_ini_kind kind,
                                       const char *name,
                                       struct segjob_profile_section *section)
{
    char *text = p->buf + p->used;
    struct sj_ini_error error;
    size_t len = 0;
    const int code =
        file->path[0] == '\0' ? ENOENT : read_text(file->path, text, cap, &len);

    *section = no_section;
    if (code == ENOENT || code == ENOTDIR) {
        file->path[0] = '\0';
        return SEGJOB_OK;
    }
    p->used += code == 0 ? len + 1 : len;
    if (code != 0) {
        (void)refuse(p, file->path, ": ");
        add(p, strerror(code));
        return SEGJOB_CONFIG;
    }
    if (!sj_ini_read(text, len, kind, name, section, &error)) {
        return refuse_line(p, file, error.line, error.message);
    }
    return SEGJOB_OK;
}

static enum segjob_status read_shared(struct segjob_profile *p,
                                      struct segjob_profile_file *file,
                                      const char *variable,
                                      const char *fallback)
{
    file->section = no_section;
    if (!find_path(file, variable, fallback)) {
        return refuse(p, variable, ": the file's path is too long");
    }
    return read_section(p, file, p->cap / 2,
                        file == &p->config_file ? SJ_INI_PROFILE : SJ_INI_BARE,
                        p->name, &file->section);
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

enum segjob_status segjob_profile_endpoint_url(struct segjob_profile *p,
                                               const char **url)
{
    const char *name = in_file(&p->credentials_file, SEGJOB_PROFILE_SERVICES);
    const struct segjob_profile_file *file =
        name != NULL ? &p->credentials_file : &p->config_file;
    struct segjob_profile_section services;
    enum segjob_status status;

    *url = segjob_profile_value(p, SEGJOB_PROFILE_ENDPOINT_URL);
    name = in_file(file, SEGJOB_PROFILE_SERVICES);
    if (name == NULL) {
        return SEGJOB_OK;
    }
    status = read_section(p, &p->config_file, p->cap - p->used, SJ_INI_SERVICES,
                          name, &services);
    if (status == SEGJOB_OK && !services.found) {
        return refuse_line(p, file, file->section.line[SEGJOB_PROFILE_SERVICES],
                           "the config file has no such services section");
    }
    name = services.value[SEGJOB_PROFILE_ENDPOINT_URL];
    *url = name != NULL && *name != '\0' ? name : *url;
    return status;
}

/*
 * The setting by which a profile gets its credentials in another role, or
 * SEGJOB_PROFILE_COUNT. The AWS CLI prefers it to credentials in the file:
 * using those would act in another role than the profile means.
 */
static enum segjob_profile_setting unsupported_setting(
    const struct segjob_profile *p)
{
    static const enum segjob_profile_setting settings[] = {
        SEGJOB_PROFILE_ROLE_ARN, SEGJOB_PROFILE_WEB_IDENTITY_TOKEN_FILE,
        SEGJOB_PROFILE_SSO_ACCOUNT_ID, SEGJOB_PROFILE_SSO_SESSION};
    size_t i;

    for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        if (segjob_profile_value(p, settings[i]) != NULL) {
            return settings[i];
        }
    }
    return SEGJOB_PROFILE_COUNT;
}

const char *segjob_profile_process(const struct segjob_profile *profile)
{
    return unsupported_setting(profile) != SEGJOB_PROFILE_COUNT ||
                   in_file(&profile->credentials_file,
                           SEGJOB_PROFILE_ACCESS_KEY_ID) != NULL
               ? NULL
               : segjob_profile_value(profile,
                                      SEGJOB_PROFILE_CREDENTIAL_PROCESS);
}

static enum segjob_status refuse_setting(struct segjob_profile *p,
                                         enum segjob_profile_setting setting)
{
    (void)refuse(p, "profile ", p->name);
    add(p, " gets its credentials by ");
    add(p, segjob_profile_setting_name(setting));
    add(p, ", which this program does not support");
    return SEGJOB_CONFIG;
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

enum segjob_status segjob_profile_credentials(struct segjob_profile *p,
                                              const char **from)
{
    const bool has =
        in_file(&p->credentials_file, SEGJOB_PROFILE_ACCESS_KEY_ID);
    const struct segjob_profile_file *file =
        has ? &p->credentials_file : &p->config_file;
    enum segjob_profile_setting unsupported = unsupported_setting(p);

    if (segjob_profile_process(p) != NULL) {
        unsupported = SEGJOB_PROFILE_CREDENTIAL_PROCESS;
    }
    p->credentials = no_credentials;
    *from = file->path;
    if (unsupported != SEGJOB_PROFILE_COUNT) {
        return refuse_setting(p, unsupported);
    }
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
    const char *from;

    (void)port;
    (void)now;
    *credentials = &p->credentials;
    if (p->credentials.access_key_id.ptr != NULL && !force_refresh) {
        return SEGJOB_IO_OK;
    }
    if (force_refresh) {
        segjob_profile_wipe(p);
        status = read_files(p);
    }
    if (status == SEGJOB_OK) {
        status = segjob_profile_credentials(p, &from);
    }
    if (status == SEGJOB_PENDING) {
        (void)refuse(p, "there are no credentials in profile ", p->name);
    }
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
    volatile char *at = p->buf; /* volatile: not to be optimized away */
    size_t n;

    for (n = p->used; n > 0; n--) {
        at[n - 1] = 0;
    }
    p->credentials = no_credentials;
    p->credentials_file.section = no_section;
    p->config_file.section = no_section;
}
