#include "credentials.h"

#include <string.h>

/* For credentials, and the response with new ones. */
static char memory[128 * 1024];

/* Report why each source is used, or is not. */
static void debug_findings(const struct segjob_chain *chain)
{
    for (size_t i = 0; i < chain->findings_len; i++) {
        const struct segjob_chain_finding *found = &chain->findings[i];

        debug("credentials: %sfrom %s%s%s%s%s", found->why ? "not " : "",
              found->source, found->profile ? " of profile " : "",
              found->profile ? found->profile : "", found->why ? ": " : "",
              found->why ? found->why : "");
    }
    if (chain->credentials) {
        debug("credentials: with%s session token",
              chain->credentials->session_token.ptr ? "" : "out");
    }
}

int credentials_find(struct segjob_chain *chain, const struct options *options,
                     struct config *config)
{
    const enum segjob_status status = segjob_chain_init(
        chain, &config->profile, options->value[OPTION_PROFILE] != NULL,
        &config->client, memory, sizeof(memory));

    debug_findings(chain);
    return status == SEGJOB_OK ? 0 : fail(EXIT_CONFIG, "%s", chain->message);
}

/* EC2 is asked if nothing else is configured: perhaps that was forgotten. */
const char *credentials_hint(const struct segjob_chain *chain)
{
    const size_t n = chain->findings_len;

    return n > 0 && chain->roles_len == 0 &&
                   strcmp(chain->findings[n - 1].source,
                          "EC2 instance metadata") == 0
               ? "; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
                 "write them into the credentials file"
               : "";
}
