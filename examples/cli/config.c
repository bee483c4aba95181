#define _XOPEN_SOURCE 700

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "segjob_text.h"
#include "segjob_uri.h"
#include "text.h"

/* For each shared file in turn, with what is kept of it. */
static char files[1024 * 1024 + 1];

/* An environment variable, NULL if it is unset or empty. */
static const char *env(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}

static void debug_file(const struct segjob_profile *profile,
                       const struct segjob_profile_file *file, const char *kind)
{
    if (!file->path[0]) {
        debug("there is no %s file", kind);
    } else {
        debug("%s: profile %s %s", file->path, profile->name,
              file->section.found ? "found" : "not found");
    }
}

static int read_profile(const struct options *options,
                        struct segjob_profile *profile)
{
    if (segjob_profile_read(profile, options->value[OPTION_PROFILE], files,
                            sizeof(files)) != SEGJOB_OK) {
        return fail(EXIT_CONFIG, "%s", profile->message);
    }
    debug_file(profile, &profile->credentials_file, "credentials");
    debug_file(profile, &profile->config_file, "config");
    return 0;
}

/*
 * A copy of a value in the profile: the files are read again if the credentials
 * in them expire. A value that is cut here is too long for any use.
 */
static const char *keep(enum segjob_profile_setting setting, const char *value)
{
    static char texts[SEGJOB_PROFILE_COUNT][4098];

    if (value) {
        text_format(texts[setting], sizeof(texts[setting]), "%s", value);
    }
    return value ? texts[setting] : NULL;
}

static const char *kept(const struct segjob_profile *profile,
                        enum segjob_profile_setting setting)
{
    return keep(setting, segjob_profile_value(profile, setting));
}

/* The first of: an option, two environment variables. */
static struct setting find_given(const struct options *options,
                                 enum option option, const char *variable,
                                 const char *variable2)
{
    struct setting found = {options->value[option], option_name(option),
                            EXIT_PARAMETER};

    if (!found.text) {
        found = (struct setting){env(variable), variable, EXIT_CONFIG};
    }
    if (!found.text) {
        found = (struct setting){env(variable2), variable2, EXIT_CONFIG};
    }
    return found;
}

static struct setting in_profile(const char *text)
{
    return (struct setting){text, "the profile", EXIT_CONFIG};
}

static void debug_source(const struct setting *found,
                         enum segjob_profile_setting setting)
{
    if (found->text) {
        debug("%s: from %s", segjob_profile_setting_name(setting),
              found->source);
    }
}

/* The first of these, or the profile's setting. */
static struct setting find(const struct options *options,
                           const struct segjob_profile *profile,
                           enum option option, const char *variable,
                           const char *variable2,
                           enum segjob_profile_setting setting)
{
    struct setting found = find_given(options, option, variable, variable2);

    if (!found.text) {
        found = in_profile(kept(profile, setting));
    }
    debug_source(&found, setting);
    return found;
}

/* Whether it is `true` without regard to case, as for the AWS CLI. */
static bool is_true(const char *value)
{
    return value && strcasecmp(value, "true") == 0;
}

/* The first of: an environment variable, the profile's setting. */
static struct setting find_configured(const struct segjob_profile *profile,
                                      const char *variable,
                                      enum segjob_profile_setting setting)
{
    struct setting found = {env(variable), variable, EXIT_CONFIG};

    if (!found.text) {
        found = in_profile(kept(profile, setting));
    }
    debug_source(&found, setting);
    return found;
}

static bool find_flag(const struct segjob_profile *profile,
                      const char *variable, enum segjob_profile_setting setting)
{
    return is_true(find_configured(profile, variable, setting).text);
}

static int find_endpoint(const struct options *options, struct config *config)
{
    struct segjob_profile *profile = &config->profile;
    const char *url = options->value[OPTION_ENDPOINT_URL];

    config->endpoint =
        (struct setting){url, option_name(OPTION_ENDPOINT_URL), EXIT_PARAMETER};
    if (!url) {
        if (segjob_profile_endpoint_url(profile, SEGJOB_PROFILE_PERSONALIZE,
                                        &url, &config->endpoint.source) !=
            SEGJOB_OK) {
            return fail(EXIT_CONFIG, "%s", profile->message);
        }
        config->endpoint.text = keep(SEGJOB_PROFILE_ENDPOINT_URL, url);
        config->endpoint.if_broken = EXIT_CONFIG;
    }
    debug_source(&config->endpoint, SEGJOB_PROFILE_ENDPOINT_URL);
    return 0;
}

