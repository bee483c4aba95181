#include "credentials.h"

#include <stdlib.h>
#include <string.h>

/* For credentials, and the response with new ones. */
static char memory[128 * 1024];

/* The result of a source in the chain. */
enum found {
    FOUND,
    NOT_FOUND,
    FAILED
};

/* Report the source that is used. */
static enum found take(const char *source, const char *token)
{
    debug("credentials: from %s%s", source, token);
    return FOUND;
}

/* Report why a source is not used. */
static enum found pass(const char *source, const char *why)
{
    debug("credentials: not from %s: %s", source, why);
    return NOT_FOUND;
}

static const char *token_of(const struct segjob_credentials *credentials)
{
    return credentials->session_token.ptr ? ", with session token"
                                          : ", without session token";
}

/* ----------------------------------------------------------------- sources */

static enum found find_environment(struct credentials *credentials,
                                   const struct options *options,
                                   struct config *config)
{
    static const char source[] = "the environment";
    const char *variable, *flaw;

    (void)config;
    if (options->value[OPTION_PROFILE]) {
        /* Someone who names a profile wants its credentials. */
        return pass(source, "--profile is given");
    }
    if (!segjob_environment_credentials(&credentials->environment)) {
        return pass(source, "AWS_ACCESS_KEY_ID is not set");
    }
    if (!credentials->environment.secret_access_key.ptr) {
        fail(EXIT_CONFIG, "credentials from the environment: there is an "
                          "access key id, but no secret access key");
        return FAILED;
    }
    flaw = segjob_environment_flaw(&credentials->environment, &variable);
    if (flaw) {
        fail(EXIT_CONFIG, "%s: %s", variable, flaw);
        return FAILED;
    }
    credentials->given = &credentials->environment;
    return take(source, token_of(credentials->given));
}

static enum found find_web_identity(struct credentials *credentials,
                                    const struct options *options,
                                    struct config *config)
{
    const char *file = getenv("AWS_WEB_IDENTITY_TOKEN_FILE");

    (void)credentials;
    (void)config;
    if (!file || !*file || options->value[OPTION_PROFILE]) {
        return NOT_FOUND;
    }
    fail(EXIT_CONFIG, "AWS_WEB_IDENTITY_TOKEN_FILE is set: credentials by web "
                      "identity, which this program does not support");
    return FAILED;
}

static enum found find_process(struct credentials *credentials,
                               const struct options *options,
                               struct config *config)
{
    struct segjob_process *process = &credentials->process;
    const char *command = segjob_profile_process(&config->profile);

    (void)options;
    if (!command) {
        return NOT_FOUND;
    }
    if (segjob_process_init(process, command, memory, sizeof(memory)) !=
        SEGJOB_OK) {
        fail(EXIT_CONFIG, "profile %s: %s", config->profile.name,
             process->source.message);
        return FAILED;
    }
    credentials->provider = &process->source.provider;
    return take("the profile's credential_process", "");
}

static enum found find_profile(struct credentials *credentials,
                               const struct options *options,
                               struct config *config)
{
    struct segjob_profile *profile = &config->profile;
    const char *from;

    (void)options;
    switch ((int)segjob_profile_credentials(profile, &from)) {
    case SEGJOB_OK:
        credentials->given = &profile->credentials;
        return take(from, token_of(credentials->given));
    case SEGJOB_PENDING:
        return pass("the shared files", "the profile has no credentials");
    default:
        fail(EXIT_CONFIG, "%s", profile->message);
        return FAILED;
    }
}

static enum found find_container(struct credentials *credentials,
                                 const struct options *options,
                                 struct config *config)
{
    struct segjob_source *s = &credentials->container.container.source;

    (void)options;
    (void)config;
    switch ((int)segjob_environment_container_init(&credentials->container,
                                                   memory, sizeof(memory))) {
    case SEGJOB_OK:
        credentials->provider = &s->provider;
        return take("the container's endpoint", "");
    case SEGJOB_PENDING:
        return pass("a container",
                    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and ..._FULL_URI "
                    "are not set");
    default:
        fail(EXIT_CONFIG, "%s", s->message);
        return FAILED;
    }
}

static enum found find_imds(struct credentials *credentials,
                            const struct options *options,
                            struct config *config)
{
    struct segjob_source *s = &credentials->imds.source;

    (void)options;
    (void)config;
    switch ((int)segjob_environment_imds_init(&credentials->imds, memory,
                                              sizeof(memory))) {
    case SEGJOB_OK:
        credentials->provider = &s->provider;
        credentials->hint =
            "; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
            "write them into the credentials file";
        return take("EC2 instance metadata", "");
    case SEGJOB_PENDING:
        return pass("EC2 instance metadata",
                    "AWS_EC2_METADATA_DISABLED is true");
    default:
        fail(EXIT_CONFIG, "%s", s->message);
        return FAILED;
    }
}

/* ------------------------------------------------------------------- chain */

int credentials_find(struct credentials *credentials,
                     const struct options *options, struct config *config)
{
    static enum found (*const sources[])(struct credentials * credentials,
                                         const struct options *options,
                                         struct config *config) = {
        find_environment, find_web_identity, find_process,
        find_profile,     find_container,    find_imds};

    memset(credentials, 0, sizeof(*credentials));
    credentials->hint = "";
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        enum found found = sources[i](credentials, options, config);

        if (found != NOT_FOUND) {
            return found == FOUND ? 0 : EXIT_CONFIG;
        }
    }
    return fail(EXIT_CONFIG,
                "no credentials: set AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY, or write them into profile %s of "
                "the credentials file",
                config->profile.name);
}

void credentials_wipe(struct credentials *credentials)
{
    struct segjob_source *const sources[] = {
        &credentials->container.container.source, &credentials->imds.source,
        &credentials->process.source};

    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        if (credentials->provider == &sources[i]->provider) {
            segjob_source_wipe(sources[i]);
        }
    }
}
