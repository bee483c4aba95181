#define _XOPEN_SOURCE 700

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "ini.h"
#include "url.h"

/* One of the shared files, and the profile's section in it. */
struct shared_file {
    char path[4096]; /* "" if there is no such file */
    char text[FILE_CAP];
    size_t len;
    struct ini_section section;
};

static struct shared_file credentials_file;
static struct shared_file config_file;

/* An environment variable, NULL if it is unset or empty. */
static const char *env(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}

/* The file's name: `variable`, else `fallback`; "" if there is no home. */
static int find_path(struct shared_file *file, const char *variable,
                     const char *fallback)
{
    const char *path = env(variable) ? env(variable) : fallback;
    const char *home = strncmp(path, "~/", 2) == 0 ? env("HOME") : "";
    int len;

    if (!home) {
        return 0;
    }
    len = snprintf(file->path, sizeof(file->path), "%s%s", home,
                   *home ? path + 1 : path);
    if (len >= (int)sizeof(file->path)) {
        return fail(EXIT_CONFIG, "%s: the file's name is too long", variable);
    }
    return 0;
}

/* Read a shared file, if it exists. */
static int read_shared(struct shared_file *file, const char *variable,
                       const char *fallback, const char *profile)
{
    bool prefixed = file == &config_file;
    struct ini_error error;
    int code = find_path(file, variable, fallback);

    if (code || !file->path[0]) {
        return code;
    }
    if (!file_read(file->path, file->text, &file->len)) {
        debug("%s: %s", file->path, strerror(errno));
        if (errno != ENOENT && errno != ENOTDIR) {
            return fail(EXIT_CONFIG, "%s: %s", file->path, strerror(errno));
        }
        file->path[0] = '\0';
        return 0;
    }
    if (!ini_read(file->text, file->len, profile, prefixed, &file->section,
                  &error)) {
        return fail(EXIT_CONFIG, "%s, line %d: %s", file->path, error.line,
                    error.what);
    }
    debug("%s: profile %s %s", file->path, profile,
          file->section.found ? "found" : "not found");
    return 0;
}

/* A profile's setting, NULL if it is absent or empty. */
static const char *in_section(const struct shared_file *file,
                              enum ini_setting setting)
{
    const char *value = file->section.value[setting];

    return value && *value ? value : NULL;
}

static const char *in_profile(enum ini_setting setting)
{
    const char *value = in_section(&credentials_file, setting);

    return value ? value : in_section(&config_file, setting);
}

static const char *profile_name(const struct options *options)
{
    const char *name = options->value[OPTION_PROFILE];

    if (!name) {
        name = env("AWS_PROFILE");
    }
    return name ? name : "default";
}

static int read_files(const struct options *options)
{
    const char *profile = profile_name(options);
    int code = read_shared(&credentials_file, "AWS_SHARED_CREDENTIALS_FILE",
                           "~/.aws/credentials", profile);

    if (code == 0) {
        code = read_shared(&config_file, "AWS_CONFIG_FILE", "~/.aws/config",
                           profile);
    }
    if (code || credentials_file.section.found || config_file.section.found) {
        return code;
    }
    if (options->value[OPTION_PROFILE] || env("AWS_PROFILE")) {
        return fail(EXIT_CONFIG,
                    "profile %s is in neither the credentials file nor the "
                    "config file",
                    profile);
    }
    return 0;
}

/* The first of: an option, two environment variables, the profile. */
static struct setting find(const struct options *options, enum option option,
                           const char *variable, const char *variable2,
                           enum ini_setting setting)
{
    struct setting found = {options->value[option], option_name(option),
                            EXIT_PARAMETER};

    if (!found.text) {
        found = (struct setting){env(variable), variable, EXIT_CONFIG};
    }
    if (!found.text) {
        found = (struct setting){env(variable2), variable2, EXIT_CONFIG};
    }
    if (!found.text) {
        found =
            (struct setting){in_profile(setting), "the profile", EXIT_CONFIG};
    }
    if (found.text) {
        debug("%s: from %s", ini_name(setting), found.source);
    }
    return found;
}

