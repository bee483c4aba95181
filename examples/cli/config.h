/*
 * The configuration: the first found of options, the environment, and the
 * profile in the shared files, as for the AWS CLI. Credentials: credentials.h.
 *
 *   region       --region, AWS_REGION, AWS_DEFAULT_REGION, the profile
 *   endpoint     --endpoint-url, AWS_ENDPOINT_URL_PERSONALIZE,
 *                AWS_ENDPOINT_URL, the profile's services section, the
 *                profile (all but the option are ignored if
 *                AWS_IGNORE_CONFIGURED_ENDPOINT_URLS or the profile's
 *                ignore_configured_endpoint_urls is true)
 *   FIPS         AWS_USE_FIPS_ENDPOINT, the profile's use_fips_endpoint
 *   dual-stack   AWS_USE_DUALSTACK_ENDPOINT, ... use_dualstack_endpoint
 *   attempts     AWS_MAX_ATTEMPTS, the profile's max_attempts, else by
 *                AWS_RETRY_MODE, the profile's retry_mode: 5 for `legacy`, 3
 *                for `standard`, the default, and `adaptive`
 *   CA bundle    --ca-bundle, AWS_CA_BUNDLE, the profile
 *   output       --output, AWS_DEFAULT_OUTPUT, the profile, JSON
 *   time stamps  the profile's cli_timestamp_format, iso8601
 *   profile      --profile, AWS_PROFILE, `default`
 *
 * In a profile, the credentials file comes before the config file. An empty
 * environment variable or setting counts as absent.
 */
#ifndef CLI_CONFIG_H
#define CLI_CONFIG_H

#include "options.h"
#include "output.h"
#include "segjob_profile.h"

/* A value and where it is from; `text` NULL if there is none. */
struct setting {
    const char *text;
    const char *source;       /* for messages */
    enum exit_code if_broken; /* 252 from an option, else 253 */
};

struct config {
    struct setting region;
    struct setting endpoint;
    struct setting ca_bundle;
    struct setting output;
    bool has_wire_times; /* time stamps are printed as the service sends them */
    struct segjob_config client; /* for segjob_init() */
    struct segjob_profile profile;
};

/*
 * Read all of it. What `config` points to is valid until config_wipe().
 *
 * Returns 0, or the exit code after reporting the failure.
 */
int config_read(const struct options *options, struct config *config);

/* Overwrite what was read from the files. */
void config_wipe(struct config *config);

#endif
