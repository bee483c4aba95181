#include "proxy.h"

#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "text.h"

static struct segjob_proxy proxy;
static char url[1024];

/* The first of two variables that is set; NULL if none is, or it is empty. */
static const char *env(const char *lower, const char *upper, const char **name)
{
    const char *value = getenv(lower);

    *name = lower;
    if (!value) {
        value = getenv(upper);
        *name = upper;
    }
    return value && *value ? value : NULL;
}

int proxy_begin(struct segjob_posix *posix, const char **shown)
{
    static char place[300];
    struct segjob_proxy_config config = {.host = NULL};
    const char *name, *unused;
    const char *value = env("https_proxy", "HTTPS_PROXY", &name);
    const char *why;

    *shown = place;
    if (!value) {
        return 0;
    }
    if (text_format(url, sizeof(url), "%s", value) >= sizeof(url)) {
        return fail(EXIT_CONFIG, "%s: it is too long", name);
    }
    why = segjob_proxy_read_url(url, &config);
    if (why) {
        return fail(EXIT_CONFIG, "%s: %s", name, why);
    }
    config.no_proxy = env("no_proxy", "NO_PROXY", &unused);
    segjob_proxy_init(&proxy, &posix->tcp.stream, &config);
    segjob_tls_over(&posix->tls, &proxy.stream);
    text_format(place, sizeof(place), "%s:%u", config.host,
                (unsigned)config.port);
    debug("proxy %s, from %s", place, name);
    return 0;
}

void proxy_wipe(void)
{
    volatile char *at = url; /* volatile: not to be optimized away */

    for (size_t i = 0; i < sizeof(url); i++) {
        at[i] = '\0';
    }
}
