#include "url.h"

#include "segjob_uri.h"

const char *url_read(const char *url, struct segjob_config *config)
{
    struct segjob_uri uri;
    const char *error = segjob_uri_read(segjob_cstr(url), &uri);

    if (error) {
        return error;
    }
    if (uri.user.ptr) {
        return "must not contain a user name or password";
    }
    if (uri.rest.len > 0) {
        return "must not contain a path, query or fragment";
    }
    config->host = uri.host;
    config->port = uri.port;
    config->plain = uri.plain;
    return NULL;
}
