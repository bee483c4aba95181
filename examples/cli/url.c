#include "url.h"

#include "segjob_uri.h"

const char *url_read(const char *url, struct segjob_config *config)
{
    struct segjob_uri uri;
    const char *why = segjob_uri_read(segjob_str(url), &uri);

    if (why) {
        return why;
    }
    if (uri.user.ptr) {
        return "must not hold a user name or password";
    }
    if (uri.rest.len > 0) {
        return "must not hold a path, query or fragment";
    }
    config->host = uri.host;
    config->port = uri.port;
    config->plain = uri.plain;
    return NULL;
}
