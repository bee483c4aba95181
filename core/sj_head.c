#include "sj_head.h"

#include "sj_endpoint.h"

#define SJ_STRINGIFY(x) #x
#define TEXT_OF(x) SJ_STRINGIFY(x)
#define VERSION                   \
    TEXT_OF(SEGJOB_VERSION_MAJOR) \
    "." TEXT_OF(SEGJOB_VERSION_MINOR) "." TEXT_OF(SEGJOB_VERSION_PATCH)

uint16_t sj_head_default_port(const struct segjob_config *config)
{
    return config->plain ? 80 : 443;
}

void sj_head_write_host(struct sj_writer *w, const struct segjob_config *config)
{
    if (config->host.ptr != NULL) {
        sj_write_str(w, config->host);
    } else {
        sj_endpoint_write_host(w, config, SJ_SERVICE);
    }
}

/* The value contains a port other than the scheme's default. */
void sj_head_write_authority(struct sj_writer *w,
                             const struct segjob_config *config)
{
    const bool is_ipv6 = sj_endpoint_is_ipv6(config->host);

    sj_write_text(w, is_ipv6 ? "[" : ""); /* RFC 3986 section 3.2.2 */
    sj_head_write_host(w, config);
    sj_write_text(w, is_ipv6 ? "]" : "");
    if (config->port != 0 && config->port != sj_head_default_port(config)) {
        sj_write_char(w, ':');
        sj_write_int(w, config->port);
    }
}

static void write_field(struct sj_writer *w, const char *name,
                        struct segjob_str value)
{
    sj_write_text(w, name);
    sj_write_text(w, ": ");
    sj_write_str(w, value);
    sj_write_text(w, "\r\n");
}

void sj_head_write_fetch(struct sj_writer *w,
                         const struct segjob_config *config,
                         const struct segjob_fetch_request *fetch)
{
    sj_write_text(w, fetch->method);
    sj_write_char(w, ' ');
    for (size_t i = 0; i < sizeof(fetch->path) / sizeof(fetch->path[0]); i++) {
        sj_write_str(w, fetch->path[i]);
    }
    sj_write_text(w, " HTTP/1.1\r\nHost: ");
    sj_head_write_authority(w, config);
    sj_write_text(w, "\r\nAccept: */*\r\nUser-Agent: segjob/" VERSION "\r\n");
    if (fetch->method[0] == 'P') {
        sj_write_text(w, "Content-Length: "); /* RFC 9110, 8.6 */
        sj_write_int(w, (int64_t)fetch->body.len);
        sj_write_text(w, "\r\n");
    }
    for (size_t i = 0;
         i < SEGJOB_FETCH_HEADERS && fetch->headers[i].name != NULL; i++) {
        write_field(w, fetch->headers[i].name, fetch->headers[i].value);
    }
    sj_write_text(w, "\r\n");
    sj_write_str(w, fetch->body);
}

/* The signature needs the value of Host: take it from where it was written. */
bool sj_head_write(struct sj_writer *w, const struct segjob_config *config,
                   struct sj_sigv4 *s, struct sj_signing_key *key)
{
    size_t host_at;

    s->region = config->region;
    s->day.ptr = s->date.ptr;
    s->day.len = SJ_DATE_LEN;
    s->signature.ptr = NULL;
    s->signature.len = SJ_HEX_LEN;
    sj_write_text(w, "POST / HTTP/1.1\r\nHost: ");
    host_at = w->len;
    sj_head_write_authority(w, config);
    if (key != NULL) {
        s->host.ptr = w->buf + host_at;
        s->host.len = w->len - host_at;
        if (!sj_sigv4_sign(s, key)) {
            return false;
        }
    }
    sj_write_template(w,
                      "\r\nContent-Type: " SJ_CONTENT_TYPE
                      "\r\nX-Amz-Target: " SJ_TARGET "\r\nX-Amz-Date: " SJ_DATE
                      "\r\n" SJ_IF_TOKEN "X-Amz-Security-Token: " SJ_TOKEN
                      "\r\n" SJ_END_IF "Content-Length: ",
                      s);
    sj_write_int(w, (int64_t)s->body.len);
    sj_write_template(w,
                      "\r\nUser-Agent: segjob/" VERSION
                      "\r\nAuthorization: " SJ_AUTHORIZATION "\r\n\r\n",
                      s);
    return true;
}
