#define _XOPEN_SOURCE 700

#include "url.h"

#include <string.h>
#include <strings.h>

static const char scheme[] = "https://";

/* `:PORT` or nothing, `n` bytes */
static const char *read_port(const char *text, size_t n, uint16_t *port)
{
    uint32_t number = 0;

    *port = 0;
    if (n == 0) {
        return NULL;
    }
    for (size_t i = 1; i < n; i++) {
        if (text[i] < '0' || text[i] > '9' || number > UINT16_MAX) {
            return "the port must be a number from 1 to 65535";
        }
        number = number * 10 + (uint32_t)(text[i] - '0');
    }
    if (number == 0 || number > UINT16_MAX) {
        return "the port must be a number from 1 to 65535";
    }
    *port = (uint16_t)number;
    return NULL;
}

const char *url_read(const char *url, struct segjob_str *host, uint16_t *port)
{
    const char *start = url + sizeof(scheme) - 1;
    size_t n;

    if (strncasecmp(url, "http://", 7) == 0) {
        return "http:// is not encrypted; only https:// is supported";
    }
    if (strncasecmp(url, scheme, sizeof(scheme) - 1) != 0) {
        return "must be https://HOST or https://HOST:PORT";
    }
    n = strcspn(start, "/?#");
    if (memchr(start, '@', n)) {
        return "must not hold a user name or password";
    }
    if (start[n] != '\0' && strcmp(start + n, "/") != 0) {
        return "must not hold a path, query or fragment";
    }
    if (*start == '[') {
        return "an IPv6 address is not supported; give a host name";
    }
    host->ptr = start;
    host->len = strcspn(start, ":/");
    return read_port(start + host->len, n - host->len, port);
}
