#include "keys.h"

#include <stdlib.h>
#include <string.h>

/* For keys and the answer that brings the next ones. */
static char memory[128 * 1024];

/* What became of a source in the chain. */
enum found {
    HAS_KEYS,
    HAS_NONE,
    HAS_FAILED
};

/* Tell which source was taken. */
static enum found take(const char *source, const char *token)
{
    debug("credentials: from %s%s", source, token);
    return HAS_KEYS;
}

/* Tell why a source was not. */
static enum found pass(const char *source, const char *why)
{
    debug("credentials: not from %s: %s", source, why);
    return HAS_NONE;
}

static const char *token_of(const struct segjob_credentials *keys)
{
    return keys->session_token.ptr ? ", with session token"
                                   : ", without session token";
}

/* ----------------------------------------------------------------- sources */

static enum found find_environment(struct keys *keys,
                                   const struct options *options,
                                   struct config *config)
{
    static const char source[] = "the environment";
    const char *variable, *flaw;

    (void)config;
    if (options->value[OPTION_PROFILE]) {
        /* Who names a profile wants that, not what the shell has around. */
        return pass(source, "--profile is given");
    }
    if (!segjob_environment_keys(&keys->environment)) {
        return pass(source, "AWS_ACCESS_KEY_ID is not set");
    }
    if (!keys->environment.secret_access_key.ptr) {
        fail(EXIT_CONFIG, "credentials from the environment: there is an "
                          "access key id, but no secret access key");
        return HAS_FAILED;
    }
    flaw = segjob_environment_flaw(&keys->environment, &variable);
    if (flaw) {
        fail(EXIT_CONFIG, "%s: %s", variable, flaw);
        return HAS_FAILED;
    }
    keys->given = &keys->environment;
    return take(source, token_of(keys->given));
}

static enum found find_web_identity(struct keys *keys,
                                    const struct options *options,
                                    struct config *config)
{
    const char *file = getenv("AWS_WEB_IDENTITY_TOKEN_FILE");

    (void)keys;
    (void)config;
    if (!file || !*file || options->value[OPTION_PROFILE]) {
        return HAS_NONE;
    }
    fail(EXIT_CONFIG, "AWS_WEB_IDENTITY_TOKEN_FILE is set: keys by web "
                      "identity, which segjob does not support");
    return HAS_FAILED;
}

static enum found find_profile(struct keys *keys, const struct options *options,
                               struct config *config)
{
    struct segjob_profile *profile = &config->profile;
    const char *from;

    (void)options;
    switch ((int)segjob_profile_keys(profile, &from)) {
    case SEGJOB_OK:
        keys->given = &profile->keys;
        return take(from, token_of(keys->given));
    case SEGJOB_PENDING:
        return pass("the shared files", "the profile has no keys");
    default:
        fail(EXIT_CONFIG, "%s", profile->words);
        return HAS_FAILED;
    }
}

static enum found find_container(struct keys *keys,
                                 const struct options *options,
                                 struct config *config)
{
    struct segjob_source *s = &keys->container.container.source;

    (void)options;
    (void)config;
    switch ((int)segjob_environment_container(&keys->container, memory,
                                              sizeof(memory))) {
    case SEGJOB_OK:
        keys->provider = &s->provider;
        return take("the container's endpoint", "");
    case SEGJOB_PENDING:
        return pass("a container",
                    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and ..._FULL_URI "
                    "are not set");
    default:
        fail(EXIT_CONFIG, "%s", s->words);
        return HAS_FAILED;
    }
}

static enum found find_imds(struct keys *keys, const struct options *options,
                            struct config *config)
{
    struct segjob_source *s = &keys->imds.source;

    (void)options;
    (void)config;
    switch ((int)segjob_environment_imds(&keys->imds, memory, sizeof(memory))) {
    case SEGJOB_OK:
        keys->provider = &s->provider;
        keys->hint = "; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
                     "write keys into the credentials file";
        return take("EC2 instance metadata", "");
    case SEGJOB_PENDING:
        return pass("EC2 instance metadata",
                    "AWS_EC2_METADATA_DISABLED is true");
    default:
        fail(EXIT_CONFIG, "%s", s->words);
        return HAS_FAILED;
    }
}

/* ------------------------------------------------------------------- chain */

int keys_find(struct keys *keys, const struct options *options,
              struct config *config)
{
    static enum found (*const sources[])(
        struct keys * keys, const struct options *options,
        struct config *config) = {find_environment, find_web_identity,
                                  find_profile, find_container, find_imds};

    memset(keys, 0, sizeof(*keys));
    keys->hint = "";
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        enum found found = sources[i](keys, options, config);

        if (found != HAS_NONE) {
            return found == HAS_KEYS ? 0 : EXIT_CONFIG;
        }
    }
    return fail(EXIT_CONFIG,
                "no credentials: set AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY, or write keys into profile %s of "
                "the credentials file",
                config->profile.name);
}

void keys_wipe(struct keys *keys)
{
    if (keys->provider == &keys->container.container.source.provider) {
        segjob_source_wipe(&keys->container.container.source);
    } else if (keys->provider == &keys->imds.source.provider) {
        segjob_source_wipe(&keys->imds.source);
    }
}
