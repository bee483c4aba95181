#define _XOPEN_SOURCE 700

#include "url.h"

#include <string.h>
#include <strings.h>

static bool has_scheme(const char *url, const char *scheme)
{
    return strncasecmp(url, scheme, strlen(scheme)) == 0;
}

/* `:PORT` or nothing, `n` bytes */
static const char *read_port(const char *text, size_t n, uint16_t *port)
{
    uint32_t number = 0;

    if (n == 0) {
        return NULL;
    }
    for (size_t i = 1; i < n; i++) {
        if (text[i] < '0' || text[i] > '9' || number > UINT16_MAX) {
            return "the port must be a number from 1 to 65535";
        }
        number = number * 10 + (uint32_t)(text[i] - '0');
    }
    if (text[0] != ':' || number == 0 || number > UINT16_MAX) {
        return "the port must be a number from 1 to 65535";
    }
    *port = (uint16_t)number;
    return NULL;
}

/* HOST[:PORT], `n` bytes, an IPv6 address in brackets */
static const char *read_authority(const char *text, size_t n,
                                  struct segjob_config *config)
{
    const char *end = *text == '[' ? memchr(text, ']', n) : NULL;
    const char *rest;

    if (*text == '[' && !end) {
        return "the address lacks its bracket";
    }
    config->host.ptr = end ? text + 1 : text;
    config->host.len = end ? (size_t)(end - text) - 1 : strcspn(text, ":/");
    if (end && !memchr(config->host.ptr, ':', config->host.len)) {
        return "only IPv6 addresses stand in brackets";
    }
    rest = end ? end + 1 : text + config->host.len;
    return read_port(rest, n - (size_t)(rest - text), &config->port);
}

const char *url_read(const char *url, struct segjob_config *config)
{
    const char *start;
    size_t n;

    config->plain = has_scheme(url, "http://");
    if (!config->plain && !has_scheme(url, "https://")) {
        return "must be https://HOST or https://HOST:PORT";
    }
    start = url + (config->plain ? 7 : 8);
    n = strcspn(start, "/?#");
    if (memchr(start, '@', n)) {
        return "must not hold a user name or password";
    }
    if (start[n] != '\0' && strcmp(start + n, "/") != 0) {
        return "must not hold a path, query or fragment";
    }
    config->port = 0;
    return read_authority(start, n, config);
}
