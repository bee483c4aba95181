#include "segjob_iot.h"

#include "sj_text.h"

#define NAME_MAX 128u

static bool next_request(struct segjob_source *s, struct segjob_str fetched)
{
    const struct segjob_iot *iot = (const struct segjob_iot *)s;

    (void)fetched;
    s->request.method = "GET";
    s->request.path[0] = SEGJOB_STR("/role-aliases/");
    s->request.path[1] = iot->config.role_alias;
    s->request.path[2] = SEGJOB_STR("/credentials");
    if (iot->config.thing_name.ptr != NULL) {
        s->request.headers[0].name = "x-amzn-iot-thingname";
        s->request.headers[0].value = iot->config.thing_name;
    }
    return s->step == 0;
}

static const struct segjob_source_kind kind = {
    .name = "AWS IoT credentials provider",
    .format = SEGJOB_FORMAT_IOT,
    .timeout_ms = 15000,
    .next_request = next_request,
};

enum segjob_status segjob_iot_init(struct segjob_iot *iot,
                                   const struct segjob_iot_config *config,
                                   void *buf, size_t cap)
{
    const struct segjob_config service = {.host = config->endpoint,
                                          .port = config->port};

    segjob_source_init(&iot->source, &kind, &service, buf, cap);
    iot->config = *config;
    if (config->endpoint.ptr == NULL) {
        return segjob_source_refuse(&iot->source, "there is no endpoint");
    }
    if (!sj_text_is_name(config->role_alias, 1, NAME_MAX, "_=,@-")) {
        return segjob_source_refuse(
            &iot->source,
            "the role alias must be 1 to 128 of A-Z a-z 0-9 _ = , @ -");
    }
    if (config->thing_name.ptr != NULL &&
        !sj_text_is_name(config->thing_name, 1, NAME_MAX, ":_-")) {
        return segjob_source_refuse(
            &iot->source,
            "the thing name must be 1 to 128 of A-Z a-z 0-9 : _ -");
    }
    return segjob_source_check(&iot->source);
}