static int read_endpoint(const struct options *options, struct config *config)
{
    const struct setting *endpoint = &config->endpoint;
    const int code = find_endpoint(options, config);
    const char *what;

    if (code || !endpoint->text) {
        return code;
    }
    what =
        segjob_uri_read_endpoint(segjob_cstr(endpoint->text), &config->client);
    if (what) {
        return fail(endpoint->if_broken, "endpoint, from %s: %s",
                    endpoint->source, what);
    }
    return 0;
}

/* The AWS CLI ends with 255 for an unknown output. */
static int read_formats(const struct options *options, struct config *config)
{
    const char *times =
        kept(&config->profile, SEGJOB_PROFILE_CLI_TIMESTAMP_FORMAT);
    const char *output;

    config->output =
        find(options, &config->profile, OPTION_OUTPUT, "AWS_DEFAULT_OUTPUT",
             "AWS_DEFAULT_OUTPUT", SEGJOB_PROFILE_OUTPUT);
    output = config->output.text;
    if (output && strcmp(output, "json") != 0 && strcmp(output, "text") != 0 &&
        strcmp(output, "table") != 0) {
        return fail(EXIT_OTHER, "output, from %s, must be json, text or table",
                    config->output.source); /* it may be a misplaced secret */
    }
    config->has_wire_times = times && strcmp(times, "wire") == 0;
    return !times || config->has_wire_times || strcmp(times, "iso8601") == 0
               ? 0
               : fail(EXIT_CONFIG,
                      "cli_timestamp_format, from the profile, must be "
                      "iso8601 or wire");
}

/*
 * The number of attempts: that of the mode, unless it is set. A greater one
 * than fits would end by the retry quota all the same.
 */
static int read_attempts(struct config *config)
{
    const struct setting mode = find_configured(
        &config->profile, "AWS_RETRY_MODE", SEGJOB_PROFILE_RETRY_MODE);
    const struct setting attempts = find_configured(
        &config->profile, "AWS_MAX_ATTEMPTS", SEGJOB_PROFILE_MAX_ATTEMPTS);
    const bool is_legacy = mode.text && strcmp(mode.text, "legacy") == 0;
    uint32_t number = is_legacy ? 5 : 3;

    if (mode.text && !is_legacy && strcmp(mode.text, "standard") != 0 &&
        strcmp(mode.text, "adaptive") != 0) {
        return fail(EXIT_CONFIG,
                    "retry_mode, from %s, must be legacy, standard or adaptive",
                    mode.source);
    }
    if (attempts.text) {
        number = segjob_decimal(segjob_cstr(attempts.text));
    }
    if (number == 0 || number == SEGJOB_NO_DECIMAL) {
        return fail(EXIT_CONFIG,
                    "max_attempts, from %s, must be a whole number above 0",
                    attempts.source);
    }
    config->client.max_attempts =
        number < UINT8_MAX ? (uint8_t)number : UINT8_MAX;
    return 0;
}

int config_read(const struct options *options, struct config *config)
{
    int code;

    memset(config, 0, sizeof(*config));
    code = read_profile(options, &config->profile);
    if (code) {
        return code;
    }
    config->region =
        find(options, &config->profile, OPTION_REGION, "AWS_REGION",
             "AWS_DEFAULT_REGION", SEGJOB_PROFILE_REGION);
    config->ca_bundle =
        find(options, &config->profile, OPTION_CA_BUNDLE, "AWS_CA_BUNDLE",
             "AWS_CA_BUNDLE", SEGJOB_PROFILE_CA_BUNDLE);
    if (!config->region.text) {
        return fail(EXIT_CONFIG,
                    "no region: give --region, set AWS_REGION, or write one "
                    "into profile %s",
                    config->profile.name);
    }
    config->client.region = segjob_cstr(config->region.text);
    config->client.fips = find_flag(&config->profile, "AWS_USE_FIPS_ENDPOINT",
                                    SEGJOB_PROFILE_USE_FIPS_ENDPOINT);
    config->client.dual_stack =
        find_flag(&config->profile, "AWS_USE_DUALSTACK_ENDPOINT",
                  SEGJOB_PROFILE_USE_DUALSTACK_ENDPOINT);
    code = read_formats(options, config);
    code = code ? code : read_attempts(config);
    return code ? code : read_endpoint(options, config);
}

void config_wipe(struct config *config)
{
    segjob_profile_wipe(&config->profile);
}