static int read_endpoint(struct config *config)
{
    const struct setting *endpoint = &config->endpoint;
    const char *what;

    if (!endpoint->text) {
        return 0;
    }
    what = url_read(endpoint->text, &config->client.host, &config->client.port);
    if (what) {
        return fail(endpoint->if_broken, "endpoint, from %s: %s",
                    endpoint->source, what);
    }
    return 0;
}

int config_read(const struct options *options, struct config *config)
{
    int code;

    memset(config, 0, sizeof(*config));
    code = read_files(options);
    if (code) {
        return code;
    }
    config->region = find(options, OPTION_REGION, "AWS_REGION",
                          "AWS_DEFAULT_REGION", INI_REGION);
    config->endpoint =
        find(options, OPTION_ENDPOINT_URL, "AWS_ENDPOINT_URL_PERSONALIZE",
             "AWS_ENDPOINT_URL", INI_ENDPOINT_URL);
    config->ca_bundle = find(options, OPTION_CA_BUNDLE, "AWS_CA_BUNDLE",
                             "AWS_CA_BUNDLE", INI_CA_BUNDLE);
    if (!config->region.text) {
        return fail(EXIT_CONFIG,
                    "no region: give --region, set AWS_REGION, or write one "
                    "into profile %s",
                    profile_name(options));
    }
    config->client.region = segjob_str(config->region.text);
    return read_endpoint(config);
}

/* Keys of three places, with `source` in words. Both keys are needed. */
static int use_keys(struct config *config, const char *id, const char *secret,
                    const char *token, const char *source)
{
    if (!secret) {
        return fail(EXIT_CONFIG,
                    "credentials from %s: there is an access key id, but no "
                    "secret access key",
                    source);
    }
    debug("credentials: from %s, %s session token", source,
          token ? "with" : "without");
    config->credentials.access_key_id = segjob_str(id);
    config->credentials.secret_access_key = segjob_str(secret);
    config->credentials.session_token = segjob_str(token);
    return 0;
}

/*
 * The setting by which a profile has its keys from elsewhere, or INI_COUNT.
 * The AWS CLI would follow it before it looks at keys beside it; taking those
 * would act as somebody else than the profile means.
 */
static enum ini_setting keys_elsewhere(void)
{
    static const enum ini_setting ways[] = {
        INI_ROLE_ARN, INI_WEB_IDENTITY_TOKEN_FILE, INI_SSO_ACCOUNT_ID,
        INI_SSO_SESSION};

    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        if (in_profile(ways[i])) {
            return ways[i];
        }
    }
    if (!in_section(&credentials_file, INI_ACCESS_KEY_ID) &&
        in_profile(INI_CREDENTIAL_PROCESS)) {
        return INI_CREDENTIAL_PROCESS;
    }
    return INI_COUNT;
}

static int use_profile(const struct options *options, struct config *config)
{
    const struct shared_file *file =
        in_section(&credentials_file, INI_ACCESS_KEY_ID) ? &credentials_file
                                                         : &config_file;
    const char *profile = profile_name(options);
    enum ini_setting elsewhere = keys_elsewhere();
    const char *id = in_section(file, INI_ACCESS_KEY_ID);

    if (elsewhere != INI_COUNT) {
        return fail(EXIT_CONFIG,
                    "profile %s has its keys by %s, which segjob does not "
                    "support",
                    profile, ini_name(elsewhere));
    }
    if (!id) {
        return fail(EXIT_CONFIG,
                    "no credentials: set AWS_ACCESS_KEY_ID and "
                    "AWS_SECRET_ACCESS_KEY, or write keys into profile %s of "
                    "the credentials file",
                    profile);
    }
    return use_keys(config, id, in_section(file, INI_SECRET_ACCESS_KEY),
                    in_section(file, INI_SESSION_TOKEN), file->path);
}

int config_read_credentials(const struct options *options,
                            struct config *config)
{
    const char *id = env("AWS_ACCESS_KEY_ID");

    /* Who names a profile wants that one, not what the shell has around. */
    if (id && !options->value[OPTION_PROFILE]) {
        return use_keys(config, id, env("AWS_SECRET_ACCESS_KEY"),
                        env("AWS_SESSION_TOKEN"), "the environment");
    }
    return use_profile(options, config);
}

void config_wipe(void)
{
    file_wipe(credentials_file.text, credentials_file.len);
    file_wipe(config_file.text, config_file.len);
}
