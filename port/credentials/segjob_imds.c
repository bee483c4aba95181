#include "segjob_imds.h"

#include <string.h>

static void request_token(struct segjob_source *s)
{
    s->request.method = "PUT";
    s->request.path[0] = SEGJOB_STR("/latest/api/token");
    s->request.headers[0].name = "x-aws-ec2-metadata-token-ttl-seconds";
    s->request.headers[0].value = SEGJOB_STR("21600");
}

static void request_roles(struct segjob_source *s, struct segjob_str token)
{
    s->request.method = "GET";
    s->request.path[0] =
        SEGJOB_STR("/latest/meta-data/iam/security-credentials/");
    s->request.headers[0].name = "x-aws-ec2-metadata-token";
    s->request.headers[0].value = segjob_source_keep(s, token);
    s->request.secret = s->request.headers[0].value;
}

/* The first line is the instance's role. */
static void request_credentials(struct segjob_source *s,
                                struct segjob_str names)
{
    size_t n = 0;

    while (n < names.len && names.ptr[n] != '\n' && names.ptr[n] != '\r') {
        n++;
    }
    names.len = n;
    s->request.path[1] = segjob_source_keep(s, names);
}

static bool next_request(struct segjob_source *s, struct segjob_str fetched)
{
    switch (s->step) {
    case 0:
        request_token(s);
        return true;
    case 1:
        request_roles(s, fetched);
        return true;
    case 2:
        request_credentials(s, fetched);
        return true;
    default:
        return false;
    }
}

static const char *const plain_hosts[] = {SEGJOB_IMDS_HOST,
                                          SEGJOB_IMDS_HOST_IPV6, NULL};

static const struct segjob_source_kind kind = {
    .name = "EC2 instance metadata",
    .format = SEGJOB_FORMAT_CONTAINER,
    .timeout_ms = 1000,
    .may_be_absent = true,
    .plain_hosts = plain_hosts,
    .next_request = next_request,
};

enum segjob_status segjob_imds_init(struct segjob_imds *imds,
                                    const struct segjob_config *config,
                                    void *buf, size_t cap)
{
    static const struct segjob_config standard = {
        .host = SEGJOB_STR_INIT(SEGJOB_IMDS_HOST), .plain = true};

    memset(imds, 0, sizeof(*imds));
    segjob_source_init(&imds->source, &kind,
                       config == NULL ? &standard : config, buf, cap);
    return segjob_source_check(&imds->source);
}
